"""The numbers of the builder are those of the engine: every operation, its kinks and its tails, and random programs."""

from __future__ import annotations

import contextlib
import copy
import functools
import io
import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from autograd_core.formulas.expression import FUNCTIONS
from tests.support.builder_programs import compare, operation_table, random_program, same

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="runs under Node.js: apt-get install nodejs")

POINTS = (0.0, 1e-9, -1e-9, 0.5, -0.75, 1.0, 2.0, -3.0, 30.0, -30.0, 800.0, -800.0)


def in_node(script: str, request: dict[str, Any]) -> Any:
    command = ["node", "--experimental-default-type=module", "--no-warnings", str(Path(__file__).with_name(script))]
    run = subprocess.run(command, input=json.dumps(request), capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def in_javascript(programs: list[str], table: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = in_node(
        "evaluate_programs.js", {"table": table or operation_table(), "programs": programs}
    )
    return found


def call(name: str, count: int) -> str:
    inputs = [f"x{place}" for place in range(count)]
    operation = operation_table()["operations"][name]
    if not operation["operator"]:
        return f"{name}({', '.join(inputs)})"
    code: str = operation["code"]
    for place, text in enumerate(inputs):
        code = code.replace(chr(0xE000 + place), text)
    return code


@functools.cache
def programs_of_operations() -> dict[str, list[str]]:
    """By operation: it alone, at many points."""
    programs: dict[str, list[str]] = {}
    for name, operation in operation_table()["operations"].items():
        generator = random.Random(name)
        for count in map(int, operation["forms"]):
            points = [[generator.choice(POINTS) for _ in range(count)] for _ in range(25)]
            points += [[point] * count for point in POINTS]  # ties, too
            for point in points:
                lines = [f"x{place} = {number!r}" for place, number in enumerate(point)]
                programs.setdefault(name, []).append("\n".join([*lines, f"y = {call(name, count)}"]))
    return programs


@functools.cache
def results_of_operations() -> dict[str, list[dict[str, Any]]]:
    """One run of Node for all of them."""
    programs = programs_of_operations()
    results = iter(in_javascript([program for several in programs.values() for program in several]))
    return {name: [next(results) for _ in several] for name, several in programs.items()}


@pytest.mark.parametrize("name", operation_table()["operations"])
def test_an_operation_has_the_values_and_the_gradients_of_the_engine(name: str) -> None:
    for program, found in zip(programs_of_operations()[name], results_of_operations()[name], strict=True):
        compare(program, found)


def test_a_wrong_partial_is_found() -> None:
    table = copy.deepcopy(operation_table())
    table["operations"]["multiply"]["forms"]["2"]["edges"].reverse()
    program = "a = 2.0\nb = 3.0\ny = a * b"
    with pytest.raises(AssertionError):
        compare(program, in_javascript([program], table)[0])


def test_random_programs_have_the_numbers_of_the_engine() -> None:
    generator = random.Random(0)
    programs = [random_program(generator) for _ in range(150)]
    programs.append("x = 0.0\nc = x / x\ny = where(c, x, 1)")  # nan counts as true
    for program, found in zip(programs, in_javascript(programs), strict=True):
        compare(program, found)


def test_a_program_is_written_as_it_was_read_and_runs_in_python() -> None:
    generator = random.Random(1)
    programs = [random_program(generator) for _ in range(60)]
    programs += ["x = 2\nsigmoid(x) * x", "1 / 0", "x = 3\nx * x - -(2) ** 2 + -x ** 2", "a = 1\ns = a + a\ns * s\ns"]
    first = in_javascript(programs)
    again = in_javascript([found["program"] for found in first])
    for program, found, other in zip(programs, first, again, strict=True):
        assert other["program"] == found["program"], program
        assert other["values"] == found["values"], program
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(found["python"], {})
        shown = dict(line.split(" = ") for line in printed.getvalue().splitlines() if " = " in line)
        assert same(found["values"][found["output"]], float(shown.pop(found["output"])))
        for name, grad in shown.items():
            assert same(found["grads"][name.split("/d")[1]], float(grad) if grad != "None" else 0.0), (program, name)


def test_the_convention_at_a_kink_is_told() -> None:
    at, beside = in_javascript(["x = 0\nrelu(x)", "x = 1\nrelu(x)"])
    assert at["kinks"] == ["relu is at its kink here, so its convention holds: derivative 0 at 0."]
    assert beside["kinks"] == []


def test_every_function_of_an_expression_but_the_choice_from_a_list_is_there() -> None:
    names = {*operation_table()["operations"], *operation_table()["aliases"]}
    assert {name for name in FUNCTIONS if name not in names} == {"choose"}


@pytest.mark.parametrize("seed", [3, 4])
def test_after_any_edit_the_program_leads_back_to_the_record(seed: int) -> None:
    made = in_node("edit_at_random.js", {"table": operation_table(), "edits": 200, "seed": seed})
    assert made["now"] == made["last"]  # undone to the first state, and done again
    assert made["states"] > 50
    assert made["refused"] > 5  # circles, names that are taken

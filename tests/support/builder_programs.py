"""Programs of the builder for its tests, and what the engine gives for them."""

from __future__ import annotations

import functools
import math
import random
from typing import Any

from autograd_core import Value
from autograd_core.formulas.expression import Expression
from autograd_core.show.builder.operation_forms import operation_data

operation_table = functools.cache(operation_data)


def by_the_engine(program: str) -> tuple[dict[str, float], dict[str, float | None]]:
    """The values of all names of a program whose last line has a name, and the gradients of its inputs."""
    names: dict[str, Any] = {}
    for line in program.splitlines():
        name, _, text = line.partition(" = ")
        expression = Expression(text)
        names[name] = Value(float(text), name) if not expression.names and _is_number(text) else expression(names)
    output = names[name]
    output.backward()
    values = {name: float(value) for name, value in names.items()}
    return values, {name: value.grad for name, value in names.items() if isinstance(value, Value) and value.op == ""}


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def same(found: str, expected: float, tolerance: float = 1e-12) -> bool:
    number = float(found.replace("Infinity", "inf"))
    if math.isnan(expected) or math.isinf(expected):
        return math.isnan(number) == math.isnan(expected) and (math.isnan(number) or number == expected)
    return math.isclose(number, expected, rel_tol=tolerance, abs_tol=1e-300)


def compare(program: str, found: dict[str, Any]) -> None:
    values, grads = by_the_engine(program)
    for name, value in values.items():
        assert same(found["values"][name], value), (program, name, found["values"][name], value)
    for name, grad in grads.items():
        if name in found["grads"]:
            assert same(found["grads"][name], grad or 0.0), (program, name, found["grads"][name], grad)
        else:
            assert not grad, (program, name)


def random_program(generator: random.Random) -> str:
    names = [f"x{place}" for place in range(generator.randint(1, 4))]
    lines = [f"{name} = {round(generator.gauss(0, 2), 2)!r}" for name in names]
    operations = operation_table()["operations"]
    for step in range(generator.randint(2, 9)):
        name = generator.choice(list(operations))
        count = int(generator.choice(list(operations[name]["forms"])))
        inputs = [generator.choice([*names[-4:], repr(round(generator.gauss(0, 2), 1))]) for _ in range(count)]
        inputs[0] = names[-1] if step else names[0]  # all lines lead to the last one
        code = operations[name]["code"] if operations[name]["operator"] else ""
        for place, text in enumerate(inputs):
            code = code.replace(chr(0xE000 + place), f"({text})")
        lines.append(f"y{step} = {code}" if code else f"y{step} = {name}({', '.join(inputs)})")
        names.append(f"y{step}")
    return "\n".join(lines)

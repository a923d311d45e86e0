"""A saved program: the same numbers after loading, and no file that is damaged."""

from __future__ import annotations

import hashlib
import json
import math
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograd_core import (
    Value,
    compile,  # noqa: A004
    custom_primitive,
    logsumexp,
    relu,
)
from autograd_core.compiler.program import Program
from tests.campaigns import files
from tests.support.backends import INSTALLED


def test_saved_and_loaded(tmp_path: Path) -> None:
    cube = custom_primitive("cube", lambda a: a * a * a, [lambda y, a: 3 * a**2])
    w, v = Value(1.5, label="w"), Value(0.1)
    program = compile(lambda x, y: cube(w * x[0]) + relu(x[1] - v).detach() * v + y / math.inf, example=([1, 1], 2))
    program.save(tmp_path / "cube.json")
    loaded = Program.load(tmp_path / "cube.json", primitives=[cube])
    data = [[1.0, 2.0], [0.5, -1.0]], [1.0, 2.0]
    assert loaded(*data).tolist() == program(*data).tolist()
    assert loaded.value_and_grad(*data)[1].tolist() == program.value_and_grad(*data)[1].tolist()
    assert [value.label for value in loaded.parameters] == ["w", ""]
    bound = Program.load(tmp_path / "cube.json", primitives=[cube], parameters=[w, v])
    w.data = 2.0
    assert bound(*data).tolist() == program(*data).tolist() != loaded(*data).tolist()
    with pytest.raises(ValueError, match="the operation 'cube'"):
        Program.load(tmp_path / "cube.json")
    with pytest.raises(ValueError, match="2 parameters, got 1"):
        Program.load(tmp_path / "cube.json", primitives=[cube], parameters=[w])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"multiply",2,0]', '"multiply",2,7]'),
        ('"multiply",2,0]', '"multiply",2]'),
        ('"multiply",2,0]', '"__import__",2,0]'),
        ('"version":3', '"version":2'),
        ('"root":', '"boot":'),
        ('"columns":[0,1]', '"columns":[0,3]'),
    ],
)
def test_an_inconsistent_file_is_refused(tmp_path: Path, old: str, new: str) -> None:
    w = Value(1.5)
    compile(lambda x, y: w * x - y, example=(1.0, 1.0)).save(tmp_path / "program.json")
    text = (tmp_path / "program.json").read_text()
    assert old in text
    content = json.loads(text.replace(old, new))
    del content["checksum"]
    rest = json.dumps(content, separators=(",", ":"))
    checksum = hashlib.sha256(rest.encode()).hexdigest()  # so that it is not the checksum that is found wrong
    (tmp_path / "program.json").write_text(json.dumps({"checksum": checksum, **content}))
    with pytest.raises(ValueError, match="is not a program that this version can read") as refused:
        Program.load(tmp_path / "program.json")
    assert "checksum" not in str(refused.value)


@pytest.mark.parametrize(("old", "new"), [("0x1.8", "0x1.9"), ("{", "["), ('"checksum"', '"sum"')])
def test_a_damaged_file_is_refused(tmp_path: Path, old: str, new: str) -> None:
    w = Value(1.5)
    compile(lambda x, y: w * x - y, example=(1.0, 1.0)).save(tmp_path / "program.json")
    text = (tmp_path / "program.json").read_text()
    assert old in text
    (tmp_path / "program.json").write_text(text.replace(old, new))
    with pytest.raises(ValueError, match="is not a program that this version can read"):
        Program.load(tmp_path / "program.json")


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = compile(lambda x: x * Value(1.5), example=1.0)
    program.save(tmp_path / "program.json")
    before = (tmp_path / "program.json").read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        program.save(tmp_path / "program.json")
    assert (tmp_path / "program.json").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["program.json"]


def forged(path: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """The file of a program with all kinds of parts, changed, with the right checksum."""
    w = Value(1.5, label="w")
    program = compile(
        lambda x, y: logsumexp([w * x[0], x[1], y, x[0] * x[1]]), example=([1.0, 2.0], 3.0), once=lambda: w * w
    )
    program.save(path)
    content = json.loads(path.read_text())
    del content["checksum"]
    change(content)
    path.write_bytes(files.with_checksum(content))
    return path


def deep(depth: int) -> list[Any]:
    nested: list[Any] = []
    for _ in range(depth):
        nested = [nested]
    return nested


KINDS = {
    "a missing part": (lambda content: content.pop("root"), "other parts"),
    "a part too many": (lambda content: content.update(lists=[]), "other parts"),
    "text for a number": (lambda content: content.update(root="3"), "its root is of another kind: str"),
    "a truth for a number": (lambda content: content.update(parameters=True), "its parameters is of another kind"),
    "a number past float64": (lambda content: content["read"][0].__setitem__(1, "0x1p99999"), "too large"),
    "a number written otherwise": (lambda content: content["read"][0].__setitem__(1, "1.5"), "'1.5' is not a number"),
    "nan in the text": (lambda content: content.update(root=math.nan), "not JSON compliant"),
    "a forward reference": (lambda content: content["tape"].append(["exp", 99]), "not computed from the lines above"),
    "another count of inputs": (lambda content: content["tape"].append(["exp", 0, 1]), "has 2 inputs"),
    "a list that is too short": (lambda content: content["tape"].append(["logsumexp of a list", 0]), "has 1 inputs"),
    "an operation of rows": (lambda content: content["tape"].append(["sum_over_rows", 0]), "'sum_over_rows'"),
    "a line of another kind": (lambda content: content["tape"].append(7), "line .* of its tape is unknown"),
    "a root that is no line": (lambda content: content.update(root=10**30), "results are not lines"),
    "a penalty on the row": (lambda content: content.update(once=0), "depends on the row"),
    "another reduction": (lambda content: content.update(reduce="max"), "its reduce is 'max'"),
    "another precision": (lambda content: content.update(dtype="float16"), "its dtype is 'float16'"),
    "an example of ones": (lambda content: content.update(example=[[0.0, 1.0], 0.0]), "not of zeros"),
    "an example of another size": (lambda content: content.update(example=[[0.0], 0.0]), "one number for each input"),
    "an example of another length": (lambda content: content.update(example=[[0.0, 0.0, 0.0]]), "differ in number"),
    "a deep example": (lambda content: content.update(example=[deep(80), 0.0]), "nested too deeply"),
    "leaves exchanged": (lambda content: content.update(columns=[1, 0, 2]), "not the leaves"),
    "the version before": (lambda content: content.update(version=2), "reduce='sum' was not always the sum"),
    "another version": (lambda content: content.update(version=4), "it has version 4 of the format, not 3"),
}


@pytest.mark.parametrize(("change", "reason"), KINDS.values(), ids=KINDS)
def test_a_forged_file_is_refused_with_the_reason(change: Any, reason: str, tmp_path: Path) -> None:
    path = forged(tmp_path / "program.json", change)
    with pytest.raises(ValueError, match=rf"is not a program that this version can read \(.*{reason}"):
        Program.load(path)


@pytest.mark.parametrize("text", [b"", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"format":' * 5000, b"1" * 9999])
def test_what_is_no_program_at_all_is_refused(text: bytes, tmp_path: Path) -> None:
    (tmp_path / "program.json").write_bytes(text)
    with pytest.raises(ValueError, match="is not a program that this version can read"):
        Program.load(tmp_path / "program.json")


def test_a_list_is_computed_by_the_loader_so_that_backends_agree(tmp_path: Path) -> None:
    """The terms of a list stand in the file once: nothing else says what its logsumexp is."""

    def exchange(content: dict[str, Any]) -> None:
        (line,) = [line for line in content["tape"] if line[0] == "logsumexp of a list"]
        line[1:] = [0, 1, 2, 2]

    path = forged(tmp_path / "program.json", exchange)
    rows = [[0.3, -0.2]], [1.1]
    right = math.log(math.exp(0.3) + math.exp(-0.2) + 2 * math.exp(1.1))
    for backend in INSTALLED:
        assert Program.load(path, backend=backend)(*rows).tolist() == pytest.approx([right], rel=1e-14)


def test_names_in_a_file_are_cleaned_as_labels_are(tmp_path: Path) -> None:
    hostile = "\x1b[31mred\u202e\ud800\n"

    def rename(content: dict[str, Any]) -> None:
        content["name"] = content["names"][1] = content["read"][0][0] = hostile
        content["tape"] = [[hostile] if len(line) == 1 else line for line in content["tape"]]

    program = Program.load(forged(tmp_path / "program.json", rename))
    for text in (repr(program), str(program), program.explain(), program.parameters[0].label):
        assert all(character.isprintable() or character == "\n" for character in text)
        assert "red" in text or "program" in text or text == program.explain()
    with pytest.raises(ValueError, match=r"the operation .*red") as refused:
        Program.load(forged(tmp_path / "program.json", lambda content: content["tape"].append([hostile, 0])))
    assert str(refused.value).isprintable()


def test_what_loads_is_the_same_without_assertions(tmp_path: Path) -> None:
    path = forged(tmp_path / "program.json", lambda content: content["tape"].append(["exp", 99]))
    program = (
        "import sys\nfrom autograd_core.compiler.program import Program\n"
        "try:\n    Program.load(sys.argv[1])\nexcept ValueError as problem:\n    print(problem)\n"
    )
    run = subprocess.run([sys.executable, "-O", "-c", program, str(path)], capture_output=True, text=True, check=True)
    assert "is not computed from the lines above it" in run.stdout


def test_a_chain_of_negations_takes_no_time(tmp_path: Path) -> None:
    def grow(content: dict[str, Any]) -> None:
        tape = content["tape"]
        tape += [(0.0).hex(), ["equal", 0, len(tape)]]
        zero = len(tape) - 2
        for _ in range(10_000):
            tape.append(["equal", len(tape) - 1, zero])
        for place in range(10_000):
            tape.append(["where", zero + 1 + place, 0, len(tape) - 1])
        content["root"] = len(tape) - 1

    start = time.process_time()
    Program.load(forged(tmp_path / "program.json", grow))
    assert time.process_time() - start < 5.0, "it took minutes when each line went back through the chain"


def test_forged_files_are_refused_or_run_the_same_everywhere() -> None:
    """A hundredth of the campaign: programs and models."""
    outcomes, wrong = files.count_outcomes(files.FILES // 100, seed=7)
    assert not wrong
    assert outcomes["programs ran"] > 20
    assert outcomes["programs refused"] > 20

"""A saved program: the same numbers after loading, and no file that is damaged."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path

import pytest

from autograd_core import (
    Value,
    compile,  # noqa: A004
    custom_primitive,
    relu,
)
from autograd_core.compiler.program import Program


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

"""Files from strangers: truncated, with flipped bits, with huge sizes, with the right checksum over a wrong content.

Each is read or refused by a clear error; nothing in it is executed, and the memory stays bounded.
"""

from __future__ import annotations

import hashlib
import json
import random
import struct
import sys
import tracemalloc
import warnings
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import nn
from autograd_core import (
    Value,
    compile,  # noqa: A004
    sigmoid,
)
from autograd_core.compiler.program import Program
from autograd_core.practice.classroom.homework import FILE, Homework, read_homework
from autograd_core.practice.classroom.roster import Student
from autograd_core.practice.classroom.secret import Secret

TRIALS = 40
MOST_MEMORY = 1 << 27
FORBIDDEN = {
    "exec",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "subprocess.Popen",
    "socket.connect",
    "pickle.find_class",
}
SECRET = Secret(bytes(range(32)))
watched: list[str] | None = None


def watch(event: str, arguments: Any) -> None:
    if watched is not None and event in FORBIDDEN:
        watched.append(event)


def model() -> nn.MLP:
    return nn.MLP(3, 4, 2, rng=0)


def write_program(path: Path) -> None:
    w = Value(0.5, "w")
    compile(lambda x, y: (sigmoid(w * x) - y) ** 2, example=(1.0, 0.0), backend="numpy").save(path)


def read_program(path: Path) -> Any:
    return Program.load(path, backend="numpy").value_and_grad([1.0], [0.0])


def write_homework(path: Path) -> None:
    path.write_bytes(Homework("week 1", (1, 2), (Student("Ada", "1"),), SECRET).to_json())


def read_class(path: Path) -> Any:
    return read_homework(path.parent, SECRET)


def write_onnx(path: Path) -> None:
    nn.exchange.to_onnx(model(), path)


FORMATS: dict[str, tuple[str, Callable[[Path], Any], Callable[[Path], Any]]] = {
    "program": ("program.json", write_program, read_program),
    "model": ("model.safetensors", lambda path: nn.save(model(), path), lambda path: nn.load(path, into=model())),
    "homework": (FILE, write_homework, read_class),
    "onnx": ("model.onnx", write_onnx, lambda path: nn.exchange.from_onnx(path)),
}


def damaged(content: bytes, seed: int) -> Iterator[bytes]:
    """Truncations, flipped bits, pieces that are repeated, and sizes that are as large as can be."""
    source = random.Random(seed)
    for trial in range(TRIALS):
        changed = bytearray(content)
        place = source.randrange(len(content))
        if trial % 4 == 0:
            del changed[place:]
        elif trial % 4 == 1:
            for _ in range(source.randint(1, 8)):
                changed[source.randrange(len(changed))] ^= 1 << source.randrange(8)
        elif trial % 4 == 2:
            changed[place : place + 8] = source.choice(
                (b"\xff" * 8, struct.pack("<q", 1 << 62), b"9" * 30, b"[" * 5000)
            )
        else:
            other = source.randrange(len(content))
            changed[place:place] = content[min(place, other) : max(place, other)]
        yield bytes(changed)


def read_or_refuse(read: Callable[[Path], Any], path: Path) -> str:
    """The message of the refusal, or "". Any other error than these is a fault."""
    global watched
    watched = []
    try:
        with warnings.catch_warnings(action="ignore"):  # of weights that are nan
            read(path)
    except (ValueError, TypeError) as problem:
        return str(problem).strip() or "an error without a message"
    finally:
        events, watched = watched, None
        assert not events
    return ""


@pytest.mark.parametrize("name", FORMATS)
def test_a_damaged_file_is_read_or_refused_and_nothing_else_happens(name: str, tmp_path: Path) -> None:
    if name == "onnx" and find_spec("onnx") is None:
        pytest.skip("reads ONNX: pip install -e '.[onnx]'")
    file, write, read = FORMATS[name]
    path = tmp_path / file
    write(path)
    content = path.read_bytes()
    assert read_or_refuse(read, path) == ""  # which also imports what it needs
    sys.addaudithook(watch)
    tracemalloc.start()
    try:
        refused = 0
        for changed in damaged(content, len(content)):
            path.write_bytes(changed)
            message = read_or_refuse(read, path)
            assert message != "an error without a message"
            refused += bool(message)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert refused > TRIALS // 2
    assert peak < MOST_MEMORY


WRONG: tuple[tuple[str, Any], ...] = (
    ("root", 10**9),
    ("root", -1),
    ("columns", [[0]]),
    ("parameters", 10**30),
    ("tape", [["add", 5, 6]]),
    ("tape", [["__import__", 0]]),
    ("read", [["w", "not a number"]]),
    ("names", [["x"]]),
    ("example", "x"),
    ("dtype", "object"),
    ("reduce", "eval"),
    ("version", 99),
)


@pytest.mark.parametrize(("key", "content"), WRONG)
def test_a_program_with_the_right_checksum_over_a_wrong_content_is_refused(
    key: str, content: Any, tmp_path: Path
) -> None:
    path = tmp_path / "program.json"
    write_program(path)
    saved = json.loads(path.read_text(encoding="utf-8"))
    del saved["checksum"]
    saved[key] = content
    text = json.dumps(saved, separators=(",", ":"))
    forged = {"checksum": hashlib.sha256(text.encode()).hexdigest(), **saved}
    path.write_text(json.dumps(forged, separators=(",", ":")), encoding="utf-8")
    assert "checksum" not in read_or_refuse(read_program, path)
    assert read_or_refuse(read_program, path)


@pytest.mark.parametrize("size", [0, 7, 1 << 20, 1 << 40, (1 << 64) - 1])
def test_a_model_whose_header_says_a_wrong_size_is_refused(size: int, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    nn.save(model(), path)
    path.write_bytes(struct.pack("<Q", size) + path.read_bytes()[8:])
    assert "damaged" in read_or_refuse(lambda path: nn.load(path, into=model()), path)

"""A traced function as a JSON file: the tape and the numbers of its parameters, never code."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from autograd_core.atomic_write import write_whole
from autograd_core.compiler.frontend.trace import Trace
from autograd_core.engine.primitive import PRIMITIVES, Primitive
from autograd_core.engine.value import CUT, Value
from autograd_core.graph.tape import Instruction, Tape

_FORMAT, _VERSION = "autograd_core program", 3
_REASON = f"; this is version {_VERSION}, since in files before it reduce='sum' was not always the sum of the rows"


def save(path: str | Path, trace: Trace, about: dict[str, Any]) -> None:
    """Write a trace, and the facts `about` its program, to `path`. A file that is there already is replaced whole."""
    content = {
        "format": _FORMAT,
        "version": _VERSION,
        **about,
        "columns": trace.columns,
        "registers": trace.registers,
        "parameters": trace.parameter_count,
        "root": trace.root,
        "once": trace.once,
        "lists": list(trace.lists.items()),
        "read": [[value.label, value._data.hex()] for value in trace.values],
        "tape": [_line(instruction) for instruction in trace.tape.instructions],
    }
    write_whole(Path(path), _text({"checksum": _checksum(content), **content}).encode())


def _text(content: dict[str, Any]) -> str:
    return json.dumps(content, separators=(",", ":"), allow_nan=False)


def _checksum(content: dict[str, Any]) -> str:
    """The checksum of the whole text, so that a change of one digit is found."""
    return hashlib.sha256(_text(content).encode()).hexdigest()


def _line(instruction: Instruction) -> Any:
    if instruction.primitive is not None:
        return [instruction.primitive.name, *instruction.inputs]
    return [instruction.label] if instruction.constant is None else instruction.constant.hex()


def load(
    path: str | Path, parameters: Sequence[Value] | None, own: Iterable[Primitive]
) -> tuple[Trace, dict[str, Any]]:
    """(the trace in a file that `save` wrote, the whole content), checked.

    parameters: Values to read instead of new ones with the numbers in the file. own: the custom primitives it was
    traced with. Raises ValueError for a file that is damaged or was not written by `save`.
    """
    known = {primitive.name: primitive for primitive in (*PRIMITIVES.values(), CUT, *own)}
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        if content["format"] != _FORMAT or content["version"] != _VERSION:
            raise ValueError(f"its format is {content['format']!r}, version {content['version']!r}{_REASON}")
        if content.pop("checksum") != _checksum(content):
            raise ValueError("its text does not have the checksum it was saved with")
        read = [Value(float.fromhex(number), label) for label, number in content["read"]]
        tape = _tape(content["tape"], known)
        size, count = len(tape.instructions), content["parameters"]
        places = [*content["columns"], *content["registers"]]
        if set(places) != set(tape.leaves) or len(places) != len(tape.leaves):
            raise ValueError("its inputs and parameters are not the leaves of its tape")
        if not 0 <= count <= len(read) == len(content["registers"]) or not 0 <= content["root"] < size:
            raise ValueError("its counts do not fit")
        once = content["once"]
        if once is not None and not (type(once) is int and 0 <= once < size):
            raise ValueError("its number for once= is not on its tape")
        lists = dict(content["lists"])
        if not all(0 <= source < index < size for index, inputs in lists.items() for source in inputs):
            raise ValueError("its lists do not fit")
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as problem:
        raise ValueError(
            f"{path} is not a program that this version can read ({problem}). Compile the function again and save it."
        ) from None
    if parameters is not None:
        if len(parameters) != count:
            raise ValueError(f"{path} has {count} parameters, got {len(parameters)} Values for them.")
        read[:count] = parameters
    return Trace(tape, content["columns"], read, content["registers"], count, content["root"], lists, once), content


def _tape(lines: list[Any], known: dict[str, Primitive]) -> Tape:
    tape = Tape()
    for index, line in enumerate(lines):
        if isinstance(line, str):
            tape.instructions.append(Instruction(None, (), float.fromhex(line)))
            continue
        name, *inputs = line
        if not inputs:
            tape.leaf(name)
            continue
        primitive = known.get(name)
        if primitive is None:
            raise ValueError(f"it needs the operation {name!r}: load(path, primitives=[{name}])")
        if len(inputs) != len(primitive.arguments) or not all(
            type(source) is int and 0 <= source < index for source in inputs
        ):
            raise ValueError(f"line {index} of its tape cannot be computed from the lines above it")
        tape.instructions.append(Instruction(primitive, tuple(inputs)))
    return tape

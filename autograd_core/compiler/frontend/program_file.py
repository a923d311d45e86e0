"""A traced function as a JSON file: the tape and the numbers of its parameters, never code.

A file may come from anybody, and its checksum finds accidents only. So everything in it is checked, and the tape is
built anew by the rules that traced it: what loads is what could have been traced.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from autograd_core.atomic_write import read_whole, write_whole
from autograd_core.compiler.frontend.logsumexp import FEWEST
from autograd_core.compiler.frontend.trace import Trace
from autograd_core.engine.functions import logsumexp
from autograd_core.engine.interpreter.garbage_collection import without_gc
from autograd_core.engine.primitive import PRIMITIVES, Primitive
from autograd_core.engine.value import CUT, Value
from autograd_core.formulas.labels import cut_short, visible_text
from autograd_core.graph.tape import Instruction, Register, Tape

_FORMAT, _VERSION = "autograd_core program", 3
_LONGEST = 1 << 26  # bytes of a file
_DEEPEST = 64  # lists within lists of an example
_LOGSUMEXP = "logsumexp of a list"  # replaces its last instruction, from which its form at once could not be told
_KINDS = {
    "format": str,
    "version": int,
    "name": str,
    "names": list,
    "example": list,
    "dtype": str,
    "reduce": str,
    "columns": list,
    "registers": list,
    "parameters": int,
    "root": int,
    "once": int | None,
    "read": list,
    "tape": list,
}


def save(path: str | Path, trace: Trace, about: dict[str, Any]) -> None:
    """Write a trace, and the facts `about` its program, to `path`. A file that is there already is replaced whole.

    Raises ValueError for a program that is too long for a file, and OSError.
    """
    content = {
        "format": _FORMAT,
        "version": _VERSION,
        **about,
        "columns": trace.columns,
        "registers": trace.registers,
        "parameters": trace.parameter_count,
        "root": trace.root,
        "once": trace.once,
        "read": [[value.label, value._data.hex()] for value in trace.values],
        "tape": [_line(instruction, trace.lists.get(i)) for i, instruction in enumerate(trace.tape.instructions)],
    }
    text = _text({"checksum": _checksum(content), **content}).encode()
    if len(text) > _LONGEST:
        raise ValueError(f"this program is too long for a file: {len(text):,} bytes, and {_LONGEST:,} are the most.")
    write_whole(path, text)


def _text(content: dict[str, Any]) -> str:
    return json.dumps(content, separators=(",", ":"), allow_nan=False)


def _checksum(content: dict[str, Any]) -> str:
    """The checksum of the whole text, so that a change of one digit is found."""
    return hashlib.sha256(_text(content).encode()).hexdigest()


def _line(instruction: Instruction, terms: Sequence[int] | None) -> Any:
    if terms is not None:
        return [_LOGSUMEXP, *terms]
    if instruction.primitive is not None:
        return [instruction.primitive.name, *instruction.inputs]
    return [instruction.label] if instruction.constant is None else instruction.constant.hex()


def load(
    path: str | Path, parameters: Sequence[Value] | None, own: Iterable[Primitive]
) -> tuple[Trace, dict[str, Any]]:
    """(the trace in a file that `save` wrote, the whole content), checked.

    parameters: Values to read instead of new ones with the numbers in the file. own: the custom primitives it was
    traced with. Raises ValueError for a file that is damaged or was not written by `save`, FileNotFoundError.
    """
    file = visible_text(str(path))
    try:
        content = _content(read_whole(path, _LONGEST))
        trace = _trace(content, {primitive.name: primitive for primitive in (*PRIMITIVES.values(), CUT, *own)})
    except RecursionError:
        raise _refusal(file, "its parts are nested too deeply") from None
    except (ValueError, OverflowError) as problem:
        raise _refusal(file, str(problem)) from None
    if parameters is not None:
        if len(parameters) != trace.parameter_count:
            raise ValueError(f"{file} has {trace.parameter_count} parameters, got {len(parameters)} Values for them.")
        trace.values[: trace.parameter_count] = parameters
    return trace, content


def _refusal(file: str, problem: str) -> ValueError:
    return ValueError(
        f"{file} is not a program that this version can read ({cut_short(visible_text(problem), 300)}). Compile the "
        "function again and save it."
    )


def _require(condition: bool, problem: str) -> None:
    if not condition:
        raise ValueError(problem)


def _content(text: bytes) -> dict[str, Any]:
    """What a file holds: all that belongs in it, of the right kinds, as it was saved."""
    content: dict[str, Any] = json.loads(text)
    _require(type(content) is dict and content.get("format") == _FORMAT, f"its format is not {_FORMAT!r}")
    version = content.get("version")
    older = ", in which reduce='sum' was not always the sum of the rows" if version in (1, 2) else ""
    _require(
        type(version) is int and version == _VERSION, f"it has version {version!r} of the format{older}, not {_VERSION}"
    )
    checksum = content.pop("checksum", None)
    _require(checksum == _checksum(content), "its text does not have the checksum it was saved with")
    _require(content.keys() == _KINDS.keys(), "it has other parts than a program")
    for part, kind in _KINDS.items():
        is_right = isinstance(content[part], kind) and type(content[part]) is not bool
        _require(is_right, f"its {part} is of another kind: {type(content[part]).__name__}")
    _require(content["dtype"] in ("float64", "float32"), f"its dtype is {content['dtype']!r}")
    _require(content["reduce"] in ("mean", "sum"), f"its reduce is {content['reduce']!r}")
    _require(all(type(name) is str for name in content["names"]), "its names are not all text")
    _require(len(content["names"]) == len(content["example"]), "its names and its example differ in number")
    content["name"], content["names"] = visible_text(content["name"]), [*map(visible_text, content["names"])]
    return content


@without_gc
def _trace(content: dict[str, Any], known: dict[str, Primitive]) -> Trace:
    lines, columns, registers = content["tape"], content["columns"], content["registers"]
    _require(all(type(index) is int for index in (*columns, *registers)), "its inputs and parameters are not lines")
    leaves = [index for index, line in enumerate(lines) if type(line) is list and len(line) == 1]
    are_first = columns == leaves[: len(columns)]
    _require(
        are_first and sorted(registers) == leaves[len(columns) :],
        "its inputs and parameters are not the leaves of its tape",
    )
    _require(_numbers(content["example"]) == len(columns), "its example does not have one number for each input")
    values = [_value(entry) for entry in content["read"]]
    count, root, once = content["parameters"], content["root"], content["once"]
    _require(0 <= count <= len(values) == len(registers), "its parameters do not fit in number")
    _require(
        all(0 <= result < len(lines) for result in (root, 0 if once is None else once)),
        "its results are not lines of its tape",
    )
    tape, lists = Tape(), {}
    numbers: list[Any] = []  # what holds each line on the tape: a register, or a float
    for index, line in enumerate(lines):
        if type(line) is str:
            numbers.append(_float(line))
            tape.constant(numbers[-1])
            continue
        _require(type(line) is list and line != [] and type(line[0]) is str, f"line {index} of its tape is unknown")
        name, *inputs = line
        if not inputs:
            numbers.append(tape.leaf(visible_text(name)))
            continue
        _require(
            all(type(source) is int and 0 <= source < index for source in inputs),
            f"line {index} of its tape is not computed from the lines above it",
        )
        terms = [numbers[source] for source in inputs]
        if name == _LOGSUMEXP:
            _require(len(terms) >= FEWEST, f"line {index} of its tape has {len(terms)} inputs")
            number = logsumexp.function(terms)
            if isinstance(number, Register):
                lists[number.index] = [tape.register(term).index for term in terms]
        else:
            _require(name in known, f"it needs the operation {name!r}: load(path, primitives=[...])")
            try:
                number = tape.append(known[name].of_count(len(terms)), terms)
            except TypeError:
                raise ValueError(f"line {index} of its tape has {len(terms)} inputs") from None
        numbers.append(number)
    places = [tape.register(number).index for number in numbers]
    if once is not None:
        is_needed = tape.needed([places[once]])
        _require(not any(is_needed[places[column]] for column in columns), "its number for once= depends on the row")
    return Trace(
        tape,
        [places[index] for index in columns],
        values,
        [places[index] for index in registers],
        count,
        places[root],
        lists,
        None if once is None else places[once],
    )


def _float(text: str) -> float:
    number = float.fromhex(text)
    _require(number.hex() == text, f"{text[:40]!r} is not a number as it is saved")
    return number


def _value(entry: Any) -> Value:
    _require(
        type(entry) is list and len(entry) == 2 and all(type(part) is str for part in entry), "a parameter is unknown"
    )
    return Value(_float(entry[1]), visible_text(entry[0]))


def _numbers(example: list[Any]) -> int:
    """How many numbers it has. Raises ValueError if there is anything else in it, or lists too deep for Python."""
    count, level = 0, [example]
    for _ in range(_DEEPEST):
        parts = [part for outer in level for part in outer]
        level = [part for part in parts if type(part) is list]
        count += len(parts) - len(level)
        _require(
            all(type(part) is list or (type(part) is float and part == 0.0) for part in parts),
            "its example is not of zeros",
        )
        if not level:
            return count
    raise ValueError("the lists of its example are nested too deeply")

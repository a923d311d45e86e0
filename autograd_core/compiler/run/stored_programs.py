"""Vectorised programs on disk, beside the machine code: a large function is vectorised once, not at every start.

Finding the vectors of a hundred thousand instructions takes seconds; reading them takes some hundredths. A program is
stored under the SHA-256 of everything it depends on: the instructions, what is asked for, and the source of the modules
that made it. It is plain data, which backends can run; it has no registers, which only a description needs. Operations
of a user are known to one process alone, so a program that has one is not stored. See `object_cache` for what is
trusted and how much is kept.
"""

from __future__ import annotations

import functools
import hashlib
import marshal
import sys
from collections.abc import Callable, Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

from autograd_core.compiler.backends.llvm import object_cache
from autograd_core.compiler.frontend.instructions import LARGER
from autograd_core.compiler.frontend.probabilities import is_probability
from autograd_core.compiler.frontend.trace import Trace
from autograd_core.compiler.vectorise import vector_program
from autograd_core.compiler.vectorise.vector_program import File, Span, VectorProgram
from autograd_core.engine.primitive import PRIMITIVES, Primitive
from autograd_core.engine.value import CUT

FEWEST = 1000  # instructions of a function that is worth storing
_WITHOUT_REFERENCES = 2  # a version of the format in which equal content has equal bytes

_LISTS = ("before", "body", "after")
_FOLDERS = ("frontend", "vectorise", "../graph", "../engine")
_KNOWN = {**PRIMITIVES, LARGER.name: LARGER}


def stored(trace: Trace, asked: Iterable[Any], make: Callable[[], VectorProgram]) -> VectorProgram:
    """The program that `make` makes from a trace, read from disk if it was made before. asked: all else that it depends
    on, as plain data."""
    key = _key(trace, tuple(asked))
    if key is None:
        return make()
    content = object_cache.read(key)
    if content is not None:
        return _decoded(marshal.loads(content), key)
    program = make()
    if all(_KNOWN.get(primitive.name) is primitive for primitive in _primitives(program)):
        object_cache.write(key, marshal.dumps(_encoded(program)))
        program.name = key
    return program


def _key(trace: Trace, asked: tuple[Any, ...]) -> str | None:
    """The name of the file; None for a function that is small, or has an operation that is not of the table."""
    instructions = trace.tape.instructions
    if len(instructions) < FEWEST:
        return None
    names: dict[Primitive | None, str | None] = {None: None}
    for primitive, count in {(primitive, len(inputs)) for primitive, inputs, _, _ in instructions}:
        if primitive is not None:
            if primitive is not CUT and not _is_of_the_table(primitive, count):
                return None
            names[primitive] = primitive.name
    lines = [(names[primitive], inputs, constant) for primitive, inputs, constant, _ in instructions]
    together = [(index, inputs) for index, (function, inputs) in trace.calls.items() if is_probability(function)]
    rest = trace.columns, trace.registers, trace.parameter_count, trace.root, trace.once, trace.lists, together
    whole = (lines, *rest, asked)
    content = hashlib.sha256(marshal.dumps(whole, _WITHOUT_REFERENCES)).hexdigest()
    return object_cache.key(content, _source(), *map(str, sys.version_info[:2]))


def _is_of_the_table(primitive: Primitive, count: int) -> bool:
    listed = PRIMITIVES.get(primitive.name)
    return listed is not None and (listed is primitive or listed.of_count(count) is primitive)


@functools.cache
def _source() -> str:
    """The SHA-256 of the modules that make a program."""
    here = Path(__file__).parent.parent
    paths = sorted(path for folder in _FOLDERS for path in (here / folder).resolve().glob("*.py"))
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()


def _primitives(program: VectorProgram) -> set[Primitive]:
    return {step.primitive for step in program.steps() if hasattr(step, "primitive")}


def _encoded(program: VectorProgram) -> dict[str, Any]:
    """The program as numbers, texts, tuples and lists."""
    steps = {name: [_encoded_step(step) for step in getattr(program, name)] for name in _LISTS}
    rest = {f.name: _plain(getattr(program, f.name)) for f in fields(program) if f.name not in _LISTS}
    return {**rest, **steps}


def _encoded_step(step: Any) -> tuple[Any, ...]:
    values = [() if f.name == "registers" else _plain(getattr(step, f.name)) for f in fields(step)]
    return (type(step).__name__, *values)


def _plain(value: Any) -> Any:
    """A span as a list, since places are tuples; an operation by its name."""
    if isinstance(value, Span):
        return [value.file.value, value.start, value.size]
    if isinstance(value, Primitive):
        return value.name
    if type(value) is tuple and value and type(value[0]) is not int:
        return tuple(map(_plain, value))
    if type(value) is list and value and isinstance(value[0], Span):
        return tuple(map(_plain, value))
    return value


def _decoded(content: dict[str, Any], name: str) -> VectorProgram:
    parts = {name: [_decoded_step(*step) for step in content[name]] for name in _LISTS}
    parts["columns"] = list(map(_restored, content["columns"]))
    return VectorProgram(**{**content, **parts, "sums": _restored(content["sums"]), "name": name})


def _decoded_step(kind: str, *values: Any) -> Any:
    step = getattr(vector_program, kind)
    return step(*map(_restored, values))


def _restored(value: Any) -> Any:
    if type(value) is list:
        return Span(File(value[0]), value[1], value[2])
    if type(value) is str:
        return _KNOWN[value]
    if type(value) is tuple and value and type(value[0]) is not int:
        return tuple(map(_restored, value))
    return value

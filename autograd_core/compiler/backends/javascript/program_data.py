"""A vector program as plain data, which JSON can carry and `runner.js` runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from autograd_core.compiler.frontend.instructions import LARGER
from autograd_core.compiler.vectorise.vector_program import (
    Affine,
    Choose,
    Dot,
    Elementwise,
    File,
    Fold,
    Gather,
    Operand,
    Outer,
    Places,
    ScatterAdd,
    Span,
    Spread,
    Step,
    Total,
    VectorProgram,
)
from autograd_core.engine.primitive import PRIMITIVES, Primitive
from autograd_core.errors import CompileError

_FILES = {File.ONCE: 0, File.ROWS: 1, File.CONDITIONS: 2}


def program_data(program: VectorProgram) -> dict[str, Any]:
    """The program as numbers, texts, lists and dicts.

    A span is [file, start, size], file 0 for ONCE, 1 for ROWS, 2 for CONDITIONS. Places in ONCE are {start, shape,
    steps} where they are regular, else {places}, and a matrix of others is a list of rows. An instruction is [its kind,
    its parts in order]. Raises CompileError for an operation of a user, for which a script has no rule.

    >>> from autograd_core import Value, compile
    >>> w = Value(2.0)
    >>> program_data(compile(lambda x: w * x, example=1.0).vectorised("value"))["body"]
    [['Elementwise', [1, 1, 1], 'multiply', [{'start': 0, 'shape': [1], 'steps': [1]}, [1, 0, 1]]]]
    """
    return {
        "given": len(program.given),
        "columns": [_span(span) for span in program.columns],
        "ones": list(program.ones),
        "constants": [[place, _number(number)] for place, number in program.constants.items()],
        "sizes": [program.once, program.rows, program.conditions],
        "before": [_step(step) for step in program.before],
        "body": [_step(step) for step in program.body],
        "after": [_step(step) for step in program.after],
        "sums": [program.sums.start, program.sums.size],
        "values": list(map(int, program.values)),
        "byRow": list(map(int, program.by_row)),
    }


def _step(step: Step) -> list[Any]:
    """One instruction."""
    kind = type(step).__name__
    if isinstance(step, Elementwise):
        return [kind, _span(step.out), _name(step.primitive), [_operand(operand) for operand in step.operands]]
    if isinstance(step, Affine):
        terms = [[_matrix(matrix), _operand(operand)] for matrix, operand in step.terms]
        bias = None if step.bias is None else _places(step.bias)
        return [kind, _span(step.out), terms, bias, step.turns, list(step.apart)]
    if isinstance(step, Dot):
        return [kind, _span(step.out), _lists(step.left), _lists(step.right), list(step.minus)]
    if isinstance(step, Fold):
        return [kind, _span(step.out), _name(step.primitive), _lists(step.places)]
    if isinstance(step, (Gather, Spread)):
        return [kind, _span(step.out), list(step.places)]
    if isinstance(step, Outer):
        return [kind, _matrix(step.sums), _span(step.left), _span(step.right), step.turns, list(step.apart)]
    if isinstance(step, Total):
        return [kind, _places(step.sums), _span(step.operand), step.compensated, step.turns, step.apart]
    if isinstance(step, Choose):
        tables = list(dict.fromkeys(step.tables))
        return [kind, _span(step.out), _span(step.index), _lists(tables), [tables.index(own) for own in step.tables]]
    assert isinstance(step, ScatterAdd)
    return [kind, _matrix(step.sums), [[_span(index), _span(operand)] for index, operand in step.terms]]


def _name(primitive: Primitive) -> str:
    if primitive is not LARGER and PRIMITIVES.get(primitive.name) is not primitive:
        raise CompileError(
            f"JavaScript has no rule for {primitive.name}, an operation of your own.\n"
            "  Write it with the operations of the table. Only backend='numpy' runs it, in Python."
        )
    return primitive.name


def _span(span: Span) -> list[int]:
    return [_FILES[span.file], span.start, span.size]


def _operand(operand: Operand) -> Any:
    return _span(operand) if isinstance(operand, Span) else _places(operand)


def _places(places: Places) -> dict[str, Any]:
    """A row of places."""
    step = places[1] - places[0] if len(places) > 1 else 1
    if all(b - a == step for a, b in pairwise(places)):
        return {"start": places[0], "shape": [len(places)], "steps": [step]}
    return {"places": list(places)}


def _matrix(places: Places) -> dict[str, Any] | list[list[int]]:
    rows = [_places(row) for row in places]
    down = places[1][0] - places[0][0] if len(places) > 1 else len(places[0])
    first = rows[0]
    if "start" in first and all(
        row == {**first, "start": first["start"] + number * down} for number, row in enumerate(rows)
    ):
        return {"start": first["start"], "shape": [len(rows), len(places[0])], "steps": [down, first["steps"][0]]}
    return _lists(places)


def _lists(places: Sequence[Sequence[int]]) -> list[list[int]]:
    return [list(row) for row in places]


def _number(number: float) -> float | str:
    """A number; text where JSON has none for it, and for -0, whose sign some readers of JSON drop."""
    return repr(number) if not math.isfinite(number) or (number == 0.0 and math.copysign(1.0, number) < 0) else number

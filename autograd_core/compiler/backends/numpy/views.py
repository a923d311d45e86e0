"""Which numbers of a vectorised program are one view in NumPy, and which matrices can take in their biases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core.compiler.vectorise.vector_program import (
    Affine,
    File,
    Outer,
    Span,
    Step,
    Total,
    VectorProgram,
    operands_of,
)

_FEW = 8  # this many slices are copied faster than their numbers one by one

Array = npt.NDArray[Any]


def strided_view(file: Array, places: Array) -> Array | None:
    """A view of `file` at `places`; None where it has no strides that suit a product."""
    strides = strides_of(places)
    if strides is None:
        return None
    return np.lib.stride_tricks.as_strided(
        file[int(places.flat[0]) :], places.shape, [stride * file.itemsize for stride in strides]
    )


def strides_of(places: Array) -> list[int] | None:
    """The distance from one place to the next along each axis; None where it varies, or where no axis has distance
    1, along which a product would run."""
    strides = []
    for axis in range(places.ndim):
        if places.shape[axis] == 1:
            strides.append(0)
            continue
        differences = np.diff(places, axis=axis)
        strides.append(int(differences.flat[0]))
        if strides[-1] <= 0 or not (differences == strides[-1]).all():
            return None
    if places.ndim == 2:
        if places.shape[0] == 1 or places.shape[1] == 1:  # any stride will do there; this one suits a product
            longest = max(1, max(strides)) * places.size
            strides = [stride or longest for stride in strides]
        if 1 not in strides and places.size > 1:
            return None
    return strides


def join_biases(program: VectorProgram) -> list[Step]:
    """The body, with each bias as the last column of its matrix, and its gradient as the last column of that of the
    matrix, wherever the two are neighbours."""
    ones = set(program.ones)
    totals = {
        step.operand: step
        for step in program.body
        if isinstance(step, Total) and step.turns == 1 and not step.compensated
    }
    joined: list[Total] = []
    body: list[Step] = []
    for step in program.body:
        if isinstance(step, Affine) and step.turns == 1 and step.bias is not None and len(step.terms) == 1:
            ((matrix, operand),) = step.terms
            places = np.column_stack([matrix, step.bias])
            if isinstance(operand, Span) and operand.stop in ones and strides_of(places) is not None:
                step = Affine(step.out, ((places, _with_one(operand)),), None, step.registers)
        elif isinstance(step, Outer) and step.turns == 1 and step.right.stop in ones and step.left in totals:
            places = np.column_stack([step.sums, totals[step.left].sums])
            if strides_of(places) is not None:
                joined.append(totals.pop(step.left))
                step = Outer(places, step.left, _with_one(step.right), step.registers)
        body.append(step)
    return [step for step in body if not any(step is total for total in joined)]


def read_by_products(program: VectorProgram, body: Sequence[Step]) -> list[Span]:
    """The arguments that only products read, and as a whole; with the 1 behind them."""
    ones, results = set(program.ones), np.array(program.by_row, np.int64)
    found = []
    for span in program.columns:
        places = _with_one(span) if span.stop in ones else span
        readers = [
            (step, operand)
            for step in body
            for operand in operands_of(step)
            if isinstance(operand, Span) and operand.file is File.ROWS and _overlap(operand, places)
        ]
        in_products = all(
            isinstance(step, (Affine, Outer)) and step.turns == 1 and operand in (span, places)
            for step, operand in readers
        )
        if readers and in_products and not ((places.start <= results) & (results < places.stop)).any():
            found.append(places)
    return found


def _overlap(a: Span, b: Span) -> bool:
    return a.start < b.stop and b.start < a.stop


def _with_one(span: Span) -> Span:
    return Span(span.file, span.start, span.size + 1)


def slices_of(file: Array, places: Array) -> list[Array] | None:
    """Views that are `file[places]` when joined; None where there would be none or too many."""
    ends = np.flatnonzero(np.diff(places) != 1) + 1
    if not len(places) > 0 or len(ends) >= _FEW:
        return None
    return [file[part[0] : part[-1] + 1] for part in np.split(places, ends)]

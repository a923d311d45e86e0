"""Where numbers of a vectorised program stand regularly enough to be one view in NumPy; biases with their matrices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core.compiler.vectorise.vector_program import (
    Affine,
    File,
    Outer,
    Places,
    Span,
    Step,
    Total,
    VectorProgram,
    operands_of,
)

_FEW = 8  # copies that take no longer than one number by number

Array = npt.NDArray[Any]


def strided(file: Array, places: Places) -> Array | None:
    """A view of `file` at `places`, where they are evenly spaced and a product can run along one direction of it."""
    steps = regular(places)
    if steps is None:
        return None
    return np.lib.stride_tricks.as_strided(
        file[int(places.flat[0]) :], places.shape, [one * file.itemsize for one in steps]
    )


def regular(places: Places) -> list[int] | None:
    """How far it is from one place to the next along each axis; None where that is not a view for a product."""
    steps = []
    for axis in range(places.ndim):
        if places.shape[axis] == 1:
            steps.append(0)
            continue
        differences = np.diff(places, axis=axis)
        steps.append(int(differences.flat[0]))
        if steps[-1] <= 0 or not (differences == steps[-1]).all():
            return None
    if places.ndim == 2:
        if places.shape[0] == 1 or places.shape[1] == 1:  # any stride will do there; this one suits a product
            longest = max(1, max(steps)) * places.size
            steps = [one or longest for one in steps]
        if 1 not in steps and places.size > 1:
            return None
    return steps


def with_biases(program: VectorProgram) -> list[Step]:
    """The body with biases taken as a last column of their matrices, and their gradients as one of theirs, wherever
    the two stand beside each other."""
    ones = set(program.ones)
    totals = {one.operand: one for one in program.body if isinstance(one, Total)}
    taken: list[Total] = []
    body: list[Step] = []
    for one in program.body:
        if isinstance(one, Affine) and one.bias is not None and len(one.terms) == 1:
            ((matrix, operand),) = one.terms
            joined = np.column_stack([matrix, one.bias])
            if isinstance(operand, Span) and operand.stop in ones and regular(joined) is not None:
                one = Affine(one.out, ((joined, _longer(operand)),), None, one.registers)
        elif isinstance(one, Outer) and one.right.stop in ones and one.left in totals:
            joined = np.column_stack([one.sums, totals[one.left].sums])
            if regular(joined) is not None:
                taken.append(totals.pop(one.left))
                one = Outer(joined, one.left, _longer(one.right), one.registers)
        body.append(one)
    return [one for one in body if not any(one is other for other in taken)]


def only_in_products(program: VectorProgram, body: Sequence[Step]) -> list[Span]:
    """The arguments that `body` reads in nothing but products, each as a whole; with the place of ones behind them."""
    ones, results = set(program.ones), program.by_row
    found = []
    for span in program.columns:
        places = _longer(span) if span.stop in ones else span
        readers = [
            (step, operand)
            for step in body
            for operand in operands_of(step)
            if isinstance(operand, Span) and operand.file is File.ROWS and _meet(operand, places)
        ]
        in_products = all(isinstance(step, (Affine, Outer)) and one in (span, places) for step, one in readers)
        if readers and in_products and not ((places.start <= results) & (results < places.stop)).any():
            found.append(places)
    return found


def _meet(one: Span, other: Span) -> bool:
    return one.start < other.stop and other.start < one.stop


def _longer(span: Span) -> Span:
    return Span(span.file, span.start, span.size + 1)


def stretches(file: Array, places: Places) -> list[Array] | None:
    """Views that are `file[places]` one behind the other; None where they would be too many or none."""
    ends = np.flatnonzero(np.diff(places) != 1) + 1
    if not len(places) > 0 or len(ends) >= _FEW:
        return None
    return [file[part[0] : part[-1] + 1] for part in np.split(places, ends)]

"""Where numbers of a vectorised program stand regularly enough to be one view in NumPy; biases with their matrices."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core.compiler.vector import Affine, Outer, Places, Span, Step, Total, VectorProgram

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


def _longer(span: Span) -> Span:
    return Span(span.file, span.start, span.size + 1)

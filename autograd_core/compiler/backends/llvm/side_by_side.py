"""Element-wise instructions on equally many places next to each other, so that they become one pass.

The vectorised program lists them round by round, where those of several sizes take turns. An instruction moves up to
the last one of its size, if what it reads is computed by then.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from autograd_core.compiler.backends.llvm.copies import RowPlaces
from autograd_core.compiler.backends.llvm.operations import has_form
from autograd_core.compiler.vectorise.vector_program import (
    Affine,
    Elementwise,
    File,
    Span,
    Step,
    VectorProgram,
    operands_of,
)

_MOST = 6000  # instructions; in a longer program most are on single numbers


def side_by_side(program: VectorProgram) -> VectorProgram:
    """The program with the instructions of its body in that order."""
    if len(program.body) > _MOST:
        return program
    written = {File.ROWS: np.full(program.rows, -1), File.CONDITIONS: np.full(program.conditions, -1)}
    groups: list[list[Step]] = []
    last: dict[int, int] = {}  # by size
    for step in program.body:
        out = getattr(step, "out", None)
        ready = max((_written(written, operand) for operand in operands_of(step)), default=-1)
        group = len(groups)
        if isinstance(step, Elementwise) and has_form(step.primitive):
            found = last.get(step.out.size, -1)
            joins = found >= ready and (found == ready or not isinstance(groups[found][0], Affine))
            group = found if joins and found >= 0 else group
            last[step.out.size] = group
        elif isinstance(step, Affine):
            last[step.out.size] = group
        if group == len(groups):
            groups.append([])
        groups[group].append(step)
        if isinstance(out, Span) and out.file in written:
            written[out.file][out.start : out.stop] = group
    return replace(program, body=[step for group in groups for step in group])


def _written(written: dict[File, np.ndarray], operand: object) -> int:
    """The last group that writes what an operand reads."""
    if isinstance(operand, RowPlaces):
        return int(written[File.ROWS][list(operand.places)].max())
    if isinstance(operand, Span) and operand.file in written:
        return int(written[operand.file][operand.start : operand.stop].max())
    return -1

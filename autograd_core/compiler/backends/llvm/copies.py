"""Copies of numbers of the row that need not be made: kernels read the numbers where they are, from a list of places.

The vectorised program copies numbers next to each other before an instruction on all of them. Machine code can look up
where each is instead, which costs an address for a block of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from autograd_core.compiler.backends.llvm.operations import has_form
from autograd_core.compiler.vectorise.vector_program import (
    Dot,
    Elementwise,
    File,
    Fold,
    Gather,
    Operand,
    Places,
    Span,
    Step,
    VectorProgram,
    are_neighbours,
    operands_of,
)


@dataclass(frozen=True, slots=True)
class RowPlaces:
    """An operand: several places of ROWS, which need not be neighbours."""

    places: tuple[int, ...]


def without_copies(program: VectorProgram) -> VectorProgram:
    """The program without copies that only element-wise instructions, sums of products and folds read; those read the
    numbers themselves."""
    needed = set(map(int, program.by_row))
    for step in program.body:
        if not _reads_lists(step):
            for operand in operands_of(step):
                if isinstance(operand, Span) and operand.file is File.ROWS:
                    needed.update(range(operand.start, operand.stop))
    source: dict[int, int] = {}
    gone: set[int] = set()
    for step in program.body:
        if isinstance(step, Gather) and step.out.file is File.ROWS:
            for i, place in enumerate(step.places):
                source[step.out.start + i] = source.get(int(place), int(place))
            if needed.isdisjoint(range(step.out.start, step.out.stop)):
                gone.add(id(step))
            else:
                for place in range(step.out.start, step.out.stop):
                    del source[place]
    if not gone:
        return program
    return replace(program, body=[_forwarded(step, source) for step in program.body if id(step) not in gone])


def _reads_lists(step: Step) -> bool:
    if isinstance(step, Elementwise):
        return has_form(step.primitive)
    return isinstance(step, (Dot, Fold, Gather))


def _forwarded(step: Step, source: dict[int, int]) -> Step:
    if isinstance(step, Elementwise) and has_form(step.primitive):
        return replace(step, operands=tuple([_operand(operand, source) for operand in step.operands]))
    if isinstance(step, Dot):
        return replace(step, left=_mapped(step.left, source), right=_mapped(step.right, source))
    if isinstance(step, Fold):
        return replace(step, places=_mapped(step.places, source))
    if isinstance(step, Gather) and step.out.file is File.ROWS:
        return replace(step, places=_mapped([step.places], source)[0])
    return step


def _mapped(rows: Sequence[Sequence[int]], source: dict[int, int]) -> Places:
    return tuple([tuple([source.get(int(place), int(place)) for place in row]) for row in rows])


def _operand(operand: Operand, source: dict[int, int]) -> Operand | RowPlaces:
    if not isinstance(operand, Span) or operand.file is not File.ROWS:
        return operand
    places = [source.get(place, place) for place in range(operand.start, operand.stop)]
    return Span(File.ROWS, places[0], len(places)) if are_neighbours(places) else RowPlaces(tuple(places))

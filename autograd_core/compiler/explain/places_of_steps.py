"""The places that the instructions of a program read and write, number by number."""

from __future__ import annotations

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
    ScatterAdd,
    Span,
    Spread,
    Step,
    Total,
    flat,
)

Place = tuple[File, int]


def places_read(step: Step) -> list[list[Place]]:
    """The places of each operand of an instruction, in the order in which it reads them."""
    if isinstance(step, Elementwise):
        return list(map(places_of, step.operands))
    if isinstance(step, Affine):
        found: list[list[Place]] = []
        for i, (matrix, operand) in enumerate(step.terms):
            found += [places_of(flat(matrix)), _over_turns(operand, step.turns, step.apart[i] if step.apart else 0)]
        return found if step.bias is None else [*found, places_of(step.bias)]
    if isinstance(step, Gather):
        return [[(step.out.file, place) for place in step.places]]
    if isinstance(step, Spread):
        return [places_of(step.places)]
    if isinstance(step, Choose):
        return [places_of(step.index), *map(places_of, dict.fromkeys(step.tables))]
    if isinstance(step, ScatterAdd):
        return [places_of(part) for term in step.terms for part in term]
    if isinstance(step, Fold):
        return [[(File.ROWS, place) for place in flat(step.places)]]
    if isinstance(step, Dot):
        return [[(File.ROWS, place) for place in flat(side)] for side in (step.left, step.right)]
    if isinstance(step, Outer):
        sides = zip((step.left, step.right), step.apart, strict=True)
        return [_over_turns(side, step.turns, apart) for side, apart in sides]
    return [_over_turns(step.operand, step.turns, step.apart)]


def places_of(operand: Operand) -> list[Place]:
    """The places of an operand."""
    if isinstance(operand, Span):
        return [(operand.file, place) for place in range(operand.start, operand.stop)]
    return [(File.ONCE, place) for place in operand]


def _over_turns(operand: Operand, turns: int, apart: int) -> list[Place]:
    first = places_of(operand)
    return [(file, place + turn * apart) for turn in range(turns) for file, place in first]


def places_written(step: Step) -> list[Place]:
    """The places that an instruction computes, in order."""
    if isinstance(step, (Outer, ScatterAdd)):
        return [(File.ONCE, place) for place in flat(step.sums)]
    return places_of(step.sums) if isinstance(step, Total) else places_of(step.out)

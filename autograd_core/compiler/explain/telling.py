"""Which instructions of a program a reader is told, once some of them read as one formula."""

from __future__ import annotations

from collections.abc import Mapping

from autograd_core.compiler.explain.recognise import Reading
from autograd_core.compiler.vectorise.vector_program import (
    Elementwise,
    File,
    Operand,
    Outer,
    Span,
    Step,
    Total,
    VectorProgram,
    operands_of,
)


def told(
    program: VectorProgram, known: Mapping[int, Reading], place_of: Mapping[int, int]
) -> list[tuple[Step, Reading | None]]:
    """The instructions of the body that a reader is told, some of them as in `known`: those that anything told depends
    on, element by element. place_of: where in ROWS each register stands."""
    needed = {(File.ROWS, place) for place in program.by_row.tolist()}
    chosen: list[tuple[Step, Reading | None]] = []
    for number in range(len(program.body) - 1, -1, -1):
        step, reading = program.body[number], known.get(number)
        if not isinstance(step, (Outer, Total)):
            file, start, size = step.out
            asked = [i for i in range(size) if (file, start + i) in needed]
            if not asked:
                continue
            if isinstance(step, Elementwise) and reading is None:
                step = part(step, asked[0], asked[-1] + 1)
        chosen.append((step, reading))
        if reading is not None:
            needed.update((File.ROWS, place_of[index]) for some in reading.operands.values() for index in some)
            continue
        for one in operands_of(step):
            if isinstance(one, Span):
                needed.update((one.file, place) for place in range(one.start, one.stop))
    return chosen[::-1]


def part(step: Elementwise, start: int, stop: int) -> Elementwise:
    """Some neighbouring elements of an elementwise instruction."""
    operands: list[Operand] = []
    for one in step.operands:
        if isinstance(one, Span):
            operands.append(one if one.size == 1 else Span(one.file, one.start + start, stop - start))
        else:
            operands.append(one if len(one) == 1 else one[start:stop])
    out = Span(step.out.file, step.out.start + start, stop - start)
    return Elementwise(out, step.primitive, tuple(operands), step.registers[start:stop])

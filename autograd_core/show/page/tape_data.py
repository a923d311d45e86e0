"""A tape as data for a page, which runs it with one rule for each operation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from autograd_core.graph.tape import Instruction, Tape


@dataclass(frozen=True, slots=True)
class TapeData:
    """lines: by register, None for a leaf, a number for a constant, else [operation, register, ...] with the place of
    the operation in `operations`. place: where each register of the tape is among the lines."""

    operations: list[str]
    lines: list[list[int] | float | None]
    place: dict[int, int]


def tape_data(tape: Tape, wanted: Iterable[int]) -> TapeData:
    """The instructions that lead to the `wanted` registers, and all leaves, in order."""
    needed = set(wanted) | set(tape.leaves)
    for index in reversed(range(len(tape.instructions))):
        if index in needed:
            needed.update(tape.instructions[index].inputs)
    place = {index: number for number, index in enumerate(sorted(needed))}
    instructions = [tape.instructions[index] for index in sorted(needed)]
    operations = sorted({line.primitive.name for line in instructions if line.primitive is not None})

    def line_of(instruction: Instruction) -> list[int] | float | None:
        if instruction.primitive is None:
            return instruction.constant
        return [operations.index(instruction.primitive.name), *(place[index] for index in instruction.inputs)]

    return TapeData(operations, [line_of(instruction) for instruction in instructions], place)

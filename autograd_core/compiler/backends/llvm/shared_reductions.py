"""The slope of tanh beside its value: both need exp(-2|a|), which the tape computes again when it goes back.

On the tape the slope is made of e = exp(2 * where(a > 0, -a, a)). Here e becomes one operation on a, `DECAY`, which
stands next to the tanh of the same numbers, so that one kernel computes both from one reduction of the argument.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from autograd_core.compiler.backends.llvm.functions.table import DECAY
from autograd_core.compiler.vectorise.vector_program import (
    Elementwise,
    File,
    Gather,
    Span,
    Step,
    VectorProgram,
    operands_of,
)
from autograd_core.engine import primitives


def share_reductions(program: VectorProgram) -> VectorProgram:
    """The program with the exponentials of slopes next to the values they belong to."""
    body = program.body
    if not any(isinstance(step, Elementwise) and step.primitive is primitives.tanh for step in body):
        return program
    found = _Exponentials(program)
    steps = found.rewritten()
    return program if steps is None else replace(program, body=steps)


Place = tuple[File, int]


class _Exponentials:
    def __init__(self, program: VectorProgram) -> None:
        self._program = program
        self._constants = program.constants
        self._makers: dict[Place, tuple[Elementwise, int]] = {}  # of each place: step and element
        self._copied: dict[Place, Place] = {}
        self._exponentials: list[Elementwise] = []
        self._tanh: dict[int, tuple[Elementwise, Span]] = {}  # by where the operand begins
        for step in program.body:
            if isinstance(step, Gather):
                for i, place in enumerate(step.places):
                    self._copied[step.out.file, step.out.start + i] = step.out.file, int(place)
            elif isinstance(step, Elementwise):
                for i in range(step.out.size):
                    self._makers[step.out.file, step.out.start + i] = step, i
                if step.primitive is primitives.exp:
                    self._exponentials.append(step)
                elif step.primitive is primitives.tanh and isinstance(step.operands[0], Span):
                    self._tanh[step.operands[0].start] = step, step.operands[0]

    def rewritten(self) -> list[Step] | None:
        """The body; None if there is nothing to share."""
        after: dict[int, list[Step]] = {}
        gone: set[int] = set()
        for step in self._exponentials:
            covered = self._tanh_of(step)
            if covered is None:
                continue
            gone.add(id(step))
            offset = 0
            for tanh, operand in covered:
                out = Span(File.ROWS, step.out.start + offset, operand.size)
                registers = step.registers[offset : offset + operand.size]
                after.setdefault(id(tanh), []).append(Elementwise(out, DECAY, (operand,), registers))
                offset += operand.size
        if not gone:
            return None
        body: list[Step] = []
        for each in self._program.body:
            if id(each) not in gone:
                body.append(each)
            body += after.get(id(each), ())
        return self._without_unread(body)

    def _tanh_of(self, step: Elementwise) -> list[tuple[Elementwise, Span]] | None:
        """The steps with the tanh of what `step` has the exponentials of, and their operands, in order."""
        places: list[int] = []
        for i in range(step.out.size):
            if (place := self._argument(step, i)) is None:
                return None
            places.append(place)
        found: list[tuple[Elementwise, Span]] = []
        done = 0
        while done < len(places):
            tanh, operand = self._tanh.get(places[done], (None, step.out))
            if tanh is None or places[done : done + operand.size] != list(range(operand.start, operand.stop)):
                return None
            found.append((tanh, operand))
            done += operand.size
        return found

    def _argument(self, step: Elementwise, i: int) -> int | None:
        """The place of a, if element i of a step is exp(2 * where(a > 0, -a, a))."""
        double = self._made(self._operand(step, 0, i), primitives.multiply)
        if double is None or not self._is(self._operand(double[0], 0, double[1]), 2.0):
            return None
        below = self._made(self._operand(double[0], 1, double[1]), primitives.where)
        if below is None:
            return None
        condition, minus, argument = (self._operand(below[0], number, below[1]) for number in range(3))
        positive, negative = self._made(condition, primitives.greater), self._made(minus, primitives.negative)
        if positive is None or negative is None or argument[0] is not File.ROWS:
            return None
        is_same = self._operand(positive[0], 0, positive[1]) == self._operand(negative[0], 0, negative[1]) == argument
        return argument[1] if is_same and self._is(self._operand(positive[0], 1, positive[1]), 0.0) else None

    def _operand(self, step: Elementwise, number: int, i: int) -> Place:
        """Where the number that an element of a step reads was computed: copies are followed."""
        operand = step.operands[number]
        if not isinstance(operand, Span):
            return File.ONCE, int(operand[0 if len(operand) == 1 else i])
        place = operand.file, operand.start + (0 if operand.size == 1 else i)
        while place in self._copied:
            place = self._copied[place]
        return place

    def _made(self, place: Place, primitive: object) -> tuple[Elementwise, int] | None:
        """The step and the element that a place is, if it is made by this operation."""
        found = self._makers.get(place)
        return found if found is not None and found[0].primitive is primitive else None

    def _is(self, place: Place, number: float) -> bool:
        return place[0] is File.ONCE and self._constants.get(place[1]) == number

    def _without_unread(self, body: Sequence[Step]) -> list[Step]:
        """The steps whose results are read: what only an exponential read is gone."""
        read = {(File.ROWS, place) for place in self._program.by_row}
        kept: list[Step] = []
        for step in reversed(body):
            if isinstance(step, (Elementwise, Gather)) and not any(
                (step.out.file, place) in read for place in range(step.out.start, step.out.stop)
            ):
                continue
            kept.append(step)
            for operand in operands_of(step):
                if isinstance(operand, Span):
                    read.update((operand.file, place) for place in range(operand.start, operand.stop))
        return kept[::-1]

"""Where every register stands in the files of a vectorised program."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd_core.compiler.vectorise.dependence import Dependence
from autograd_core.compiler.vectorise.vector_program import File, Gather, Operand, Places, Span, Step, VectorProgram

_NOWHERE = -1
_made: Any = tuple.__new__


class Allocation:
    """Gives places to the registers of `dependence`, in the files of `program`; no register comes to the tape later.

    Of every register: `file`, and, where it has been given one, its `place` and its `producer`, a number for the
    instruction that computes it (constants have none). singles: the operand that is one register, by itself. followed:
    registers whose vector is to be followed by a 1.
    """

    def __init__(self, dependence: Dependence, program: VectorProgram, followed: set[int]) -> None:
        count = len(dependence.inputs)
        self.program = program
        self.followed = followed
        self.place = [_NOWHERE] * count
        self.file = [File.ONCE] * count
        self.producer = [_NOWHERE] * count
        self._instructions = dependence.tape.instructions
        self._vectors = 0
        self._gathered: dict[tuple[File, bytes], Span] = {}
        self.singles = _Singles(self)
        for place, index in enumerate(program.given):
            self.place[index], self.producer[index] = place, 0

    def new(self, registers: Sequence[int], file: File) -> Span:
        """Give some registers neighbouring places."""
        span = self.unnamed(len(registers), file)
        self._vectors += 1
        for place, index in enumerate(registers, span.start):
            self.place[index], self.file[index], self.producer[index] = place, file, self._vectors
        return span

    def new_single(self, index: int, file: File) -> Span:
        """Give one register a place, for good: it is an operand by itself from now on."""
        program = self.program
        if file is File.ROWS:
            place = program.rows
            program.rows = place + 1
        else:
            place = self.unnamed(1, file)[1]
        # As Span(...) does, without a function call for each of what may be half a million.
        span: Span = _made(Span, (file, place, 1))
        vectors = self._vectors = self._vectors + 1
        self.place[index], self.file[index], self.producer[index] = place, file, vectors
        if file is not File.ONCE:
            self.singles[index] = span
        return span

    def unnamed(self, size: int, file: File) -> Span:
        """Neighbouring places for copies of numbers."""
        program = self.program
        if file is File.ONCE:
            start, program.once = program.once, program.once + size
        elif file is File.ROWS:
            start, program.rows = program.rows, program.rows + size
        else:
            start, program.conditions = program.conditions, program.conditions + size
        return Span(file, start, size)

    def follow(self, registers: Iterable[int]) -> None:
        """Let a 1 come next in ROWS, if it is to stand behind one of these registers."""
        if not self.followed.isdisjoint(registers):
            self.program.ones.append(self.program.rows)
            self.program.rows += 1

    def at(self, index: int) -> int:
        """The place of a register; a constant gets one when first asked for."""
        place = self.place[index]
        if place == _NOWHERE:
            constant = self._instructions[index].constant
            assert constant is not None, f"register {index} is needed before it is computed"
            place = self.place[index] = self.unnamed(1, File.ONCE).start
            self.program.constants[place] = constant
        return place

    def once(self, some: Iterable[int]) -> Places:
        """The places of registers that are the same for all rows."""
        return np.array([self.at(index) for index in some], np.int64)

    def operand(self, sources: Sequence[int], steps: list[Step], whole: bool = False) -> Operand:
        """The operand that gives one element each of `sources`; one element for all where they are the same and it
        need not be `whole`. Numbers of the rows that don't stand side by side are gathered first."""
        file = self.file[sources[0]]
        places = [self.at(index) for index in sources]
        first, count = places[0], len(places)
        if count > 1 and not whole and places.count(first) == count:
            places, count = places[:1], 1
        if file is File.ONCE:
            return np.array(places, np.int64)
        if count == 1 or places == list(range(first, first + count)):
            return Span(file, first, count)
        array = np.array(places, np.int64)
        key = file, array.tobytes()
        if key not in self._gathered:
            span = self._gathered[key] = self.unnamed(count, file)
            steps.append(Gather(span, array, tuple(sources)))
            if whole and file is File.ROWS:
                self.follow(sources)
        return self._gathered[key]


class _Singles(dict[int, Operand]):
    """Made when first asked for."""

    def __init__(self, allocation: Allocation) -> None:
        super().__init__()
        self._allocation = allocation

    def __missing__(self, source: int) -> Operand:
        file, place = self._allocation.file[source], self._allocation.at(source)
        found = self[source] = Span(file, place, 1) if file is not File.ONCE else np.array([place], np.int64)
        return found

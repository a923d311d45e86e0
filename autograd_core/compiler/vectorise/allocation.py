"""The place of each register in the files of a vectorised program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from autograd_core.compiler.vectorise.dependence import Dependence
from autograd_core.compiler.vectorise.vector_program import File, Gather, Operand, Places, Span, Step, VectorProgram

_NOWHERE = -1
_FEW = 8  # a shorter vector is merged with others of its kind, where there are several
_new_tuple: Any = tuple.__new__


@dataclass(slots=True)
class _Turns:
    """Room for vectors that are computed one after the other: the places where they start, the next one last, and the
    producer that all have."""

    starts: list[int]
    producer: int


class Allocation:
    """Gives the registers of `dependence` their places in the files of `program`. No register may be added later.

    For each register: `file`, and, once it is allocated, its `place` and its `producer`, a number for the instruction
    that computes it (constants have none). singles: the operand that is one register alone. before_one: registers whose
    vector is followed by a 1.
    """

    def __init__(self, dependence: Dependence, program: VectorProgram, before_one: set[int]) -> None:
        count = len(dependence.inputs)
        self.program = program
        self.before_one = before_one
        self.place = [_NOWHERE] * count
        self.file = [File.ONCE] * count
        self.producer = [_NOWHERE] * count
        self._instructions = dependence.tape.instructions
        self._producers = 0
        self._roles: Sequence[int] = ()
        self._to_come: Counter[int] = Counter()
        self._turns: dict[tuple[int, ...], _Turns] = {}
        self._gathered: dict[tuple[File, Places], Span] = {}
        self.singles = _Singles(self)
        for place, index in enumerate(program.given):
            self.place[index], self.producer[index] = place, 0

    def expect(self, members: Iterable[int], roles: Sequence[int]) -> None:
        """Keep room in ROWS for the registers to come, by their roles: the steps of a recurrence, though computed one
        after the other, lie side by side, as if one instruction computed them."""
        self._roles = roles
        self._to_come = Counter([roles[index] for index in members])

    def allocate(self, registers: Sequence[int], file: File) -> Span:
        """Give the registers neighbouring places."""
        turns = self._turns_of(registers) if file is File.ROWS else None
        if turns is not None:
            span, producer = Span(file, turns.starts.pop(), len(registers)), turns.producer
        else:
            span, producer = self.reserve(len(registers), file), self._next_producer()
        for place, index in enumerate(registers, span.start):
            self.place[index], self.file[index], self.producer[index] = place, file, producer
        return span

    def _next_producer(self) -> int:
        self._producers += 1
        return self._producers

    def _turns_of(self, registers: Sequence[int]) -> _Turns | None:
        """The room for vectors of these roles, if there are to be several and some is left."""
        roles, to_come = self._roles, self._to_come
        key = tuple([roles[index] for index in registers]) if to_come else ()
        if key in self._turns:
            return self._turns[key] if self._turns[key].starts else None
        ratios = {to_come[role] / count for role, count in Counter(key).items()}
        if len(ratios) != 1 or (count := ratios.pop()) < 2 or count % 1:
            return None
        for role in key:
            to_come[role] = 0  # for which room is kept once, so that there is never more of it than registers
        room = self.reserve(int(count) * len(key), File.ROWS)
        turns = _Turns(list(range(room.start, room.stop, len(key)))[::-1], self._next_producer())
        self._turns[key] = turns
        return turns

    def allocate_single(self, index: int, file: File) -> Span:
        """Give one register a place of its own."""
        program = self.program
        if file is File.ROWS:
            place = program.rows
            program.rows = place + 1
        else:
            place = self.reserve(1, file)[1]
        # As Span(...) does, without a function call: there may be half a million of them.
        span: Span = _new_tuple(Span, (file, place, 1))
        producer = self._producers = self._producers + 1
        self.place[index], self.file[index], self.producer[index] = place, file, producer
        if file is not File.ONCE:
            self.singles[index] = span
        return span

    def reserve(self, size: int, file: File) -> Span:
        """Neighbouring places that belong to no register, for copies."""
        program = self.program
        if file is File.ONCE:
            start, program.once = program.once, program.once + size
        elif file is File.ROWS:
            start, program.rows = program.rows, program.rows + size
        else:
            start, program.conditions = program.conditions, program.conditions + size
        return Span(file, start, size)

    def append_one(self, registers: Iterable[int]) -> None:
        """Put a 1 at the next place of ROWS, where it must follow one of the registers."""
        if not self.before_one.isdisjoint(registers):
            self.program.ones.append(self.program.rows)
            self.program.rows += 1

    def place_of(self, index: int) -> int:
        """The place of a register; a constant is allocated here, on first use."""
        place = self.place[index]
        if place == _NOWHERE:
            constant = self._instructions[index].constant
            assert constant is not None, f"register {index} is needed before it is computed"
            place = self.place[index] = self.reserve(1, File.ONCE).start
            self.program.constants[place] = constant
        return place

    def places_of(self, registers: Iterable[int]) -> Places:
        """The places of registers in ONCE."""
        return tuple([self.place_of(index) for index in registers])

    def operand(self, sources: Sequence[int], steps: list[Step], whole: bool = False) -> Operand:
        """The operand with one element for each of `sources`. Numbers of the rows that are not neighbours are gathered
        first. Where all sources are the same, the operand has one element, except where `whole` forbids it."""
        file = self.file[sources[0]]
        places = [self.place_of(index) for index in sources]
        first, count = places[0], len(places)
        if count > 1 and not whole and places.count(first) == count:
            places, count = places[:1], 1
        if file is File.ONCE:
            return tuple(places)
        if count == 1 or places == list(range(first, first + count)):
            return Span(file, first, count)
        key = file, tuple(places)
        if key not in self._gathered:
            span = self._gathered[key] = self.reserve(count, file)
            steps.append(Gather(span, key[1], tuple(sources)))
            if whole and file is File.ROWS:
                self.append_one(sources)
        return self._gathered[key]

    def is_gathered(self, sources: Sequence[int]) -> bool:
        """Whether there is a copy already in which they are neighbours."""
        return (self.file[sources[0]], tuple(map(self.place_of, sources))) in self._gathered


class _Singles(dict[int, Operand]):
    """Operands, each made on first use."""

    def __init__(self, allocation: Allocation) -> None:
        super().__init__()
        self._allocation = allocation

    def __missing__(self, source: int) -> Operand:
        file, place = self._allocation.file[source], self._allocation.place_of(source)
        operand = self[source] = Span(file, place, 1) if file is not File.ONCE else (place,)
        return operand


def merge_short(groups: list[list[int]]) -> list[list[int]]:
    """The groups, with the short ones merged where there are more than two of them."""
    short = [group for group in groups if len(group) < _FEW]
    if len(short) <= 2:
        return groups
    return [*[group for group in groups if len(group) >= _FEW], [index for group in short for index in group]]

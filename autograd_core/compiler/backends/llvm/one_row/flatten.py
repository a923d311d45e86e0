"""A vectorised program for one row: all numbers in one file, and instructions that only move numbers left out.

With one row a number of the row and a number for all rows are the same, a sum over the rows is its only term, and the
number of rows is 1. A copy of a number is then the number itself, under another name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd_core.compiler.backends.llvm.operations import has_form
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
    VectorProgram,
)
from autograd_core.engine import primitives
from autograd_core.engine.primitive import Primitive

Numbers = Sequence[int]  # places in the one file


@dataclass(slots=True, eq=False)
class FlatOperation:
    """out[i] = primitive(operand 1 [i], ...); primitive: None for a copy."""

    out: list[int]
    primitive: Primitive | None
    operands: tuple[list[int], ...]

    def reads(self) -> Iterable[int]:
        """The places it reads."""
        return (place for operand in self.operands for place in operand)


@dataclass(slots=True, eq=False)
class Sums:
    """out[i] = start[i] + the sum over j of left[i][j] * right[i][j], less the last `minus[i]` of these products."""

    out: list[int]
    left: Sequence[Numbers]
    right: Sequence[Numbers]
    minus: list[int]
    start: list[int] | None = None

    def reads(self) -> Iterable[int]:
        """The places it reads."""
        yield from self.start or ()
        for side in (self.left, self.right):
            for numbers in side:
                yield from numbers


@dataclass(slots=True, eq=False)
class ProductMatrix:
    """out[i][j] = left[i] * right[j]."""

    rows: list[list[int]]
    left: list[int]
    right: list[int]

    @property
    def out(self) -> list[int]:
        """The places of the matrix, row by row."""
        return [place for row in self.rows for place in row]

    def reads(self) -> Iterable[int]:
        """The places it reads."""
        yield from self.left
        yield from self.right


@dataclass(slots=True, eq=False)
class Lookup:
    """out[j] = table[k][j], where k is the number at the place `index`; nan where that is no row of the table."""

    out: list[int]
    index: int
    table: list[list[int]]

    def reads(self) -> Iterable[int]:
        """The places it reads."""
        yield self.index
        for row in self.table:
            yield from row


@dataclass(slots=True, eq=False)
class RowSums:
    """rows[k][j] = the sum of numbers[j] over the terms (index, numbers) whose index is k."""

    rows: list[list[int]]
    terms: list[tuple[int, list[int]]]

    @property
    def out(self) -> list[int]:
        """The places of the matrix, row by row."""
        return [place for row in self.rows for place in row]

    def reads(self) -> Iterable[int]:
        """The places it reads."""
        for index, numbers in self.terms:
            yield index
            yield from numbers


Flat = FlatOperation | Sums | ProductMatrix | Lookup | RowSums


@dataclass(slots=True)
class FlatProgram:
    """lines: in order. size: the places in the file, of which those of ONCE are the first. columns: where the numbers
    of each argument go. values, by_row: the places of the results."""

    size: int
    columns: list[int] = field(default_factory=list)
    lines: list[Flat] = field(default_factory=list)
    values: list[int] = field(default_factory=list)
    by_row: list[int] = field(default_factory=list)


def flatten(program: VectorProgram, once: int) -> FlatProgram | None:
    """The program for one row, with room for `once` numbers in ONCE; None where it has an instruction that needs a
    kernel of its own."""
    return _Flattening(program, once).run()


class _Flattening:
    def __init__(self, program: VectorProgram, once: int) -> None:
        self._program = program
        self._starts = {File.ONCE: 0, File.ROWS: once, File.CONDITIONS: once + program.rows}
        size = once + program.rows + program.conditions
        self._same = list(range(size))  # the place whose number a place has
        self._flat = FlatProgram(size)
        rows = len(program.given) - 2  # the number of rows and its inverse
        ones = [place for place, number in program.constants.items() if number == 1.0]
        self._ones = {rows, rows + 1, *ones}
        for place in program.ones:
            self._same[self._starts[File.ROWS] + place] = rows

    def run(self) -> FlatProgram | None:
        flat, program = self._flat, self._program
        flat.columns = [self._starts[File.ROWS] + span.start for span in program.columns]
        for step in program.steps():
            if not self._add(step):
                return None
        flat.values = self._read(program.values)
        flat.by_row = self._read(Span(File.ROWS, place, 1) for place in program.by_row)
        needed = {*flat.values, *flat.by_row}
        lines: list[Flat] = []
        for line in reversed(flat.lines):
            if not needed.isdisjoint(line.out):
                needed.update(line.reads())
                lines.append(line)
        flat.lines = lines[::-1]
        return flat

    def _read(self, places: Iterable[Any]) -> list[int]:
        first, same = self._starts[File.ROWS], self._same
        return [same[first + place.start] if isinstance(place, Span) else same[int(place)] for place in places]

    def _numbers(self, operand: Operand, count: int | None = None, moved: int = 0) -> list[int]:
        """The places of an operand; count: how many are needed, moved: how far from those of the operand."""
        if isinstance(operand, Span):
            first = self._starts[operand.file] + operand.start + moved
            numbers = self._same[first : first + operand.size]
        else:
            numbers = [self._same[int(place)] for place in operand]
        return numbers * count if count is not None and len(numbers) == 1 else numbers

    def _out(self, span: Span) -> list[int]:
        first = self._starts[span.file] + span.start
        return list(range(first, first + span.size))

    def _rows(self, places: Iterable[int]) -> list[int]:
        first, same = self._starts[File.ROWS], self._same
        return [same[first + int(place)] for place in places]

    def _rename(self, out: Numbers, source: Numbers) -> None:
        for place, number in zip(out, source, strict=True):
            self._same[place] = number

    def _add(self, step: Step) -> bool:
        if isinstance(step, Elementwise):
            return self._elementwise(step)
        if isinstance(step, Affine):
            self._affine(step)
        elif isinstance(step, Dot):
            left, right = (list(map(self._rows, side)) for side in (step.left, step.right))
            self._flat.lines.append(Sums(self._out(step.out), left, right, list(step.minus)))
        elif isinstance(step, Fold):
            out, places = self._out(step.out), list(map(self._rows, step.places))
            if len(set(map(len, places))) == 1:
                self._fold(step.primitive, out, places)
            else:
                for place, numbers in zip(out, places, strict=True):
                    self._fold(step.primitive, [place], [numbers])
        elif isinstance(step, Gather):
            first = self._starts[step.out.file]
            self._rename(self._out(step.out), [self._same[first + int(place)] for place in step.places])
        elif isinstance(step, Spread):
            self._rename(self._out(step.out), self._numbers(step.places))
        elif isinstance(step, Outer):
            self._outer(step)
        elif isinstance(step, Total):
            sums = [int(place) for place in step.sums]
            terms = [self._numbers(step.operand, moved=turn * step.apart) for turn in range(step.turns)]
            self._fold(primitives.add, sums, list(zip(*terms, strict=True)))
        elif isinstance(step, Choose):
            self._choose(step)
        elif isinstance(step, ScatterAdd):
            into = [[int(place) for place in row] for row in step.sums]
            added = [(self._numbers(index)[0], self._numbers(operand)) for index, operand in step.terms]
            self._flat.lines.append(RowSums(into, added))
        else:
            return False
        return True

    def _choose(self, step: Choose) -> None:
        """One look-up for all tables that are read at one index."""
        out = self._out(step.out)
        same_index: dict[int, list[int]] = {}
        for i, index in enumerate(self._numbers(step.index, len(out))):
            same_index.setdefault(index, []).append(i)
        for index, chosen in same_index.items():
            chosen.sort(key=lambda i: int(step.tables[i][0]))
            table = [self._numbers(row) for row in zip(*[step.tables[i] for i in chosen], strict=True)]
            self._flat.lines.append(Lookup([out[i] for i in chosen], index, table))

    def _elementwise(self, step: Elementwise) -> bool:
        if not has_form(step.primitive):
            return False
        out = self._out(step.out)
        operands = [self._numbers(operand, len(out)) for operand in step.operands]
        ones, by_one = self._ones, {primitives.multiply: (0, 1), primitives.divide: (1,)}.get(step.primitive, ())
        for side in by_one:
            if ones.issuperset(operands[side]):
                self._rename(out, operands[1 - side])
                return True
        self._flat.lines.append(FlatOperation(out, step.primitive, tuple(operands)))
        return True

    def _affine(self, step: Affine) -> None:
        out = self._out(step.out)
        start = None if step.bias is None else self._numbers(step.bias)
        height = len(out) // step.turns
        for turn in range(step.turns):
            part = out[turn * height : (turn + 1) * height]
            sums = start
            if start is not None and len(start) > height:
                sums = start[turn * height : (turn + 1) * height]
            elif start is not None and len(start) == 1:
                sums = start * height
            for number, (matrix, operand) in enumerate(step.terms):
                moved = turn * step.apart[number] if step.apart else 0
                right = self._numbers(operand, moved=moved)
                left = [self._numbers(row) for row in matrix]
                last = number == len(step.terms) - 1
                into = part if last else self._new(height)
                self._flat.lines.append(Sums(into, left, [right] * height, [0] * height, sums))
                sums = into

    def _new(self, count: int) -> list[int]:
        first = len(self._same)
        self._same.extend(range(first, first + count))
        self._flat.size = first + count
        return list(range(first, first + count))

    def _fold(self, primitive: Primitive, out: Numbers, places: Sequence[Numbers]) -> None:
        """One after the other, from left to right; places: for each result the numbers."""
        steps = len(places[0])
        total = [numbers[0] for numbers in places]
        for i in range(1, steps):
            into = list(out) if i == steps - 1 else self._new(len(out))
            self._flat.lines.append(FlatOperation(into, primitive, (total, [numbers[i] for numbers in places])))
            total = into
        if steps == 1:
            self._rename(out, total)

    def _outer(self, step: Outer) -> None:
        sides = [
            [self._numbers(side, moved=turn * apart) for turn in range(step.turns)]
            for side, apart in zip((step.left, step.right), step.apart, strict=True)
        ]
        rows = [[int(place) for place in row] for row in step.sums]
        if step.turns == 1:
            self._flat.lines.append(ProductMatrix(rows, sides[0][0], sides[1][0]))
            return
        lefts, rights = (list(zip(*side, strict=True)) for side in sides)
        for row, left in zip(rows, lefts, strict=True):
            self._flat.lines.append(Sums(row, [left] * len(row), list(rights), [0] * len(row)))

"""Where the numbers of a program for one row are: in the order in which they are computed, so that those that are
computed together are read together; and copies of those that are not, where many products read them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from autograd_core.compiler.backends.llvm.one_row.flatten import (
    Flat,
    FlatOperation,
    FlatProgram,
    Lookup,
    Numbers,
    ProductMatrix,
    RowSums,
    Sums,
)

APART = 1 << 40  # an address is (number of the array) * APART + (number in it)
_COPIES = 3 * APART  # where copies are until all else has its place
_WORTH = 3  # products with each number that is copied
_RUN = 4  # numbers in a part of an operation, at least
_TERMS = 8  # terms in a part of a sum of products, at least


class Arrangement:
    """`lines` in order, and the address of each place in three arrays: ONCE, `size` more numbers, and the results.

    results: the places whose numbers are among the results, or copied there.
    """

    def __init__(self, flat: FlatProgram, columns: Sequence[int], lanes: int) -> None:
        self._lanes = lanes
        self._next = flat.size  # the first place that has no number yet
        self.size = 0
        self._homes: dict[int, int] = {}
        self.lines: list[Flat] = []
        self._copies: dict[tuple[int, ...], list[int]] = {}
        self._copied = 0
        for first, count in zip(flat.columns, columns, strict=True):
            self._allocate(range(first, first + count))
        made = {place for line in flat.lines for place in line.out}
        brought: dict[int, int] = {}
        for number, place in enumerate(flat.values):
            if place in made and place not in self._homes:
                self._homes[place] = 2 * APART + number
            else:
                brought[number] = place
        self.results = set(self._homes).intersection(flat.values)
        self._often = self._count(flat.lines)
        self._wishes = self._find_wishes(flat.lines)
        for line in flat.lines:
            self._add(line)
        if brought:
            fresh = self._fresh(len(brought))
            self._homes.update({place: 2 * APART + number for place, number in zip(fresh, brought, strict=True)})
            self.results.update(fresh)
            self.lines.append(FlatOperation(fresh, None, (list(brought.values()),)))
        computed = self.size
        self.size += self._copied
        for place, address in self._homes.items():
            if address >= _COPIES:
                self._homes[place] = address - _COPIES + APART + computed

    def at(self, place: int) -> int:
        """The address of a place."""
        return self._homes.get(place, place)

    def are_neighbours(self, places: Numbers) -> bool:
        """Whether the numbers are next to each other."""
        first = self.at(places[0])
        return all(self.at(place) == first + i for i, place in enumerate(places))

    def _allocate(self, places: Sequence[int]) -> None:
        for place in places:
            if place not in self._homes:
                self._homes[place] = APART + self.size
                self.size += 1

    def _fresh(self, count: int) -> list[int]:
        self._next += count
        return list(range(self._next - count, self._next))

    def _add(self, line: Flat) -> None:
        if isinstance(line, FlatOperation):
            self._sort(line)
            for part in self._split(line):
                self._allocate(part.out)
                self.lines.append(part)
            return
        if isinstance(line, (Lookup, RowSums)):
            self._add_table(line)
            return
        parts: list[Flat] = [line]
        if isinstance(line, ProductMatrix):
            self._arrange_matrix(line)
        else:
            self._arrange_sums(line)
            parts = self._split_terms(line)
        for each in parts:
            self._allocate(each.out)
            self.lines.append(each)

    # -------------------------------------------------------------------------------------------- operations

    def _find_wishes(self, lines: Sequence[Flat]) -> dict[int, int]:
        """For numbers that results are computed from: their order, which is that of the results."""
        wishes = {place: address for place, address in self._homes.items() if address >= 2 * APART}
        for line in reversed(lines):
            if not isinstance(line, FlatOperation) or len(line.out) == 1 or not self._are_apart(line.out, wishes):
                continue
            for operand in line.operands:
                if operand[0] != operand[-1]:
                    for place, source in zip(line.out, operand, strict=True):
                        if place in wishes:
                            wishes.setdefault(source, wishes[place])
        return wishes

    def _are_apart(self, places: Sequence[int], wishes: dict[int, int]) -> bool:
        """Whether there are wishes for numbers, and no two the same, as for the terms of one sum."""
        wanted = [wishes[place] for place in places if place in wishes]
        return bool(wanted) and len(set(wanted)) == len(wanted)

    def _sort(self, line: FlatOperation) -> None:
        """Compute numbers in the order of what is computed from them, or in that of an operand."""
        if len(line.out) == 1:
            return
        wishes = self._wishes if self._are_apart(line.out, self._wishes) else {}
        sides = [operand for operand in line.operands if len(set(operand)) > 1]
        if wishes.keys().isdisjoint(line.out) and (not sides or any(map(self.are_neighbours, sides))):
            return
        side = max(sides, key=lambda operand: len(set(operand)), default=line.operands[0])
        keys = [
            (place in wishes, wishes.get(place, self.at(source))) for place, source in zip(line.out, side, strict=True)
        ]
        order = sorted(range(len(keys)), key=keys.__getitem__)
        line.out = _chosen(line.out, order)
        line.operands = tuple([_chosen(operand, order) for operand in line.operands])

    def _split(self, line: FlatOperation) -> list[FlatOperation]:
        """The operation in parts in which each operand is neighbours, or one number, where all of them are long."""
        count = len(line.out)
        starts = {0}
        for operand in {id(operand): operand for operand in line.operands}.values():
            addresses = list(map(self.at, operand))
            step = None
            for i in range(1, count):
                own = addresses[i] - addresses[i - 1]
                if step is None and own in (0, 1):
                    step = own
                elif own != step:
                    starts.add(i)
                    step = None
        if len(starts) == 1 or len(starts) * _RUN > count:
            return [line]
        return [
            FlatOperation(line.out[a:b], line.primitive, tuple([operand[a:b] for operand in line.operands]))
            for a, b in pairwise([*sorted(starts), count])
        ]

    # ------------------------------------------------------------------------------------------------ products

    def _arrange_matrix(self, line: ProductMatrix) -> None:
        wishes = self._wishes if self._are_apart(line.out, self._wishes) else {}
        order_of = {place: wishes.get(place, place) for place in line.out}
        order = sorted(range(len(line.right)), key=lambda j: order_of[line.rows[0][j]])
        line.rows = [_chosen(row, order) for row in line.rows]
        line.right = _chosen(line.right, order)
        order = sorted(range(len(line.left)), key=lambda i: order_of[line.rows[i][0]])
        line.rows = _chosen(line.rows, order)
        line.left = _chosen(line.left, order)
        first = order_of[line.rows[0][0]]
        along, down = (order_of[row[-1]] - first for row in (line.rows[0][:2], [line.rows[:2][-1][0]]))
        if len(line.left) > 1 and (len(line.right) == 1 or down < along):
            line.rows, line.left, line.right = _transposed(line.rows), line.right, line.left
        if len(line.left) >= _WORTH and len(line.right) > 1:
            line.right = list(self._copy(line.right))

    def _arrange_sums(self, line: Sums) -> None:
        """Put what is added up in an order in which one side is next to each other, and copy the other."""
        terms, count = len(line.left[0]), len(line.out)
        if len(set(map(len, line.left))) > 1 or count * terms < 2 * self._lanes or len(set(line.minus)) > 1:
            return
        if self._are_apart(line.out, self._wishes):
            order = sorted(range(count), key=lambda i: self._wishes.get(line.out[i], 0))
            if order != list(range(count)):
                line.out, line.minus = _chosen(line.out, order), _chosen(line.minus, order)
                line.left, line.right = _chosen(line.left, order), _chosen(line.right, order)
                line.start = line.start and _chosen(line.start, order)
        if line.minus[0] in (0, terms):
            self._sort_terms(line)
        costs = [self._cost(line, across) for across in (False, True)]
        lanes = self._lanes
        costs[0] += count * (-(-terms // lanes) + 2)
        costs[1] += -(-count // lanes) * 2 * terms
        if min(costs) >= count * terms:
            return
        across = costs[1] < costs[0]
        line.left, line.right = (self._copied_side(side, across) for side in (line.left, line.right))

    def _sort_terms(self, line: Sums) -> None:
        """In the order of the factors that differ from sum to sum, if the others are the same for all."""
        for side, other in ((line.left, line.right), (line.right, line.left)):
            if all(each is other[0] for each in other):
                order = sorted(range(len(side[0])), key=lambda j: self.at(side[0][j]))
                if order != list(range(len(side[0]))):
                    shared = _chosen(other[0], order)
                    moved, same = [_chosen(row, order) for row in side], [shared] * len(side)
                    line.left, line.right = (moved, same) if side is line.left else (same, moved)
                return

    def _split_terms(self, line: Sums) -> list[Flat]:
        """The sums one after the other over terms that are evenly spaced."""
        row = list(map(self.at, line.left[0]))
        starts = [0]
        for j in range(2, len(row)):
            if j - starts[-1] > 1 and row[j] - row[j - 1] != row[j - 1] - row[j - 2]:
                starts.append(j)
        stops = [*starts, len(row)]
        if len(starts) == 1 or line.minus[0] not in (0, len(row)) or any(b - a < _TERMS for a, b in pairwise(stops)):
            return [line]
        found: list[Flat] = []
        start = line.start
        for a, b in pairwise(stops):
            out = line.out if b == len(row) else self._fresh(len(line.out))
            left, right = ([numbers[a:b] for numbers in side] for side in (line.left, line.right))
            if all(each is line.right[0] for each in line.right):
                right = [right[0]] * len(right)
            found.append(Sums(out, left, right, [(b - a) * (each > 0) for each in line.minus], start))
            start = out
        return found

    def _cost(self, line: Sums, across: bool) -> float:
        """The numbers to be copied, those that are copied for several sums of products divided among them."""
        cost = 0.0
        for side in (line.left, line.right):
            shared = all(each is side[0] for each in side)
            if across and not shared:
                columns = _transposed(side)
                if not all(map(self.are_neighbours, columns)):
                    cost += len(side) * len(side[0]) / self._often[_key(side)]
            elif not across:
                for numbers in {tuple(numbers) for numbers in side}:
                    if not self.are_neighbours(numbers):
                        cost += len(numbers) / self._often[_key([numbers])]
        return 2 * cost

    def _copied_side(self, side: Sequence[Numbers], across: bool) -> Sequence[Numbers]:
        if not across:
            found = {id(numbers): self._copy(numbers) for numbers in side}
            return [found[id(numbers)] for numbers in side]
        columns = _transposed(side)
        if all(each is side[0] for each in side) or all(map(self.are_neighbours, columns)):
            return side
        copied = self._copy([place for column in columns for place in column])
        return [copied[i :: len(side)] for i in range(len(side))]

    def _copy(self, numbers: Numbers) -> Numbers:
        if self.are_neighbours(numbers):
            return numbers
        key = tuple(numbers)
        if key not in self._copies:
            self._copies[key] = fresh = self._fresh(len(key))
            for place in fresh:
                self._homes[place] = _COPIES + self._copied
                self._copied += 1
            self.lines.append(FlatOperation(fresh, None, (list(key),)))
        return self._copies[key]

    # -------------------------------------------------------------------------------------------------- tables

    def grid(self, rows: Sequence[Numbers]) -> tuple[int, int] | None:
        """The distances of neighbours in a matrix, down and along; None where they differ."""
        first, width = self.at(rows[0][0]), len(rows[0])
        down = self.at(rows[-1][0]) - first
        along = self.at(rows[0][-1]) - first
        down, along = down // max(1, len(rows) - 1), along // max(1, width - 1)
        is_even = all(
            self.at(place) == first + k * down + j * along for k, row in enumerate(rows) for j, place in enumerate(row)
        )
        return (down, along) if is_even and max(abs(down), abs(along)) < APART // 2 else None

    def _add_table(self, line: Lookup | RowSums) -> None:
        """A table whose numbers are not evenly spaced is copied before it is read, or after it is written."""
        if isinstance(line, RowSums):
            line.terms = [(index, list(self._copy(numbers))) for index, numbers in line.terms]
        elif self.grid(line.table) is None:
            copied, width = self._copy([place for row in line.table for place in row]), len(line.out)
            line.table = [list(copied[start : start + width]) for start in range(0, len(copied), width)]
        out = line.out
        self._allocate(out)
        self.lines.append(line)
        if not self.are_neighbours(out):
            fresh = self._fresh(len(out))
            self._allocate(fresh)
            if isinstance(line, RowSums):
                width = len(line.rows[0])
                line.rows = [fresh[start : start + width] for start in range(0, len(fresh), width)]
            else:
                line.out = fresh
            copies = dict(zip(out, fresh, strict=True))  # a place may stand for several rows that nobody reads
            self.lines.append(FlatOperation(list(copies), None, (list(copies.values()),)))

    def _count(self, lines: Sequence[Flat]) -> Counter[int]:
        """How often each list of factors, and each matrix of them, is in sums of products."""
        often: Counter[int] = Counter()
        for line in lines:
            if isinstance(line, Sums):
                for side in (line.left, line.right):
                    often[_key(side)] += 1
                    if len(side) > 1:
                        often.update(map(_key, ([numbers] for numbers in side)))
        return often


def _chosen(numbers: Sequence[Any], order: Sequence[int]) -> list[Any]:
    return [numbers[i] for i in order]


def _transposed(side: Sequence[Numbers]) -> list[list[int]]:
    return [[row[j] for row in side] for j in range(len(side[0]))]


def _key(side: Sequence[Numbers]) -> int:
    """A number that is the same for the same places in any order, and hardly for others."""
    return hash(frozenset([place for numbers in side for place in numbers]))

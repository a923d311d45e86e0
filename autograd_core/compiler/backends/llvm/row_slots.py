"""Where the places of ROWS are in memory: a number that is no longer read leaves its room to others.

In the vectorised program each place is written once. Most numbers are read soon and never again, so far fewer are
needed at once than there are, and more rows fit into the cache. Places that one kernel takes as a range stay together.
What a kernel keeps in registers has no room at all.
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from autograd_core.compiler.backends.llvm.copies import RowPlaces
from autograd_core.compiler.backends.llvm.fusion import Pass
from autograd_core.compiler.vectorise.vector_program import (
    Dot,
    File,
    Fold,
    Gather,
    Operand,
    Span,
    Step,
    Total,
    VectorProgram,
    operands_of,
)

Range = tuple[int, int]  # the first place, and the place after the last


@dataclass(frozen=True, slots=True)
class RowSlots:
    """of: for each place of ROWS where it is, or 0 where it is not in memory. size: how many numbers there are."""

    of: npt.NDArray[np.int64]
    size: int


def row_slots(program: VectorProgram, items: Sequence[Pass | Step]) -> RowSlots:
    """The room of each place when the kernels of `items` run one after the other, after the columns are read."""
    uses = [(-1, column.start, column.stop) for column in program.columns if column.size]
    uses += [(-1, place, place + 1) for place in program.ones]
    for time, item in enumerate(items):
        uses += [(time, start, stop) for start, stop in _ranges(item)]
    uses += [(len(items), int(place), int(place) + 1) for place in (*program.ones, *program.by_row)]
    if not uses:
        return RowSlots(np.zeros(program.rows, np.int64), 0)
    times, firsts, stops = np.array(uses, np.int64).T
    edges = np.zeros(program.rows + 1, np.int64)
    np.add.at(edges, firsts, 1)
    np.add.at(edges, stops - 1, -1)
    begins = np.concatenate([[True], np.cumsum(edges)[: program.rows - 1] == 0])  # no use goes over this place
    number = np.cumsum(begins) - 1  # of the range of each place
    first = np.flatnonzero(begins)
    size = np.diff(first, append=program.rows)
    written, read = np.full(len(first), len(items)), np.full(len(first), -2)
    np.minimum.at(written, number[firsts], times)
    np.maximum.at(read, number[firsts], times)
    room = _Room()
    slots = np.zeros(len(first), np.int64)
    ending: defaultdict[int, list[int]] = defaultdict(list)
    now = -1
    for each in np.argsort(written, kind="stable").tolist():
        if read[each] < -1:
            continue
        while now < written[each]:
            for gone in ending.pop(now, ()):
                room.give_back(int(slots[gone]), int(size[gone]))
            now += 1
        slots[each] = room.take(int(size[each]))
        ending[int(read[each])].append(each)
    places = np.where(read[number] < -1, 0, slots[number] + np.arange(program.rows) - first[number])
    return RowSlots(places, room.size)


def _ranges(item: Pass | Step) -> Iterator[Range]:
    """The ranges of ROWS that a kernel reads and writes."""
    if isinstance(item, Pass):
        for _, operand in item.inputs:
            yield from _ranges_of(operand)
        for file, start, size in item.outputs:
            if file is File.ROWS:
                yield start, start + size
        if item.product is not None:
            yield from _read(item.product)
            if len(item.product.terms) > 1:  # all but the last are added up there
                yield item.product.out.start, item.product.out.stop
        return
    yield from _read(item)
    out = None if isinstance(item, Total) else getattr(item, "out", None)
    if isinstance(out, Span) and out.file is File.ROWS:
        yield out.start, out.stop


def _read(step: Step) -> Iterator[Range]:
    if isinstance(step, (Dot, Fold)) or (isinstance(step, Gather) and step.out.file is File.ROWS):
        lists = (*step.left, *step.right) if isinstance(step, Dot) else step.places
        for place in lists if isinstance(step, Gather) else chain.from_iterable(lists):
            yield int(place), int(place) + 1
        return
    for operand in operands_of(step):
        yield from _ranges_of(operand)


def _ranges_of(operand: Operand | RowPlaces) -> Iterator[Range]:
    if isinstance(operand, RowPlaces):
        for place in operand.places:
            yield place, place + 1
    elif isinstance(operand, Span) and operand.file is File.ROWS:
        yield operand.start, operand.stop


class _Room:
    """Slots in use and free. size: of all that were ever in use."""

    def __init__(self) -> None:
        self.size = 0
        self._starts: dict[int, dict[int, None]] = {}  # by the size of a free range
        self._sizes: list[int] = []  # of free ranges, in order
        self._by_start: dict[int, int] = {}  # the size of the free range that begins there
        self._by_stop: dict[int, int] = {}  # the size of the free range that ends there

    def take(self, size: int) -> int:
        """Where so many neighbours are free: in the smallest free range that has them, or at the end."""
        at = bisect.bisect_left(self._sizes, size)
        if at == len(self._sizes):
            start = self.size - self._by_stop.get(self.size, 0)
            self._remove(start)
            self.size = start + size
            return start
        found = self._sizes[at]
        start = next(reversed(self._starts[found]))  # the last that became free may still be in the cache
        self._remove(start)
        if found > size:
            self._add(start + size, found - size)
        return start

    def give_back(self, start: int, size: int) -> None:
        """Free a range, and join it to the free ranges beside it."""
        before, after = self._by_stop.get(start, 0), self._by_start.get(start + size, 0)
        self._remove(start - before)
        self._remove(start + size)
        self._add(start - before, before + size + after)

    def _add(self, start: int, size: int) -> None:
        if size not in self._starts:
            self._starts[size] = {}
            bisect.insort(self._sizes, size)
        self._starts[size][start] = None
        self._by_start[start] = self._by_stop[start + size] = size

    def _remove(self, start: int) -> None:
        size = self._by_start.pop(start, 0)
        if not size:
            return
        del self._by_stop[start + size], self._starts[size][start]
        if not self._starts[size]:
            del self._starts[size]
            self._sizes.pop(bisect.bisect_left(self._sizes, size))

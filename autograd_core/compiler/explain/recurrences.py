"""Recurrences in the lines of a program: a pattern that follows itself, as the lines of the steps of an RNN do.

The compiler has found already what recurs in the scalars, and computes it side by side where it can. Lines that still
recur are the steps that wait for one another.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import NamedTuple

Numbers = Sequence[int]


class Recurrence(NamedTuple):
    """A stretch of a sequence: `turns` turns of `period` items from `start` on."""

    start: int
    period: int
    turns: int

    @property
    def stop(self) -> int:
        """The place after the last turn."""
        return self.start + self.period * self.turns


def recurrences(
    kinds: Sequence[Hashable],
    carried: Callable[[int, int], int],
    fewest: int,
    longest: int,
    numbers: Sequence[Numbers] | None = None,
) -> Iterator[Recurrence]:
    """The recurrences in a sequence, each the one that takes in most from where it begins; None in `kinds` is in none.

    carried: (border, period) -> how many numbers pass a border from one turn to the next. A turn begins where the
    fewest do; of several such borders at the last one that leaves out no turn. fewest: turns. longest: items in a
    turn. numbers: of each item; from turn to turn they stay or grow by the same step.

    >>> list(recurrences([7, 1, 2, 3, 1, 2, 3, 1, 2, 9], lambda border, period: 0, fewest=2, longest=5))
    [Recurrence(start=3, period=3, turns=2)]
    """
    at = 0
    while at < len(kinds):
        best, end = Recurrence(at, 1, 1), at + 1
        for period in range(1, min(longest, (len(kinds) - at) // fewest) + 1):
            stop = _stop(kinds, numbers, at, period)
            turns = (stop - at) // period
            if turns >= fewest and turns * period > best.turns * best.period:
                best, end = Recurrence(at, period, turns), stop
        if best.turns > 1:
            starts = range(at, end - best.period * best.turns + 1)
            at = min(reversed(starts), key=lambda start: carried(start + best.period, best.period))
            best = best._replace(start=at)
            yield best
        at = best.stop


def _stop(kinds: Sequence[Hashable], numbers: Sequence[Numbers] | None, start: int, period: int) -> int:
    """Where the pattern that begins at `start` and has this period ends."""
    at = start + period
    while at < len(kinds) and kinds[at] is not None and kinds[at] == kinds[at - period]:
        if numbers is not None and at - 2 * period >= start:
            triples = zip(numbers[at - 2 * period], numbers[at - period], numbers[at], strict=True)
            if any(c - b != b - a for a, b, c in triples):
                break
        at += 1
    return at

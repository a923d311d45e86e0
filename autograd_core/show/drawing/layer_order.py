"""The order of the vertices in each layer, and their places across: near their neighbours, and without overlap."""

from __future__ import annotations

import math
from bisect import bisect, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

_SWEEPS, _FEW_SWEEPS = 8, 2
_LARGE = 3000  # vertices; a larger sheet is not read card by card, so few sweeps suffice


@dataclass(slots=True, eq=False)
class Vertex:
    """Something that takes room in a layer: a card, a frame, the words on a link, a link that passes, or a port.

    unit: the number of the card or frame, -1 for the others. along, across: its size. margin: kept free on both sides.
    strength: of two that want the same place the stronger one gets it. place: its middle across.
    """

    unit: int = -1
    along: float = 0.0
    across: float = 0.0
    margin: float = 0.0
    strength: float = 0.0
    layer: int = 0
    place: float = 0.0
    rank: float = 0.0
    step: float = 0.0
    weight: float = 0.0
    before: list[Segment] = field(default_factory=list)
    after: list[Segment] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Segment:
    """A link between neighbouring layers. leaves, arrives: how far from the middle of its ends it touches them.

    is_main: whether the link comes from the longest of the computations that meet at its head.
    """

    link: int
    tail: Vertex
    head: Vertex
    strength: float
    is_main: bool
    leaves: float = 0.0
    arrives: float = 0.0


Rows = Sequence[list[Vertex]]


def order_layers(rows: Rows) -> None:
    """Sort each layer by the mean position of its neighbours, back and forth, and keep the order with the fewest
    crossings."""
    is_small = sum(map(len, rows)) < _LARGE
    for row in rows:
        _renumber(row)
    fewest, best = math.inf, [list(row) for row in rows]
    for sweep in range(_SWEEPS if is_small else _FEW_SWEEPS):
        back = sweep % 2 == 0
        for row in reversed(rows) if back else rows:
            if len(row) > 1:
                wanted = {vertex: _mean_rank(vertex, back) for vertex in row}
                row.sort(key=wanted.__getitem__)
                _renumber(row)
        if is_small and (crossings := count_crossings(rows)) < fewest:
            fewest, best = crossings, [list(row) for row in rows]
            if not crossings:
                break
    if is_small:
        for row, order in zip(rows, best, strict=True):
            row[:] = order


def _renumber(row: list[Vertex]) -> None:
    step = 1.0 / len(row)  # ranks in layers of different length must compare
    for place, vertex in enumerate(row):
        vertex.rank = (place + 0.5) * step
        vertex.step = step


def _mean_rank(vertex: Vertex, back: bool) -> float:
    ranks = [_rank_at_head(segment) for segment in vertex.after] if back else list(map(_rank_at_tail, vertex.before))
    return sum(ranks) / len(ranks) if ranks else vertex.rank


def _rank_at_head(segment: Segment) -> float:
    head = segment.head
    return head.rank + segment.arrives / head.across * head.step if segment.arrives else head.rank


def _rank_at_tail(segment: Segment) -> float:
    tail = segment.tail
    return tail.rank + segment.leaves / tail.across * tail.step if segment.leaves else tail.rank


def count_crossings(rows: Rows) -> int:
    """How often segments between neighbouring layers cross."""
    crossings = 0
    for row in rows:
        ends = sorted((_rank_at_tail(segment), _rank_at_head(segment)) for vertex in row for segment in vertex.after)
        earlier: list[float] = []
        for _, head in ends:
            crossings += len(earlier) - bisect(earlier, head)
            insort(earlier, head)
    return crossings


# ------------------------------------------------------------------------------------------------------- places


def find_places(rows: Rows) -> None:
    """Give each vertex its place across: near its neighbours, in the order of its row and without overlap.

    The longest computation is followed first, and it runs straight: constants and parameters make room for it.
    """
    everything = [vertex for row in rows for vertex in row]
    before = {vertex: _followed(vertex) for vertex in everything}
    after = {vertex: [segment for segment in vertex.after if segment.is_main] or vertex.after for vertex in everything}
    for vertex in everything:
        vertex.weight = (0.1 + vertex.strength) ** 2
    for row in rows:
        _spread(row, [0.0] * len(row))
    sweeps = _SWEEPS if len(everything) < _LARGE else _FEW_SWEEPS
    for sides in [*["before", "after"] * (sweeps // 2), "both", "both", "before"]:
        for row in reversed(rows) if sides == "after" else rows:
            wanted = []
            for vertex in row:
                places = [_place_at_tail(segment) for segment in before[vertex]] if sides != "after" else []
                if sides != "before" or not places:
                    places += [_place_at_head(segment) for segment in after[vertex]]
                wanted.append(sum(places) / len(places) if places else vertex.place)
            _spread(row, wanted)


def _followed(vertex: Vertex) -> list[Segment]:
    """The strongest segments before a vertex; none where several links part just before it: each runs to its end."""
    most = max((segment.strength for segment in vertex.before), default=0.0)
    strongest = [segment for segment in vertex.before if segment.strength == most]
    parts = vertex.unit < 0 and any(_is_shared(segment.tail) for segment in strongest)
    return [] if parts else strongest


def _is_shared(vertex: Vertex) -> bool:
    """Whether a vertex is a port or a hub from which several links go on."""
    return vertex.unit < 0 and len(vertex.after) > 1


def _place_at_tail(segment: Segment) -> float:
    return segment.tail.place + segment.leaves - segment.arrives


def _place_at_head(segment: Segment) -> float:
    return segment.head.place + segment.arrives - segment.leaves


def _spread(row: Sequence[Vertex], wanted: Iterable[float]) -> None:
    """Put a layer as close to the wanted places as order and gaps allow, in least squares."""
    here = [0.0]
    for previous, vertex in pairwise(row):
        here.append(here[-1] + _distance(previous, vertex))
    shifts = rising([want - place for want, place in zip(wanted, here, strict=True)], [vertex.weight for vertex in row])
    for vertex, place, shift in zip(row, here, shifts, strict=True):
        vertex.place = place + shift


def _distance(first: Vertex, second: Vertex) -> float:
    return (first.across + second.across) / 2 + first.margin + second.margin


def rising(wanted: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The numbers closest to the wanted ones, in least squares, none of which is less than the one before it."""
    pools: list[tuple[float, float, int]] = []  # mean, weight, count
    for mean, weight in zip(wanted, weights, strict=True):
        count = 1
        while pools and pools[-1][0] >= mean:
            other, heavy, many = pools.pop()
            mean = (mean * weight + other * heavy) / (weight + heavy)
            weight += heavy
            count += many
        pools.append((mean, weight, count))
    return [mean for mean, _, count in pools for _ in range(count)]


def straighten(rows: Rows, chains: Iterable[Sequence[Vertex]]) -> None:
    """Let links run straight on through as many layers as their neighbours allow, those of long computations first."""
    beside = {
        vertex: (row[place - 1] if place else None, row[place + 1] if place + 1 < len(row) else None)
        for row in rows
        for place, vertex in enumerate(row)
    }
    in_turn = sorted(chains, key=lambda chain: (-max(vertex.strength for vertex in chain), -len(chain)))
    for chain in [*in_turn, *in_turn]:  # what made no room in the first turn may have moved in it
        passed = [vertex for vertex in chain if vertex.unit < 0 and len(vertex.before) < 2 > len(vertex.after)]
        if not passed or any(vertex not in beside for vertex in passed) or len(chain) == 2 > len(passed):
            continue
        first, last = passed[0].before, passed[-1].after
        wanted = passed[0].place
        if first and not (last and _is_shared(first[0].tail)):
            wanted = first[0].tail.place + first[0].leaves
        elif last:
            wanted = last[0].head.place + last[0].arrives
        run: list[Vertex] = []
        low, high = -math.inf, math.inf
        for vertex in passed:
            above, below = beside[vertex]
            lowest = above.place + _distance(above, vertex) if above else -math.inf
            highest = below.place - _distance(vertex, below) if below else math.inf
            if run and max(low, lowest) > min(high, highest):
                wanted = _set_places(run, wanted, low, high)
                run, low, high = [], -math.inf, math.inf
            run.append(vertex)
            low, high = max(low, lowest), min(high, highest)
        _set_places(run, wanted, low, high)


def _set_places(run: Sequence[Vertex], wanted: float, low: float, high: float) -> float:
    place = max(low, min(wanted, high))
    for vertex in run:
        vertex.place = place
    return place

"""The places of the vertices across: near their neighbours, in the order of their layers, and without overlap."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

from autograd_core.show.drawing.layout.vertices import LARGE, Rows, Segment, Vertex

Neighbours = dict[Vertex, list[tuple[Vertex, float]]]  # with how far from their middles a straight link would lead

_SWEEPS, _FEW_SWEEPS = 8, 2
_STILL = 0.1  # pixels: when nothing moves further, sweeps end


def find_places(rows: Rows) -> None:
    """Give each vertex its place across: near its neighbours, in the order of its row and without overlap.

    The longest computation is followed first, and it runs straight: constants and parameters make room for it.
    """
    everything = [vertex for row in rows for vertex in row]
    before: Neighbours = {}
    after: Neighbours = {}
    for vertex in everything:
        before[vertex] = [(segment.tail, segment.leaves - segment.arrives) for segment in _followed(vertex)]
        main = [segment for segment in vertex.after if segment.is_main] or vertex.after
        after[vertex] = [(segment.head, segment.arrives - segment.leaves) for segment in main]
        vertex.weight = (0.1 + vertex.strength) ** 2
    for row in rows:
        _spread(row, [0.0] * len(row))
    for _ in range((_SWEEPS if len(everything) < LARGE else _FEW_SWEEPS) // 2):
        moved = [_sweep(rows, before, after), _sweep(rows[::-1], after, {})]
        if max(moved) < _STILL:
            break
    for _ in range(2):
        _sweep(rows, {vertex: before[vertex] + after[vertex] for vertex in everything}, {})
    _sweep(rows, before, after)


def _sweep(rows: Rows, first: Neighbours, otherwise: Neighbours) -> float:
    """Put each vertex, row by row, in the middle of its neighbours; returns how far one moved at most."""
    furthest = 0.0
    for row in rows:
        wanted = []
        for vertex in row:
            near = first[vertex] or otherwise.get(vertex)
            wanted.append(sum([other.place + shift for other, shift in near]) / len(near) if near else vertex.place)
        furthest = max(furthest, _spread(row, wanted))
    return furthest


def _followed(vertex: Vertex) -> list[Segment]:
    """The strongest segments before a vertex; none where several links part just before it: each runs to its end."""
    most = max((segment.strength for segment in vertex.before), default=0.0)
    strongest = [segment for segment in vertex.before if segment.strength == most]
    parts = vertex.unit < 0 and any(_is_shared(segment.tail) for segment in strongest)
    return [] if parts else strongest


def _is_shared(vertex: Vertex) -> bool:
    """Whether a vertex is a port or a hub from which several links go on."""
    return vertex.unit < 0 and len(vertex.after) > 1


def _spread(row: Sequence[Vertex], wanted: Sequence[float]) -> float:
    """Put a layer as close to the wanted places as order and gaps allow, in least squares; returns the largest move."""
    here, starts = 0.0, [0.0]
    for previous, vertex in pairwise(row):
        here += _distance(previous, vertex)
        starts.append(here)
    shifts = rising([want - start for want, start in zip(wanted, starts, strict=True)], [one.weight for one in row])
    furthest = 0.0
    for vertex, start, shift in zip(row, starts, shifts, strict=True):
        furthest = max(furthest, abs(start + shift - vertex.place))
        vertex.place = start + shift
    return furthest


def _distance(first: Vertex, second: Vertex) -> float:
    return (first.across + second.across) / 2 + first.margin + second.margin


def rising(wanted: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The numbers closest to the wanted ones, in least squares, none of which is less than the one before it."""
    if len(wanted) == 1:
        return list(wanted)
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
        wanted = passed[0].place + passed[0].shift
        if first and not (last and _is_shared(first[0].tail)):
            wanted = first[0].tail.place + first[0].leaves
        elif last:
            wanted = last[0].head.place + last[0].arrives
        run: list[Vertex] = []
        low, high = -math.inf, math.inf
        for vertex in passed:
            above, below = beside[vertex]
            lowest = above.place + _distance(above, vertex) + vertex.shift if above else -math.inf
            highest = below.place - _distance(vertex, below) + vertex.shift if below else math.inf
            if run and max(low, lowest) > min(high, highest):
                wanted = _set_places(run, wanted, low, high)
                run, low, high = [], -math.inf, math.inf
            run.append(vertex)
            low, high = max(low, lowest), min(high, highest)
        _set_places(run, wanted, low, high)


def _set_places(run: Sequence[Vertex], wanted: float, low: float, high: float) -> float:
    place = max(low, min(wanted, high))
    for vertex in run:
        vertex.place = place - vertex.shift
    return place

"""The order of the vertices in each layer: few crossings of links."""

from __future__ import annotations

import math
from bisect import bisect, insort

from autograd_core.show.drawing.layout.vertices import LARGE, Rows, Segment, Vertex

_SWEEPS, _FEW_SWEEPS = 8, 2


def order_layers(rows: Rows) -> None:
    """Sort each layer by the mean position of its neighbours, back and forth, and keep the order with the fewest
    crossings."""
    is_small = sum(map(len, rows)) < LARGE
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

"""The order of the cards in each layer, and their places across: near their neighbours, and without overlap.

Cards and dummies are numbers here, layers are rows of them, and links are steps between neighbouring rows.
"""

from __future__ import annotations

from collections.abc import Sequence

from autograd_core.show.theme import ROW_GAP

_SWEEPS, _FEW_SWEEPS = 6, 2
_LARGE = 3000  # cards; a larger sheet is not read card by card, so few sweeps suffice


def neighbours(count: int, segments: Sequence[tuple[int, int]]) -> tuple[list[list[int]], list[list[int]]]:
    """The neighbours of each of `count` cards and dummies: those before it, and those behind it."""
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    for tail, head in segments:
        before[head].append(tail)
        after[tail].append(head)
    return before, after


def order_layers(layer: Sequence[int], segments: Sequence[tuple[int, int]]) -> list[list[int]]:
    """The cards and dummies of each layer, ordered by the mean position of their neighbours, down and up in turn."""
    rows: list[list[int]] = [[] for _ in range(max(layer) + 1)]
    for index, depth in enumerate(layer):
        rows[depth].append(index)
    before, after = neighbours(len(layer), segments)
    position = [0.0] * len(layer)
    for row in rows:
        _renumber(row, position)
    for sweep in range(_SWEEPS if len(layer) < _LARGE else _FEW_SWEEPS):
        beside = after if sweep % 2 == 0 else before
        for row in reversed(rows) if sweep % 2 == 0 else rows:
            if len(row) > 1:
                wanted = {index: _mean(beside[index], position, position[index]) for index in row}
                row.sort(key=wanted.__getitem__)
                _renumber(row, position)
    return rows


def _mean(of: Sequence[int], values: Sequence[float], otherwise: float) -> float:
    if len(of) < 2:
        return values[of[0]] if of else otherwise
    return sum([values[index] for index in of]) / len(of)


def _renumber(row: Sequence[int], position: list[float]) -> None:
    step = 1.0 / len(row)  # positions in layers of different length must compare
    for place, index in enumerate(row):
        position[index] = (place + 0.5) * step


def find_places(
    rows: Sequence[Sequence[int]], segments: Sequence[tuple[int, int]], sizes: Sequence[float], cards: int
) -> list[float]:
    """The place across of each card and dummy: near its neighbours, in the order of its row and without overlap.

    The longest computations weigh most: with equal weights, the constants beside a chain would shift it in every layer.
    """
    before, after = neighbours(len(sizes), segments)
    depth = [0] * len(sizes)
    for row in rows:
        for index in row:
            if before[index]:
                deepest = max([depth[source] for source in before[index]])
                before[index] = [source for source in before[index] if depth[source] == deepest]
                depth[index] = deepest + (index < cards)  # a dummy computes nothing
    weights = [(1.0 + steps) ** 2 for steps in depth]
    both = [sources + users for sources, users in zip(before, after, strict=True)]
    places = [0.0] * len(sizes)
    for row in rows:
        _spread(row, places, sizes, [0.0] * len(row), weights)
    first = [before, after] * ((_SWEEPS if len(sizes) < _LARGE else _FEW_SWEEPS) // 2)
    for sweep, beside in enumerate([*first, both, both]):
        for row in reversed(rows) if sweep % 2 else rows:
            _spread(row, places, sizes, [_mean(beside[index], places, places[index]) for index in row], weights)
    return places


def _spread(
    row: Sequence[int],
    places: list[float],
    sizes: Sequence[float],
    wanted: Sequence[float],
    weights: Sequence[float],
) -> None:
    """Put a layer as close to the wanted places as order and gaps allow, in least squares: pool what would collide."""
    here = 0.0
    previous = row[0]
    pools: list[tuple[float, float, list[tuple[int, float]]]] = []  # mean of wanted - offset, weight, members
    for index, want in zip(row, wanted, strict=True):
        if index != previous:
            gap = ROW_GAP if sizes[index] and sizes[previous] else ROW_GAP / 2
            here += (sizes[previous] + sizes[index]) / 2 + gap
            previous = index
        mean, weight, members = want - here, weights[index], [(index, here)]
        while pools and pools[-1][0] >= mean:
            other, heavy, earlier = pools.pop()
            mean = (mean * weight + other * heavy) / (weight + heavy)
            weight += heavy
            earlier.extend(members)
            members = earlier
        pools.append((mean, weight, members))
    for mean, _, members in pools:
        for index, offset in members:
            places[index] = mean + offset

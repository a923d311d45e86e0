"""Our own layered layout, for graphs too large for a layout program and for machines without one.

The classic steps (Sugiyama, Tagawa and Toda 1981): a layer for every card, dummies where a link crosses layers, an
order in every layer by barycentres, then places. It is deterministic, without recursion, and about linear in the graph.
`along` is the direction of the computation and `across` the other one; only the last step converts them to x and y.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from autograd_core.show.drawing.diagram import Diagram
from autograd_core.show.drawing.layer_order import find_places, neighbours, order_layers
from autograd_core.show.theme import LAYER_GAP, LINE_HEIGHT, MARGIN, SMALL, TITLE, text_width

Direction = Literal["LR", "TB"]
Point = tuple[float, float]
Rectangle = tuple[float, float, float, float]  # left, top, right, bottom

_MOST_DUMMIES = 12_000  # past this number, a link across layers is one long curve
_FRAME_PADDING = 12.0


@dataclass(slots=True)
class Layout:
    """Where everything is, in pixels from the top left corner.

    centres: of each card. paths: for each link the points of a cubic spline, first at the tail, last at the tip.
    frames: the rectangle of each frame, None where it would enclose a card that is not its own.
    """

    width: float
    height: float
    centres: list[Point]
    paths: list[list[Point]]
    frames: list[Rectangle | None] = field(default_factory=list)


def own_layout(diagram: Diagram, direction: Direction = "LR") -> Layout:
    """Place a diagram in layers from left to right, or from the top down."""
    lying = direction == "LR"
    along = [card.width if lying else card.height for card in diagram.cards]
    across = [card.height if lying else card.width for card in diagram.cards]
    ends = [(link.tail, link.head) for link in diagram.links]
    layer_of = layers(len(along), ends)
    chains, segments = _with_dummies(layer_of, ends)
    sizes = across + [0.0] * (len(layer_of) - len(across))
    rows = order_layers(layer_of, segments)
    places = find_places(rows, segments, sizes, len(along))
    starts, thick = _layer_starts(rows, along, layer_gap(diagram, direction))
    centre = [starts[layer] + thick[layer] / 2 for layer in layer_of]
    paths = _paths(chains, layer_of, places, along, across, starts, thick)
    low = min(place - size / 2 for place, size in zip(places, sizes, strict=True))
    high = max(place + size / 2 for place, size in zip(places, sizes, strict=True))

    def put(point: Point) -> Point:
        here, there = point[0] + MARGIN, point[1] - low + MARGIN
        return (here, there) if lying else (there, here)

    length, breadth = starts[-1] + thick[-1] + 2 * MARGIN, high - low + 2 * MARGIN
    layout = Layout(
        length if lying else breadth,
        breadth if lying else length,
        [put((centre[index], places[index])) for index in range(len(along))],
        [[put(point) for point in path] for path in paths],
    )
    _frame(diagram, layout)
    return layout


def layer_gap(diagram: Diagram, direction: Direction) -> float:
    """The room between layers: enough for the words on the links."""
    if direction == "TB":
        return LAYER_GAP
    return max([LAYER_GAP, *(text_width(link.note, SMALL) + 44.0 for link in diagram.links if link.note)])


# ------------------------------------------------------------------------------------------------------- layers


def layers(count: int, ends: Sequence[tuple[int, int]]) -> list[int]:
    """The layer of each card: behind all its inputs (cards come inputs first). A card without inputs, or whose inputs
    have no other user, comes just before its first user."""
    layer = [0] * count
    before, after = neighbours(count, ends)
    for card in range(count):
        if before[card]:
            layer[card] = 1 + max([layer[source] for source in before[card]])
    shared = [len(set(users)) > 1 for users in after]
    for card in reversed(range(count)):
        if after[card] and not any(shared[source] for source in before[card]):
            layer[card] = min([layer[user] for user in after[card]]) - 1
    return layer


def _with_dummies(layer: list[int], ends: Sequence[tuple[int, int]]) -> tuple[list[list[int]], list[tuple[int, int]]]:
    """For each link the chain of places it passes, one a layer, and all the steps between neighbouring layers.

    Dummies are appended to `layer`. Shortest links first, as long as there are dummies left.
    """
    budget = _MOST_DUMMIES
    chains: list[list[int]] = [[] for _ in ends]
    segments: list[tuple[int, int]] = []
    for index in sorted(range(len(ends)), key=lambda index: layer[ends[index][1]] - layer[ends[index][0]]):
        tail, head = ends[index]
        between = range(layer[tail] + 1, layer[head])
        chain = [tail]
        if len(between) <= budget:
            budget -= len(between)
            chain.extend(range(len(layer), len(layer) + len(between)))
            layer.extend(between)
        chain.append(head)
        chains[index] = chain
        if len(chain) > len(between) + 1:
            segments.extend(pairwise(chain))
    return chains, segments


def _layer_starts(rows: Sequence[Sequence[int]], along: Sequence[float], gap: float) -> tuple[list[float], list[float]]:
    """Where each layer begins along the computation, and how thick it is."""
    starts: list[float] = []
    thick: list[float] = []
    here = 0.0
    for row in rows:
        starts.append(here)
        thick.append(max((along[index] for index in row if index < len(along)), default=0.0))
        here += thick[-1] + gap
    return starts, thick


# -------------------------------------------------------------------------------------------------------- paths


def _paths(
    chains: Sequence[Sequence[int]],
    layer_of: Sequence[int],
    places: Sequence[float],
    along: Sequence[float],
    across: Sequence[float],
    starts: Sequence[float],
    thick: Sequence[float],
) -> list[list[Point]]:
    """The spline of each link. The links into one card arrive side by side, in the order of their other ends."""
    exit_of = _side_by_side([(chain[0], chain[1]) for chain in chains], places, across, 0.4)
    entry_of = _side_by_side([(chain[-1], chain[-2]) for chain in chains], places, across, 0.7)
    paths: list[list[Point]] = []
    for index, chain in enumerate(chains):
        tail, *through, head = chain
        middle = [starts[layer_of[end]] + thick[layer_of[end]] / 2 for end in (tail, head)]
        path = [(middle[0] + along[tail] / 2, exit_of[index])]
        _straight(path, (starts[layer_of[tail]] + thick[layer_of[tail]], exit_of[index]))  # past its wider neighbours
        for dummy in through:
            left = starts[layer_of[dummy]]
            right = left + thick[layer_of[dummy]]
            _curve(path, (left, places[dummy]))
            _straight(path, (right, places[dummy]))
        _curve(path, (starts[layer_of[head]], entry_of[index]))
        _straight(path, (middle[1] - along[head] / 2, entry_of[index]))
        paths.append(path)
    return paths


def _side_by_side(
    ends: Sequence[tuple[int, int]], places: Sequence[float], across: Sequence[float], part: float
) -> list[float]:
    """Where each link touches its card (the first of a pair): spread over part of the side, in the order of the places
    of the other ends (the second)."""
    touching: dict[int, list[int]] = {}
    for index, (card, _) in enumerate(ends):
        touching.setdefault(card, []).append(index)
    where = [0.0] * len(ends)
    for card, links in touching.items():
        links.sort(key=lambda index: places[ends[index][1]])
        for rank, index in enumerate(links):
            where[index] = places[card] + ((rank + 0.5) / len(links) - 0.5) * across[card] * part
    return where


def _curve(path: list[Point], end: Point) -> None:
    x, y = path[-1]
    bend = min((end[0] - x) / 2, 120.0)
    path += [(x + bend, y), (end[0] - bend, end[1]), end]


def _straight(path: list[Point], end: Point) -> None:
    x, y = path[-1]
    if end[0] - x > 0.1:
        path += [(x + (end[0] - x) / 3, y), (end[0] - (end[0] - x) / 3, end[1]), end]


# -------------------------------------------------------------------------------------------------------- frames


def frame_title_size(title: str, why: str) -> Point:
    """The width and height of the two lines at the top of a frame."""
    width = max(text_width(title, TITLE, bold=True), text_width(why, SMALL))
    return width + 2 * _FRAME_PADDING, (TITLE + (SMALL if why else 0.0)) * LINE_HEIGHT + 4.0


def _frame(diagram: Diagram, layout: Layout) -> None:
    """Draw each frame around its cards, inner frames first, unless it would enclose a card that is not its own."""
    layout.frames = [None] * len(diagram.frames)
    members: list[list[int]] = [[] for _ in diagram.frames]
    cores: list[list[int]] = [[] for _ in diagram.frames]  # without constants, which may lie anywhere
    for index, card in enumerate(diagram.cards):
        frame = card.frame
        while frame is not None:
            members[frame].append(index)
            if card.box is not None:
                cores[frame].append(index)
            frame = diagram.frames[frame].parent
    if len(diagram.frames) * len(diagram.cards) > 2_000_000:
        return
    for number in reversed(range(len(diagram.frames))):
        rectangle = _around(diagram, layout, number, cores[number] or members[number])
        own = set(members[number])
        strangers = (index for index in range(len(diagram.cards)) if index not in own)
        if not any(_overlap(rectangle, _box(diagram, layout, index)) for index in strangers):
            layout.frames[number] = rectangle
    _grow_around_frames(layout)


def _around(diagram: Diagram, layout: Layout, number: int, members: Sequence[int]) -> Rectangle:
    frame = diagram.frames[number]
    boxes = [_box(diagram, layout, index) for index in members]
    boxes += [
        inner
        for child, inner in enumerate(layout.frames)
        if inner is not None and diagram.frames[child].parent == number
    ]
    width, height = frame_title_size(frame.title, frame.why)
    left, right = min(box[0] for box in boxes), max(box[2] for box in boxes)
    widen = max(0.0, width - (right - left) - 2 * _FRAME_PADDING) / 2
    return (
        left - _FRAME_PADDING - widen,
        min(box[1] for box in boxes) - _FRAME_PADDING - height,
        right + _FRAME_PADDING + widen,
        max(box[3] for box in boxes) + _FRAME_PADDING,
    )


def _box(diagram: Diagram, layout: Layout, index: int) -> Rectangle:
    (x, y), card = layout.centres[index], diagram.cards[index]
    return (x - card.width / 2, y - card.height / 2, x + card.width / 2, y + card.height / 2)


def _overlap(first: Rectangle, second: Rectangle) -> bool:
    return first[0] < second[2] and second[0] < first[2] and first[1] < second[3] and second[1] < first[3]


def _grow_around_frames(layout: Layout) -> None:
    """Widen the sheet where frames reach over its borders."""
    rectangles = [frame for frame in layout.frames if frame is not None]
    left = max([0.0, *(MARGIN - frame[0] for frame in rectangles)])
    top = max([0.0, *(MARGIN - frame[1] for frame in rectangles)])
    layout.centres = [(x + left, y + top) for x, y in layout.centres]
    layout.paths = [[(x + left, y + top) for x, y in path] for path in layout.paths]
    layout.frames = [
        frame and (frame[0] + left, frame[1] + top, frame[2] + left, frame[3] + top) for frame in layout.frames
    ]
    layout.width = max([layout.width + left, *(frame[2] + MARGIN for frame in layout.frames if frame)])
    layout.height = max([layout.height + top, *(frame[3] + MARGIN for frame in layout.frames if frame)])

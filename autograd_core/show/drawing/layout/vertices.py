"""What takes room in a layer, and the links between neighbouring layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

LARGE = 3000  # vertices; a larger sheet is not read card by card, so few sweeps suffice


@dataclass(slots=True, eq=False)
class Vertex:
    """Something that takes room in a layer: a card, a frame, the words on a link, a link that passes, or a port.

    unit: the number of the card or frame, -1 for the others. along, across: its size. margin: kept free on both sides.
    strength: of two that want the same place the stronger one gets it. place: its middle across. shift: how far from
    its middle links touch it, and how far from it the card stands.
    """

    unit: int = -1
    along: float = 0.0
    across: float = 0.0
    margin: float = 0.0
    strength: float = 0.0
    layer: int = 0
    place: float = 0.0
    shift: float = 0.0
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

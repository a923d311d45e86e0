"""The places of cards, links, frames and words, and the room that words take."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from autograd_core.show.drawing.diagram import Diagram, Frame
from autograd_core.show.theme import LAYER_GAP, LINE_HEIGHT, SMALL, text_width

Direction = Literal["LR", "TB"]
Point = tuple[float, float]
Rectangle = tuple[float, float, float, float]  # left, top, right, bottom

FRAME_PADDING = 10.0
_NOTE_PADDING = 4.0


@dataclass(slots=True)
class Layout:
    """Where everything is, in pixels from the top left corner.

    centres: of each card. paths: for each link the points of a cubic spline, first at the tail, last at the tip.
    frames: the rectangle of each frame, None for one that is not drawn. plates, notes: the middle of the words on each
    link; None where there are none.
    """

    width: float
    height: float
    centres: list[Point]
    paths: list[list[Point]]
    frames: list[Rectangle | None] = field(default_factory=list)
    plates: list[Point | None] = field(default_factory=list)
    notes: list[Point | None] = field(default_factory=list)


def note_size(note: str) -> Point:
    """The width and height of the plate of a note."""
    return (text_width(note, SMALL) + 2 * _NOTE_PADDING, SMALL * LINE_HEIGHT) if note else (0.0, 0.0)


def frame_title_size(frame: Frame) -> Point:
    """The width and height of the lines at the top of a frame."""
    width = max(line.width for line in frame.lines)
    return width + 2 * FRAME_PADDING, sum(line.height for line in frame.lines) + FRAME_PADDING


def layer_gap(diagram: Diagram, direction: Direction) -> float:
    """The room between layers for Graphviz: enough for the words on the links."""
    if direction == "TB":
        return LAYER_GAP
    return max([LAYER_GAP, *(text_width(link.note, SMALL) + 44.0 for link in diagram.links if link.note)])

"""The picture as placed shapes and words. SVG, PDF and PNG draw it, so they look the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from autograd_core.show.drawing.cards import LineRole
from autograd_core.show.drawing.layout.places import Point
from autograd_core.show.theme import BORDER


@dataclass(frozen=True, slots=True)
class Outline:
    """A line or an area: `start`, then cubics of three points each (or straight lines where `straight`).

    stroke, fill: names in theme.COLOURS, "" for none. dashes: lengths on and off, () for a solid line.
    """

    points: tuple[Point, ...]
    stroke: str = ""
    fill: str = ""
    width: float = BORDER
    dashes: tuple[float, ...] = ()
    straight: bool = True
    closed: bool = True


@dataclass(frozen=True, slots=True)
class Lettering:
    """A run of text at the baseline y; x is its start, its middle or its end, as `anchor` says.

    line: of a number on a card, the role of its line; "" for other words.
    """

    text: str
    x: float
    y: float
    size: float
    colour: str
    bold: bool = False
    anchor: Literal["start", "middle", "end"] = "start"
    line: LineRole | Literal[""] = ""


@dataclass(frozen=True, slots=True)
class ScenePart:
    """The marks of one part: a card, a link, a frame ...

    kind: which of these it is. index: of a card or a link its number in the diagram, of words on a link that link's
    number. data: further attributes in an SVG. classes: further classes for style sheets.
    """

    kind: str
    marks: tuple[Outline | Lettering, ...]
    tooltip: str = ""
    data: tuple[tuple[str, str], ...] = ()
    index: int = -1
    classes: str = ""


@dataclass(slots=True)
class Scene:
    """Everything to draw, from the back to the front."""

    title: str
    width: float
    height: float
    parts: list[ScenePart] = field(default_factory=list)

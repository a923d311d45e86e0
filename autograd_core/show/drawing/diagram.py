"""The parts of a sheet before layout: cards, the links between them, and frames around cards."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from autograd_core.show.drawing.cards import Card, Line, Word
from autograd_core.show.theme import EDGE, SMALL, TITLE

LinkFlow = Literal["open", "closed", "none"]
_LONGEST_TITLE = 360.0  # pixels that a title and its explanation may share
DETAILED = 1500  # with more cards than this, a reader does not look at each


@dataclass(frozen=True, slots=True)
class Link:
    """An edge from card `tail` to card `head`.

    flow: "open" where a gradient comes back along it, "closed" where a gate stops it, "none" where none can.
    note: what is written before its tip (which operand it is, "closed"). plate: the size of more words on it.
    sources: of a link between boxes, the nodes whose numbers it carries.
    """

    tail: int
    head: int
    flow: LinkFlow = "open"
    note: str = ""
    plate: tuple[float, float] = (0.0, 0.0)
    sources: frozenset[int] = frozenset()
    width: float = EDGE


@dataclass(frozen=True, slots=True)
class Frame:
    """A named group of cards, drawn as a box around them. parent: the frame it lies in."""

    title: str
    why: str
    parent: int | None

    @property
    def lines(self) -> list[Line]:
        """The title, with a short explanation beside it or a longer one below it."""
        words = [Word(self.title, TITLE, bold=True)]
        words += [Word(line, SMALL, "muted") for line in self.why.splitlines()]
        beside = Line(tuple(words))
        return [beside] if len(words) == 2 and beside.width <= _LONGEST_TITLE else [Line((word,)) for word in words]


@dataclass(slots=True, eq=False)
class Diagram:
    """The cards (inputs before what uses them), the links between them, and the frames (outer before inner).

    bundled: whether links run together as far as they have the same way.
    """

    title: str
    cards: list[Card] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    bundled: bool = False

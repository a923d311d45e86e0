"""The cards of a picture and their lines of text, before layout.

Every picture takes its cards from here, so that a value, a gradient and a number that is not finite look the same in
all of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from autograd_core.formulas.notation import number_text
from autograd_core.graph.boxes import Box
from autograd_core.show.drawing.signs import sign_colour, with_sign
from autograd_core.show.theme import LINE_HEIGHT, PADDING, SLANT, SMALL, TEXT, text_width

Shape = Literal["parallelogram", "hexagon", "pill", "card", "stack", "octagon"]
LineRole = Literal["heading", "formula", "derivative", "value", "grad", "new", "note"]

_SHAPES: dict[str, Shape] = {
    "input": "parallelogram",
    "parameter": "hexagon",
    "constant": "pill",
    "operation": "card",
    "composition": "stack",
    "nonfinite": "octagon",
}
STACK = 5.0  # how far the second sheet of a stack sticks out
_SLANTED = ("parallelogram", "hexagon", "octagon")


@dataclass(frozen=True, slots=True)
class Word:
    """A run of text on a card's line."""

    text: str
    size: float = TEXT
    colour: str = "ink"
    bold: bool = False

    @property
    def width(self) -> float:
        return text_width(self.text, self.size, self.bold)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a card: words from the left (or centred, if nothing is at the right), words at the right.

    role: what the line says.
    """

    left: tuple[Word, ...]
    right: tuple[Word, ...] = ()
    role: LineRole = "heading"

    @property
    def height(self) -> float:
        return max(word.size for word in self.left + self.right) * LINE_HEIGHT

    @property
    def width(self) -> float:
        gaps = 6.0 * (len(self.left) + len(self.right) - 1)
        return sum(word.width for word in self.left + self.right) + gaps + (6.0 if self.right else 0.0)


@dataclass(slots=True, eq=False)
class Card:
    """One box of the picture. kind: its colours and its shape, unless it has one of its own. tooltip: everything about
    the box, in full precision."""

    kind: str
    lines: list[Line]
    tooltip: str = ""
    box: Box | None = None
    is_output: bool = False
    frame: int | None = None
    own_shape: Shape | None = None
    width: float = 0.0
    height: float = 0.0

    def __post_init__(self) -> None:
        pad = PADDING * (0.7 if self.shape == "pill" else 1.0)
        self.width = math.ceil(max(line.width for line in self.lines) + 2 * (pad + self.slant))
        self.height = math.ceil(sum(line.height for line in self.lines) + 2 * pad * 0.7)

    @property
    def shape(self) -> Shape:
        return self.own_shape if self.own_shape and self.kind != "nonfinite" else _SHAPES[self.kind]

    @property
    def slant(self) -> float:
        """How far its sides lean into the room for text."""
        return SLANT if self.shape in _SLANTED else 0.0

    def text_corner(self, centre: tuple[float, float]) -> tuple[float, float]:
        """The upper left corner of its text, once it is placed."""
        lower = STACK / 2 if self.shape == "stack" else 0.0  # its front sheet
        height = sum(line.height for line in self.lines)
        return centre[0] - self.width / 2 + PADDING + self.slant, centre[1] + lower - height / 2


def number_line(role: LineRole, word: Word) -> Line:
    """The line of a value or a gradient: its name at the left, the number at the right."""
    return Line((Word(role, SMALL, "muted"),), (word,), role)


def note_line(text: str) -> Line:
    """A line in small grey letters."""
    return Line((Word(text, SMALL, "muted"),), role="note")


def number_word(number: float | None, signed: bool = False, size: float = TEXT, before: str = "") -> Word:
    """A number, marked where it is not finite. signed: with its sign in front and in the colour of its sign."""
    if number is None:
        return Word(number_text(None), size)
    if not math.isfinite(number):
        return Word(f"! {number_text(number)}", size, "nonfinite", True)
    if not signed or number == 0:
        return Word(before + number_text(number), size)
    return Word(before + with_sign(number), size, sign_colour(number), True)


def mark_culprit(card: Card, mark: str) -> Card:
    """The card of the first number that is not finite: it looks like no other."""
    return replace(
        card, kind="nonfinite", lines=[*card.lines, Line((Word(mark, SMALL, "nonfinite", True),), role="note")]
    )

"""What is on the sheet, before anything has a place: cards with their lines of text, links, and frames around cards."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass, field
from typing import Literal

from autograd_core.engine.context import Scope
from autograd_core.engine.primitive import Primitive
from autograd_core.engine.scope import Composition
from autograd_core.errors import AutogradError
from autograd_core.formulas.labels import visible_text
from autograd_core.formulas.notation import number_text
from autograd_core.graph.boxes import Box, View
from autograd_core.show.theme import LINE_HEIGHT, PADDING, SLANT, SMALL, SYMBOL, TEXT, TITLE, text_width

Shape = Literal["parallelogram", "hexagon", "pill", "card", "stack", "octagon"]
LinkFlow = Literal["open", "closed", "none"]

_SHAPES: dict[str, Shape] = {
    "input": "parallelogram",
    "parameter": "hexagon",
    "constant": "pill",
    "operation": "card",
    "composition": "stack",
}
_SLANTED = ("parallelogram", "hexagon", "octagon")
_COMMUTATIVE = ("add", "multiply", "maximum", "minimum", "equal", "dot", "mean", "logsumexp")
_INPUT_WORDS = {"where": ("if", "then", "else")}
_LONGEST_LINE = 46  # characters of a formula
_MOST_FORMULA_LINES = 3
_LONGEST_NAME_LINE = 30
_MOST_NAME_LINES = 8
_MOST_DERIVATIVES = 3
DETAILED = 1500  # with more boxes than this, tooltips carry no partials


@dataclass(frozen=True, slots=True)
class Word:
    """A run of text on a card's line."""

    text: str
    size: float = TEXT
    role: str = "ink"
    bold: bool = False

    @property
    def width(self) -> float:
        return text_width(self.text, self.size, self.bold)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a card: words from the left (or centred, if nothing is at the right), words at the right."""

    left: tuple[Word, ...]
    right: tuple[Word, ...] = ()

    @property
    def height(self) -> float:
        return max(word.size for word in self.left + self.right) * LINE_HEIGHT

    @property
    def width(self) -> float:
        gaps = 6.0 * (len(self.left) + len(self.right) - 1)
        return sum(word.width for word in self.left + self.right) + gaps + (6.0 if self.right else 0.0)


@dataclass(slots=True, eq=False)
class Card:
    """One box of the picture. kind: its colours. tooltip: everything about it, in full precision."""

    kind: str
    shape: Shape
    lines: list[Line]
    tooltip: str = ""
    box: Box | None = None
    is_output: bool = False
    frame: int | None = None
    width: float = 0.0
    height: float = 0.0

    def __post_init__(self) -> None:
        pad = PADDING * (0.7 if self.shape == "pill" else 1.0)
        slant = SLANT if self.shape in _SLANTED else 0.0
        self.width = math.ceil(max(line.width for line in self.lines) + 2 * (pad + slant))
        self.height = math.ceil(sum(line.height for line in self.lines) + 2 * pad * 0.7)


@dataclass(frozen=True, slots=True)
class Link:
    """An edge from card `tail` to card `head`.

    flow: "open" where a gradient comes back along it, "closed" where a gate stopped it, "none" where none ever does.
    note: what is written on it (which operand it is, "closed").
    """

    tail: int
    head: int
    flow: LinkFlow = "open"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """A named group of cards, drawn as a box around them. parent: the frame it lies in."""

    title: str
    why: str
    parent: int | None


@dataclass(slots=True, eq=False)
class Diagram:
    """The cards (inputs before what uses them), the links between them, and the frames (outer before inner)."""

    title: str
    cards: list[Card] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)


def diagram(view: View) -> Diagram:
    """The sheet for a view: a card for each box, and one for each use of a plain number."""
    made = Diagram(title(view))
    card_of: dict[Box, int] = {}
    frame_of: dict[Scope, int] = {}
    detailed = len(view.boxes) <= DETAILED
    for box in view.boxes:
        frame = _frame(box, made.frames, frame_of)
        partials = _partials(box) if detailed or _may_close(box) else (1.0,) * len(box.operands)
        operands: list[Link] = []
        for index, operand in enumerate(box.operands):
            if operand.box is None:
                number = number_text(operand.number)
                constant = Card(
                    "constant", "pill", [Line((Word(number),))], f"constant {operand.number!r}", frame=frame
                )
                made.cards.append(constant)
                tail = len(made.cards) - 1
            else:
                tail = card_of[operand.box]
            operands.append(Link(tail, 0, *_flow_and_note(box, index, partials)))
        card_of[box] = len(made.cards)
        made.cards.append(_card(box, frame, partials if detailed else None))
        made.links.extend(Link(one.tail, card_of[box], one.flow, one.note) for one in operands)
    return made


# ------------------------------------------------------------------------------------------------------- cards


def _card(box: Box, frame: int | None, partials: tuple[float | None, ...] | None) -> Card:
    grad = None if box.node.grad is None else float(box.node.grad)
    finite = box.finite and (grad is None or math.isfinite(grad))
    lines = [*_heading(box), *_formulas(box)]
    inputs = [index for index, operand in enumerate(box.operands) if operand.box is not None]
    if inputs and not any(_can_flow(box, index) for index in inputs):
        lines.append(Line((Word("passes no gradient", SMALL, "muted"),)))
    warning = "" if box.finite else "! "
    value = Word(warning + number_text(box.number), role="ink" if box.finite else "nonfinite", bold=not box.finite)
    lines.append(Line((Word("value", SMALL, "muted"),), (value,)))
    if box.kind != "constant":
        lines.append(Line((Word("grad", SMALL, "muted"),), (_gradient(grad),)))
    kind = box.kind if finite else "nonfinite"
    shape = _SHAPES[box.kind] if finite else "octagon"
    return Card(kind, shape, lines, _tooltip(box, grad, partials), box, box.is_root, frame)


def _heading(box: Box) -> list[Line]:
    name = visible_text(box.name)
    role = "output" if box.is_root and name != "out" else box.kind if not box.entry else ""
    caption = (Word(role, SMALL, "muted"),) if role else ()
    symbol: tuple[Word, ...] = (Word(visible_text(box.symbol), SYMBOL, bold=True),) if box.entry else ()
    if isinstance(box.entry, Composition) and box.symbol != box.operation:
        symbol += (Word(box.operation),)
    first, *rest = _broken(name, _LONGEST_NAME_LINE)
    if len(rest) >= _MOST_NAME_LINES:
        rest = [*rest[: _MOST_NAME_LINES - 2], "…"]
    return [
        Line((*symbol, Word(first, TITLE, bold=True), *caption)),
        *(Line((Word(line, TITLE, bold=True),)) for line in rest),
    ]


def _formulas(box: Box) -> list[Line]:
    """What stands on a closed composition: its textbook formula, and its derivative by each of its inputs."""
    if not isinstance(box.entry, Composition):
        return []
    words = [Word(text) for text in _wrapped(visible_text(box.textbook()))]
    for derivative in _derivatives(box)[:_MOST_DERIVATIVES]:
        words += [Word(text, SMALL, "muted") for text in _wrapped(derivative)]
    return [Line((word,)) for word in words]


def _derivatives(box: Box) -> list[str]:
    """∂y/∂a = ... for each input that a gradient is wanted for."""
    name = visible_text(box.name)
    return [
        f"∂{name}/∂{visible_text(operand.box.name)} = {visible_text(text)}"
        for index, operand in enumerate(box.operands)
        if operand.box is not None and (text := box.derivative(index))
    ]


def _gradient(grad: float | None) -> Word:
    if grad is None or grad == 0:
        return Word(number_text(grad), role="ink")
    if not math.isfinite(grad):
        return Word(f"! {number_text(grad)}", role="nonfinite", bold=True)
    return Word(("+" if grad > 0 else "") + number_text(grad), role="positive" if grad > 0 else "negative", bold=True)


def _wrapped(formula: str) -> list[str]:
    """A formula on at most a few lines: the tooltip has all of it."""
    lines = _broken(formula, _LONGEST_LINE)
    return lines if len(lines) <= _MOST_FORMULA_LINES else [*lines[: _MOST_FORMULA_LINES - 1], "…"]


def _broken(text: str, length: int) -> list[str]:
    return [text] if len(text) <= length else textwrap.wrap(text, length, break_on_hyphens=False)


def _tooltip(box: Box, grad: float | None, partials: tuple[float | None, ...] | None) -> str:
    lines = [
        f"{visible_text(box.name)} = {visible_text(box.written())}"
        if box.entry
        else f"{box.kind} {visible_text(box.name)}"
    ]
    if isinstance(box.entry, Composition):
        lines += [f"textbook: {visible_text(box.textbook())}", *_derivatives(box)]
    lines += [f"inside {visible_text(scope.name)}" for scope in box.enclosing()]
    lines.append(f"value {box.number!r}")
    lines.append("no gradient yet" if grad is None else f"gradient {grad!r}")
    for operand, partial in zip(box.operands, partials or (), strict=False):
        if operand.box is not None:
            amount = "absent: nothing flows" if partial is None else repr(partial)
            lines.append(f"∂{visible_text(box.name)}/∂{visible_text(operand.box.name)} is {amount}")
    return "\n".join(lines)


def title(view: View) -> str:
    """What the picture shows, in one line."""
    root = view.boxes[-1]
    count = f"{len(view.boxes)} box" + "es" * (len(view.boxes) != 1)
    return f"computation graph of {visible_text(root.name)} = {number_text(root.number)}, {count}"


# ------------------------------------------------------------------------------------------------------- links


def _may_close(box: Box) -> bool:
    return isinstance(box.entry, Composition) or (isinstance(box.entry, Primitive) and len(box.entry.gates) > 0)


def _partials(box: Box) -> tuple[float | None, ...]:
    """The partials; 1 where an operation has a forward rule only and so cannot tell."""
    if box.entry is None:
        return ()
    try:
        return box.partials()
    except AutogradError:
        return (1.0,) * len(box.operands)


def _flow_and_note(box: Box, index: int, partials: tuple[float | None, ...]) -> tuple[LinkFlow, str]:
    operand = box.operands[index]
    role = _operand_name(box, index)
    if operand.box is None or partials[index] is not None:
        return "open", role
    if not _can_flow(box, index):
        return "none", role
    return "closed", f"{role}: closed" if role else "closed"


def _can_flow(box: Box, index: int) -> bool:
    """Whether a gradient comes back along this edge at other numbers."""
    if isinstance(box.entry, Composition):
        return box.derivative(index) != "0"
    return isinstance(box.entry, Primitive) and any(rule[0] == index for rule in box.entry.rules)


def _operand_name(box: Box, index: int) -> str:
    """Which input an edge is, where exchanging two of them would change the result."""
    if len(box.operands) < 2 or box.operation in _COMMUTATIVE or box.entry is None:
        return ""
    if box.operation in _INPUT_WORDS and isinstance(box.entry, Primitive):
        return _INPUT_WORDS[box.operation][index]
    if isinstance(box.entry, Composition):
        return box.entry.input_names(len(box.operands))[index]
    # Of an operator: the letters of its table entry could be taken for the labels of other boxes.
    return ("left", "right")[index] if box.entry.text.startswith("{0}") else box.entry.arguments[index]


# ------------------------------------------------------------------------------------------------------ frames


def _frame(box: Box, frames: list[Frame], frame_of: dict[Scope, int]) -> int | None:
    """The frame of a box: the named groups it lies in, without the one it stands for itself."""
    frame: int | None = None
    for scope in reversed(box.enclosing()):
        if scope not in frame_of:
            frame_of[scope] = len(frames)
            definition = scope.definition
            why = definition.why if isinstance(definition, Composition) else definition or ""
            frames.append(Frame(visible_text(scope.name), visible_text(str(why)), frame))
        frame = frame_of[scope]
    return frame

"""The diagram of a view: a card for each box and for each use of a plain number, with all its facts."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace

from autograd_core.engine.context import Scope
from autograd_core.engine.primitive import Primitive
from autograd_core.engine.scope import Composition
from autograd_core.errors import AutogradError
from autograd_core.formulas.labels import visible_text
from autograd_core.formulas.notation import exact_text, number_text
from autograd_core.formulas.stated_formula import formula_text
from autograd_core.formulas.symbols import name_text
from autograd_core.graph.boxes import Box, View
from autograd_core.graph.first_nonfinite import first_nonfinite
from autograd_core.graph.kinks import kink_sentence
from autograd_core.show.drawing.cards import Card, Line, Word, mark_culprit, note_line, number_line, number_word
from autograd_core.show.drawing.diagram import DETAILED, Diagram, Frame, Link, LinkFlow
from autograd_core.show.theme import SMALL, SYMBOL, TITLE

_LONGEST_LINE = 46  # characters of a formula
_MOST_FORMULA_LINES = 3
_LONGEST_NAME_LINE = 30
_MOST_NAME_LINES = 8
_WIDE_ENOUGH = 190.0  # for two derivatives side by side
_MOST_DERIVATIVES = 4  # lines for them; what does not fit is counted in the last


def view_diagram(view: View, gradients: Mapping[str, float | None] | None = None) -> Diagram:
    """The diagram of a view. With more than `DETAILED` boxes, tooltips carry no partials.

    gradients: by name, those among which the first that is not finite is sought; by default those of the nodes.
    """
    diagram = Diagram(title(view))
    card_of: dict[Box, int] = {}
    frame_of: dict[Scope, int] = {}
    detailed = len(view.boxes) <= DETAILED
    for box in view.boxes:
        frame = _frame(box, diagram.frames, frame_of)
        partials = _partials(box) if detailed or _may_close(box) else (1.0,) * len(box.operands)
        tails: list[int] = []
        for operand in box.operands:
            if operand.box is None:
                line = Line((Word(number_text(operand.number)),))
                diagram.cards.append(Card("constant", [line], f"constant {exact_text(operand.number)}", frame=frame))
            tails.append(len(diagram.cards) - 1 if operand.box is None else card_of[operand.box])
        card_of[box] = len(diagram.cards)
        diagram.cards.append(_card(box, frame, tooltip(box, () if detailed else ("partial",))))
        for index, tail in enumerate(tails):
            diagram.links.append(Link(tail, card_of[box], *_flow_and_note(box, index, partials)))
    _place_parameters(diagram)
    _merge_lone_frames(diagram)
    known = [_grad(box) if gradients is None else gradients.get(box.name) for box in view.boxes]
    number = {box: place for place, box in enumerate(view.boxes)}
    culprit = first_nonfinite(
        [box.number for box in view.boxes],
        known,
        lambda place: (number[operand.box] for operand in view.boxes[place].operands if operand.box is not None),
    )
    if culprit is not None:
        index = card_of[view.boxes[culprit[0]]]
        diagram.cards[index] = mark_culprit(diagram.cards[index], culprit[1])
    return diagram


# ------------------------------------------------------------------------------------------------------- cards


def _card(box: Box, frame: int | None, tip: str) -> Card:
    grad = _grad(box)
    lines = [*_heading(box), *_formulas(box)]
    inputs = [index for index, operand in enumerate(box.operands) if operand.box is not None]
    if inputs and not any(box.passes_gradient(index) for index in inputs):
        lines.append(note_line("passes no gradient"))
    if box.kept:
        lines.append(note_line(f"and {len(box.node.inputs) - len(box.kept):,} others, closed"))
    lines.append(number_line("value", number_word(box.number)))
    if box.changed:
        lines.append(note_line(box.changed))
    if box.kind != "constant":
        lines.append(number_line("grad", number_word(grad, signed=True)))
    return Card(box.kind, lines, tip, box, box.is_root, frame)


def _heading(box: Box) -> list[Line]:
    name = name_text(box.name)
    role = "output" if box.is_root and name != "out" else box.kind if not box.entry else ""
    caption = (Word(role, SMALL, "muted"),) if role else ()
    symbol: tuple[Word, ...] = (Word(visible_text(box.symbol), SYMBOL, bold=True),) if box.entry else ()
    is_named = box.symbol.casefold() in (box.operation, box.operation.replace("_", ""))
    if isinstance(box.entry, Composition) and not is_named:
        symbol += (Word(box.operation),)
    first, *rest = _break(name, _LONGEST_NAME_LINE)
    if len(rest) >= _MOST_NAME_LINES:
        rest = [*rest[: _MOST_NAME_LINES - 2], "…"]
    return [
        Line((*symbol, Word(first, TITLE, bold=True), *caption)),
        *(Line((Word(line, TITLE, bold=True),)) for line in rest),
    ]


def _formulas(box: Box) -> list[Line]:
    """The lines of a closed composition: its textbook formula, and its derivative with respect to each input."""
    if not isinstance(box.entry, Composition):
        return []
    lines = [Line((Word(text),), role="formula") for text in _wrap(box.textbook())]
    width = max(_WIDE_ENOUGH, *(line.width for line in lines))
    derivatives = _derivatives(box)
    if len(derivatives) > _MOST_DERIVATIVES:
        derivatives[_MOST_DERIVATIVES - 1 :] = [f"… {len(derivatives) - _MOST_DERIVATIVES + 1} more"]
    words = [Word(text, SMALL, "muted") for derivative in derivatives for text in _wrap(derivative)]
    while words:
        line = Line((words.pop(0),), role="derivative")
        while words and (longer := replace(line, left=(*line.left, words[0]))).width <= width:
            line = longer
            words.pop(0)
        lines.append(line)
    return lines


def _derivatives(box: Box) -> list[str]:
    """∂y/∂a = ... for each input that can receive a gradient."""
    return [
        f"∂{name_text(box.of)}/∂{name_text(operand.box.name)} = {text}"
        for index, operand in enumerate(box.operands)
        if operand.box is not None and (text := box.derivative(index))
    ]


def _wrap(formula: str) -> list[str]:
    """A formula on at most a few lines: the tooltip has all of it."""
    lines = _break(formula, _LONGEST_LINE)
    return lines if len(lines) <= _MOST_FORMULA_LINES else [*lines[: _MOST_FORMULA_LINES - 1], "…"]


def _break(text: str, length: int) -> list[str]:
    return [text] if len(text) <= length else textwrap.wrap(text, length, break_on_hyphens=False)


def tooltip(box: Box, leave_out: Collection[str] = ()) -> str:
    """The facts about a box, in full precision, one a line.

    leave_out: of operation, textbook, derivative, scope, value, grad, partial and kink.
    """
    name, grad = name_text(box.name), _grad(box)
    facts = [("operation", f"{name} = {box.written()}" if box.entry else f"{box.kind} {name}")]
    if isinstance(box.entry, Composition):
        facts.append(("textbook", f"textbook: {box.textbook()}"))
        facts += [("derivative", derivative) for derivative in _derivatives(box)]
    facts += [("scope", f"inside {visible_text(scope.name)}") for scope in box.enclosing()]
    facts.append(("value", f"value {exact_text(box.number)}" + f" ({box.changed})" * bool(box.changed)))
    facts.append(("grad", "no gradient yet" if grad is None else f"gradient {exact_text(grad)}"))
    for operand, partial in zip(box.operands, () if "partial" in leave_out else _partials(box), strict=False):
        if operand.box is not None:
            amount = "absent: nothing flows" if partial is None else exact_text(partial)
            facts.append(("partial", f"∂{name_text(box.of)}/∂{name_text(operand.box.name)} is {amount}"))
    facts.append(("kink", kink_sentence(box)))
    return "\n".join(text for fact, text in facts if text and fact not in leave_out)


def _grad(box: Box) -> float | None:
    return None if box.node.grad is None else float(box.node.grad)


def title(view: View) -> str:
    """A description of the picture, in one line."""
    root = view.boxes[-1]
    count = len(view.boxes)
    name = name_text(root.name)
    return f"computation graph of {name} = {number_text(root.number)}, {count} box{'es' * (count != 1)}"


# ------------------------------------------------------------------------------------------------------- links


def _may_close(box: Box) -> bool:
    return isinstance(box.entry, Composition) or (isinstance(box.entry, Primitive) and len(box.entry.gates) > 0)


def _partials(box: Box) -> tuple[float | None, ...]:
    """The partials; 1 where an operation has a forward rule only."""
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
    if not box.passes_gradient(index):
        return "none", role
    return "closed", f"{role}: closed" if role else "closed"


def _operand_name(box: Box, index: int) -> str:
    """The input that an edge leads to, where exchanging two of them would change the result."""
    if len(box.operands) < 2 or box.entry is None or box.entry.commutative:
        return ""
    if isinstance(box.entry, Composition):
        return name_text(box.entry.input_names(len(box.operands))[index])
    return (box.entry.words or box.entry.arguments)[index]


# ------------------------------------------------------------------------------------------------------ frames


def _frame(box: Box, frames: list[Frame], frame_of: dict[Scope, int]) -> int | None:
    """The frame of a box: the named groups it lies in, without the one it stands for itself."""
    frame: int | None = None
    for scope in reversed(box.enclosing()):
        if scope not in frame_of:
            frame_of[scope] = len(frames)
            definition = scope.definition
            is_composition = isinstance(definition, Composition)
            why = visible_text(definition.why) if is_composition else formula_text(str(definition or ""))
            frames.append(Frame(visible_text(scope.name), "\n".join(_wrap(why)), frame))
        frame = frame_of[scope]
    return frame


def _place_parameters(diagram: Diagram) -> None:
    """Give each parameter the innermost frame that holds all its users."""
    around: dict[int, list[int]] = {}  # the frames that hold all users met so far, outer before inner
    for link in diagram.links:
        box = diagram.cards[link.tail].box
        if box is None or box.kind != "parameter":
            continue
        frames = _enclosing(diagram, diagram.cards[link.head].frame)
        shared = around.setdefault(link.tail, frames)
        around[link.tail] = [frame for frame in shared if frame in frames]
    for index, frames in around.items():
        diagram.cards[index].frame = frames[-1] if frames else None


def _enclosing(diagram: Diagram, frame: int | None) -> list[int]:
    """A frame and those around it, outer before inner."""
    frames: list[int] = []
    while frame is not None:
        frames.insert(0, frame)
        frame = diagram.frames[frame].parent
    return frames


def _merge_lone_frames(diagram: Diagram) -> None:
    """Draw a frame that holds nothing but one other frame together with it, under both titles."""
    held = Counter([card.frame for card in diagram.cards] + [frame.parent for frame in diagram.frames])
    merged: list[Frame] = []
    place: list[int] = []  # of each frame, in `merged`
    for frame in diagram.frames:
        outer = None if frame.parent is None else place[frame.parent]
        if outer is None or held[frame.parent] > 1:
            place.append(len(merged))
            merged.append(replace(frame, parent=outer))
            continue
        place.append(outer)
        around = merged[outer]
        why = "; ".join(text for text in (around.why, frame.why) if text)
        merged[outer] = replace(around, title=f"{around.title}, {frame.title}", why=why)
    diagram.frames = merged
    for card in diagram.cards:
        card.frame = None if card.frame is None else place[card.frame]

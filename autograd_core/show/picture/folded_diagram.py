"""The sheet of a folded graph: a card for each closed box and each operation in an open one, a frame for each open box.

A closed box shows what it computes, how much is in it, and the numbers of its outputs with their gradients as strips.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from autograd_core.engine.primitive import DETACHED
from autograd_core.formulas.labels import cut_short, plural, visible_text
from autograd_core.formulas.notation import number_text
from autograd_core.graph.folding.cut import Crossing, Cut
from autograd_core.graph.folding.groups import Group
from autograd_core.graph.folding.partition import Item
from autograd_core.graph.gradient_health import TROUBLES, gradient_health
from autograd_core.show.drawing.bars import Strip, bars, size
from autograd_core.show.drawing.diagram import Card, Diagram, Frame, Line, Link, LinkFlow, Shape, Word
from autograd_core.show.drawing.layered_layout import Layout
from autograd_core.show.drawing.scene import Scene, scene
from autograd_core.show.drawing.scene import ScenePart as Marks
from autograd_core.show.theme import SMALL, SYMBOL, TEXT, TITLE

_LONGEST_OUTPUT = 24
_MOST_IN_TOOLTIP = 40
_LEAF_SHAPES: dict[str, Shape] = {"input": "parallelogram", "parameter": "hexagon", "constant": "pill"}


@dataclass(frozen=True, slots=True)
class FoldedSheet:
    """A folded graph as cards, links and frames; `scene` gives it its places and paints the strips."""

    sheet: Diagram
    text: str

    def scene(self, places: Layout) -> Scene:
        """The picture, once everything has a place."""
        made = scene(self.sheet, places)
        links = len([one for one in places.frames if one is not None])
        cards = links + len(self.sheet.links)
        for index, (card, centre) in enumerate(zip(self.sheet.cards, places.centres, strict=True)):
            painted = made.groups[cards + index]
            marks = (*painted.marks, *bars(card, centre))
            made.groups[cards + index] = Marks(painted.kind, marks, painted.tooltip, painted.data)
        return made


def folded_sheet(seen: Cut) -> FoldedSheet:
    """The sheet of a cut."""
    names = seen.folding.names()
    ill = gradient_health(seen.folding.columns)
    frame_of = {group: number for number, group in enumerate(seen.opened)}
    cards = [_card(seen, item, names, frame_of, ill) for item in seen.items]
    where = {item: index for index, item in enumerate(seen.items)}
    links = [
        Link(where[start], where[end], _flow(crossing, seen), f"{len(crossing.nodes):,}" * (len(crossing.nodes) > 1))
        for (start, end), crossing in seen.crossings.items()
    ]
    frames = []
    for index in seen.opened:
        group = seen.folding.groups[index]
        frames.append(
            Frame(visible_text(group.name), cut_short(visible_text(group.formula)), frame_of.get(group.parent))
        )
    title = _title(seen, names)
    return FoldedSheet(Diagram(title, cards, links, frames), "\n".join([title, *_rows(seen, names)]))


def operations_in(seen: Cut, item: Item) -> str:
    """The operations in an item, the most frequent first: 32 multiply, 31 add."""
    order = seen.folding.columns.order
    counted = Counter([name for node in seen.folding.nodes_in(item) if (name := order[node].op)])
    return ", ".join(f"{number:,} {name}" for name, number in counted.most_common(4)) + ", …" * (len(counted) > 4)


# -------------------------------------------------------------------------------------------------------- cards


def _card(seen: Cut, item: Item, names: Sequence[str], frame_of: dict[int, int], ill: bytearray) -> Card:
    frame = frame_of.get(seen.folding.parent(item))
    if item >= 0:
        return _node_card(seen, item, names, frame, ill)
    group = seen.folding.groups[~item]
    flows = seen.folding.columns
    leaves = group.kind == "leaves"
    outputs = list(seen.folding.nodes_in(item)) if leaves else seen.outputs[item]
    values = [flows.values[node] for node in outputs]
    gradients = [flows.adjoint(node) for node in outputs]
    kind = leaf_kind(seen, outputs[0]) if leaves else "operation" if group.kind in ("part", "chain") else "composition"
    shape: Shape = _LEAF_SHAPES[kind] if leaves else "stack"
    if not all(map(math.isfinite, [*values, *(one for one in gradients if one is not None)])):
        kind, shape = "nonfinite", "octagon"
    lines = [
        _heading(group, kind if leaves else group.kind, "" if leaves else _outputs_named(seen, group, outputs, names))
    ]
    if group.formula and not leaves:
        lines.append(Line((Word(cut_short(visible_text(group.formula))),)))
    lines.append(Line((Word(_counts(seen, item, group), SMALL, "muted"),)))
    if group.kind in ("part", "chain"):
        lines.append(Line((Word(operations_in(seen, item), SMALL, "muted"),)))
    lines.append(_numbers("value", values))
    if kind != "constant":
        lines.append(_numbers("grad", gradients, coloured=True))
    lines += _troubles(Counter(map(ill.__getitem__, seen.folding.nodes_in(item))))
    is_root = not leaves and len(names) - 1 in outputs
    return Card(kind, shape, lines, _tooltip(seen, item, outputs, names), None, is_root, frame)


def leaf_kind(seen: Cut, node: int) -> str:
    """input, parameter or constant."""
    leaf = seen.folding.columns.order[node]
    return leaf.role if leaf.primitive is None else "constant"


def _troubles(counted: Counter[int]) -> list[Line]:
    """What is wrong inside a box: 3 dead, 1 saturated."""
    words = ", ".join(f"{number:,} {TROUBLES[index]}" for index, number in sorted(counted.items()) if index)
    return [Line((Word(words, SMALL, "nonfinite", True),))] if words else []


def _node_card(seen: Cut, node: int, names: Sequence[str], frame: int | None, ill: bytearray) -> Card:
    flows = seen.folding.columns
    primitive = flows.order[node].primitive
    value, gradient = flows.values[node], flows.adjoint(node)
    is_operation = primitive is not None and primitive is not DETACHED
    kind = "operation" if is_operation else leaf_kind(seen, node)
    name = Word(visible_text(names[node]), TITLE, bold=True)
    if primitive is not None and is_operation:
        heading = Line((Word(visible_text(primitive.symbol), SYMBOL, bold=True), name))
    else:
        heading = Line((name, Word(kind, SMALL, "muted")))
    lines = [heading, _numbers("value", [value])]
    if kind != "constant":
        lines.append(_numbers("grad", [gradient], coloured=True))
    if ill[node] > 1:
        lines.append(Line((Word(TROUBLES[ill[node]], SMALL, "nonfinite", True),)))
    shape: Shape = "card" if is_operation else _LEAF_SHAPES[kind]
    if not math.isfinite(value) or not math.isfinite(gradient or 0.0):
        kind, shape = "nonfinite", "octagon"
    tooltip = _tooltip(seen, node, [node], names)
    return Card(kind, shape, lines, tooltip, None, node == len(names) - 1, frame)


def _heading(group: Group, caption: str, outputs: str) -> Line:
    words = [Word(cut_short(visible_text(group.name)), TITLE, bold=True)]
    if caption not in ("scope", "composition"):
        words.append(Word(caption, SMALL, "muted"))
    return Line((*words, Word(outputs)) if outputs else tuple(words))


def _outputs_named(seen: Cut, group: Group, outputs: Sequence[int], names: Sequence[str]) -> str:
    """→ h1: what the outputs of a closed box are called, where its formula does not say so already."""
    order = seen.folding.columns.order
    if len(outputs) != 1 and not all(order[node].label for node in outputs):
        return ""
    stems = list(dict.fromkeys(re.sub(r"(\[\d+\])+$", "", names[node]) for node in outputs))
    name = visible_text(", ".join(stems) if len(stems) < 3 else f"{stems[0]} … {stems[-1]}")
    return "" if visible_text(group.formula).startswith(f"{name} =") else cut_short(f"→ {name}", _LONGEST_OUTPUT)


def _counts(seen: Cut, item: Item, group: Group) -> str:
    """2 → 16, 48 parameters, 96 operations."""
    if group.kind == "leaves":
        return group.formula or f"{group.count:,}"
    counts = [f"{len(seen.inputs[item]):,} → {len(seen.outputs[item]):,}"]
    if group.parameters:
        counts.append(plural(group.parameters, "parameter"))
    return ", ".join([*counts, plural(group.nodes, "operation")])


def _numbers(what: str, numbers: Sequence[float | None], coloured: bool = False) -> Line:
    """One number as a number, several as a strip with the largest beside it."""
    label = (Word(what, SMALL, "muted"),)
    if len(numbers) == 1:
        return Line(label, (_written(numbers[0], coloured),))
    largest = max((one for one in numbers if one is not None), key=size, default=None)
    return Strip(
        label, (_written(largest, coloured, "peak " if largest is not None else ""),), tuple(numbers), coloured
    )


def _written(number: float | None, coloured: bool, before: str = "") -> Word:
    text_size = SMALL if before else TEXT
    if number is None:
        return Word("–", text_size)
    if not math.isfinite(number):
        return Word(f"! {number_text(number)}", text_size, "nonfinite", True)
    if not coloured or number == 0:
        return Word(before + number_text(number), text_size)
    text = f"{before}{'+' if number > 0 else ''}{number_text(number)}"
    return Word(text, text_size, "positive" if number > 0 else "negative", True)


def _tooltip(seen: Cut, item: Item, outputs: Sequence[int], names: Sequence[str]) -> str:
    flows, groups = seen.folding.columns, seen.folding.groups
    lines = []
    if item < 0:
        group = groups[~item]
        lines += [visible_text(group.name), *([visible_text(group.formula)] if group.formula else [])]
        if group.nodes:
            lines.append(operations_in(seen, item))
    else:
        lines.append(f"{visible_text(names[item])}: {flows.order[item].op or leaf_kind(seen, item)}")
    lines += [f"inside {visible_text(outer.name)}" for outer in seen.folding.path(item)]
    for node in outputs[:_MOST_IN_TOOLTIP]:
        adjoint = flows.adjoint(node)
        lines.append(
            f"{visible_text(names[node])} = {flows.values[node]!r}, gradient {'none' if adjoint is None else adjoint}"
        )
    if len(outputs) > _MOST_IN_TOOLTIP:
        lines.append(f"… {len(outputs) - _MOST_IN_TOOLTIP:,} more")
    return "\n".join(lines)


def _flow(crossing: Crossing, seen: Cut) -> LinkFlow:
    return "open" if crossing.contributions or seen.folding.columns.problem else "none"


# -------------------------------------------------------------------------------------------------------- words


def _title(seen: Cut, names: Sequence[str]) -> str:
    flows = seen.folding.columns
    return (
        f"computation graph of {visible_text(names[-1])} = {number_text(flows.values[-1])}, "
        f"{plural(len(names), 'node')} in {len(seen.items):,} box{'es' * (len(seen.items) != 1)}"
    )


def _rows(seen: Cut, names: Sequence[str]) -> list[str]:
    """What is on the sheet as a table, one line a box."""
    flows, groups = seen.folding.columns, seen.folding.groups
    rows = []
    for item in seen.items:
        if item >= 0:
            value, gradient = number_text(flows.values[item]), number_text(flows.adjoint(item))
            rows.append(
                (
                    visible_text(names[item]),
                    flows.order[item].op or leaf_kind(seen, item),
                    f"value {value}, grad {gradient}",
                )
            )
        else:
            group = groups[~item]
            rows.append(
                (
                    visible_text(group.name),
                    cut_short(visible_text(group.formula)) or group.kind,
                    _counts(seen, item, group),
                )
            )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]

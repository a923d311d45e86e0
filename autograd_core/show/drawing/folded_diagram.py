"""The diagram of a folded graph: a card for each closed box and each visible operation, a frame for each open box.

A closed box shows its computation, its size, and the numbers of its outputs with their gradients as strips.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from autograd_core.engine.primitive import DETACHED
from autograd_core.formulas.aligned_table import AlignedTable
from autograd_core.formulas.labels import cut_short, plural, visible_text
from autograd_core.formulas.notation import exact_text, number_text
from autograd_core.formulas.symbols import name_text, vector_text
from autograd_core.formulas.text_report import Part
from autograd_core.graph.first_nonfinite import first_nonfinite
from autograd_core.graph.folding.cut import Cut
from autograd_core.graph.folding.groups import Folding, Group
from autograd_core.graph.folding.partition import Item
from autograd_core.graph.gradient_health import TROUBLES
from autograd_core.graph.kinks import kink_sentences
from autograd_core.show.drawing.bars import MOST_BARS, Strip, largest_of
from autograd_core.show.drawing.cards import Card, Line, Shape, Word, mark_culprit, note_line, number_line, number_word
from autograd_core.show.drawing.diagram import Diagram, Frame, Link
from autograd_core.show.drawing.layout.frame_tree import FrameTree
from autograd_core.show.theme import SMALL, SYMBOL, TITLE

_LONGEST_OUTPUT = 24
_THINNEST, _WIDEST = 1.2, 4.5  # pixels of a line, by the size of the gradient it carries
_MOST_IN_TOOLTIP = 40


def folded_diagram(cut: Cut) -> Diagram:
    """The diagram of a cut."""
    names = cut.folding.names()
    troubles = cut.folding.troubles
    frame_of = frame_numbers(cut)
    cards = [_card(cut, item, names, frame_of.get(cut.folding.parent(item)), troubles) for item in cut.items]
    columns = cut.folding.columns
    culprit = first_nonfinite(
        columns.values,
        [columns.adjoint(node) for node in range(len(columns.order))],
        lambda node: (columns.sources[edge] for edge in columns.edges(node)),
    )
    if culprit is not None:
        index = next(place for place, item in enumerate(cut.items) if culprit[0] in cut.folding.nodes_in(item))
        cards[index] = mark_culprit(cards[index], culprit[1])
    unknown = bool(columns.problem)
    sizes = [
        sum(abs(amount) for amount in crossing.contributions.values() if math.isfinite(amount))
        for crossing in cut.crossings.values()
    ]
    largest = max(sizes, default=0.0)
    links = [
        replace(
            link,
            flow="open" if crossing.contributions or unknown else "none",
            width=_THINNEST + round((_WIDEST - _THINNEST) * math.sqrt(size / largest if largest else 0.0), 1),
        )
        for link, crossing, size in zip(links_of(cut), cut.crossings.values(), sizes, strict=True)
    ]
    diagram = Diagram(_title(cut, names), cards, links, frames_of(cut), bundled=True)
    count_bundles(diagram)
    return diagram


def count_bundles(diagram: Diagram) -> None:
    """Write on the first of the links that arrive together how many numbers they carry."""
    arriving: dict[int, list[int]] = {}
    for index, way in enumerate(FrameTree(diagram).ways):
        arriving.setdefault(way[-1][1].number, []).append(index)
    for bundle in arriving.values():
        sources = frozenset().union(*(diagram.links[index].sources for index in bundle))
        for index in bundle:
            note = f"{len(sources):,}" if index == bundle[0] and len(sources) > 1 else ""
            diagram.links[index] = replace(diagram.links[index], note=note)


def frame_numbers(cut: Cut) -> dict[int, int]:
    """The number of the frame of each open group."""
    return {group: number for number, group in enumerate(cut.opened)}


def frames_of(cut: Cut, longest_formula: int = 40) -> list[Frame]:
    """The frames of the open groups."""
    frame_of = frame_numbers(cut)
    return [
        Frame(
            visible_text(group.name),
            cut_short(cut.folding.formula_text(group), longest_formula),
            frame_of.get(group.parent),
        )
        for group in (cut.folding.groups[index] for index in cut.opened)
    ]


def links_of(cut: Cut) -> list[Link]:
    """An open link for each crossing."""
    place = {item: index for index, item in enumerate(cut.items)}
    return [
        Link(place[start], place[end], sources=frozenset(crossing.nodes))
        for (start, end), crossing in cut.crossings.items()
    ]


def folded_parts(cut: Cut) -> list[Part]:
    """The title and a table, one row a box."""
    names, columns = cut.folding.names(), cut.folding.columns
    rows = []
    for item in cut.items:
        if item >= 0:
            operation = columns.order[item].op or kind_and_shape(cut.folding, item)[0]
            since = f" ({columns.changed[item]})" if item in columns.changed else ""
            numbers = f"value {number_text(columns.values[item])}{since}, grad {number_text(columns.adjoint(item))}"
            rows.append((name_text(names[item]), operation, numbers))
        else:
            group = cut.folding.groups[~item]
            formula = cut_short(cut.folding.formula_text(group)) or group.kind
            rows.append((visible_text(group.name), formula, _counts(cut, item, group)))
    return [_title(cut, names), AlignedTable(rows)]


def operations_in(cut: Cut, item: Item) -> str:
    """The operations in an item, the most frequent first: 32 multiply, 31 add."""
    order = cut.folding.columns.order
    counted = Counter([name for node in cut.folding.nodes_in(item) if (name := order[node].op)])
    return ", ".join(f"{number:,} {name}" for name, number in counted.most_common(4)) + ", …" * (len(counted) > 4)


def kind_and_shape(folding: Folding, item: Item) -> tuple[str, Shape | None]:
    """The kind of the card of an item, and its own shape: a closed box is a stack."""
    if item < 0 and folding.groups[~item].kind != "leaves":
        return "operation" if folding.groups[~item].kind in ("part", "chain") else "composition", "stack"
    node = folding.columns.order[folding.nodes_in(item)[0]]
    if node.primitive is None:
        return node.role, None
    return "constant" if node.primitive is DETACHED else "operation", None


def node_heading(folding: Folding, node: int, name: str) -> Line:
    """The first line of the card of a node: the symbol of its operation and its name, or its name and what it is."""
    primitive, (kind, _) = folding.columns.order[node].primitive, kind_and_shape(folding, node)
    title = Word(name, TITLE, bold=True)
    if primitive is None or kind != "operation":
        return Line((title, Word(kind, SMALL, "muted")))
    return Line((Word(visible_text(primitive.symbol), SYMBOL, bold=True), title))


# -------------------------------------------------------------------------------------------------------- cards


def _card(cut: Cut, item: Item, names: Sequence[str], frame: int | None, troubles: bytearray) -> Card:
    if item >= 0:
        return _node_card(cut, item, names, frame, troubles)
    group = cut.folding.groups[~item]
    columns = cut.folding.columns
    leaves = group.kind == "leaves"
    outputs = list(cut.folding.nodes_in(item)) if leaves else cut.outputs[item]
    values = [columns.values[node] for node in outputs]
    gradients = [columns.adjoint(node) for node in outputs]
    kind, shape = kind_and_shape(cut.folding, item)
    output_names = "" if leaves else _output_names(cut, group, outputs, names)
    lines = [_heading(group, kind if leaves else group.kind, output_names)]
    if group.formula and not leaves:
        lines.append(Line((Word(cut_short(cut.folding.formula_text(group))),), role="formula"))
    lines.append(note_line(_counts(cut, item, group)))
    if group.kind in ("part", "chain"):
        lines.append(note_line(operations_in(cut, item)))
    several = group.kind in ("repeat", "rows")
    lines.append(_numbers("value", values, several))
    lines += _changes(cut, outputs)
    if kind != "constant":
        lines.append(_numbers("grad", gradients, several))
    counted = Counter(map(troubles.__getitem__, cut.folding.nodes_in(item)))
    lines += _trouble(", ".join(f"{number:,} {TROUBLES[index]}" for index, number in sorted(counted.items()) if index))
    is_output = not leaves and len(names) - 1 in outputs
    tooltip = _tooltip(cut, item, outputs, names)
    return Card(kind, lines, tooltip, None, is_output, frame, shape)


def _node_card(cut: Cut, node: int, names: Sequence[str], frame: int | None, troubles: bytearray) -> Card:
    columns = cut.folding.columns
    value, gradient = columns.values[node], columns.adjoint(node)
    kind, _ = kind_and_shape(cut.folding, node)
    lines = [node_heading(cut.folding, node, name_text(names[node])), _numbers("value", [value])]
    lines += _changes(cut, [node])
    if kind != "constant":
        lines.append(_numbers("grad", [gradient]))
    lines += _trouble(TROUBLES[troubles[node]] if troubles[node] > 1 else "")
    tooltip = _tooltip(cut, node, [node], names)
    return Card(kind, lines, tooltip, None, node == len(names) - 1, frame)


def _changes(cut: Cut, nodes: Sequence[int]) -> list[Line]:
    """The note on the number of one node; of several, how many have changed since the graph was computed."""
    changed = cut.folding.columns.changed
    notes = [changed[node] for node in nodes if node in changed]
    if not notes:
        return []
    return [note_line(notes[0] if len(nodes) == 1 else f"{plural(len(notes), 'number')} changed since")]


def _trouble(words: str) -> list[Line]:
    """The troubles of the gradients in a box: 3 off, 1 saturated."""
    return [Line((Word(words, SMALL, "nonfinite", True),), role="note")] if words else []


def _heading(group: Group, caption: str, outputs: str) -> Line:
    words = [Word(cut_short(visible_text(group.name)), TITLE, bold=True)]
    if caption not in ("scope", "composition"):
        words.append(Word(caption, SMALL, "muted"))
    return Line((*words, Word(outputs)) if outputs else tuple(words))


def _output_names(cut: Cut, group: Group, outputs: Sequence[int], names: Sequence[str]) -> str:
    """→ h1: the names of the outputs of a closed box, where its formula does not contain them."""
    order = cut.folding.columns.order
    if len(outputs) != 1 and not all(order[node].label for node in outputs):
        return ""
    stems = list(dict.fromkeys(re.sub(r"(\[\d+\])*(#\d+)?$", "", names[node]) for node in outputs))
    symbols = [(name_text if stem in names else vector_text)(stem) for stem in stems]
    name = ", ".join(symbols) if len(symbols) < 3 else f"{symbols[0]} … {symbols[-1]}"
    return (
        ""
        if visible_text(group.formula).startswith(f"{', '.join(stems)} =")
        else cut_short(f"→ {name}", _LONGEST_OUTPUT)
    )


def _counts(cut: Cut, item: Item, group: Group) -> str:
    """2 → 16, 48 parameters, 96 operations."""
    if group.kind == "leaves":
        return cut.folding.formula_text(group) or f"{group.count:,}"
    counts = [f"{len(cut.inputs[item]):,} → {len(cut.outputs[item]):,}"]
    if group.parameters:
        counts.append(plural(group.parameters, "parameter"))
    return ", ".join([*counts, plural(group.nodes, "operation")])


def _numbers(role: Literal["value", "grad"], numbers: Sequence[float | None], of_equals: bool = False) -> Line:
    """A single number as text, several as a strip with the largest beside it, or for equal boxes range and mean."""
    signed = role == "grad"
    if len(numbers) == 1:
        return number_line(role, number_word(numbers[0], signed))
    known = [number for number in numbers if number is not None]
    if of_equals and known and all(map(math.isfinite, known)):
        low, high, mean = map(number_text, (min(known), max(known), math.fsum(known) / len(known)))
        word = Word(f"{low} to {high}, mean {mean}", SMALL)
    else:
        word = number_word(largest_of(numbers), signed, SMALL, "peak ")
    return Strip((Word(role, SMALL, "muted"),), (word,), role, min(len(numbers), MOST_BARS), tuple(numbers))


def _tooltip(cut: Cut, item: Item, outputs: Sequence[int], names: Sequence[str]) -> str:
    columns, groups = cut.folding.columns, cut.folding.groups
    lines = []
    if item < 0:
        group = groups[~item]
        lines += [visible_text(group.name), *([cut.folding.formula_text(group)] if group.formula else [])]
        if group.nodes:
            lines.append(operations_in(cut, item))
    else:
        lines.append(f"{name_text(names[item])}: {columns.order[item].op or kind_and_shape(cut.folding, item)[0]}")
    lines += [f"inside {visible_text(outer.name)}" for outer in cut.folding.path(item)]
    for node in outputs[:_MOST_IN_TOOLTIP]:
        adjoint = columns.adjoint(node)
        lines.append(
            f"{name_text(names[node])} = {exact_text(columns.values[node])}"
            + (f" ({columns.changed[node]})" if node in columns.changed else "")
            + f", gradient {'none' if adjoint is None else exact_text(adjoint)}"
        )
    if len(outputs) > _MOST_IN_TOOLTIP:
        lines.append(f"… {len(outputs) - _MOST_IN_TOOLTIP:,} more")
    lines += kink_sentences(columns.order[node] for node in cut.folding.nodes_in(item))
    return "\n".join(lines)


def _title(cut: Cut, names: Sequence[str]) -> str:
    columns = cut.folding.columns
    return (
        f"computation graph of {name_text(names[-1])} = {number_text(columns.values[-1])}, "
        f"{plural(len(names), 'node')} in {len(cut.items):,} box{'es' * (len(cut.items) != 1)}"
    )

"""`summary`: a graph or a model as a tree of text, for a terminal or a screen reader."""

from __future__ import annotations

import math
import re
import sys
from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Integral
from typing import Any

from autograd_core.engine.value import Value
from autograd_core.formulas.aligned_table import AlignedTable
from autograd_core.formulas.labels import plural, visible_text
from autograd_core.formulas.notation import number_text
from autograd_core.formulas.symbols import name_text
from autograd_core.formulas.text_report import Part, Report, report_text
from autograd_core.graph.captured_numbers import changes_sentence
from autograd_core.graph.folding.cut import cut
from autograd_core.graph.folding.fold import fold
from autograd_core.graph.folding.groups import Folding, Group
from autograd_core.graph.names import root_name
from autograd_core.graph.repetition.repetition import repetition

_LONGEST_FORMULA = 48
_MOST_LINES = 200
_PLACES = re.compile(r"(\[\d+\])*$")  # in a list of parameters; names may have brackets too


@dataclass(frozen=True, slots=True, repr=False)
class Summary(Report):
    """What `summary` returns; it prints as `text`, as wide as the terminal.

    For a graph also: nodes, edges, parameters, operations (how many of each name), depth (edges on the longest path),
    widest (the most nodes with paths of one length below them), bytes (of memory).
    """

    lines: tuple[Part, ...]
    nodes: int = 0
    edges: int = 0
    parameters: int = 0
    operations: tuple[tuple[str, int], ...] = ()
    depth: int = 0
    widest: int = 0
    bytes: int = 0

    def parts(self) -> tuple[Part, ...]:
        """The lines and the tree."""
        return self.lines

    @property
    def text(self) -> str:
        """The summary as text."""
        return report_text(self.lines)


def summary(value_or_model: Any, depth: int = 3) -> Summary:
    """The tree of a graph's boxes, `depth` levels down: shapes, counts and gradient norms; then its totals.

    value_or_model: a Value, such as a loss, or a model, which is any object with `named_parameters()`. The parameters
    of a model are listed by module, with the norms of their values and gradients (a dash before `backward()`). The
    gradients of a graph are d(value)/d(box), from a sweep of its own. Raises TypeError for anything else, ValueError
    for a depth below 1.

    >>> from autograd_core import scope
    >>> with scope("line", "w x + b"):
    ...     y = Value(2.0) * 3.0 + 1.0
    >>> print(summary(y).text.splitlines()[3])
    └─ line: w x + b  0 → 1                       2        7       1
    """
    if isinstance(depth, bool) or not isinstance(depth, Integral) or depth < 1:
        raise ValueError(f"depth is the number of levels of boxes to list, 1 or more, got {depth!r}.")
    if isinstance(value_or_model, Value):
        return _of_graph(value_or_model, depth)
    if callable(getattr(value_or_model, "named_parameters", None)):
        return _of_model(value_or_model, depth)
    raise TypeError(
        "summary takes a Value, such as a loss, or a model with named_parameters(), "
        f"got {type(value_or_model).__name__}."
    )


def norm(numbers: Iterable[float | None]) -> float | None:
    """The Euclidean norm; None where there are no numbers."""
    known = [number for number in numbers if number is not None]
    return math.hypot(*known) if known else None


# -------------------------------------------------------------------------------------------------------- graphs


def _of_graph(root: Value, depth: int) -> Summary:
    folding = fold(root)
    columns = folding.columns
    counts = Counter(node.op for node in columns.order if node.op)
    levels = array("i", bytes(4 * len(columns.order)))
    for source, user in columns.pairs():
        if levels[user] <= levels[source]:
            levels[user] = levels[source] + 1
    widest = Counter(levels).most_common(1)[0][1]
    operations = tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
    size = sum(map(_size, columns.order))
    lines: list[Part] = [f"{name_text(root_name(columns.order))} = {number_text(columns.values[-1])}"]
    lines += _tree_of_groups(folding, depth)
    most = ", ".join(f"{number:,} {name}" for name, number in operations[:6]) + ", …" * (len(operations) > 6)
    lines += [
        f"{plural(len(columns.order), 'node')}, {plural(len(columns.sources), 'edge')}, "
        + plural(folding.groups[0].parameters, "parameter"),
        f"operations: {most or 'none'}",
        f"longest path {plural(max(levels), 'edge')}, widest level {plural(widest, 'node')}, {_bytes(size)} of memory",
    ]
    recurring = repetition(root)
    if recurring.recurring:
        lines.append(f"{recurring.sentence}: `repetition` lists them")
    if columns.changed:
        changed = [
            (name, columns.values[index], columns.changed[index])
            for index, name in enumerate(folding.names())
            if index in columns.changed
        ]
        lines.append(changes_sentence(changed))
    if columns.problem:
        lines.append(f"no gradients: {columns.problem}")
    return Summary(
        tuple(lines),
        len(columns.order),
        len(columns.sources),
        folding.groups[0].parameters,
        operations,
        max(levels),
        widest,
        size,
    )


def _size(node: Value) -> int:
    """The bytes of a node and of its numbers."""
    numbers = len(node.input_numbers)
    return sys.getsizeof(node) + (1 + numbers) * sys.getsizeof(0.0)


def _bytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.1f} kB"


Row = tuple[str, ...]


def _tree_of_groups(folding: Folding, depth: int) -> list[Part]:
    listed: list[tuple[int, int]] = []  # (group, its level)
    waiting = [(index, 1) for index in _children(folding, 0)]
    while waiting and len(listed) < _MOST_LINES:
        index, level = waiting.pop()
        listed.append((index, level))
        if level < depth:
            waiting += [(child, level + 1) for child in _children(folding, index)]
    borders: dict[int, tuple[list[int], list[int]]] = {}
    for level in range(1, depth + 1):  # boxes of one level do not contain each other: one cut shows them all
        opened = {0}
        for index, at in listed:
            if at == level:
                while index > 0:
                    index = folding.groups[index].parent
                    opened.add(index)
        if len(opened) > 1 or level == 1:
            view = cut(folding, opened)
            borders |= {~item: (view.inputs[item], view.outputs[item]) for item in view.items if item < 0}
    rows = []
    for index, _ in listed:
        group = folding.groups[index]
        rows.append((_title(folding, group), *_numbers(folding, group, *borders[index])))
    more = f"… {len(waiting):,} and more boxes; a smaller depth lists fewer"
    headings = ("box", "shape", "parameters", "operations", "|value|", "|grad|")
    levels = [level for _, level in listed]
    return [AlignedTable(rows, headings, range(2, 6), levels=levels), *([more] if waiting else [])] if rows else []


def _children(folding: Folding, index: int) -> list[int]:
    """The boxes in a box, the last first, as they go on a stack.

    Leaves are counted, not listed; the first of several equal boxes is listed; the parts of a long program are not.
    """
    group = folding.groups[index]
    if group.kind in ("composition", "part"):
        return []
    inner = [~item for item in group.items if item < 0 and folding.groups[~item].kind not in ("leaves", "rows")]
    if group.kind == "repeat":
        while inner and folding.groups[inner[0]].kind == "part":
            inner = [~item for item in folding.groups[inner[0]].items if item < 0]
        del inner[1:]
    return inner[::-1]


def _title(folding: Folding, group: Group) -> str:
    name, formula = visible_text(group.name), folding.formula_text(group)
    if len(formula) > _LONGEST_FORMULA:
        formula = formula[: _LONGEST_FORMULA - 1] + "…"
    return f"{name}: {formula}" if formula else name


def _numbers(folding: Folding, group: Group, inputs: list[int], outputs: list[int]) -> Row:
    """Shape, parameters, operations and the two norms of a box."""
    columns = folding.columns
    return (
        f"{len(inputs):,} → {len(outputs):,}",
        f"{group.parameters:,}" if group.parameters else "",
        f"{group.nodes:,}",
        number_text(norm(columns.values[node] for node in outputs)),
        number_text(norm(columns.adjoint(node) for node in outputs)),
    )


# -------------------------------------------------------------------------------------------------------- models


def _of_model(model: Any, depth: int) -> Summary:
    entries: dict[tuple[str, ...], list[tuple[str, Value]]] = {}
    for path, parameter in model.named_parameters():
        places = _PLACES.search(path)
        assert places is not None
        entries.setdefault(tuple(path[: places.start()].split(".")), []).append((places[0], parameter))
    modules = dict(model.named_modules()) if hasattr(model, "named_modules") else {}
    everything = [parameter for entry in entries.values() for _, parameter in entry]
    rows: list[Row] = [(type(model).__name__, "", *_norms(everything))]
    levels = [0]
    listed: set[tuple[str, ...]] = set()
    for path, entry in entries.items():
        for length in range(1, min(len(path), depth + 1)):
            outer = path[:length]
            if outer not in listed and ".".join(outer) in modules:
                listed.add(outer)
                inside = [
                    parameter for other, entry in entries.items() if other[:length] == outer for _, parameter in entry
                ]
                name = f"{visible_text('.'.join(outer))}: {_kind(modules, outer)}"
                rows.append((name, "", *_norms(inside)))
                levels.append(_level(outer, modules))
        if _level(path, modules) <= depth:
            shape, values = _shape([place for place, _ in entry]), [parameter for _, parameter in entry]
            rows.append((visible_text(path[-1]), shape, *_norms(values)))
            levels.append(_level(path, modules))
    headings = ("module", "shape", "parameters", "|value|", "|grad|")
    return Summary((AlignedTable(rows, headings, range(2, 5), levels=levels),), parameters=len(everything))


def _level(path: tuple[str, ...], modules: Any) -> int:
    """How deep an entry or a module lies: 1 + the modules around it. layers.0 is one module, not two."""
    return 1 + sum(".".join(path[:length]) in modules for length in range(1, len(path)))


def _kind(modules: Any, path: tuple[str, ...]) -> str:
    module = modules[".".join(path)]
    settings = module.extra_repr() if hasattr(module, "extra_repr") else ""
    return visible_text(f"{type(module).__name__}({settings})")


def _shape(places: list[str]) -> str:
    """16 × 2 for [0][0] ... [15][1]; "" for one number."""
    rows = [tuple(map(int, place.strip("[]").split("]["))) for place in places if place]
    return " × ".join(str(max(column) + 1) for column in zip(*rows, strict=True))


def _norms(parameters: list[Value]) -> Row:
    gradients = [None if parameter.grad is None else float(parameter.grad) for parameter in parameters]
    return (
        f"{len(parameters):,}",
        number_text(norm(parameter.data for parameter in parameters)),
        number_text(norm(gradients)),
    )

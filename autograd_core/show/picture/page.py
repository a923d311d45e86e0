"""A folded graph as a page: its boxes open and close, and every number can be found and followed.

The page holds the whole graph as columns of numbers, and its script lays out the visible part. The picture and its
table are for readers without scripts.
"""

from __future__ import annotations

import operator
import re
from array import array
from collections.abc import Hashable, Iterable
from html import escape
from typing import Any, TypeVar

from autograd_core.engine.primitive import DETACHED, PRIMITIVES
from autograd_core.errors import DrawingError
from autograd_core.formulas.labels import isolate_names, plural, visible_sentence, visible_text
from autograd_core.formulas.notation import number_text
from autograd_core.formulas.symbols import name_text
from autograd_core.graph.folding.cut import Cut
from autograd_core.graph.folding.groups import Folding
from autograd_core.graph.gradient_health import REASONS, TROUBLES
from autograd_core.graph.names import root_symbol
from autograd_core.show.drawing.bars import BAR_STEP, LOWEST, MOST_BARS, STRIP_LEFT, TALLEST
from autograd_core.show.page.bundle import page_script
from autograd_core.show.page.document import document, embedded_json, notebook_script
from autograd_core.show.page.styles import styles
from autograd_core.show.picture.packed_columns import numbers_to_keep, pack
from autograd_core.show.theme import FONT_FAMILY, PADDING, SLANT, SMALL, SYMBOL, TEXT, TITLE

MOST_NODES = 100_000
_ENTRY = "show/picture/page.js"
_IN_MATRIX = re.compile(r"^[^\[]*\[(\d{1,6})\]\[(\d{1,6})\]$")
_LONGEST_FORMULA = 200
_THEME = {
    "small": SMALL,
    "text": TEXT,
    "title": TITLE,
    "symbol": SYMBOL,
    "padding": PADDING,
    "slant": SLANT,
    "font": FONT_FAMILY,
    "bar": BAR_STEP,
    "bars": MOST_BARS,
    "strip": STRIP_LEFT,
    "lowest": LOWEST / TALLEST,
}
Key = TypeVar("Key", bound=Hashable)
_KINDS = ("graph", "scope", "composition", "repeat", "chain", "part", "leaves", "sequence", "rows")


def fold_page(cut: Cut, picture: str, table: str) -> str:
    """A complete HTML document that needs no network. Raises `DrawingError` for a graph too large for a page.

    picture: the image of the picture as it is folded; table: its boxes as text.
    """
    return document(_title(cut), _parts(cut, picture, table), _style(), page_script(_ENTRY))


def fold_output(cut: Cut, picture: str, table: str) -> str:
    """The same as the output of a notebook cell; the script brings its style sheet along. Raises as `fold_page`."""
    return f"{_parts(cut, picture, table)}\n{notebook_script('fold', _ENTRY, _style())}"


def _title(cut: Cut) -> str:
    columns = cut.folding.columns
    name, count = visible_sentence(name_text(cut.folding.names()[-1])), len(columns.order)
    return f"{name} = {number_text(columns.values[-1])}: a graph of {plural(count, 'node')}"


def _parts(cut: Cut, picture: str, table: str) -> str:
    count = len(cut.folding.columns.order)
    if count > MOST_NODES:
        raise DrawingError(
            f"{count:,} nodes are more than a page can hold (at most {MOST_NODES:,}). Draw a node further down, such "
            "as the loss of one sample; .svg, .png and summary(value) show a graph of any size."
        )
    return (
        '<div data-autograd-fold="">\n<div data-fallback="">\n'
        f"<p>{picture}</p>\n"
        f"<pre>{escape(isolate_names(table))}</pre></div>\n"
        f'<script type="application/json">{embedded_json(_data(cut))}</script>\n</div>'
    )


# ------------------------------------------------------------------------------------------- what the script reads


def _data(cut: Cut) -> dict[str, Any]:
    folding = cut.folding
    columns = folding.columns
    texts: dict[str, int] = {"": 0}
    operations: dict[tuple[str, str], int] = {}
    numbers, behind, labels = _name_parts(folding)
    places = [_place_in_matrix(node) for node in columns.order]
    groups = folding.groups
    data: dict[str, array[int] | array[float] | bytes | bytearray] = {
        "home": array("i", folding.home),
        "operation": _indices(map(_operation, columns.order), operations),
        "number": numbers,
        "behind": behind,
        "arity": array("i", map(operator.sub, columns.first[1:], columns.first)),
        "row": array("i", [row for row, _ in places]),
        "column": array("i", [column for _, column in places]),
        "back": array("i", [user - source for source, user in columns.pairs()]),
        "reached": columns.reached,
        "trouble": folding.troubles,
        "flowing": columns.flowing,
        **numbers_to_keep(columns),
        "parent": array("i", [group.parent for group in groups]),
        "name": _indices((visible_sentence(group.name) for group in groups), texts),
        "formula": _indices((_formula(folding.formula_text(group)) for group in groups), texts),
        "kind": bytes([_KINDS.index(group.kind) for group in groups]),
    }
    return {
        "title": _title(cut),
        "columns": pack(data),
        "theme": _THEME,
        "operations": list(operations),
        "comparisons": [primitive.name for primitive in PRIMITIVES.values() if primitive.comparison],
        "texts": list(texts),
        "kinds": _KINDS,
        "troubles": TROUBLES,
        "reasons": REASONS,
        "labels": labels,
        "symbol": visible_sentence(name_text(root_symbol(folding.names()[-1], folding.names()))),
        "changed": list(columns.changed.items()),
        "open": cut.opened,
    }


def _name_parts(folding: Folding) -> tuple[array[int], array[int], list[tuple[int, str]]]:
    """The parts of the nodes' names: the number (of v12); inside a composition, the distance to the node that names it
    (v12 for v12(3)), else 0; and, by node, the names without a number, except "out"."""
    names = folding.names()
    position = {name: index for index, name in enumerate(names)}
    numbers, behind = array("i", bytes(4 * len(names))), array("H", bytes(2 * len(names)))
    labels = []
    for index, (node, name) in enumerate(zip(folding.columns.order, names, strict=True)):
        owner, bracket, number = name.rpartition("(")
        if bracket and not node.label and position[owner] - index < 1 << 16:
            numbers[index], behind[index] = int(number[:-1]), position[owner] - index
        elif node.label or bracket:
            labels.append((index, visible_sentence(name_text(name))))
        elif name != "out":
            numbers[index] = int(name[1:])
    return numbers, behind, labels


def _place_in_matrix(node: Any) -> tuple[int, int]:
    """The row and the column of a leaf with a label such as W[2][3]; -1 for other nodes."""
    found = None if node.inputs else _IN_MATRIX.search(node.label)
    return (int(found[1]), int(found[2])) if found else (-1, -1)


def _operation(node: Any) -> tuple[str, str]:
    """The name and the symbol of a node's operation; for a leaf its kind."""
    if node.primitive is None:
        return node.role, ""
    if node.primitive is DETACHED:
        return "constant", ""
    return node.primitive.name, visible_text(node.primitive.symbol)


def _formula(formula: str) -> str:
    text = visible_sentence(formula)
    return text if len(text) <= _LONGEST_FORMULA else text[: _LONGEST_FORMULA - 1] + "…"


def _indices(keys: Iterable[Key], known: dict[Key, int]) -> array[int]:
    return array("i", [known.setdefault(key, len(known)) for key in keys])


def _style() -> str:
    names = ("show/page/camera.css", "show/page/one_screen.css", "show/picture/page.css")
    return styles("data-autograd-fold", *names, with_pictures=False)

"""The scalars of an affine layer, laid out as its matrix: a row for each unit, a column for each input.

A line leads from each input down its column, to a product with a weight in every row; the products of a row lead to
their sum on the right. Forward goes along rows (W x), and the gradient of an input goes up its column (W^T delta).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from autograd_core.formulas.notation import exact_text, number_text
from autograd_core.formulas.symbols import name_text
from autograd_core.show.drawing.cards import Card, Line, Word, number_line
from autograd_core.show.drawing.compose import compose
from autograd_core.show.drawing.diagram import Diagram, Link, LinkFlow
from autograd_core.show.drawing.layout.places import Layout, Point
from autograd_core.show.drawing.scene import Scene
from autograd_core.show.drawing.signs import sign_colour, with_sign
from autograd_core.show.matrix.record import MatrixEntry, MatrixRecord, ScalarKey
from autograd_core.show.theme import MARGIN, SMALL, SYMBOL, TEXT

MOST_ROWS, MOST_COLUMNS = 4, 4  # a larger layer shows its upper left corner
_LANE = 22.0  # from the line down a column to the cards beside it
_GAP, _ROW_GAP, _COLUMN_GAP, _CORNER = 18.0, 28.0, 26.0, 9.0
_LONGEST_NAME = 14
_BEND = 0.5523  # of a radius: the cubic closest to a quarter of a circle


@dataclass(frozen=True, slots=True)
class MatrixPicture:
    """The picture, and the scalar of each card and the ends of each link: ("W", i, j), ("product", i, j), ("x", 0, j),
    ("b", i, 0), ("z", i, 0), and ("more", i, 0) for those left out. rows, columns: how many of the layer it shows."""

    scene: Scene
    cards: list[ScalarKey]
    links: list[tuple[ScalarKey, ScalarKey]]
    rows: int
    columns: int


class _Sheet:
    """Cards with their places, and links with their paths."""

    def __init__(self) -> None:
        self.cards: list[Card] = []
        self.centres: list[Point] = []
        self.links: list[Link] = []
        self.paths: list[list[Point]] = []
        self.keys: list[ScalarKey] = []
        self.ends: list[tuple[ScalarKey, ScalarKey]] = []

    def put(self, key: ScalarKey, card: Card, x: float, y: float) -> None:
        """A card with its upper left corner at (x, y)."""
        self.keys.append(key)
        self.cards.append(card)
        self.centres.append((x + card.width / 2, y + card.height / 2))

    def link(self, tail: ScalarKey, head: ScalarKey, corners: Sequence[Point], flow: LinkFlow = "open") -> None:
        """A link along straight lines with rounded corners."""
        self.links.append(Link(self.keys.index(tail), self.keys.index(head), flow))
        self.ends.append((tail, head))
        self.paths.append(_round_corners(corners))


def matrix_picture(layer: MatrixRecord) -> MatrixPicture:
    """The scalars of a layer; of a large layer, those of its first units and inputs."""
    count, width = layer.shape
    rows = count if count <= MOST_ROWS + 1 else MOST_ROWS
    columns = width if width <= MOST_COLUMNS + 1 else MOST_COLUMNS
    inputs = [_entry_card(layer.x[j]) for j in range(columns)]
    weights = [[_entry_card(layer.W[i][j]) for j in range(columns)] for i in range(rows)]
    products = [[_product_card(layer, i, j) for j in range(columns)] for i in range(rows)]
    biases = [_entry_card(entry) if (entry := layer.b[i]) else None for i in range(rows)]
    sums = [_sum_card(layer, i) for i in range(rows)]
    more = [_more_card(f"… {width - columns:,} more terms") if columns < width else None for _ in range(rows)]

    for alike in (inputs, [*chain(*weights), *(entry for entry in biases if entry)], [*chain(*products)], sums):
        widest = max(card.width for card in alike)
        for card in alike:
            card.width = widest

    sheet = _Sheet()
    cells = [max(card.width for row in (*weights, *products) for card in [row[j]]) for j in range(columns)]
    cells = [max(cell, inputs[j].width - _LANE) for j, cell in enumerate(cells)]
    lanes: list[float] = []
    at = MARGIN + 14.0
    for cell in cells:
        lanes.append(at)
        at += _LANE + cell + _COLUMN_GAP
    end = at + max([card.width for card in more if card] + [0.0]) + (_COLUMN_GAP if columns < width else 0.0)
    top = MARGIN
    for j, card in enumerate(inputs):
        sheet.put(("x", 0, j), card, lanes[j] - 14.0, top)
    y = top + max(card.height for card in inputs) + 30.0
    for i in range(rows):
        upper = max(card.height for card in (*weights[i], *(entry for entry in biases if entry)))
        lower = max(card.height for card in products[i])
        middle = y + upper + _GAP + lower / 2
        bus = middle + lower / 2 + 14.0
        for j in range(columns):
            left = lanes[j] + _LANE
            centre = left + cells[j] / 2
            weight, product = weights[i][j], products[i][j]
            sheet.put(("W", i, j), weight, centre - weight.width / 2, y + upper - weight.height)
            sheet.put(("product", i, j), product, centre - product.width / 2, middle - product.height / 2)
        total, bias = sums[i], biases[i]
        sheet.put(("z", i, 0), total, end + 10.0, middle - total.height / 2)
        for j in range(columns):
            centre = lanes[j] + _LANE + cells[j] / 2
            product = products[i][j]
            start = (lanes[j], top + inputs[j].height)
            flow: LinkFlow = "open" if layer.x[j].has_gradient else "none"
            path = [start, (lanes[j], middle), (centre - product.width / 2, middle)]
            sheet.link(("x", 0, j), ("product", i, j), path, flow)
            flow = "open" if layer.W[i][j].has_gradient else "none"
            path = [(centre, y + upper), (centre, middle - product.height / 2)]
            sheet.link(("W", i, j), ("product", i, j), path, flow)
            path = [(centre, middle + product.height / 2), (centre, bus), (end - 14.0, bus), (end - 14.0, middle)]
            sheet.link(("product", i, j), ("z", i, 0), [*path, (end + 10.0, middle)])
        if (rest := more[i]) is not None:
            sheet.put(("more", i, 0), rest, at, middle - rest.height / 2)
            path = [(at + rest.width, middle), (end + 10.0, middle)]
            sheet.link(("more", i, 0), ("z", i, 0), path)
        if bias is not None:
            middle_of_sum = end + 10.0 + total.width / 2
            sheet.put(("b", i, 0), bias, middle_of_sum - bias.width / 2, y + upper - bias.height)
            path = [(middle_of_sum, y + upper), (middle_of_sum, middle - total.height / 2)]
            sheet.link(("b", i, 0), ("z", i, 0), path)
        y = bus + _ROW_GAP
    if rows < count:
        rest = _more_card(f"… {count - rows:,} more units like these")
        sheet.put(("more", -1, 0), rest, lanes[0] - 14.0, y)
        y += rest.height + _ROW_GAP
    right = max(x + card.width / 2 for (x, _), card in zip(sheet.centres, sheet.cards, strict=True))
    title = f"the scalars of {layer.title}: {count} × {width} products, added up in {count} sums"
    places = Layout(right + MARGIN, y - _ROW_GAP + MARGIN, sheet.centres, sheet.paths)
    drawn = compose(Diagram(title, sheet.cards, sheet.links), places)
    return MatrixPicture(drawn, sheet.keys, sheet.ends, rows, columns)


# -------------------------------------------------------------------------------------------------------- cards


def _entry_card(entry: MatrixEntry) -> Card:
    lines = [
        Line((Word(_short(entry.name), TEXT, bold=True),), (Word(number_text(entry.value)),)),
        _gradient(entry.grad, entry.has_gradient),
    ]
    return Card(entry.role, lines, _tooltip(entry.name, entry.value, entry.grad))


def _product_card(layer: MatrixRecord, i: int, j: int) -> Card:
    product, delta = layer.product[i][j], layer.delta[i]
    sign = "×" if not layer.minus[i][j] else "− ×"
    lines = [Line((Word(sign, SYMBOL, bold=True),), (Word(number_text(product)),)), _gradient(delta, True)]
    name = f"{name_text(layer.W[i][j].name)} · {name_text(layer.x[j].name)}"
    return Card("operation", lines, _tooltip(name, product, delta))


def _sum_card(layer: MatrixRecord, i: int) -> Card:
    entry, terms = layer.z[i], layer.shape[1] + (layer.b[i] is not None)
    lines = [
        Line(
            (Word("+", SYMBOL, bold=True), Word(_short(entry.name), TEXT, bold=True)),
            (Word(number_text(entry.value)),),
        ),
        _gradient(entry.grad, True),
    ]
    return Card("operation", lines, _tooltip(f"{entry.name}, a sum of {terms} terms", entry.value, entry.grad))


def _more_card(text: str) -> Card:
    return Card("constant", [Line((Word(text, SMALL, "muted"),))])


def _gradient(grad: float | None, has_gradient: bool) -> Line:
    if not has_gradient:
        return number_line("grad", Word("none", SMALL, "muted"))
    colour = sign_colour(grad)
    return number_line("grad", Word(with_sign(grad), TEXT, colour, colour != "ink"))


def _short(name: str) -> str:
    symbol = name_text(name)
    return symbol if len(symbol) <= _LONGEST_NAME else symbol[: _LONGEST_NAME - 1] + "…"


def _tooltip(name: str, value: float, grad: float | None) -> str:
    gradient = "no gradient" if grad is None else f"gradient {exact_text(grad)}"
    return f"{name_text(name)}\nvalue {exact_text(value)}\n{gradient}"


# -------------------------------------------------------------------------------------------------------- lines


def _round_corners(corners: Sequence[Point]) -> list[Point]:
    """Straight lines through `corners` as the points of a cubic spline, with each corner a quarter of a circle."""
    path = [corners[0]]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        begin, end = _towards(corner, before), _towards(corner, after)
        path += [path[-1], begin, begin, _part(begin, corner), _part(end, corner), end]
    return [*path, path[-1], _near(path[-1], corners[-1]), corners[-1]]


def _towards(start: Point, goal: Point) -> Point:
    """The point one corner radius from `start` towards `goal`, at most half-way."""
    (x, y), (to_x, to_y) = start, goal
    length = abs(to_x - x) + abs(to_y - y) or 1.0
    share = min(_CORNER / length, 0.5)
    return x + (to_x - x) * share, y + (to_y - y) * share


def _part(start: Point, goal: Point) -> Point:
    return start[0] + (goal[0] - start[0]) * _BEND, start[1] + (goal[1] - start[1]) * _BEND


def _near(start: Point, goal: Point) -> Point:
    """A control point for the direction of the last piece, which the arrow follows."""
    return start[0] + (goal[0] - start[0]) * 0.5, start[1] + (goal[1] - start[1]) * 0.5

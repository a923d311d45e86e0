"""Affine layers in a recorded graph: units with the same inputs are the rows of one matrix."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from autograd_core.engine.context import Scope
from autograd_core.engine.scope import Composition
from autograd_core.formulas.labels import visible_text
from autograd_core.graph.affine.affine_sums import group_by_inputs
from autograd_core.graph.affine.affine_terms import Factor
from autograd_core.graph.affine.affine_units import AffineUnit, affine_units, is_polynomial, place_of
from autograd_core.graph.columns import Columns

_OF_ONE_UNIT = re.compile(r"affine|(neuron|unit|row|output)\b.*", re.IGNORECASE)
_INDEXED = re.compile(r"([^\W\d_]\w{0,7})\[(\d+)\](?:\[(\d+)\])?")
_NUMBERED = re.compile(r"([^\W\d_]{1,6})_?(\d+)")


@dataclass(slots=True)
class AffineLayer:
    """Units with the same inputs: z = W x + b, a row for each unit, a column for each input.

    path: the named scopes around it, outermost first. rows: the number of each unit by its weights' labels (a unit
    that dropout left out is missing). use, uses: the layer is use number `use` of `uses` layers with the same weights,
    in order of computation.
    """

    name: str
    path: tuple[str, ...]
    units: list[AffineUnit]
    rows: list[int]
    use: int = 1
    uses: int = 1

    @property
    def shape(self) -> tuple[int, int]:
        """(units, inputs)."""
        return len(self.units), len(self.units[0].terms)

    @property
    def title(self) -> str:
        """Its name; of several uses of the same weights, with the number of this use."""
        return self.name if self.uses == 1 else f"{self.name}, use {self.use} of {self.uses}"


def affine_layers(graph: Columns) -> list[AffineLayer]:
    """The affine layers of a graph, in order of computation."""
    units = list(affine_units(graph))
    for unit in units:  # the weights distinguish inputs that are equal plain numbers
        _order_by_weights(graph, unit)
    layers = [_layer(graph, group) for group in _groups(graph, units) if _is_layer(graph, group)]
    layers.sort(key=lambda layer: min(unit.output for unit in layer.units))
    _name(graph, layers)
    return layers


def _groups(graph: Columns, units: list[AffineUnit]) -> list[list[AffineUnit]]:
    """The units with the same inputs in the same scope, those of Wq and of Wk apart."""
    units_in: Counter[Scope] = Counter()
    for unit in units:
        units_in.update(set(graph.order[unit.output]._scope.chain()))

    def inputs(unit: AffineUnit) -> object:
        place = place_of(graph, unit.output)
        while place is not None and units_in[place] == 1:
            place = next((scope for scope in place.parent.chain() if scope.name), None) if place.parent else None
        matrices = frozenset(at[0] for term in unit.terms if (at := place_in_matrix(graph, term.weight)))
        return place, matrices, tuple(sorted(_keys(unit)))

    return list(group_by_inputs((inputs(unit), unit) for unit in units).values())


def _keys(unit: AffineUnit) -> list[tuple[int, float, int]]:
    """A key for each variable: its node, its number if it is a plain one, and its place among equal ones."""
    counts: Counter[tuple[int, float]] = Counter()
    keys = []
    for term in unit.terms:
        factor = term.variable
        key = (factor.node, factor.number if factor.node < 0 else 0.0)
        keys.append((*key, counts[key]))
        counts[key] += 1
    return keys


def _layer(graph: Columns, units: list[AffineUnit]) -> AffineLayer:
    """The layer, its rows and columns in the order of their labels' numbers; without these, in order of computation."""
    first = units[0]
    columns = _keys(first)
    order = list(range(len(columns)))
    numbers = [_number(graph, term.variable) for term in first.terms]
    if None not in numbers and len(set(numbers)) == len(numbers):
        order.sort(key=lambda column: numbers[column] or 0)
    columns = [columns[column] for column in order]
    for unit in units:
        by_key = dict(zip(_keys(unit), unit.terms, strict=True))
        unit.terms = [by_key[key] for key in columns]
    rows = [_row(graph, unit) for unit in units]
    if None not in rows and len(set(rows)) == len(rows):
        units = [unit for _, unit in sorted(zip(rows, units, strict=True), key=lambda pair: pair[0] or 0)]
    else:
        units.sort(key=lambda unit: unit.output)
    numbered = [row for unit in units if (row := _row_of_weights(graph, unit)) is not None]
    return AffineLayer("", (), units, numbered if len(set(numbered)) == len(units) else list(range(len(units))))


def _row(graph: Columns, unit: AffineUnit) -> int | None:
    from_label = _parse(graph.order[unit.output].label)
    return from_label[1][0] if from_label and len(from_label[1]) == 1 else _row_of_weights(graph, unit)


def _row_of_weights(graph: Columns, unit: AffineUnit) -> int | None:
    """2 for a unit whose weights are labelled W[2][0], W[2][1] ..."""
    weight = unit.terms[0].weight
    found = _parse(graph.order[weight.node].label) if weight.node >= 0 else None
    return found[1][0] if found and len(found[1]) == 2 else None


def _number(graph: Columns, factor: Factor) -> int | None:
    found = _parse(graph.order[factor.node].label) if factor.node >= 0 else None
    return found[1][0] if found else None


def place_in_matrix(graph: Columns, factor: Factor) -> tuple[str, int] | None:
    """("W", 2) for a weight labelled W[0][2]."""
    found = _parse(graph.order[factor.node].label) if factor.node >= 0 else None
    return (found[0], found[1][1]) if found and len(found[1]) == 2 else None


def _order_by_weights(graph: Columns, unit: AffineUnit) -> None:
    """Sort the terms by the columns in their weights' labels, one matrix after the other."""
    places = [place_in_matrix(graph, term.weight) for term in unit.terms]
    rank = {name: at for at, name in enumerate(dict.fromkeys(place[0] for place in places if place))}
    keys = [(rank[place[0]], place[1]) for place in places if place]
    if len(keys) == len(places):
        unit.terms = [term for _, _, term in sorted(zip(keys, range(len(keys)), unit.terms, strict=True))]


def _parse(label: str) -> tuple[str, tuple[int, ...]] | None:
    """W1[0][2] as ("W1", (0, 2)), x_3 and x3 as ("x", (3,)); None for any other label."""
    if indexed := _INDEXED.fullmatch(label):
        return indexed[1], tuple(int(digits) for digits in indexed.groups()[1:] if digits)
    if numbered := _NUMBERED.fullmatch(label):
        return numbered[1], (int(numbered[2]),)
    return None


def symbol_of(labels: list[str], otherwise: str) -> str:
    """The letter that labels share: W1 of W1[0][0] and W1[0][1], x of x0 and x1; `otherwise` where there is none."""
    if len(labels) == 1 and re.fullmatch(r"[^\W\d_]\d{0,2}", labels[0]):
        return labels[0]
    found = [_parse(label) for label in labels]
    names = {parts[0] if parts else "" for parts in found}
    name = names.pop()
    return name if name and not names else otherwise


def _is_layer(graph: Columns, units: list[AffineUnit]) -> bool:
    """Whether the units are a matrix, or a neuron. A single sum with plain numbers is not a layer (0.5 a + 0.5 b is a
    mean, 2 x + 3 y has no parameters), and a polynomial is not."""
    if len(units) > 1:
        return True
    (unit,) = units
    plain = any(term.weight.node < 0 or term.variable.node < 0 for term in unit.terms)
    return not (plain and (unit.bias is None or unit.bias.factor.node < 0)) and not is_polynomial(graph, unit)


def _name(graph: Columns, layers: list[AffineLayer]) -> None:
    """Name each layer by the innermost scope around all its units, without scopes of one unit; else affine 1, 2 ..."""
    unnamed = 0
    for layer in layers:
        paths = [_path(graph, unit) for unit in layer.units]
        common = paths[0]
        for path in paths[1:]:
            common = [scope for scope, other in zip(common, path, strict=False) if scope is other]
        around = [scope for scope in common if not _OF_ONE_UNIT.fullmatch(scope.name)]
        if len(layer.units) == 1 and not around:
            around = [scope for scope in common if scope.name != "affine"]
        layer.path = tuple(visible_text(scope.name) for scope in around)
        layer.name = layer.path[-1] if layer.path else ""
    layers_named = Counter(layer.name for layer in layers if layer.name)
    uses: dict[frozenset[int], list[AffineLayer]] = {}
    for layer in layers:
        weights = frozenset(term.weight.node for unit in layer.units for term in unit.terms) - {-1}
        uses.setdefault(weights, []).append(layer)
    for weights, sharing in uses.items():
        if weights:
            for number, layer in enumerate(sharing, 1):
                layer.use, layer.uses = number, len(sharing)
    numbered: Counter[str] = Counter()
    for sharing in uses.values():
        name = sharing[0].name
        if not name:
            unnamed += 1
            for layer in sharing:
                layer.name = f"affine {unnamed}"
        elif layers_named[name] > len(sharing):
            numbered[name] += 1
            for layer in sharing:
                layer.name = f"{name} #{numbered[name]}"


def _path(graph: Columns, unit: AffineUnit) -> list[Scope]:
    chain = graph.order[unit.output]._scope.chain()
    return [scope for scope in reversed(list(chain)) if not isinstance(scope.definition, Composition)]

"""Affine layers in a recorded graph: units that multiply the same inputs are the rows of one matrix."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from autograd_core.engine.context import Scope
from autograd_core.engine.scope import Composition
from autograd_core.formulas.labels import visible_text
from autograd_core.graph.affine_units import AffineUnit, Factor, is_polynomial, place_of, units_of
from autograd_core.graph.columns import Columns

_OF_ONE_UNIT = re.compile(r"affine|(neuron|unit|row|output)\b.*", re.IGNORECASE)
_INDEXED = re.compile(r"([^\W\d_]\w{0,7})\[(\d+)\](?:\[(\d+)\])?")
_NUMBERED = re.compile(r"([^\W\d_]{1,6})_?(\d+)")


@dataclass(slots=True)
class AffineLayer:
    """Units with the same inputs: z = W x + b, a row for each unit, a column for each input.

    name: what it goes by; path: the named scopes around it, outermost first. rows: the number of each unit, as its
    weights' labels have it (a unit that dropout left out is not there). use, uses: which of how many layers with the
    same weights it is, in order of computation.
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
        """Its name, and which use of its weights it is."""
        return self.name if self.uses == 1 else f"{self.name}, use {self.use} of {self.uses}"


def affine_layers(made: Columns) -> list[AffineLayer]:
    """The affine layers of a graph, in order of computation."""
    units = list(units_of(made))
    for unit in units:  # inputs that are equal plain numbers are told apart by the weights they meet
        _order_by_weights(made, unit)
    layers = [_arranged(made, group) for group in _grouped(made, units) if _is_layer(made, group)]
    layers.sort(key=lambda layer: min(unit.output for unit in layer.units))
    _name(made, layers)
    return layers


def _grouped(made: Columns, units: list[AffineUnit]) -> list[list[AffineUnit]]:
    """Units of the same inputs in the same place, those of Wq and of Wk apart."""
    held: Counter[Scope] = Counter()
    for unit in units:
        held.update(set(made.order[unit.output]._scope.chain()))
    groups: dict[object, list[AffineUnit]] = {}
    for unit in units:
        place = place_of(made, unit.output)
        while place is not None and held[place] == 1:
            place = next((one for one in place.parent.chain() if one.name), None) if place.parent else None
        matrices = frozenset(at[0] for term in unit.terms if (at := place_in_matrix(made, term.weight)))
        groups.setdefault((place, matrices, tuple(sorted(_keys(unit)))), []).append(unit)
    return list(groups.values())


def _keys(unit: AffineUnit) -> list[tuple[int, float, int]]:
    """What identifies each variable: its node, or a plain number, and how many like it stand before."""
    seen: Counter[tuple[int, float]] = Counter()
    keys = []
    for term in unit.terms:
        one = term.variable
        alike = (one.node, one.number if one.node < 0 else 0.0)
        keys.append((*alike, seen[alike]))
        seen[alike] += 1
    return keys


def _arranged(made: Columns, units: list[AffineUnit]) -> AffineLayer:
    """Rows and columns in the order the labels number them in; without numbers, as they were computed."""
    first = units[0]
    columns = _keys(first)
    order = list(range(len(columns)))
    numbers = [_number(made, term.variable) for term in first.terms]
    if None not in numbers and len(set(numbers)) == len(numbers):
        order.sort(key=lambda column: numbers[column] or 0)
    columns = [columns[column] for column in order]
    for unit in units:
        by_key = dict(zip(_keys(unit), unit.terms, strict=True))
        unit.terms = [by_key[key] for key in columns]
    rows = [_row(made, unit) for unit in units]
    if None not in rows and len(set(rows)) == len(rows):
        units = [unit for _, unit in sorted(zip(rows, units, strict=True), key=lambda pair: pair[0] or 0)]
    else:
        units.sort(key=lambda unit: unit.output)
    numbered = [row for unit in units if (row := _row_of_weights(made, unit)) is not None]
    rows_there = numbered if len(set(numbered)) == len(units) else list(range(len(units)))
    return AffineLayer("", (), units, rows_there)


def _row(made: Columns, unit: AffineUnit) -> int | None:
    from_label = _parsed(made.order[unit.output].label)
    return from_label[1][0] if from_label and len(from_label[1]) == 1 else _row_of_weights(made, unit)


def _row_of_weights(made: Columns, unit: AffineUnit) -> int | None:
    """2 where its weights are labelled W[2][0], W[2][1] ..."""
    weight = unit.terms[0].weight
    found = _parsed(made.order[weight.node].label) if weight.node >= 0 else None
    return found[1][0] if found and len(found[1]) == 2 else None


def _number(made: Columns, one: Factor) -> int | None:
    found = _parsed(made.order[one.node].label) if one.node >= 0 else None
    return found[1][0] if found else None


def place_in_matrix(made: Columns, one: Factor) -> tuple[str, int] | None:
    """("W", 2) for a weight labelled W[0][2]."""
    found = _parsed(made.order[one.node].label) if one.node >= 0 else None
    return (found[0], found[1][1]) if found and len(found[1]) == 2 else None


def _order_by_weights(made: Columns, unit: AffineUnit) -> None:
    """Put the terms in the order of the columns that the weights' labels name, one matrix behind the other."""
    places = [place_in_matrix(made, term.weight) for term in unit.terms]
    behind = {name: at for at, name in enumerate(dict.fromkeys(place[0] for place in places if place))}
    keys = [(behind[place[0]], place[1]) for place in places if place]
    if len(keys) == len(places):
        unit.terms = [term for _, _, term in sorted(zip(keys, range(len(keys)), unit.terms, strict=True))]


def _parsed(label: str) -> tuple[str, tuple[int, ...]] | None:
    """W1[0][2] as ("W1", (0, 2)), x_3 and x3 as ("x", (3,)); None for any other label."""
    if indexed := _INDEXED.fullmatch(label):
        return indexed[1], tuple(int(one) for one in indexed.groups()[1:] if one)
    if numbered := _NUMBERED.fullmatch(label):
        return numbered[1], (int(numbered[2]),)
    return None


def symbol_of(labels: list[str], otherwise: str) -> str:
    """The letter that labels share (W1 of W1[0][0] and W1[0][1], x of x0 and x1); `otherwise` where there is none."""
    if len(labels) == 1 and re.fullmatch(r"[^\W\d_]\d{0,2}", labels[0]):
        return labels[0]
    found = [_parsed(label) for label in labels]
    names = {one[0] if one else "" for one in found}
    name = names.pop()
    return name if name and not names else otherwise


def _is_layer(made: Columns, units: list[AffineUnit]) -> bool:
    """Whether they are a matrix, or at least a neuron. One sum with plain numbers is none: 0.5 a + 0.5 b is a mean, and
    2 x + 3 y a form whose leaves are no parameters. Nor is a polynomial."""
    if len(units) > 1:
        return True
    (unit,) = units
    plain = any(term.weight.node < 0 or term.variable.node < 0 for term in unit.terms)
    return not (plain and (unit.bias is None or unit.bias.factor.node < 0)) and not is_polynomial(made, unit)


def _name(made: Columns, layers: list[AffineLayer]) -> None:
    """A name for each: the innermost scope around all its units, without those of one unit; else affine 1, 2 ..."""
    unnamed = 0
    for layer in layers:
        paths = [_path(made, unit) for unit in layer.units]
        common = paths[0]
        for path in paths[1:]:
            common = [one for one, other in zip(common, path, strict=False) if one is other]
        if len(layer.units) == 1 and not [one for one in common if not _OF_ONE_UNIT.fullmatch(one.name)]:
            kept = [one for one in common if one.name != "affine"]
        else:
            kept = [one for one in common if not _OF_ONE_UNIT.fullmatch(one.name)]
        layer.path = tuple(visible_text(one.name) for one in kept)
        layer.name = layer.path[-1] if layer.path else ""
    alike = Counter(layer.name for layer in layers if layer.name)
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
        elif alike[name] > len(sharing):
            numbered[name] += 1
            for layer in sharing:
                layer.name = f"{name} #{numbered[name]}"


def _path(made: Columns, unit: AffineUnit) -> list[Scope]:
    chain = made.order[unit.output]._scope.chain()
    return [one for one in reversed(list(chain)) if not isinstance(one.definition, Composition)]

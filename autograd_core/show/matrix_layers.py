"""Affine layers in a recorded graph: sums of weight times input, found by their structure whatever loop made them.

A sum is read bottom up through additions and subtractions. What it adds are products of a weight (a leaf) and an
input, each used nowhere else, and at most one bias. Sums of the same inputs are the units of one layer.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from autograd_core import primitives
from autograd_core.context import Scope
from autograd_core.scope import Composition
from autograd_core.show.flows import Flows
from autograd_core.show.look import shown

_SUMS = (primitives.add, primitives.subtract)
_OF_ONE_UNIT = re.compile(r"affine|(neuron|unit|row|output)\b.*", re.IGNORECASE)
_INDEXED = re.compile(r"([^\W\d_]\w{0,7})\[(\d+)\](?:\[(\d+)\])?")
_NUMBERED = re.compile(r"([^\W\d_]{1,6})_?(\d+)")


@dataclass(frozen=True, slots=True)
class Factor:
    """A weight, an input or a bias as it was used. node: its place in the order, -1 for a plain number."""

    node: int
    number: float


@dataclass(frozen=True, slots=True)
class Term:
    """One product of a unit: weight times variable, and the node that multiplies them."""

    product: int
    weight: Factor
    variable: Factor
    weight_edge: int
    variable_edge: int
    sign: int = 1


@dataclass(frozen=True, slots=True)
class Bias:
    """What a unit adds besides its products, with the edge it comes in by."""

    factor: Factor
    edge: int
    sign: int = 1


@dataclass(slots=True)
class Unit:
    """One sum: z = weight · variable + ... + bias. output: its node."""

    output: int
    terms: list[Term]
    bias: Bias | None


@dataclass(slots=True)
class AffineLayer:
    """Units with the same inputs: z = W x + b, a row for each unit, a column for each input.

    name: what it goes by; path: the named scopes around it, outermost first. use, uses: which of how many layers with
    the same weights it is, in order of computation.
    """

    name: str
    path: tuple[str, ...]
    units: list[Unit]
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


@dataclass(slots=True)
class _Sum:
    """A sum so far. variables: what its terms multiply, to tell two units added up from one."""

    terms: list[Term] = field(default_factory=list)
    biases: list[Bias] = field(default_factory=list)
    variables: set[object] = field(default_factory=set)


def affine_layers(made: Flows) -> list[AffineLayer]:
    """The affine layers of a graph, in order of computation."""
    units = [unit for unit in _units(made) if not _is_polynomial(made, unit)]
    layers = [_arranged(made, group) for group in _grouped(made, units)]
    layers = [layer for layer in layers if not _only_numbers(layer)]
    layers.sort(key=lambda layer: min(unit.output for unit in layer.units))
    _name(made, layers)
    return layers


# -------------------------------------------------------------------------------------------------------- units


def _units(made: Flows) -> Iterator[Unit]:
    """The sums that are units: each as large as it can be read."""
    users = Counter(made.sources)
    sums: dict[int, _Sum] = _products(made, users)
    for index, node in enumerate(made.order):
        if node.primitive not in _SUMS or _inside_a_function(node._scope):
            continue
        merged = _merged(made, index, sums, users)
        if merged is not None:
            sums[index] = merged
    for index, one in sums.items():
        if made.order[index].primitive in _SUMS and one.terms and len(one.terms) + len(one.biases) >= 2:
            yield Unit(index, one.terms, one.biases[0] if one.biases else None)


def _merged(made: Flows, index: int, sums: dict[int, _Sum], users: Counter[int]) -> _Sum | None:
    """The sum at `index` with those it adds taken into it; None where it adds anything else."""
    node = made.order[index]
    parts: list[tuple[int, _Sum]] = []
    taken: list[int] = []
    edge = made.first[index]
    for position, (thing, number) in enumerate(zip(node.inputs, node.input_numbers, strict=True)):
        sign = -1 if position and node.primitive is primitives.subtract else 1
        if isinstance(thing, float):
            parts.append((sign, _Sum(biases=[Bias(Factor(-1, number), -1)] if number else [])))
            continue
        source = made.sources[edge]
        if made.leaf[source]:
            parts.append((sign, _Sum(biases=[Bias(Factor(source, number), edge)])))
        elif source in sums and users[source] == 1 and _same_place(made, source, index):
            parts.append((sign, sums[source]))
            taken.append(source)
        else:
            return None
        edge += 1
    (sign, first), (other_sign, second) = parts
    if len(first.biases) + len(second.biases) > 1:
        return None
    if first.variables & second.variables and not _in_a_dot(node._scope):
        return None  # two units added up, as a loss may do
    if not (first.terms or second.terms) or not _is_bias_like(made, first, second, other_sign):
        return None
    for source in taken:
        del sums[source]
    small, large = sorted((first, second), key=lambda one: len(one.terms))
    variables = large.variables
    variables |= small.variables
    right = second.terms if other_sign > 0 else [_minus(term) for term in second.terms]
    if first.terms:
        first.terms.extend(right)
        terms = first.terms
    else:
        terms = right
    biases = first.biases + (second.biases if other_sign > 0 else [_opposite(bias) for bias in second.biases])
    return _Sum(terms, biases, variables)


def _minus(term: Term) -> Term:
    return Term(term.product, term.weight, term.variable, term.weight_edge, term.variable_edge, -term.sign)


def _opposite(bias: Bias) -> Bias:
    return Bias(bias.factor, bias.edge, -bias.sign)


def _is_bias_like(made: Flows, first: _Sum, second: _Sum, sign: int) -> bool:
    """Whether what is added to the products may be their bias: w x - target is an error, not a layer."""
    if first.terms and second.terms:
        return True
    terms, biases = (first.terms, second.biases) if first.terms else (second.terms, first.biases)
    if not biases:
        return True
    learnt = any(_is_parameter(made, term.weight) for term in terms)
    return _is_parameter(made, biases[0].factor) or not learnt


def _is_parameter(made: Flows, one: Factor) -> bool:
    return one.node >= 0 and made.order[one.node].role == "parameter"


def _products(made: Flows, users: Counter[int]) -> dict[int, _Sum]:
    """Every product of a weight and an input that is used once, as a sum of one term."""
    found: list[tuple[int, Factor, Factor]] = []
    factors: Counter[int] = Counter()
    for index, node in enumerate(made.order):
        if node.primitive is not primitives.multiply or _inside_a_function(node._scope):
            continue
        edge = made.first[index]
        pair: list[Factor] = []
        for thing, number in zip(node.inputs, node.input_numbers, strict=True):
            pair.append(Factor(-1 if isinstance(thing, float) else made.sources[edge], number))
            edge += not isinstance(thing, float)
        factors.update(one.node for one in pair if one.node >= 0)
        if users[index] == 1 and pair[0].node != pair[1].node:
            found.append((index, pair[0], pair[1]))
    sums: dict[int, _Sum] = {}
    for index, left, right in found:
        if (first := _weight_first(made, left, right, factors)) is None:
            continue
        edges = iter(made.edges(index))
        left_edge, right_edge = (next(edges) if one.node >= 0 else -1 for one in (left, right))
        term = Term(index, left, right, left_edge, right_edge)
        if not first:
            term = Term(index, right, left, right_edge, left_edge)
        key: object = term.variable.node if term.variable.node >= 0 else (term.variable.number, index)
        sums[index] = _Sum([term], [], {key})
    return sums


def _weight_first(made: Flows, left: Factor, right: Factor, factors: Counter[int]) -> bool | None:
    """Whether the left factor is the weight; None where neither is: a weight is a leaf or a plain number.

    Of two leaves a parameter is the weight, then the one called w, then the one that is in fewer products, then the
    left one, as W x is written. A leaf that meets several plain numbers is the input, and they are the weights.
    """
    may = [one.node < 0 or bool(made.leaf[one.node]) for one in (left, right)]
    if not all(may):
        return may[0] if any(may) else None

    def likeness(one: Factor) -> tuple[bool, bool, int]:
        if one.node < 0:
            return False, False, -1
        node = made.order[one.node]
        return node.role == "parameter", node.label[:1] in ("w", "W"), -factors[one.node]

    return likeness(left) >= likeness(right)


def _inside_a_function(scope: Scope | None) -> bool:
    """Whether it belongs to a composition other than dot: sums and products in there are its own affair."""
    while scope is not None:
        if isinstance(scope.definition, Composition) and scope.definition.name != "dot":
            return True
        scope = scope.parent
    return False


def _in_a_dot(scope: Scope) -> bool:
    return isinstance(scope.definition, Composition) and scope.definition.name == "dot"


def _same_place(made: Flows, source: int, user: int) -> bool:
    """Whether no border of a scope lies between two nodes (that of `dot` is none)."""
    if made.order[source].primitive is primitives.multiply:
        return True
    return _place(made, source) is _place(made, user)


def _place(made: Flows, node: int) -> Scope | None:
    return next((one for one in made.order[node]._scope.chain() if not isinstance(one.definition, Composition)), None)


def _is_polynomial(made: Flows, unit: Unit) -> bool:
    """Whether a weight that is none by its role or name is there twice, or an input is computed from it."""
    weights = [
        term.weight.node
        for term in unit.terms
        if term.weight.node >= 0
        and made.order[term.weight.node].role != "parameter"
        and made.order[term.weight.node].label[:1] not in ("w", "W", "u", "U")
    ]
    waiting = [term.variable.node for term in unit.terms if term.variable.node >= 0]
    seen: set[int] = set()
    once = set(weights)
    if len(once) < len(weights):
        return True
    while once and waiting:
        node = waiting.pop()
        if node in once:
            return True
        if node not in seen:
            seen.add(node)
            waiting.extend(made.sources[edge] for edge in made.edges(node))
    return False


# ------------------------------------------------------------------------------------------------------- layers


def _grouped(made: Flows, units: list[Unit]) -> list[list[Unit]]:
    """Units of the same inputs in the same place."""
    held: Counter[Scope] = Counter()
    for unit in units:
        held.update(set(made.order[unit.output]._scope.chain()))
    groups: dict[object, list[Unit]] = {}
    for unit in units:
        place = _place(made, unit.output)
        while place is not None and held[place] == 1:
            place = next((one for one in place.parent.chain() if one.name), None) if place.parent else None
        groups.setdefault((place, tuple(sorted(_keys(unit)))), []).append(unit)
    return list(groups.values())


def _keys(unit: Unit) -> list[tuple[int, float, int]]:
    """What identifies each variable: its node, or a plain number, and how many like it stand before."""
    seen: Counter[tuple[int, float]] = Counter()
    keys = []
    for term in unit.terms:
        one = term.variable
        alike = (one.node, one.number if one.node < 0 else 0.0)
        keys.append((*alike, seen[alike]))
        seen[alike] += 1
    return keys


def _arranged(made: Flows, units: list[Unit]) -> AffineLayer:
    """Rows and columns in the order the labels number them in; without numbers, as they were computed."""
    first = units[0]
    columns = _keys(first)
    order = list(range(len(columns)))
    numbers = [_number(made, term.variable, 0) for term in first.terms]
    if None in numbers or len(set(numbers)) < len(numbers):
        numbers = [_number(made, term.weight, 1) for term in first.terms]
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
    return AffineLayer("", (), units)


def _row(made: Flows, unit: Unit) -> int | None:
    from_label = _parsed(made.order[unit.output].label)
    if from_label and len(from_label[1]) == 1:
        return from_label[1][0]
    found = _parsed(made.order[unit.terms[0].weight.node].label) if unit.terms[0].weight.node >= 0 else None
    return found[1][0] if found and len(found[1]) == 2 else None


def _number(made: Flows, one: Factor, position: int) -> int | None:
    found = _parsed(made.order[one.node].label) if one.node >= 0 else None
    if found is None or (position and len(found[1]) < 2):
        return None
    return found[1][position] if len(found[1]) > position else None


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


def _only_numbers(layer: AffineLayer) -> bool:
    """Whether its weights are plain numbers and it is no matrix: 0.5 a + 0.5 b is a mean, not a layer. Nor is a form
    such as 2 x + 3 y whose inputs are plain numbers and whose leaves are no parameters."""
    if len(layer.units) > 1:
        return False
    (unit,) = layer.units
    plain = any(term.weight.node < 0 or term.variable.node < 0 for term in unit.terms)
    return plain and (unit.bias is None or unit.bias.factor.node < 0)


def _name(made: Flows, layers: list[AffineLayer]) -> None:
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
        layer.path = tuple(shown(one.name) for one in kept)
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


def _path(made: Flows, unit: Unit) -> list[Scope]:
    chain = made.order[unit.output]._scope.chain()
    return [one for one in reversed(list(chain)) if not isinstance(one.definition, Composition)]

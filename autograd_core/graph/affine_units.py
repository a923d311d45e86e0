"""Units in a recorded graph: sums of weight times input, found by their structure whatever loop made them.

A sum is read bottom up through additions and subtractions. What it adds are products of a weight (a leaf) and an
input, each used nowhere else, and at most one bias.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from autograd_core.engine import primitives
from autograd_core.engine.context import Scope
from autograd_core.engine.scope import Composition
from autograd_core.graph.columns import Columns

_SUMS = (primitives.add, primitives.subtract)


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
class AffineUnit:
    """One sum: z = weight · variable + ... + bias. output: its node."""

    output: int
    terms: list[Term]
    bias: Bias | None


@dataclass(slots=True)
class _Sum:
    """A sum so far. variables: what its terms multiply, to tell two units added up from one."""

    terms: list[Term] = field(default_factory=list)
    biases: list[Bias] = field(default_factory=list)
    variables: set[object] = field(default_factory=set)


def units_of(made: Columns) -> Iterator[AffineUnit]:
    """The sums that are units, each as large as it can be read."""
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
            yield AffineUnit(index, one.terms, one.biases[0] if one.biases else None)


def _merged(made: Columns, index: int, sums: dict[int, _Sum], users: Counter[int]) -> _Sum | None:
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


def _is_bias_like(made: Columns, first: _Sum, second: _Sum, sign: int) -> bool:
    """Whether what is added to the products may be their bias: w x - target is an error, not a layer."""
    if first.terms and second.terms:
        return True
    terms, biases = (first.terms, second.biases) if first.terms else (second.terms, first.biases)
    if not biases:
        return True
    learnt = any(_is_parameter(made, term.weight) for term in terms)
    return _is_parameter(made, biases[0].factor) or not learnt


def _is_parameter(made: Columns, one: Factor) -> bool:
    return one.node >= 0 and made.order[one.node].role == "parameter"


def _products(made: Columns, users: Counter[int]) -> dict[int, _Sum]:
    """Every product of a weight and an input that is used once, as a sum of one term."""
    found: list[tuple[int, Factor, Factor]] = []
    factors: Counter[int] = Counter()
    scaling: set[int] = set()  # leaves that multiply something computed, as weights of a later layer do
    for index, node in enumerate(made.order):
        if node.primitive is not primitives.multiply or _inside_a_function(node._scope):
            continue
        edge = made.first[index]
        pair: list[Factor] = []
        for thing, number in zip(node.inputs, node.input_numbers, strict=True):
            pair.append(Factor(-1 if isinstance(thing, float) else made.sources[edge], number))
            edge += not isinstance(thing, float)
        factors.update(one.node for one in pair if one.node >= 0)
        given = [one.node for one in pair if one.node < 0 or made.leaf[one.node]]
        scaling.update(given if len(given) == 1 else ())
        if users[index] == 1 and pair[0].node != pair[1].node:
            found.append((index, pair[0], pair[1]))
    sums: dict[int, _Sum] = {}
    for index, left, right in found:
        if (first := _weight_first(made, left, right, factors, scaling)) is None:
            continue
        edges = iter(made.edges(index))
        left_edge, right_edge = (next(edges) if one.node >= 0 else -1 for one in (left, right))
        term = Term(index, left, right, left_edge, right_edge)
        if not first:
            term = Term(index, right, left, right_edge, left_edge)
        key: object = term.variable.node if term.variable.node >= 0 else (term.variable.number, index)
        sums[index] = _Sum([term], [], {key})
    return sums


def _weight_first(
    made: Columns, left: Factor, right: Factor, factors: Counter[int], scaling: Collection[int]
) -> bool | None:
    """Whether the left factor is the weight; None where neither is: a weight is a leaf or a plain number.

    Of two leaves a parameter is the weight, then the one called w, then the one that multiplies computed things too,
    then the one that is in fewer products, then the left one, as W x is written. A leaf without a name meets plain
    numbers as a weight meets the data; one with a name, such as x, that meets several is the input, and they are the
    weights.
    """
    may = [one.node < 0 or bool(made.leaf[one.node]) for one in (left, right)]
    if not all(may):
        return may[0] if any(may) else None

    plain = left.node < 0 or right.node < 0

    def likeness(one: Factor) -> tuple[bool, bool, bool, int]:
        if one.node < 0:
            return False, False, False, -1
        node = made.order[one.node]
        called = node.label[:1] in ("w", "W") or (plain and not node.label)
        return node.role == "parameter", called, one.node in scaling, -factors[one.node]

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


def _same_place(made: Columns, source: int, user: int) -> bool:
    """Whether no border of a scope lies between two nodes (that of `dot` is none)."""
    if made.order[source].primitive is primitives.multiply:
        return True
    return place_of(made, source) is place_of(made, user)


def place_of(made: Columns, node: int) -> Scope | None:
    """The innermost named scope of a node that is no composition."""
    return next((one for one in made.order[node]._scope.chain() if not isinstance(one.definition, Composition)), None)


def is_polynomial(made: Columns, unit: AffineUnit) -> bool:
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

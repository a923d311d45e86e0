"""The products of a weight and an input in a recorded graph, and which factor is the weight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from autograd_core.engine import primitives
from autograd_core.engine.context import Scope
from autograd_core.engine.scope import Composition
from autograd_core.graph.columns import Columns


@dataclass(frozen=True, slots=True)
class Factor:
    """A weight, an input or a bias with its number. node: its index in the order, -1 for a plain number."""

    node: int
    number: float


@dataclass(frozen=True, slots=True)
class Term:
    """One product of a unit: weight times variable. product: the node that multiplies them."""

    product: int
    weight: Factor
    variable: Factor
    weight_edge: int
    variable_edge: int
    sign: int = 1


def products(graph: Columns, users: Counter[int]) -> dict[int, Term]:
    """Every product of a weight and an input that is used once, by its node."""
    pairs: list[tuple[int, Factor, Factor]] = []
    factors: Counter[int] = Counter()
    scaling: set[int] = set()  # leaves that multiply a computed number, as weights of a later layer do
    for index, node in enumerate(graph.order):
        if node.primitive is not primitives.multiply or inside_a_function(node._scope):
            continue
        edge = graph.first[index]
        pair: list[Factor] = []
        for operand, number in zip(node.inputs, node.input_numbers, strict=True):
            pair.append(Factor(-1 if isinstance(operand, float) else graph.sources[edge], number))
            edge += not isinstance(operand, float)
        factors.update(factor.node for factor in pair if factor.node >= 0)
        leaves = [factor.node for factor in pair if factor.node < 0 or graph.leaf[factor.node]]
        scaling.update(leaves if len(leaves) == 1 else ())
        if users[index] == 1 and pair[0].node != pair[1].node:
            pairs.append((index, pair[0], pair[1]))
    terms: dict[int, Term] = {}
    for index, left, right in pairs:
        if (left_is_weight := _left_is_weight(graph, left, right, factors, scaling)) is None:
            continue
        edges = iter(graph.edges(index))
        left_edge, right_edge = (next(edges) if factor.node >= 0 else -1 for factor in (left, right))
        if left_is_weight:
            terms[index] = Term(index, left, right, left_edge, right_edge)
        else:
            terms[index] = Term(index, right, left, right_edge, left_edge)
    return terms


def _left_is_weight(
    graph: Columns, left: Factor, right: Factor, factors: Counter[int], scaling: Collection[int]
) -> bool | None:
    """Whether the left factor is the weight; None where neither is: a weight is a leaf or a plain number.

    Of two leaves the weight is, in this order: a parameter; the one called w; the one that multiplies computed numbers
    too; the one in fewer products; the left one, as in W x. Among plain numbers, an unnamed leaf is the weight of the
    data, and a named one, such as x, is the input.
    """
    may_be = [factor.node < 0 or bool(graph.leaf[factor.node]) for factor in (left, right)]
    if not all(may_be):
        return may_be[0] if any(may_be) else None

    plain = left.node < 0 or right.node < 0

    def likeness(factor: Factor) -> tuple[bool, bool, bool, int]:
        if factor.node < 0:
            return False, False, False, -1
        node = graph.order[factor.node]
        called = node.label[:1] in ("w", "W") or (plain and not node.label)
        return node.role == "parameter", called, factor.node in scaling, -factors[factor.node]

    return likeness(left) >= likeness(right)


def inside_a_function(scope: Scope | None) -> bool:
    """Whether a scope lies in a composition other than dot, whose sums and products are not a layer."""
    while scope is not None:
        if isinstance(scope.definition, Composition) and scope.definition.name != "dot":
            return True
        scope = scope.parent
    return False

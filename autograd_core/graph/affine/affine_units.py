"""Affine units in a recorded graph: sums of weights times inputs, found by their structure.

A unit adds products of a weight (a leaf) and an input, each used nowhere else, and at most one bias. It ends at the
border of a named scope and where two units are added, as in a loss.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from autograd_core.engine import primitives
from autograd_core.engine.context import Scope
from autograd_core.engine.scope import Composition
from autograd_core.graph.affine.affine_sums import affine_sum
from autograd_core.graph.affine.affine_terms import Factor, Term, inside_a_function, products
from autograd_core.graph.columns import Columns
from autograd_core.graph.tape import Instruction

_SUMS = (primitives.add, primitives.subtract)
_PRODUCT, _OTHER = Instruction(primitives.multiply), Instruction(None)


@dataclass(frozen=True, slots=True)
class Bias:
    """The bias of a unit. edge: the edge into the sum; -1 for a plain number."""

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
class _Part:
    """What a part of a sum adds. variables: the inputs of its products. learnt: whether any weight is a parameter."""

    products: int = 0
    bias: Bias | None = None
    variables: set[object] = field(default_factory=set)
    learnt: bool = False


def affine_units(graph: Columns) -> Iterator[AffineUnit]:
    """The units of a graph, each as large as it can be read."""
    users = Counter(graph.sources)
    terms = products(graph, users)
    parts = {
        index: _Part(1, None, {_identity(term)}, _is_parameter(graph, term.weight)) for index, term in terms.items()
    }
    absorbed: set[int] = set()
    for index, node in enumerate(graph.order):
        if node.primitive in _SUMS and not inside_a_function(node._scope):
            part = _join_parts(graph, index, parts, users, absorbed)
            if part is not None:
                parts[index] = part

    def nodes(product: int) -> tuple[int, int]:
        return terms[product].variable.node, terms[product].weight.node

    instructions = _instructions(graph)
    varies = [not leaf for leaf in graph.leaf] + [False] * (len(instructions) - len(graph.leaf))
    for index, part in parts.items():
        is_whole = index not in terms and index not in absorbed
        if is_whole and part.products and part.products + (part.bias is not None) >= 2:
            found = affine_sum(instructions, index, absorbed.__contains__, varies, nodes)
            unit = [_with_sign(terms[product], minus) for _, _, minus, product in found.products]
            is_negative = any(minus for minus, bias in found.biases if instructions[bias].constant != 0.0)
            yield AffineUnit(index, unit, part.bias and replace(part.bias, sign=-1 if is_negative else 1))


def _instructions(graph: Columns) -> list[Instruction]:
    """The sums of a graph as instructions; other nodes have no inputs here, and plain numbers follow the nodes."""
    nodes: list[Instruction] = []
    constants: list[Instruction] = []
    for index, node in enumerate(graph.order):
        if node.primitive not in _SUMS:
            nodes.append(_PRODUCT if node.primitive is primitives.multiply else _OTHER)
            continue
        sources = iter([graph.sources[edge] for edge in graph.edges(index)])
        inputs: list[int] = []
        for operand in node.inputs:
            if isinstance(operand, float):
                inputs.append(len(graph.order) + len(constants))
                constants.append(Instruction(None, (), operand))
            else:
                inputs.append(next(sources))
        nodes.append(Instruction(node.primitive, tuple(inputs)))
    return nodes + constants


def _join_parts(
    graph: Columns, index: int, parts: dict[int, _Part], users: Counter[int], absorbed: set[int]
) -> _Part | None:
    """The parts that the sum at `index` adds as one, which absorbs them; None where it adds anything else."""
    node = graph.order[index]
    added: list[_Part] = []
    sources: list[int] = []
    edge = graph.first[index]
    for operand, number in zip(node.inputs, node.input_numbers, strict=True):
        if isinstance(operand, float):
            added.append(_Part(0, Bias(Factor(-1, number), -1) if number else None))
            continue
        source = graph.sources[edge]
        if graph.leaf[source]:
            added.append(_Part(0, Bias(Factor(source, number), edge)))
        elif source in parts and users[source] == 1 and _same_place(graph, source, index):
            added.append(parts[source])
            sources.append(source)
        else:
            return None
        edge += 1
    first, second = added
    if (first.bias and second.bias) or not (first.products or second.products):
        return None
    if first.variables & second.variables and not _in_a_dot(node._scope):
        return None  # two units added, as in a loss
    if not (first.products and second.products) and not _may_add_bias(graph, first, second):
        return None
    absorbed.update(sources)
    small, large = sorted((first.variables, second.variables), key=len)
    large |= small
    return _Part(first.products + second.products, first.bias or second.bias, large, first.learnt or second.learnt)


def _may_add_bias(graph: Columns, first: _Part, second: _Part) -> bool:
    """Whether the part without products may be the bias of the other: w x - target is an error, not a layer."""
    products, rest = (first, second) if first.products else (second, first)
    return rest.bias is None or not products.learnt or _is_parameter(graph, rest.bias.factor)


def _is_parameter(graph: Columns, factor: Factor) -> bool:
    return factor.node >= 0 and graph.order[factor.node].role == "parameter"


def _identity(term: Term) -> object:
    """The identity of a term's input: its node, or the one use of a plain number."""
    return term.variable.node if term.variable.node >= 0 else (term.variable.number, term.product)


def _with_sign(term: Term, minus: bool) -> Term:
    return replace(term, sign=-1) if minus else term


def _in_a_dot(scope: Scope) -> bool:
    return isinstance(scope.definition, Composition) and scope.definition.name == "dot"


def _same_place(graph: Columns, source: int, user: int) -> bool:
    """Whether no border of a scope, other than `dot`, lies between two nodes."""
    if graph.order[source].primitive is primitives.multiply:
        return True
    return place_of(graph, source) is place_of(graph, user)


def place_of(graph: Columns, node: int) -> Scope | None:
    """The innermost named scope of a node that is not a composition."""
    scopes = graph.order[node]._scope.chain()
    return next((scope for scope in scopes if not isinstance(scope.definition, Composition)), None)


def is_polynomial(graph: Columns, unit: AffineUnit) -> bool:
    """Whether a weight that neither its role nor its name marks as one is used twice, or for one of the inputs."""
    weights = [
        term.weight.node
        for term in unit.terms
        if term.weight.node >= 0
        and graph.order[term.weight.node].role != "parameter"
        and graph.order[term.weight.node].label[:1] not in ("w", "W", "u", "U")
    ]
    waiting = [term.variable.node for term in unit.terms if term.variable.node >= 0]
    visited: set[int] = set()
    distinct = set(weights)
    if len(distinct) < len(weights):
        return True
    while distinct and waiting:
        node = waiting.pop()
        if node in distinct:
            return True
        if node not in visited:
            visited.add(node)
            waiting.extend(graph.sources[edge] for edge in graph.edges(node))
    return False

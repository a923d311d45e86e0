"""Right derivatives combined wrongly: sums for products, a wrong point, the factor of a mean, a difference reversed."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator, Sequence

from autograd_core.graph.boxes import Box
from autograd_core.mistakes.mistakes import (
    ADDED_PARTIALS,
    AVERAGED,
    DIFFERENCE,
    FORGOT_MEAN,
    MOST_SINGLE_PATHS,
    MULTIPLIED_PATHS,
    PRODUCT_RULE,
    WRONG_DERIVATIVE,
    WRONG_POINT,
    Mistake,
    gradient_mistake,
    join_names,
    sweep_mistake,
)
from autograd_core.mistakes.student_sweeps import Contribution, Edge, Graph, replace_at, right

MOST_PATHS_ALONE = 2  # to an input whose partials alone may have been added
MOST_POINTS = 8  # numbers at which an outer derivative may have been taken
Tangents = dict[int, float]


def chain_rule_mistakes(graph: Graph) -> Iterator[Mistake]:
    """Derivatives at a wrong point, and products of derivatives for derivatives of products; none in a large graph."""
    if not graph.is_large:
        yield from _wrong_points(graph)
        yield from _wrong_tangents(graph)


def sums_for_products(graph: Graph) -> Iterator[Mistake]:
    """The two rules of backpropagation exchanged: sums along a path, products or means where contributions meet."""
    last = graph.order[0]
    sentence = "the partials along a path were added"
    hint = "how are the rates of two operations in a row combined? Twice as fast, then three times as fast."
    added = graph.sweep(lambda edge, upstream: edge.partial if edge.node == last else upstream + edge.partial)
    yield sweep_mistake(graph, ADDED_PARTIALS, sentence, hint, added)
    counts = graph.path_counts()
    few = [node for node in graph.order[1:] if counts[node] <= MOST_SINGLE_PATHS and not graph.is_large]
    sums = {graph.names[node]: sum(_add_along(path) for path in graph.paths(node)) for node in few}
    alone = [graph.names[node] for node in few if not graph.edges[node] and counts[node] <= MOST_PATHS_ALONE]
    for several in [list(sums), *([name] for name in alone)]:
        of = {name: sums[name] for name in several}
        yield gradient_mistake(ADDED_PARTIALS, f"{sentence}, without those of sums on the way", hint, of)
    meeting = graph.fan_outs()
    if not meeting:
        return
    names = join_names([graph.symbols[node] for node in meeting])
    hint = f"{names}: used more than once. How are contributions combined where they meet?"
    for kind, sentence, result in (
        (
            MULTIPLIED_PATHS,
            f"the contributions that meet at {names} were multiplied",
            graph.sweep(right, combine=operator.mul),
        ),
        (
            AVERAGED,
            f"the mean of the contributions that meet at {names} was taken, not their sum",
            graph.sweep(lambda edge, upstream: upstream * edge.partial / len(graph.users[edge.source])),
        ),
    ):
        yield sweep_mistake(graph, kind, sentence, hint, result, meeting)


def _add_along(path: Sequence[Edge]) -> float:
    return sum(edge.partial for edge in path[:-1] if abs(edge.partial) != 1.0) + path[-1].partial


def constant_mistakes(graph: Graph) -> Iterator[Mistake]:
    """The factor of a mean forgotten, and a minus in the wrong place of a difference."""
    yield from _means(graph)
    yield from _differences(graph)


def _means(graph: Graph) -> Iterator[Mistake]:
    places = [edge for edge in graph.all_edges() if _divides_by_a_count(graph, edge)]
    alike: dict[str, tuple[Edge, ...]] = {}  # a mean, and a factor 1/2 in some row, are forgotten for different reasons
    for edge in places:
        operation = graph.boxes[edge.node].operation
        alike[operation] = (*alike.get(operation, ()), edge)
    for edges in dict.fromkeys([*alike.values(), tuple(places)] if places else []):
        nodes = list(dict.fromkeys(edge.node for edge in edges))
        names = join_names([graph.symbols[node] for node in nodes])
        yield sweep_mistake(
            graph,
            FORGOT_MEAN,
            f"the constant factor at {names} was forgotten",
            f"{names} is a mean, or a part of something: with which factor does each term enter it?",
            graph.sweep(replace_at(edges, lambda edge, upstream: math.copysign(upstream, upstream * edge.partial))),
            nodes,
            edges,
            {edge.key: math.copysign(1.0, edge.partial) for edge in edges},
        )


def _divides_by_a_count(graph: Graph, edge: Edge) -> bool:
    """Whether the partial is 1/2, 1/3 ... whatever the inputs are, as in a mean."""
    box = graph.boxes[edge.node]
    others = [operand for index, operand in enumerate(box.operands) if index != edge.operand]
    is_constant = box.operation == "mean" or (
        box.operation in ("divide", "multiply")
        and all(operand.box is None or operand.box.kind == "constant" for operand in others)
    )
    if not is_constant or not 0.0 < abs(edge.partial) < 1.0:
        return False
    count = 1.0 / abs(edge.partial)
    return math.isclose(count, round(count))


def _differences(graph: Graph) -> Iterator[Mistake]:
    nodes = [node for node in graph.order if graph.boxes[node].operation == "subtract" and graph.edges[node]]
    choices = [[node] for node in nodes] if not graph.is_large else []
    for chosen in [*choices, nodes] if len(nodes) > 1 else choices:
        edges = [edge for node in chosen for edge in graph.edges[node]]
        names = join_names([graph.symbols[node] for node in chosen])
        yield sweep_mistake(
            graph,
            DIFFERENCE,
            f"the difference {names} was taken the other way round (as target - prediction for prediction - target)",
            f"which of the two is subtracted in {names}? The one with the minus has the negative partial.",
            graph.sweep(replace_at(edges, lambda edge, upstream: -upstream * edge.partial)),
            chosen,
            edges,
            {edge.key: -edge.partial for edge in edges},
        )


def _wrong_points(graph: Graph) -> Iterator[Mistake]:
    """f'(x) g'(x) for f'(g(x)) g'(x)."""
    for edge in graph.all_edges():
        if not (graph.is_function(edge) and graph.edges[edge.source]):
            continue
        box = graph.boxes[edge.node]
        for point in sorted(graph.below(edge.source))[:MOST_POINTS]:
            partial = _partial_at(box, edge, graph.boxes[point].number)
            if partial is not None and partial != edge.partial:
                name, inner, outer = graph.symbols[point], graph.symbols[edge.source], graph.symbols[edge.node]
                yield sweep_mistake(
                    graph,
                    WRONG_POINT,
                    f"the derivative of {box.operation} at {outer} was taken at {name} instead of at {inner}",
                    f"which number goes into {box.operation} on the way forward? Its derivative is taken there.",
                    graph.sweep(replace_at([edge], _multiply_by(partial))),
                    edges=[edge],
                    partials={edge.key: partial},
                )


def _multiply_by(partial: float) -> Contribution:
    return lambda edge, upstream: upstream * partial


def _compute_at(box: Box, edge: Edge, point: float) -> float | None:
    return box.compute([point if index == edge.operand else item.number for index, item in enumerate(box.operands)])


def _partial_at(box: Box, edge: Edge, point: float) -> float | None:
    """The partial of an edge with another number of its operand."""
    rule = box.derivative_rule(edge.operand)
    operands = [point if index == edge.operand else operand.number for index, operand in enumerate(box.operands)]
    partial = box.evaluate_rule(rule, operands) if rule else math.nan
    return partial if math.isfinite(partial) else None


def _wrong_tangents(graph: Graph) -> Iterator[Mistake]:
    """For each input: (u v)' = u' v', (u / v)' = u' / v', f(u)' = f'(u'), and f(u)' = f(u')."""
    leaves = [node for node in graph.order if not graph.edges[node] and graph.users[node]]
    for operations, kind, sentence, hint in (
        (("multiply",), PRODUCT_RULE, "the derivative of {} was taken to be the product of the derivatives", _ALONE),
        (("divide",), PRODUCT_RULE, "the derivative of {} was taken to be the quotient of the derivatives", _ALONE),
        (
            ("multiply", "divide"),
            PRODUCT_RULE,
            "the derivatives of {} were taken to be products and quotients of derivatives",
            _ALONE,
        ),
        (
            ("",),
            WRONG_DERIVATIVE,
            "the derivative of {} was taken to be the same function of the derivative of what goes in",
            "f(g(x)) has the derivative f'(g(x)) g'(x): what is f'?",
        ),
        (
            (),
            WRONG_POINT,
            "the outer derivative at {} was taken at the derivative of the inner function, and not multiplied by it",
            "f(g(x)) has the derivative f'(g(x)) g'(x): at which point is f' taken?",
        ),
    ):
        pushed = {leaf: _push_forward(graph, leaf, operations) for leaf in leaves}
        made = [leaf for leaf, (_, nodes) in pushed.items() if nodes]
        for chosen in [[leaf] for leaf in made] + ([made] if len(made) > 1 else []):
            places = dict.fromkeys(node for leaf in chosen for node in pushed[leaf][1])
            names = join_names([graph.symbols[node] for node in places])
            gradients = {graph.names[leaf]: pushed[leaf][0].get(graph.order[0], 0.0) for leaf in chosen}
            yield gradient_mistake(kind, sentence.format(names), hint, gradients, nodes=list(gradients))


_ALONE = "a product changes when either factor changes: how much with each one alone?"


def _push_forward(graph: Graph, leaf: int, operations: Sequence[str]) -> tuple[Tangents, Sequence[int]]:
    """The tangents of all nodes with respect to a leaf under one of the mistakes, and the nodes where it was made.

    operations: those whose derivative is computed from the derivatives of both operands. Without any, the derivatives
    of functions of one variable are taken at the derivative of what goes in; with "", these functions themselves are.
    """
    tangents: Tangents = {leaf: 1.0}
    places = []
    for node in reversed(graph.order):
        edges = [edge for edge in graph.edges[node] if edge.source in tangents]
        if not edges:
            continue
        numbers = [tangents[edge.source] for edge in edges]
        box = graph.boxes[node]
        tangents[node] = sum(number * edge.partial for number, edge in zip(numbers, edges, strict=True))
        if operations in ((), ("",)) and graph.is_function(edges[0]) and graph.edges[edges[0].source]:
            partial = (_compute_at if operations else _partial_at)(box, edges[0], numbers[0])
        elif len(edges) == 2 and box.operation in operations:
            partial = box.compute(numbers)
        else:
            continue
        if partial is not None and math.isfinite(partial):
            tangents[node] = partial
            places.append(node)
    return tangents, places

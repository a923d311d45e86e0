"""A right number of another place: a neighbour's, the function's own value, that before it, another loss's."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import permutations

from autograd_core.formulas.symbols import name_text
from autograd_core.graph.boxes import Box
from autograd_core.mistakes.mistakes import (
    BEFORE_FUNCTION,
    NEIGHBOUR,
    OTHER_LOSS,
    SWAPPED,
    TWICE,
    WRONG_DERIVATIVE,
    WRONG_POINT,
    Mistake,
    join_names,
    sweep_mistake,
)
from autograd_core.mistakes.student_sweeps import Edge, Graph
from autograd_core.mistakes.wrong_forward_passes import each_and_all, functions, multiply_by


def borrowed_numbers(graph: Graph) -> Iterator[Mistake]:
    """Partials taken from another place; none in a large graph."""
    if not graph.is_large:
        yield from _before_functions(graph)
        yield from _at_own_output(graph)
        yield from _slopes_twice(graph)
        yield from _neighbours(graph)
        yield from _cross_entropies(graph)
        yield from _own_factors(graph)
        yield from _other_operands(graph)


def _mistake(graph: Graph, kind: str, sentence: str, hint: str, partials: Mapping[Edge, float]) -> Mistake:
    nodes = list(dict.fromkeys(edge.node for edge in partials))
    numbers = {edge.key: partial for edge, partial in partials.items()}
    result = graph.sweep(multiply_by(partials))
    return sweep_mistake(graph, kind, sentence, hint, result, nodes, list(partials), numbers)


def _before_functions(graph: Graph) -> Iterator[Mistake]:
    """In c · tanh(z) the partial with respect to c taken to be z."""
    borrowed: dict[Edge, Box] = {}
    for edge in graph.all_edges():
        others = [item.box for index, item in enumerate(graph.boxes[edge.node].operands) if index != edge.operand]
        if graph.is_product(edge) and others[0] is not None and len(others[0].operands) == 1:
            borrowed[edge] = others[0]
    for chosen in each_and_all(list(borrowed)):
        names = join_names([name_text(borrowed[edge].name) for edge in chosen])
        yield _mistake(
            graph,
            BEFORE_FUNCTION,
            f"the number before the function was used for {names} in the partial of a product",
            f"which factor stands beside {join_names([graph.symbols[edge.source] for edge in chosen])}: before or "
            "after the function?",
            {edge: borrowed[edge].operands[0].number for edge in chosen},
        )


def _at_own_output(graph: Graph) -> Iterator[Mistake]:
    """f'(f(z)) for f'(z)."""
    partials = {}
    for edge in functions(graph):
        box = graph.boxes[edge.node]
        rule = box.derivative_rule(edge.operand)
        partial = box.evaluate_rule(rule, [box.number]) if rule else math.nan
        if math.isfinite(partial) and partial != edge.partial:
            partials[edge] = partial
    for chosen in each_and_all(list(partials)):
        names = join_names([graph.symbols[edge.node] for edge in chosen])
        operation = graph.boxes[chosen[0].node].operation
        yield _mistake(
            graph,
            WRONG_POINT,
            f"the derivative of {operation} was taken at its value {names} instead of at what goes in",
            f"which number goes into {operation} on the way forward? Its derivative is taken there.",
            {edge: partials[edge] for edge in chosen},
        )


def _slopes_twice(graph: Graph) -> Iterator[Mistake]:
    for chosen in each_and_all([edge for edge in functions(graph) if abs(edge.partial) != 1.0]):
        names = join_names([graph.symbols[edge.node] for edge in chosen])
        yield _mistake(
            graph,
            TWICE,
            f"the derivative at {names} was multiplied twice",
            "each edge of a path has one partial, multiplied once.",
            {edge: edge.partial**2 for edge in chosen},
        )


def _neighbours(graph: Graph) -> Iterator[Mistake]:
    """The partial of the same operation beside this one, where both lead to the same function."""
    places = [edge for edge in graph.all_edges() if graph.edges[edge.source] and _is_function_or_product(graph, edge)]
    for edge, other in permutations(places, 2):
        alike = _kind_of_place(graph, edge) == _kind_of_place(graph, other)
        if alike and edge.node != other.node and edge.partial != other.partial:
            here, there = graph.symbols[edge.node], graph.symbols[other.node]
            yield _mistake(
                graph,
                NEIGHBOUR,
                f"the partial of {there} was used for the one of {here}",
                f"which numbers go into {here}?",
                {edge: other.partial},
            )


def _is_function_or_product(graph: Graph, edge: Edge) -> bool:
    return graph.is_product(edge) or len(graph.boxes[edge.node].operands) == 1


def _kind_of_place(graph: Graph, edge: Edge) -> tuple[str, int, str]:
    return graph.boxes[edge.node].operation, edge.operand, graph.boxes[edge.source].operation


def _cross_entropies(graph: Graph) -> Iterator[Mistake]:
    """p - t, which is the gradient of the cross-entropy after a sigmoid, where the loss is (p - t)**2."""
    places = [
        (edge, unit)
        for edge in graph.all_edges()
        if graph.boxes[edge.node].operation == "power" and graph.boxes[edge.source].operation == "subtract"
        for unit in (below.source for below in graph.edges[edge.source])
        if edge.operand == 0 and graph.boxes[unit].operation == "sigmoid"
    ]
    for chosen in each_and_all(places):
        units = join_names([graph.symbols[unit] for _, unit in chosen])
        losses = join_names([graph.symbols[edge.node] for edge, _ in chosen])
        partials = {edge: edge.own for edge, _ in chosen}
        partials |= {below: 1.0 for _, unit in chosen for below in graph.edges[unit]}
        yield _mistake(
            graph,
            OTHER_LOSS,
            f"the gradient of the cross-entropy, prediction - target, was used before {units}",
            f"{losses} is a square: what are its derivative, and that of the sigmoid?",
            partials,
        )


def _own_factors(graph: Graph) -> Iterator[Mistake]:
    """At an input beside something computed: its own number, or the value of the operation, as its partial."""
    for edge in graph.all_edges():
        box = graph.boxes[edge.node]
        if graph.edges[edge.source] or len(box.operands) != 2 or not _is_beside_computed(box, edge):
            continue
        product = graph.is_product(edge)
        own, value = (f"{graph.symbols[edge.source]} itself", f"the value of {graph.symbols[edge.node]}")
        for what, partial, kind in (
            (own, edge.own, SWAPPED if product else WRONG_DERIVATIVE),
            (value, box.number, WRONG_DERIVATIVE),
        ):
            yield _mistake(
                graph,
                kind,
                f"the derivative of {graph.symbols[edge.node]} = {box.written()} with respect to "
                f"{graph.symbols[edge.source]} was taken to be {what}",
                f"increase {graph.symbols[edge.source]} by a little: by how much does {box.operation} change?",
                {edge: partial},
            )


def _other_operands(graph: Graph) -> Iterator[Mistake]:
    """At one input of a quotient or a power the partial of the other one."""
    for node in graph.order:
        edges, box = graph.edges[node], graph.boxes[node]
        if len(edges) == 2 and box.operation in ("divide", "power"):
            for edge, other in permutations(edges, 2):
                yield _mistake(
                    graph,
                    WRONG_DERIVATIVE,
                    f"the derivative of {graph.symbols[node]} = {box.written()} with respect to "
                    f"{graph.symbols[edge.source]} was taken to be the one with respect to "
                    f"{graph.symbols[other.source]}",
                    f"increase {graph.symbols[edge.source]} by a little: by how much does {box.operation} change?",
                    {edge: other.partial},
                )


def _is_beside_computed(box: Box, edge: Edge) -> bool:
    other = box.operands[1 - edge.operand].box
    return other is not None and other.entry is not None

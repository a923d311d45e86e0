"""Mistakes on the way forward, and the right chain rule after it: signs, what was left out, numbers rounded."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeVar

from autograd_core.mistakes.mistakes import (
    ADDED,
    BEFORE_FUNCTION,
    LEFT_OUT,
    ROUNDED,
    Mistake,
    join_names,
    sweep_mistake,
)
from autograd_core.mistakes.student_sweeps import Contribution, Edge, Graph, recompute

Place = TypeVar("Place")
_ROUNDINGS: Mapping[str, Callable[[float], float]] = {
    "one decimal": lambda number: round(number, 1),
    "two decimals": lambda number: round(number, 2),
    "two digits": lambda number: float(f"{number:.2g}"),
}


def wrong_forward_passes(graph: Graph) -> Iterator[Mistake]:
    """The gradients after each of these mistakes, in one place and in all; none in a large graph."""
    if not graph.is_large:
        yield from _differences(graph)
        yield from _functions_left_out(graph)
        yield from _rounded(graph)


def _differences(graph: Graph) -> Iterator[Mistake]:
    """The sign of a target, and a target left out."""
    nodes = [node for node in graph.order if graph.boxes[node].operation == "subtract" and graph.edges[node]]
    for chosen in each_and_all(nodes):
        names = join_names([graph.symbols[node] for node in chosen])
        edges = [edge for node in chosen for edge in graph.edges[node]]
        for kind, sentence, wrong in (
            (ADDED, f"a sum was taken for the difference {names} (prediction + target for prediction - target)", sum),
            (LEFT_OUT, f"nothing was subtracted in {names}, as if there were no target", operator.itemgetter(0)),
        ):
            partials = _partials(graph, set(chosen), partial(_only_operands, wrong))
            partials |= {edge: 1.0 if kind == ADDED else edge.partial for edge in edges}
            yield _mistake(graph, kind, sentence, f"what stands in {names}, and with which sign?", chosen, partials)


def _only_operands(wrong: Callable[[Sequence[float]], float], node: int, operands: Sequence[float]) -> float:
    return wrong(operands)


def _mistake(
    graph: Graph, kind: str, sentence: str, hint: str, nodes: Sequence[int], partials: Mapping[Edge, float]
) -> Mistake:
    numbers = {edge.key: number for edge, number in partials.items()}
    return sweep_mistake(
        graph, kind, sentence, hint, graph.sweep(multiply_by(partials)), nodes, list(partials), numbers
    )


def functions(graph: Graph) -> list[Edge]:
    """The edges into functions of one variable, such as sigmoid and tanh; a power with a fixed exponent is none."""
    return [edge for edge in graph.all_edges() if len(graph.boxes[edge.node].operands) == 1 and graph.is_function(edge)]


def _functions_left_out(graph: Graph) -> Iterator[Mistake]:
    places = [edge for edge in functions(graph) if graph.users[edge.node]]
    for chosen in each_and_all(places):
        left_out = {edge.node for edge in chosen}
        partials = _partials(graph, left_out, lambda at, operands: operands[0])
        partials |= {edge: edge.partial for edge in chosen}
        names = join_names([graph.symbols[edge.node] for edge in chosen])
        inner = join_names([graph.symbols[edge.source] for edge in chosen])
        sentence = f"the operations after {names} were computed with {inner} instead"
        hint = f"what goes on from {names}: the number before or after the function?"
        yield _mistake(graph, BEFORE_FUNCTION, sentence, hint, list(left_out), partials)


def _rounded(graph: Graph) -> Iterator[Mistake]:
    nodes = {edge.node for edge in functions(graph)}
    for where, chosen in (("on the way", set(graph.order)), ("after each function", nodes)):
        for digits, rounded in _ROUNDINGS.items() if chosen else ():

            def compute(node: int, operands: Sequence[float], rounded: Callable[[float], float] = rounded) -> float:
                return rounded(graph.boxes[node].compute(operands))

            partials = _partials(graph, chosen, compute)
            sentence = f"numbers were rounded to {digits} {where}"
            hint = "keep more digits on the way, and round once, at the end."
            yield sweep_mistake(graph, ROUNDED, sentence, hint, graph.sweep(multiply_by(partials)))


def _partials(graph: Graph, chosen: set[int], wrong: Callable[[int, Sequence[float]], float]) -> dict[Edge, float]:
    """The partials after a forward pass in which some nodes have the number that `wrong` gives."""

    def compute(node: int, operands: list[float]) -> tuple[list[float], float]:
        number = wrong(node, operands) if node in chosen else graph.boxes[node].compute(operands)
        return operands, number

    return recompute(graph, compute)


def each_and_all(places: Sequence[Place]) -> list[list[Place]]:
    """Each place alone, and all of them together."""
    return [*([place] for place in places), *([list(places)] if len(places) > 1 else [])]


def multiply_by(partials: Mapping[Edge, float]) -> Contribution:
    """The chain rule with other partials at some edges."""
    return lambda edge, upstream: upstream * partials.get(edge, edge.partial)

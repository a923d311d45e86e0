"""Derivatives of single functions remembered wrongly: a square or a factor forgotten, the value taken for the slope."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from autograd_core.graph.boxes import Box
from autograd_core.mistakes.mistakes import WRONG_DERIVATIVE, Mistake, join_names, sweep_mistake
from autograd_core.mistakes.student_sweeps import Edge, Graph

# operation: what was done, and the partial of a box with respect to its first operand that results, from the right one
WRONG: dict[str, tuple[str, Callable[[Box, float], float]]] = {
    "tanh": ("the square in the derivative of tanh was forgotten", lambda box, partial: 1.0 - box.number),
    "sigmoid": ("the value of sigmoid was taken for its derivative", lambda box, partial: box.number),
    "power": (
        "the exponent as a factor in the derivative of a power was forgotten",
        lambda box, partial: partial / (box.operands[1].number or 1.0),
    ),
}


def wrong_derivatives(graph: Graph) -> Iterator[Mistake]:
    """Each wrong derivative at each place, and at all places; in large graphs only at all places."""
    for operation, (sentence, wrong_partial) in WRONG.items():
        places = [edge for edge in graph.all_edges() if graph.boxes[edge.node].operation == operation]
        places = [edge for edge in places if edge.operand == 0]
        choices = [[edge] for edge in places] if len(places) > 1 and not graph.is_large else []
        for chosen in [*choices, places] if places else []:
            wrong = {edge: wrong_partial(graph.boxes[edge.node], edge.partial) for edge in chosen}

            def contribution(edge: Edge, upstream: float, wrong: dict[Edge, float] = wrong) -> float:
                return upstream * wrong.get(edge, edge.partial)

            yield sweep_mistake(
                graph,
                WRONG_DERIVATIVE,
                f"{sentence}, at {join_names([graph.names[edge.node] for edge in chosen])}",
                f"what is the rule for the derivative of {operation}? Test yours at a point whose slope you know.",
                graph.sweep(contribution),
                edges=chosen,
                partials={edge.key: partial for edge, partial in wrong.items()},
            )

"""Mistakes at one edge, with everything else right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autograd_core.graph.boxes import View
from autograd_core.mistakes.mistakes import (
    FORGOT_PARTIAL,
    FORGOT_UPSTREAM,
    LEFT_OUT,
    MOST_SINGLE_PATHS,
    TWICE,
    Mistake,
    flipped_sign,
    has_minus,
    path_mistake,
    product_along,
    route,
    sweep_mistake,
)
from autograd_core.mistakes.student_sweeps import Contribution, Edge, Graph, replace_at


def single_edge_mistakes(view: View, into: str | None = None) -> list[Mistake]:
    """One mistake at one edge: its term left out, doubled or negated, or a factor of it forgotten or swapped.

    into: only the edges back to this node. Without it, a graph of more than 400 edges has none.
    """
    graph = Graph(view)
    edges = [edge for edge in graph.all_edges() if into in (None, graph.names[edge.source])]
    if into is None:
        return [] if graph.is_large else [*_only_paths(graph), *_at_each_edge(graph, edges)]
    return list(_at_each_edge(graph, edges))


def _only_paths(graph: Graph) -> Iterator[Mistake]:
    for target, count in enumerate(graph.path_counts()[:-1]):
        if 2 < count <= MOST_SINGLE_PATHS:
            for path in graph.paths(target):
                only = f"only the path {route(graph, path)} was followed"
                yield path_mistake(graph, target, path, product_along(path), only, "Which other paths are there?")


def _at_each_edge(graph: Graph, edges: Sequence[Edge]) -> Iterator[Mistake]:
    wrong: list[tuple[str, str, Contribution]] = [
        (LEFT_OUT, "the contribution {} was left out", lambda edge, upstream: None),
        (TWICE, "the contribution {} was counted twice", lambda edge, upstream: 2 * upstream * edge.partial),
        (FORGOT_UPSTREAM, "the partial {} was not multiplied by the upstream", lambda edge, upstream: edge.partial),
        (FORGOT_PARTIAL, "the upstream {} was not multiplied by the partial", lambda edge, upstream: upstream),
    ]
    for edge in edges:
        for kind, sentence, contribution in wrong:
            hint = f"look again at the edge {graph.ends(edge)}: its contribution is upstream · partial, added once."
            result = graph.sweep(replace_at([edge], contribution))
            yield sweep_mistake(graph, kind, sentence.format(graph.ends(edge)), hint, result, edges=[edge])
        if not has_minus(graph.boxes[edge.node], edge):
            yield flipped_sign(graph, [edge])

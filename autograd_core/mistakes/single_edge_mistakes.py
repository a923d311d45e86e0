"""Slips: the gradients that come of one wrong turn at one edge, everything else being right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autograd_core.graph.boxes import View
from autograd_core.mistakes.mistakes import (
    FORGOT_PARTIAL,
    FORGOT_UPSTREAM,
    LEFT_OUT,
    MOST_PATHS,
    TWICE,
    Mistake,
    factors_swapped,
    has_minus,
    product_along,
    route,
    sign_flipped,
    swept_wrong,
    wrong_by_paths,
)
from autograd_core.mistakes.student_sweeps import Contribution, Edge, Graph, wrong_at


def single_edge_mistakes(seen: View, into: str | None = None) -> list[Mistake]:
    """One wrong turn at one edge: its term left out, doubled, negated, or a factor of it forgotten or swapped.

    With `into`, only at the edges into that node; without, none in a graph of more than 400 edges.
    """
    graph = Graph(seen)
    edges = [edge for edge in graph.all_edges() if into in (None, graph.names[edge.source])]
    if into is None:
        return [] if graph.is_large else [*_only_paths(graph), *_slips(graph, edges)]
    return list(_slips(graph, edges))


def _only_paths(graph: Graph) -> Iterator[Mistake]:
    for target, count in enumerate(graph.path_counts()[:-1]):
        if 2 < count <= MOST_PATHS:
            for path in graph.paths(target):
                only = f"only the path {route(graph, path)} was followed"
                yield wrong_by_paths(graph, target, path, product_along(path), only, "Which others are there?")


def _slips(graph: Graph, edges: Sequence[Edge]) -> Iterator[Mistake]:
    wrong: list[tuple[str, str, Contribution]] = [
        (LEFT_OUT, "the contribution {} was left out", lambda edge, upstream: None),
        (TWICE, "the contribution {} was counted twice", lambda edge, upstream: 2 * upstream * edge.partial),
        (FORGOT_UPSTREAM, "the partial {} was not multiplied by the upstream", lambda edge, upstream: edge.partial),
        (FORGOT_PARTIAL, "the upstream {} was not multiplied by the partial", lambda edge, upstream: upstream),
    ]
    for edge in edges:
        for kind, sentence, contribution in wrong:
            hint = f"look again at what goes {graph.ends(edge)}: its contribution is upstream x partial, once."
            swept = graph.sweep(wrong_at([edge], contribution))
            yield swept_wrong(graph, kind, sentence.format(graph.ends(edge)), hint, swept, edges=[edge])
        if not has_minus(graph.boxes[edge.node], edge):
            yield sign_flipped(graph, [edge])
    for node in dict.fromkeys(edge.node for edge in edges if graph.is_product(edge)):
        yield factors_swapped(graph, graph.edges[node])

"""What a classic mistake of backpropagation is: what was done where, and the numbers that come out.

No text here holds a number, so that a mistake can be told without giving the answer away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograd_core.graph.boxes import Box
from autograd_core.mistakes.student_sweeps import Edge, Graph, Key, Swept, wrong_at

OVERWROTE = "overwrote instead of adding"
FORGOT_UPSTREAM = "forgot the upstream"
FORGOT_PARTIAL = "forgot the partial"
SWAPPED = "swapped the factors of a product"
MISSED_PATH = "missed a path"
TOO_EARLY = "passed on an incomplete sum"
REVISITED = "passed on the same contribution again"
STALE = "kept the gradient of an earlier backward"
SIGN = "wrong sign"
FORGOT_INNER = "forgot the inner derivative"
TRANSPOSED = "did not transpose the matrix"
LEFT_OUT = "left out a term"
TWICE = "counted a term twice"
CLOSED_GATE = "passed through a closed gate"

MOST_PATHS = 24  # to one node; past it no single path is singled out
MOST_NAMED = 8  # in one sentence


@dataclass(frozen=True, slots=True, eq=False)
class Mistake:
    """One mistake on one graph, and what comes out of it.

    kind: which mistake. sentence: what was done and where. hint: what to think of, without the answer. nodes, edges:
    the places. adjoints, contributions, partials: the numbers it leads to, by node name or (node, operand); one that
    is not there is not touched by the mistake.
    """

    kind: str
    sentence: str
    hint: str
    nodes: tuple[str, ...]
    edges: tuple[Key, ...]
    adjoints: Mapping[str, float]
    contributions: Mapping[Key, float]
    partials: Mapping[Key, float]


def swept_wrong(
    graph: Graph,
    kind: str,
    sentence: str,
    hint: str,
    swept: Swept,
    nodes: Sequence[int] = (),
    edges: Sequence[Edge] = (),
    partials: Mapping[Key, float] | None = None,
) -> Mistake:
    """A mistake in which a whole sweep went wrong."""
    total, carried = swept
    adjoints = {name: total.get(node, 0.0) for node, name in enumerate(graph.names)}
    contributions = {edge.key: carried.get(edge, 0.0) for edge in graph.all_edges()}
    names = tuple(graph.names[node] for node in nodes)
    keys = tuple(edge.key for edge in edges)
    return Mistake(kind, sentence, hint, names, keys, adjoints, contributions, partials or {})


def wrong_by_paths(
    graph: Graph, target: int, path: tuple[Edge, ...], number: float, sentence: str, question: str
) -> Mistake:
    name = graph.names[target]
    hint = f"follow every way from {graph.names[-1]} back to {name} and add up the products. {question}"
    return Mistake(MISSED_PATH, sentence, hint, (name,), tuple(edge.key for edge in path), {name: number}, {}, {})


def factors_swapped(graph: Graph, products: Sequence[Edge]) -> Mistake:
    nodes = list(dict.fromkeys(edge.node for edge in products))
    return swept_wrong(
        graph,
        SWAPPED,
        f"the partial of a product by one factor was taken to be that factor itself, at "
        f"{listed([graph.names[node] for node in nodes])}",
        "in a * b, let a grow by a little: by how much does the product grow?",
        graph.sweep(wrong_at(products, lambda edge, upstream: upstream * edge.own)),
        nodes,
        products,
        {edge.key: edge.own for edge in products},
    )


def sign_flipped(graph: Graph, places: Sequence[Edge]) -> Mistake:
    return swept_wrong(
        graph,
        SIGN,
        f"the sign of the partial {listed([graph.ends(edge) for edge in places])} is the wrong one",
        f"when {graph.names[places[0].source]} grows a little, does {graph.names[places[0].node]} grow or shrink?",
        graph.sweep(wrong_at(places, lambda edge, upstream: -upstream * edge.partial)),
        edges=places,
        partials={edge.key: -edge.partial for edge in places},
    )


def has_minus(box: Box, edge: Edge) -> bool:
    return edge.partial < 0 or box.derivative(edge.operand).startswith("-")


def listed(names: Sequence[str]) -> str:
    """a, b and c."""
    if len(names) > MOST_NAMED:
        names = [*names[:MOST_NAMED], "others"]
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def route(graph: Graph, path: Sequence[Edge]) -> str:
    return " - ".join(shortened([graph.names[path[0].node], *(graph.names[edge.source] for edge in path)]))


def shortened(names: list[str]) -> list[str]:
    """The names, without the middle where they are many."""
    return names if len(names) <= 2 * MOST_NAMED else [*names[:MOST_NAMED], "...", *names[-MOST_NAMED:]]


def product_along(path: Sequence[Edge]) -> float:
    product = 1.0
    for edge in path:
        product *= edge.partial
    return product

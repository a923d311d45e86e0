"""A classic mistake of backpropagation: what was done, where, and the numbers that result.

No text here contains a number, so that a diagnosis does not reveal the answer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from autograd_core.formulas.labels import visible_text
from autograd_core.graph.boxes import Box
from autograd_core.mistakes.student_sweeps import Edge, EdgeKey, Graph, SweepResult, replace_at

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
WRONG_DERIVATIVE = "wrong derivative of a function"
CLOSED_GATE = "passed through a closed gate"
ADDED_PARTIALS = "added partials along a path"
MULTIPLIED_PATHS = "multiplied contributions instead of adding"
AVERAGED = "averaged contributions instead of adding"
PRODUCT_RULE = "took the derivative of a product as the product of derivatives"
WRONG_POINT = "took a derivative at the wrong point"
DEGREES = "degrees instead of radians"
FORGOT_MEAN = "forgot the factor of a mean"
DIFFERENCE = "took a difference the other way round"
MIXED_UP = "answered another question"
EXCHANGED = "exchanged answers"
ROUNDED = "rounded too early or too coarsely"
RATE = "multiplied by the learning rate"
UPDATED = "gave the updated weight"
STEP = "wrong step of gradient descent"
FACTOR = "a factor of the whole result"
ADDED = "took a sum for a difference"
BEFORE_FUNCTION = "used the number before the function"
NEIGHBOUR = "used the number of a neighbour"
OTHER_LOSS = "took the gradient of another loss"
CONSTANT = "gave a constant a slope"
MEANS = "took the product of means for the mean of products"

MOST_SINGLE_PATHS = 24  # to one node; with more, no mistake about a single path is tried
MOST_NAMED = 8  # in one sentence


@dataclass(frozen=True, slots=True, eq=False)
class Mistake:
    """One mistake on one graph, and the numbers that result.

    kind: which mistake. sentence: what was done and where. hint: a question that leads on, without the answer. nodes,
    edges: the places. adjoints, contributions, partials: the resulting numbers, by node name or (node, operand); the
    mistake does not affect a number that is missing. least: the number of answers it has to explain to be named.
    updates: the numbers after a step of gradient descent, where the step is wrong and not the gradient. rule: the wrong
    rule of an operation, which tells apart mistakes of one kind.
    """

    kind: str
    sentence: str
    hint: str
    nodes: tuple[str, ...]
    edges: tuple[EdgeKey, ...]
    adjoints: Mapping[str, float]
    contributions: Mapping[EdgeKey, float]
    partials: Mapping[EdgeKey, float]
    least: int = 1
    updates: Mapping[str, float] = field(default_factory=dict)
    rule: str = ""

    def __post_init__(self) -> None:
        for name in ("sentence", "hint"):  # the names of nodes in them are data
            object.__setattr__(self, name, visible_text(getattr(self, name)))


def sweep_mistake(
    graph: Graph,
    kind: str,
    sentence: str,
    hint: str,
    result: SweepResult,
    nodes: Sequence[int] = (),
    edges: Sequence[Edge] = (),
    partials: Mapping[EdgeKey, float] | None = None,
    rule: str = "",
) -> Mistake:
    """The mistake of a whole wrong sweep."""
    total, sent = result
    adjoints = {name: total.get(node, 0.0) for node, name in enumerate(graph.names)}
    contributions = {edge.key: sent.get(edge, 0.0) for edge in graph.all_edges()}
    names = tuple(graph.names[node] for node in nodes)
    keys = tuple(edge.key for edge in edges)
    return Mistake(kind, sentence, hint, names, keys, adjoints, contributions, partials or {}, rule=rule)


def path_mistake(
    graph: Graph, target: int, path: tuple[Edge, ...], number: float, sentence: str, question: str
) -> Mistake:
    """The mistake that gives `target` the wrong `number`. path: the edges from the output to `target`."""
    name, start = graph.names[target], graph.symbols[-1]
    hint = f"follow every path from {start} back to {graph.symbols[target]} and add the products of its partials."
    keys = tuple(edge.key for edge in path)
    return Mistake(MISSED_PATH, sentence, f"{hint} {question}", (name,), keys, {name: number}, {}, {})


def flipped_sign(graph: Graph, places: Sequence[Edge]) -> Mistake:
    """The mistake -partial for the partial at these edges."""
    return sweep_mistake(
        graph,
        SIGN,
        f"the partial {join_names([graph.ends(edge) for edge in places])} has the wrong sign",
        f"if {graph.symbols[places[0].source]} increases a little, does {graph.symbols[places[0].node]} increase, too?",
        graph.sweep(replace_at(places, lambda edge, upstream: -upstream * edge.partial)),
        edges=places,
        partials={edge.key: -edge.partial for edge in places},
    )


def has_minus(box: Box, edge: Edge) -> bool:
    """Whether the partial of an edge is negative, or its formula begins with a minus."""
    return edge.partial < 0 or box.derivative(edge.operand).startswith("−")


def join_names(names: Sequence[str]) -> str:
    """a, b and c."""
    if len(names) > MOST_NAMED:
        names = [*names[:MOST_NAMED], "others"]
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def route(graph: Graph, path: Sequence[Edge]) -> str:
    """A path in words: y → f → d → a."""
    return " → ".join(shorten([graph.symbols[edge.node] for edge in path] + [graph.symbols[path[-1].source]]))


def shorten(names: list[str]) -> list[str]:
    """The names, without the middle where they are many."""
    return names if len(names) <= 2 * MOST_NAMED else [*names[:MOST_NAMED], "…", *names[-MOST_NAMED:]]


def product_along(path: Sequence[Edge]) -> float:
    """The product of the partials of a path."""
    return math.prod(edge.partial for edge in path)


def gradient_mistake(
    kind: str, sentence: str, hint: str, adjoints: Mapping[str, float], least: int = 1, nodes: Sequence[str] = ()
) -> Mistake:
    """The mistake that changes gradients alone."""
    return Mistake(kind, sentence, hint, tuple(nodes), (), adjoints, {}, {}, least)

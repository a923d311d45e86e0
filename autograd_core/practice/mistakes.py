"""The classic mistakes of backpropagation, made on purpose: the gradients a student making each of them would get.

Every mistake is a sweep gone wrong in one respect, over the boxes and partials a reader sees. `classic` makes each
misconception wherever the graph gives occasion; `slips` makes one wrong turn at one edge. No text here holds a number,
so that a mistake can be told without giving the answer away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from autograd_core.practice.sweeps import Contribution, Edge, Graph, Key, Swept, right, wrong_at
from autograd_core.practice.transposed import exchanged_weights
from autograd_core.show.view import Box, View

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

MOST_PATHS = 24  # to one node; past it no single path is singled out
MOST_NAMED = 8  # in one sentence
MOST_VISITS = 5000  # of a recursion that revisits: it takes as many as there are paths


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


def classic(seen: View) -> list[Mistake]:
    """Every classic mistake on the graph of `seen`, one entry for each way and place to make it.

    Two entries of a kind may give the same numbers, and a mistake without an occasion may give the right ones.

    >>> from autograd_core import Value
    >>> from autograd_core.show.view import view
    >>> x = Value(3.0, label="x")
    >>> {one.kind: one.adjoints["x"] for one in classic(view(x * x))}["overwrote instead of adding"]
    3.0
    """
    graph = Graph(seen)
    return [*_classic(graph), *_transposed(graph, seen)]


def slips(seen: View, into: str | None = None) -> list[Mistake]:
    """One wrong turn at one edge: its term left out, doubled, negated, or a factor of it forgotten or swapped.

    With `into`, only at the edges into that node; without, none in a graph of more than 400 edges.
    """
    graph = Graph(seen)
    edges = [edge for edge in graph.all_edges() if into in (None, graph.names[edge.source])]
    if into is None:
        return [] if graph.is_large else [*_only_paths(graph), *_slips(graph, edges)]
    return list(_slips(graph, edges))


def _swept_wrong(
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


def listed(names: Sequence[str]) -> str:
    """a, b and c."""
    if len(names) > MOST_NAMED:
        names = [*names[:MOST_NAMED], "others"]
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def _classic(graph: Graph) -> Iterator[Mistake]:
    every = tuple(graph.all_edges())
    yield from _overwrote(graph)
    yield _swept_wrong(
        graph,
        FORGOT_UPSTREAM,
        "each partial was taken alone, without the upstream it is to be multiplied by",
        "a contribution is upstream x partial: which number has arrived at the node before you go through it?",
        graph.sweep(lambda edge, upstream: edge.partial),
        edges=every,
    )
    yield _swept_wrong(
        graph,
        FORGOT_PARTIAL,
        "the upstream was handed on as it was, not multiplied by the partial",
        "a contribution is upstream x partial: how fast does each operation change with this one of its inputs?",
        graph.sweep(lambda edge, upstream: upstream),
        edges=every,
    )
    products = [edge for edge in every if graph.is_product(edge)]
    if products:
        yield _swapped(graph, products)
    yield from _missed_paths(graph)
    yield from _too_early(graph)
    yield from _revisited(graph)
    yield from _stale(graph)
    yield from _signs(graph)
    yield from _forgot_inner(graph)


def _overwrote(graph: Graph) -> Iterator[Mistake]:
    meeting = graph.fan_outs()
    if not meeting:
        return
    names = [graph.names[node] for node in meeting]
    told: list[dict[int, float]] = []
    for order in graph.valid_orders():
        swept = graph.sweep(right, order, overwrite=True)
        if swept[0] in told:
            continue
        told.append(swept[0])
        way = ", ".join(_shortened([graph.names[node] for node in order]))
        yield _swept_wrong(
            graph,
            OVERWROTE,
            f"each contribution overwrote the one before it (= in the place of +=) at {listed(names)}, "
            f"going back in the order {way}",
            f"{listed(names)}: used more than once. What is to be done with contributions that meet?",
            swept,
            nodes=meeting,
        )


def _swapped(graph: Graph, products: Sequence[Edge]) -> Mistake:
    nodes = list(dict.fromkeys(edge.node for edge in products))
    return _swept_wrong(
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


def _missed_paths(graph: Graph) -> Iterator[Mistake]:
    for target, count in enumerate(graph.path_counts()[:-1]):
        if not 0 < count <= MOST_PATHS or (graph.is_large and graph.edges[target]):
            continue
        paths = graph.paths(target)
        products = [_product(path) for path in paths]
        for index, path in enumerate(paths):
            rest = sum((product for other, product in enumerate(products) if other != index), 0.0)
            yield _by_paths(
                graph, target, path, rest, f"the path {_route(graph, path)} was left out", "How many are there?"
            )


def _by_paths(
    graph: Graph, target: int, path: tuple[Edge, ...], number: float, sentence: str, question: str
) -> Mistake:
    name = graph.names[target]
    hint = f"follow every way from {graph.names[-1]} back to {name} and add up the products. {question}"
    return Mistake(MISSED_PATH, sentence, hint, (name,), tuple(edge.key for edge in path), {name: number}, {}, {})


def _product(path: Sequence[Edge]) -> float:
    product = 1.0
    for edge in path:
        product *= edge.partial
    return product


def _route(graph: Graph, path: Sequence[Edge]) -> str:
    return " - ".join(_shortened([graph.names[path[0].node], *(graph.names[edge.source] for edge in path)]))


def _shortened(names: list[str]) -> list[str]:
    """The names, without the middle where they are many."""
    return names if len(names) <= 2 * MOST_NAMED else [*names[:MOST_NAMED], "...", *names[-MOST_NAMED:]]


def _too_early(graph: Graph) -> Iterator[Mistake]:
    shared = [node for node in graph.fan_outs() if graph.edges[node]]
    if not shared:
        return
    names = [graph.names[node] for node in shared]
    hint = f"a node may hand on its gradient only when all its users have sent theirs: who uses {listed(names)}?"
    ways = {
        "depth first, each node once": graph.depth_first(revisit=False, at_once=False),
        "depth first, each node once, each input before the next": graph.depth_first(revisit=False, at_once=True),
        "level by level from the output": graph.sweep(right, graph.breadth_first()),
    }
    for way, swept in ways.items():
        sentence = f"nodes were gone through {way}, so that some handed on a sum that was not complete"
        yield _swept_wrong(graph, TOO_EARLY, sentence, hint, swept, shared)
    for node in () if graph.is_large else shared:
        users = list(dict.fromkeys(edge.node for edge in graph.users[node]))
        missing = [{user} for user in users] if len(users) > 1 else []
        if len(users) > 2:
            missing += [set(users) - {user} for user in users]
        for waiting in missing:
            late = [edge for edge in graph.users[node] if edge.node in waiting]
            name, after = graph.names[node], listed([graph.names[user] for user in users if user in waiting])
            yield _swept_wrong(
                graph,
                TOO_EARLY,
                f"{name} handed on its gradient before the contribution from {after} had arrived",
                f"who uses {name}? Go on from it only when all of them have sent their contribution.",
                graph.sweep(right, late=late),
                (node,),
                late,
            )


def _revisited(graph: Graph) -> Iterator[Mistake]:
    shared = [node for node in graph.fan_outs() if graph.edges[node]]
    if not shared or sum(graph.path_counts()) > MOST_VISITS:
        return
    names = listed([graph.names[node] for node in shared])
    for at_once in (False, True):
        yield _swept_wrong(
            graph,
            REVISITED,
            f"{names}: handed on each time something arrived, and each time the whole sum so far, "
            "so that the first contributions were counted again",
            f"how often may {names} hand on what has arrived? Once, when it is complete.",
            graph.depth_first(revisit=True, at_once=at_once),
            shared,
        )


def _stale(graph: Graph) -> Iterator[Mistake]:
    first, carried = graph.sweep(right)
    hint = "gradients add up from one backward to the next: were they set back before this one?"
    leaves = [node for node, box in enumerate(graph.boxes) if box.entry is None and node in first]
    doubled = {node: 2 * total if node in leaves else total for node, total in first.items()}
    sentence = "the gradient of an earlier backward was still there, and this one was added to it"
    yield _swept_wrong(graph, STALE, sentence, hint, (doubled, carried), leaves)
    inner = [node for node in first if graph.edges[node] and node != graph.order[0]]
    if inner:
        sentence = "the nodes between still held their gradient of an earlier backward, and handed it on again"
        yield _swept_wrong(graph, STALE, sentence, hint, graph.sweep(right, start=first), inner)


def _signs(graph: Graph) -> Iterator[Mistake]:
    total, carried = graph.sweep(right)
    negated = {node: -one for node, one in total.items()}, {edge: -one for edge, one in carried.items()}
    every = {edge.key: -edge.partial for edge in graph.all_edges()}
    hint = "when this input grows a little, does the output grow or shrink?"
    yield _swept_wrong(graph, SIGN, "the sign of the result is the wrong one", hint, negated, partials=every)
    minus = [edge for edge in graph.all_edges() if _has_minus(graph.boxes[edge.node], edge)]
    for edge in () if graph.is_large else minus:
        yield _flipped(graph, [edge])
    if len(minus) > 1:
        yield _flipped(graph, minus)


def _has_minus(box: Box, edge: Edge) -> bool:
    return edge.partial < 0 or box.derivative(edge.operand).startswith("-")


def _flipped(graph: Graph, places: Sequence[Edge]) -> Mistake:
    return _swept_wrong(
        graph,
        SIGN,
        f"the sign of the partial {listed([graph.ends(edge) for edge in places])} is the wrong one",
        f"when {graph.names[places[0].source]} grows a little, does {graph.names[places[0].node]} grow or shrink?",
        graph.sweep(wrong_at(places, lambda edge, upstream: -upstream * edge.partial)),
        edges=places,
        partials={edge.key: -edge.partial for edge in places},
    )


def _forgot_inner(graph: Graph) -> Iterator[Mistake]:
    places = [edge for edge in graph.all_edges() if graph.edges[edge.source] and _is_function(graph, edge)]
    choices = [] if graph.is_large else [[edge] for edge in places]
    if places and len(choices) != 1:
        choices.append(places)
    for chosen in choices:
        total, carried = graph.sweep(right, late=chosen)
        for edge in chosen:
            for node in graph.below(edge.source):
                total[node] = total.get(node, 0.0) + carried.get(edge, 0.0)
        outer = listed([f"{graph.boxes[edge.node].operation} ({graph.names[edge.node]})" for edge in chosen])
        inner = listed(list(dict.fromkeys(graph.names[edge.source] for edge in chosen)))
        yield _swept_wrong(
            graph,
            FORGOT_INNER,
            f"the outer derivative of {outer} was taken, but not multiplied by the derivative of {inner} inside",
            f"{inner} is not an input: how does it change itself?",
            (total, carried),
            edges=chosen,
        )


def _transposed(graph: Graph, seen: View) -> Iterator[Mistake]:
    found = list(exchanged_weights(graph, seen))
    if len(found) > 1:
        found.append(
            (listed([name for name, _ in found]), {edge: one for _, way in found for edge, one in way.items()})
        )
    for name, weights in found:
        inputs = listed(list(dict.fromkeys(graph.names[edge.source] for edge in weights)))
        yield _swept_wrong(
            graph,
            TRANSPOSED,
            f"what comes back through {name} was multiplied by W where it is to be W^T (rows of weights, not columns)",
            f"which weights multiply {inputs} on the way forward? By these, each a column of W, it comes back.",
            graph.sweep(_multiplied_by(weights)),
            edges=list(weights),
            partials={edge.key: one for edge, one in weights.items()},
        )


def _multiplied_by(weights: Mapping[Edge, float]) -> Contribution:
    return lambda edge, upstream: upstream * weights.get(edge, edge.partial)


def _is_function(graph: Graph, edge: Edge) -> bool:
    """Whether the edge goes into a function of one variable: sin, a composition, a power, 1 / (...)."""
    box = graph.boxes[edge.node]
    if sum(operand.box is not None for operand in box.operands) != 1:
        return False
    return box.operation not in ("add", "subtract", "multiply", "negative") and (box.operation, edge.operand) != (
        "divide",
        0,
    )


def _only_paths(graph: Graph) -> Iterator[Mistake]:
    for target, count in enumerate(graph.path_counts()[:-1]):
        if 2 < count <= MOST_PATHS:
            for path in graph.paths(target):
                only = f"only the path {_route(graph, path)} was followed"
                yield _by_paths(graph, target, path, _product(path), only, "Which others are there?")


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
            yield _swept_wrong(graph, kind, sentence.format(graph.ends(edge)), hint, swept, edges=[edge])
        if not _has_minus(graph.boxes[edge.node], edge):
            yield _flipped(graph, [edge])
    for node in dict.fromkeys(edge.node for edge in edges if graph.is_product(edge)):
        yield _swapped(graph, graph.edges[node])

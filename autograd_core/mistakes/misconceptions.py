"""The classic misconceptions, made on purpose: the gradients a student holding each of them would get.

Each is a sweep gone wrong in one respect, over the boxes and partials a reader sees.
"""

from __future__ import annotations

from collections.abc import Iterator

from autograd_core.graph.boxes import View
from autograd_core.mistakes.mistakes import (
    CLOSED_GATE,
    FORGOT_INNER,
    FORGOT_PARTIAL,
    FORGOT_UPSTREAM,
    MOST_PATHS,
    OVERWROTE,
    REVISITED,
    SIGN,
    STALE,
    TOO_EARLY,
    Mistake,
    factors_swapped,
    has_minus,
    listed,
    product_along,
    route,
    shortened,
    sign_flipped,
    swept_wrong,
    wrong_by_paths,
)
from autograd_core.mistakes.student_sweeps import Contribution, Edge, Graph, right
from autograd_core.mistakes.transposed_weights import transposed

MOST_VISITS = 5000  # of a recursion that revisits: it takes as many as there are paths


def classic(seen: View) -> list[Mistake]:
    """Every classic mistake on the graph of `seen`, one entry for each way and place to make it.

    Two entries of a kind may give the same numbers, and a mistake without an occasion may give the right ones.

    >>> from autograd_core import Value
    >>> from autograd_core.graph.boxes import view
    >>> x = Value(3.0, label="x")
    >>> {one.kind: one.adjoints["x"] for one in classic(view(x * x))}["overwrote instead of adding"]
    3.0
    """
    return list(_classic(Graph(seen), seen))


def _classic(graph: Graph, seen: View) -> Iterator[Mistake]:
    yield from _overwrote(graph)
    yield from _forgot_a_factor(graph)
    products = [edge for edge in graph.all_edges() if graph.is_product(edge)]
    if products:
        yield factors_swapped(graph, products)
    yield from _missed_paths(graph)
    yield from _too_early(graph)
    yield from _revisited(graph)
    yield from _stale(graph)
    yield from _signs(graph)
    yield from _forgot_inner(graph)
    yield from _closed_gates(graph, seen)
    yield from transposed(graph, seen)


def _forgot_a_factor(graph: Graph) -> Iterator[Mistake]:
    forgotten: list[tuple[str, str, str, Contribution]] = [
        (
            FORGOT_UPSTREAM,
            "each partial was taken alone, without the upstream it is to be multiplied by",
            "which number has arrived at the node before you go through it?",
            lambda edge, upstream: edge.partial,
        ),
        (
            FORGOT_PARTIAL,
            "the upstream was handed on as it was, not multiplied by the partial",
            "how fast does each operation change with this one of its inputs?",
            lambda edge, upstream: upstream,
        ),
    ]
    every = tuple(graph.all_edges())
    for kind, sentence, question, contribution in forgotten:
        hint = f"a contribution is upstream x partial: {question}"
        yield swept_wrong(graph, kind, sentence, hint, graph.sweep(contribution), edges=every)


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
        way = ", ".join(shortened([graph.names[node] for node in order]))
        yield swept_wrong(
            graph,
            OVERWROTE,
            f"each contribution overwrote the one before it (= in the place of +=) at {listed(names)}, "
            f"going back in the order {way}",
            f"{listed(names)}: used more than once. What is to be done with contributions that meet?",
            swept,
            nodes=meeting,
        )


def _missed_paths(graph: Graph) -> Iterator[Mistake]:
    for target, count in enumerate(graph.path_counts()[:-1]):
        if not 0 < count <= MOST_PATHS or (graph.is_large and graph.edges[target]):
            continue
        paths = graph.paths(target)
        products = [product_along(path) for path in paths]
        for index, path in enumerate(paths):
            rest = sum((product for other, product in enumerate(products) if other != index), 0.0)
            yield wrong_by_paths(
                graph, target, path, rest, f"the path {route(graph, path)} was left out", "How many are there?"
            )


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
        yield swept_wrong(graph, TOO_EARLY, sentence, hint, swept, shared)
    for node in () if graph.is_large else shared:
        users = list(dict.fromkeys(edge.node for edge in graph.users[node]))
        missing = [{user} for user in users] if len(users) > 1 else []
        if len(users) > 2:
            missing += [set(users) - {user} for user in users]
        for waiting in missing:
            late = [edge for edge in graph.users[node] if edge.node in waiting]
            name, after = graph.names[node], listed([graph.names[user] for user in users if user in waiting])
            yield swept_wrong(
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
        yield swept_wrong(
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
    yield swept_wrong(graph, STALE, sentence, hint, (doubled, carried), leaves)
    inner = [node for node in first if graph.edges[node] and node != graph.order[0]]
    if inner:
        sentence = "the nodes between still held their gradient of an earlier backward, and handed it on again"
        yield swept_wrong(graph, STALE, sentence, hint, graph.sweep(right, start=first), inner)


def _signs(graph: Graph) -> Iterator[Mistake]:
    total, carried = graph.sweep(right)
    negated = {node: -one for node, one in total.items()}, {edge: -one for edge, one in carried.items()}
    every = {edge.key: -edge.partial for edge in graph.all_edges()}
    hint = "when this input grows a little, does the output grow or shrink?"
    yield swept_wrong(graph, SIGN, "the sign of the result is the wrong one", hint, negated, partials=every)
    minus = [edge for edge in graph.all_edges() if has_minus(graph.boxes[edge.node], edge)]
    for edge in () if graph.is_large else minus:
        yield sign_flipped(graph, [edge])
    if len(minus) > 1:
        yield sign_flipped(graph, minus)


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
        yield swept_wrong(
            graph,
            FORGOT_INNER,
            f"the outer derivative of {outer} was taken, but not multiplied by the derivative of {inner} inside",
            f"{inner} is not an input: how does it change itself?",
            (total, carried),
            edges=chosen,
        )


def _is_function(graph: Graph, edge: Edge) -> bool:
    """Whether the edge goes into a function of one variable: sin, a composition, a power, 1 / (...)."""
    box = graph.boxes[edge.node]
    if sum(operand.box is not None for operand in box.operands) != 1:
        return False
    return box.operation not in ("add", "subtract", "multiply", "negative") and (box.operation, edge.operand) != (
        "divide",
        0,
    )


def _closed_gates(graph: Graph, seen: View) -> Iterator[Mistake]:
    """Every closed gate gone through as if it were open: a relu below 0 taken to have the slope 1."""
    opened = Graph(seen, gates_open=True)
    open_already = set(graph.all_edges())
    passed = [edge for edge in opened.all_edges() if edge not in open_already]
    if not passed:
        return
    gates = list(dict.fromkeys(edge.node for edge in passed))
    names = listed([graph.names[node] for node in gates])
    yield swept_wrong(
        opened,
        CLOSED_GATE,
        f"what came back to {names} was handed on as if no gate there were closed",
        "a closed gate passes nothing back: on which side of its kink is each gate here, and how steep is it there?",
        opened.sweep(right),
        gates,
        passed,
        {edge.key: edge.partial for edge in passed},
    )

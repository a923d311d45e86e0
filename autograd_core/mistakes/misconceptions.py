"""The classic misconceptions, simulated: the gradients that a student with each of them would get.

Each is a sweep over the boxes and partials that a reader sees, wrong in one respect.
"""

from __future__ import annotations

from collections.abc import Iterator

from autograd_core.engine.primitive import Primitive
from autograd_core.graph.boxes import View
from autograd_core.mistakes.mistakes import (
    CLOSED_GATE,
    FORGOT_INNER,
    FORGOT_PARTIAL,
    FORGOT_UPSTREAM,
    MOST_SINGLE_PATHS,
    OVERWROTE,
    REVISITED,
    SIGN,
    STALE,
    TOO_EARLY,
    Mistake,
    flipped_sign,
    has_minus,
    join_names,
    path_mistake,
    product_along,
    route,
    shorten,
    swapped_factors,
    sweep_mistake,
)
from autograd_core.mistakes.student_sweeps import Contribution, Edge, Graph, right
from autograd_core.mistakes.transposed_weights import transpose_mistakes
from autograd_core.mistakes.wrong_derivatives import wrong_derivatives

MOST_VISITS = 5000  # of a recursion that revisits nodes: one for each path


def classic_mistakes(view: View) -> list[Mistake]:
    """Every classic mistake on the graph of a view, with one entry for each way and place to make it.

    Two entries of a kind may give the same numbers, and some give the right ones.

    >>> from autograd_core import Value
    >>> from autograd_core.graph.boxes import view
    >>> x = Value(3.0, label="x")
    >>> [mistake.adjoints["x"] for mistake in classic_mistakes(view(x * x)) if mistake.kind == OVERWROTE]
    [3.0]
    """
    return list(_classic(Graph(view), view))


def possible_mistakes(view: View) -> list[Mistake]:
    """The classic mistakes, without kept gradients where no node has one: nobody keeps them on paper."""
    has_gradients = any(box.node.grad is not None for box in view.boxes)
    return [mistake for mistake in classic_mistakes(view) if has_gradients or mistake.kind != STALE]


def _classic(graph: Graph, view: View) -> Iterator[Mistake]:
    yield from _overwrote(graph)
    yield from _forgot_a_factor(graph)
    products = [edge for edge in graph.all_edges() if graph.is_product(edge)]
    if products:
        yield swapped_factors(graph, products)
    yield from _missed_paths(graph)
    yield from _too_early(graph)
    yield from _revisit(graph)
    yield from _stale(graph)
    yield from _signs(graph)
    yield from _forgot_inner(graph)
    yield from _closed_gates(graph, view)
    yield from transpose_mistakes(graph, view)
    yield from wrong_derivatives(graph)


def _forgot_a_factor(graph: Graph) -> Iterator[Mistake]:
    forgotten: list[tuple[str, str, str, Contribution]] = [
        (
            FORGOT_UPSTREAM,
            "each partial was used alone, not multiplied by the upstream",
            "which gradient has arrived at the node above?",
            lambda edge, upstream: edge.partial,
        ),
        (
            FORGOT_PARTIAL,
            "the upstream was passed on unchanged, not multiplied by the partial",
            "how fast does each operation change with this input?",
            lambda edge, upstream: upstream,
        ),
    ]
    every = tuple(graph.all_edges())
    for kind, sentence, question, contribution in forgotten:
        hint = f"a contribution is upstream x partial: {question}"
        yield sweep_mistake(graph, kind, sentence, hint, graph.sweep(contribution), edges=every)


def _overwrote(graph: Graph) -> Iterator[Mistake]:
    meeting = graph.fan_outs()
    if not meeting:
        return
    names = [graph.names[node] for node in meeting]
    known: list[dict[int, float]] = []
    for order in graph.valid_orders():
        result = graph.sweep(right, order, overwrite=True)
        if result[0] in known:
            continue
        known.append(result[0])
        way = ", ".join(shorten([graph.names[node] for node in order]))
        yield sweep_mistake(
            graph,
            OVERWROTE,
            f"each contribution overwrote the one before it (= instead of +=) at {join_names(names)}, "
            f"with the nodes visited in the order {way}",
            f"{join_names(names)}: used more than once. How are contributions combined where they meet?",
            result,
            nodes=meeting,
        )


def _missed_paths(graph: Graph) -> Iterator[Mistake]:
    for target, count in enumerate(graph.path_counts()[:-1]):
        if not 0 < count <= MOST_SINGLE_PATHS or (graph.is_large and graph.edges[target]):
            continue
        paths = graph.paths(target)
        products = [product_along(path) for path in paths]
        for index, path in enumerate(paths):
            rest = sum((product for other, product in enumerate(products) if other != index), 0.0)
            yield path_mistake(
                graph, target, path, rest, f"the path {route(graph, path)} was left out", "How many paths are there?"
            )


def _too_early(graph: Graph) -> Iterator[Mistake]:
    shared = [node for node in graph.fan_outs() if graph.edges[node]]
    if not shared:
        return
    names = [graph.names[node] for node in shared]
    hint = (
        f"a node passes on its gradient only after all its users have contributed. Which nodes use {join_names(names)}?"
    )
    ways = {
        "depth first, each node once": graph.depth_first(revisit=False, at_once=False),
        "depth first, each node once, each input before the next": graph.depth_first(revisit=False, at_once=True),
        "level by level from the output": graph.sweep(right, graph.breadth_first()),
    }
    for way, result in ways.items():
        sentence = f"the nodes were visited {way}, so that some passed on an incomplete sum"
        yield sweep_mistake(graph, TOO_EARLY, sentence, hint, result, shared)
    for node in () if graph.is_large else shared:
        users = list(dict.fromkeys(edge.node for edge in graph.users[node]))
        missing = [{user} for user in users] if len(users) > 1 else []
        if len(users) > 2:
            missing += [set(users) - {user} for user in users]
        for waiting in missing:
            late = [edge for edge in graph.users[node] if edge.node in waiting]
            name, after = graph.names[node], join_names([graph.names[user] for user in users if user in waiting])
            yield sweep_mistake(
                graph,
                TOO_EARLY,
                f"{name} passed on its gradient before the contribution from {after} had arrived",
                f"which nodes use {name}? Continue from {name} only after all of them have contributed.",
                graph.sweep(right, late=late),
                (node,),
                late,
            )


def _revisit(graph: Graph) -> Iterator[Mistake]:
    shared = [node for node in graph.fan_outs() if graph.edges[node]]
    if not shared or sum(graph.path_counts()) > MOST_VISITS:
        return
    names = join_names([graph.names[node] for node in shared])
    for at_once in (False, True):
        yield sweep_mistake(
            graph,
            REVISITED,
            f"{names}: passed on the sum so far each time a contribution arrived, "
            "so that the first contributions were counted again",
            f"how often does {names} pass on its gradient? Once, when the sum is complete.",
            graph.depth_first(revisit=True, at_once=at_once),
            shared,
        )


def _stale(graph: Graph) -> Iterator[Mistake]:
    first, sent = graph.sweep(right)
    hint = "gradients accumulate from one backward to the next. Were they reset before this one?"
    leaves = [node for node, box in enumerate(graph.boxes) if box.entry is None and node in first]
    doubled = {node: 2 * total if node in leaves else total for node, total in first.items()}
    sentence = "the gradient of an earlier backward was not reset, and this one was added to it"
    yield sweep_mistake(graph, STALE, sentence, hint, (doubled, sent), leaves)
    inner = [node for node in first if graph.edges[node] and node != graph.order[0]]
    if inner:
        sentence = "the inner nodes kept their gradient of an earlier backward, and passed it on again"
        yield sweep_mistake(graph, STALE, sentence, hint, graph.sweep(right, start=first), inner)


def _signs(graph: Graph) -> Iterator[Mistake]:
    total, sent = graph.sweep(right)
    negated = {node: -adjoint for node, adjoint in total.items()}, {edge: -amount for edge, amount in sent.items()}
    every = {edge.key: -edge.partial for edge in graph.all_edges()}
    hint = "if this input increases a little, does the output increase or decrease?"
    yield sweep_mistake(graph, SIGN, "the result has the wrong sign", hint, negated, partials=every)
    minus = [edge for edge in graph.all_edges() if has_minus(graph.boxes[edge.node], edge)]
    for edge in () if graph.is_large else minus:
        yield flipped_sign(graph, [edge])
    if len(minus) > 1:
        yield flipped_sign(graph, minus)


def _forgot_inner(graph: Graph) -> Iterator[Mistake]:
    places = [edge for edge in graph.all_edges() if graph.edges[edge.source] and _is_function(graph, edge)]
    choices = [] if graph.is_large else [[edge] for edge in places]
    if places and len(choices) != 1:
        choices.append(places)
    for chosen in choices:
        total, sent = graph.sweep(right, late=chosen)
        for edge in chosen:
            for node in graph.below(edge.source):
                total[node] = total.get(node, 0.0) + sent.get(edge, 0.0)
        outer = join_names([f"{graph.boxes[edge.node].operation} ({graph.names[edge.node]})" for edge in chosen])
        inner = join_names(list(dict.fromkeys(graph.names[edge.source] for edge in chosen)))
        yield sweep_mistake(
            graph,
            FORGOT_INNER,
            f"the outer derivative of {outer} was not multiplied by the derivative of the inner {inner}",
            f"{inner} is not an input: how does it change with the input?",
            (total, sent),
            edges=chosen,
        )


def _is_function(graph: Graph, edge: Edge) -> bool:
    """Whether the edge goes into a function of one variable: sin, a composition, a power, 1 / (...)."""
    box = graph.boxes[edge.node]
    if sum(operand.box is not None for operand in box.operands) != 1:
        return False
    return not isinstance(box.entry, Primitive) or edge.operand not in box.entry.linear or bool(box.entry.kink)


def _closed_gates(graph: Graph, view: View) -> Iterator[Mistake]:
    """Every closed gate treated as open: a relu below 0 with slope 1."""
    opened = Graph(view, gates_open=True)
    already_open = set(graph.all_edges())
    passed = [edge for edge in opened.all_edges() if edge not in already_open]
    if not passed:
        return
    gates = list(dict.fromkeys(edge.node for edge in passed))
    names = join_names([graph.names[node] for node in gates])
    yield sweep_mistake(
        opened,
        CLOSED_GATE,
        f"the gradient that arrived at {names} was passed on as if no gate were closed",
        "a closed gate passes nothing back: on which side of its kink is each gate, and what is its slope there?",
        opened.sweep(right),
        gates,
        passed,
        {edge.key: edge.partial for edge in passed},
    )

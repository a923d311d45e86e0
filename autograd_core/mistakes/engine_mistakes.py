"""The classic mistakes of a program that computes gradients: overwriting, a wrong order of nodes, no reset.

Nobody makes them on paper.
"""

from __future__ import annotations

from collections.abc import Iterator

from autograd_core.graph.boxes import View
from autograd_core.mistakes.mistakes import (
    OVERWROTE,
    REVISITED,
    STALE,
    TOO_EARLY,
    Mistake,
    join_names,
    shorten,
    sweep_mistake,
)
from autograd_core.mistakes.student_sweeps import Graph, right

MOST_VISITS = 5000  # of a recursion that revisits nodes: one for each path


def engine_mistakes(view: View) -> list[Mistake]:
    """Every classic mistake of a program on the graph of a view.

    Two entries of a kind may give the same numbers, and some give the right ones.

    >>> from autograd_core import Value
    >>> from autograd_core.graph.boxes import view
    >>> x = Value(3.0, label="x")
    >>> [mistake.adjoints["x"] for mistake in engine_mistakes(view(x * x)) if mistake.kind == OVERWROTE]
    [3.0]
    """
    graph = Graph(view)
    return [*_overwrote(graph), *_too_early(graph), *_revisit(graph), *_stale(graph)]


def _overwrote(graph: Graph) -> Iterator[Mistake]:
    meeting = graph.fan_outs()
    if not meeting:
        return
    names = [graph.symbols[node] for node in meeting]
    known: list[dict[int, float]] = []
    for order in graph.valid_orders():
        result = graph.sweep(right, order, combine=_overwrite)
        if result[0] in known:
            continue
        known.append(result[0])
        way = ", ".join(shorten([graph.symbols[node] for node in order]))
        yield sweep_mistake(
            graph,
            OVERWROTE,
            f"each contribution overwrote the one before it (= instead of +=) at {join_names(names)}, "
            f"with the nodes visited in the order {way}",
            f"{join_names(names)}: used more than once. How are contributions combined where they meet?",
            result,
            nodes=meeting,
        )


def _overwrite(before: float, amount: float) -> float:
    return amount


def _too_early(graph: Graph) -> Iterator[Mistake]:
    shared = [node for node in graph.fan_outs() if graph.edges[node]]
    if not shared:
        return
    names = [graph.symbols[node] for node in shared]
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
            name, after = graph.symbols[node], join_names([graph.symbols[user] for user in users if user in waiting])
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
    names = join_names([graph.symbols[node] for node in shared])
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

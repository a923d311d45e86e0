"""The classic misconceptions, simulated: the gradients that a student with each of them would get.

Each is a sweep over the boxes and partials that a reader sees, wrong in one respect.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autograd_core.graph.boxes import View
from autograd_core.mistakes.chain_rule_mistakes import chain_rule_mistakes, constant_mistakes
from autograd_core.mistakes.mistakes import (
    CLOSED_GATE,
    FORGOT_INNER,
    FORGOT_PARTIAL,
    FORGOT_UPSTREAM,
    MISSED_PATH,
    MOST_SINGLE_PATHS,
    SIGN,
    Mistake,
    flipped_sign,
    gradient_mistake,
    has_minus,
    join_names,
    path_mistake,
    product_along,
    route,
    sweep_mistake,
)
from autograd_core.mistakes.other_numbers import other_questions
from autograd_core.mistakes.student_sweeps import Contribution, Edge, Graph, replace_at, right
from autograd_core.mistakes.transposed_weights import transpose_mistakes
from autograd_core.mistakes.wrong_derivatives import wrong_derivatives


def paper_mistakes(view: View) -> Iterator[Mistake]:
    """Every classic mistake that people make on paper, with one entry for each way and place to make it.

    Two entries of a kind may give the same numbers, and some give the right ones.

    >>> from autograd_core import Value
    >>> from autograd_core.graph.boxes import view
    >>> x = Value(3.0, label="x")
    >>> [mistake.adjoints["x"] for mistake in paper_mistakes(view(x * x)) if mistake.kind == "missed a path"]
    [3.0, 3.0, 3.0]
    """
    graph, opened = Graph(view), Graph(view, gates_open=True)
    yield from _closed_gates(graph, opened)
    yield from transpose_mistakes(graph, view)
    yield from constant_mistakes(graph)
    yield from _forgot_a_factor(graph)
    yield from wrong_derivatives(graph, opened)
    yield from _missed_paths(graph)
    yield from _signs(graph)
    yield from _forgot_inner(graph)
    yield from chain_rule_mistakes(graph)
    yield from other_questions(graph, view)


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
    products = [edge for edge in graph.all_edges() if graph.is_product(edge)]
    for what, edges in (
        ("in front of what was computed", [edge for edge in products if graph.edges[edge.source]]),
        ("beside an input", [edge for edge in products if not graph.edges[edge.source]]),
    ):
        if len(edges) > 1:
            yield sweep_mistake(
                graph,
                FORGOT_PARTIAL,
                f"every factor {what} was forgotten, at "
                f"{join_names(list(dict.fromkeys(graph.symbols[edge.node] for edge in edges)))}",
                "in a * b, increase a by a little: by how much does the product increase?",
                graph.sweep(replace_at(edges, lambda edge, upstream: upstream)),
                edges=edges,
                partials={edge.key: 1.0 for edge in edges},
            )
    every = tuple(graph.all_edges())
    for kind, sentence, question, contribution in forgotten:
        hint = f"a contribution is upstream · partial: {question}"
        yield sweep_mistake(graph, kind, sentence, hint, graph.sweep(contribution), edges=every)


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
    repeated = [edge for node in graph.order for edge in _repeated_inputs(graph.edges[node])]
    if nodes := list(dict.fromkeys(edge.node for edge in repeated)):
        yield sweep_mistake(
            graph,
            MISSED_PATH,
            f"an input that goes in twice was counted once, at {join_names([graph.symbols[node] for node in nodes])}",
            "in a · a, a stands twice: how much does the product change with each one?",
            graph.sweep(replace_at(repeated, lambda edge, upstream: None)),
            nodes,
            repeated,
        )


def _repeated_inputs(edges: Sequence[Edge]) -> Iterator[Edge]:
    """The edges of one operation without the first one from each source."""
    seen = set()
    for edge in edges:
        if edge.source in seen:
            yield edge
        seen.add(edge.source)


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
    without = {name: abs(total.get(node, 0.0)) for node, name in enumerate(graph.names)}
    yield gradient_mistake(SIGN, "every minus sign of the results was lost", hint, without)


def _forgot_inner(graph: Graph) -> Iterator[Mistake]:
    places = [edge for edge in graph.all_edges() if graph.edges[edge.source] and graph.is_function(edge)]
    choices = [] if graph.is_large else [[edge] for edge in places]
    if places and len(choices) != 1:
        choices.append(places)
    for chosen in choices:
        total, sent = graph.sweep(right, late=chosen)
        for edge in chosen:
            for node in graph.below(edge.source):
                total[node] = total.get(node, 0.0) + sent.get(edge, 0.0)
        outer = join_names([f"{graph.boxes[edge.node].operation} ({graph.symbols[edge.node]})" for edge in chosen])
        inner = join_names(list(dict.fromkeys(graph.symbols[edge.source] for edge in chosen)))
        yield sweep_mistake(
            graph,
            FORGOT_INNER,
            f"the outer derivative of {outer} was not multiplied by the derivative of the inner {inner}",
            f"{inner} is not an input: how does it change with the input?",
            (total, sent),
            edges=chosen,
        )


def _closed_gates(graph: Graph, opened: Graph) -> Iterator[Mistake]:
    """Every closed gate treated as open: a relu below 0 with slope 1."""
    already_open = set(graph.all_edges())
    passed = [edge for edge in opened.all_edges() if edge not in already_open]
    gates = list(dict.fromkeys(edge.node for edge in passed))
    choices = [[gate] for gate in gates] if not graph.is_large else []
    if gates and len(choices) != 1:
        choices.append(gates)
    for chosen in choices:
        names = join_names([graph.symbols[node] for node in chosen])
        still_closed = [edge for edge in passed if edge.node not in chosen]
        edges = [edge for edge in passed if edge.node in chosen]
        yield sweep_mistake(
            opened,
            CLOSED_GATE,
            f"the gradient that arrived at {names} was passed on as if no gate were closed",
            "a closed gate passes nothing back: on which side of its kink is each gate, and what is its slope there?",
            opened.sweep(replace_at(still_closed, lambda edge, upstream: None)),
            chosen,
            edges,
            {edge.key: edge.partial for edge in edges},
        )

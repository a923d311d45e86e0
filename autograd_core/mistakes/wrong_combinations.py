"""Slopes combined by a wrong rule: added along a chain, averaged before they are multiplied, given to a constant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from autograd_core.graph.boxes import Box
from autograd_core.mistakes.mistakes import (
    ADDED_PARTIALS,
    CONSTANT,
    MEANS,
    MISSED_PATH,
    Mistake,
    gradient_mistake,
    join_names,
    sweep_mistake,
)
from autograd_core.mistakes.student_sweeps import Edge, Graph, right
from autograd_core.mistakes.wrong_forward_passes import each_and_all, multiply_by

MOST_CONSTANTS = 3  # tried one by one, and for one input alone: with more, some would give any number
_TERMS = ("add", "subtract")
_FACTORS = ("multiply", "divide")


def wrong_combinations(graph: Graph) -> Iterator[Mistake]:
    """Each of these mistakes, in one place and in all; none in a large graph."""
    if not graph.is_large:
        yield from _sums_of_slopes(graph)
        yield from _products_of_means(graph)
        yield from _single_rows(graph)
        yield from _slopes_of_constants(graph)


def _sums_of_slopes(graph: Graph) -> Iterator[Mistake]:
    """f'(g(x)) + g'(x) for f'(g(x)) g'(x)."""
    total, sent = graph.sweep(right)
    inner = {edge: _inner_slopes(graph, edge) for edge in sent if graph.is_function(edge)}  # where a gradient flows
    for chosen in each_and_all([edge for edge, slopes in inner.items() if slopes]):
        partials = dict.fromkeys(chosen, 1.0)
        for edge in chosen:
            # Of three functions in a row the middle one is counted once.
            partials |= {below: edge.partial + below.partial for below in inner[edge] if below not in chosen}
        changed, passed = graph.sweep(multiply_by(partials))
        for edge in chosen:  # the gradient of what goes in is still right
            changed[edge.source], passed[edge] = total[edge.source], sent[edge]
        outer = join_names([graph.symbols[edge.node] for edge in chosen])
        names = join_names(list(dict.fromkeys(graph.symbols[below.node] for edge in chosen for below in inner[edge])))
        yield sweep_mistake(
            graph,
            ADDED_PARTIALS,
            f"the outer derivative at {outer} and the inner one at {names} were added",
            "how are the rates of two operations in a row combined? Twice as fast, then three times as fast.",
            (changed, passed),
            [edge.node for edge in chosen],
            chosen,
        )


def _inner_slopes(graph: Graph, edge: Edge) -> list[Edge]:
    """The edges of the function inside, behind sums; none where what goes in is used twice, or is an input."""
    found: list[Edge] = []
    waiting = [edge.source]
    while waiting:
        node = waiting.pop()
        if len(graph.users[node]) > 1:
            return []
        for below in graph.edges[node]:
            if graph.boxes[node].operation in _TERMS and graph.edges[below.source]:
                waiting.append(below.source)
            else:
                found.append(below)
    return found


def _products_of_means(graph: Graph) -> Iterator[Mistake]:
    """mean(u) · mean(v) for mean(u · v): in every row the mean of the partials over all rows, or of the last ones."""
    for node in graph.order:
        rows = _rows(graph, node)
        averages = _average(graph, rows) if len(rows) > 1 else {}
        last = {edge: partial for edge, partial in averages.items() if not graph.edges[edge.source]}
        for partials, what in (
            (averages, "the factors of the terms of {} were averaged one by one, and the means multiplied"),
            (last, "the gradients that arrive in the terms of {} and the numbers they meet were averaged separately"),
        ):
            if any(partial != edge.partial for edge, partial in partials.items()):
                name = graph.symbols[node]
                yield sweep_mistake(
                    graph,
                    MEANS,
                    what.format(name),
                    f"write out two terms of {name}: is the mean of the products the product of the means?",
                    graph.sweep(multiply_by(partials)),
                    [node],
                    list(partials),
                    {edge.key: partial for edge, partial in partials.items()},
                )


def _single_rows(graph: Graph) -> Iterator[Mistake]:
    """The contribution of one term of a mean for that of all."""
    for node in graph.order:
        rows = graph.edges[node] if graph.boxes[node].operation == "mean" else []
        for row in rows if len(rows) > 1 else []:
            others = {edge: 0.0 for edge in rows if edge is not row}
            total, _ = graph.sweep(multiply_by(others))
            gradients = {graph.names[leaf]: total.get(leaf, 0.0) for leaf in graph.order if not graph.edges[leaf]}
            yield gradient_mistake(
                MISSED_PATH,
                f"only the term {graph.symbols[row.source]} of {graph.symbols[node]} was used",
                f"{graph.symbols[node]} is the mean of all its terms: what does each of them contribute?",
                gradients,
                least=2,  # with many rows one of them would give any number
                nodes=[graph.names[node]],
            )


def _rows(graph: Graph, node: int) -> list[int]:
    """The terms of a mean, or of a sum that is divided by a number."""
    box = graph.boxes[node]
    if box.operation == "mean":
        return [edge.source for edge in graph.edges[node]]
    is_part = box.operation in _FACTORS and len(graph.edges[node]) == 1
    return _terms(graph, graph.edges[node][0].source) if is_part else []


def _terms(graph: Graph, node: int) -> list[int]:
    found: list[int] = []
    waiting = [node]
    while waiting:
        term = waiting.pop()
        if graph.boxes[term].operation == "add":
            waiting += [edge.source for edge in graph.edges[term]][::-1]
        elif graph.edges[term]:  # a number that the sum starts from is none
            found.append(term)
    return found


def _average(graph: Graph, rows: Sequence[int]) -> dict[Edge, float]:
    """For each edge below the rows the mean of the partials at its place in all of them, as far as they are alike."""
    averages: dict[Edge, float] = {}
    waiting = [tuple(rows)]
    while waiting:
        nodes = waiting.pop()
        edges = [graph.edges[node] for node in nodes]
        operations = {(graph.boxes[node].operation, len(graph.edges[node])) for node in nodes}
        if len(operations) > 1 or len(set(nodes)) < len(nodes):
            continue
        for place in zip(*edges, strict=True):
            mean = sum(edge.partial for edge in place) / len(place)
            averages |= dict.fromkeys(place, mean)
            waiting.append(tuple(edge.source for edge in place))
    return averages


def _slopes_of_constants(graph: Graph) -> Iterator[Mistake]:
    """(3 x)' = 3' x + 3 x' and (x + 3)' = x' + 3' with 3' = 1 or 3' = 3."""
    leaves = [node for node in graph.order if not graph.edges[node] and graph.users[node]]
    constants = {node: index for node in graph.order for index in _constants(graph.boxes[node])}
    is_few = len(constants) <= MOST_CONSTANTS
    for places in _choices(graph, list(constants)):
        for what, is_itself in (("1", False), ("the constant itself", True)):
            slopes = {node: graph.boxes[node].operands[constants[node]].number if is_itself else 1.0 for node in places}
            added = {
                node: slope * graph.boxes[node].evaluate_rule(graph.boxes[node].derivative_rule(constants[node]))
                for node, slope in slopes.items()
            }
            reached = {leaf: _gradient_with(graph, leaf, added) for leaf in leaves}
            wrong = {graph.names[leaf]: number for leaf, number in reached.items() if number is not None}
            names = join_names([graph.symbols[node] for node in places])
            for gradients in each_and_all(list(wrong)) if is_few else [list(wrong)]:
                yield gradient_mistake(
                    CONSTANT,
                    f"the derivative of the constant at {names} was taken to be {what}",
                    f"how does the constant at {names} change when an input changes?",
                    {name: wrong[name] for name in gradients},
                    nodes=[graph.names[node] for node in places],
                )


def _choices(graph: Graph, nodes: Sequence[int]) -> list[list[int]]:
    """Each place where they are few, those of one operation together (every target of a batch), and all."""
    each = [(node,) for node in nodes] if len(nodes) <= MOST_CONSTANTS else []
    alike: dict[str, list[int]] = {}
    for node in nodes:
        alike.setdefault(graph.boxes[node].operation, []).append(node)
    every = [tuple(nodes)] if nodes else []
    return [list(chosen) for chosen in dict.fromkeys([*each, *map(tuple, alike.values()), *every])]


def _constants(box: Box) -> list[int]:
    """The index of a plain number among two terms or factors."""
    found = [
        index for index, operand in enumerate(box.operands) if operand.box is None or operand.box.kind == "constant"
    ]
    return found if len(found) == 1 and len(box.operands) == 2 and box.operation in (*_TERMS, *_FACTORS) else []


def _gradient_with(graph: Graph, leaf: int, added: Mapping[int, float]) -> float | None:
    """The gradient of a leaf where some operations on it have a slope more; None where none of them is on the way."""
    tangents = {leaf: 1.0}
    for node in reversed(graph.order):
        edges = [edge for edge in graph.edges[node] if edge.source in tangents]
        if edges:
            tangents[node] = sum(tangents[edge.source] * edge.partial for edge in edges) + added.get(node, 0.0)
    return tangents.get(graph.order[0]) if tangents.keys() & added.keys() else None

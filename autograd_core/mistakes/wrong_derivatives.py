"""Derivatives remembered wrongly: the wrong rules in the table of operations, at each place and at all places."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence

from autograd_core.engine.scope import Composition
from autograd_core.formulas.notation import write_formula, write_name
from autograd_core.formulas.symbols import name_text
from autograd_core.graph.boxes import Box
from autograd_core.mistakes.mistakes import (
    DEGREES,
    FORGOT_PARTIAL,
    SWAPPED,
    WRONG_DERIVATIVE,
    Mistake,
    join_names,
    sweep_mistake,
)
from autograd_core.mistakes.student_sweeps import Contribution, Edge, Graph, recompute

Rule = tuple[str, ...]  # an expression for each operand, "" where the rule is right
_IN_DEGREES = "/ 180"  # what a rule for an angle in degrees contains


def wrong_derivatives(graph: Graph, opened: Graph) -> Iterator[Mistake]:
    """Each wrong rule of the table at each place, and at all places; in large graphs only at all places.

    Those of functions first: their rules are mistaken more often than those of a sum or a quotient by a number.

    opened: the graph with all gates open, since a wrong rule may open one.
    """
    edges = set(graph.all_edges())
    angles: dict[Edge, float] = {}
    by_operation = _nodes_by_operation(opened)
    for nodes in sorted(by_operation, key=lambda nodes: not opened.is_function(opened.edges[nodes[0]][0])):
        for rule in _rules(opened.boxes[nodes[0]]):
            wrong = {node: _partials(opened, node, rule) for node in nodes}
            if _IN_DEGREES in "".join(rule):
                angles.update({edge: partial for partials in wrong.values() for edge, partial in partials.items()})
            choices = [[node] for node in nodes] if not opened.is_large else []
            for chosen in [*choices, nodes] if len(choices) != 1 else choices:
                partials = {edge: partial for node in chosen for edge, partial in wrong[node].items()}
                if _is_wrong(partials, edges):
                    yield _mistake(opened, chosen, rule, partials, edges)
    if angles:
        yield _all_angles(opened, angles, edges, "in the derivatives of all functions of an angle")
        yield _all_angles(opened, _partials_in_degrees(opened, angles), edges, "on the way forward as well")


def _all_angles(graph: Graph, partials: dict[Edge, float], edges: set[Edge], where: str) -> Mistake:
    sentence, hint = f"angles were taken in degrees {where}", "is the calculator set to radians?"
    result = graph.sweep(_replace(partials, edges))
    numbers = {edge.key: partial for edge, partial in partials.items()}
    return sweep_mistake(graph, DEGREES, sentence, hint, result, edges=list(partials), partials=numbers)


def _partials_in_degrees(graph: Graph, angles: Collection[Edge]) -> dict[Edge, float]:
    """All partials after a forward pass with these edges' angles in degrees."""
    places = {edge.key for edge in angles}

    def compute(node: int, operands: list[float]) -> tuple[list[float], float]:
        box = graph.boxes[node]
        numbers = [
            number * math.pi / 180.0 if (box.name, index) in places else number for index, number in enumerate(operands)
        ]
        return numbers, box.compute(numbers)

    return recompute(graph, compute)


def _nodes_by_operation(graph: Graph) -> list[list[int]]:
    nodes: dict[object, list[int]] = {}
    for node in graph.order:
        box = graph.boxes[node]
        if graph.edges[node]:
            nodes.setdefault((box.entry, len(box.operands)), []).append(node)
    return list(nodes.values())


def _rules(box: Box) -> Iterator[Rule]:
    """The wrong rules of an operation: those of every operation, and those of the table."""
    assert box.entry is not None
    count = len(box.operands)
    yield ("1",) * count
    yield box.arguments()
    yield ("y",) * count
    yield from box.entry.wrong_derivatives(count)


def _partials(graph: Graph, node: int, rule: Rule) -> dict[Edge, float]:
    box = graph.boxes[node]
    return {edge: box.evaluate_rule(rule[edge.operand]) for edge in graph.edges[node] if rule[edge.operand]}


def _is_wrong(partials: dict[Edge, float], edges: set[Edge]) -> bool:
    finite = all(map(math.isfinite, partials.values()))
    return finite and any(partial != (edge.partial if edge in edges else 0.0) for edge, partial in partials.items())


def _replace(partials: dict[Edge, float], edges: set[Edge]) -> Contribution:
    """These partials, the right ones at all other edges, and nothing where a gate is closed."""

    def contribution(edge: Edge, upstream: float) -> float | None:
        if edge in partials:
            return upstream * partials[edge]
        return upstream * edge.partial if edge in edges else None

    return contribution


def _mistake(graph: Graph, nodes: Sequence[int], rule: Rule, partials: dict[Edge, float], edges: set[Edge]) -> Mistake:
    box = graph.boxes[nodes[0]]
    kind, hint = kind_of_rule(box.operation, rule)
    if rule == ("1",) * len(rule):
        kind = FORGOT_PARTIAL
        hint = f"how fast does {box.operation} change with its input? That is a factor, too."
    elif rule == box.arguments() and graph.is_product(graph.edges[nodes[0]][0]):
        kind = SWAPPED
        hint = "in a · b, increase a by a little: by how much does the product increase?"
    return sweep_mistake(
        graph,
        kind,
        _sentence(graph, nodes, rule, kind),
        hint,
        graph.sweep(_replace(partials, edges)),
        nodes,
        list(partials),
        {edge.key: partial for edge, partial in partials.items()},
        f"{box.operation}: {' | '.join(rule)}",
    )


def kind_of_rule(operation: str, rule: Rule) -> tuple[str, str]:
    """The kind of mistake behind a wrong rule of the table, and a hint."""
    if _IN_DEGREES in "".join(rule):
        return DEGREES, "is the calculator set to radians?"
    hint = f"what is the rule for the derivative of {operation}? Test yours at a point whose slope you know."
    return WRONG_DERIVATIVE, hint


def _sentence(graph: Graph, nodes: Sequence[int], rule: Rule, kind: str) -> str:
    box = graph.boxes[nodes[0]]
    names = join_names([graph.symbols[node] for node in nodes])
    if kind == SWAPPED:
        return (
            f"the partial of a product with respect to one factor was that factor instead of the other one, at {names}"
        )
    if kind == FORGOT_PARTIAL:
        return f"the upstream was passed on unchanged at {names}, not multiplied by the derivative of {box.operation}"
    if len(nodes) == 1:
        edges = [edge for edge in graph.edges[nodes[0]] if rule[edge.operand]]
        places = join_names([graph.symbols[edge.source] for edge in edges])
        rules = join_names([box.write_rule(rule[edge.operand]) for edge in edges])
        name = name_text(box.of)
        value = ", its value" if set(rule) == {"y"} else ""
        return f"the derivative of {name} = {box.written()} with respect to {places} was taken to be {rules}{value}"
    assert box.entry is not None
    count = len(box.operands)
    formula = box.entry.formula(count) if isinstance(box.entry, Composition) else box.entry.formula
    variables = {variable: write_name(variable) for variable in ("y", *box.arguments())}
    rules = join_names([write_formula(text, variables).text for text in dict.fromkeys(filter(None, rule))])
    return f"the derivative of y = {write_formula(formula, variables).text} was taken to be {rules}, at {names}"

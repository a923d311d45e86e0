"""Which compositions of a graph are closed, and which nodes each of them hides."""

from __future__ import annotations

from collections.abc import Collection

from autograd_core.engine.context import Scope
from autograd_core.engine.scope import Composition
from autograd_core.engine.value import Value
from autograd_core.graph.captured_numbers import is_same, numbers_taken

Open = str | Collection[str]


class ClosedScopes(dict[Value, Scope]):
    """{node: the closed scope that hides it}; for each such scope its nodes in order, and its one output."""

    def __init__(self) -> None:
        super().__init__()
        self.members: dict[Scope, list[Value]] = {}
        self.outputs: dict[Scope, Value] = {}


def closed_scopes(order: list[Value], root: Value, open: Open) -> ClosedScopes:  # noqa: A002
    """The outermost closed composition of each node.

    A composition whose inner nodes are used outside (as in the graph of a gradient) cannot be one box: it stays open.
    """
    opened: set[Scope] = set()
    while True:
        closed = ClosedScopes()
        for node in order:
            if node.primitive is None:
                continue
            for scope in node._scope.chain():
                if isinstance(scope.definition, Composition) and scope not in opened and not _is_open(scope, open):
                    closed[node] = scope
            if node in closed:
                closed.members.setdefault(closed[node], []).append(node)
        broken = _find_outputs(closed, order, root)
        if not broken:
            return closed
        opened |= broken


def _is_open(scope: Scope, open: Open) -> bool:  # noqa: A002
    return open == "all" or scope.name in open


def _find_outputs(closed: ClosedScopes, order: list[Value], root: Value) -> set[Scope]:
    """Store the output of every closed scope. Return the scopes with several outputs, or with a wrong one."""
    broken: set[Scope] = set()
    used_outside = {root} | {
        source
        for node in order
        for source in node.inputs
        if isinstance(source, Value) and closed.get(source) is not closed.get(node)
    }
    reached = set(order)
    for node in order:
        scope = closed.get(node)
        if scope is None or node not in used_outside:
            continue
        has_inputs = all(not isinstance(source, Value) or source in reached for source in scope.inputs)
        if scope in closed.outputs or not has_inputs or not _is_result(scope, node, closed.members[scope]):
            broken.add(scope)
        closed.outputs[scope] = node
    return broken


def _is_result(scope: Scope, node: Value, members: list[Value]) -> bool:
    """Whether `node` holds the result of the composition: the root of a view may lie inside one."""
    return is_same(float(scope.definition.of_flat(numbers_taken(scope.inputs, members))), node.output_number)

"""Copies and pickles of whole graphs, at any depth without recursion, with every shared node still shared."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from typing import Any

from autograd_core.engine.backward import topological_order
from autograd_core.engine.context import PICKLING_INPUTS_FIRST
from autograd_core.engine.unexpanded import UNEXPANDED, expand


def copy_node(node: Any) -> Any:
    """A second node with the same number, operation and inputs."""
    copy_of_node = object.__new__(type(node))
    for name, content in _fields(node).items():
        setattr(copy_of_node, name, content)
    return copy_of_node


def copy_deeply(root: Any, memo: dict[int, Any]) -> Any:
    """A copy of `root` and of everything it was computed from, recorded gradients included."""
    nodes = [node for node in _connected_nodes(root) if id(node) not in memo]
    for node in nodes:  # first the empty copies, so that no copy starts inside another
        memo[id(node)] = object.__new__(type(node))
    for node in nodes:
        for name, content in _fields(node).items():
            setattr(memo[id(node)], name, copy.deepcopy(content, memo))
    return memo[id(root)]


def _connected_nodes(root: Any) -> Iterable[Any]:
    """Every node that `root` leads to, through inputs and through gradients that are recorded themselves."""
    found = {root: None}
    waiting = [root]
    while waiting:
        node = waiting.pop()
        for other in (*node.inputs, node._grad):
            if hasattr(other, "_record") and other not in found:
                found[other] = None
                waiting.append(other)
    return found


def reduce_node(node: Any, protocol: int) -> tuple[Any, ...]:
    """A node for pickle: first all it depends on, inputs before outputs, so that pickling does not recurse."""
    fields = (None, _fields(node))
    if PICKLING_INPUTS_FIRST.get() or not node.inputs:
        return _empty, (type(node), None), fields
    return _empty, (type(node), _InputsFirst(node)), fields


def _fields(node: Any) -> dict[str, Any]:
    if node._primitive in UNEXPANDED:
        expand(node)
    slots = (name for kind in type(node).__mro__ for name in getattr(kind, "__slots__", ()))
    return {name: getattr(node, name) for name in slots if hasattr(node, name)} | getattr(node, "__dict__", {})


def _empty(kind: type, inputs_first: Any) -> Any:
    return object.__new__(kind)


class _InputsFirst:
    """Pickled as the list of the nodes that a node depends on. Pickle writes the items one by one, so while it does,
    each node can be written plainly: all nodes it refers to are already in the file."""

    def __init__(self, root: Any) -> None:
        self.root = root

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (), None, self._items()

    def _items(self) -> Iterator[Any]:
        try:
            PICKLING_INPUTS_FIRST.set(True)
            yield from topological_order(self.root)[:-1]
        finally:
            PICKLING_INPUTS_FIRST.set(False)

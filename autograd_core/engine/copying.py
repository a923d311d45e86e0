"""Copies and pickles of whole graphs, at any depth without recursion, with every shared node still shared."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from typing import Any

from autograd_core.engine.backward import topological_order
from autograd_core.engine.context import PICKLING_INPUTS_FIRST


def copied(node: Any) -> Any:
    """A second node with the same number, operation and inputs."""
    twin = object.__new__(type(node))
    for name, content in _fields(node).items():
        setattr(twin, name, content)
    return twin


def deep_copied(root: Any, memo: dict[int, Any]) -> Any:
    """A copy of `root` and of everything it was computed from, recorded gradients included."""
    nodes = [node for node in _connected(root) if id(node) not in memo]
    for node in nodes:  # first the empty twins, so that none has to be copied inside another
        memo[id(node)] = object.__new__(type(node))
    for node in nodes:
        for name, content in _fields(node).items():
            setattr(memo[id(node)], name, copy.deepcopy(content, memo))
    return memo[id(root)]


def _connected(root: Any) -> Iterable[Any]:
    """Every node that `root` leads to, by inputs and by gradients that are recorded themselves."""
    met = {root: None}
    waiting = [root]
    while waiting:
        node = waiting.pop()
        for thing in (*node.inputs, node.grad):
            if hasattr(thing, "_record") and thing not in met:
                met[thing] = None
                waiting.append(thing)
    return met


def reduced(node: Any, protocol: int) -> tuple[Any, ...]:
    """How pickle takes a node: first all it depends on, inputs before outputs, so that no node waits for another."""
    fields = (None, _fields(node))
    if PICKLING_INPUTS_FIRST.get() or not node.inputs:
        return _empty, (type(node), None), fields
    return _empty, (type(node), _InputsFirst(node)), fields


def _fields(node: Any) -> dict[str, Any]:
    slots = (name for kind in type(node).__mro__ for name in getattr(kind, "__slots__", ()))
    return {name: getattr(node, name) for name in slots if hasattr(node, name)} | getattr(node, "__dict__", {})


def _empty(kind: type, inputs_first: Any) -> Any:
    return object.__new__(kind)


class _InputsFirst:
    """Pickled as the list of what a node depends on. Pickle draws the items one by one and writes each as it comes,
    so while it does the nodes can go in plainly: whatever they refer to is already there."""

    def __init__(self, root: Any) -> None:
        self.root = root

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (), None, self._items()

    def _items(self) -> Iterator[Any]:
        PICKLING_INPUTS_FIRST.set(True)
        try:
            yield from topological_order(self.root)[:-1]
        finally:
            PICKLING_INPUTS_FIRST.set(False)

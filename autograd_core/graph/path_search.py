"""The paths of a graph from a node to the output: how many there are, and which edges each one takes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)
Edge = TypeVar("Edge")


def count_paths(
    nodes: Iterable[Node], leaving: Mapping[Node, Sequence[Edge]], user: Callable[[Edge], Node]
) -> dict[Node, int]:
    """{node: number of paths to the output}.

    nodes: the output first, each other node after all its users. leaving: the edges from each node. user: the node that
    an edge leads to.
    """
    counts: dict[Node, int] = {}
    for node in nodes:
        counts[node] = sum(counts[user(edge)] for edge in leaving[node]) if counts else 1
    return counts


def list_paths(
    source: Node,
    leaving: Mapping[Node, Sequence[Edge]],
    user: Callable[[Edge], Node],
    counts: Mapping[Node, int],
) -> list[tuple[Edge, ...]]:
    """The edges of every path from `source` to the output. counts: from `count_paths`; it rules out dead ends."""
    found: list[tuple[Edge, ...]] = []
    waiting: list[tuple[Node, tuple[Edge, ...]]] = [(source, ())]
    while waiting:
        node, path = waiting.pop()
        if not leaving[node]:
            found.append(path)
        onward = [edge for edge in leaving[node] if counts[user(edge)]]
        waiting += [(user(edge), (*path, edge)) for edge in reversed(onward)]
    return found if counts[source] else []

"""The paths of a graph from a node to the output: how many there are, and which edges each one takes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

AnyNode = TypeVar("AnyNode", bound=Hashable)
AnyEdge = TypeVar("AnyEdge")


def count_paths(
    nodes: Iterable[AnyNode], leaving: Mapping[AnyNode, Sequence[AnyEdge]], user: Callable[[AnyEdge], AnyNode]
) -> dict[AnyNode, int]:
    """{node: number of paths to the output}.

    nodes: the output first, each other node after all its users. leaving: the edges from each node. user: the node that
    an edge leads to.
    """
    counts: dict[AnyNode, int] = {}
    for node in nodes:
        counts[node] = sum(counts[user(edge)] for edge in leaving[node]) if counts else 1
    return counts


def list_paths(
    source: AnyNode,
    leaving: Mapping[AnyNode, Sequence[AnyEdge]],
    user: Callable[[AnyEdge], AnyNode],
    counts: Mapping[AnyNode, int],
) -> list[tuple[AnyEdge, ...]]:
    """The edges of every path from `source` to the output. counts: from `count_paths`; it rules out dead ends."""
    found: list[tuple[AnyEdge, ...]] = []
    waiting: list[tuple[AnyNode, tuple[AnyEdge, ...]]] = [(source, ())]
    while waiting:
        node, path = waiting.pop()
        if not leaving[node]:
            found.append(path)
        onward = [edge for edge in leaving[node] if counts[user(edge)]]
        waiting += [(user(edge), (*path, edge)) for edge in reversed(onward)]
    return found if counts[source] else []

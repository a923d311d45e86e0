"""Answers to another question: correct numbers, but not the ones asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from autograd_core.mistakes.mistakes import Mistake
from autograd_core.mistakes.student_sweeps import EdgeKey
from autograd_core.show.record.record import EdgeRecord, NodeRecord

MIXED_UP = "answered another question"


def confusions(
    nodes: Sequence[NodeRecord], edges: Mapping[EdgeKey, EdgeRecord], adjoints: Mapping[str, float]
) -> Iterator[Mistake]:
    """The value of a node for its gradient, a contribution for a partial, a whole gradient for a contribution."""
    for node in nodes:
        sentence = f"that is the value of {node.name}, not its gradient"
        hint = "the value was computed forward; the gradient comes back from the output."
        yield Mistake(MIXED_UP, sentence, hint, (node.name,), (), {node.name: node.value}, {}, {})
    for key, edge in edges.items():
        if edge.contribution is None:
            continue
        sentence = f"that is the contribution of {edge.node} to {edge.source}, not the partial"
        hint = "the partial depends on this operation alone, not on the operations after it."
        yield Mistake(MIXED_UP, sentence, hint, (), (key,), {}, {}, {key: edge.contribution})
        if edge.source in adjoints:  # a constant has no gradient
            sentence = f"that is the whole gradient of {edge.source}, not the contribution of {edge.node} to it"
            hint = "each edge carries one contribution; the gradient is the sum of all of them."
            yield Mistake(MIXED_UP, sentence, hint, (edge.source,), (key,), {}, {key: adjoints[edge.source]}, {})

"""Forward mode, the chain rule from inputs to outputs: tangent = sum of partial * tangent of the inputs.

It walks the graph in topological order with the partials and gates that `backward` uses. As in a backward sweep, no
state is kept on the nodes.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from autograd_core.engine.anomaly import current_watch, explain_not_finite, leading_on, require_finite
from autograd_core.engine.backward import Edge, Node, Number, require_unchanged, sweep, topological_order
from autograd_core.engine.context import current_scope, set_mode
from autograd_core.engine.gates import GatedContribution, gated_edges
from autograd_core.engine.numbers.number import as_number
from autograd_core.engine.trace_guard import refuse_reading


@dataclass(frozen=True, slots=True, eq=False)
class ForwardStep:
    """One node of the forward sweep, as plain data.

    For each input of `node`, in order: the `inputs` themselves, `partials` dnode/dinput, `tangents` of the inputs, and
    `contributions` = partial * tangent; None where nothing flows. tangent: the sum of the contributions, the rate of
    change of the node.
    """

    node: Node
    inputs: tuple[Node | float, ...]
    partials: tuple[Number | None, ...]
    tangents: tuple[Number | None, ...]
    contributions: tuple[Number | None, ...]
    tangent: Number


def forward_steps(root: Node, tangents: Mapping[Node, Number]) -> Iterator[ForwardStep]:
    """The forward sweep from the nodes in `tangents` up to `root`, one `ForwardStep` a node, inputs before outputs.

    Nodes that no tangent reaches have no step; the seeded nodes count as independent. No `.grad` is read or written.

    >>> from autograd_core import Value
    >>> x = Value(3.0)
    >>> [(step.node.op, step.tangent) for step in forward_steps(x * x + 1, {x: 1.0})]
    [('multiply', 6.0), ('add', 6.0)]
    """
    known = {
        node: seed if hasattr(seed, "_record") else as_number(seed, "a tangent") for node, seed in tangents.items()
    }
    return sweep_forward(topological_order(root, known), known, (root,), create_graph=False)


def sweep_forward(
    order: list[Node], known: dict[Node, Number], results: Collection[Node], create_graph: bool
) -> Iterator[ForwardStep]:
    """Walk `order` (inputs first), add every tangent to `known`, and yield each step; see `forward_steps`.

    results: the nodes whose tangents are asked for.

    With `create_graph` the tangents are recorded as a graph of their own, to be differentiated again.
    """
    if current_scope().mode.tracing:
        if create_graph:
            _sweep_symbolically(order, known)
            return
        for node in order:
            refuse_reading(node)
    watch = current_watch()
    leading: Collection[Node] = ()
    if watch is not None:
        leading = leading_on(reversed(order), results)
        for node in results:
            require_finite(node)
    for node in order:
        if node.primitive is None or known.keys().isdisjoint(node.inputs):
            continue
        inputs = node.inputs
        numbers = (node._output, *node._input_numbers)
        arguments = require_unchanged(node, numbers) if create_graph else numbers
        partials: list[Number | None] = [None] * len(inputs)
        contributions = partials.copy()
        tangent = None
        for index, partial, _ in node.primitive.open_rules(numbers):
            source = inputs[index]
            if type(source) is float or source not in known:
                continue
            if type(partial) is not float:
                with set_mode(recording=True, recording_partials=create_graph):
                    partial = partial(*arguments)
            change = known[source]
            contribution = change if type(partial) is float and partial == 1.0 else partial * change
            partials[index], contributions[index] = partial, contribution
            tangent = contribution if tangent is None else tangent + contribution
        if tangent is not None:
            if node in leading and not math.isfinite(tangent):
                raise explain_not_finite(f"the tangent of {node._title()} became {float(tangent)!r}.", node)
            known[node] = tangent
            changes = tuple(None if part is None else known[inputs[i]] for i, part in enumerate(partials))
            yield ForwardStep(node, inputs, tuple(partials), changes, tuple(contributions), tangent)
    if watch is not None:
        watch.unused.clear()


def _sweep_symbolically(order: Iterable[Node], known: dict[Node, Number]) -> None:
    """Add the tangents to `known` as a graph that is valid for other numbers too: gates are recorded, not read."""
    arrived = {node: GatedContribution(number) for node, number in known.items()}

    def edges(node: Node) -> Iterator[Edge]:
        if node.primitive is not None:
            for _, source, partial in gated_edges(node, node.primitive, node.inputs, (node, *node.inputs), arrived):
                yield source, node, partial

    with set_mode(recording=True, recording_partials=True):
        sweep(order, arrived, edges)
    known.update((node, contribution.number) for node, contribution in arrived.items())

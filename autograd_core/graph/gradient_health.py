"""Where a gradient goes wrong: numbers that are not finite, closed gates, and partials that shrink or enlarge it too
much, at one operation or gradually over many layers."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Sequence
from typing import Literal

from autograd_core.engine.context import Scope
from autograd_core.engine.primitive import Primitive
from autograd_core.engine.scope import COMPOSITIONS, Composition
from autograd_core.engine.value import Value
from autograd_core.graph.columns import Columns
from autograd_core.graph.flat_zones import SATURATED_BELOW, zones_of

Trouble = Literal["", "not finite", "dead", "off", "saturated", "exploding", "vanishing"]
TROUBLES: tuple[Trouble, ...] = ("", "not finite", "dead", "off", "saturated", "exploding", "vanishing")
_NONE, _NOT_FINITE, _DEAD, _OFF, _SATURATED, _EXPLODING, _VANISHING = range(len(TROUBLES))
EXPLODING_ABOVE = 100.0  # the largest contribution, as a multiple of the upstream gradient
FAR = 1000.0  # the factor by which a layer may pass on less, or more, than the last layer

REASONS: dict[Trouble, str] = {
    "not finite": "its value or its gradient is inf or nan",
    "dead": "on every row of this graph a gradient arrives, and a closed gate passes none of it on",
    "off": "a gradient arrives and a closed gate passes none of it on; a unit off on every row is dead",
    "saturated": f"its input lies where the slope is less than {SATURATED_BELOW:.0%} of the steepest",
    "exploding": f"the gradient passed on is more than {EXPLODING_ABOVE:.0f} times the one that arrives, or over the "
    f"layers it has become more than {FAR:.0f} times what the last activations pass on",
    "vanishing": f"over the layers the gradient has become less than 1/{FAR:.0f} of what the last activations pass on",
}


def gradient_health(columns: Columns) -> bytearray:
    """For each node the index of its trouble in `TROUBLES`, 0 for none.

    A composition is judged as a whole, at its output: a closed gate inside a sigmoid does not count. Of one that takes
    lists, such as a softmax, the gates that choose its maximum do not count either.

    >>> from autograd_core import Value, relu
    >>> from autograd_core.graph.columns import columns
    >>> [TROUBLES[index] for index in gradient_health(columns(relu(Value(-1.0)) * 2))]
    ['', '', 'off', '']
    """
    owner, output = _compositions(columns)
    passed: list[dict[int, float]] = [{} for _ in output]  # from each composition to each of its inputs
    found = bytearray(len(columns.order))
    passed_by: dict[int, float] = {}  # from each activation, at its output, the largest to any input
    for node in range(len(found)):
        if not math.isfinite(columns.values[node]) or (
            columns.reached[node] and not math.isfinite(columns.adjoints[node])
        ):
            found[node] = _NOT_FINITE
        if columns.leaf[node]:
            continue
        own = owner[node]
        if own >= 0:
            sums = passed[own]
            for edge in columns.edges(node):
                source = columns.sources[edge]
                if columns.flowing[edge] and owner[source] != own:
                    sums[source] = sums.get(source, 0.0) + columns.contributions[edge]
        elif not found[node] and (arrived := _upstream_size(columns, node)):
            passed_on = [abs(columns.contributions[edge]) for edge in columns.edges(node) if columns.flowing[edge]]
            most = max(passed_on, default=-1.0)
            operation = columns.order[node].primitive
            assert operation is not None
            is_flat = operation.saturating and _is_saturated(
                operation, columns.order[node].inputs, columns.order[node].input_numbers[0]
            )
            trouble = _trouble(arrived, most, is_flat)
            found[node] = _NONE if trouble == _OFF and _is_in_composition(columns.order[node]) else trouble
            if operation.saturating:
                passed_by[node] = most
    for (node, scope, taken), sums in zip(output, passed, strict=True):
        if not found[node]:
            most = max(map(abs, sums.values()), default=-1.0)
            definition = scope.definition
            is_activation = COMPOSITIONS.get(scope.name) is definition
            arrived = _upstream_size(columns, node)
            found[node] = _trouble(arrived, most, is_activation and _is_saturated(definition, scope.inputs, taken))
            if is_activation:
                passed_by[node] = most
    for node, trouble in _gradual_troubles(columns, passed_by):
        if not found[node]:
            found[node] = trouble
    for node in _dead(columns, owner, [node for node, _, _ in output], found):
        found[node] = _DEAD
    return found


def _dead(columns: Columns, owner: list[int], outputs: list[int], found: bytearray) -> Iterator[int]:
    """The nodes of units that are off at each of several uses. The uses of a unit add up the same parameters."""
    if found.count(_OFF) < 2:
        return
    of_unit = _parameter_masks(columns, owner)
    own_masks = [0] * len(outputs)
    uses: dict[tuple[str, int], list[int]] = {}
    for node, (own, mask) in enumerate(zip(owner, of_unit, strict=True)):
        if own >= 0:
            own_masks[own] |= mask
        elif found[node] == _OFF or _is_gate(columns.order[node].primitive):
            uses.setdefault((columns.order[node].op, mask), []).append(node)
    for node, mask in zip(outputs, own_masks, strict=True):
        uses.setdefault((columns.order[node].op, mask), []).append(node)
    for (_, parameters), nodes in uses.items():
        if parameters and len(nodes) > 1 and all(found[node] == _OFF for node in nodes):
            yield from nodes


def _is_in_composition(node: Value) -> bool:
    return any(isinstance(scope.definition, Composition) for scope in node._scope.chain())


def _is_gate(operation: Primitive | None) -> bool:
    return operation is not None and bool(operation.gates)


def _parameter_masks(columns: Columns, owner: list[int]) -> Iterator[int]:
    """For each node the set of the parameters in the sums and products that its inputs are, as the bits of a number.

    A set is forgotten once its last user has been reached: the sets of all nodes at once would not fit in memory.
    """
    bit: dict[int, int] = {}
    waiting = array("i", bytes(4 * len(owner)))  # the users that are still to come
    for source in columns.sources:
        waiting[source] += 1
    passed_on: dict[int, int] = {}  # by node, what its users see through it
    for node, own in enumerate(owner):
        mask = 0
        for edge in columns.edges(node):
            source = columns.sources[edge]
            waiting[source] -= 1
            if own < 0 or owner[source] != own:
                mask |= passed_on.get(source, 0) if not columns.leaf[source] else _bit_of(columns, source, bit)
            if not waiting[source]:
                passed_on.pop(source, None)
        if mask and own < 0 and columns.order[node].op in ("add", "subtract", "multiply"):
            passed_on[node] = mask
        yield mask


def _bit_of(columns: Columns, leaf: int, bit: dict[int, int]) -> int:
    """A power of two for a parameter, 0 for any other leaf."""
    if columns.order[leaf].role != "parameter":
        return 0
    return 1 << bit.setdefault(leaf, len(bit))


def _gradual_troubles(columns: Columns, passed_by: dict[int, float]) -> Iterator[tuple[int, int]]:
    """(node, index of the trouble) of activations in layers that pass on far less, or more, than the last layer.

    Activations are in one layer if their longest paths to the root cross the same number of activations. The reference
    is the last layer, not the loss: small gradients near a minimum do not count.
    """
    layer = [0] * len(columns.order)
    strongest: dict[int, float] = {}
    for node in reversed(range(len(layer))):
        if node in passed_by:
            layer[node] += 1
            strongest[layer[node]] = max(strongest.get(layer[node], 0.0), passed_by[node])
        here = layer[node]
        for edge in columns.edges(node):
            if layer[source := columns.sources[edge]] < here:
                layer[source] = here
    last = strongest.get(1, 0.0)
    for node, most in passed_by.items():
        if most > 0.0 and strongest[layer[node]] * FAR < last:
            yield node, _VANISHING
        elif strongest[layer[node]] > FAR * last > 0.0:
            yield node, _EXPLODING


def _is_saturated(function: Primitive | Composition, inputs: Sequence[Value | float], x: float) -> bool:
    """Whether x, the number of the first input, with plain numbers as the others, lies in a saturated zone."""
    first, *settings = inputs
    numbers = tuple(number for number in settings if not isinstance(number, Value))
    if not isinstance(first, Value) or len(numbers) < len(settings):
        return False
    return any(zone.kind == "saturated" and x in zone for zone in zones_of(function, numbers))


def _trouble(arrived: float, most: float, is_saturated: bool) -> int:
    """The index of the trouble of one operation. most: the size of the largest contribution, negative without any."""
    if arrived == 0.0:
        return _NONE
    if most < 0.0:
        return _OFF
    if is_saturated:
        return _SATURATED
    return _EXPLODING if most > EXPLODING_ABOVE * arrived else _NONE


def _upstream_size(columns: Columns, node: int) -> float:
    return abs(columns.adjoints[node]) if columns.reached[node] else 0.0


def _compositions(columns: Columns) -> tuple[list[int], list[tuple[int, Scope, float]]]:
    """For each node the number of its outermost composition of single numbers, -1 for none; and for each composition
    its output (its last node), its scope and the number of its first input."""
    number_of: dict[Scope, int] = {}
    number_at: dict[Scope, int] = {}
    output: list[tuple[int, Scope, float]] = []
    owner = [-1] * len(columns.order)
    for index, node in enumerate(columns.order):
        if columns.leaf[index]:
            continue
        innermost = node._scope
        number = number_at.get(innermost)
        if number is None:
            scopes = [scope for scope in innermost.chain() if isinstance(scope.definition, Composition)]
            whole = [scope for scope in scopes if not scope.definition.takes_lists]
            number = number_of.setdefault(whole[-1], len(number_of)) if whole else -1
            number_at[innermost] = number
            if number == len(output):
                output.append((index, whole[-1], math.nan))
        owner[index] = number
        if number >= 0:
            _, scope, taken = output[number]
            for source, x in zip(node.inputs, node.input_numbers, strict=True):
                if source is scope.inputs[0]:
                    taken = x
            output[number] = (index, scope, taken)
    return owner, output

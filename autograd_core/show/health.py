"""Where a gradient goes wrong: numbers that are not finite, closed gates, partials that starve it or let it swell."""

from __future__ import annotations

import math
from typing import Literal

from autograd_core.context import Scope
from autograd_core.scope import COMPOSITIONS, Composition
from autograd_core.show.flows import Flows

Trouble = Literal["", "not finite", "dead", "saturated", "exploding"]
TROUBLES: tuple[Trouble, ...] = ("", "not finite", "dead", "saturated", "exploding")
STARVED, SWOLLEN = 0.01, 100.0  # of the gradient that arrives, how much the largest contribution passes on

# Scaling is no saturation: dividing by the number of samples starves nothing.
_LINEAR = ("add", "subtract", "multiply", "divide", "negative", "where", "maximum", "minimum", "abs", "detach")

REASONS: dict[Trouble, str] = {
    "not finite": "its value or its gradient is inf or nan",
    "dead": "a gradient arrives and a closed gate passes none of it on",
    "saturated": f"of the gradient that arrives, less than {STARVED:.0%} is passed on",
    "exploding": f"the gradient passed on is more than {SWOLLEN:.0f} times the one that arrives",
}


def health(flows: Flows) -> bytearray:
    """For each node the index in `TROUBLES` of what is wrong with it, 0 where nothing is.

    A composition is judged as a whole, at its output: that a gate inside a sigmoid is closed means nothing.

    >>> from autograd_core import Value, relu
    >>> from autograd_core.show.flows import flows
    >>> [TROUBLES[one] for one in health(flows(relu(Value(-1.0)) * 2))]
    ['', '', 'dead', '']
    """
    owner, output = _compositions(flows)
    passed: list[dict[int, float]] = [{} for _ in output]  # by each composition to each of its inputs
    found = bytearray(len(flows.order))
    for node in range(len(found)):
        if not math.isfinite(flows.values[node]) or (flows.reached[node] and not math.isfinite(flows.adjoints[node])):
            found[node] = 1
        if flows.leaf[node]:
            continue
        own = owner[node]
        if own >= 0:
            sums = passed[own]
            for edge in flows.edges(node):
                source = flows.sources[edge]
                if flows.flowing[edge] and owner[source] != own:
                    sums[source] = sums.get(source, 0.0) + flows.contributions[edge]
        elif not found[node] and (arrived := _arrived(flows, node)):
            passed_on = [abs(flows.contributions[edge]) for edge in flows.edges(node) if flows.flowing[edge]]
            most = max(passed_on, default=-1.0)
            found[node] = _judged(arrived, most, flows.order[node].op not in _LINEAR)
    for (node, saturates), sums in zip(output, passed, strict=True):
        if not found[node]:
            found[node] = _judged(_arrived(flows, node), max(map(abs, sums.values()), default=-1.0), saturates)
    return found


def _judged(arrived: float, most: float, saturates: bool) -> int:
    """most: the largest contribution passed on, negative where there is none."""
    if arrived == 0.0:
        return 0
    if most < 0.0:
        return 2
    if most < STARVED * arrived and saturates:
        return 3
    return 4 if most > SWOLLEN * arrived else 0


def _arrived(flows: Flows, node: int) -> float:
    return abs(flows.adjoints[node]) if flows.reached[node] else 0.0


def _compositions(flows: Flows) -> tuple[list[int], list[tuple[int, bool]]]:
    """For each node the number of its outermost composition of single numbers, -1 for none; and for each of these its
    output (its last node) and whether it is a function that can saturate, as activations do and losses do not."""
    number_of: dict[Scope, int] = {}
    number_at: dict[Scope, int] = {}
    output: list[tuple[int, bool]] = []
    owner = [-1] * len(flows.order)
    for index, node in enumerate(flows.order):
        if flows.leaf[index]:
            continue
        innermost = node._scope
        number = number_at.get(innermost)
        if number is None:
            scopes = [one for one in innermost.chain() if isinstance(one.definition, Composition)]
            whole = [one for one in scopes if not one.definition.takes_lists]
            number = number_of.setdefault(whole[-1], len(number_of)) if whole else -1
            number_at[innermost] = number
            if number == len(output):
                output.append((index, COMPOSITIONS.get(whole[-1].name) is whole[-1].definition))
        owner[index] = number
        if number >= 0:
            output[number] = (index, output[number][1])
    return owner, output

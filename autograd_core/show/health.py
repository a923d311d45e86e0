"""Where a gradient goes wrong: numbers that are not finite, closed gates, partials that starve it or let it swell."""

from __future__ import annotations

import math
from typing import Literal

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

    >>> from autograd_core import Value, relu
    >>> from autograd_core.show.flows import flows
    >>> made = flows(relu(Value(-1.0)) * 2)
    >>> [TROUBLES[one] for one in health(made)]
    ['', '', 'dead', '']
    """
    found = bytearray(len(flows.order))
    for node in range(len(found)):
        if not math.isfinite(flows.values[node]) or (flows.reached[node] and not math.isfinite(flows.adjoints[node])):
            found[node] = 1
            continue
        arrived = abs(flows.adjoints[node]) if flows.reached[node] else 0.0
        if arrived == 0.0 or flows.leaf[node]:
            continue
        passed = [abs(flows.contributions[edge]) for edge in flows.edges(node) if flows.flowing[edge]]
        if not passed:
            found[node] = 2
        elif max(passed) < STARVED * arrived and flows.order[node].op not in _LINEAR:
            found[node] = 3
        elif max(passed) > SWOLLEN * arrived:
            found[node] = 4
    return found

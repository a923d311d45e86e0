"""What flows along the edges of a graph whose gates are not settled yet, because it is to run on other numbers.

Where plain numbers are swept, a closed gate is an edge that is absent. Here a gate is itself computed, as a register of
a tape or a Value of a trace, and what it lets through is chosen with `where`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from autograd_core.engine import primitives

Number = Any  # a register or a Value, or a float where it is the same for all inputs


class GatedContribution(NamedTuple):
    """What one edge carries, or what has arrived at a node: the `number`, and whether anything `arrives` at all.

    arrives: 1.0 where it always does, else a number to be computed whose truth says so; `number` is then 0 where
    nothing does, whatever lies beyond the closed gate. partial: of an edge, dnode/dinput.
    """

    number: Number
    arrives: Number = 1.0
    partial: Number = 1.0


def contribution_through(
    adjoint: GatedContribution, partial: Any, gate: Any, numbers: tuple[Number, ...], careful: bool = True
) -> GatedContribution | None:
    """What an edge carries, given the adjoint of its node; None where nothing can arrive.

    careful: below a closed gate nothing arrives, whatever the partials there; else only the gate itself selects, and
    what it stopped goes on as 0, which a partial that is not finite turns into nan.
    """
    opened = 1.0 if gate is None else gate(*numbers)
    arrives = _both(adjoint.arrives, opened)
    if isinstance(arrives, float) and not arrives:
        return None
    if not isinstance(partial, float):
        partial = partial(*numbers)
    number = adjoint.number * partial
    selects = arrives if careful else opened
    if not isinstance(selects, float):
        number = primitives.where(selects, number, 0.0)
    return GatedContribution(number, arrives if careful else 1.0, partial)


def accumulated(before: GatedContribution | None, carried: GatedContribution) -> GatedContribution:
    """What has arrived at a node, once `carried` is counted in."""
    if before is None:
        return GatedContribution(carried.number, carried.arrives)
    return GatedContribution(before.number + carried.number, _either(before.arrives, carried.arrives))


def _both(a: Number, b: Number) -> Number:
    if isinstance(a, float):
        return b if a else a
    return a if isinstance(b, float) and b else primitives.where(a, b, 0.0)


def _either(a: Number, b: Number) -> Number:
    return 1.0 if isinstance(a, float) or isinstance(b, float) else primitives.where(a, 1.0, b)

"""The edges of a graph that is to run on other numbers: their gates are computed, not read.

Where plain numbers are swept, a closed gate is an edge that is absent. Here the gate is itself a number of the graph
(a register of a tape, a Value of a trace), and what passes it is chosen with `where`. `*` and `+` are written for
`backward.sweep`.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from autograd_core.engine import primitives
from autograd_core.engine.primitive import Primitive

Number = Any  # a register or a Value, or a float where it is the same for all inputs


@dataclass(frozen=True, slots=True, eq=False)
class GatedPartial:
    """The partial of an edge with a gate, and the `gate`: a number that is true where the edge is open.

    propagate: below a closed gate nothing arrives, whatever the partials there. Without it a closed gate passes 0 on,
    which a partial that is not finite turns into nan.
    """

    number: Number
    gate: Number
    propagate: bool


class GatedContribution:
    """What has arrived at a node: the `number`, and whether anything `arrives` at all.

    arrives: 1.0 where it always does, else a number that is true where it does; `number` is then 0 elsewhere,
    whatever lies beyond the closed gate.
    """

    __slots__ = ("arrives", "number")

    def __init__(self, number: Number, arrives: Number = 1.0) -> None:
        self.number = number
        self.arrives = arrives

    def __mul__(self, partial: Number | GatedPartial) -> GatedContribution:
        """The contribution that an edge with this partial carries on."""
        if isinstance(partial, GatedPartial):
            factor, arrives = partial.number, _both(self.arrives, partial.gate)
            selects, arrives = (arrives, arrives) if partial.propagate else (partial.gate, 1.0)
        else:
            factor, arrives, selects = partial, self.arrives, self.arrives
        number = self.number if isinstance(factor, float) and factor == 1.0 else self.number * factor
        if not isinstance(selects, float):
            number = primitives.where(selects, number, 0.0)
        return GatedContribution(number, arrives)

    def __add__(self, other: GatedContribution) -> GatedContribution:
        return GatedContribution(self.number + other.number, _either(self.arrives, other.arrives))


def gated_edges(
    node: Any,
    primitive: Primitive,
    inputs: Sequence[Any],
    numbers: tuple[Number, ...],
    wanted: Container[Any],
    propagate: bool = True,
) -> Iterator[tuple[Any, Any, Number | GatedPartial]]:
    """(node, input, partial) for each input in `wanted`, but for edges whose gate is closed on all numbers.

    numbers: the node and its inputs, as partials and gates take them.
    """
    for index, partial, gate in primitive.rules:
        source = inputs[index]
        if source in wanted:
            opened = 1.0 if gate is None else gate(*numbers)
            if not isinstance(opened, float) or opened:
                factor = partial if isinstance(partial, float) else partial(*numbers)
                yield node, source, factor if gate is None else GatedPartial(factor, opened, propagate)


def _both(a: Number, b: Number) -> Number:
    if isinstance(a, float):
        return b if a else a
    return a if isinstance(b, float) and b else primitives.where(a, b, 0.0)


def _either(a: Number, b: Number) -> Number:
    return 1.0 if isinstance(a, float) or isinstance(b, float) else primitives.where(a, 1.0, b)

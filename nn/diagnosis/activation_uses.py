"""Where activations are applied in a graph: their input, their output, and whether they are dead or saturated there."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from autograd_core import Composition, Value
from nn.diagnosis.slopes import Zone, slope_at, zones
from nn.modules.activation_notes import ACTIVATIONS

State = Literal["healthy", "saturated", "dead"]


@dataclass(frozen=True, eq=False)
class Application:
    """One activation applied to one number.

    settings: its other arguments (a slope, a theta), as numbers. place: the names of the scopes it lies in, from the
    outside in, the activation's own left out. scope: the activation's own; None for a primitive (tanh).
    """

    name: str
    settings: tuple[float, ...]
    input: Value
    output: Value
    place: tuple[str, ...]
    scope: Any

    @property
    def z(self) -> float:
        """The number it is applied to."""
        return float(self.input)

    @property
    def slope(self) -> float:
        """Its derivative there."""
        return slope_at(functools.partial(_applied, self.name, self.settings), self.z)

    @property
    def zone(self) -> Zone | None:
        """The dead or saturated zone z lies in."""
        return next((zone for zone in _zones(self.name, self.settings) if self.z in zone), None)

    @property
    def state(self) -> State:
        """What its zone makes it."""
        return self.zone.kind if self.zone else "healthy"

    @property
    def layer(self) -> str:
        """The part of the model it lies in, without the model's own name and the neuron's."""
        return " / ".join([part for part in self.place[1:] if not part.startswith("neuron ")]) or self.place_name

    @property
    def place_name(self) -> str:
        """All of its place, for a reader."""
        return " / ".join(self.place) or "the graph"


def applications(order: Iterable[Value]) -> list[Application]:
    """Every activation applied in a graph, in the given topological order; one inside another (the sigmoid of swish)
    counts as part of it.

    >>> from autograd_core import relu, topological_order
    >>> [(one.name, one.z, one.state) for one in applications(topological_order(relu(Value(-2.0))))]
    [('relu', -2.0, 'dead')]
    """
    found: dict[int, tuple[str, tuple[Any, ...], Value, Any, Any]] = {}
    for node in order:
        if node.primitive is None:
            continue
        inner = None
        for scope in node.scope.chain() if node.scope else ():
            if isinstance(scope.definition, Composition) and scope.name in ACTIVATIONS:
                inner = scope
        if inner is not None:
            found[id(inner)] = (
                inner.name,
                inner.inputs,
                node,
                inner.parent,
                inner,
            )  # the last node of it is its output
        elif node.op in ACTIVATIONS:
            found[id(node)] = (node.op, node.inputs, node, node.scope, None)
    return [
        Application(
            name,
            tuple(float(one) for one in inputs[1:]),
            inputs[0],
            output,
            tuple(reversed([one.name for one in outer.chain()])) if outer else (),
            scope,
        )
        for name, inputs, output, outer, scope in found.values()
        if isinstance(inputs[0], Value)
    ]


def _applied(name: str, settings: tuple[float, ...], x: Any) -> Any:
    return ACTIVATIONS[name].function(x, *settings)


@functools.lru_cache(maxsize=256)
def _zones(name: str, settings: tuple[float, ...]) -> tuple[Zone, ...]:
    return zones(functools.partial(_applied, name, settings))

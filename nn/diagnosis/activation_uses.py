"""The uses of activations in a graph: their inputs and outputs, and whether they are off or saturated there."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from autograd_core import Composition, FlatZone, Value, visible_text
from nn.diagnosis.slopes import slope_at, zones
from nn.modules.activation_notes import ACTIVATIONS

UnitState = Literal["healthy", "saturated", "off", "dead"]


@dataclass(frozen=True, eq=False)
class ActivationUse:
    """One activation applied to one number.

    z: the number at its input. settings: its other arguments (a slope, a theta), as numbers. place: the names of the
    scopes around it, outermost first. scope: the activation's own scope; None for a primitive (tanh).
    """

    name: str
    z: float
    settings: tuple[float, ...]
    input: Value
    output: Value
    place: tuple[str, ...]
    scope: Any

    @property
    def slope(self) -> float:
        """Its derivative there."""
        return slope_at(functools.partial(_apply, self.name, self.settings), self.z)

    @property
    def zone(self) -> FlatZone | None:
        """The dead or saturated zone that contains z."""
        return next((zone for zone in _zones(self.name, self.settings) if self.z in zone), None)

    @property
    def state(self) -> UnitState:
        """ "off" where its slope is 0, "saturated", else "healthy". A unit is "dead" only if it is off on every row."""
        if self.zone is None:
            return "healthy"
        return "off" if self.zone.kind == "dead" else "saturated"

    @property
    def layer(self) -> str:
        """The part of the model that contains it, without the names of the model and of the neuron."""
        return " / ".join([part for part in self.place[1:] if not part.startswith("neuron ")]) or self.place_name

    @property
    def place_name(self) -> str:
        """Its whole place, as text."""
        return " / ".join(self.place) or "the graph"


def activation_uses(order: Iterable[Value]) -> list[ActivationUse]:
    """Every activation applied in a graph, in topological order; an activation inside another (the sigmoid in swish)
    is part of the outer one.

    >>> from autograd_core import relu, topological_order
    >>> [(use.name, use.z, use.state) for use in activation_uses(topological_order(relu(Value(-2.0))))]
    [('relu', -2.0, 'off')]
    """
    found: dict[int, tuple[str, tuple[Any, ...], list[Value], Any, Any]] = {}
    for node in order:
        if node.primitive is None:
            continue
        inner = None
        for scope in node.scope.chain() if node.scope else ():
            if isinstance(scope.definition, Composition) and scope.name in ACTIVATIONS:
                inner = scope
        if inner is not None:
            found.setdefault(id(inner), (inner.name, inner.inputs, [], inner.parent, inner))[2].append(node)
        elif node.op in ACTIVATIONS:
            found[id(node)] = (node.op, node.inputs, [node], node.scope, None)
    uses = []
    for name, inputs, members, outer, scope in found.values():
        if isinstance(inputs[0], Value):
            z, *settings = _numbers_taken(inputs, members)
            place = tuple(reversed([visible_text(part.name) for part in outer.chain()])) if outer else ()
            uses.append(ActivationUse(name, z, tuple(settings), inputs[0], members[-1], place, scope))
    return uses


def _numbers_taken(inputs: tuple[Any, ...], members: list[Value]) -> list[float]:
    """The numbers of the inputs as they were when the activation was computed."""
    taken = {
        source: number
        for member in members
        for source, number in zip(member.inputs, member.input_numbers, strict=True)
        if isinstance(source, Value)
    }
    return [taken[source] if source in taken else float(source) for source in inputs]


def _apply(name: str, settings: tuple[float, ...], x: Any) -> Any:
    return ACTIVATIONS[name].function(x, *settings)


@functools.lru_cache(maxsize=256)
def _zones(name: str, settings: tuple[float, ...]) -> tuple[FlatZone, ...]:
    return zones(functools.partial(_apply, name, settings))

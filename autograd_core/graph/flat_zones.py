"""Where a function of one number is dead or saturated: the one definition, for pictures and for networks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from autograd_core.engine.backward import adjoints
from autograd_core.engine.context import set_mode
from autograd_core.engine.primitive import Primitive
from autograd_core.engine.scope import Composition
from autograd_core.engine.value import Value

ZoneKind = Literal["dead", "saturated"]
SATURATED_BELOW = 0.05  # the share of its steepest slope below which a function is saturated
_REACH = 12.0  # beyond it, the slope of every activation here is settled
_FAR = 40.0
_STEP, _FINE_STEP = 0.5, 0.05


@dataclass(frozen=True, slots=True)
class FlatZone:
    """An interval where little or no gradient passes. kind: "dead" (slope 0) or "saturated" (slope approaches 0)."""

    kind: ZoneKind
    start: float
    end: float

    def __contains__(self, x: float) -> bool:
        return self.start <= x <= self.end

    def __str__(self) -> str:
        if self.start == -math.inf and self.end == math.inf:
            return f"{self.kind} everywhere"
        if self.start == -math.inf:
            return f"{self.kind} for x ≤ {self.end:.3g}"
        return f"{self.kind} for x ≥ {self.start:.3g}"


def flat_zones(slope: Callable[[float], float]) -> tuple[FlatZone, ...]:
    """The zones that extend to infinity where a function of this slope passes (nearly) no gradient, left to right.

    dead: the slope is exactly 0. saturated: the slope approaches 0, and is below `SATURATED_BELOW` of the steepest. A
    small constant slope (leaky relu's) is neither.

    >>> import math
    >>> print(*flat_zones(lambda x: 1 - math.tanh(x) ** 2), sep="; ")
    saturated for x ≤ -2.18; saturated for x ≥ 2.18
    """
    count = round(2 * _REACH / _STEP) + 1
    points = [_STEP * place - _REACH for place in range(count)]
    sizes = [abs(slope(x)) for x in points]
    steepest = max(sizes)
    if steepest == 0.0:
        return (FlatZone("dead", -math.inf, math.inf),)
    peak, fine = points[sizes.index(steepest)], round(_STEP / _FINE_STEP)
    nearby = [peak + _FINE_STEP * place for place in range(-fine, fine + 1)]
    steepest = max(steepest, *(abs(slope(x)) for x in nearby if abs(x) <= _REACH))
    found = []
    for side, inwards in ((-1, 1), (1, -1)):
        line = list(zip(points, sizes, strict=True))[::inwards]
        if line[0][1] == 0.0:
            kind: ZoneKind = "dead"
            least = 0.0
        elif abs(slope(side * _FAR)) < 1e-6 * steepest:
            kind, least = "saturated", SATURATED_BELOW * steepest
        else:
            continue
        first = next(place for place, (_, size) in enumerate(line) if size > least)
        edge = _edge(slope, line[first - 1][0], line[first][0], least)
        found.append(FlatZone(kind, -math.inf, edge) if side < 0 else FlatZone(kind, edge, math.inf))
    return tuple(found)


@lru_cache(maxsize=256)
def zones_of(function: Primitive | Composition, settings: tuple[float, ...] = ()) -> tuple[FlatZone, ...]:
    """The flat zones of a function of the engine in its first input; settings: its other inputs."""

    def slope(x: float) -> float:
        point = Value(x)
        inputs = [point, *settings]
        with set_mode(recording=True, anomaly=False, recording_partials=False):
            result = function.of_flat(inputs) if isinstance(function, Composition) else function(*inputs)
            return float(adjoints(result).get(point) or 0.0)

    return flat_zones(slope)


def _edge(slope: Callable[[float], float], flat: float, steep: float, least: float) -> float:
    """The point between the two where the slope rises above `least`, by bisection."""
    for _ in range(40):
        middle = 0.5 * (flat + steep)
        if middle in (flat, steep):
            break
        if abs(slope(middle)) > least:
            steep = middle
        else:
            flat = middle
    return 0.0 if abs(flat) < 1e-12 else flat

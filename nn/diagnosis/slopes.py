"""The curve and the slope of a function of one number, and the zones where it is dead or saturated."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from autograd_core import Value
from autograd_core import compile as compiled

Curve = NDArray[np.float64]
ZoneKind = Literal["dead", "saturated"]

# A function is saturated where its slope is below this share of its steepest slope.
SATURATED_BELOW = 0.05
_REACH = 12.0  # beyond it, the slope of every activation here is settled
_FAR = 40.0


@dataclass(frozen=True)
class Zone:
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
            return f"{self.kind} for x ≤ {_short(self.end)}"
        return f"{self.kind} for x ≥ {_short(self.start)}"


def curve_and_slope(function: Callable[[Any], Any], x: Curve) -> tuple[Curve, Curve]:
    """function(x) and its derivative at every x, both computed by the engine.

    >>> curve_and_slope(lambda x: x * x, np.array([1.0, 3.0]))
    (array([1., 9.]), array([2., 6.]))
    """
    program = compiled(function, example=0.5, reduce="sum")
    return np.asarray(program(x)), np.asarray(program.value_and_grad(x, inputs=True)[2])


def slope_at(function: Callable[[Any], Any], x: float) -> float:
    """The derivative at one x, by `backward`; 0.0 where no gradient flows back."""
    point = Value(x)
    function(point).backward()
    return point.grad or 0.0


def zones(function: Callable[[Any], Any]) -> tuple[Zone, ...]:
    """The zones that extend to infinity where the function passes (nearly) no gradient, from left to right.

    dead: the slope is exactly 0. saturated: the slope approaches 0, and is below `SATURATED_BELOW` of the steepest. A
    small constant slope (leaky relu's) is neither.

    >>> from autograd_core import relu, sigmoid
    >>> print(*zones(relu), *zones(sigmoid), sep="; ")
    dead for x ≤ 0; saturated for x ≤ -4.36; saturated for x ≥ 4.36
    """
    x = np.linspace(-_REACH, _REACH, 2401)
    _, slope = curve_and_slope(function, np.concatenate([x, [-_FAR, _FAR]]))
    size, far = np.abs(slope[:-2]), np.abs(slope[-2:])
    steepest = float(size.max())
    if steepest == 0.0:
        return (Zone("dead", -math.inf, math.inf),)
    found = []
    for side, inwards in ((0, 1), (-1, -1)):
        if size[side] == 0.0:
            kind: ZoneKind = "dead"
            least = 0.0
        elif far[side] < 1e-6 * steepest:
            kind, least = "saturated", SATURATED_BELOW * steepest
        else:
            continue
        first = int(np.argmax((size > least)[::inwards]))
        flat, steep = x[::inwards][first - 1], x[::inwards][first]
        edge = _edge(function, float(flat), float(steep), least)
        found.append(Zone(kind, -math.inf, edge) if side == 0 else Zone(kind, edge, math.inf))
    return tuple(found)


def _edge(function: Callable[[Any], Any], flat: float, steep: float, least: float) -> float:
    """The point between the two where the slope rises above `least`, by bisection."""
    for _ in range(60):
        middle = 0.5 * (flat + steep)
        if middle in (flat, steep):
            break
        if abs(slope_at(function, middle)) > least:
            steep = middle
        else:
            flat = middle
    return 0.0 if abs(flat) < 1e-12 else flat


def _short(number: float) -> str:
    return f"{number:.3g}"

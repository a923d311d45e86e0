"""The curve and the slope of a function of one number, and the zones where it is dead or saturated."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_core import FlatZone, Value, flat_zones
from autograd_core import compile as compiled

Curve = NDArray[np.float64]


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


def zones(function: Callable[[Any], Any]) -> tuple[FlatZone, ...]:
    """The zones that extend to infinity where the function is dead or saturated; see `autograd_core.flat_zones`.

    >>> from autograd_core import relu, sigmoid
    >>> print(*zones(relu), *zones(sigmoid), sep="; ")
    dead for x ≤ 0; saturated for x ≤ -4.36; saturated for x ≥ 4.36
    """
    return flat_zones(functools.partial(slope_at, function))

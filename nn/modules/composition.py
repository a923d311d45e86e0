"""A composition of this layer: drawn as one box with its textbook formula, as those of the engine are.

It stays out of the engine's table, which holds what the expression language can call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_core import Composition

Interval = tuple[float, float]


def boxed(
    formula: str | Callable[[int], str],
    derivatives: tuple[str, ...] | Callable[[int], tuple[str, ...]],
    why: str,
    symbol: str = "",
    domain: tuple[Interval, ...] = ((-5.0, 5.0), (-5.0, 5.0)),
    kink: str = "",
) -> Callable[[Callable[..., Any]], Composition]:
    """Make a function of primitives a `Composition`; see there for what is to be given."""

    def make(function: Callable[..., Any]) -> Composition:
        return Composition(function, formula, derivatives, why, symbol, "", domain, kink)

    return make

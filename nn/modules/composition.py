"""Compositions of nn: each is drawn as one box with its textbook formula, like the engine's own.

They stay out of the engine's table, which holds the functions of the expression language.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_core import Composition

WrongRules = str | Callable[[int], tuple[tuple[str, ...], ...]]
Interval = tuple[float, float]


def composition(
    formula: str | Callable[[int], str],
    derivatives: tuple[str, ...] | Callable[[int], tuple[str, ...]],
    why: str,
    symbol: str = "",
    domain: tuple[Interval, ...] = ((-5.0, 5.0), (-5.0, 5.0)),
    kink: str = "",
    wrong_rules: WrongRules = "",
) -> Callable[[Callable[..., Any]], Composition]:
    """Make a function of primitives a `Composition`; the arguments are those of that class."""

    def make(function: Callable[..., Any]) -> Composition:
        return Composition(function, formula, derivatives, why, symbol, "", "", domain, kink, wrong_rules=wrong_rules)

    return make

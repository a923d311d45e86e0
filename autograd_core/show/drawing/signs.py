"""The sign of a gradient, as text and as a colour."""

from __future__ import annotations

import math


def signed(text: str, number: float | None) -> str:
    """A number shown with its sign also where that is a plus."""
    return f"+{text}" if number is not None and number > 0 else text


def role(number: float | None) -> str:
    """The colour of a number that a gradient is or becomes part of."""
    if number is None or number == 0:
        return "ink"
    if not math.isfinite(number):
        return "nonfinite"
    return "positive" if number > 0 else "negative"

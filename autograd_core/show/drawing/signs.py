"""The sign of a gradient, as text and as a colour."""

from __future__ import annotations

import math

from autograd_core.formulas.notation import number_text


def with_sign(number: float | None) -> str:
    """A number with four digits and with its sign, also where that is a plus."""
    return f"+{number_text(number)}" if number is not None and number > 0 else number_text(number)


def sign_colour(number: float | None) -> str:
    """The colour of a gradient or of a contribution to one."""
    if number is None or number == 0:
        return "ink"
    if not math.isfinite(number):
        return "nonfinite"
    return "positive" if number > 0 else "negative"

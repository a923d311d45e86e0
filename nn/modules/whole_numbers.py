"""Counts and sizes as arguments: whole numbers of Python, of NumPy or of any type with `__index__`."""

from __future__ import annotations

import operator
from typing import Any


def whole_number(number: Any, name: str, least: int = 1, meaning: str = "a whole number") -> int:
    """An argument as an int. Raises ValueError for one that is not a whole number, or below `least`; for a bool too.

    >>> whole_number(3, "epochs")
    3
    """
    try:
        is_bool = isinstance(number, bool) or type(number).__name__ in ("bool_", "bool")  # NumPy's has an index too
        count = least - 1 if is_bool else operator.index(number)
    except TypeError:
        count = least - 1
    if count < least:
        raise ValueError(f"{name} is {meaning}, at least {least}, got {number!r}.")
    return count

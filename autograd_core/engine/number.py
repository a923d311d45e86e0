"""What counts as one real number, and what is refused by name."""

from __future__ import annotations

from decimal import Decimal
from numbers import Real
from typing import Any

from autograd_core.errors import NumberError


def is_number(thing: object) -> bool:
    """True for one real number: int, float, bool, Fraction, Decimal or a NumPy scalar of those kinds."""
    return type(thing) is float or isinstance(thing, (int, Real, Decimal)) or _is_numpy_bool(thing)


def as_number(thing: Any, role: str = "a Value") -> float:
    """`thing` as a float; `role` names in the error what needed it.

    Raises `NumberError` for text, None, sequences, arrays, complex numbers and integers past float64's range.

    >>> as_number(3)
    3.0
    """
    if not is_number(thing):
        raise NumberError(f"{role} needs one real number, got {_described(thing)}.{_advice(thing)}")
    try:
        return float(thing)
    except ValueError:
        raise NumberError(f"{role} needs one real number, got {thing!r}, which cannot be a float.") from None
    except OverflowError:
        raise NumberError(
            f"{role} needs a number that fits float64 (about 1.8e308 at most); this {type(thing).__name__} is "
            "larger. Scale it first, or pass float('inf')."
        ) from None


def _is_numpy_bool(thing: object) -> bool:
    # NumPy registers every other scalar as a Real; and NumPy need not be installed.
    return type(thing).__module__ == "numpy" and type(thing).__name__ in ("bool", "bool_")


def _described(thing: object) -> str:
    kind = type(thing).__name__
    if hasattr(thing, "_record"):
        return f"a {kind}"
    if thing is None:
        return "None"
    if isinstance(thing, (str, bytes)):
        return f"the text {thing[:40]!r} ({kind})"
    if isinstance(thing, complex):
        return f"the complex number {thing}"
    if hasattr(thing, "shape") and hasattr(thing, "dtype"):
        return f"an array of shape {thing.shape} ({kind})"
    return f"an object of type {kind}"


def _advice(thing: object) -> str:
    if isinstance(thing, (str, bytes)):
        return " Convert it first: float(text)."
    if thing is None:
        return " Did a function return nothing?"
    if hasattr(thing, "_record"):
        return " It is a Value already: use it as it is, or .detach() for its number without its history."
    if isinstance(thing, complex):
        return " Only real numbers have a place here: take .real or abs()."
    if getattr(thing, "shape", None) == ():
        return " Take the number out of it: array.item()."
    if isinstance(thing, (list, tuple)) or hasattr(thing, "shape"):
        return " Make one Value per number: [Value(x) for x in numbers]."
    return ""

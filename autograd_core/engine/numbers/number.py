"""Real numbers as floats, and an error that names anything else."""

from __future__ import annotations

from decimal import Decimal
from numbers import Real
from typing import Any

from autograd_core.errors import NumberError


def is_number(candidate: object) -> bool:
    """True for one real number: int, float, bool, Fraction, Decimal or a NumPy scalar of those kinds."""
    return type(candidate) is float or isinstance(candidate, (int, Real, Decimal)) or _is_numpy_bool(candidate)


def as_number(candidate: Any, role: str = "a Value") -> float:
    """`candidate` as a float; `role` names in the error what needs it.

    Raises `NumberError` for text, None, sequences, arrays, complex numbers and integers past float64's range.

    >>> as_number(3)
    3.0
    """
    if not is_number(candidate):
        raise NumberError(f"{role} needs one real number, got {_description(candidate)}.{_advice(candidate)}")
    try:
        return float(candidate)
    except ValueError:
        raise NumberError(f"{role} needs one real number, got {candidate!r}, which cannot be a float.") from None
    except OverflowError:
        raise NumberError(
            f"{role} needs a number that fits float64 (about 1.8e308 at most); this {type(candidate).__name__} is "
            "larger. Scale it first, or pass float('inf')."
        ) from None


def _is_numpy_bool(candidate: object) -> bool:
    # NumPy registers every other scalar as a Real; and NumPy need not be installed.
    return type(candidate).__module__ == "numpy" and type(candidate).__name__ in ("bool", "bool_")


def _description(candidate: object) -> str:
    kind = type(candidate).__name__
    if hasattr(candidate, "_record"):
        return f"a {kind}"
    if candidate is None:
        return "None"
    if isinstance(candidate, (str, bytes)):
        return f"the text {candidate[:40]!r} ({kind})"
    if isinstance(candidate, complex):
        return f"the complex number {candidate}"
    if hasattr(candidate, "shape") and hasattr(candidate, "dtype"):
        return f"an array of shape {candidate.shape} ({kind})"
    return f"an object of type {kind}"


def _advice(candidate: object) -> str:
    if isinstance(candidate, (str, bytes)):
        return " Convert it first: float(text)."
    if candidate is None:
        return " Did a function return nothing?"
    if hasattr(candidate, "_record"):
        return " It is a Value already: use it as it is, or .detach() for its number without its history."
    if isinstance(candidate, complex):
        return " Only real numbers are accepted: take .real or abs()."
    if getattr(candidate, "shape", None) == ():
        return " Take the number out of it: array.item()."
    if isinstance(candidate, (list, tuple)) or hasattr(candidate, "shape"):
        return " Make one Value per number: [Value(x) for x in numbers]."
    return ""

"""Sums with an error term: what each addition rounds away is added up beside them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class CompensatedSum:
    """The sum of arrays of equal shape, element by element, as good as rounded once (Knuth, Neumaier)."""

    def __init__(self, first: Array) -> None:
        self._total = first.copy()
        self._error = np.zeros_like(first)

    def add(self, numbers: Array) -> None:
        """Add another array."""
        before, self._total = self._total, self._total + numbers
        share = self._total - before
        self._error += (before - (self._total - share)) + (numbers - share)

    def total(self) -> Array:
        """The sum so far. Where it is not finite, or where nothing was rounded away, it is the plain sum."""
        is_exact = ~np.isfinite(self._error) | (self._error == 0.0)
        return np.where(is_exact, self._total, self._total + self._error)

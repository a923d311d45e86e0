"""Rows of every kind, in every layout in memory, are read as NumPy reads them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pytest

pytest.importorskip("llvmlite")

import autograd_core as ag

LAYOUTS: dict[str, Callable[[Any], Any]] = {
    "rows": np.ascontiguousarray,
    "columns": np.asfortranarray,
    "every second row": lambda data: np.repeat(data, 2, 0)[::2],
    "every second column": lambda data: np.repeat(data, 2, 1)[:, ::2],
    "rows in reverse": lambda data: np.ascontiguousarray(data[::-1])[::-1],
    "columns in reverse": lambda data: np.ascontiguousarray(data[:, ::-1])[:, ::-1],
    "one row for all": lambda data: np.broadcast_to(data[:1], data.shape),
}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_rows_are_read_in_every_layout(dtype: Literal["float64", "float32"]) -> None:
    generator = np.random.default_rng(3)
    for columns in (1, 4, 13):
        program = ag.compile(lambda x: sum(x[1:], x[0]), example=([0.0] * columns,), backend="native", dtype=dtype)
        for rows in (1, 9, 150):
            whole = generator.integers(0, 100, (rows, columns))
            fractions = generator.normal(size=(rows, columns))
            for kind in "?bBhHiIlLqQfd":
                data = (fractions if kind in "fd" else whole).astype(kind)
                for name, layout in LAYOUTS.items():
                    laid_out = layout(data)
                    total = np.zeros(rows, dtype)
                    for column in laid_out.T:  # from left to right, as the program adds
                        total = total + column.astype(dtype)
                    found = program(laid_out)
                    assert found.dtype == total.dtype
                    np.testing.assert_array_equal(found, total, f"{kind}, {name}, {rows} rows of {columns}")

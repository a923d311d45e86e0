"""Rows of every kind, in every layout in memory, are read as NumPy reads them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pytest

pytest.importorskip("llvmlite")

import autograd_core as ag
from autograd_core.compiler.backends.llvm.kernels.moves import columns_to_read

LAYOUTS: dict[str, Callable[[Any], Any]] = {
    "rows": np.ascontiguousarray,
    "columns": np.asfortranarray,
    "every second row": lambda data: np.repeat(data, 2, 0)[::2],
    "every second column": lambda data: np.repeat(data, 2, 1)[:, ::2],
    "rows in reverse": lambda data: np.ascontiguousarray(data[::-1])[::-1],
    "columns in reverse": lambda data: np.ascontiguousarray(data[:, ::-1])[:, ::-1],
    "one row for all": lambda data: np.broadcast_to(data[:1], data.shape),
}


@pytest.mark.parametrize("read", [(3,), (0, 19), (2, 3, 4, 17, 18), tuple(range(1, 20, 2)), tuple(range(7, 20))])
def test_columns_that_are_not_read_are_left_out(read: tuple[int, ...]) -> None:
    program = ag.compile(lambda x: sum((x[i] for i in read), 0.0), example=([0.0] * 20,), backend="native")
    is_read = [column in read for column in range(20)]
    for lanes in (2, 4, 8, 16):
        squares, columns = columns_to_read(is_read, lanes)
        assert [column // 2 for column in columns] == list(read)
        assert all(first + lanes <= 20 for first in squares)
        assert len(squares) <= -(-20 // lanes)
        covered = {column for first in squares for column in range(first, first + lanes)}
        assert [column // 2 for column in columns if column % 2] == sorted(covered.intersection(read))
    for rows in (1, 9, 150):
        whole = np.random.default_rng(rows).normal(size=(rows, 20))
        expected = sum((whole[:, i] for i in read), 0.0)
        for layout in LAYOUTS.values():
            if layout is not LAYOUTS["one row for all"]:
                np.testing.assert_array_equal(program(layout(whole)), expected)


def test_a_row_of_which_nothing_is_read() -> None:
    w = ag.Value(2.0)
    program = ag.compile(lambda x: w * w, example=([0.0] * 20,), backend="native", parameters=[w])
    for rows in (1, 9):
        value, gradient = program.value_and_grad(np.zeros((rows, 20)))
        assert (value, gradient.tolist()) == (4.0, [4.0])


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

"""Rows of data: any structure and kind of numbers, and an error that names the row that does not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_core import (
    Value,
    compile,  # noqa: A004
)


@pytest.mark.parametrize(
    ("data", "error", "hint"),
    [
        (([[1.0, 2.0, 3.0]], [1.0]), ValueError, "row 0 of x is a list of 3 numbers, but .* a list of 2 numbers"),
        (([[1.0, 2.0], [1.0]], [1.0, 1.0]), ValueError, "row 1 of x is a list of 1"),
        (([1.0, 2.0], [1.0, 1.0]), ValueError, "row 0 of x is one number"),
        (([["a", "b"]], [1.0]), TypeError, "row 0 of x needs numbers, got 'a'"),
        (([[1.0, "2"]], [1.0]), TypeError, "got '2'"),
        (([[1.0, None]], [1.0]), TypeError, "got None"),
        (([[1.0, 2.0]], [1.0, 2.0]), ValueError, "x 1, y 2"),
        (([[1.0, 2.0]],), TypeError, r"2 argument\(s\) \(x, y\), got 1"),
        ((3.0, [1.0]), TypeError, "one entry for each row"),
        (({(1.0, 2.0): [3.0, 4.0]}, [1.0]), TypeError, "x is one entry for each row"),
        (([[1.0, 2.0]], {1.0: 2.0}), TypeError, "y is one entry for each row"),
        (([[1.0, 2.0]], {1.0}), TypeError, "y is one entry for each row"),
        (([{"a": 1.0}], [1.0]), TypeError, "row 0 of x needs numbers"),
        ((np.zeros((2, 3)), np.zeros(2)), ValueError, "a list of 3 numbers"),
        ((np.zeros((2, 2), complex), np.zeros(2)), TypeError, "row 0 of x needs numbers"),
    ],
)
def test_data_that_does_not_fit_is_refused_by_row_and_name(data: Any, error: type[Exception], hint: str) -> None:
    program = compile(lambda x, y: x[0] * x[1] * y, example=([1.0, 1.0], 1.0))
    with pytest.raises(error, match=hint):
        program(*data)


@pytest.mark.parametrize("data", [{1.0: 2.0}, {1.0, 2.0}], ids=str)
def test_a_dict_or_a_set_is_no_list_of_rows(data: Any) -> None:
    w = Value(1.0)
    program = compile(lambda x: w * x, example=1.0)
    for call in (program, program.value_and_grad, lambda rows: program.train(rows, steps=1, learning_rate=0.1)):
        with pytest.raises(TypeError, match="one entry for each row"):
            call(data)
    with pytest.raises(TypeError, match="chunk 0 of the stream: x is one entry for each row"):
        program.value_and_grad(iter([data]))


def test_rows_of_other_kinds_of_numbers() -> None:
    program = compile(lambda x: 2.0 * x[0] + x[1], example=[1.0, 1.0])
    assert program([(1, True), (2, 0.5)]).tolist() == [3.0, 4.5]
    assert program(np.array([[1, 2]], np.int32)).tolist() == [4.0]
    assert program(np.asfortranarray(np.ones((3, 2)))[::2]).tolist() == [3.0, 3.0]
    assert program(np.empty((0, 2))).tolist() == []


def test_masked_numbers_are_refused() -> None:
    program = compile(lambda x: x * x, example=1.0)
    with pytest.raises(ValueError, match=r"x has masked numbers.*x\.filled"):
        program(np.ma.MaskedArray([1.0, 1e20], mask=[False, True]))
    assert program(np.ma.MaskedArray([1.0, 2.0])).tolist() == [1.0, 4.0]

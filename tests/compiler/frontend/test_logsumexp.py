"""The logsumexp of a list, computed from all terms at once: the numbers of the form step by step."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from autograd_core import (
    Value,
    compile,  # noqa: A004
    exp,
    logsumexp,
    where,
)
from autograd_core.compiler.vectorise.vector_program import Elementwise
from autograd_core.engine import primitives
from tests.support.programs import assert_agrees


@pytest.mark.parametrize(
    "row",
    [
        [1.0, 2.0, 3.0, 0.5, -1.0],
        [2.0, 2.0, 2.0, 2.0, 2.0],
        [0.0, -0.0, 5.0, 5.0, 1.0],
        [1e-9, 800.0, -800.0, 799.0, 0.0],
        [-40.0, 0.0, -50.0, -45.0, -60.0],
        [1e300, 1.0, -1e300, 0.0, 1.0],
        [math.inf, 1.0, 2.0, 3.0, 4.0],
        [1.0, math.inf, math.inf, 3.0, 4.0],
        [-math.inf, 1.0, -math.inf, 3.0, 4.0],
        [math.nan, 1.0, 2.0, 3.0, 4.0],
        [1.0, 2.0, 3.0, 4.0, math.nan],
        [math.inf, 1.0, 2.0, 3.0, math.nan],
    ],
    ids=str,
)
def test_logsumexp_at_once_gives_what_it_gives_step_by_step(row: list[float]) -> None:
    scales = [Value(1.0) for _ in row]
    assert_agrees(lambda x: logsumexp([s * v for s, v in zip(scales, x, strict=True)]), ([0.1] * 5,), [(row,)])
    program = compile(lambda x: logsumexp(x) * 3.0, example=[0.5] * 5)
    leaves = [Value(number) for number in row]
    eager = logsumexp(leaves) * 3.0
    eager.backward()
    value, _, by_row = program.value_and_grad([row], inputs=True)
    np.testing.assert_allclose(value, eager.data, rtol=1e-13)
    np.testing.assert_allclose(by_row[0], [leaf.grad for leaf in leaves], rtol=1e-13, atol=1e-300)
    assert program([[-math.inf] * 5]).tolist() == [-math.inf]


def test_an_infinite_logsumexp_is_right_even_where_only_a_comparison_sees_it() -> None:
    def fn(x: list[Any]) -> Any:
        return where(logsumexp(x) < 5.0, x[0] * 3.0, x[0] * x[1])

    rows = [[2.0, -math.inf, 0.0, 1.0], [-math.inf] * 4, [2.0, math.inf, 0.0, 1.0], [1.0, 2.0, 3.0, 4.0]]
    program = compile(fn, example=[0.5] * 4)
    for row in rows:
        leaves = [Value(number) for number in row]
        eager = fn(leaves)
        eager.backward()
        assert program([row]).tolist() == [eager.data]
        value, _, by_row = program.value_and_grad([row], inputs=True)
        assert (value, by_row[0].tolist()) == (eager.data, [leaf.grad for leaf in leaves])
    np.testing.assert_array_equal(program(rows), [fn(row) for row in rows])


@pytest.mark.parametrize("backend", ["numpy", "native"])
@pytest.mark.parametrize("count", [1, 7])
def test_a_probability_shares_the_exponential_of_its_logsumexp(backend: str, count: int) -> None:
    """With the same value and gradient, ties, tails and infinite numbers included, and no second exponential."""
    if backend == "native":
        pytest.importorskip("llvmlite")

    def fn(x: list[Any]) -> Any:
        total = logsumexp(x)
        shares = [exp(v - total) for v in x]
        return sum(p * k for p, k in zip(shares, (1.0, -2.0, 0.5, 3.0, 0.25), strict=True)) + 0.1 * total

    rows = [
        [0.1, 0.2, 0.3, -0.4, 0.5],
        [2.0, 2.0, -1.0, 2.0, 0.0],
        [0.0, -30.0, -745.0, -800.0, 1.0],
        [1e3, 1e3 + 1, 999.0, 0.0, 1.0],
        [-math.inf, 1.0, 0.5, 2.0, -1.0],
        [math.inf, 1.0, 0.5, 2.0, -1.0],
        [math.nan, 1.0, 0.5, 2.0, -1.0],
    ]
    program = compile(fn, example=[0.5] * 5, backend=backend)
    for start in range(0, len(rows), count):
        part = rows[start : start + count]
        _, _, by_row = program.value_and_grad(part, inputs=True)
        for row, value, found in zip(part, program(part), by_row, strict=True):
            leaves = [Value(number) for number in row]
            eager = fn(leaves)
            eager.backward()
            np.testing.assert_allclose(value, eager.data, rtol=1e-12)
            np.testing.assert_allclose(found * len(part), [leaf.grad for leaf in leaves], rtol=1e-10, atol=1e-15)
    body = program.vectorised("inputs").body
    exponentials = [step for step in body if isinstance(step, Elementwise) and step.primitive is primitives.exp]
    computed = sum(step.out.size for step in exponentials)
    assert computed == 5

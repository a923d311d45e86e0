"""Probabilities that a program computes together: those of eager mode, exact in the tails, with masks and ties."""

from __future__ import annotations

import functools
import math
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_core import (
    Value,
    compile,  # noqa: A004
    grad,
)
from autograd_core.compiler.vectorise.vector_program import Elementwise
from autograd_core.engine import primitives
from nn import softmax
from tests.support.backends import INSTALLED as BACKENDS

INFINITE = math.inf


def probability(backend: str, place: int, count: int) -> Any:
    return compile(lambda scores: softmax(scores)[place], example=([0.0] * count,), backend=backend)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "scores",
    [[0.0, 70.0, -3.0, 1.0], [1000.0, 1001.0, 999.5, -800.0], [2.0, 2.0, 2.0, 2.0], [5.0, 5.0, -700.0, 0.0, 5.0]],
)
def test_values_and_derivatives_are_exact(backend: str, scores: list[float]) -> None:
    with mpmath.workdps(400):
        terms = [mpmath.exp(mpmath.mpf(v) - max(scores)) for v in scores]
        true = [term / sum(terms) for term in terms]
    for place in range(len(scores)):
        value, row = probability(backend, place, len(scores)).value_and_grad([scores], inputs=True)[::2]
        assert value == pytest.approx(float(true[place]), rel=1e-13)
        for j, found in enumerate(row[0]):
            with mpmath.workdps(400):
                others = sum([share for k, share in enumerate(true) if k != place])
                exact = float(true[place] * others if j == place else -true[place] * true[j])
            assert found == pytest.approx(exact, rel=1e-13, abs=0.0 if abs(exact) > 1e-300 else 1e-300)


score = st.one_of(st.floats(-3, 3), st.sampled_from([0.0, 1.0, -INFINITE, 800.0]))


def squares(scores: list[Any], x: Any) -> Any:
    """Of the probabilities of two softmaxes that share scores."""
    a, b = softmax(scores), softmax([scores[0], x, 2.0, x * scores[1]])
    return sum((i + 1.0) * p * p for i, p in enumerate(a)) + b[1] * b[2] * x


def slope(scores: list[Any], x: Any) -> Any:
    """Its derivative with respect to x."""
    return grad(lambda x: squares(scores, x))(x)


@functools.cache
def programs(backend: str) -> list[tuple[Any, Any]]:
    return [(fn, compile(fn, example=([0.1] * 5, 0.3), backend=backend)) for fn in (squares, slope)]


@pytest.mark.parametrize("backend", BACKENDS)
@settings(max_examples=25, deadline=None)
@given(rows=st.lists(st.lists(score, min_size=5, max_size=5), min_size=1, max_size=4))
def test_masks_ties_and_second_derivatives_are_those_of_eager_mode(backend: str, rows: list[list[float]]) -> None:
    rows = [row if math.isfinite(row[0] + row[1]) else [0.5, -0.5, *row[2:]] for row in rows]
    xs = [0.3 * i - 0.5 for i in range(len(rows))]
    for function, program in programs(backend):
        values, found = program(rows, xs), program.value_and_grad(rows, xs, inputs=True)[2]
        for i, (row, x) in enumerate(zip(rows, xs, strict=True)):
            scores, last = [Value(v) for v in row], Value(x)
            result = function(scores, last)
            result.backward()
            assert values[i] == pytest.approx(result.data, rel=1e-12, abs=1e-14)
            wanted = [(v.grad or 0.0) / len(rows) for v in (*scores, last)]
            np.testing.assert_allclose([*found[0][i], found[1][i]], wanted, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("backend", BACKENDS)
def test_infinite_scores_are_those_of_eager_mode(backend: str) -> None:
    rows = [[INFINITE, 0.0, 1.0, 2.0], [-INFINITE] * 4, [math.nan, 0.0, 0.0, 0.0], [1.0, 2.0, 3.0, 4.0]]
    for place in range(2):
        found = probability(backend, place, 4)([*rows])
        np.testing.assert_array_equal(np.isnan(found), [False, True, True, False])
        np.testing.assert_allclose(found[[0, 3]], [softmax(rows[row])[place] for row in (0, 3)], rtol=1e-14)


def test_each_score_has_one_exponential() -> None:
    program = compile(lambda v: sum(p * p for p in softmax(v)), example=([0.0] * 6,), backend="numpy")
    steps = program.vectorised("value").steps()
    exponentials = [step for step in steps if isinstance(step, Elementwise) and step.primitive is primitives.exp]
    assert sum(step.out.size for step in exponentials) == 6

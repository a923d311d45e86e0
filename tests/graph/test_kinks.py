"""Kinks: the range of derivatives that their sides allow."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from autograd_core import (
    Value,
    abs,  # noqa: A004
    custom_primitive,
    elu,
    equal,
    explain,
    floor,
    gelu,
    leaky_relu,
    logsumexp,
    maximum,
    minimum,
    prelu,
    relu,
    sigmoid,
    softplus,
    tanh,
    threshold,
    where,
)
from autograd_core.graph.boxes import view
from autograd_core.graph.kinks import ViewKinks

CASES: list[tuple[Callable[..., Any], list[float], list[tuple[float, float]]]] = [
    (abs, [0.0], [(-1, 1)]),
    (relu, [0.0], [(0, 1)]),
    (leaky_relu, [0.0], [(0.01, 1)]),
    (prelu, [0.0, 0.25], [(0.25, 1), (0, 0)]),
    (lambda x: elu(x, 0.5), [0.0], [(0.5, 1)]),
    (threshold, [0.0], [(0, 0)]),
    (floor, [2.0], [(0, 0)]),
    (maximum, [1.0, 1.0], [(0, 1), (0, 1)]),
    (minimum, [1.0, 1.0], [(0, 1), (0, 1)]),
    (lambda x: where(x > 0, 3 * x, -x), [0.0], [(-1, 3)]),
    (lambda x, y: where((x > 0) * (y > 0), x + 2 * y, 0.0), [0.0, 1.0], [(0, 1), (0, 0)]),
    # several kinks, and kinks of kinks
    (lambda x: abs(3 * abs(x)), [0.0], [(-3, 3)]),
    (lambda x: relu(x) + abs(x) + x, [0.0], [(0, 3)]),
    (lambda x: abs(x) ** 2, [0.0], [(0, 0)]),
    # ties in which the sides belong together
    (lambda x: minimum(x, x), [1.0], [(1, 1)]),
    (lambda x: maximum(x, 2 * x), [0.0], [(1, 2)]),
    (lambda x: relu(x) - relu(x), [0.0], [(0, 0)]),
    # no kinks: the branches of these are chosen, but they are smooth
    (softplus, [0.0], [(0.5, 0.5)]),
    (sigmoid, [0.0], [(0.25, 0.25)]),
    (tanh, [0.0], [(1, 1)]),
    (gelu, [0.0], [(0.5, 0.5)]),
    (lambda x, y: logsumexp([x, y]), [1.0, 1.0], [(0.5, 0.5), (0.5, 0.5)]),
    # answers of comparisons that are compared with numbers: these stay the same beside the point
    (lambda x: where(equal(equal(x, 0.0), 0.0), 2 * x, 3 * x), [1.0], [(2, 2)]),
    (lambda x: where(equal(x > 5.0, 0.0), x, 3 * x), [1.0], [(1, 1)]),
    (lambda x: where(equal((x > 5.0) * (x > 6.0), 0.0), x, 3 * x), [1.0], [(1, 1)]),
    (lambda x: where(equal(x > 0.0, 0.0), x, 3 * x), [0.0], [(1, 3)]),
    # a step as a factor of 0: what it multiplies has a kink, and nothing else
    (lambda x: x * (x > 0), [0.0], [(0, 1)]),
    (lambda x: x * floor(x), [0.0], [(-1, 0)]),
    (lambda x, w: where(x > 0, w, 2 * w), [0.0, 3.0], [(0, 0), (2, 2)]),
    # off the kink
    (abs, [2.0], [(1, 1)]),
    (relu, [-1e-300], [(0, 0)]),
    # a step in a factor moves no slope but its own
    (lambda x, w: threshold(x) * w, [0.0, 3.0], [(0, 0), (0, 0)]),
]


@pytest.mark.parametrize("opened", ["", "all"])
@pytest.mark.parametrize(("function", "point", "expected"), CASES)
def test_the_range_lies_between_the_slopes_of_the_sides(
    function: Callable[..., Any], point: list[float], expected: list[tuple[float, float]], opened: str
) -> None:
    inputs = [Value(number, label=f"x{index}") for index, number in enumerate(point)]
    graph = view(function(*inputs), opened or ())
    kinks = ViewKinks(graph)
    for leaf, ends in zip(inputs, expected, strict=True):
        slopes = kinks.gradient(graph.box_of[leaf])
        assert (slopes.low, slopes.high) == pytest.approx(ends)


def test_with_many_kinks_the_range_is_a_bound() -> None:
    inputs = [Value(0.0, label=f"x{index}") for index in range(30)]
    total = inputs[0] * 1.0
    for x in inputs:
        total = total + relu(x) * 2.0
    graph = view(total)
    kinks = ViewKinks(graph)
    ranges = [kinks.gradient(graph.box_of[x]) for x in inputs]
    assert [(slopes.low, slopes.high) for slopes in ranges] == [(1.0, 3.0)] + [(0.0, 2.0)] * 29


def test_a_rule_of_a_user_that_fails_on_the_other_side_is_left_out() -> None:
    def root(a: float) -> float:
        if a <= 0.0:
            raise ValueError("outside")
        return 2.0 * a

    bad = custom_primitive("bad", lambda a: a, [lambda y, a: root(a)])
    x = Value(0.0, label="x")
    graph = view(where(x > 0, bad(x), 5.0 * x))
    slopes = ViewKinks(graph).gradient(graph.box_of[x])
    assert (slopes.low, slopes.high) == (5.0, 5.0)


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_a_step_function_has_no_step_where_there_is_no_number(number: float) -> None:
    x = Value(number, "x")
    assert "⌊x⌋" in str(explain(floor(x) * 2.0))

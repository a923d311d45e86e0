"""Slopes combined by a wrong rule are named: numbers computed by hand."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from autograd_core import Value, mean, quiz, sigmoid, sin, tanh, where
from autograd_core.mistakes.mistakes import ADDED_PARTIALS, CONSTANT, FORGOT_MEAN, MEANS, MISSED_PATH, WRONG_DERIVATIVE

ROWS = [(1.0, 2.0), (2.0, 1.5), (3.0, 4.0)]


def total_by_three(rows: list[Value]) -> Value:
    return sum(rows, start=Value(0.0)) / 3


@pytest.mark.parametrize("average", [mean, total_by_three])
def test_a_product_of_means_is_named(average: Callable[[Any], Value]) -> None:
    w, b = Value(0.9, "w"), Value(0.2, "b")
    exercise = quiz(average([(w * x + b - t) ** 2 for x, t in ROWS]), [w, b])
    outer = sum(2 * (0.9 * x + 0.2 - t) for x, t in ROWS) / 3
    [cause] = exercise.check(w=outer * 2.0, b=outer).causes
    assert cause.kinds == (MEANS,)


def test_a_product_of_means_of_inputs_is_named() -> None:
    x, y = [Value(n, f"x{n:g}") for n in (1.0, 2.5, 4.0)], [Value(n, f"y{n:g}") for n in (-3.0, 5.0, 7.5)]
    exercise = quiz(mean([a * b for a, b in zip(x, y, strict=True)]), x)
    [cause] = exercise.check(dict.fromkeys(("x1", "x2.5", "x4"), 9.5 / 3 / 3)).causes
    assert cause.kinds == (MEANS,)


def test_the_slopes_of_two_functions_in_a_row_added_are_named_in_one_place_and_in_all() -> None:
    x, w = Value(1.3, "x"), Value(2.5, "w")
    [cause] = quiz(sin(x**2) * w).check(x=2.5 * (math.cos(1.69) + 2.6), w=math.sin(1.69)).causes
    assert cause.kinds == (ADDED_PARTIALS,)
    a, b, c = Value(0.7, "a"), Value(1.2, "b"), Value(-0.4, "c")
    y = tanh(a * b) * 3 + sigmoid(b * c) * 5
    p, t = 1 / (1 + math.exp(0.48)), math.tanh(0.84)
    first, second = 1 - t * t, p * (1 - p)
    wrong = {"a": 3 * (first + 1.2), "b": 3 * (first + 0.7) + 5 * (second - 0.4), "c": 5 * (second + 1.2)}
    [cause] = quiz(y).check(wrong).causes
    assert cause.kinds == (ADDED_PARTIALS,)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"a": 4 + 3 + 1, "b": 5 + 1}, "was taken to be 1"),  # 6' = 1
        ({"a": 4 + 3 + 6, "b": 5 + 6}, "was taken to be the constant itself"),
    ],
)
def test_a_slope_given_to_a_plain_constant_is_named(wrong: dict[str, float], words: str) -> None:
    a, b = Value(5.0, "a"), Value(4.0, "b")
    result = quiz(3 * a + a * b + 6).check(wrong)
    [cause] = result.causes
    assert cause.kinds == (CONSTANT,)
    assert words in repr(result)


def test_where_there_is_no_constant_no_slope_is_given_to_one() -> None:
    a, b = Value(5.0, "a"), Value(4.0, "b")
    kinds = {mistake.kind for mistake in quiz(a * b).known_mistakes()}
    assert not kinds & {CONSTANT, MEANS}


def test_slopes_are_added_across_a_difference_too() -> None:
    w, x, b, t = Value(-0.8, "w"), Value(1.6, "x"), Value(0.5, "b"), Value(0.4, "t")
    h = math.tanh(-0.8 * 1.6 + 0.5)
    wrong = 2 * (h - 0.4) + (1 - h * h)
    [cause] = quiz((tanh(w * x + b) - t) ** 2, [w, x, b]).check(w=wrong * 1.6, x=wrong * -0.8, b=wrong).causes
    assert cause.kinds == (ADDED_PARTIALS,)


def test_the_gradient_of_one_row_and_the_means_of_signals_and_inputs_are_named() -> None:
    w, b = Value(0.6, "w"), Value(-0.2, "b")
    rows = [(1.5, 1.0), (-0.5, 0.0), (2.5, 0.3)]
    exercise = quiz(mean([(sigmoid(w * x + b) - t) ** 2 for x, t in rows]), [w, b])
    p = [1 / (1 + math.exp(0.2 - 0.6 * x)) for x, _ in rows]
    signals = [2 * (of - t) * of * (1 - of) for of, (_, t) in zip(p, rows, strict=True)]
    [cause] = exercise.check(w=signals[0] * 1.5 / 3, b=signals[0] / 3).causes
    assert cause.kinds == (MISSED_PATH,)
    [cause] = exercise.check(w=sum(signals) / 3 * 3.5 / 3, b=sum(signals) / 3).causes
    assert cause.kinds == (MEANS,)
    [cause] = exercise.check(w=sum(d * x for d, (x, _) in zip(signals, rows, strict=True)), b=sum(signals)).causes
    assert cause.kinds == (FORGOT_MEAN,)


def test_one_sum_of_partials_and_the_partial_of_the_other_operand_are_named() -> None:
    a, b, c = Value(2.2, "a"), Value(-1.4, "b"), Value(3.6, "c")
    exercise = quiz(a * b * c + a / c)
    right = exercise.key()
    [cause] = exercise.check(right | {"b": 2.2 + 3.6}).causes
    assert ADDED_PARTIALS in cause.kinds
    [cause] = exercise.check(right | {"a": -1.4 * 3.6 - 2.2 / 3.6**2}).causes
    assert cause.kinds == (WRONG_DERIVATIVE,)


def test_a_chain_behind_a_closed_gate_breaks_no_exercise() -> None:
    x, y = Value(1.0, "x"), Value(0.5, "y")
    exercise = quiz(where(x > 0.0, sin(tanh(y)), tanh(sin(x))) * x)
    [cause] = exercise.check(exercise.key() | {"y": math.cos(math.tanh(0.5)) + 1 - math.tanh(0.5) ** 2}).causes
    assert cause.kinds == (ADDED_PARTIALS,)

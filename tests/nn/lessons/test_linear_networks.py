"""Deep linear networks: exact formulas for one layer and for two."""

from __future__ import annotations

import functools
import math

import numpy as np
import pytest

from nn.lessons.linear_networks import linear_learning, mode

lesson = functools.cache(linear_learning)


def test_one_layer_learns_every_mode_at_one_rate_without_a_plateau() -> None:
    measured = lesson()
    steps = np.arange(len(measured.one))[:, None]
    strengths = np.array(measured.strengths)
    first = measured.start**2
    exact = strengths + (first - strengths) * (1.0 - measured.learning_rate) ** steps
    assert np.allclose(measured.one, exact, rtol=0, atol=1e-12)


def test_two_layers_follow_the_published_formula() -> None:
    slow = linear_learning((3.0, 1.5), start=0.1, steps=500, learning_rate=0.005)
    assert np.abs(slow.two - slow.theory).max() < 0.02 * 3.0


def test_the_formula_solves_its_differential_equation() -> None:
    for strength, first, time in ((4.0, 0.01, 0.3), (1.0, 0.2, 2.0)):
        h = 1e-5
        slope = (mode(strength, first, time + h) - mode(strength, first, time - h)) / (2 * h)
        now = mode(strength, first, time)
        assert slope == pytest.approx(2.0 * now * (strength - now), rel=1e-8)
        assert mode(strength, first, 0.0) == pytest.approx(first, rel=1e-14)


def test_strong_modes_come_first_and_a_smaller_start_waits_longer() -> None:
    measured, smaller = lesson(), lesson(start=0.001)
    assert measured.half == sorted(measured.half)  # type: ignore[type-var]
    for strength, half, later in zip(measured.strengths, measured.half, smaller.half, strict=True):
        assert half is not None
        expected = math.log(strength / measured.start**2 - 1.0) / (2.0 * strength * measured.learning_rate)
        assert half == pytest.approx(expected, rel=0.06)
        assert later is None or later > half
    two = measured.losses["two layers"]
    assert two[measured.half[0] // 2] > 0.95 * two[0]  # type: ignore[operator]
    assert two[-1] < 1e-3 * two[0]


def test_a_start_at_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="strengths and start are positive"):
        linear_learning(start=0.0)

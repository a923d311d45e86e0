"""Accuracy on new rows: the rate is chosen by rows that are not reported."""

from __future__ import annotations

import functools
import statistics

from nn.data.datasets import two_moons
from nn.lessons.generalisation import LearningTask, accuracy_on_new_rows

SMALL = LearningTask("shallow", lambda: two_moons(300, 0.2, seed=0), (2, 8, 1), (60, 90))
DEEP = LearningTask("deep", lambda: two_moons(300, 0.2, seed=0), (2, *[6] * 6, 1), (60, 90))
lesson = functools.cache(
    lambda: accuracy_on_new_rows(("sigmoid", "tanh"), (SMALL, DEEP), (0.001, 1.0), steps=150, seeds=(0, 1))
)


def test_three_sets_are_used_and_sigmoid_does_not_learn_in_the_deep_network() -> None:
    measured = lesson()
    assert measured.rows == {"shallow": (60, 90, 150), "deep": (60, 90, 150)}
    assert measured.medians["deep"]["sigmoid"] == 0.5
    assert measured.medians["shallow"]["tanh"] > 0.8
    assert measured.rates["shallow"]["tanh"] == 1.0  # at the other one nothing is learnt in 150 steps


def test_the_table_has_the_medians() -> None:
    measured = lesson()
    shares = measured.accuracy["shallow"]["tanh"]
    assert len(shares) == 2
    assert f"{statistics.median(shares):.1%}" in str(measured)

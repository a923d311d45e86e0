"""The drift of sigmoid's scores, compared with the same numbers by NumPy."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from nn.lessons.drift import activation_drift
from nn.modules.mlp import MLP

lesson = functools.cache(activation_drift)


def test_sigmoid_shifts_and_tanh_stays_centred() -> None:
    measured = lesson()
    assert all(abs(mean - 0.5) < 0.1 for mean in measured.means["sigmoid"])
    assert all(abs(mean) < 0.05 for mean in measured.means["tanh"])
    ratios = {name: np.divide(measured.signals[name], measured.shifts[name]).tolist() for name in ("sigmoid", "tanh")}
    assert ratios["sigmoid"][1:] == sorted(ratios["sigmoid"][1:], reverse=True)
    assert ratios["sigmoid"][-1] < 0.01 < 1.0 < min(ratios["tanh"])


def test_large_weights_saturate_units_of_sigmoid_on_one_side() -> None:
    measured = lesson(scale=8.0)
    assert measured.one_sided["sigmoid"][-1] > 0.2
    assert max(measured.one_sided["tanh"]) == 0.0
    assert max(lesson().one_sided["sigmoid"]) == 0.0


def test_the_numbers_are_those_of_a_network_computed_by_hand() -> None:
    measured = lesson(("sigmoid",), depth=2, width=4, scale=2.0, rows=30, seeds=(5,))
    values = np.random.default_rng(0).normal(size=(30, 4))
    state = MLP(4, 4, 4, 1, activation="sigmoid", rng=5).state_dict()
    for layer in range(2):
        scores = values @ (2.0 * np.array(state[f"layers.{layer}.weight"])).T + np.array(state[f"layers.{layer}.bias"])
        values = 1.0 / (1.0 + np.exp(-scores))
        assert measured.means["sigmoid"][layer] == pytest.approx(values.mean(), rel=1e-12)
        assert measured.shifts["sigmoid"][layer] == pytest.approx(np.sqrt(np.mean(scores.mean(axis=0) ** 2)), rel=1e-12)
        assert measured.signals["sigmoid"][layer] == pytest.approx(np.sqrt(np.mean(scores.var(axis=0))), rel=1e-12)

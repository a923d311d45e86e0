"""The slice through a loss: its corners are losses of networks, its directions are orthogonal."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nn.data.datasets import two_moons
from nn.lessons.landscape import directions, landscape
from nn.losses import binary_cross_entropy_with_logits
from nn.modules.mlp import MLP

lesson = functools.cache(lambda: landscape((4,), steps=150, points=9))


def loss_at(numbers: list[float]) -> float:
    model = MLP(2, 4, 1, activation="tanh", rng=0)
    for parameter, number in zip(model.parameters(), numbers, strict=True):
        parameter.data = number
    X, y = two_moons(100, 0.1, seed=0)
    return float(binary_cross_entropy_with_logits([model(row)[0] for row in X.tolist()], y.tolist()))


def test_heights_are_losses_of_the_network_with_the_parameters_of_that_place() -> None:
    measured = lesson()
    for row, column in ((0, 0), (8, 8), (3, 5)):
        place = measured.path[0] + measured.across[column] * measured.u + measured.along[row] * measured.v
        assert measured.heights[row, column] == pytest.approx(loss_at(place.tolist()), rel=1e-10)
    assert measured.losses[0] == pytest.approx(loss_at(measured.path[0].tolist()), rel=1e-10)
    assert measured.losses[-1] == pytest.approx(loss_at(measured.path[-1].tolist()), rel=1e-10)
    assert measured.losses[-1] < 0.6 * measured.losses[0]


def test_the_path_begins_and_ends_on_the_first_direction() -> None:
    measured = lesson()
    distance = np.linalg.norm(measured.path[-1] - measured.path[0])
    assert np.allclose(measured.shadow[[0, -1]], [[0.0, 0.0], [distance, 0.0]], atol=1e-9)
    assert 0.5 < measured.in_plane <= 1.0


@given(arrays(float, (6, 5), elements=st.floats(-3.0, 3.0, allow_subnormal=False)))
def test_directions_are_orthogonal_unit_vectors(path: np.ndarray) -> None:
    path[0], path[-1] = 0.0, [1.0, 2.0, 0.0, 0.0, 0.0]
    path[2] = [0.0, 0.0, 1.0, 0.0, 0.0]
    u, v, share = directions(path)
    assert abs(u @ v) < 1e-9
    assert u @ u == pytest.approx(1.0)
    assert v @ v == pytest.approx(1.0)
    assert 0.0 <= share <= 1.0 + 1e-9

"""A feature made by hand, and features that are learnt."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from autograd_core import sigmoid
from nn.data.datasets import truth_table, xor
from nn.lessons.features import Features, WithProduct, features_by_hand
from nn.modules.mlp import MLP

lesson = functools.cache(features_by_hand)


def test_one_unit_answers_as_a_coin_and_the_product_or_a_hidden_layer_solves_it() -> None:
    measured: Features = lesson()
    unit, product, hidden = measured.losses.values()
    assert unit == pytest.approx(np.log(2.0), abs=0.01)
    assert max(product, hidden) < 0.1
    assert list(measured.right.values())[1:] == [1.0, 1.0]
    assert measured.right["one unit"] < 0.8


def test_the_hidden_layer_comes_to_hold_the_product() -> None:
    explained = lesson().explained
    assert explained["inputs"] < 0.1
    assert explained["after training"] > 0.7 > explained["before training"]


def test_the_loss_is_that_of_the_model_by_hand() -> None:
    measured = lesson()
    X, y = xor(100, seed=1)
    state = measured.models["one unit with x1 x2"].state_dict()
    [weight], [bias] = (np.array(state[f"model.layers.0.{part}"]) for part in ("weight", "bias"))
    scores = np.column_stack([X, X[:, 0] * X[:, 1]]) @ weight + bias
    loss = np.mean(np.log1p(np.exp(np.where(y == 1, -scores, scores))))
    assert measured.losses["one unit with x1 x2"] == pytest.approx(loss, rel=1e-9)


def test_weights_written_by_hand_solve_the_truth_table_of_zeros_and_ones() -> None:
    unit = MLP(3, 1, rng=0)
    unit.load_state_dict({"layers.0.weight": [[12.0, 12.0, -24.0]], "layers.0.bias": [-6.0]})
    X, y = truth_table("xor")
    assert [round(float(sigmoid(WithProduct(unit)(row)[0]))) for row in X.tolist()] == y.tolist()

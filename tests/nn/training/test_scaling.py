"""Scaling folded into the weights: the same predictions, or a refusal before anything is changed."""

from __future__ import annotations

import pytest

from nn import MLP
from nn.data.preparation import Standardiser
from nn.training.scaling import fold_into_first_layer


def test_the_folded_network_predicts_the_same_from_rows_that_are_not_scaled() -> None:
    rows = [[1e5, 0.001], [3e5, 0.003], [2e5, 0.002]]
    model, standardise = MLP(2, 3, 1, rng=0), Standardiser(rows)
    before = [model(row)[0].data for row in standardise(rows).tolist()]
    fold_into_first_layer(standardise, model)
    assert [model(row)[0].data for row in rows] == pytest.approx(before, rel=1e-9)


def test_a_column_that_varies_by_subnormal_numbers_is_refused_before_a_weight_is_changed() -> None:
    model = MLP(2, 3, 1, rng=0)
    before = model.state_dict()
    with pytest.raises(ValueError, match=r"column 2 of the inputs varies by .*e-32\d only.*smaller unit"):
        fold_into_first_layer(Standardiser([[1.0, 5e-324], [2.0, 5e-323]]), model)
    assert model.state_dict() == before

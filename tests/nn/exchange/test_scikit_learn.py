"""`Classifier` and `Regressor` as estimators of scikit-learn: its own checks, pipelines, searches, clones."""

from __future__ import annotations

import pickle
import sys
from typing import Any

import numpy as np
import pytest

import nn

sklearn = pytest.importorskip("sklearn", reason="needs scikit-learn: pip install -e '.[data]'")

from sklearn.base import clone  # noqa: E402
from sklearn.datasets import load_iris, make_regression  # noqa: E402
from sklearn.model_selection import GridSearchCV, cross_val_score  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import PolynomialFeatures, StandardScaler  # noqa: E402
from sklearn.utils.estimator_checks import check_estimator  # noqa: E402


@pytest.mark.parametrize(
    "estimator", [nn.Classifier((4,), epochs=20, learning_rate=0.05), nn.Regressor((4,), epochs=20)]
)
def test_the_checks_of_scikit_learn_pass(estimator: Any) -> None:
    outcomes = check_estimator(estimator, on_skip=None)  # those of other array libraries, unless they are switched on
    assert len(outcomes) > 40


def test_a_pipeline_and_a_grid_search_find_a_good_classifier() -> None:
    X, y = load_iris(return_X_y=True)
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    search = GridSearchCV(
        make_pipeline(StandardScaler(), nn.Classifier(hidden=(6,), epochs=30, random_state=0)),
        {"classifier__activation": ["tanh"], "classifier__hidden": [(3,), (6,)]},
        cv=2,
    )
    search.fit(X, names)
    assert search.best_score_ > 0.9
    assert set(search.predict(X[:5])) == {"setosa"}
    np.testing.assert_allclose(search.predict_proba(X).sum(axis=1), 1.0, rtol=1e-12)


def test_a_regressor_predicts_in_the_unit_of_its_targets() -> None:
    X, y = make_regression(120, 3, noise=1.0, random_state=0)
    y = y * 1e6 + 3e9
    model = make_pipeline(PolynomialFeatures(1), nn.Regressor(hidden=(8,), epochs=80, random_state=0))
    assert cross_val_score(model, X, y, cv=3).min() > 0.95
    model.fit(X, y)
    assert abs(model.predict(X).mean() - y.mean()) < 1e7


def test_a_seed_repeats_the_training_and_a_pickle_keeps_it() -> None:
    X, y = load_iris(return_X_y=True)
    first = nn.Classifier(epochs=3, random_state=1).fit(X, y)
    second = clone(first).fit(X, y)
    np.testing.assert_array_equal(first.predict_proba(X), second.predict_proba(X))
    again = pickle.loads(pickle.dumps(first))
    np.testing.assert_array_equal(first.decision_function(X), again.decision_function(X))


def test_without_scikit_learn_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "nn.exchange.scikit_learn", raising=False)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(ImportError, match=r"needs sklearn.*the extra `data`"):
        _ = nn.Classifier

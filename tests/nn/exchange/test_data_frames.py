"""Frames of pandas and polars: rows for training, and rows of Values with the names of the columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import nn
from autograd_core import ExchangeError, explain
from nn.exchange import from_frame

pandas = pytest.importorskip("pandas", reason="reads frames: pip install -e '.[frames]'")
polars = pytest.importorskip("polars", reason="reads frames: pip install -e '.[frames]'")

DATA = {"height": [1.2, 1.8, 1.5, 1.9], "age": [6, 30, 12, 44], "tall": ["no", "yes", "no", "yes"]}
FRAMES: tuple[Callable[[Any], Any], ...] = (pandas.DataFrame, polars.DataFrame)


@pytest.mark.parametrize("make", FRAMES, ids=["pandas", "polars"])
def test_the_names_of_the_columns_are_the_labels(make: Callable[[Any], Any]) -> None:
    rows, targets = from_frame(make(DATA), "tall")
    assert [[value.label for value in row] for row in rows] == [["height", "age"]] * 4
    assert [value.data for value in rows[1]] == [1.8, 30.0]
    assert targets == DATA["tall"]
    assert "height" in str(explain(nn.Neuron(2, rng=0)(rows[0])))
    assert len(from_frame(make({"a": [1.0]}))) == 1


@pytest.mark.parametrize("make", FRAMES, ids=["pandas", "polars"])
def test_a_frame_and_its_columns_are_rows_and_targets_of_fit(make: Callable[[Any], Any]) -> None:
    frame = make(DATA)
    model = nn.MLP(2, 2, rng=0)
    history = nn.fit(model, frame[["height", "age"]], frame["tall"], loss=nn.cross_entropy, epochs=2, progress=False)
    assert len(history.losses) == 2
    with pytest.raises(TypeError, match=r"row 0 of X, column 'tall' is 'no'"):
        nn.fit(model, frame, frame["age"], loss=nn.mse_loss)
    with pytest.raises(ValueError, match=r"row 1 of X, column 'a' is nan"):
        nn.fit(model, make({"b": [1.0, 2.0], "a": [0.0, float("nan")]}), [0, 1], loss=nn.cross_entropy)


def test_an_estimator_knows_the_names_of_the_columns() -> None:
    pytest.importorskip("sklearn", reason="needs scikit-learn: pip install -e '.[data]'")
    frame = pandas.DataFrame(DATA)
    found = nn.Classifier((2,), epochs=2, random_state=0).fit(frame[["height", "age"]], frame["tall"])
    assert found.feature_names_in_.tolist() == ["height", "age"]


@pytest.mark.parametrize("make", FRAMES, ids=["pandas", "polars"])
def test_what_is_no_number_is_named(make: Callable[[Any], Any]) -> None:
    with pytest.raises(ExchangeError, match="row 0 of the column 'tall' is 'no', which is not a number"):
        from_frame(make(DATA))
    with pytest.raises(ExchangeError, match="row 1 of the column 'a' is missing"):
        from_frame(make({"a": [1.0, None]}))
    with pytest.raises(ExchangeError, match="row 0 of the column 'b' is missing"):
        from_frame(make({"a": [1.0], "b": [None]}), "b")
    with pytest.raises(ExchangeError, match="no column but 'a'"):
        from_frame(make({"a": [1.0]}), "a")
    with pytest.raises(ExchangeError, match="row 1 of the column 'a' is missing"):
        from_frame(pandas.DataFrame({"a": pandas.array([1, None], dtype="Int64")}))
    assert from_frame(pandas.DataFrame([[1.0, 2.0]]), 1)[1] == [2.0]
    with pytest.raises(ExchangeError, match="no column 'weight'; it has height, age, tall"):
        from_frame(make(DATA), "weight")
    with pytest.raises(TypeError, match="got a list"):
        from_frame([[1.0]])
    with pytest.raises(ExchangeError, match="two columns 'a'"):
        from_frame(pandas.DataFrame([[1.0, 2.0]], columns=["a", "a"]))

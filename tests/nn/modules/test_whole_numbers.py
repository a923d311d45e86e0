"""Whole numbers of NumPy are whole numbers wherever a count, a size or a seed is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_core import Value, draw, nth_derivative, summary
from nn import (
    MLP,
    SGD,
    EarlyStopping,
    Embedding,
    Linear,
    Neuron,
    cosine_decay,
    fit,
    mse_loss,
    record,
    step_decay,
    warm_up,
)
from nn.data import circles, minibatches, sine, spirals, split, two_moons, xor
from nn.modules.initialise import generator
from nn.modules.whole_numbers import whole_number

X, Y = [[0.0], [1.0], [2.0], [3.0]], [0.0, 1.0, 2.0, 3.0]


def train(of: Callable[[int], Any]) -> list[float]:
    model = MLP(of(1), of(2), of(1), activation="tanh", rng=of(0))
    history = fit(
        model,
        X,
        Y,
        loss=mse_loss,
        optimiser=SGD(model.parameters(), 0.1),
        epochs=of(5),
        batch_size=of(2),
        seed=of(3),
        early_stopping=of(3),
        callbacks=record(follow=of(0), frames=of(3)),
        validation=np.float32(0.25),
    )
    return [*history.losses, *history.validation_losses]


@pytest.mark.parametrize("of", [np.int8, np.int64, np.uint16, np.array])
def test_training_takes_them(of: Callable[[int], Any]) -> None:
    assert train(of) == train(int)


CALLS: dict[str, Callable[[Callable[[int], Any]], Any]] = {
    "Linear": lambda of: Linear(of(2), of(3), rng=of(0)).state_dict(),
    "Neuron": lambda of: Neuron(of(2), rng=of(0)).state_dict(),
    "Embedding": lambda of: Embedding(of(4), of(2), rng=of(0))(of(1))[0].data,
    "EarlyStopping": lambda of: EarlyStopping(of(4)),
    "generator": lambda of: generator(of(7)).random(),
    "data sets": lambda of: [make(of(6), seed=of(1))[0].tolist() for make in (xor, two_moons, circles, spirals, sine)],
    "split": lambda of: split(X, Y, seed=of(5), stratify=False)[0].tolist(),
    "minibatches": lambda of: list(minibatches(X, Y, of(3), rng=of(2))),
    "schedules": lambda of: [step_decay(of(2))(of(3)), cosine_decay(of(4))(of(3)), warm_up(of(4))(of(3))],
    "nth_derivative": lambda of: nth_derivative(lambda x: x**4, of(3))(2.0),
    "draw": lambda of: str(draw(MLP(1, 1, rng=0)([1.0])[0], depth=of(1))),
    "summary": lambda of: summary(Value(2.0) * 3.0, depth=of(1)).text,
}


@pytest.mark.parametrize("name", CALLS)
def test_each_call_takes_them(name: str) -> None:
    assert CALLS[name](np.int64) == CALLS[name](int)


@pytest.mark.parametrize("number", [0, -1, 2.0, np.float64(2.0), True, np.True_, "2", None, [2]])
def test_what_is_not_a_whole_number_is_refused(number: Any) -> None:
    with pytest.raises(ValueError, match="epochs is a whole number, at least 1, got"):
        whole_number(number, "epochs")

"""First weights from which nothing can be learnt are named, in a loop of one's own and by `fit`; others are not."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from nn import (
    MLP,
    SGD,
    Adam,
    Embedding,
    Linear,
    Module,
    NothingLearntWarning,
    Parameter,
    Sequential,
    binary_cross_entropy_with_logits,
    cross_entropy,
    fit,
    mse_loss,
    zeros,
)
from tests.support.backends import FASTEST

X, Y = [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]], [0, 1, 1, 0]


def constant(fan_in: int, fan_out: int, rng: random.Random) -> float:
    return 0.3


def silent() -> MLP:
    model = MLP(2, 4, 1, rng=0, output="relu")
    model.load_state_dict({**model.state_dict(), "layers.1.bias": [-100.0]})
    return model


class OwnLayer(Module):
    """A hidden layer written by hand, with equal weights."""

    def __init__(self) -> None:
        self.weight = [[Parameter(0.5), Parameter(0.5)] for _ in range(3)]
        self.bias = [Parameter(0.0) for _ in range(3)]

    def forward(self, x: Any) -> Any:
        return [sum(
            (unit[0] * x[0] + unit[1] * x[1] + bias).tanh() for unit, bias in zip(self.weight, self.bias, strict=True)
        )]  # fmt: skip


STUCK: dict[str, tuple[Callable[[], Module], str]] = {
    "all weights 0": (lambda: MLP(2, 4, 1, rng=0, initialise=zeros), "all 12 weights are 0 and so are their gradients"),
    "one unit a layer, all 0": (
        lambda: MLP(2, 1, 1, rng=0, initialise=zeros, activation="tanh"),
        "all 3 weights are 0",
    ),
    "all weights 0 before a sigmoid": (
        lambda: MLP(2, 4, 1, rng=0, initialise=zeros, activation="sigmoid"),
        "units of W1 have equal weights and get equal gradients",
    ),
    "all weights equal": (
        lambda: MLP(2, 4, 3, 1, rng=0, initialise=constant, activation="tanh"),
        "units of W1, W2 have equal weights",
    ),
    "equal in a sequence": (
        lambda: Sequential(
            Linear(2, 3, rng=0, initialise=constant, bias=False), "tanh", Linear(3, 1, rng=0, initialise=constant)
        ),
        "units of W1 have",
    ),
    "a layer written by hand": (OwnLayer, "units of weight have equal weights"),
    "no gradient": (silent, "first gradients of all 17 parameters are 0"),
}
LEARNING: dict[str, tuple[Callable[[], Module], Any, Any]] = {
    "logistic regression from 0": (lambda: MLP(2, 1, rng=0, initialise=zeros), binary_cross_entropy_with_logits, Y),
    "softmax regression from 0": (lambda: MLP(2, 3, rng=0, initialise=zeros), cross_entropy, Y),
    "random weights": (lambda: MLP(2, 4, 1, rng=0), mse_loss, Y),
    "equal hidden weights, others not": (
        lambda: Sequential(
            Linear(2, 3, rng=0, initialise=constant, bias=False), "tanh", Linear(3, 1, rng=0)
        ),
        mse_loss,
        Y,
    ),
}  # fmt: skip


def loop(model: Module, loss: Any, y: Any) -> None:
    optimiser = SGD(model.parameters(), 0.1)
    for _ in range(3):
        model.zero_grad()
        loss([model(row) for row in X], y).backward()
        optimiser.step()


@pytest.mark.parametrize("name", STUCK)
def test_what_cannot_learn_is_named_once(name: str) -> None:
    make, message = STUCK[name]
    if name != "no gradient":  # a step does not know the loss, which may be at its minimum
        with pytest.warns(NothingLearntWarning, match=message) as caught:
            loop(make(), mse_loss, Y)
        assert (len(caught), caught[0].filename) == (1, __file__)
    for backend in ("eager", FASTEST):
        with pytest.warns(NothingLearntWarning, match=message) as caught:
            fit(make(), X, Y, loss=mse_loss, epochs=2, backend=backend)
        assert (len(caught), caught[0].filename) == (1, __file__)


@pytest.mark.parametrize("name", LEARNING)
def test_what_can_learn_is_not_warned_of(name: str) -> None:
    make, loss, y = LEARNING[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loop(make(), loss, y)
        fit(make(), X, y, loss=loss, epochs=2)


def test_equal_vectors_of_an_embedding_learn_different_things() -> None:
    table = Embedding(3, 2, rng=0, initialise=constant)
    optimiser = Adam(table.parameters())
    mse_loss(table(0) + table(1), [0.0, 1.0, 2.0, 3.0]).backward()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        optimiser.step()


def test_gradients_from_before_fit_are_left_alone_by_the_look_at_the_first() -> None:
    model = MLP(2, 4, 1, rng=0, initialise=zeros)
    for parameter in model.parameters():
        parameter.grad = 7.0
    with pytest.warns(NothingLearntWarning), pytest.raises(TypeError):
        fit(model, X, Y, loss=mse_loss, backend="eager", metrics=3)  # type: ignore[arg-type]
    assert {parameter.grad for parameter in model.parameters()} == {7.0}

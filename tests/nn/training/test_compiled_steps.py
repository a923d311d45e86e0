"""Many steps in one call: the numbers, the optimiser's state and the errors are those of one step after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from autograd_core import compile as compiled
from autograd_core import log
from nn import (
    MLP,
    SGD,
    Adam,
    AdamW,
    Module,
    NonFiniteLossError,
    Parameter,
    binary_cross_entropy_with_logits,
    fit,
    mse_loss,
)
from nn.data.datasets import sine, two_moons
from nn.optim import Optimiser
from nn.training.compiled_steps import many_steps
from nn.training.history import Epoch, History


class ByItselfSGD(SGD):
    """A subclass may do as it likes, so it makes each step itself."""


class ByItselfAdam(Adam):
    """As ByItselfSGD."""


class ByItselfAdamW(AdamW):
    """As ByItselfSGD."""


SETTINGS: dict[str, tuple[type[Optimiser], type[Optimiser], dict[str, Any]]] = {
    "plain": (SGD, ByItselfSGD, {}),
    "momentum": (SGD, ByItselfSGD, {"momentum": 0.9, "weight_decay": 0.01}),
    "nesterov": (SGD, ByItselfSGD, {"momentum": 0.8, "nesterov": True}),
    "adam": (Adam, ByItselfAdam, {"weight_decay": 0.01}),
    "adam's numbers": (Adam, ByItselfAdam, {"betas": (0.8, 0.95), "epsilon": 1e-3}),
    "adamw": (AdamW, ByItselfAdamW, {"weight_decay": 0.1}),
}


def train(
    kind: Callable[..., Optimiser], settings: dict[str, Any], backend: str, **options: Any
) -> tuple[History, MLP, Optimiser]:
    model = MLP(2, 5, 1, activation="tanh", rng=0)
    optimiser = kind(model.parameters(), learning_rate=0.05, **settings)
    X, y = two_moons(50, seed=0)
    options = {"epochs": 6, "batch_size": 8, "validation": 0.2, **options}
    loss = binary_cross_entropy_with_logits
    return (
        fit(model, X, y, loss=loss, optimiser=optimiser, progress=False, backend=backend, **options),
        model,
        optimiser,
    )


def states(model: Module, optimiser: Optimiser) -> list[dict[str, float]]:
    return [optimiser.state[parameter] for parameter in model.parameters()]


@pytest.mark.parametrize("backend", ["numpy", "auto"])
@pytest.mark.parametrize("name", SETTINGS)
def test_they_are_the_steps_of_the_optimiser(name: str, backend: str) -> None:
    kind, by_itself, settings = SETTINGS[name]
    history, model, optimiser = train(kind, settings, backend)
    wanted, one_by_one, its_own = train(by_itself, settings, backend)
    assert all(parameter.grad is None for parameter in model.parameters()), "else each step was made by itself too"
    assert all(parameter.grad is not None for parameter in one_by_one.parameters())
    assert history.losses == pytest.approx(wanted.losses, abs=1e-10, rel=0)
    assert history.validation_losses == pytest.approx(wanted.validation_losses, abs=1e-10, rel=0)
    for parameter, other in zip(model.parameters(), one_by_one.parameters(), strict=True):
        assert parameter.data == pytest.approx(other.data, abs=1e-10, rel=0)
    for state, other_state in zip(states(model, optimiser), states(one_by_one, its_own), strict=True):
        assert list(state) == list(other_state)
        assert state == pytest.approx(other_state, abs=1e-10, rel=0)


@pytest.mark.parametrize("backend", ["numpy", "auto"])
def test_the_bits_do_not_depend_on_how_many_are_made_at_once(backend: str) -> None:
    """`fit` takes as many as the machine makes in a moment, and the same seed has to give the same bits."""
    X, y = two_moons(50, seed=0)

    def train_by(at_once: int) -> list[float]:
        model = MLP(2, 5, 1, activation="tanh", rng=0)
        optimiser = Adam(model.parameters(), learning_rate=0.05)
        program = compiled(lambda x, t: mse_loss([model(x)], [t]), example=([0.0, 0.0], 0.0), backend=backend)
        for start in range(0, 50, 8 * at_once):
            stop = start + 8 * at_once
            assert many_steps(program, optimiser, (X[start:stop], y[start:stop]), 8) is not None
        return [parameter.data for parameter in model.parameters()]

    assert train_by(1) == train_by(2) == train_by(7)


def test_training_goes_on_from_the_state_it_left() -> None:
    """Half of the epochs at once and half one by one, either first, come to the same."""
    X, y = sine(20, seed=0)
    found = []
    for first, second in (("numpy", "eager"), ("eager", "numpy")):
        model = MLP(1, 4, 1, activation="tanh", rng=0)
        optimiser = Adam(model.parameters(), learning_rate=0.05)
        for seed, backend in enumerate((first, second)):
            fit(model, X, y, loss=mse_loss, optimiser=optimiser, epochs=4, seed=seed, progress=False, backend=backend)
        found.append([parameter.data for parameter in model.parameters()])
        assert {state["step"] for state in states(model, optimiser)} == {8.0}
    assert found[0] == pytest.approx(found[1], abs=1e-10, rel=0)


def test_a_callback_may_change_the_learning_rate() -> None:
    found = []
    for kind in (SGD, ByItselfSGD):
        model = MLP(1, 4, 1, activation="tanh", rng=0)
        optimiser = kind(model.parameters(), learning_rate=0.2)

        def slower(epoch: Epoch, optimiser: Optimiser = optimiser) -> None:
            optimiser.learning_rate *= 0.5

        X, y = sine(40, seed=0)
        found.append(
            fit(
                *(model, X, y),
                loss=mse_loss,
                optimiser=optimiser,
                epochs=4,
                callbacks=slower,
                progress=False,
                backend="numpy",
            ).losses
        )
    assert found[0] == pytest.approx(found[1], abs=1e-10, rel=0)
    assert optimiser.learning_rate == 0.2 / 16


def test_steps_that_must_be_made_one_by_one_are_left_alone() -> None:
    model = MLP(1, 2, 1, activation="tanh", rng=0)
    w = list(model.parameters())
    program = compiled(lambda x, t: mse_loss([model(x)], [t]), example=([0.0], 0.0), backend="numpy")
    data = [[0.5], [1.0]], [1.0, 2.0]
    before = [parameter.data for parameter in w]
    uneven = Adam(w)
    uneven.state[w[0]] = {"step": 1.0, "exp_avg": 0.0, "exp_avg_sq": 0.0}
    for optimiser in (uneven, ByItselfAdam(w), SGD([Parameter(1.0)], 0.1)):
        assert many_steps(program, optimiser, data, 1) is None
        assert [parameter.data for parameter in w] == before
    assert len(many_steps(program, SGD(w, 0.1), data, 1) or []) == 2
    assert [parameter.data for parameter in w] != before


@pytest.mark.parametrize("backend", ["numpy", "auto"])
@pytest.mark.parametrize("name", SETTINGS)
def test_an_optimiser_of_some_parameters_moves_them_alone_in_one_call_too(name: str, backend: str) -> None:
    kind, by_itself, settings = SETTINGS[name]
    data = two_moons(20, seed=0)
    found = []
    for optimiser_kind in (kind, by_itself):
        model = MLP(2, 3, 1, activation="tanh", rng=0)
        first, last = model.layers
        own = [*last.parameters(), first.bias[0]]
        optimiser = optimiser_kind(own, learning_rate=0.05, **settings)
        held = [parameter for parameter in model.parameters() if parameter not in set(own)]
        before = [parameter.data for parameter in held]
        for epochs in (2, 3):  # it goes on from its state
            fit(
                *(model, *data),
                loss=mse_loss,
                optimiser=optimiser,
                epochs=epochs,
                batch_size=8,
                progress=False,
                backend=backend,
            )
        assert all((parameter.grad is None) == (optimiser_kind is kind) for parameter in own), "one call, or steps"
        assert [parameter.data for parameter in held] == before
        assert not set(held) & set(optimiser.state)
        found.append([[parameter.data for parameter in own], [optimiser.state[parameter] for parameter in own]])
    assert found[0][0] == pytest.approx(found[1][0], abs=1e-10, rel=0)
    for state, other_state in zip(found[0][1], found[1][1], strict=True):
        assert list(state) == list(other_state)
        assert state == pytest.approx(other_state, abs=1e-10, rel=0)


def test_parameters_that_the_optimiser_was_not_given_stay() -> None:
    model = MLP(1, 4, 1, activation="tanh", rng=0)
    first, last = model.layers
    before = [parameter.data for parameter in first.parameters()]
    X, y = sine(20, seed=0)
    history = fit(
        model, X, y, loss=mse_loss, optimiser=SGD(last.parameters(), 0.1), epochs=5, progress=False, backend="numpy"
    )
    assert history.losses[-1] < history.losses[0]
    assert [parameter.data for parameter in first.parameters()] == before


class Logarithm(Module):
    """log(w) x: w falls until it is below 0."""

    def __init__(self) -> None:
        self.w = Parameter(2.0)

    def forward(self, x: Any) -> Any:
        return log(self.w) * x


def test_the_row_and_the_epoch_of_a_loss_that_is_not_finite_are_found_again() -> None:
    found = []
    for kind in (SGD, ByItselfSGD):
        model = Logarithm()
        with pytest.raises(NonFiniteLossError, match="log gave nan") as caught:
            fit(
                *(model, [1.0, 2.0, 1.5, 0.5] * 10, [-3.0] * 40),
                loss=mse_loss,
                optimiser=kind(model.parameters(), 0.005),
                batch_size=2,
                progress=False,
                backend="numpy",
            )
        found.append((caught.value, model.w.data))
    (error, w), (other_error, other_w) = found
    assert error.epoch == other_error.epoch > 1
    assert error.row == other_error.row
    assert w == pytest.approx(other_w, abs=1e-10, rel=0)
    assert error.history.losses == pytest.approx(other_error.history.losses, abs=1e-10, rel=0)


def test_ctrl_c_in_the_middle_takes_back_what_was_not_finished() -> None:
    class Interrupted:
        """A program that is stopped after it moved a parameter."""

        def __init__(self, parameters: list[Parameter]) -> None:
            self.parameters = parameters

        def train(self, *data: Any, **settings: Any) -> None:
            settings["parameters"][0] = 7.0
            raise KeyboardInterrupt

    w = Parameter(0.5)
    optimiser = Adam([w])
    with pytest.raises(KeyboardInterrupt):
        many_steps(Interrupted([w]), optimiser, ([1.0], [2.0]), 1)
    assert (w.data, optimiser.state) == (0.5, {})

"""Optimisers: what they remember, what they leave alone, what stops them. Formulas: test_nn_against_pytorch.py."""

from __future__ import annotations

import math
from typing import Any

import pytest

from autograd_core import NonFiniteError, Value
from nn import (
    MLP,
    SGD,
    Adam,
    AdamW,
    Optimiser,
    Parameter,
    Schedule,
    clip_grad_norm,
    clip_grad_value,
    mse_loss,
)


def parameters(*gradients: Any) -> list[Parameter]:
    values = [Parameter(1.0, label=f"p{i}") for i in range(len(gradients))]
    for value, gradient in zip(values, gradients, strict=True):
        value.grad = gradient
    return values


def test_a_step_by_hand() -> None:
    p, q = parameters(2.0, -1.0)
    SGD([p, q], learning_rate=0.25).step()
    assert (p.data, q.data) == (0.5, 1.25)


def test_the_state_can_be_read_by_parameter() -> None:
    p, q = parameters(2.0, None)
    optimiser = SGD([p, q], learning_rate=0.25, momentum=0.5)
    assert optimiser.state == {}
    optimiser.step()
    optimiser.step()
    assert optimiser.state == {p: {"momentum_buffer": 3.0}}
    assert p.data == 1.0 - 0.25 * 2.0 - 0.25 * 3.0
    adam = Adam([p], learning_rate=0.1)
    adam.step()
    assert set(adam.state[p]) == {"step", "exp_avg", "exp_avg_sq"}


@pytest.mark.parametrize("make", [SGD, Adam, AdamW])
def test_a_parameter_without_a_gradient_is_left_alone(make: Any) -> None:
    p, q = parameters(2.0, None)
    make([p, q], learning_rate=0.1, weight_decay=0.5).step()
    assert p.data != 1.0
    assert q.data == 1.0


@pytest.mark.parametrize("make", [SGD, Adam, AdamW])
@pytest.mark.parametrize("bad", [math.inf, -math.inf, math.nan])
def test_a_gradient_that_is_not_finite_stops_the_step_with_its_name(make: Any, bad: float) -> None:
    p, q = values = parameters(2.0, bad)
    optimiser = make(values, learning_rate=0.1)
    message = rf"the gradient of parameter 'p1' \(number 1 of the optimiser's\) is {bad}; no parameter was changed"
    for act in (optimiser.step, lambda: clip_grad_norm(values, 1.0), lambda: clip_grad_value(values, 1.0)):
        with pytest.raises(NonFiniteError, match=message):
            act()
        assert (p.data, q.data, p.grad) == (1.0, 1.0, 2.0)
    assert optimiser.state == {}


def test_a_non_finite_gradient_of_a_model_names_its_weight() -> None:
    model = MLP(1, 1, rng=0)
    (mse_loss(model([1e300]), [0.0]) * 1e300).backward()
    with pytest.raises(NonFiniteError, match=r"'W1\[0\]\[0\]'"):
        SGD(model.parameters(), learning_rate=0.1).step()


def test_gradients_that_are_values_are_read_as_numbers() -> None:
    p = Parameter(3.0)
    (p * p).backward(create_graph=True)
    SGD([p], learning_rate=0.5).step()
    assert p.data == 0.0
    assert type(p.data) is float


def test_nested_lists_of_plain_values_may_be_learnt() -> None:
    weights = [[Value(1.0), Value(2.0)], [Value(3.0)]]
    assert [parameter.data for parameter in SGD(weights, learning_rate=0.1).parameters] == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SGD([], 0.1), "there are no parameters to learn"),
        (lambda: SGD(MLP(1, 1, rng=0), 0.1), "give the parameters, not the model"),
        (lambda: SGD([1.0], 0.1), "takes Parameters or Values, got 1.0"),
        (lambda: SGD([Value(1.0) * 2.0], 0.1), "computed by 'multiply': only a leaf"),
        (lambda: SGD([Value(1.0)] * 2, 0.1), "a parameter comes twice"),
        (lambda: SGD(parameters(1.0), -0.1), "learning_rate is a number from 0 up, got -0.1"),
        (lambda: SGD(parameters(1.0), "0.1"), "learning_rate is a number from 0 up, got '0.1'"),
        (lambda: SGD(parameters(1.0), lr=0.1), r"has no lr, .* write SGD\(parameters, learning_rate=0.1\)"),
        (lambda: AdamW(parameters(1.0), eps=1e-6), r"has no eps, .* write AdamW\(parameters, epsilon=1e-06\)"),
        (lambda: SGD(parameters(1.0), math.nan), "learning_rate is a number from 0 up, got nan"),
        (lambda: SGD(parameters(1.0), 0.1, momentum=-1.0), "momentum is a number from 0 up"),
        (lambda: SGD(parameters(1.0), 0.1, nesterov=True), "give momentum=0.9 too"),
        (lambda: SGD(parameters(1.0), 0.1, weight_decay=math.inf), "weight_decay is a number from 0 up"),
        (lambda: Adam(parameters(1.0), betas=(0.9, 1.0)), r"betas are two numbers from 0 to below 1, got \(0.9, 1.0\)"),
        (lambda: Adam(parameters(1.0), epsilon=-1.0), "epsilon is a number from 0 up"),
        (lambda: clip_grad_norm(parameters(1.0), -1.0), "max_norm is a number from 0 up"),
        (lambda: clip_grad_value(parameters(1.0), math.nan), "clip_value is a number from 0 up"),
    ],
)
def test_wrong_settings_are_refused(make: Any, message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        make()


def test_clipping_leaves_small_gradients_and_missing_ones() -> None:
    p, q, r = values = parameters(0.3, None, -0.4)
    assert clip_grad_norm(values, 1.0) == 0.5
    assert (p.grad, q.grad, r.grad) == (0.3, None, -0.4)
    assert clip_grad_norm(values, 0.25) == 0.5
    assert math.hypot(p.grad, r.grad) == pytest.approx(0.25, rel=1e-5)
    assert clip_grad_norm(parameters(1e200, 1e200), 1.0) == pytest.approx(math.sqrt(2) * 1e200)


def test_a_schedule_moves_the_rate_of_the_next_step() -> None:
    (p,) = parameters(1.0)
    optimiser = SGD([p], learning_rate=1.0)
    schedule = Schedule(optimiser, lambda step: 0.5**step)
    path = []
    for _ in range(3):
        optimiser.step()
        schedule.step()
        path.append(p.data)
    assert path == [0.0, -0.5, -0.75]


def test_a_custom_optimiser_defines_the_update() -> None:
    class SignDescent(Optimiser):
        def updated(self, data: float, gradient: float, state: dict[str, float]) -> float:
            return data - math.copysign(self.learning_rate, gradient)

    p, q = parameters(5.0, -1e-9)
    SignDescent([p, q], learning_rate=0.25, weight_decay=0.0).step()
    assert (p.data, q.data) == (0.75, 1.25)
    with pytest.raises(NotImplementedError, match="Optimiser has no updated"):
        Optimiser([p], 0.1, 0.0).step()


@pytest.mark.parametrize("make", [Adam, AdamW])
@pytest.mark.parametrize("betas", [(0.0, 0.0), (0, 0), (0.0, 0.9)])
def test_adam_with_betas_of_0_keeps_nothing_of_the_last_gradient(make: Any, betas: tuple[float, float]) -> None:
    p, mean = Value(1.5), 0.0
    optimiser = make([p], learning_rate=0.25, betas=betas, epsilon=0.0, weight_decay=0.0)
    for step, gradient in enumerate((1e6, -1e-6, 3.0), 1):
        before, p.grad = p.data, gradient
        optimiser.step()
        mean = betas[1] * mean + (1.0 - betas[1]) * gradient * gradient
        root = math.sqrt(mean) / math.sqrt(1.0 - betas[1] ** step)
        assert p.data == before - 0.25 * gradient / root

"""The rules of optimisers: the new parameter from its gradient. The formulas are PyTorch's, step for step.

A rule is a function of the parameter, its gradient, its state and the learning rate, then the rule's own numbers. It
returns the new parameter and the new state. The state is a dict of numbers by name, each 0 before the first step.
A rule is written in operators and primitives: `nn.optim` calls it with floats, `Program.train` traces and compiles it.

>>> sgd(1.0, 2.0, {}, 0.25)
(0.5, {})
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from autograd_core.engine.numbers.number import is_number
from autograd_core.engine.primitives import sqrt

State = Mapping[str, Any]
RuleResult = tuple[Any, dict[str, Any]]
UpdateRule = Callable[..., RuleResult]


def sgd(
    parameter: Any,
    gradient: Any,
    state: State,
    learning_rate: Any,
    momentum: float = 0.0,
    nesterov: bool = False,
    weight_decay: float = 0.0,
) -> RuleResult:
    """Gradient descent: p - learning_rate * g, with the velocity v = momentum * v + g instead of g if there is
    momentum, and g + momentum * v instead of it if `nesterov`. weight_decay * p is added to g first."""
    if weight_decay:
        gradient = gradient + weight_decay * parameter
    if not momentum:
        return parameter - learning_rate * gradient, {}
    velocity = momentum * state["momentum_buffer"] + gradient
    direction = gradient + momentum * velocity if nesterov else velocity
    return parameter - learning_rate * direction, {"momentum_buffer": velocity}


def adam(
    parameter: Any,
    gradient: Any,
    state: State,
    learning_rate: Any,
    betas: tuple[float, float] = (0.9, 0.999),
    epsilon: float = 1e-8,
    weight_decay: float = 0.0,
) -> RuleResult:
    """p - learning_rate * m / (sqrt(v) + epsilon), with m and v the running means of g and g**2, each divided by
    1 - beta**step since they start at 0. weight_decay * p is added to g first.

    Source: Kingma and Ba, ICLR 2015, algorithm 1.
    """
    if weight_decay:
        gradient = gradient + weight_decay * parameter
    beta1, beta2 = betas
    step = state["step"] + 1.0
    m = gradient + beta1 * (state["exp_avg"] - gradient)
    v = beta2 * state["exp_avg_sq"] + (1.0 - beta2) * gradient * gradient
    root = sqrt(v) / sqrt(1.0 - beta2**step) + epsilon
    moved = parameter - learning_rate / (1.0 - beta1**step) * m / root
    return moved, {"step": step, "exp_avg": m, "exp_avg_sq": v}


def adamw(
    parameter: Any,
    gradient: Any,
    state: State,
    learning_rate: Any,
    betas: tuple[float, float] = (0.9, 0.999),
    epsilon: float = 1e-8,
    weight_decay: float = 0.0,
) -> RuleResult:
    """Adam with the weight decay taken out of the gradient: p - learning_rate * weight_decay * p, then Adam's step.

    Source: Loshchilov and Hutter, ICLR 2019, algorithm 2.
    """
    if weight_decay:
        parameter = parameter - learning_rate * weight_decay * parameter
    return adam(parameter, gradient, state, learning_rate, betas, epsilon)


RULES: dict[str, UpdateRule] = {"sgd": sgd, "adam": adam, "adamw": adamw}


def require_in_range(**numbers: Any) -> None:
    """Raise ValueError where one of a rule's numbers, by its name, is out of range."""
    for name, number in numbers.items():
        if name == "betas":
            if not (len(number) == 2 and all(0.0 <= beta < 1.0 for beta in number)):
                raise ValueError(f"betas are two numbers from 0 to below 1, got {number!r}.")
        elif name == "nesterov":
            if number and not numbers.get("momentum"):
                raise ValueError("nesterov looks ahead along the momentum: give momentum=0.9 too.")
        elif not is_number(number) or not 0.0 <= number < math.inf:
            raise ValueError(f"{name} is a number from 0 up, got {number!r}.")

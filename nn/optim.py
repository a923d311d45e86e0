"""Optimisers: they read each parameter's `.grad` and write its `.data`, by the rules of `autograd_core.update_rules`.

    optimiser = SGD(model.parameters(), learning_rate=0.1)
    for _ in range(100):
        model.zero_grad()
        loss(model).backward()
        optimiser.step()

`optimiser.state[parameter]` is the state of a parameter, under PyTorch's names. A parameter whose `.grad` is None
is left alone; one whose gradient is inf or nan stops the step before anything is changed.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import repeat
from typing import Any, ClassVar, Self

from autograd_core import NonFiniteError, Value, interrupts, update_rules
from nn.modules.symmetry import warn_of_symmetry
from nn.modules.tensor_lists import leaves
from nn.modules.unreachable import warn_of_unreachable

ParameterState = dict[str, float]

_SPELLED_OUT = {"lr": "learning_rate", "eps": "epsilon"}  # PyTorch's short names


class Optimiser:
    """Base of the optimisers: `rule` computes a new number from its gradient and its state.

    rule: a function like those of `autograd_core.update_rules`; one in operators trains compiled too. A subclass that
    defines `updated` instead makes every step in Python. numbers: the rule's arguments after the learning rate.
    learning_rate may be set between steps. state: {parameter: {"momentum_buffer": ...}}, empty before the first step.
    """

    rule: ClassVar[Callable[..., tuple[Any, dict[str, Any]]] | None] = None

    def __new__(cls, *_: Any, **named: Any) -> Self:
        """Refuse PyTorch's short names, and give the names used here."""
        for theirs, ours in _SPELLED_OUT.items():
            if theirs in named:
                raise TypeError(
                    f"{cls.__name__} has no {theirs}, which is spelled out here: "
                    f"write {cls.__name__}(parameters, {ours}={named[theirs]!r})."
                )
        return super().__new__(cls)

    def __init__(self, parameters: Iterable[Value], learning_rate: float, weight_decay: float = 0.0) -> None:
        self.parameters = checked_parameters(parameters)
        update_rules.require_in_range(learning_rate=learning_rate, weight_decay=weight_decay)
        self.learning_rate = float(learning_rate)
        self.weight_decay = float(weight_decay)
        self.state: dict[Value, ParameterState] = {}
        self._warned = False
        self._examined = False  # whether the first gradients were looked at

    def numbers(self) -> dict[str, Any]:
        """The rule's own numbers, by their names."""
        return {}

    def updated(self, data: float, gradient: float, state: ParameterState) -> float:
        """The new number of a parameter; changes `state`."""
        rule = type(self).rule
        if rule is None:
            raise NotImplementedError(f"{type(self).__name__} has no updated(data, gradient, state), and no rule.")
        number, after = rule(data, gradient, defaultdict(float, state), self.learning_rate, **self.numbers())
        state.update(after)
        return float(number)

    def step(self) -> None:
        """Move every parameter that has a gradient.

        Raises NonFiniteError naming the parameter where a gradient is inf or nan; then nothing is changed. An error
        or Ctrl-C finds parameters and state as before the step or as after it. Warns once (NothingLearntWarning) of
        parameters that cannot learn because a threshold cuts them off, or from their first weights and gradients.
        """
        gradients = finite_gradients(self.parameters)
        self._warned = self._warned or warn_of_unreachable(self.parameters)
        if not self._examined:
            self._examined = True
            warn_of_symmetry(gradients)
        states = {parameter: dict(self.state.get(parameter, {})) for parameter in gradients}
        numbers = [self.updated(p.data, gradient, states[p]) for p, gradient in gradients.items()]
        interrupts.commit(
            interrupts.assign(gradients, numbers), map(self.state.__setitem__, states.keys(), states.values())
        )

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to None."""
        set_grads(self.parameters, repeat(None))


class SGD(Optimiser):
    """Gradient descent: p -= learning_rate * g, with momentum, the velocity v = momentum * v + g instead of g.

    nesterov: g + momentum * v instead. weight_decay: adds weight_decay * p to g first.
    Raises ValueError for numbers out of range, or nesterov without momentum.

    >>> p = Value(1.0); p.grad = 2.0
    >>> SGD([p], learning_rate=0.25).step(); p.data
    0.5
    """

    rule = staticmethod(update_rules.sgd)

    def __init__(
        self,
        parameters: Iterable[Value],
        learning_rate: float,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, learning_rate, weight_decay)
        update_rules.require_in_range(momentum=momentum, nesterov=nesterov)
        self.momentum = float(momentum)
        self.nesterov = nesterov

    def numbers(self) -> dict[str, Any]:
        return {"momentum": self.momentum, "nesterov": self.nesterov, "weight_decay": self.weight_decay}


class Adam(Optimiser):
    """p -= learning_rate * m / (sqrt(v) + epsilon), with m and v the running means of g and g**2, each divided by
    1 - beta**step since they start at 0. weight_decay: adds weight_decay * p to g first.

    Raises ValueError for numbers out of range.
    Source: Kingma and Ba, ICLR 2015, algorithm 1.

    >>> p = Value(1.0); p.grad = 2.0
    >>> Adam([p], learning_rate=0.25).step(); round(p.data, 6)
    0.75
    """

    rule = staticmethod(update_rules.adam)

    def __init__(
        self,
        parameters: Iterable[Value],
        learning_rate: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, learning_rate, weight_decay)
        update_rules.require_in_range(betas=betas, epsilon=epsilon)
        self.betas = betas
        self.epsilon = float(epsilon)

    def numbers(self) -> dict[str, Any]:
        return {"betas": self.betas, "epsilon": self.epsilon, "weight_decay": self.weight_decay}


class AdamW(Adam):
    """Adam with the weight decay taken out of the gradient: p *= 1 - learning_rate * weight_decay, then Adam's step.

    Source: Loshchilov and Hutter, ICLR 2019, algorithm 2.

    >>> p = Value(1.0); p.grad = 0.0
    >>> AdamW([p], learning_rate=0.1, weight_decay=0.5).step(); p.data
    0.95
    """

    rule = staticmethod(update_rules.adamw)

    def __init__(
        self,
        parameters: Iterable[Value],
        learning_rate: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        epsilon: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(parameters, learning_rate, betas, epsilon, weight_decay)


# ------------------------------------------------------------------------------------------------ gradients


def clip_grad_norm(parameters: Iterable[Value], max_norm: float) -> float:
    """Scale all gradients by max_norm / norm where their common norm, sqrt(sum of g**2), is larger; returns the norm.

    PyTorch divides by norm + 1e-6, and so does this. Raises NonFiniteError where a gradient is inf or nan.

    >>> p, q = Value(0.0), Value(0.0); p.grad, q.grad = 3.0, 4.0
    >>> clip_grad_norm([p, q], 1.0), round(p.grad, 5)
    (5.0, 0.6)
    """
    update_rules.require_in_range(max_norm=max_norm)
    gradients = finite_gradients(checked_parameters(parameters))
    norm = math.hypot(*gradients.values())
    scale = max_norm / (norm + 1e-6)
    if scale < 1.0:
        set_grads(gradients, [gradient * scale for gradient in gradients.values()])
    return norm


def clip_grad_value(parameters: Iterable[Value], clip_value: float) -> None:
    """Cut every gradient to -clip_value..clip_value. Raises NonFiniteError where a gradient is nan or inf.

    >>> p = Value(0.0); p.grad = -7.0
    >>> clip_grad_value([p], 2.0); p.grad
    -2.0
    """
    update_rules.require_in_range(clip_value=clip_value)
    gradients = finite_gradients(checked_parameters(parameters))
    set_grads(gradients, [min(max(gradient, -clip_value), clip_value) for gradient in gradients.values()])


def set_grads(parameters: Iterable[Value], gradients: Iterable[float | None]) -> None:
    """Set the `.grad` of all parameters together."""
    interrupts.commit(map(setattr, parameters, repeat("_grad"), gradients))


def finite_gradients(parameters: list[Value]) -> dict[Value, float]:
    """{parameter: gradient} of those that have one. Raises NonFiniteError naming the first that is inf or nan."""
    gradients = {parameter: float(grad) for parameter in parameters if (grad := parameter.grad) is not None}
    for index, parameter in enumerate(parameters):
        if parameter in gradients and not math.isfinite(gradients[parameter]):
            name = f"{parameter.label!r} (number {index} of the optimiser's)" if parameter.label else f"number {index}"
            raise NonFiniteError(
                f"the gradient of parameter {name} is {gradients[parameter]!r}; no parameter was changed. Run the loss "
                "and its backward() inside detect_anomaly() to see which operation it comes from; a smaller learning "
                "rate or clip_grad_norm often prevents it."
            )
    return gradients


def checked_parameters(parameters: Iterable[Value]) -> list[Value]:
    """A flat list of the parameters. Raises ValueError where there are none, one comes twice or one is computed."""
    if hasattr(parameters, "parameters"):
        raise TypeError("give the parameters, not the model: model.parameters().")
    flat: list[Value] = leaves(list(parameters))
    if not flat:
        raise ValueError("there are no parameters to learn. Give model.parameters(), or a list of Values.")
    for parameter in flat:
        if not isinstance(parameter, Value):
            raise TypeError(f"an optimiser takes Parameters or Values, got {parameter!r} among them.")
        if parameter.primitive is not None:
            raise ValueError(
                f"{parameter!r} was computed by {parameter.op!r}: only a leaf can be learnt. Give what it is made of."
            )
    if len(set(flat)) < len(flat):
        raise ValueError("a parameter comes twice and would move twice a step. Give each one once.")
    return flat

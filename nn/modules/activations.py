"""Activations as modules, with PyTorch's names. Each takes one number or a list and applies to every number alone.

The functions (relu, tanh ...) are the engine's own; `ACTIVATIONS` holds the teaching notes.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from autograd_core import elu, gelu, gelu_tanh, leaky_relu, prelu, relu, sigmoid, softplus, swish, tanh, threshold
from nn.modules.activation_notes import ACTIVATIONS, ActivationNote
from nn.modules.module import Module, Parameter
from nn.modules.softmax import softmax
from nn.modules.tensor_lists import as_lists, map_leaves


class Activation(Module):
    """Base of the activation modules: applies `of(number)` to one number, or to every number of a list.

    note: its teaching notes.
    """

    note: ActivationNote

    def of(self, x: Any) -> Any:
        """The activation of one number."""
        raise NotImplementedError(f"{type(self).__name__} has no of(x).")

    def forward(self, x: Any) -> Any:
        return map_leaves(as_lists(x), self.of)


def _with_note(name: str) -> Callable[[type[Activation]], type[Activation]]:
    """A decorator that adds the teaching notes of an activation to a module and to its docstring."""

    def add(module: type[Activation]) -> type[Activation]:
        module.note = note = ACTIVATIONS[name]
        module.formula = note.formula
        module.__doc__ = f"{inspect.cleandoc(module.__doc__ or '')}\n\n{note}"
        return module

    return add


@_with_note("threshold")
class Threshold(Activation):
    """1 where x > theta, else 0. PyTorch's Threshold is a different function.

    No gradient passes through it: an optimiser warns that the parameters below it cannot learn.

    >>> Threshold(theta=1.0)([0.5, 2.0])
    [0.0, 1.0]
    """

    def __init__(self, theta: float = 0.0) -> None:
        self.theta = theta

    def of(self, x: Any) -> Any:
        return threshold(x, self.theta)

    def extra_repr(self) -> str:
        return f"theta={self.theta:g}"


@_with_note("sigmoid")
class Sigmoid(Activation):
    """The logistic function: maps any number into (0, 1).

    >>> Sigmoid()(0.0)
    0.5
    """

    def of(self, x: Any) -> Any:
        return sigmoid(x)


@_with_note("tanh")
class Tanh(Activation):
    """The hyperbolic tangent: maps any number into (-1, 1).

    >>> Tanh()([0.0])
    [0.0]
    """

    def of(self, x: Any) -> Any:
        return tanh(x)


@_with_note("relu")
class ReLU(Activation):
    """x where x > 0, else 0.

    >>> ReLU()([-1.0, 2.0])
    [0.0, 2.0]
    """

    def of(self, x: Any) -> Any:
        return relu(x)


@_with_note("leaky_relu")
class LeakyReLU(Activation):
    """x where x > 0, else slope * x.

    >>> LeakyReLU(slope=0.1)(-2.0)
    -0.2
    """

    def __init__(self, slope: float = 0.01) -> None:
        self.slope = slope

    def of(self, x: Any) -> Any:
        return leaky_relu(x, self.slope)

    def extra_repr(self) -> str:
        return f"slope={self.slope:g}"


@_with_note("prelu")
class PReLU(Activation):
    """x where x > 0, else slope * x. The slope is a parameter, shared by all units.

    >>> PReLU()(-2.0).data, [name for name, _ in PReLU().named_parameters()]
    (-0.5, ['slope'])
    """

    def __init__(self, slope: float = 0.25) -> None:
        self.slope = Parameter(slope, label="slope")

    def of(self, x: Any) -> Any:
        return prelu(x, self.slope)


@_with_note("elu")
class ELU(Activation):
    """x where x > 0, else alpha * (exp(x) - 1).

    >>> ELU()(2.0)
    2.0
    """

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def of(self, x: Any) -> Any:
        return elu(x, self.alpha)

    def extra_repr(self) -> str:
        return f"alpha={self.alpha:g}"


@_with_note("swish")
class SiLU(Activation):
    """x * sigmoid(x), also called swish.

    >>> SiLU()(1.0)
    0.7310585786300049
    """

    def of(self, x: Any) -> Any:
        return swish(x)


Swish = SiLU


@_with_note("gelu")
class GELU(Activation):
    """x * Phi(x), or its approximation with approximate="tanh". Raises ValueError for any other approximation.

    >>> GELU()(0.0), GELU(approximate="tanh")(0.0)
    (0.0, 0.0)
    """

    def __init__(self, approximate: str = "none") -> None:
        if approximate not in ("none", "tanh"):
            raise ValueError(f'approximate is "none" or "tanh", got {approximate!r}.')
        self.approximate = approximate
        if approximate == "tanh":
            self.note = ACTIVATIONS["gelu_tanh"]
            self.formula = self.note.formula

    def of(self, x: Any) -> Any:
        return gelu(x) if self.approximate == "none" else gelu_tanh(x)

    def extra_repr(self) -> str:
        return "" if self.approximate == "none" else 'approximate="tanh"'


@_with_note("softplus")
class Softplus(Activation):
    """log(1 + exp(x)), exactly (PyTorch's returns x above 20).

    >>> Softplus()(0.0)
    0.6931471805599453
    """

    def of(self, x: Any) -> Any:
        return softplus(x)


@_with_note("softmax")
class Softmax(Activation):
    """`softmax` of a list of scores: probabilities with the sum 1.

    For training, leave it out and pass the scores to `cross_entropy`.

    >>> Softmax()([0.0, 0.0])
    [0.5, 0.5]
    """

    def forward(self, x: Any) -> Any:
        return softmax(x)


MODULES: dict[str, Callable[[], Activation]] = {
    "threshold": Threshold,
    "sigmoid": Sigmoid,
    "tanh": Tanh,
    "relu": ReLU,
    "leaky_relu": LeakyReLU,
    "prelu": PReLU,
    "elu": ELU,
    "swish": SiLU,
    "silu": SiLU,
    "gelu": GELU,
    "gelu_tanh": lambda: GELU(approximate="tanh"),
    "softplus": Softplus,
}


def as_activation(activation: str | Callable[[Any], Any]) -> Activation:
    """The module for a name ("relu"), one of the engine's functions (relu), or an activation module itself.

    Raises ValueError with the known names for anything else.

    >>> as_activation("relu"), as_activation(tanh)
    (ReLU(), Tanh())
    """
    if isinstance(activation, Activation) and not isinstance(activation, Softmax):
        return activation
    name = activation if isinstance(activation, str) else getattr(activation, "name", "")
    if name in MODULES and (isinstance(activation, str) or ACTIVATIONS[name].function is activation):
        return MODULES[name]()
    raise ValueError(f"there is no activation {activation!r} of one number; known are {', '.join(MODULES)}.")

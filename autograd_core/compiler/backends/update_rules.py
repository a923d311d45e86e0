"""How parameters move down a gradient, step after step: the formulas of `nn.SGD`, `nn.Adam` and `nn.AdamW`."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core.engine.number import is_number
from autograd_core.errors import NonFiniteError

Array = npt.NDArray[Any]

RULES = ("sgd", "adam", "adamw")


@dataclass(slots=True)
class Descent:
    """A rule with its numbers, and `state`: the running means and how many steps were made, as {"step": ...,
    "first": array, "second": array}. first: the velocity of sgd, the mean of g of adam; second: the mean of g**2."""

    rule: str
    learning_rate: float
    momentum: float = 0.0
    nesterov: bool = False
    betas: tuple[float, float] = (0.9, 0.999)
    epsilon: float = 1e-8
    weight_decay: float = 0.0
    state: dict[str, Any] = field(default_factory=dict)

    def prepare(self, count: int, dtype: npt.DTypeLike) -> None:
        """Check the numbers and begin the state where there is none. Raises ValueError."""
        if self.rule not in RULES:
            raise ValueError(f"rule is one of {', '.join(map(repr, RULES))}, got {self.rule!r}.")
        numbers = {
            "learning_rate": self.learning_rate,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "weight_decay": self.weight_decay,
        }
        for name, number in numbers.items():
            if not is_number(number) or not 0.0 <= number < math.inf:
                raise ValueError(f"{name} is a number from 0 up, got {number!r}.")
        if not (len(self.betas) == 2 and all(0.0 <= beta < 1.0 for beta in self.betas)):
            raise ValueError(f"betas are two numbers from 0 to below 1, got {self.betas!r}.")
        if self.nesterov and not self.momentum:
            raise ValueError("nesterov looks ahead along the momentum: give momentum=0.9 too.")
        self.state.setdefault("step", 0)
        for name in ("first", "second"):
            kept = np.asarray(self.state.get(name, np.zeros(count)), dtype)
            if kept.shape != (count,):
                raise ValueError(f"this state is of {kept.size} parameters, the program has {count}: begin with {{}}.")
            self.state[name] = np.ascontiguousarray(kept)

    def move(self, parameters: Array, gradient: Array) -> None:
        """One step, in place. Raises NonFiniteError for a gradient that is inf or nan; nothing has moved then."""
        if not np.isfinite(gradient).all():
            index = int(np.flatnonzero(~np.isfinite(gradient))[0])
            raise NonFiniteError(
                f"the gradient of parameter number {index} is {float(gradient[index])!r}; no parameter was moved by "
                "it. Run the loss eagerly inside detect_anomaly() to see which operation it comes from; a smaller "
                "learning rate often prevents it."
            )
        self.state["step"] += 1
        first, second = self.state["first"], self.state["second"]
        if self.rule == "adamw":
            parameters *= 1.0 - self.learning_rate * self.weight_decay
            g = gradient
        else:
            g = gradient + self.weight_decay * parameters
        if self.rule == "sgd":
            first[:] = self.momentum * first + g
            parameters -= self.learning_rate * (g + self.momentum * first if self.nesterov else first)
            return
        (beta1, beta2), step = self.betas, self.state["step"]
        first += (1.0 - beta1) * (g - first)
        second[:] = beta2 * second + (1.0 - beta2) * g * g
        root = np.sqrt(second) / math.sqrt(1.0 - beta2**step) + self.epsilon
        parameters -= self.learning_rate / (1.0 - beta1**step) * (first / root)

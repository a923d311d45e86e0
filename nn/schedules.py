"""Schedules of the learning rate: functions from the step, counted from 0, to a factor. `Schedule` applies them.

    schedule = Schedule(optimiser, warm_up(10, then=cosine_decay(90)))
    for _ in range(100):
        ...
        optimiser.step()
        schedule.step()

A factor is a plain function, so that it can be tabulated or drawn: [cosine_decay(90)(step) for step in range(90)].
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from autograd_core import NumberError, Value
from nn.modules.whole_numbers import whole_number
from nn.optim import Optimiser

StepFactor = Callable[[int], float]


class Schedule:
    """Sets optimiser.learning_rate to its first value times factor(steps), immediately and after each `step()`.

    Call `step()` after the optimiser's, once per step or once per epoch, whichever the factor counts.

    >>> from autograd_core import Value
    >>> from nn.optim import SGD
    >>> optimiser = SGD([Value(0.0)], learning_rate=1.0); schedule = Schedule(optimiser, exponential_decay(0.5))
    >>> schedule.step(); schedule.step(); optimiser.learning_rate
    0.25
    """

    def __init__(self, optimiser: Optimiser, factor: StepFactor) -> None:
        if not isinstance(optimiser, Optimiser):
            raise TypeError(f"a schedule sets the rate of an optimiser such as SGD(...), got {optimiser!r}.")
        if not callable(factor):
            raise TypeError(f"factor is a function of the step such as cosine_decay(90), got {factor!r}.")
        self.optimiser = optimiser
        self.factor = factor
        self.first = optimiser.learning_rate
        self.steps = 0
        optimiser.learning_rate = self.first * factor(0)

    def step(self) -> None:
        """Count one step and set the learning rate for the next."""
        self.steps += 1
        self.optimiser.learning_rate = self.first * self.factor(self.steps)


def step_decay(every: int, factor: float = 0.1) -> StepFactor:
    """factor**(step // every): a decay after every `every` steps (PyTorch's StepLR).

    >>> [step_decay(2, 0.5)(step) for step in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """
    return partial(_step_decay, whole_number(every, "every"), _real(factor, "factor"))


def exponential_decay(factor: float) -> StepFactor:
    """factor**step (PyTorch's ExponentialLR).

    >>> exponential_decay(0.5)(3)
    0.125
    """
    return partial(_exponential_decay, _real(factor, "factor"))


def cosine_decay(steps: int, smallest: float = 0.0) -> StepFactor:
    """From 1 along half a cosine down to `smallest` at `steps`, and constant from there. PyTorch's CosineAnnealingLR
    rises again, and its eta_min is a learning rate, not a factor.

    >>> [round(cosine_decay(4)(step), 3) for step in (0, 2, 4, 9)]
    [1.0, 0.5, 0.0, 0.0]
    """
    return partial(_cosine_decay, whole_number(steps, "steps"), _real(smallest, "smallest"))


def linear_decay(steps: int, smallest: float = 0.0) -> StepFactor:
    """From 1 along a straight line down to `smallest` at `steps`, and constant from there (PyTorch's LinearLR).

    >>> [linear_decay(4)(step) for step in (0, 1, 4, 9)]
    [1.0, 0.75, 0.0, 0.0]
    """
    return partial(_linear_decay, whole_number(steps, "steps"), _real(smallest, "smallest"))


def warm_up(steps: int, start: float = 1.0 / 3.0, then: StepFactor | None = None) -> StepFactor:
    """From `start` along a straight line up to 1 at `steps` (PyTorch's LinearLR), and then the factor `then`.

    >>> [round(warm_up(4, start=0.0)(step), 3) for step in (0, 1, 4, 9)]
    [0.0, 0.25, 1.0, 1.0]
    """
    if then is not None and not callable(then):
        raise TypeError(f"then is a factor such as cosine_decay(90), got {then!r}.")
    return partial(_warm_up, whole_number(steps, "steps"), _real(start, "start"), then)


# Functions of their own, so that a schedule can be pickled with the rest of a run.


def _step_decay(every: int, factor: float, step: int) -> float:
    return factor ** (step // every)


def _exponential_decay(factor: float, step: int) -> float:
    return factor**step


def _cosine_decay(steps: int, smallest: float, step: int) -> float:
    return smallest + (1.0 - smallest) * (1.0 + math.cos(math.pi * min(step / steps, 1.0))) / 2.0


def _linear_decay(steps: int, smallest: float, step: int) -> float:
    return 1.0 - (1.0 - smallest) * min(step / steps, 1.0)


def _warm_up(steps: int, start: float, then: StepFactor | None, step: int) -> float:
    if step < steps:
        return start + (1.0 - start) * step / steps
    return 1.0 if then is None else then(step - steps)


def _real(number: float, name: str) -> float:
    try:
        return Value(number).data
    except NumberError as problem:
        raise NumberError(f"{name}: {problem}") from None

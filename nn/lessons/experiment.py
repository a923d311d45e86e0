"""Shared by the lessons: training on all rows at each step, and medians."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable
from typing import Any

from autograd_core import NonFiniteError, Value
from autograd_core import compile as compiled
from nn.losses import binary_cross_entropy_with_logits
from nn.modules.module import Module
from nn.optim import Optimiser


def objective(model: Module, loss: Callable[[Any, Any], Any], X: Any) -> Any:
    """The compiled mean of loss(model(row), target) over the rows, with the parameters of the model."""
    return compiled(
        lambda x, target: loss(model(x), target),
        example=(list(map(float, X[0])), 0.0),
        parameters=list(model.parameters()),
    )


def descend(program: Any, optimiser: Optimiser, X: Any, y: Any, steps: int) -> list[float]:
    """The loss before each step on all rows, and after the last; it ends early where a number is inf or nan."""
    losses = []
    for _ in range(steps):
        optimiser.zero_grad()
        losses.append(program.backward(X, y))
        if not math.isfinite(losses[-1]):
            return losses
        try:
            optimiser.step()
        except NonFiniteError:  # a finite loss can have a gradient that is not finite
            return [*losses, math.inf]
    losses.append(float(program.value_and_grad(X, y)[0]))
    return losses


def descent_path(
    loss: Callable[[Any, Any], Any],
    start: tuple[float, float],
    make_optimiser: Callable[[list[Value]], Optimiser],
    steps: int,
) -> list[tuple[float, float]]:
    """The points of an optimiser that minimises loss(w, b), from the start on."""
    w, b = Value(start[0], label="w"), Value(start[1], label="b")
    optimiser = make_optimiser([w, b])
    path = [start]
    for _ in range(steps):
        optimiser.zero_grad()
        loss(w, b).backward()
        optimiser.step()
        path.append((w.data, b.data))
    return path


def logit_loss(output: list[Any], target: Any) -> Any:
    """The binary cross-entropy of a model with one output, a score."""
    return binary_cross_entropy_with_logits(output[0], target)


def median(numbers: Iterable[float]) -> float:
    """The median, with nan (a diverged run) counted as inf."""
    return statistics.median([math.inf if math.isnan(number) else number for number in numbers])

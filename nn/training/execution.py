"""The two executions of `fit`: eager, row by row, and a compiled program for all rows at once."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from autograd_core import (
    Value,
    compile,  # noqa: A004
    dot,
    mean,
    no_grad,
)
from nn.batched import evaluating
from nn.modules.layers import Embedding
from nn.modules.module import Module
from nn.modules.tensor_lists import leaves, map_leaves
from nn.optim import Optimiser
from nn.training.compiled_steps import many_steps
from nn.training.examples import Examples, Loss


class EagerFallbackWarning(UserWarning):
    """A model or its loss cannot be compiled, so that training continues eagerly, which is slower."""


class Execution(Protocol):
    """The computations of `fit`. name: of the backend."""

    name: str

    def backward(self, rows: Sequence[int]) -> float:
        """Add the gradients of the loss of these training rows to `.grad`; returns the loss."""

    def descend(self, optimiser: Optimiser, batches: Sequence[Sequence[int]]) -> list[float] | None:
        """Make a step of the optimiser for each batch of training rows; the loss before each. `.grad` is not set.

        None, and nothing has changed, where these steps must be made one by one: by the optimiser itself, or because a
        number becomes inf or nan.
        """

    def outputs(self, rows: list[Any]) -> list[Any]:
        """The outputs of the model, in evaluation mode, for each row, as plain numbers."""

    def loss_of(self, held: Examples, outputs: list[Any] | None) -> float:
        """The loss of these rows in evaluation mode. outputs: of the rows, where they are known."""


class Eager:
    """A graph for every minibatch."""

    name = "eager"

    def __init__(self, model: Module, loss: Loss, rows: list[Any], targets: list[Any]) -> None:
        self.model, self.loss, self.rows, self.targets = model, loss, rows, targets
        self.tables = [module for module in model.modules() if isinstance(module, Embedding)]

    def backward(self, rows: Sequence[int]) -> float:
        """See `Execution`."""
        predictions = [self.model(self.rows[row]) for row in rows]
        value = self.loss(predictions, [self.targets[row] for row in rows])
        if not isinstance(value, Value):
            raise TypeError(f"the loss does not depend on any parameter: it returned {value!r}, not a Value.")
        value.backward()
        for table in self.tables:  # a compiled program moves every row of a table, as PyTorch does
            table.complete_gradient()
        return value.data

    def descend(self, optimiser: Optimiser, batches: Sequence[Sequence[int]]) -> None:
        """See `Execution`."""

    def outputs(self, rows: list[Any]) -> list[Any]:
        """See `Execution`."""
        return [output_of(self.model, row) for row in rows]

    def loss_of(self, held: Examples, outputs: list[Any] | None) -> float:
        """See `Execution`."""
        with no_grad():
            return float(self.loss(self.outputs(held.rows) if outputs is None else outputs, held.targets))


class Compiled:
    """A program for the loss of a row and its gradients, and a program for the outputs.

    Raises CompileError (or the error of the model) where they cannot be compiled, ValueError for a loss of several rows
    that is not the mean of the losses of each.
    """

    def __init__(
        self, model: Module, loss: Loss, rows: list[Any], targets: list[Any], backend: str, devices: int = 1
    ) -> None:
        require_mean(model, loss, rows[:3], targets[:3])
        self.loss = loss
        self.rows, self.targets = np.array(rows, dtype=float), np.array(targets, dtype=float)
        example = map_leaves(rows[0], float), map_leaves(targets[0], float)
        self.program = compile(lambda x, t: loss([model(x)], [t]), example=example, backend=backend, devices=devices)
        self.program.value_and_grad(self.rows[:1], self.targets[:1])  # raises now if it cannot run
        self.name = self.program.backend
        self.shape, self.target = output_of(model, rows[0]), example[1]
        self.ones = [1.0] * len(leaves(self.shape))
        # The derivative of c · outputs with respect to c is the outputs, so that one program returns them all.
        with evaluating(model):
            self.weighted = compile(
                lambda x, c: dot(c, leaves(model(x))), example=(example[0], self.ones), backend=self.name, reduce="sum"
            )

    def backward(self, rows: Sequence[int]) -> float:
        """See `Execution`."""
        return self.program.backward(self.rows[rows], self.targets[rows])

    def descend(self, optimiser: Optimiser, batches: Sequence[Sequence[int]]) -> list[float] | None:
        """See `Execution`."""
        places = [row for batch in batches for row in batch]
        return many_steps(self.program, optimiser, (self.rows[places], self.targets[places]), len(batches[0]))

    def outputs(self, rows: list[Any]) -> list[Any]:
        """See `Execution`."""
        data = np.array(rows, dtype=float), np.tile(self.ones, (len(rows), 1))
        _, _, (_, outputs) = self.weighted.value_and_grad(*data, inputs=True)
        flat: list[Any] = outputs.tolist()
        return flat if leaves(self.shape) == self.shape else [_reshape(self.shape, iter(row)) for row in flat]

    def loss_of(self, held: Examples, outputs: list[Any] | None) -> float:
        """See `Execution`."""
        outputs = self.outputs(held.rows) if outputs is None else outputs
        if leaves(self.shape) == self.shape:  # a list is searched for Values, number by number
            losses = self._losses(np.array(outputs, dtype=float), np.array(held.targets, dtype=float))
        else:
            losses = self._losses(outputs, held.targets)
        return float(mean(losses.tolist()))

    @cached_property
    def _losses(self) -> Any:
        """A program for the loss of an output, compiled for validation only."""
        loss = self.loss
        return compile(lambda output, t: loss([output], [t]), example=(self.shape, self.target), backend=self.name)


def output_of(model: Module, row: Any) -> Any:
    """The output of a model, in evaluation mode, for a row, as plain numbers."""
    with evaluating(model), no_grad():
        return map_leaves(model(row), float)


def _reshape(nested: Any, numbers: Iterator[float]) -> Any:
    return map_leaves(nested, lambda _: next(numbers))


def require_mean(model: Module, loss: Loss, rows: list[Any], targets: list[Any]) -> None:
    outputs = [output_of(model, row) for row in rows]
    with no_grad():
        together = float(loss(outputs, targets))
        each = [float(loss([output], [target])) for output, target in zip(outputs, targets, strict=True)]
    apart = float(mean(each))
    if math.isfinite(apart) and not math.isclose(together, apart, rel_tol=1e-9, abs_tol=1e-12):
        raise ValueError(
            f"the loss of the first {len(rows)} rows together is {together:.6g}, but the mean of the losses of each is "
            f"{apart:.6g}: a compiled program takes the mean. Write the loss as a mean, or give backend='eager'."
        )

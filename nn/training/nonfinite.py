"""The place where training stopped being finite: the epoch, the row, and the node of the row's graph."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograd_core import NonFiniteError, Value, detect_anomaly
from nn.modules.module import Module
from nn.training.examples import Loss
from nn.training.history import History


class NonFiniteLossError(NonFiniteError):
    """The loss or its gradient is inf or nan; the parameters are as before that step.

    epoch: its number. row: its number in X, None where every row alone is finite. history: of the epochs before.
    """

    def __init__(self, message: str, epoch: int, row: int | None, history: History) -> None:
        super().__init__(message)
        self.epoch, self.row, self.history = epoch, row, history

    def __reduce__(self) -> tuple[Any, ...]:
        """For pickle, which would make the error from its message alone."""
        return type(self), (*self.args, self.epoch, self.row, self.history)


def nonfinite_error(
    problem: str,
    epoch: int,
    model: Module,
    loss: Loss,
    batch: Sequence[tuple[int, Any, Any]],
    history: History,
) -> NonFiniteLossError:
    """The error with the row and the node. batch: (number in X, row, target) of each row.

    Afterwards the gradients of the parameters are those of that row alone.
    """
    row, reason = _row_and_node(model, loss, batch)
    of_row = "" if row is None else f", in row {row} of X"
    return NonFiniteLossError(
        f"{problem} in epoch {epoch}{of_row}. The parameters are as before this step.\n  {reason}\n"
        "A smaller learning rate, clip_grad_norm, or scaling the data to about -1..1 often prevents this.",
        epoch,
        row,
        history,
    )


def _row_and_node(model: Module, loss: Loss, batch: Sequence[tuple[int, Any, Any]]) -> tuple[int | None, str]:
    for number, row, target in batch:
        value = _backward(model, loss, row, target)
        if math.isfinite(value.data) and all(
            parameter.grad is None or math.isfinite(parameter.grad) for parameter in model.parameters()
        ):
            continue
        try:
            with detect_anomaly():
                _backward(model, loss, row, target)
        except NonFiniteError as problem:
            return number, f"{problem}{_part(problem)}"
        return number, "Each operation is finite, but the sum over the row is not."
    return None, "Each row is finite, but the sum over the minibatch is not."


def _backward(model: Module, loss: Loss, row: Any, target: Any) -> Value:
    for parameter in model.parameters():
        parameter.grad = None
    value: Value = loss([model(row)], [target])
    value.backward()
    return value


def _part(problem: NonFiniteError) -> str:
    """The part of the model that the operation belongs to, as text."""
    names = [scope.name for scope in problem.scope.chain()] if problem.scope is not None else []
    return f"\n  It is part of {' > '.join(reversed(names))}." if names else ""

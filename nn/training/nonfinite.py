"""Where training stopped being finite: the epoch, the row, and the node of that row's graph."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograd_core import NonFiniteError, Value, detect_anomaly, topological_order
from nn.modules.module import Module
from nn.training.examples import Loss
from nn.training.history import History


class NonFiniteLossError(NonFiniteError):
    """The loss or its gradient is inf or nan; the parameters are as before the step that would have used it.

    epoch: its number. row: its number in X, None where no row alone gives it. history: of the epochs before.
    """

    def __init__(self, message: str, epoch: int, row: int | None, history: History) -> None:
        super().__init__(message)
        self.epoch, self.row, self.history = epoch, row, history


def not_finite(
    what: str,
    epoch: int,
    model: Module,
    loss: Loss,
    batch: Sequence[tuple[int, Any, Any]],
    history: History,
) -> NonFiniteLossError:
    """The error that names the row and the node; batch: (the row's number in X, the row, its target) for each.

    The gradients of the parameters are those of that row alone afterwards.
    """
    row, why = _row_and_node(model, loss, batch)
    of_row = "" if row is None else f", in row {row} of X"
    return NonFiniteLossError(
        f"{what} in epoch {epoch}{of_row}. The parameters are as before this step.\n  {why}\n"
        "A smaller learning rate, clip_grad_norm, or data scaled to about -1..1 often prevents it.",
        epoch,
        row,
        history,
    )


def _row_and_node(model: Module, loss: Loss, batch: Sequence[tuple[int, Any, Any]]) -> tuple[int | None, str]:
    for number, row, target in batch:
        value = _backward(model, loss, row, target)
        if math.isfinite(value.data) and all(one.grad is None or math.isfinite(one.grad) for one in model.parameters()):
            continue
        try:
            with detect_anomaly():
                _backward(model, loss, row, target)
        except NonFiniteError as problem:
            return number, f"{problem}{_place(value)}"
        return number, "Each single operation is finite: only their sum over the row is not."
    return None, "Each single row is finite: only their sum over the minibatch is not."


def _backward(model: Module, loss: Loss, row: Any, target: Any) -> Value:
    for parameter in model.parameters():
        parameter.grad = None
    value: Value = loss([model(row)], [target])
    value.backward()
    return value


def _place(value: Value) -> str:
    """Which part of the model the first node that is not finite belongs to."""
    for node in topological_order(value):
        if node.primitive is not None and not math.isfinite(node.data) and node.scope is not None:
            names = [one.name for one in node.scope.chain()]
            return f"\n  It is part of {' > '.join(reversed(names))}." if names else ""
    return ""

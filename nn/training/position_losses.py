"""Sequences as rows of `fit`: an output and a target for each position, and rows of unequal length."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from autograd_core import mean
from nn.modules.tensor_lists import as_lists
from nn.training.examples import Loss, base_loss


class OverPositions:
    """The loss of rows that are sequences: the mean over the rows of the mean over the positions of each.

    loss: of several outputs and their targets, which are those of the positions of one row.

    >>> from nn import mse_loss
    >>> OverPositions(mse_loss)([[1.0, 3.0], [2.0]], [[1.0, 1.0], [2.0]])
    1.0
    """

    def __init__(self, loss: Loss) -> None:
        self.loss = loss
        self.func = base_loss(loss)

    def __call__(self, predictions: Any, targets: Any) -> Any:
        return mean([self.loss(row, target) for row, target in zip(predictions, targets, strict=True)])

    def require_mean(self, outputs: Sequence[Any], targets: Sequence[Any]) -> None:
        """Raise ValueError where the loss of a row is not the mean of those of its positions."""
        together = float(self.loss(outputs, targets))
        apart = float(mean([self.loss([output], [target]) for output, target in zip(outputs, targets, strict=True)]))
        if math.isfinite(apart) and not math.isclose(together, apart, rel_tol=1e-9, abs_tol=1e-12):
            raise ValueError(
                f"the loss of the {len(outputs)} positions of a row together is {together:.6g}, but the mean of the "
                f"losses of each is {apart:.6g}: a compiled program takes the mean. Write the loss as a mean, or give "
                "backend='eager'."
            )


def are_sequences(X: Any, y: Any, output_of_first: Callable[[Any], Any]) -> bool:
    """Whether each row is a sequence with a target for each of its entries: rows differ in length, or the output for
    the first one has a list for each entry."""
    if not (_has_rows(X) and _has_rows(y)) or len(X) != len(y):
        return False
    lengths = [len(row) if _has_rows(row) else -1 for row in X]
    if lengths != [len(target) if _has_rows(target) else -2 for target in y]:
        return False
    if len(set(lengths)) > 1:
        return True
    try:
        output = output_of_first(as_lists(X[0]))
    except Exception:  # raised again where rows and targets are checked, with the place
        return False
    return isinstance(output, list) and len(output) == lengths[0] and all(isinstance(part, list) for part in output)


def _has_rows(table: Any) -> bool:
    return isinstance(table, (list, tuple)) or getattr(table, "ndim", 0) > 0

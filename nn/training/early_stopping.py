"""The best epoch so far, its parameters, and when waiting for a better one should end."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograd_core import Value
from nn.metrics import LARGER_IS_BETTER
from nn.training.history import Epoch


@dataclass(frozen=True)
class EarlyStopping:
    """Stop when `monitor` has not become better by more than `least` for `patience` epochs in a row.

    monitor: "loss", "validation_loss" or the name of a metric; "" is the validation loss, or the training loss where
    nothing is held back. Accuracy, precision, recall, f1 and r2 are better when larger, all else when smaller.

    >>> EarlyStopping(patience=5, monitor="validation_accuracy").patience
    5
    """

    patience: int
    monitor: str = ""
    least: float = 0.0

    def __post_init__(self) -> None:
        if isinstance(self.patience, bool) or not isinstance(self.patience, int) or self.patience < 1:
            raise ValueError(f"patience is how many epochs to wait, at least 1, got {self.patience!r}.")
        if not self.least >= 0.0:
            raise ValueError(f"least is by how much better counts as better, from 0 up, got {self.least!r}.")


class Monitor:
    """Watches one of the numbers in `names`. number: of the best epoch, None so far; parameters: theirs in it.

    Raises ValueError where the early stopping watches a number that is not measured.
    """

    def __init__(self, stopping: EarlyStopping | None, names: Sequence[str]) -> None:
        wanted = stopping.monitor if stopping else ""
        self.name = wanted or ("validation_loss" if "validation_loss" in names else "loss")
        if self.name not in names:
            raise ValueError(f"early_stopping watches {self.name!r}, but what is measured is {', '.join(names)}.")
        self.patience = stopping.patience if stopping else 0
        self.least = stopping.least if stopping else 0.0
        self._sign = -1.0 if self.name.removeprefix("validation_") in LARGER_IS_BETTER else 1.0
        self._lowest = math.inf
        self._waited = 0
        self.number: int | None = None
        self.parameters: list[float] = []

    def see(self, epoch: Epoch, parameters: Iterable[Value]) -> bool:
        """Take note of an epoch; whether the patience is at its end."""
        value = self._sign * epoch.all_numbers()[self.name]
        if value < self._lowest - self.least or self.number is None:
            self._lowest = value if math.isfinite(value) else math.inf
            self.parameters = numbers_of(parameters)
            self.number = epoch.number
            self._waited = 0
            return False
        self._waited += 1
        return bool(self.patience) and self._waited >= self.patience


def numbers_of(parameters: Iterable[Value]) -> list[float]:
    """The numbers of parameters, to be given back by `restore`."""
    return [one.data for one in parameters]


def restore(parameters: Iterable[Value], numbers: Sequence[float]) -> None:
    """Give parameters the numbers they had."""
    for parameter, number in zip(parameters, numbers, strict=True):
        parameter.data = number

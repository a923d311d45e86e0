"""The best epoch so far, its parameters, and when training stops for lack of a better epoch."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograd_core import Value, interrupts
from nn.metrics import LARGER_IS_BETTER
from nn.modules.whole_numbers import whole_number
from nn.optim import Optimiser
from nn.training.history import Epoch

if TYPE_CHECKING:  # NumPy is loaded where a state is written, so that nn itself does without
    import numpy.typing as npt

    Array = npt.NDArray[Any]


@dataclass(frozen=True)
class EarlyStopping:
    """Stop when `monitor` has not improved by more than `least` for `patience` consecutive epochs.

    monitor: "loss", "validation_loss" or the name of a metric; "" is the validation loss, or the training loss without
    validation. Accuracy, precision, recall, f1 and r2 are better when larger, all others when smaller.

    >>> EarlyStopping(patience=5, monitor="validation_accuracy").patience
    5
    """

    patience: int
    monitor: str = ""
    least: float = 0.0

    def __post_init__(self) -> None:
        patience = whole_number(self.patience, "patience", meaning="the number of epochs to wait")
        object.__setattr__(self, "patience", patience)
        if not self.least >= 0.0:
            raise ValueError(f"least is the smallest improvement that counts, from 0 up, got {self.least!r}.")


class Monitor:
    """Watches one of the measured numbers. number: of the best epoch, None before it; best: the numbers at its end;
    lowest: what was measured then; waited: the epochs since; observed: the last epoch. Ctrl-C finds them all as before
    an epoch or as after it.

    Raises ValueError where the early stopping watches a number that is not among `names`.
    """

    def __init__(self, stopping: EarlyStopping | None, names: Sequence[str]) -> None:
        default = "validation_loss" if "validation_loss" in names else "loss"
        self.name = (stopping.monitor if stopping else "") or default
        if self.name not in names:
            raise ValueError(f"early_stopping watches {self.name!r}, but what is measured is {', '.join(names)}.")
        self.patience = stopping.patience if stopping else 0
        self.least = stopping.least if stopping else 0.0
        self._sign = -1.0 if self.name.removeprefix("validation_") in LARGER_IS_BETTER else 1.0
        self.lowest = math.inf
        self.waited = 0
        self.number: int | None = None
        self.best: TrainingState | None = None
        self.observed = 0

    def observe(self, epoch: Epoch, take: Callable[[], TrainingState]) -> bool:
        """Take account of an epoch; returns whether the patience is exhausted."""
        value = self._sign * epoch.all_numbers()[self.name]
        if value < self.lowest - self.least or self.number is None:
            lowest, best, number = value if math.isfinite(value) else math.inf, take(), epoch.number
            self.lowest, self.best, self.number, self.waited, self.observed = lowest, best, number, 0, number
            return False
        self.waited, self.observed = self.waited + 1, epoch.number
        return bool(self.patience) and self.waited >= self.patience


def numbers_of(parameters: Iterable[Value]) -> list[float]:
    """The numbers of parameters, for `restore`."""
    return [parameter.data for parameter in parameters]


def restore(parameters: Iterable[Value], numbers: Sequence[float]) -> None:
    """Set parameters to the numbers that `numbers_of` returned."""
    interrupts.commit(interrupts.assign(parameters, numbers))


class TrainingState:
    """The numbers of parameters and the state of their optimiser, which belong together."""

    def __init__(self, parameters: Sequence[Value], optimiser: Optimiser) -> None:
        self._parameters, self._optimiser = parameters, optimiser
        self._numbers = numbers_of(parameters)
        self._state = dict(zip(optimiser.state, map(dict, optimiser.state.values()), strict=True))

    def arrays(self, name: str = "") -> dict[str, Array]:
        """The numbers as arrays, whose names begin with `name`: the parameters, and each number of the optimiser's
        state with the parameters that have it."""
        import numpy as np

        names = sorted({key for numbers in self._state.values() for key in numbers})
        arrays = {f"{name}parameters": np.array(self._numbers)}
        for key in names:
            states = [self._state.get(parameter, {}) for parameter in self._parameters]
            arrays[f"{name}state {key}"] = np.array([state.get(key, 0.0) for state in states], np.float64)
            arrays[f"{name}has {key}"] = np.array([key in state for state in states], np.uint8)
        return arrays

    def from_arrays(self, arrays: Mapping[str, Array], name: str = "") -> TrainingState:
        """The state that `arrays` wrote, for the parameters and the optimiser of this one.

        Raises KeyError for one that is not there, ValueError for an array without a number for each parameter.
        """
        count = len(self._parameters)
        for key, array in arrays.items():
            is_ours = key.startswith((f"{name}parameters", f"{name}state ", f"{name}has "))
            if is_ours and (array.shape != (count,) or array.dtype.kind not in "fu"):
                raise ValueError(f"{key!r} has the shape {array.shape} of {array.dtype}, not {count} numbers")
        other = copy.copy(self)
        other._numbers = arrays[f"{name}parameters"].astype(float).tolist()
        keys = [key.removeprefix(f"{name}state ") for key in arrays if key.startswith(f"{name}state ")]
        known = {key: (arrays[f"{name}state {key}"].tolist(), arrays[f"{name}has {key}"].tolist()) for key in keys}
        other._state = {
            parameter: {key: numbers[place] for key, (numbers, has) in known.items() if has[place]}
            for place, parameter in enumerate(self._parameters)
            if any(has[place] for _, has in known.values())
        }
        return other

    def restore(self) -> None:
        """Set both back."""
        now = self._optimiser.state
        state = {parameter: dict(numbers) for parameter, numbers in self._state.items()}
        numbers = interrupts.assign(self._parameters, self._numbers)
        interrupts.commit(numbers, map(dict.clear, [now]), map(dict.update, [now], [state]))

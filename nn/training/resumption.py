"""What a checkpoint holds of a training: everything that the steps to come depend on."""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nn.modules.module import Module
from nn.modules.saving import architecture
from nn.optim import Optimiser
from nn.training.checkpoints import Checkpoints
from nn.training.early_stopping import Monitor, TrainingState
from nn.training.examples import Examples
from nn.training.history import Epoch, History

Array = npt.NDArray[Any]


@dataclass
class Place:
    """Where in the training a step stands. epoch: its number. done: the steps of this epoch so far. total: the sum of
    their losses, each times its rows."""

    epoch: int = 1
    done: int = 0
    total: float = 0.0


def problem_of(model: Module, train: Examples, held: Examples | None, optimiser: Optimiser, *settings: Any) -> str:
    """A number for the training itself: its model, data and settings, but not its parameters or epochs."""
    data = [(part.rows, part.targets) for part in (train, held) if part is not None]
    by = type(optimiser).__name__, optimiser.numbers()
    return hashlib.sha256(
        repr((architecture(model), len(list(model.parameters())), data, by, settings)).encode()
    ).hexdigest()


class Resumption:
    """The checkpoints of one problem, of which `problem_of` gives the number."""

    def __init__(self, checkpoints: Checkpoints, problem: str) -> None:
        self._checkpoints, self._problem = checkpoints, problem
        self.close = checkpoints.close

    def steps_to_next(self, step: int) -> int:
        """How many steps there are from a step to the next checkpoint."""
        return self._checkpoints.every - step % self._checkpoints.every

    def is_due(self, step: int) -> bool:
        """Whether there is a checkpoint after this step."""
        return step % self._checkpoints.every == 0

    def save(self, step: int, arrays: Mapping[str, Array], about: Mapping[str, Any]) -> None:
        """Write what `write_state` gives."""
        self._checkpoints.save(step, arrays, {**about, "problem": self._problem})

    def last(self) -> tuple[dict[str, Array], dict[str, Any]] | None:
        """What the last checkpoint holds. Raises ValueError where it is of another problem."""
        found = self._checkpoints.last()
        if found is not None and found[2]["problem"] != self._problem:
            raise ValueError(
                f"the checkpoints in {self._checkpoints.folder} are of another training: another model, other data, or "
                "other settings. Give another folder, or delete this one."
            )
        return None if found is None else found[1:]


def generators_of(model: Module, order: random.Random) -> list[random.Random]:
    """The generator of the order of the rows, and those that modules draw from."""
    drawn = [part for module in model.modules() for part in vars(module).values() if isinstance(part, random.Random)]
    return list(dict.fromkeys([order, *drawn]))


def write_state(
    now: TrainingState,
    place: Place,
    generators: Iterable[random.Random],
    history: History,
    monitor: Monitor,
    learning_rate: float,
) -> tuple[dict[str, Array], dict[str, Any]]:
    """The state as arrays, and as what JSON can hold."""
    states = [generator.getstate() for generator in generators]
    arrays = now.arrays()
    arrays["generators"] = np.array([state[1] for state in states], np.uint32)
    if monitor.best is not None:
        arrays |= monitor.best.arrays("best ")
    about = {
        "place": asdict(place),
        "gauss": [state[2] for state in states],
        "epochs": [{**asdict(epoch), "metrics": dict(epoch.metrics)} for epoch in history.epochs],
        "monitor": [
            monitor.number,
            monitor.waited,
            monitor.observed,
            None if math.isinf(monitor.lowest) else monitor.lowest,
        ],
        "learning_rate": learning_rate,
    }
    return arrays, about


def read_state(
    arrays: Mapping[str, Array],
    about: Mapping[str, Any],
    now: TrainingState,
    generators: Sequence[random.Random],
    history: History,
    monitor: Monitor,
) -> tuple[TrainingState, Place, float]:
    """(the numbers to set, the place in the training, the learning rate); the rest is set here.

    Raises ValueError for a content that is not that of such a training; then nothing has been set.
    """
    try:
        states = [
            (3, tuple(numbers), None if gauss is None else float(gauss))
            for numbers, gauss in zip(arrays["generators"].tolist(), about["gauss"], strict=True)
        ]
        for _, state in zip(generators, states, strict=True):
            random.Random().setstate(state)
        epochs = [_read_epoch(epoch) for epoch in about["epochs"]]
        number, waited, observed, lowest = about["monitor"]
        numbers, best = now.from_arrays(arrays), None if number is None else now.from_arrays(arrays, "best ")
        where = about["place"]
        place = Place(int(where["epoch"]), int(where["done"]), float(where["total"]))
        waited, observed, rate = int(waited), int(observed), float(about["learning_rate"])
        lowest = math.inf if lowest is None else float(lowest)
        if min(place.epoch - 1, place.done, waited, observed, rate) < 0:
            raise ValueError("a count or the learning rate is negative")
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as problem:
        raise ValueError(
            f"the last checkpoint is not one of a training of this model ({type(problem).__name__}: {problem}). Give "
            "another folder, or delete this one."
        ) from problem
    for generator, state in zip(generators, states, strict=True):
        generator.setstate(state)
    history.epochs[:] = epochs
    monitor.number, monitor.waited, monitor.observed, monitor.lowest, monitor.best = (
        number,
        waited,
        observed,
        lowest,
        best,
    )
    history.best, history.kept = number, len(epochs) or None
    return numbers, place, rate


def _read_epoch(epoch: Mapping[str, Any]) -> Epoch:
    validation = epoch["validation_loss"]
    return Epoch(
        int(epoch["number"]),
        float(epoch["loss"]),
        None if validation is None else float(validation),
        {str(name): float(number) for name, number in epoch["metrics"].items()},
        float(epoch["seconds"]),
    )

"""The loop inside `fit`: epochs of minibatches, each a step of the optimiser, and what may end it."""

from __future__ import annotations

import math
import random
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from autograd_core import NonFiniteError
from nn.data.preparation import minibatches
from nn.modules.module import Module
from nn.optim import Optimiser
from nn.training.early_stopping import Monitor, numbers_of, restore
from nn.training.evaluation import Measure, measured
from nn.training.examples import Examples, Loss
from nn.training.execution import Execution
from nn.training.history import Epoch, History
from nn.training.nonfinite import NonFiniteLossError, not_finite
from nn.training.progress import progress_bar

Callback = Callable[[Epoch], Any]

_SHORT = 0.05  # seconds; Ctrl-C and the bar may wait as long


class TrainingLoop:
    """A model with all that its training needs; `run` trains it. history: what has been measured so far."""

    def __init__(
        self,
        model: Module,
        loss: Loss,
        optimiser: Optimiser,
        execution: Execution,
        train: Examples,
        held: Examples | None,
        measures: Sequence[Measure],
        monitor: Monitor,
    ) -> None:
        self.model, self.loss, self.optimiser, self.execution = model, loss, optimiser, execution
        self.train, self.held, self.measures, self.monitor = train, held, measures, monitor
        self.parameters = list(dict.fromkeys([*model.parameters(), *optimiser.parameters]))
        self.history = History(monitor=monitor.name, backend=execution.name, classes=train.classes)
        self._before: list[float] | None = None  # the parameters, while a step is changing them
        self._at_once = 1  # steps between two movements of the bar, where they need not be made one by one

    def run(
        self, epochs: int, batch_size: int, rng: random.Random, callbacks: Sequence[Callback], progress: bool
    ) -> None:
        """Train; Ctrl-C ends it like any other reason to stop. Raises NonFiniteLossError."""
        history = self.history
        try:
            with progress_bar(epochs, len(self.train.rows), progress) as bar:
                for number in range(1, epochs + 1):
                    bar.set_description(f"epoch {number}/{epochs}")
                    epoch = self._epoch(number, batch_size, rng, bar)
                    history.epochs.append(epoch)
                    out_of_patience = self.monitor.see(epoch, self.parameters)
                    history.best, history.kept = self.monitor.number, number
                    if True in [callback(epoch) for callback in callbacks]:  # every one is called
                        history.stopped = f"a callback ended it after epoch {number}"
                        break
                    if out_of_patience:
                        history.stopped = f"{self.monitor.name} was no better for {self.monitor.patience} epochs"
                        break
                else:
                    history.stopped = "all epochs are done"
            if self.monitor.patience:
                self._keep_the_best()
        except KeyboardInterrupt:
            self._interrupted(progress)

    def _epoch(self, number: int, batch_size: int, rng: random.Random, bar: Any) -> Epoch:
        started = time.perf_counter()
        places = range(len(self.train.rows))
        batches = [batch for batch, _ in minibatches(places, places, batch_size, rng=rng)]
        total = 0.0
        while batches:
            some, batches = batches[: self._at_once], batches[self._at_once :]
            values = self._steps(number, some)
            total += sum(value * len(batch) for value, batch in zip(values, some, strict=True))
            bar.set_postfix_str(self._told(values[-1]), refresh=False)
            bar.update(sum(map(len, some)))
        validation_loss, metrics = measured(self.measures, self.execution, self.train, self.held)
        return Epoch(number, total / len(places), validation_loss, metrics, time.perf_counter() - started)

    def _told(self, value: float) -> str:
        """Kept short, so that room is left for the bar."""
        told = f"loss {value:.3g}"
        last = self.history.epochs[-1].validation_loss if self.history.epochs else None
        if last is not None:
            told += f", validation {last:.3g}"
        return told

    def _steps(self, number: int, batches: list[list[int]]) -> list[float]:
        """Make a step for each batch, all of them at once where that can be; the loss before each."""
        started = time.perf_counter()
        values = self.execution.descend(self.optimiser, batches)
        if values is None:
            return [self._step(number, batch) for batch in batches]
        for parameter in self.parameters:
            parameter.grad = None  # what there is belongs to no step of this training
        if time.perf_counter() - started < _SHORT:
            self._at_once *= 2
        return values

    def _step(self, number: int, batch: list[int]) -> float:
        for parameter in self.parameters:
            parameter.grad = None
        value = self.execution.backward(batch)
        if not math.isfinite(value):
            raise self._not_finite(f"the loss became {value!r}", number, batch)
        self._before = numbers_of(self.parameters)
        try:
            self.optimiser.step()
        except NonFiniteError:  # which has changed nothing
            raise self._not_finite("a gradient became inf or nan", number, batch) from None
        if lost := [one for one in self.parameters if not math.isfinite(one.data)]:
            told = f"the step took parameter {lost[0].label!r} to {lost[0].data!r} in epoch {number}"
            restore(self.parameters, self._before)
            self.history.stopped = told
            raise NonFiniteLossError(
                f"{told}: its gradient was {lost[0].grad:.4g}, the learning rate is {self.optimiser.learning_rate:g}. "
                "The parameters are as before this step. Take a smaller learning rate, or clip_grad_norm.",
                number,
                None,
                self.history,
            )
        self._before = None
        return value

    def _not_finite(self, what: str, number: int, batch: list[int]) -> NonFiniteLossError:
        self.history.stopped = f"{what} in epoch {number}"
        chosen = self.train.chosen(batch)
        rows = list(zip(chosen.numbers, chosen.rows, chosen.targets, strict=True))
        return not_finite(what, number, self.model, self.loss, rows, self.history)

    def _interrupted(self, progress: bool) -> None:
        history = self.history
        history.stopped = f"Ctrl-C in epoch {len(history.epochs) + 1}"
        if self.monitor.number:
            self._keep_the_best()
            history.stopped += f"; the parameters of epoch {history.kept}, the best so far, were kept"
        else:
            if self._before is not None:
                restore(self.parameters, self._before)
            history.kept = None
            history.stopped += "; no epoch was finished, the parameters are those of the last whole step"
        if progress:
            print(history.stopped, file=sys.stderr)

    def _keep_the_best(self) -> None:
        if self.monitor.number:
            restore(self.parameters, self.monitor.parameters)
            self.history.kept = self.monitor.number

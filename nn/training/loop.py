"""The loop inside `fit`: epochs of minibatches, each a step of the optimiser, until a reason to stop."""

from __future__ import annotations

import math
import random
import sys
import time
from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Any

from autograd_core import NonFiniteError
from autograd_core.compiler.run.progress_bar import progress_bar
from nn.data.preparation import minibatches
from nn.modules.module import Module
from nn.optim import Optimiser, set_grads
from nn.training.early_stopping import Monitor, TrainingState
from nn.training.evaluation import Measure, evaluate
from nn.training.examples import Examples, Loss
from nn.training.execution import Execution
from nn.training.history import Epoch, History
from nn.training.nonfinite import NonFiniteLossError, nonfinite_error
from nn.training.resumption import Place, Resumption, generators_of, read_state, write_state
from nn.training.run_recording import Recording

Callback = Callable[[Epoch], Any]

_SHORT = 0.05  # seconds that Ctrl-C and the bar may wait
# Without the rows a second, so that both losses fit into 80 columns.
_BAR = "{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}{postfix}]"


class TrainingLoop:
    """The training of a model; `run` trains it. history: the measurements so far."""

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
        self._before: TrainingState | None = None  # while a step changes the parameters
        self._at_once = 1  # steps in one call of a compiled program

    def run(
        self,
        epochs: int,
        batch_size: int,
        rng: random.Random,
        callbacks: Sequence[Callback],
        progress: bool,
        resumption: Resumption | None = None,
    ) -> None:
        """Train, from the last checkpoint on where there is one; Ctrl-C is one of the reasons to stop. Raises
        NonFiniteLossError, ValueError for checkpoints of another problem."""
        history = self.history
        try:
            place = self._resume(resumption, rng, callbacks) if resumption else Place()
            rows = len(self.train.rows)
            options = {"bar_format": _BAR, "initial": (place.epoch - 1) * rows + min(place.done * batch_size, rows)}
            with progress_bar(epochs * rows, progress, desc=f"epoch {place.epoch}/{epochs}", **options) as bar:
                for number in range(place.epoch, epochs + 1):
                    bar.set_description(f"epoch {number}/{epochs}")
                    epoch = self._epoch(place, batch_size, rng, bar, resumption)
                    place = Place(number + 1)
                    history.epochs.append(epoch)
                    out_of_patience = self.monitor.observe(epoch, self._state_now)
                    history.best, history.kept = self.monitor.number, number
                    if True in [callback(epoch) for callback in callbacks]:  # all are called
                        history.stopped = f"a callback ended it after epoch {number}"
                        break
                    if out_of_patience:
                        history.stopped = f"{self.monitor.name} was no better for {self.monitor.patience} epochs"
                        break
                else:
                    history.stopped = "all epochs are done"
            if self.monitor.patience:
                self._restore_best()
        except KeyboardInterrupt:
            self._stop_on_interrupt(progress)
        finally:
            if resumption:
                resumption.close()

    def _epoch(
        self, place: Place, batch_size: int, rng: random.Random, bar: Any, resumption: Resumption | None
    ) -> Epoch:
        started, order = time.perf_counter(), rng.getstate()
        rows = range(len(self.train.rows))
        batches = [batch for batch, _ in minibatches(rows, rows, batch_size, rng=rng)]
        before = (place.epoch - 1) * len(batches)  # steps of earlier epochs
        while place.done < len(batches):
            most = self._at_once
            if resumption:
                most = min(most, resumption.steps_to_next(before + place.done))
            group = batches[place.done : place.done + most]
            values = self._steps(place.epoch, group)
            for value, batch in zip(values, group, strict=True):
                place.total += value * len(batch)
            place.done += len(group)
            if resumption and resumption.is_due(before + place.done):
                after = rng.getstate()
                rng.setstate(order)  # from which the order of this epoch is drawn again
                resumption.save(before + place.done, *self._state_with(place, rng))
                rng.setstate(after)
            bar.set_postfix_str(self._progress_text(values[-1]), refresh=False)
            bar.update(sum(map(len, group)))
        validation_loss, metrics = evaluate(self.measures, self.execution, self.train, self.held)
        return Epoch(place.epoch, place.total / len(rows), validation_loss, metrics, time.perf_counter() - started)

    def _state_with(self, place: Place, rng: random.Random) -> tuple[Any, Any]:
        generators, now = generators_of(self.model, rng), self._state_now()
        return write_state(now, place, generators, self.history, self.monitor, self.optimiser.learning_rate)

    def _resume(self, resumption: Resumption, rng: random.Random, callbacks: Sequence[Callback]) -> Place:
        """Set everything to the last checkpoint; the callbacks see the epochs before it."""
        found = resumption.last()
        if found is None:
            return Place()
        if any(isinstance(callback, Recording) for callback in callbacks):
            raise ValueError(
                "a recording cannot continue from a checkpoint: it would lack the epochs before. Leave it out, or "
                "give another folder for the checkpoints."
            )
        generators = generators_of(self.model, rng)
        now, place, rate = read_state(*found, self._state_now(), generators, self.history, self.monitor)
        for epoch in self.history.epochs:  # so that a schedule stands where it stood
            for callback in callbacks:
                callback(epoch)
        now.restore()
        self.optimiser.learning_rate = rate
        return place

    def _progress_text(self, loss: float) -> str:
        """Short, so that room is left for the bar."""
        last = self.history.epochs[-1].validation_loss if self.history.epochs else None
        return f"loss {loss:.3g}" + ("" if last is None else f", validation {last:.3g}")

    def _steps(self, number: int, batches: list[list[int]]) -> list[float]:
        """Run a step for each batch, in one call where possible; returns the loss before each."""
        started = time.perf_counter()
        values = self.execution.descend(self.optimiser, batches)
        if values is None:
            return [self._step(number, batch) for batch in batches]
        set_grads(self.parameters, repeat(None))  # a gradient from before belongs to no step of this training
        if time.perf_counter() - started < _SHORT:
            self._at_once *= 2
        return values

    def _step(self, number: int, batch: list[int]) -> float:
        set_grads(self.parameters, repeat(None))
        value = self.execution.backward(batch)
        if not math.isfinite(value):
            raise self._nonfinite_error(f"the loss became {value!r}", number, batch)
        self._before = before = self._state_now()
        try:
            self.optimiser.step()
        except NonFiniteError:  # raised before any change
            raise self._nonfinite_error("a gradient became inf or nan", number, batch) from None
        if diverged := [parameter for parameter in self.parameters if not math.isfinite(parameter.data)]:
            first, rate = diverged[0], self.optimiser.learning_rate
            problem = f"the step took parameter {first.label!r} to {first.data!r} in epoch {number}"
            before.restore()
            self.history.stopped = problem
            raise NonFiniteLossError(
                f"{problem}: its gradient was {first.grad:.4g}, the learning rate is {rate:g}. "
                "The parameters are as before this step. Take a smaller learning rate, or clip_grad_norm.",
                number,
                None,
                self.history,
            )
        self._before = None
        return value

    def _nonfinite_error(self, problem: str, number: int, batch: list[int]) -> NonFiniteLossError:
        self.history.stopped = f"{problem} in epoch {number}"
        examples = self.train.select(batch)
        rows = list(zip(examples.numbers, examples.rows, examples.targets, strict=True))
        return nonfinite_error(problem, number, self.model, self.loss, rows, self.history)

    def _state_now(self) -> TrainingState:
        return TrainingState(self.parameters, self.optimiser)

    def _stop_on_interrupt(self, progress: bool) -> None:
        history = self.history
        history.stopped = f"Ctrl-C in epoch {len(history.epochs) + 1}"
        if self.monitor.observed < len(history.epochs):  # Ctrl-C came just before
            self.monitor.observe(history.epochs[-1], self._state_now)
        history.best = self.monitor.number
        if self.monitor.number:
            self._restore_best()
            history.stopped += f"; the parameters of epoch {history.kept}, the best so far, were kept"
        else:
            if self._before is not None:
                self._before.restore()
            history.kept = None
            history.stopped += "; no epoch was finished, the parameters are those of the last complete step"
        if progress:
            print(history.stopped, file=sys.stderr)

    def _restore_best(self) -> None:
        if self.monitor.best:
            self.monitor.best.restore()
            self.history.kept = self.monitor.number

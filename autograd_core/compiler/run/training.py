"""Training inside a program: gradient, update of the parameters, and the next batch of rows."""

from __future__ import annotations

import time
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core.compiler.backends.numpy.backend import NumpyRunner
from autograd_core.compiler.backends.rows import lay_out
from autograd_core.compiler.backends.runner import OptimiserStep
from autograd_core.compiler.run.optimiser_program import numbers_of, step_for, vectorise_rule_for
from autograd_core.compiler.run.running import Running
from autograd_core.compiler.update_rules import RULES, UpdateRule, require_in_range
from autograd_core.engine.interpreter import interrupts
from autograd_core.engine.interpreter.locks import make_lock
from autograd_core.errors import NonFiniteError

Array = npt.NDArray[Any]

_SHORT = 0.05  # seconds for which Ctrl-C may wait, and whose steps it may drop
_FIRST = 1 << 18  # instructions, over all rows, of the first call


def find_rule(rule: str | UpdateRule, learning_rate: Any, numbers: Mapping[str, Any]) -> UpdateRule:
    """The rule of that name. Raises ValueError for an unknown name or numbers out of range, TypeError for a number that
    the rule does not have."""
    require_in_range(learning_rate=learning_rate)
    if isinstance(rule, str):
        if rule not in RULES:
            raise ValueError(f"rule is one of {', '.join(map(repr, RULES))}, or a function, got {rule!r}.")
        rule = RULES[rule]
        require_in_range(**numbers)
    known = numbers_of(rule)
    for name in numbers:
        if name not in known:
            raise TypeError(f"train takes no {name!r}; the numbers of a rule are {', '.join(known) or 'none'}.")
    return rule


def require_counts(steps: Any, batch_size: Any, start: Any) -> None:
    """Raise ValueError for one that is no whole number, or too small."""
    counts: list[tuple[str, Any, int]] = [("steps", steps, 0), ("start", start, 0)]
    counts += [("batch_size", batch_size, 1)] * (batch_size is not None)
    for name, count, least in counts:
        if not hasattr(count, "__index__") or count < least:
            raise ValueError(f"{name} is a whole number from {least} up, got {count!r}.")


class Training:
    """Steps of an optimiser on the parameters of a program; see `Program.train`."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._lock = make_lock()
        self._rows_at_once = _FIRST // len(running.trace.tape.instructions)
        self._updater: NumpyRunner | None = None  # for the steps that the backend does not make itself

    def run(
        self,
        data: Sequence[Any],
        rule: UpdateRule,
        numbers: Mapping[str, Any],
        learning_rate: float,
        state: MutableMapping[str, Any],
        in_place_of: Any,
        steps: int,
        batch_size: int | None,
        start: int,
    ) -> Array:
        """The reduced value before each step. Each step takes the next batch of rows, from row `start` on, and updates
        the parameters, or the array `in_place_of` them. Ctrl-C finds parameters and state after the same step. Raises
        NonFiniteError."""
        running = self._running
        arrays, count = lay_out(running.arguments, data)
        batch = count if batch_size is None else min(batch_size, count)
        if batch < 1 or not 0 <= start < count:
            raise ValueError(f"batches need rows: there are {count}, for batches of {batch_size} from row {start} on.")
        if in_place_of is not None and not (isinstance(in_place_of, np.ndarray) and in_place_of.dtype.kind == "f"):
            raise TypeError("the parameters to update are an array of floats: np.array(numbers, float).")
        own = running.trace.values[: running.trace.parameter_count]
        parameters = np.array(
            [value._data for value in own] if in_place_of is None else running.parameter_numbers(in_place_of),
            np.float64,
        )
        compiled = vectorise_rule_for(state, rule, numbers)
        update = step_for(compiled, parameters, learning_rate, state)
        losses, done, before = np.empty(steps, running.dtype), 0, state.get("step", 0)
        problem = None

        def publish(columns: list[Array]) -> None:
            """Show the steps so far to the outside, all in one."""
            new = {"step": before + done, **dict(zip(compiled.shared, update.given.tolist(), strict=False))}
            new |= {**dict(zip(compiled.each, columns[1:], strict=True)), "row": start}
            moved = (
                interrupts.assign(own, columns[0].tolist())
                if in_place_of is None
                else map(in_place_of.__setitem__, [...], columns[:1])
            )
            interrupts.commit(moved, map(state.update, [new]))

        published = time.perf_counter()
        while done < steps:  # on numbers that are nobody else's, so that Ctrl-C drops what is not published
            found, finished, start = self._steps(arrays, count, update, steps - done, batch, start)
            losses[done : done + finished] = found[:finished]
            done += finished
            if not finished:  # the backend cannot make this one
                stop = min(start + batch, count)
                rows = [array[start:stop] for array in arrays]
                try:
                    losses[done], gradient, _ = running.value_and_grad_of(rows, stop - start, parameters, first=start)
                    self._apply(update, gradient)
                except (NonFiniteError, ValueError) as error:  # the latter for an index that is no place
                    problem = error
                    break
                done, start = done + 1, stop % count
            if time.perf_counter() - published > _SHORT:
                publish([column.copy() for column in update.columns])
                published = time.perf_counter()
        publish(update.columns)
        if problem is not None:
            raise problem
        return losses

    def _steps(
        self, arrays: list[Array], count: int, update: OptimiserStep, steps: int, batch: int, start: int
    ) -> tuple[Array, int, int]:
        """Steps of the backend in one call, as many as take a moment."""
        most = max(1, self._rows_at_once // batch)
        started = time.perf_counter()
        results = self._running.train_steps(arrays, count, update, min(steps, most), batch, start)
        seconds = time.perf_counter() - started
        if seconds > _SHORT:
            self._rows_at_once = max(1, self._rows_at_once // 2)
        elif results[1] == most and seconds < _SHORT / 4:
            self._rows_at_once = 2 * most * batch
        return results

    def _apply(self, update: OptimiserStep, gradient: Array) -> None:
        """One step. Raises NonFiniteError for a gradient that is inf or nan, before anything is updated."""
        if not np.isfinite(gradient).all():
            index = int(np.flatnonzero(~np.isfinite(gradient))[0])
            raise NonFiniteError(
                f"the gradient of parameter number {index} is {float(gradient[index])!r}; no parameter was updated "
                "with it. Run the loss eagerly inside detect_anomaly() to see which operation it comes from; a smaller "
                "learning rate often prevents it."
            )
        with self._lock:
            if self._updater is None or self._updater.program is not update.program:
                self._updater = NumpyRunner(update.program, np.float64)
            self._updater.apply(update, gradient)

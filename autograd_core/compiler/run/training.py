"""Training inside a program: gradient, update of the parameters, and the next batch of rows."""

from __future__ import annotations

import threading
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
from autograd_core.errors import NonFiniteError

Array = npt.NDArray[Any]


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


class Training:
    """Steps of an optimiser on the parameters of a program; see `Program.train`."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._lock = threading.Lock()
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
        the parameters, or the array `in_place_of` them. Raises NonFiniteError."""
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
        losses, done = np.empty(steps, running.dtype), 0
        try:
            while done < steps:
                found, finished, start = running.train_steps(arrays, count, update, steps - done, batch, start)
                losses[done : done + finished] = found[:finished]
                done += finished
                if done == steps:
                    break
                stop = min(start + batch, count)
                rows = [array[start:stop] for array in arrays]
                losses[done], gradient, _ = running.value_and_grad_of(rows, stop - start, parameters)
                self._apply(update, gradient)
                done, start = done + 1, stop % count
        finally:
            if in_place_of is not None:
                in_place_of[:] = parameters
            else:
                for value, number in zip(own, parameters.tolist(), strict=True):
                    value.data = number
            state.update(zip(compiled.shared, update.given.tolist(), strict=False))
            state.update(zip(compiled.each, update.columns[1:], strict=True))
            if "step" not in compiled.shared:
                state["step"] = state.get("step", 0) + done
            state["row"] = start
        return losses

    def _apply(self, update: OptimiserStep, gradient: Array) -> None:
        """One step. Raises NonFiniteError for a gradient that is inf or nan, before anything is updated."""
        if not np.isfinite(gradient).all():
            index = int(np.flatnonzero(~np.isfinite(gradient))[0])
            raise NonFiniteError(
                f"the gradient of parameter number {index} is {float(gradient[index])!r}; no parameter was updated "
                "with it. Run the loss eagerly inside detect_anomaly() to see which operation it comes from; a smaller "
                "learning rate often prevents it."
            )
        with self._lock, np.errstate(all="ignore"):
            if self._updater is None or self._updater.program is not update.program:
                self._updater = NumpyRunner(update.program, np.float64)
            self._updater.apply(update, gradient)

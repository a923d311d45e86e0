"""Many steps of an optimiser in one call of a compiled program, instead of the optimiser's own."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from itertools import repeat
from operator import setitem
from typing import Any

import numpy as np

from autograd_core import CompileError, NonFiniteError, interrupts
from nn.optim import Optimiser
from nn.training.early_stopping import numbers_of


def many_steps(program: Any, optimiser: Optimiser, data: Sequence[Any], batch_size: int) -> list[float] | None:
    """The loss before each step; each takes the next rows of the data, `batch_size` of them or what is left.

    The parameters and the optimiser's state become what `optimiser.step()` makes of them; `.grad` is not set. None, and
    nothing has changed, where a number becomes inf or nan, or where the optimiser is of another kind (its class has no
    rule of its own, or one that cannot be compiled), does not move all the program's parameters, or has moved some of
    them more often than others.
    """
    moving = program.parameters
    states = [optimiser.state.get(parameter, {}) for parameter in moving]
    counts = {state.get("step", 0.0) for state in states}
    rule = _rule_of(optimiser)
    if rule is None or len(counts) > 1 or not set(moving) <= set(optimiser.parameters):
        return None
    numbers = optimiser.numbers()
    names = list(rule(1.0, 1.0, defaultdict(float), optimiser.learning_rate, **numbers)[1])
    by_name: dict[str, Any] = {
        name: np.array([state.get(name, 0.0) for state in states]) for name in names if name != "step"
    }
    by_name["step"] = counts.pop()
    after = np.array(numbers_of(moving))
    try:
        losses = program.train(
            *data,
            steps=math.ceil(len(data[0]) / batch_size),
            batch_size=batch_size,
            rule=rule,
            learning_rate=optimiser.learning_rate,
            state=by_name,
            parameters=after,
            **numbers,
        )
    except (NonFiniteError, CompileError):
        return None
    if not (np.isfinite(losses).all() and np.isfinite(after).all()):
        return None
    states = [optimiser.state.setdefault(parameter, {}) for parameter in moving]
    columns = [by_name[name].tolist() if np.ndim(by_name[name]) else repeat(by_name[name]) for name in names]
    new = [map(setitem, states, repeat(name), column) for name, column in zip(names, columns, strict=True)]
    interrupts.commit(interrupts.assign(moving, after.tolist()), *new)
    return [float(loss) for loss in losses]


def _rule_of(optimiser: Optimiser) -> Any:
    """The rule that the optimiser's own class defines; None where `updated` or `step` may do something else."""
    kind = type(optimiser)
    is_plain = kind.updated is Optimiser.updated and kind.step is Optimiser.step and "rule" in vars(kind)
    return kind.rule if is_plain else None

"""Many steps of an optimiser in one call of a compiled program, instead of the optimiser's own."""

from __future__ import annotations

import functools
import math
from collections import defaultdict
from collections.abc import Sequence
from itertools import compress, repeat
from operator import setitem
from typing import Any

import numpy as np

from autograd_core import CompileError, NonFiniteError, interrupts, where
from nn.optim import Optimiser
from nn.training.early_stopping import numbers_of

_MOVES = "moves"


def many_steps(program: Any, optimiser: Optimiser, data: Sequence[Any], batch_size: int) -> list[float] | None:
    """The loss before each step; each takes the next rows of the data, `batch_size` of them or what is left.

    The parameters and the optimiser's state become what `optimiser.step()` makes of them; `.grad` is not set. None, and
    nothing has changed, where a number becomes inf or nan, or where the optimiser is of another kind (its class has no
    rule of its own, or one that cannot be compiled), or has moved some of its parameters more often than others.
    """
    parameters = program.parameters
    own = set(optimiser.parameters)
    moves = [parameter in own for parameter in parameters]
    states = [optimiser.state.get(parameter, {}) for parameter in parameters]
    counts = {state.get("step", 0.0) for state in compress(states, moves)}
    rule = _rule_of(optimiser)
    if rule is None or len(counts) != 1:
        return None
    if not all(moves):
        rule = _moving_some(rule)
    numbers = optimiser.numbers()
    names = list(rule(1.0, 1.0, defaultdict(float), optimiser.learning_rate, **numbers)[1])
    by_name: dict[str, Any] = {
        name: np.array([state.get(name, 0.0) for state in states]) for name in names if name != "step"
    }
    by_name["step"] = counts.pop()
    if _MOVES in names:
        by_name[_MOVES] = np.array(moves, dtype=float)
    after = np.array(numbers_of(parameters))
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
    moved = list(compress(parameters, moves))
    states = [optimiser.state.setdefault(parameter, {}) for parameter in moved]
    new = [
        map(setitem, states, repeat(name), compress(column.tolist(), moves) if np.ndim(column) else repeat(column))
        for name, column in [(name, by_name[name]) for name in names if name != _MOVES]
    ]
    interrupts.commit(interrupts.assign(moved, compress(after.tolist(), moves)), *new)
    return [float(loss) for loss in losses]


@functools.cache
def _moving_some(rule: Any) -> Any:
    """The rule where only some parameters move: those whose state "moves" is 1."""

    @functools.wraps(rule)
    def moving_some(parameter: Any, gradient: Any, state: Any, learning_rate: Any, **numbers: Any) -> Any:
        number, after = rule(parameter, gradient, state, learning_rate, **numbers)
        return where(state[_MOVES], number, parameter), {**after, _MOVES: state[_MOVES]}

    return moving_some


def _rule_of(optimiser: Optimiser) -> Any:
    """The rule that the optimiser's own class defines; None where `updated` or `step` may do something else."""
    kind = type(optimiser)
    is_plain = kind.updated is Optimiser.updated and kind.step is Optimiser.step and "rule" in vars(kind)
    return kind.rule if is_plain else None

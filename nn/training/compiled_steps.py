"""Many steps of SGD, Adam or AdamW in one call of a compiled program, in the place of the optimiser's own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_core import NonFiniteError
from nn.optim import SGD, Adam, AdamW, Optimiser
from nn.training.early_stopping import numbers_of, restore

_RULES = {SGD: "sgd", Adam: "adam", AdamW: "adamw"}


def many_steps(program: Any, optimiser: Optimiser, data: Sequence[Any], batch_size: int) -> list[float] | None:
    """The loss before each step; each takes the next rows of the data, `batch_size` of them or what is left.

    The parameters and the optimiser's state become what `optimiser.step()` makes of them; `.grad` is not set. None, and
    nothing has changed, where a number becomes inf or nan, or where the optimiser is of another kind (a subclass may do
    as it likes), does not move all the program's parameters, or has moved some of them more often than others.
    """
    moving = program.parameters
    states = [optimiser.state.get(one, {}) for one in moving]
    made = {state.get("step", 0.0) for state in states}
    if type(optimiser) not in _RULES or len(made) > 1 or not set(moving) <= set(optimiser.parameters):
        return None
    names, numbers = _means_and_numbers(optimiser)
    kept: dict[str, Any] = {
        key: np.array([state.get(name, 0.0) for state in states])
        for key, name in zip(("first", "second"), names, strict=False)
    }
    kept["step"] = int(*made)
    before, finite = numbers_of(moving), False
    try:
        with np.errstate(all="ignore"):
            losses = program.train(
                *data,
                steps=math.ceil(len(data[0]) / batch_size),
                batch_size=batch_size,
                rule=_RULES[type(optimiser)],
                learning_rate=optimiser.learning_rate,
                weight_decay=optimiser.weight_decay,
                state=kept,
                **numbers,
            )
        finite = bool(np.isfinite(losses).all()) and all(math.isfinite(one.data) for one in moving)
    except NonFiniteError:
        return None
    finally:
        if not finite:  # or Ctrl-C came in the middle
            restore(moving, before)
    if not finite:
        return None
    columns = [kept[key].tolist() for key, _ in zip(("first", "second"), names, strict=False)]
    for place, parameter in enumerate(moving):
        state = optimiser.state.setdefault(parameter, {})
        if isinstance(optimiser, Adam):
            state["step"] = float(kept["step"])
        for name, column in zip(names, columns, strict=True):
            state[name] = column[place]
    return [float(one) for one in losses]


def _means_and_numbers(optimiser: Optimiser) -> tuple[tuple[str, ...], dict[str, Any]]:
    """(what the optimiser's state calls its running means, the numbers it has of its own)."""
    if isinstance(optimiser, Adam):
        return ("exp_avg", "exp_avg_sq"), {"betas": optimiser.betas, "epsilon": optimiser.epsilon}
    assert isinstance(optimiser, SGD)
    names = ("momentum_buffer",) if optimiser.momentum else ()
    return names, {"momentum": optimiser.momentum, "nesterov": optimiser.nesterov}

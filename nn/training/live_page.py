"""The page on which a recorded training goes on in the browser."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from autograd_core import (
    compile,  # noqa: A004
    to_page,
)
from nn.batched import evaluating
from nn.modules.tensor_lists import map_leaves
from nn.optim import SGD, Adam, Optimiser
from nn.training.execution import require_mean
from nn.training.followed_run import EpochState, FollowedRun
from nn.training.network_layers import network_layers, with_hidden


def live_page(
    run: FollowedRun,
    states: Sequence[EpochState],
    path: str | os.PathLike[str] | None,
    optimiser: Optimiser | None = None,
    batch_size: int | None = None,
) -> str:
    """The model of the run with its rows as a page, written to `path` if there is one; see `Recording.to_html`."""
    model, measure = run.model, run.loss
    require_mean(model, measure, run.rows[:3], run.targets[:3])

    def loss(x: Any, t: Any) -> Any:  # its name is that of the value in the page
        return measure([model(x)], [t])

    example = map_leaves(run.rows[0], float), map_leaves(run.targets[0], float)
    layers = network_layers(model)
    on_map = with_hidden(layers, run.on_map) if layers else lambda x: run.on_map(model(x))
    with evaluating(model):
        program = compile(loss, example=example, parameters=list(model.parameters()))
        data = run.rows, run.targets
        return to_page(
            program,
            path,
            data=data,
            title="Training, continued in the browser",
            model=None if run.map is None else on_map,
            map=run.map,
            layers=[linear.weight for linear, _ in layers],
            **_settings(optimiser),
            batch_size=None if batch_size is None or batch_size >= len(run.rows) else batch_size,
            losses=[(state.epoch, program.value_and_grad(*data, parameters=state.parameters)[0]) for state in states],
        )


def _settings(optimiser: Optimiser | None) -> dict[str, Any]:
    """The optimiser and learning rate that a page begins with, where it has this optimiser."""
    names = {SGD: "momentum" if getattr(optimiser, "momentum", 0.0) else "SGD", Adam: "Adam"}
    if optimiser is None or type(optimiser) not in names:
        return {}
    return {"optimiser": names[type(optimiser)], "learning_rate": optimiser.learning_rate}

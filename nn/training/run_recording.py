"""`record`: a training run kept epoch by epoch, to be scrubbed through with one data point followed."""

from __future__ import annotations

import math
import os
from array import array
from typing import Any, Literal

from autograd_core import Timeline
from nn.modules.module import Module
from nn.training.early_stopping import numbers_of
from nn.training.examples import Examples, Loss, examples
from nn.training.followed_run import EpochState, FollowedRun
from nn.training.history import Epoch

Spacing = Literal["log", "even"]
_KEPT = 16  # times as many epochs are kept as are shown, so that which ones can be settled at the end


def record(
    follow: int | tuple[Any, Any] = 0,
    *,
    frames: int = 61,
    spread: Spacing = "log",
    depth: int | None = None,
    open: Any = (),  # noqa: A002
    fold: Any = (),
) -> Recording:
    """A callback for `fit` that records the run; shown in a notebook, or by `.to_html` and `.to_gif`.

    follow: the data point whose graph is shown: the number of a training row, or (row, target) of another one. frames:
    how many epochs are shown at most, always the first and the last; where there were more, spread="log" shows those at
    the beginning closer together, "even" evenly. depth, open, fold: which boxes of the graph are open, as in `draw`.
    For a loop of one's own call `.begin(model, X, y, loss)` before it and `.add()` after every epoch. Raises ValueError
    for fewer than 2 frames or another spread.

    >>> from nn import MLP, fit, mse_loss
    >>> recording, model = record(follow=1), MLP(1, 2, 1, activation="tanh", rng=0)
    >>> history = fit(model, [[0.0], [1.0]], [0.0, 1.0], loss=mse_loss, epochs=20, callbacks=recording)
    >>> recording
    <Recording: 21 states of a run, from epoch 0 to epoch 20>
    """
    if isinstance(frames, bool) or not isinstance(frames, int) or frames < 2:
        raise ValueError(f"frames is how many epochs are shown at most, 2 or more, got {frames!r}.")
    if spread not in ("log", "even"):
        raise ValueError(f"spread is 'log' (more of the beginning) or 'even', got {spread!r}.")
    return Recording(follow, frames, spread, {"depth": depth, "open": open, "fold": fold})


class Recording:
    """What `record` gives: the parameters after every epoch, of which `timeline` makes pictures when it is asked.

    states: those kept; epoch 0 is before training. Every number is computed anew by the engine from the parameters of
    its epoch, on a copy of the model.
    """

    def __init__(self, follow: int | tuple[Any, Any], frames: int, spread: Spacing, boxes: dict[str, Any]) -> None:
        self.states: list[EpochState] = []
        self._follow, self._frames, self._spread, self._boxes = follow, frames, spread, boxes
        self._run: FollowedRun | None = None
        self._made: tuple[tuple[int, str], Timeline] | None = None

    def begin(self, model: Module, X: Any, y: Any, loss: Loss) -> None:
        """Record the state before training. Begun again with the same model, rows and loss, the run goes on.

        Raises ValueError for others, or for a point to follow that is not there; TypeError for no Module.
        """
        self.begin_on(model, loss, examples(X, y, loss))

    def begin_on(self, model: Module, loss: Loss, data: Examples) -> None:
        """The same with checked data, as `fit` has it."""
        if self._run is None:
            self._run = FollowedRun(model, loss, data, self._follow)
            self.states.append(EpochState(0, self._numbers(), math.nan))
        elif self._run.model is not model:
            raise ValueError("this has recorded the run of another model. Make a new one with record(...).")
        elif other := self._run.other(loss, data):
            raise ValueError(
                f"this has recorded a run with {other}: one curve cannot show both. Make a new one with record(...)."
            )

    def add(self, loss: float | None = None) -> None:
        """Record the parameters as they are now, after one more epoch. loss: as it was measured. Raises ValueError
        before `begin`."""
        numbers = self._numbers()
        if len(self.states) > _KEPT * self._frames:
            kept = chosen(len(self.states), _KEPT * self._frames // 2, self._spread)
            self.states = [self.states[place] for place in kept]
        self.states.append(EpochState(self.states[-1].epoch + 1, numbers, math.nan if loss is None else float(loss)))

    def __call__(self, epoch: Epoch) -> None:
        """Add the state after an epoch, as a callback of `fit`."""
        self.add(epoch.loss)

    def _numbers(self) -> array[float]:
        if self._run is None:
            raise ValueError("nothing to record yet: call begin(model, X, y, loss) before the first epoch.")
        return array("d", numbers_of(self._run.model.parameters()))

    @property
    def timeline(self) -> Timeline:
        """The pictures, computed when they are first asked for and after every further epoch. Raises ValueError where
        nothing is recorded."""
        if self._run is None:
            raise ValueError("nothing is recorded yet: give this to fit(..., callbacks=recording).")
        now = self.states[-1].epoch, self._gone_back()
        if self._made is None or self._made[0] != now:
            self._made = now, self._timeline(self._run)
        return self._made[1]

    def _gone_back(self) -> str:
        """Which earlier state the model has been given back, as early stopping does; "" where that is not so."""
        numbers = self._numbers()
        if numbers == self.states[-1].parameters:
            return ""
        earlier = next((one.epoch for one in reversed(self.states) if one.parameters == numbers), None)
        return "" if earlier is None else f"; the model has gone back to epoch {earlier:,}"

    def _timeline(self, run: FollowedRun) -> Timeline:
        shown = chosen(len(self.states), self._frames, self._spread)
        count = self.states[-1].epoch + 1
        note = f"All {count:,} states: before training and after each epoch"
        if len(shown) < count:
            how = "closer together at the beginning" if self._spread == "log" else "evenly spread"
            note = f"{len(shown):,} of {count:,} states, {how}"
        made = Timeline(run.title, map=run.map, note=note + self._gone_back(), **self._boxes)
        for place in shown:
            run.add(made, self.states[place])
        return made

    def to_html(self, path: str | os.PathLike[str] | None = None) -> str:
        """The run as one page that needs no network; see `Timeline.to_html`."""
        return self.timeline.to_html(path)

    def to_gif(self, path: str | os.PathLike[str] | None = None, seconds: float = 0.4, theme: Any = "light") -> bytes:
        """The run as a film; see `Timeline.to_gif`."""
        return self.timeline.to_gif(path, seconds, theme)

    def __str__(self) -> str:
        return str(self.timeline) if self._run is not None else "nothing recorded yet"

    def __repr__(self) -> str:
        if not self.states:
            return "<Recording: nothing recorded yet>"
        return f"<Recording: {len(self.states):,} states of a run, from epoch 0 to epoch {self.states[-1].epoch:,}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """What a notebook shows. Nothing raised here may break it."""
        if self._run is None:
            return {"text/plain": repr(self)}
        try:
            return self.timeline._repr_mimebundle_(include, exclude)
        except Exception as problem:
            return {"text/plain": f"{self!r}\nNo picture: {problem}"}


def chosen(length: int, most: int, spread: Spacing) -> list[int]:
    """Which of `length` things are shown: all, or `most` of them, always the first and the last.

    >>> chosen(5, 9, "log"), chosen(1001, 8, "log"), chosen(1001, 5, "even")
    ([0, 1, 2, 3, 4], [0, 1, 3, 10, 32, 101, 318, 1000], [0, 250, 500, 750, 1000])
    """
    if length <= most:
        return list(range(length))
    last = length - 1
    if spread == "even":
        return [round(last * step / (most - 1)) for step in range(most)]
    places = [0, 1]
    for left in range(most - 2, 0, -1):  # each at the same factor from the one before, but at least one further
        places.append(max(places[-1] + 1, round(places[-1] * (last / places[-1]) ** (1 / left))))
    return places if most > 2 else [0, last]

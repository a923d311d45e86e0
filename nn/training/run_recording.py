"""`record`: a training run, stored epoch by epoch and replayed with one data point followed."""

from __future__ import annotations

import math
import os
from array import array
from typing import Any, Literal

from autograd_core import Timeline
from autograd_core.show.page.framed_output import FramedOutput
from nn.modules.module import Module
from nn.modules.whole_numbers import whole_number
from nn.optim import Optimiser
from nn.training.early_stopping import numbers_of
from nn.training.examples import Examples, Loss, examples
from nn.training.followed_run import EpochState, FollowedRun
from nn.training.history import Epoch
from nn.training.live_page import live_page

Spacing = Literal["log", "even"]
_SPARE = 16  # states stored for each frame, so that the frames can be chosen at the end


def record(
    follow: int | tuple[Any, Any] = 0,
    *,
    frames: int = 61,
    spread: Spacing = "log",
    depth: int | None = None,
    open: Any = (),  # noqa: A002
    fold: Any = (),
) -> Recording:
    """A callback for `fit` that records the run, for a notebook, or for `.to_html` and `.to_gif`.

    follow: the data point whose graph is shown, by the number of a training row or as (row, target). frames: the
    largest number of epochs shown, always with the first and the last; spread="log" shows more of the beginning, "even"
    equal distances. depth, open, fold: the boxes of the graph that are open, as in `draw`. For your own loop, call
    `.begin(model, X, y, loss)` before it and `.add()` after every epoch. Raises ValueError for fewer than
    2 frames and for an unknown spread.

    >>> from nn import MLP, fit, mse_loss
    >>> recording, model = record(follow=1), MLP(1, 2, 1, activation="tanh", rng=0)
    >>> history = fit(model, [[0.0], [1.0]], [0.0, 1.0], loss=mse_loss, epochs=20, callbacks=recording)
    >>> recording
    <Recording: 21 states of a run, from epoch 0 to epoch 20>
    """
    frames = whole_number(frames, "frames", 2, "the largest number of epochs shown")
    if spread not in ("log", "even"):
        raise ValueError(f"spread is 'log' (more of the beginning) or 'even', got {spread!r}.")
    return Recording(follow, frames, spread, {"depth": depth, "open": open, "fold": fold})


class Recording(FramedOutput):
    """The parameters after every epoch, from which `timeline` computes pictures when it is read.

    states: epoch 0 is before training. The engine computes every number from the parameters of its epoch, on a copy of
    the model.
    """

    def __init__(self, follow: int | tuple[Any, Any], frames: int, spread: Spacing, boxes: dict[str, Any]) -> None:
        self.states: list[EpochState] = []
        self._follow, self._frames, self._spread, self._boxes = follow, frames, spread, boxes
        self._run: FollowedRun | None = None
        self._optimiser: Optimiser | None = None
        self._batch_size: int | None = None
        self._cached: tuple[tuple[int, str], Timeline] | None = None

    def begin(self, model: Module, X: Any, y: Any, loss: Loss) -> None:
        """Record the state before training. A second call with the same model, rows and loss continues the run.

        Raises ValueError for different ones, or for an unknown point to follow; TypeError if `model` is not a Module.
        """
        self.begin_with(model, loss, examples(X, y, loss))

    def begin_with(
        self,
        model: Module,
        loss: Loss,
        data: Examples,
        optimiser: Optimiser | None = None,
        batch_size: int | None = None,
    ) -> None:
        """The same with checked data. optimiser, batch_size: what `to_html(live=True)` goes on with."""
        self._optimiser, self._batch_size = optimiser, batch_size
        if self._run is None:
            self._run = FollowedRun(model, loss, data, self._follow)
            self.states.append(EpochState(0, self._numbers(), math.nan))
        elif self._run.model is not model:
            raise ValueError("this recording has the run of another model. Make a new one with record(...).")
        elif difference := self._run.difference(loss, data):
            raise ValueError(
                f"this recording has a run with {difference}: one curve cannot show both. "
                "Make a new one with record(...)."
            )

    def add(self, loss: float | None = None) -> None:
        """Record the parameters after one more epoch. loss: as measured. Raises ValueError before `begin`."""
        numbers = self._numbers()
        if len(self.states) > _SPARE * self._frames:
            places = select_states(len(self.states), _SPARE * self._frames // 2, self._spread)
            self.states = [self.states[place] for place in places]
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
        """The pictures, computed when first read and again after further epochs. Raises ValueError where nothing is
        recorded."""
        if self._run is None:
            raise ValueError("nothing is recorded yet: pass this to fit(..., callbacks=recording).")
        now = self.states[-1].epoch, self._restored_note()
        if self._cached is None or self._cached[0] != now:
            self._cached = now, self._timeline(self._run)
        return self._cached[1]

    def _restored_note(self) -> str:
        """A note where the model has the parameters of an earlier epoch, as after early stopping, else ""."""
        numbers = self._numbers()
        if numbers == self.states[-1].parameters:
            return ""
        earlier = next((state.epoch for state in reversed(self.states) if state.parameters == numbers), None)
        return "" if earlier is None else f"; the model has gone back to epoch {earlier:,}"

    def _timeline(self, run: FollowedRun) -> Timeline:
        shown = select_states(len(self.states), self._frames, self._spread)
        count = self.states[-1].epoch + 1
        note = f"All {count:,} states: before training and after each epoch"
        if len(shown) < count:
            how = "closer together at the beginning" if self._spread == "log" else "evenly spread"
            note = f"{len(shown):,} of {count:,} states, {how}"
        timeline = Timeline(run.title, map=run.map, note=note + self._restored_note(), **self._boxes)
        for place in shown:
            run.add(timeline, self.states[place])
        return timeline

    def to_html(self, path: str | os.PathLike[str] | None = None, *, live: bool = False) -> str:
        """The run as one page that needs no network; see `Timeline.to_html`.

        live: instead a page that goes on from the model's present parameters, in the browser: every parameter and row
        can be changed, and it trains with the optimiser, learning rate and batch of `fit` where the page has them, with
        dropout switched off and a new state of the optimiser. The loss curve begins with the epochs recorded. Linear
        layers and activations, in an MLP or a Sequential, are shown as a network. Raises as `autograd_core.to_page`,
        and CompileError for a model that cannot be compiled.
        """
        if not live:
            return self.timeline.to_html(path)
        if self._run is None:
            raise ValueError("nothing is recorded yet: pass this to fit(..., callbacks=recording).")
        places = select_states(len(self.states), self._frames, self._spread)
        states = [self.states[place] for place in places]
        return live_page(self._run, states, path, self._optimiser, self._batch_size)

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
        """The output in a notebook, which no error here may break."""
        if self._run is None:
            return {"text/plain": repr(self)}
        try:
            return self.timeline._repr_mimebundle_(include, exclude)
        except Exception as problem:
            return {"text/plain": f"{self!r}\nNo picture: {problem}"}


def select_states(length: int, most: int, spread: Spacing) -> list[int]:
    """The places of `length` states that are shown: all, or `most` of them, always with the first and the last.

    >>> select_states(5, 9, "log"), select_states(1001, 8, "log"), select_states(1001, 5, "even")
    ([0, 1, 2, 3, 4], [0, 1, 3, 10, 32, 101, 318, 1000], [0, 250, 500, 750, 1000])
    """
    if length <= most:
        return list(range(length))
    last = length - 1
    if spread == "even":
        return [round(last * step / (most - 1)) for step in range(most)]
    places = [0, 1]
    for left in range(most - 2, 0, -1):  # each a constant factor after the previous, but at least one place
        places.append(max(places[-1] + 1, round(places[-1] * (last / places[-1]) ** (1 / left))))
    return places if most > 2 else [0, last]

"""`record`: a training run kept epoch by epoch, to be scrubbed through with one data point followed."""

from __future__ import annotations

import copy
import math
import os
from array import array
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np

from autograd_core import ModelMap, Timeline, Value, no_grad, sigmoid
from nn.decisions import decision
from nn.examples import Examples, Loss, examples, plain
from nn.execution import output_of
from nn.history import Epoch
from nn.layers import Embedding
from nn.losses import binary_cross_entropy, binary_cross_entropy_with_logits, cross_entropy, hinge_loss
from nn.module import Module
from nn.monitor import numbers_of, restore
from nn.nested import leaves, mapped, places
from nn.rows import Rows, evaluating, reader

Spread = Literal["log", "even"]
_KEPT = 16  # times as many epochs are kept as are shown, so that which ones can be settled at the end
_MOST_CLASSES = 6


def record(
    follow: int | tuple[Any, Any] = 0,
    *,
    frames: int = 61,
    spread: Spread = "log",
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


class State(NamedTuple):
    """The parameters after an epoch, in the model's order; loss: as it was measured during it, nan before the first."""

    epoch: int
    parameters: array[float]
    loss: float


class Recording:
    """What `record` gives: the parameters after every epoch, of which `timeline` makes pictures when it is asked.

    states: those kept; epoch 0 is before training. Every number is computed anew by the engine from the parameters of
    its epoch, on a copy of the model.
    """

    def __init__(self, follow: int | tuple[Any, Any], frames: int, spread: Spread, boxes: dict[str, Any]) -> None:
        self.states: list[State] = []
        self._follow, self._frames, self._spread, self._boxes = follow, frames, spread, boxes
        self._run: _Run | None = None
        self._made: tuple[int, Timeline] | None = None

    def begin(self, model: Module, X: Any, y: Any, loss: Loss) -> None:
        """Record the state before training. Begun again with the same model, the run goes on.

        Raises ValueError for another model, or for a point to follow that is not there; TypeError for no Module.
        """
        self.begin_on(model, loss, examples(X, y, loss))

    def begin_on(self, model: Module, loss: Loss, data: Examples) -> None:
        """The same with checked data, as `fit` has it."""
        if self._run is None:
            self._run = _Run(model, loss, data, self._follow)
            self.states.append(State(0, self._numbers(), math.nan))
        elif self._run.model is not model:
            raise ValueError("this has recorded the run of another model. Make a new one with record(...).")

    def add(self, loss: float | None = None) -> None:
        """Record the parameters as they are now, after one more epoch. loss: as it was measured. Raises ValueError
        before `begin`."""
        numbers = self._numbers()
        if len(self.states) > _KEPT * self._frames:
            kept = chosen(len(self.states), _KEPT * self._frames // 2, self._spread)
            self.states = [self.states[place] for place in kept]
        self.states.append(State(self.states[-1].epoch + 1, numbers, math.nan if loss is None else float(loss)))

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
        if self._made is None or self._made[0] != self.states[-1].epoch:
            self._made = self.states[-1].epoch, self._timeline(self._run)
        return self._made[1]

    def _timeline(self, run: _Run) -> Timeline:
        shown = chosen(len(self.states), self._frames, self._spread)
        count = self.states[-1].epoch + 1
        note = f"All {count:,} states: before training and after each epoch"
        if len(shown) < count:
            how = "closer together at the beginning" if self._spread == "log" else "evenly spread"
            note = f"{len(shown):,} of {count:,} states, {how}"
        made = Timeline(run.title, map=run.map, note=note, **self._boxes)
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


def chosen(length: int, most: int, spread: Spread) -> list[int]:
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


class _Run:
    """A model with its data, and the point that is followed; the numbers of any epoch by a copy of the model."""

    def __init__(self, model: Module, loss: Loss, data: Examples, follow: int | tuple[Any, Any]) -> None:
        if not isinstance(model, Module):
            raise TypeError(
                f"record follows a Module, got {type(model).__name__}. For a loss of one's own over Values make an "
                "autograd_core.Timeline and add(loss) after every epoch."
            )
        self.model, self.loss = model, loss
        self.rows, self.targets, self.classes = data.rows, data.targets, data.classes
        self.row, self.target, self.title = self._followed(follow, data)
        self.copy = copy.deepcopy(model)
        self.own = list(self.copy.parameters())
        self.outputs = len(leaves(output_of(model, self.rows[0])))
        self.decide = decision(loss, self.outputs, self.targets)
        flat = all(isinstance(leaf, (int, float)) for leaf in self.rows[0]) if isinstance(self.rows[0], list) else False
        looks_up = any(isinstance(one, Embedding) for one in model.modules())
        self.looks_up = looks_up
        table = np.array(self.rows, dtype=float) if flat and not looks_up else None
        self.map = None if table is None else self._map(table)
        grid = [] if self.map is None else self.map.grid()
        self.asked = None if table is None else np.vstack([table, np.array(grid).reshape(-1, table.shape[1])])
        self.read: Callable[[Any], Rows] | None = None if table is None else reader(self.copy, table)

    def _followed(self, follow: int | tuple[Any, Any], data: Examples) -> tuple[Any, Any, str]:
        """The row and the target to follow, and what they are called."""
        if isinstance(follow, tuple) and len(follow) == 2:
            given = examples([follow[0]], [follow[1]], self.loss, classes=self.classes)
            return given.rows[0], given.targets[0], "Training, with one point followed through it"
        if isinstance(follow, bool) or not isinstance(follow, int):
            raise ValueError(f"follow is the number of a row, or (row, target), got {follow!r}.")
        if follow not in data.numbers:
            raise ValueError(
                f"row {follow} is not among the {len(data.rows)} rows that are trained on. To follow a row that is "
                "held back, or another point, give it: follow=(row, target)."
            )
        place = data.numbers.index(follow)
        return self.rows[place], self.targets[place], f"Training, with row {follow} followed through it"

    def add(self, made: Timeline, state: State) -> None:
        """Add to a timeline what there is at a state."""
        restore(self.own, state.parameters)
        measured = state.loss
        model, label = self.copy, map("x{}".format, places(self.row))
        with evaluating(model):
            x = self.row if self.looks_up else mapped(self.row, lambda one: Value(one, label=next(label)))
            output = model(x)
            value = self.loss([output], [self.target])
        value.label = value.label or "loss"
        given = mapped(output, float)
        facts: dict[str, float | str] = {"loss of the point": value.data, "output": self._told(given)}
        facts["target"] = self._label(self.target)
        on_map: Any = ()
        wrong: list[int] = []
        if self.read is not None:
            found = self.read(self.asked)
            at_rows = found[: len(self.rows)].tolist()
            with no_grad():
                measured = float(self.loss(at_rows, self.targets))
            if self.decide is not None:
                wrong = [row for row, one in enumerate(at_rows) if self.decide(one) != self.targets[row]]
                facts = {"rows right": f"{len(at_rows) - len(wrong):,} of {len(at_rows):,}", **facts}
            on_map = self._as_shown(found[len(self.rows) :]).tolist()
        made.add(value, state.epoch, loss=measured, facts=facts, outputs=on_map, wrong=wrong)

    def _told(self, output: Any) -> str:
        """The output in words: a score with its probability, the largest of several with its class."""
        numbers = leaves(output)
        if len(numbers) == 1:
            text = f"{numbers[0]:.4g}"
            return f"{text} (p = {sigmoid(numbers[0]):.3f})" if self._are_logits else text
        if plain(self.loss) is cross_entropy and self.decide is not None:
            best = self.decide(numbers)
            return f"{self._label(best)} ({self._as_shown(np.array([numbers]))[0][best]:.3f})"
        return ", ".join(f"{one:.4g}" for one in numbers[:3]) + ", …" * (len(numbers) > 3)

    @property
    def _are_logits(self) -> bool:
        return plain(self.loss) is binary_cross_entropy_with_logits

    def _label(self, target: Any) -> str:
        """A target as it was called."""
        if self.classes and not isinstance(target, list):
            return str(self.classes[int(target > 0) if plain(self.loss) is hinge_loss else int(target)])
        return ", ".join(f"{one:.4g}" for one in leaves(target))

    # ---------------------------------------------------------------------------------------------------- the map

    def _map(self, table: Rows) -> ModelMap | None:
        """What kind of map this task wants; None where it cannot be drawn."""
        inputs, targets = table.shape[1], self.targets
        if inputs > 2 or any(isinstance(one, list) for one in targets):
            return None
        rows, labels = table.tolist(), [str(one) for one in self.classes]
        kind: Literal["score", "value", "classes", "curve"]
        low, high = min(targets), max(targets)
        if plain(self.loss) is cross_entropy:
            if inputs == 1 or self.outputs > _MOST_CLASSES:
                return None
            kind, labels = "classes", labels or [f"class {one}" for one in range(self.outputs)]
        elif inputs == 1:
            kind = "curve"
        elif self.outputs == 1:
            kind = "score" if len(set(targets)) == 2 else "value"
        else:
            return None
        if plain(self.loss) in (binary_cross_entropy, binary_cross_entropy_with_logits):
            low, high = 0.0, 1.0
        middle, reach, followed = (low + high) / 2, (high - low) / 2 or 1.0, (self.row, self.target)
        return ModelMap(rows, targets, kind, middle, reach, labels, followed=followed)

    def _as_shown(self, outputs: Rows) -> Rows:
        """Outputs as the map shows them: scores whose loss is a logarithm as probabilities."""
        if self._are_logits:
            return 0.5 + 0.5 * np.tanh(0.5 * outputs)
        if plain(self.loss) is cross_entropy:
            shifted = np.exp(outputs - outputs.max(axis=1, keepdims=True))
            return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))
        return outputs

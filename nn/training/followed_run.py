"""A model in training with one data point followed: what is to be shown of it at the parameters of any epoch."""

from __future__ import annotations

import copy
import functools
import math
import operator
from array import array
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np

from autograd_core import ModelMap, Timeline, Value, no_grad, sigmoid
from nn.batched import evaluating, reader
from nn.data.datasets import Rows
from nn.losses import binary_cross_entropy, binary_cross_entropy_with_logits, cross_entropy, hinge_loss
from nn.modules.layers import Embedding
from nn.modules.module import Module
from nn.modules.tensor_lists import leaves, map_leaves, places
from nn.training.decisions import decision
from nn.training.early_stopping import restore
from nn.training.examples import Examples, Loss, examples, plain
from nn.training.execution import output_of

_MOST_CLASSES = 6


class EpochState(NamedTuple):
    """The parameters after an epoch, in the model's order; loss: as it was measured during it, nan before the first."""

    epoch: int
    parameters: array[float]
    loss: float


class FollowedRun:
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
        if isinstance(follow, bool) or not hasattr(follow, "__index__"):
            raise ValueError(f"follow is the number of a row, or (row, target), got {follow!r}.")
        follow = operator.index(follow)
        if follow not in data.numbers:
            raise ValueError(
                f"row {follow} is not among the {len(data.rows)} rows that are trained on. To follow a row that is "
                "held back, or another point, give it: follow=(row, target)."
            )
        place = data.numbers.index(follow)
        return self.rows[place], self.targets[place], f"Training, with row {follow} followed through it"

    def other(self, loss: Loss, data: Examples) -> str:
        """What of these is not as the run began: "another loss", "other rows", "other targets"; "" if nothing."""
        if _identity(loss) != _identity(self.loss):
            return "another loss"
        if data.rows != self.rows:
            return "other rows"
        return "" if data.targets == self.targets else "other targets"

    def add(self, made: Timeline, state: EpochState) -> None:
        """Add to a timeline what there is at a state."""
        restore(self.own, state.parameters)
        measured = state.loss
        model, label = self.copy, map("x{}".format, places(self.row))
        with evaluating(model):
            x = self.row if self.looks_up else map_leaves(self.row, lambda one: Value(one, label=next(label)))
            output = model(x)
            value = self.loss([output], [self.target])
        value.label = value.label or "loss"
        given = map_leaves(output, float)
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
        elif math.isnan(measured):  # before training nothing has measured it
            with evaluating(model), no_grad():
                measured = float(self.loss([output_of(model, row) for row in self.rows], self.targets))
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


def _identity(loss: Loss) -> Any:
    """What two losses share that are the same, also where functools.partial made them anew."""
    return (loss.func, loss.args, loss.keywords) if isinstance(loss, functools.partial) else loss

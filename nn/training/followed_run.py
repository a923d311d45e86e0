"""A model in training with one data point followed: its picture with the parameters of any epoch."""

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
from nn.modules.softmax import softmax
from nn.modules.tensor_lists import leaves, map_leaves, places
from nn.training.decisions import class_of, decision
from nn.training.early_stopping import restore
from nn.training.examples import Examples, Loss, base_loss, examples
from nn.training.execution import output_of

_MOST_CLASSES = 6


class EpochState(NamedTuple):
    """The parameters after an epoch, in the order of the model. loss: measured during it, nan before the first."""

    epoch: int
    parameters: array[float]
    loss: float


class FollowedRun:
    """A model with its data and the point that is followed; a copy of the model computes the numbers of any epoch."""

    def __init__(self, model: Module, loss: Loss, data: Examples, follow: int | tuple[Any, Any]) -> None:
        if not isinstance(model, Module):
            raise TypeError(
                f"record follows a Module, got {type(model).__name__}. For your own loss of Values, make an "
                "autograd_core.Timeline and call add(loss) after every epoch."
            )
        self.model, self.loss = model, loss
        self.rows, self.targets, self.classes = data.rows, data.targets, data.classes
        self.row, self.target, self.title = self._find_point(follow, data)
        self.copy = copy.deepcopy(model)
        self.own = list(self.copy.parameters())
        self.outputs = len(leaves(output_of(model, self.rows[0])))
        self.decide = decision(loss, self.outputs, self.targets)
        flat = all(isinstance(leaf, (int, float)) for leaf in self.rows[0]) if isinstance(self.rows[0], list) else False
        self.has_embedding = any(isinstance(module, Embedding) for module in model.modules())
        table = np.array(self.rows, dtype=float) if flat and not self.has_embedding else None
        self.map = None if table is None else self._map(table)
        grid = [] if self.map is None else self.map.grid()
        self.points = None if table is None else np.vstack([table, np.array(grid).reshape(-1, table.shape[1])])

    @functools.cached_property
    def read(self) -> Callable[[Any], Rows] | None:
        """The outputs of the copy for rows; None where the rows are not lists of numbers."""
        return None if self.points is None else reader(self.copy, self.points)

    def __getstate__(self) -> dict[str, Any]:
        """Everything but the compiled `read`, which is compiled again."""
        return {name: part for name, part in vars(self).items() if name != "read"}

    def _find_point(self, follow: int | tuple[Any, Any], data: Examples) -> tuple[Any, Any, str]:
        """The row and the target to follow, and the title."""
        if isinstance(follow, tuple) and len(follow) == 2:
            point = examples([follow[0]], [follow[1]], self.loss, classes=self.classes)
            return point.rows[0], point.targets[0], "Training, with one point followed through it"
        if isinstance(follow, bool) or not hasattr(follow, "__index__"):
            raise ValueError(f"follow is the number of a row, or (row, target), got {follow!r}.")
        follow = operator.index(follow)
        if follow not in data.numbers:
            raise ValueError(
                f"row {follow} is not among the {len(data.rows)} training rows. To follow a row that is held back, or "
                "another point, give follow=(row, target)."
            )
        place = data.numbers.index(follow)
        return self.rows[place], self.targets[place], f"Training, with row {follow} followed through it"

    def difference(self, loss: Loss, data: Examples) -> str:
        """The difference to the start of the run: "another loss", "other rows", "other targets", or ""."""
        if _identity(loss) != _identity(self.loss):
            return "another loss"
        if data.rows != self.rows:
            return "other rows"
        return "" if data.targets == self.targets else "other targets"

    def add(self, timeline: Timeline, state: EpochState) -> None:
        """Add the picture of a state to a timeline."""
        restore(self.own, state.parameters)
        measured = state.loss
        model, names = self.copy, places(self.row)
        if not any(isinstance(part, (list, tuple)) for part in self.row):
            names = [str(number) for number in range(1, len(names) + 1)]  # as a layer names them
        label = map("x{}".format, names)
        with evaluating(model):
            x = self.row
            if not self.has_embedding:
                x = map_leaves(x, lambda number: Value(number, label=next(label)))
            output = model(x)
            value = self.loss([output], [self.target])
        value.label = value.label or "loss"
        text = self._output_text(map_leaves(output, float))
        facts: dict[str, float | str] = {"loss of the point": value.data, "output": text}
        facts["target"] = self._target_text(self.target)
        on_map: Any = ()
        wrong: list[int] = []
        if self.read is not None:
            outputs = self.read(self.points)
            at_rows = outputs[: len(self.rows)].tolist()
            with no_grad():
                measured = float(self.loss(at_rows, self.targets))
            if self.decide is not None:
                wrong = [row for row, output in enumerate(at_rows) if self._is_wrong(output, self.targets[row])]
                facts = {"rows right": f"{len(at_rows) - len(wrong):,} of {len(at_rows):,}", **facts}
            on_map = self._map_outputs(outputs[len(self.rows) :]).tolist()
        elif math.isnan(measured):  # not measured before training
            with evaluating(model), no_grad():
                measured = float(self.loss([output_of(model, row) for row in self.rows], self.targets))
        timeline.add(value, state.epoch, loss=measured, facts=facts, outputs=on_map, wrong=wrong)

    def _is_wrong(self, output: Any, target: Any) -> bool:
        assert self.decide is not None
        guess = self.decide(output)
        return bool(guess != class_of(target, guess))

    def _output_text(self, output: Any) -> str:
        """The output as text: a score with its probability, the largest of several with its class."""
        numbers = leaves(output)
        if len(numbers) == 1:
            text = f"{numbers[0]:.4g}"
            return f"{text} (p = {sigmoid(numbers[0]):.3f})" if self._are_logits else text
        if base_loss(self.loss) is cross_entropy and self.decide is not None:
            best = self.decide(numbers)
            return f"{self._target_text(best)} ({self._map_outputs(np.array([numbers]))[0][best]:.3f})"
        return ", ".join(f"{number:.4g}" for number in numbers[:3]) + ", …" * (len(numbers) > 3)

    @property
    def _are_logits(self) -> bool:
        return base_loss(self.loss) is binary_cross_entropy_with_logits

    def _target_text(self, target: Any) -> str:
        """The name of the class of a target, or its number."""
        if self.classes and not isinstance(target, list):
            return str(self.classes[int(target > 0) if base_loss(self.loss) is hinge_loss else int(target)])
        return ", ".join(f"{number:.4g}" for number in leaves(target))

    # ---------------------------------------------------------------------------------------------------- the map

    def _map(self, table: Rows) -> ModelMap | None:
        """The map that fits the data and the loss; None where there is none."""
        inputs, targets = table.shape[1], self.targets
        if inputs > 2 or any(isinstance(target, list) for target in targets):
            return None
        rows, labels = table.tolist(), list(map(str, self.classes))
        kind: Literal["score", "value", "classes", "curve"]
        low, high = min(targets), max(targets)
        if base_loss(self.loss) is cross_entropy:
            if inputs == 1 or self.outputs > _MOST_CLASSES:
                return None
            kind, labels = "classes", labels or [f"class {index}" for index in range(self.outputs)]
        elif inputs == 1:
            kind = "curve"
        elif self.outputs == 1:
            kind = "score" if len(set(targets)) == 2 else "value"
        else:
            return None
        if base_loss(self.loss) in (binary_cross_entropy, binary_cross_entropy_with_logits):
            low, high = 0.0, 1.0
        middle, reach, followed = (low + high) / 2, (high - low) / 2 or 1.0, (self.row, self.target)
        return ModelMap(rows, targets, kind, middle, reach, labels, followed=followed)

    def on_map(self, output: Any) -> Any:
        """One output of the model, of Values, as the map shows it: see `_map_outputs`."""
        if self._are_logits:
            return sigmoid(leaves(output)[0])
        return softmax(leaves(output)) if base_loss(self.loss) is cross_entropy else output

    def _map_outputs(self, outputs: Rows) -> Rows:
        """Outputs for the map: probabilities instead of scores where the loss is a cross-entropy."""
        if self._are_logits:
            return 0.5 + 0.5 * np.tanh(0.5 * outputs)
        if base_loss(self.loss) is cross_entropy:
            shifted = np.exp(outputs - outputs.max(axis=1, keepdims=True))
            return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))
        return outputs


def _identity(loss: Loss) -> Any:
    """A key that is equal for equal losses, also for two equal functools.partial objects."""
    return (loss.func, loss.args, loss.keywords) if isinstance(loss, functools.partial) else loss

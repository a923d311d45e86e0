"""Gradient health: the dead and saturated units of a model on a batch, and the size of the gradients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_core import Value, backward_steps, topological_order
from autograd_core.formulas.aligned_table import AlignedTable
from autograd_core.formulas.text_report import Part
from nn.batched import evaluating
from nn.data.datasets import Rows
from nn.data.preparation import as_rows, require_same_length
from nn.diagnosis.activation_uses import ActivationUse, UnitState, activation_uses
from nn.diagnosis.why_gradient import Why, why_gradient
from nn.modules.module import Module
from nn.modules.tensor_lists import leaves
from nn.plot.canvas import Pictured
from nn.plot.gradients import draw_health

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Loss = Callable[[Any, Any], Any]


@dataclass(frozen=True, eq=False)
class LayerHealth:
    """The units of one layer on a batch.

    z: rows x units, the inputs of the activation. gradients: rows x units, dloss/doutput for the loss of the row (0
    where none arrives). states: of each unit, "dead" where it is off (its slope is 0) on every row, "off" for a
    single row, "saturated" where it is in a saturated zone on more than half of the rows, else "healthy".
    """

    name: str
    activation: str
    z: Rows
    gradients: Rows
    states: tuple[UnitState, ...]

    def share(self, state: UnitState) -> float:
        """The share of units in a state."""
        return self.states.count(state) / len(self.states)

    @property
    def gradient(self) -> float:
        """The root mean square of the gradients that arrive at the units, over rows and units."""
        return root_mean_square(self.gradients)


@dataclass(frozen=True, eq=False, repr=False)
class GradientHealth(Pictured):
    """The health of a model on a batch.

    layers: those with an activation, from the input on. parameters: {part of the model: the root mean square of the
    gradients of its parameters}, for the mean loss of the batch.
    """

    layers: tuple[LayerHealth, ...]
    parameters: dict[str, float]
    rows: int
    _why: Callable[[int, str], Why]

    def why(self, parameter: str, row: int = 0) -> Why:
        """The reasons for the gradient of a parameter, by its name in `named_parameters`, on one row of the batch.

        Raises ValueError for an unknown name or row.
        """
        return self._why(row, parameter)

    def figure(self, theme: str = "light") -> Figure:
        """The units of each layer by state, and the gradients by layer."""
        return draw_health(self, theme)

    def parts(self) -> list[Part]:
        """The layers, and the gradients of the parameters, as tables."""
        states: list[UnitState] = [closed_state(self.rows), "saturated", "healthy"]
        units = [[layer.name, layer.activation, len(layer.states), *map(layer.share, states)] for layer in self.layers]
        header = ["layer", "activation", "units", *states]
        sizes = AlignedTable(list(self.parameters.items()), ["parameters", "gradient"])
        return [AlignedTable(units, header), "", sizes] if units else [sizes]


def gradient_health(model: Module, X: Any, y: Any, loss: Loss) -> GradientHealth:
    """Run a batch forward and backward, and examine every unit with an activation, in a model of any structure.

    loss: as for `fit`, loss(predictions, targets). No parameter and no `.grad` changes; the model runs in evaluation
    mode. Raises ValueError where X and y differ in length.
    """
    rows, targets = as_rows(X), np.asarray(y).tolist()
    require_same_length(rows, targets)
    batch: dict[tuple[str, str], list[list[tuple[ActivationUse, UnitState, float]]]] = {}
    named = dict(model.named_parameters())
    total = dict.fromkeys(named.values(), 0.0)

    for row in range(len(rows)):
        output, value = _run(model, loss, rows, targets, row)
        arrived = _adjoints(value)
        for parameter in total:
            total[parameter] += arrived.get(parameter, 0.0) / len(rows)
        layers: dict[tuple[str, str], list[tuple[ActivationUse, UnitState, float]]] = {}
        order = dict.fromkeys(node for leaf in leaves(output) for node in topological_order(leaf))
        for use in activation_uses(order):
            layers.setdefault((use.layer, use.name), []).append((use, use.state, arrived.get(use.output, 0.0)))
        for key, units in layers.items():
            batch.setdefault(key, []).append(units)
    healths = [
        LayerHealth(
            name,
            activation,
            np.array([[use.z for use, _, _ in units] for units in by_row]),
            np.array([[gradient for _, _, gradient in units] for units in by_row]),
            tuple(_state([state for _, state, _ in unit]) for unit in zip(*by_row, strict=True)),
        )
        for (name, activation), by_row in batch.items()
    ]

    why = partial(_why_of, model, loss, rows, targets)
    return GradientHealth(tuple(healths), _sizes(named, total), len(rows), why)


def _run(model: Module, loss: Loss, rows: Rows, targets: list[Any], row: int) -> tuple[Any, Value]:
    with evaluating(model):
        output = model(rows[row].tolist())
    return output, loss([output], [targets[row]])


def _why_of(model: Module, loss: Loss, rows: Rows, targets: list[Any], row: int, name: str) -> Why:
    named = dict(model.named_parameters())
    if name not in named:
        raise ValueError(f"there is no parameter {name!r}; the model has {', '.join(list(named)[:4])}, ...")
    if not 0 <= row < len(rows):
        raise ValueError(f"the batch has rows 0 to {len(rows) - 1}, asked for {row}.")
    return why_gradient(_run(model, loss, rows, targets, row)[1], named[name])


def _adjoints(root: Value) -> dict[Value, float]:
    adjoints: dict[Value, float] = {}
    for step in backward_steps(root):
        adjoints[step.node] = float(step.upstream)
        for source, adjoint in zip(step.inputs, step.adjoints, strict=True):
            if isinstance(source, Value) and adjoint is not None:
                adjoints[source] = float(adjoint)
    return adjoints


def closed_state(rows: int) -> UnitState:
    """What a unit is that passes no gradient on any of so many rows."""
    return "dead" if rows > 1 else "off"


def _state(states: list[UnitState]) -> UnitState:
    if all(state == "off" for state in states):
        return closed_state(len(states))
    # A relu unit is useful because its gate is closed on some rows; only saturation counts here.
    return "saturated" if 2 * states.count("saturated") > len(states) else "healthy"


def _sizes(named: dict[str, Any], total: dict[Any, float]) -> dict[str, float]:
    parts: dict[str, list[float]] = {}
    for name, parameter in named.items():
        parts.setdefault(name.split("[")[0].rpartition(".")[0] or "model", []).append(total[parameter])
    return {part: root_mean_square(gradients) for part, gradients in parts.items()}


def root_mean_square(numbers: Any) -> float:
    """sqrt(mean(x**2)) over all numbers.

    >>> root_mean_square([1.0, 7.0])
    5.0
    """
    return float(np.sqrt(np.mean(np.square(numbers))))

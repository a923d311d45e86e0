"""Gradient health: which units of a model are dead or saturated on a batch, and how large the gradients are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_core import Value, backward_steps, topological_order
from nn.batched import Rows, evaluating
from nn.data.preparation import as_rows, require_same_length
from nn.diagnosis.activation_uses import Application, State, applications
from nn.diagnosis.why_gradient import Why, why_gradient
from nn.modules.module import Module
from nn.modules.tensor_lists import leaves
from nn.plot.canvas import Pictured
from nn.plot.gradients import draw_health
from nn.text_table import table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class LayerHealth:
    """The units of one layer on a batch.

    z: rows x units, what the activation is applied to. gradients: rows x units, dloss/doutput of the row's own loss (0
    where none arrives). states: of each unit: "dead" where its slope is 0 on every row, "saturated" where it is in a
    flat zone on more than half of the rows (and not dead), else "healthy".
    """

    name: str
    activation: str
    z: Rows
    gradients: Rows
    states: tuple[State, ...]

    def share(self, state: State) -> float:
        """The share of units in a state."""
        return self.states.count(state) / len(self.states)

    @property
    def gradient(self) -> float:
        """The size of the gradients that arrive at the units: root mean square over rows and units."""
        return float(np.sqrt(np.mean(self.gradients**2)))


@dataclass(frozen=True, eq=False, repr=False)
class GradientHealth(Pictured):
    """The health of a model on a batch.

    layers: those with an activation, from the input on. parameters: {part of the model: the size of the gradient of
    its parameters}, root mean square, of the mean loss of the batch.
    """

    layers: tuple[LayerHealth, ...]
    parameters: dict[str, float]
    rows: int
    _why: Callable[[int, str], Why]

    def why(self, parameter: str, row: int = 0) -> Why:
        """Why the gradient of one parameter, by its name in `named_parameters`, is what it is on one row of the batch.

        Raises ValueError for a name or a row there is not.
        """
        return self._why(row, parameter)

    def figure(self, theme: str = "light") -> Figure:
        """The units of each layer by state, and the gradients by layer."""
        return draw_health(self, theme)

    def __str__(self) -> str:
        units = [
            [one.name, one.activation, len(one.states), one.share("dead"), one.share("saturated"), one.share("healthy")]
            for one in self.layers
        ]
        header = ["layer", "activation", "units", "dead", "saturated", "healthy"]
        sizes = table(["parameters", "gradient"], [[name, size] for name, size in self.parameters.items()])
        return f"{table(header, units)}\n\n{sizes}" if units else sizes


def gradient_health(model: Module, X: Any, y: Any, loss: Callable[[Any, Any], Any]) -> GradientHealth:
    """Run a batch forward and backward and look at every unit that has an activation, whatever the model's structure.

    loss: as for `fit`, loss(predictions, targets). No parameter and no `.grad` is changed; dropout is left out.
    Raises ValueError where X and y differ in length.
    """
    rows, targets = as_rows(X), np.asarray(y).tolist()
    require_same_length(rows, targets)
    seen: dict[tuple[str, str], list[list[tuple[Application, State, float]]]] = {}
    named = dict(model.named_parameters())
    total = dict.fromkeys(named.values(), 0.0)

    def run(row: int) -> tuple[Any, Value]:
        with evaluating(model):
            output = model(rows[row].tolist())
        return output, loss([output], [targets[row]])

    for row in range(len(rows)):
        output, value = run(row)
        arrived = _adjoints(value)
        for parameter in total:
            total[parameter] += arrived.get(parameter, 0.0) / len(rows)
        layers: dict[tuple[str, str], list[tuple[Application, State, float]]] = {}
        order = dict.fromkeys(node for one in leaves(output) for node in topological_order(one))
        for one in applications(order):
            layers.setdefault((one.layer, one.name), []).append((one, one.state, arrived.get(one.output, 0.0)))
        for key, units in layers.items():
            seen.setdefault(key, []).append(units)
    healths = [
        LayerHealth(
            name,
            activation,
            np.array([[one.z for one, _, _ in units] for units in by_row]),
            np.array([[gradient for _, _, gradient in units] for units in by_row]),
            tuple(_state([state for _, state, _ in unit]) for unit in zip(*by_row, strict=True)),
        )
        for (name, activation), by_row in seen.items()
    ]

    def why(row: int, name: str) -> Why:
        if name not in named:
            raise ValueError(f"there is no parameter {name!r}; the model has {', '.join(list(named)[:4])}, ...")
        if not 0 <= row < len(rows):
            raise ValueError(f"the batch has rows 0 to {len(rows) - 1}, asked for {row}.")
        return why_gradient(run(row)[1], named[name])

    return GradientHealth(tuple(healths), _sizes(named, total), len(rows), why)


def _adjoints(root: Value) -> dict[Value, float]:
    found: dict[Value, float] = {}
    for step in backward_steps(root):
        found[step.node] = float(step.upstream)
        for source, adjoint in zip(step.inputs, step.adjoints, strict=True):
            if isinstance(source, Value) and adjoint is not None:
                found[source] = float(adjoint)
    return found


def _state(states: list[State]) -> State:
    if all(one == "dead" for one in states):
        return "dead"
    # A closed gate on some rows is what makes a relu unit useful; only what flattens out counts here.
    return "saturated" if 2 * states.count("saturated") > len(states) else "healthy"


def _sizes(named: dict[str, Any], total: dict[Any, float]) -> dict[str, float]:
    parts: dict[str, list[float]] = {}
    for name, parameter in named.items():
        parts.setdefault(name.split("[")[0].rpartition(".")[0] or "model", []).append(total[parameter])
    return {part: float(np.sqrt(np.mean(np.square(gradients)))) for part, gradients in parts.items()}

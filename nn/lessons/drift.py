"""Outputs that are all positive shift what the next layer adds up: the units drift to one side, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_core import FlatZone
from autograd_core import compile as compiled
from autograd_core.formulas.aligned_table import AlignedTable
from nn.data.datasets import Rows
from nn.diagnosis.slopes import zones
from nn.diagnosis.unit_health import root_mean_square
from nn.lessons.experiment import median
from nn.modules.activations import as_activation
from nn.modules.mlp import MLP
from nn.plot.canvas import Pictured, grid, log_scale, sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Measures = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False, repr=False)
class Drift(Pictured):
    """Layer by layer, at the start, as medians over the seeds.

    means: {activation: the mean output of each hidden layer}. shifts: the part of a score z that is the same for every
    row (root mean square over the units). signals: the part that differs from row to row (the standard deviation over
    the rows, root mean square over the units). one_sided: the share of units that are saturated on the same side for
    every row. scale: of the weights, times the usual.
    """

    means: dict[str, list[float]]
    shifts: dict[str, list[float]]
    signals: dict[str, list[float]]
    one_sided: dict[str, list[float]]
    scale: float

    def figure(self, theme: str = "light") -> Figure:
        """The mean output, shift and signal, and the units saturated on one side, by layer."""
        with sheet(theme, 1, 3, width=1100, height=360) as page:
            for index, name in enumerate(self.means):
                layers = range(1, len(self.means[name]) + 1)
                style = page.line(index)
                page.axes[0].plot(layers, self.means[name], marker="o", label=name, **style)
                page.axes[1].plot(layers, self.shifts[name], marker="s", label=f"{name}: shift", color=style["color"])
                page.axes[1].plot(
                    layers,
                    self.signals[name],
                    marker="o",
                    linestyle="--",
                    label=f"{name}: signal",
                    color=style["color"],
                )
                page.axes[2].plot(layers, self.one_sided[name], marker="o", label=name, **style)
            log_scale(page.axes[1].yaxis)
            page.axes[0].set(ylim=(-1.05, 1.05), title="mean output of a layer")
            page.axes[1].set_title("its scores z: shift and signal")
            page.axes[2].set(ylim=(-0.03, 1.03), title="units saturated on one side on every row")
            for axes, name in zip(page.axes, ("mean", "size", "share"), strict=True):
                axes.set_ylabel(name)
                axes.set_xlabel("hidden layer")
                axes.set_xticks(range(1, max(map(len, self.means.values())) + 1))
                axes.legend()
                grid(axes, page)
            return page.figure

    def parts(self) -> list[AlignedTable]:
        """The numbers as a table."""
        rows = [
            [name, layer + 1, mean, self.shifts[name][layer], self.signals[name][layer], self.one_sided[name][layer]]
            for name, means in self.means.items()
            for layer, mean in enumerate(means)
        ]
        return [AlignedTable(rows, ["activation", "layer", "mean output", "shift", "signal", "saturated on one side"])]


def activation_drift(
    activations: Sequence[str] = ("sigmoid", "tanh"),
    depth: int = 6,
    width: int = 16,
    scale: float = 1.0,
    rows: int = 100,
    seeds: Sequence[int] = (0, 1, 2, 3, 4),
) -> Drift:
    """Send standard normal rows through networks of `depth` hidden layers with weights `scale` times Xavier's, before
    any training, and measure the scores and outputs of each layer.

    Expected: tanh's outputs have mean 0, and so have its scores. Those of sigmoid have mean 1/2, which the next layer
    multiplies by its weights: from layer to layer less of a score is signal and nearly all of it is shift. With larger
    weights the shift saturates units on one side, whatever the input (biased saturation).
    """
    X = np.random.default_rng(0).normal(size=(rows, width))
    means: dict[str, list[float]] = {}
    shifts: dict[str, list[float]] = {}
    signals: dict[str, list[float]] = {}
    one_sided: dict[str, list[float]] = {}
    for name in activations:
        of = as_activation(name).of
        program, flat = compiled(of, example=0.5), zones(of)
        models = [MLP(width, *[width] * depth, 1, activation=name, rng=seed) for seed in seeds]
        runs = [_measure(model, scale, X, program, flat) for model in models]
        middle = [[median(numbers) for numbers in zip(*layers, strict=True)] for layers in zip(*runs, strict=True)]
        means[name], shifts[name], signals[name], one_sided[name] = map(list, zip(*middle, strict=True))
    return Drift(means, shifts, signals, one_sided, scale)


def _measure(model: MLP, scale: float, X: Rows, program: Any, flat: Sequence[FlatZone]) -> list[Measures]:
    """For each hidden layer: mean output, shift, signal, and share of units saturated on one side."""
    found, values = [], X
    for layer in model.layers[:-1]:
        state = layer.state_dict()
        scores = values @ (scale * np.array(state["weight"])).T + np.array(state["bias"])
        values = program(scores.ravel()).reshape(scores.shape)
        sides = [np.array([[z in zone for z in row] for row in scores.tolist()]).all(axis=0) for zone in flat]
        stuck = float(np.any(sides, axis=0).mean()) if sides else 0.0
        constant, changing = scores.mean(axis=0), scores.std(axis=0)
        found.append((float(values.mean()), root_mean_square(constant), root_mean_square(changing), stuck))
    return found

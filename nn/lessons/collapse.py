"""Why layers need activations between them: a stack of linear layers equals one linear layer."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from autograd_core.formulas.text_report import Part
from nn.batched import outputs
from nn.data.datasets import Rows
from nn.modules.activations import as_activation
from nn.modules.initialise import generator, xavier_uniform
from nn.modules.layers import Linear, Sequential
from nn.modules.tensor_lists import map_leaves
from nn.plot.canvas import Pictured, sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

REACH = 3.0
GRID = 41


@dataclass(frozen=True, eq=False, repr=False)
class LinearCollapse(Pictured):
    """A stack of linear layers beside the one layer it equals.

    weight, bias: of that layer, W2 W1 and W2 b1 + b2 (and so on for more layers). largest_difference: between the two,
    over a grid of inputs. bent: the share of the variance that the best plane leaves unexplained with the activation
    between the layers; 0 for a plane. The arrays are the three outputs over the grid.
    """

    sizes: tuple[int, ...]
    activation: str
    weight: list[list[float]]
    bias: list[float]
    largest_difference: float
    bent: float
    stack: Rows
    single: Rows
    with_activation: Rows

    def figure(self, theme: str = "light") -> Figure:
        """The output over the plane of inputs: of the stack, of the one layer, and with the activation."""
        layers = len(self.sizes) - 1
        with sheet(theme, 1, 3, width=1080, height=400, sharey=True) as page:
            for axes, values, title in zip(
                page.axes,
                (self.stack, self.single, self.with_activation),
                (
                    f"{layers} linear layers\n{' → '.join(map(str, self.sizes))}",
                    f"one layer: W = {' '.join(f'W{n}' for n in range(layers, 0, -1))}\n"
                    f"differs by at most {self.largest_difference:.1e}",
                    f"the same weights with {self.activation} between\nno plane: {self.bent:.0%} of the variance left",
                ),
                strict=True,
            ):
                ends = np.linspace(-REACH, REACH, GRID)
                heights = values.reshape(GRID, GRID)
                scale = page.scale("negative", "positive", strength=0.55)
                bound = float(np.abs(heights).max())
                levels = np.linspace(-bound, bound, 20)
                axes.contourf(ends, ends, heights, levels, cmap=scale)
                lines = axes.contour(ends, ends, heights, levels[1::3], colors=[page.colour("ink")], linewidths=0.8)
                axes.clabel(lines, fmt="%.2g", fontsize=8)
                axes.set_title(title)
                axes.set_xlabel("x1")
                axes.set_aspect("equal")
            page.axes[0].set_ylabel("x2")
            return page.figure

    def parts(self) -> list[Part]:
        """The numbers as text."""
        weight, bias = (map_leaves(numbers, _round) for numbers in (self.weight, self.bias))
        sizes = " → ".join(map(str, self.sizes))
        return [
            f"{len(self.sizes) - 1} linear layers {sizes} are one: W = {weight}, b = {bias}",
            f"largest difference {self.largest_difference:.2g}; with {self.activation} between, the "
            f"best plane leaves {self.bent:.1%} of the variance",
        ]


def linear_collapse(hidden: Sequence[int] = (5, 4), activation: str = "tanh", seed: int = 0) -> LinearCollapse:
    """Multiply out a stack of linear layers with 2 inputs, `hidden` sizes and 1 output, and compare.

    Expected: the two agree to rounding error (1e-12), and an activation between the layers bends the plane.

    >>> lesson = linear_collapse()
    >>> lesson.largest_difference < 1e-12, lesson.bent > 0.01
    (True, True)
    """
    sizes = (2, *hidden, 1)
    rng = generator(seed)
    layers = [
        # Twice Xavier's, so that the activation leaves its nearly linear middle.
        Linear(a, b, rng=rng, initialise=lambda fan_in, fan_out, source: 2.0 * xavier_uniform(fan_in, fan_out, source))
        for a, b in itertools.pairwise(sizes)
    ]
    for layer in layers:
        for parameter in layer.bias or []:
            parameter.data = rng.uniform(-1.0, 1.0)
    weight, bias = np.eye(2), np.zeros(2)
    for layer in layers:
        state = layer.state_dict()
        weight, bias = np.array(state["weight"]) @ weight, np.array(state["weight"]) @ bias + np.array(state["bias"])
    ends = np.linspace(-REACH, REACH, GRID)
    points = np.stack([part.ravel() for part in np.meshgrid(ends, ends)], axis=1)
    stack = outputs(Sequential(*layers), points)[:, 0]
    single = (points @ weight.T + bias)[:, 0]
    between = [part for layer in layers[:-1] for part in (layer, as_activation(activation))]
    bent = outputs(Sequential(*between, layers[-1]), points)[:, 0]
    plane = np.column_stack([points, np.ones(len(points))])
    left = bent - plane @ np.linalg.lstsq(plane, bent, rcond=None)[0]
    return LinearCollapse(
        sizes=sizes,
        activation=activation,
        weight=weight.tolist(),
        bias=bias.tolist(),
        largest_difference=float(np.abs(stack - single).max()),
        bent=float(left.var() / bent.var()),
        stack=stack,
        single=single,
        with_activation=bent,
    )


def _round(number: float) -> float:
    return float(f"{number:.4g}")

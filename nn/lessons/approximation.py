"""One hidden layer with enough units fits any curve: the error falls as the layer grows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from autograd_core.formulas.aligned_table import AlignedTable
from autograd_core.formulas.labels import plural
from nn.batched import outputs
from nn.data.datasets import Rows
from nn.diagnosis.unit_health import root_mean_square
from nn.lessons.experiment import descend, median, objective
from nn.losses import mse_loss
from nn.modules.initialise import uniform
from nn.modules.mlp import MLP
from nn.optim import Adam
from nn.plot.canvas import Pictured, grid, log_scale, sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def wave(x: float) -> float:
    """sin(2x) + x/2: the default curve."""
    return math.sin(2.0 * x) + 0.5 * x


@dataclass(frozen=True, eq=False, repr=False)
class Approximation(Pictured):
    """How well one hidden layer of each width fits a curve.

    errors: {width: the root mean squared error of each seed}, over a grid finer than the training rows.
    fits: {width: the outputs of the seed nearest the median, at x}. target: the curve at x.
    """

    widths: tuple[int, ...]
    errors: dict[int, list[float]]
    x: Rows
    target: Rows
    fits: dict[int, Rows]
    activation: str
    steps: int

    @property
    def medians(self) -> dict[int, float]:
        """{width: the median error of the seeds}."""
        return {width: median(errors) for width, errors in self.errors.items()}

    def figure(self, theme: str = "light") -> Figure:
        """Left the fits of a few widths, right the error by width with a dot for each seed."""
        with sheet(theme, 1, 2, width=1040, height=430, width_ratios=[1.25, 1]) as page:
            left, right = page.axes
            left.plot(self.x, self.target, color=page.colour("muted"), linewidth=5, alpha=0.45, label="target")
            few = sorted({self.widths[0], self.widths[len(self.widths) // 2], self.widths[-1]})
            for index, (width, dash) in enumerate(zip(few, ("--", "-.", "-"), strict=False)):
                colour, name = page.series(index), plural(width, "unit")
                left.plot(self.x, self.fits[width], linestyle=dash, color=colour, label=name)
            left.legend(loc="upper left")
            left.set_xlabel("x")
            left.set_ylabel("output")
            left.set_title("the fit nearest the median of the seeds")
            for width, errors in self.errors.items():
                right.plot(
                    [width] * len(errors), errors, "o", color=page.series(0), alpha=0.45, markersize=6, linestyle=""
                )
            medians = self.medians
            right.plot(list(medians), list(medians.values()), "-", color=page.series(1), label="median")
            log_scale(right.xaxis)
            log_scale(right.yaxis)
            right.set_xticks(self.widths, [str(width) for width in self.widths])
            right.set_xlabel("units in the hidden layer")
            right.set_ylabel("root mean squared error")
            right.set_title(f"error after {self.steps} steps of Adam, {self.activation}")
            right.legend()
            grid(left, page)
            grid(right, page)
            return page.figure

    def parts(self) -> list[AlignedTable]:
        """The numbers as a table."""
        rows = [[width, median(errors), min(errors), max(errors)] for width, errors in self.errors.items()]
        return [AlignedTable(rows, ["units", "median error", "best seed", "worst seed"])]


def universal_approximation(
    widths: Sequence[int] = (1, 2, 4, 8, 16),
    seeds: Sequence[int] = (0, 1, 2, 3, 4),
    steps: int = 1000,
    activation: str = "tanh",
    curve: Callable[[float], float] = wave,
    learning_rate: float = 0.03,
) -> Approximation:
    """Fit `curve` on 40 points from -3 to 3 with one hidden layer of each width, by Adam on all points.

    Expected: the median error falls with more units, until the steps no longer suffice for the better fit.
    """
    X = np.linspace(-3.0, 3.0, 40)[:, None]
    y = np.array([curve(float(x)) for x in X[:, 0]])
    x = np.linspace(-3.0, 3.0, 301)
    target = np.array([curve(float(number)) for number in x])
    errors: dict[int, list[float]] = {}
    fits: dict[int, Rows] = {}
    for width in widths:
        model = MLP(1, width, 1, activation=activation, rng=0, initialise=uniform)
        program = objective(model, lambda output, target: mse_loss(output[0], target), X)
        runs = []
        for seed in seeds:
            model.load_state_dict(MLP(1, width, 1, activation=activation, rng=seed, initialise=uniform).state_dict())
            descend(program, Adam(model.parameters(), learning_rate=learning_rate), X, y, steps)
            fit = outputs(model, x[:, None])[:, 0]
            runs.append((root_mean_square(fit - target), fit))
        errors[width] = [error for error, _ in runs]
        middle = median(errors[width])
        fits[width] = min(runs, key=lambda run: abs(run[0] - middle))[1]
    return Approximation(tuple(widths), errors, x, target, fits, activation, steps)

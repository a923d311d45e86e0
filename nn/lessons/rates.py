"""Learning rates on a loss surface, from too small to too large; and gradient descent against SGD."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_core import Value, hessian
from autograd_core.formulas.aligned_table import AlignedTable
from autograd_core.formulas.labels import plural
from nn.lessons.experiment import descent_path
from nn.losses import mse_loss
from nn.modules.initialise import generator
from nn.optim import SGD
from nn.plot.canvas import Pictured, grid, log_scale, sheet
from nn.plot.surface import Path, draw_path, draw_surface

if TYPE_CHECKING:
    from matplotlib.figure import Figure

START = (-1.5, 2.5)
WINDOW = ((-2.5, 4.0), (-3.0, 3.5))


@dataclass(frozen=True, eq=False, repr=False)
class LearningRates(Pictured):
    """The same descent at several learning rates.

    curvature: the largest eigenvalue of the Hessian of the loss. Gradient descent on a quadratic loss converges exactly
    where the rate is below `limit` = 2 / curvature. paths, losses: {rate: the points, the loss at each}. lowest: the
    minimum of the loss.
    """

    curvature: float
    paths: dict[float, Path]
    losses: dict[float, list[float]]
    lowest: float
    loss: Callable[[Any, Any], Any]

    @property
    def limit(self) -> float:
        """2 / curvature."""
        return 2.0 / self.curvature

    def figure(self, theme: str = "light") -> Figure:
        """The surface with each path, and the losses below."""
        titles = [f"rate {rate:.3g}, {rate / self.limit:.3g} of the limit\n{self.verdict(rate)}" for rate in self.paths]
        return _draw_descents(self, theme, titles, "step", dict.fromkeys(self.paths, 1), sharey=False)

    def verdict(self, rate: float) -> str:
        """The result of the descent in words: the factor by which the gap to the lowest loss grew or shrank."""
        first, last = (self.losses[rate][end] - self.lowest for end in (0, -1))
        steps = len(self.losses[rate]) - 1
        left = last / first
        if left > 1.0:
            return f"diverges: loss × {left:.2g} after {steps} steps"
        return f"{left:.2g} of the loss left after {steps} steps"

    def parts(self) -> list[AlignedTable]:
        """The numbers as a table."""
        rows = [
            [f"{rate:.4g}", rate / self.limit, losses[0], losses[-1], self.verdict(rate)]
            for rate, losses in self.losses.items()
        ]
        return [AlignedTable(rows, ["rate", "of the limit", "first loss", "last loss", "verdict"])]


def learning_rates(
    shares: Sequence[float] = (0.02, 0.5, 1.03), steps: int = 40, count: int = 30, seed: int = 0
) -> LearningRates:
    """Fit a line w x + b to `count` noisy points by gradient descent, at each share of the limiting rate.

    Expected: far below the limit it is slow, at half the limit it converges, above the limit every step increases the
    loss.
    """
    X, y = line_data(count, seed)
    loss = mean_squares(X, y)
    curvature = float(np.linalg.eigvalsh(hessian(lambda v: loss(v[0], v[1]))([*START]))[-1])
    paths: dict[float, Path] = {}
    for share in shares:
        rate = share * 2.0 / curvature
        paths[rate] = descent_path(loss, START, functools.partial(SGD, learning_rate=rate), steps)
    losses = {rate: [float(loss(*point)) for point in path] for rate, path in paths.items()}
    return LearningRates(curvature, paths, losses, _lowest(X, y), loss)


@dataclass(frozen=True, eq=False, repr=False)
class DescentPaths(Pictured):
    """Gradient descent on all rows, and on a few rows a step, each until it has used the same number of rows.

    paths, losses: {rows a step: the points after each step, the loss over all rows there}. lowest: the minimum of the
    loss. spread: {rows a step: the standard deviation of the last quarter of the path}, 0 for a path that has settled.
    """

    paths: dict[int, Path]
    losses: dict[int, list[float]]
    lowest: float
    spread: dict[int, float]
    rows_used: int
    count: int
    loss: Callable[[Any, Any], Any]

    def name(self, batch: int) -> str:
        """The name of a path."""
        return f"all {batch} rows a step" if batch == self.count else f"{plural(batch, 'row')} a step"

    def figure(self, theme: str = "light") -> Figure:
        """The surface with each path, and the losses by rows used."""
        titles = [
            f"{self.name(batch)}\n{len(path) - 1} steps, spread at the end {self.spread[batch]:.2g}"
            for batch, path in self.paths.items()
        ]
        return _draw_descents(self, theme, titles, "rows used", {batch: batch for batch in self.paths}, sharey="row")

    def parts(self) -> list[AlignedTable]:
        """The numbers as a table."""
        quarter = self.rows_used // 4
        rows = []
        for batch, losses in self.losses.items():
            early = losses[min(quarter // batch, len(losses) - 1)] - self.lowest
            rows.append([self.name(batch), len(losses) - 1, early, losses[-1] - self.lowest, self.spread[batch]])
        return [AlignedTable(rows, ["", "steps", f"gap after {quarter} rows", f"gap after {self.rows_used}", "spread"])]


def gradient_descent_and_sgd(
    batches: Sequence[int] = (30, 5, 1), epochs: int = 20, learning_rate: float = 0.1, count: int = 30, seed: int = 0
) -> DescentPaths:
    """Fit the same line with all rows, five rows or one row a step, shuffled every epoch, at the same learning rate.

    Expected: few rows a step come near the minimum after far fewer rows, then fluctuate around it; all rows a step go
    straight to it and settle. Raises ValueError for a number of rows that does not divide `count`.
    """
    if wrong := [batch for batch in batches if batch < 1 or count % batch]:
        raise ValueError(f"{wrong[0]} rows a step do not divide {count} rows evenly.")
    X, y = line_data(count, seed)
    loss = mean_squares(X, y)
    paths: dict[int, Path] = {}
    spread = {}
    for batch in batches:
        rng = generator(seed)
        w, b = Value(START[0], label="w"), Value(START[1], label="b")
        optimiser = SGD([w, b], learning_rate=learning_rate)
        path = [START]
        for _ in range(epochs):
            order = rng.sample(range(count), count)
            for first in range(0, count, batch):
                rows = order[first : first + batch]
                optimiser.zero_grad()
                mean_squares([X[row] for row in rows], [y[row] for row in rows])(w, b).backward()
                optimiser.step()
                path.append((w.data, b.data))
        paths[batch] = path
        spread[batch] = float(np.sqrt(np.var(path[-max(len(path) // 4, 2) :], axis=0).sum()))
    losses = {batch: [float(loss(*point)) for point in path] for batch, path in paths.items()}
    return DescentPaths(paths, losses, _lowest(X, y), spread, epochs * count, count, loss)


def line_data(count: int, seed: int) -> tuple[list[float], list[float]]:
    """x uniform in -1..2 (not centred, so that the bowl is elongated), y = 1.5 x - 0.5 + normal noise of size 0.3."""
    rng = generator(seed)
    x = [rng.uniform(-1.0, 2.0) for _ in range(count)]
    return x, [1.5 * number - 0.5 + rng.gauss(0.0, 0.3) for number in x]


def mean_squares(x: Sequence[float], y: Sequence[float]) -> Callable[[Any, Any], Any]:
    """The loss of a line over the data, as a function of its two parameters."""
    return lambda w, b: mse_loss([w * number + b for number in x], list(y))


def _lowest(x: Sequence[float], y: Sequence[float]) -> float:
    """The loss of the line of least squares."""
    w, b = np.linalg.lstsq(np.column_stack([x, np.ones(len(x))]), np.array(y), rcond=None)[0]
    return float(mean_squares(x, y)(float(w), float(b)))


def _draw_descents(
    lesson: Any, theme: str, titles: Sequence[str], unit: str, units_a_step: Mapping[float, int], sharey: Any
) -> Figure:
    """The surface with each path, and below it the loss above the lowest, by `unit`."""
    columns = len(titles)
    with sheet(theme, 2, columns, width=360 * columns, height=640, height_ratios=[1.6, 1], sharey=sharey) as page:
        for index, (key, path) in enumerate(lesson.paths.items()):
            above, below = page.axes[index], page.axes[columns + index]
            draw_surface(above, page, lesson.loss, *WINDOW, ("w", "b"))
            draw_path(above, page, path, index)
            above.set_title(titles[index])
            gaps = [max(loss - lesson.lowest, 1e-16) for loss in lesson.losses[key]]
            below.plot(np.arange(len(path)) * units_a_step[key], gaps, color=page.series(index + 1))
            log_scale(below.yaxis)
            below.set_xlabel(unit)
            grid(below, page)
        page.axes[columns].set_ylabel("loss above the lowest")
        return page.figure

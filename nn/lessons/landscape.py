"""The loss of a network over a plane in the space of all its parameters, with the path of its training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_core.formulas.aligned_table import AlignedTable
from nn.data.datasets import Rows, two_moons
from nn.lessons.experiment import logit_loss, objective
from nn.modules.mlp import MLP
from nn.optim import SGD
from nn.plot.canvas import Pictured, grid, log_scale, sheet
from nn.plot.surface import draw_contours, draw_path

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MARGIN = 0.35  # of the path's extent, around it


@dataclass(frozen=True, eq=False, repr=False)
class Landscape(Pictured):
    """The loss over the plane a u + b v around the first parameters.

    path: steps x parameters. u, v: two orthogonal unit vectors; u points from the first parameters to the last, v where
    the path departs most from the line between them. across, along: the coordinates a and b of the grid. heights: the
    loss at each, rows by b. losses: after each step. in_plane: the share of the squared distances from the start that
    lies in the plane.
    """

    path: Rows
    u: Rows
    v: Rows
    across: Rows
    along: Rows
    heights: Rows
    losses: list[float]
    in_plane: float
    sizes: tuple[int, ...]
    activation: str
    learning_rate: float

    @property
    def shadow(self) -> Rows:
        """The coordinates (a, b) of the path in the plane."""
        shadow: Rows = (self.path - self.path[0]) @ np.stack([self.u, self.v], axis=1)
        return shadow

    def figure(self, theme: str = "light") -> Figure:
        """The surface with the path on it, and the loss by step."""
        with sheet(theme, 1, 2, width=960, height=400, width_ratios=[1.4, 1]) as page:
            left, right = page.axes
            draw_contours(left, page, self.across, self.along, self.heights)
            draw_path(left, page, [(float(a), float(b)) for a, b in self.shadow[:: max(1, len(self.path) // 60)]])
            left.set_xlabel("from the start to the end (u)")
            left.set_ylabel("where the path departs most (v)")
            left.set_title(f"a plane through {self.path.shape[1]} parameters holds {self.in_plane:.0%} of the path")
            right.plot(self.losses, color=page.series(1))
            log_scale(right.yaxis)
            right.set(xlabel="step", ylabel="loss", title=f"{self.activation}, rate {self.learning_rate:g}")
            grid(right, page)
            return page.figure

    def parts(self) -> list[AlignedTable]:
        """The numbers as a table."""
        distance = float(np.linalg.norm(self.path[-1] - self.path[0]))
        length = float(np.linalg.norm(np.diff(self.path, axis=0), axis=1).sum())
        numbers: list[tuple[str, Any]] = [
            ("parameters", self.path.shape[1]),
            ("loss at the start", self.losses[0]),
            ("loss at the end", self.losses[-1]),
            ("distance from start to end", distance),
            ("length of the path", length),
            ("share of the path in the plane", f"{self.in_plane:.0%}"),
        ]
        return [AlignedTable(numbers, ["", "measured"])]


def landscape(
    hidden: tuple[int, ...] = (8, 8),
    activation: str = "tanh",
    learning_rate: float = 0.5,
    steps: int = 1200,
    seed: int = 0,
    points: int = 41,
) -> Landscape:
    """Train a network on 100 moons (noise 0.1, seed 0) by gradient descent on all rows, then compute its loss over the
    plane of the two directions that the path used most. points: of the grid, on each side.

    Expected: most of the path lies in one plane of the many directions, and the loss there is a smooth valley down
    which it goes. The plane is a slice: it says nothing of the other directions.
    """
    X, y = two_moons(100, 0.1, seed=0)
    sizes = (2, *hidden, 1)
    model = MLP(*sizes, activation=activation, rng=seed)
    program = objective(model, logit_loss, X)
    optimiser = SGD(model.parameters(), learning_rate=learning_rate)
    losses, places = [], []
    for step in range(steps + 1):
        places.append([parameter.data for parameter in program.parameters])
        optimiser.zero_grad()
        losses.append(program.backward(X, y))
        if step < steps:
            optimiser.step()
    path = np.array(places)
    u, v, in_plane = directions(path)
    shadow = (path - path[0]) @ np.stack([u, v], axis=1)
    low, high = shadow.min(axis=0), shadow.max(axis=0)
    edge = MARGIN * np.maximum(high - low, 0.3 * (high - low).max())
    across, along = (np.linspace(low[axis] - edge[axis], high[axis] + edge[axis], points) for axis in (0, 1))
    heights = slice_of(
        lambda at: float(program.value_and_grad(X, y, parameters=at.tolist())[0]), path[0], u, v, across, along
    )
    return Landscape(path, u, v, across, along, heights, losses, in_plane, sizes, activation, learning_rate)


def directions(path: Rows) -> tuple[Rows, Rows, float]:
    """Two orthogonal unit vectors, from the first place of a path to its last and where it departs most from this line,
    and the share of the path's squared distances from its first place that lies in their plane.

    >>> u, v, share = directions(np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 0.0], [2.0, 0.0, 0.0]]))
    >>> u.round(9).tolist(), abs(v).round(9).tolist(), round(share, 9)
    ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0], 1.0)
    """
    moved = path - path[0]
    u = moved[-1] / np.linalg.norm(moved[-1])
    left = moved - np.outer(moved @ u, u)
    v = np.linalg.svd(left, full_matrices=False)[2][0]
    v = v - (v @ u) * u
    v /= np.linalg.norm(v)
    inside = np.square(moved @ np.stack([u, v], axis=1)).sum()
    return u, v, float(inside / np.square(moved).sum())


def slice_of(loss: Callable[[Rows], float], origin: Rows, u: Rows, v: Rows, across: Rows, along: Rows) -> Rows:
    """loss(origin + a u + b v), a row for each b of `along` and a column for each a of `across`."""
    return np.array([[loss(origin + a * u + b * v) for a in across] for b in along])

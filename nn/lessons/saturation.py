"""Saturated units pass little gradient, and inputs centred on 0 make the loss easier to minimise."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_core import hessian, sigmoid, tanh
from autograd_core.formulas.aligned_table import AlignedTable
from nn.batched import outputs
from nn.data.datasets import Rows, two_moons
from nn.diagnosis.slopes import zones
from nn.diagnosis.unit_health import root_mean_square
from nn.lessons.experiment import descend, descent_path, logit_loss, median, objective
from nn.losses import mse_loss
from nn.modules.activations import as_activation
from nn.modules.initialise import generator, xavier_uniform
from nn.modules.mlp import MLP
from nn.modules.tensor_lists import leaves
from nn.optim import SGD
from nn.plot.canvas import MARKERS, Pictured, grid, log_scale, sheet
from nn.plot.surface import Path, draw_path, draw_surface, heights_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False, repr=False)
class Saturation(Pictured):
    """The effect of the size of the first weights, as medians over the seeds.

    saturated: {activation: for each scale, the share of (unit, row) pairs of the first hidden layer in a saturated or
    dead zone}. gradients: the root mean square of the gradients of that layer's weights. losses: after `steps` steps of
    SGD.
    """

    scales: tuple[float, ...]
    saturated: dict[str, list[float]]
    gradients: dict[str, list[float]]
    losses: dict[str, list[float]]
    steps: int

    def figure(self, theme: str = "light") -> Figure:
        """All three by scale."""
        with sheet(theme, 1, 3, width=1100, height=380) as page:
            for axes, numbers, title in zip(
                page.axes,
                (self.saturated, self.gradients, self.losses),
                ("units saturated or dead", "gradient of the first weights", f"loss after {self.steps} steps"),
                strict=True,
            ):
                for index, (name, by_scale) in enumerate(numbers.items()):
                    marker = MARKERS[index % len(MARKERS)]
                    axes.plot(self.scales, by_scale, marker=marker, label=name, **page.line(index))
                log_scale(axes.xaxis)
                axes.set_xticks(self.scales, [f"{scale:g}" for scale in self.scales])
                axes.set_xlabel("first weights, times Xavier's")
                axes.set_title(title)
                grid(axes, page)
            page.axes[0].set_ylabel("share")
            page.axes[0].set_ylim(-0.02, 1.0)
            page.axes[1].set_ylabel("root mean square")
            log_scale(page.axes[1].yaxis)
            page.axes[2].set_ylabel("loss")
            log_scale(page.axes[2].yaxis)
            page.axes[0].legend()
            return page.figure

    def parts(self) -> list[AlignedTable]:
        """The numbers as a table."""
        rows = [
            [name, scale, self.saturated[name][index], self.gradients[name][index], self.losses[name][index]]
            for name in self.saturated
            for index, scale in enumerate(self.scales)
        ]
        return [
            AlignedTable(rows, ["activation", "scale", "saturated or dead", "gradient", f"loss after {self.steps}"])
        ]


def saturation(
    scales: Sequence[float] = (0.25, 1.0, 4.0, 16.0, 64.0),
    activations: Sequence[str] = ("sigmoid", "tanh", "relu"),
    steps: int = 200,
    seeds: Sequence[int] = (0, 1, 2, 3, 4),
) -> Saturation:
    """Train 2-16-1 by SGD on 100 moons (noise 0.1, seed 0), from first weights at each scale of Xavier's.

    Expected: sigmoid and tanh saturate as the weights grow, and pass less gradient. Relu does not saturate (about half
    of its pairs are inactive at any scale), but its outputs grow with the weights.
    """
    X, y = two_moons(100, 0.1, seed=0)
    share: dict[str, list[float]] = {}
    sizes: dict[str, list[float]] = {}
    ends: dict[str, list[float]] = {}
    for name in activations:
        flat = zones(as_activation(name).of)
        share[name], sizes[name], ends[name] = [], [], []
        model = MLP(2, 16, 1, activation=name, rng=0)
        program = objective(model, logit_loss, X)
        for scale in scales:
            runs = []
            for seed in seeds:
                model.load_state_dict(_scaled_model(name, scale, seed).state_dict())
                before = outputs(model.layers[0], X)
                flat_pairs = np.mean([any(z in zone for zone in flat) for z in before.ravel().tolist()])
                model.zero_grad()
                program.backward(X, y)
                gradient = root_mean_square([weight.grad for weight in leaves(model.layers[0].weight)])
                losses = descend(program, SGD(model.parameters(), learning_rate=0.3), X, y, steps)
                runs.append((float(flat_pairs), gradient, losses[-1]))
            for column, numbers in zip((share, sizes, ends), zip(*runs, strict=True), strict=True):
                column[name].append(median(numbers))
    return Saturation(tuple(scales), share, sizes, ends, steps)


def _scaled_model(name: str, scale: float, seed: int) -> MLP:
    model = MLP(2, 16, 1, activation=name, rng=seed, initialise=xavier_uniform)
    for parameter in leaves(model.layers[0].weight):
        parameter.data *= scale
    return model


@dataclass(frozen=True, eq=False, repr=False)
class ZeroCentred(Pictured):
    """A linear unit with the same two signals as inputs, once through sigmoid (0 to 1), once through tanh (-1 to 1).

    For "sigmoid" and "tanh" each: same_sign, the share of rows where the gradients of the two weights have the same
    sign at the start; condition, the largest curvature of the loss divided by the smallest; steps, until the loss is a
    millionth of the first (`limit` where it never is), at the learning rate 1 / largest curvature; path, the weights.
    """

    same_sign: dict[str, float]
    condition: dict[str, float]
    steps: dict[str, int]
    path: dict[str, Path]
    rows: dict[str, Rows]
    minimum: tuple[float, float]

    def figure(self, theme: str = "light") -> Figure:
        """The two loss surfaces with the paths on them."""
        with sheet(theme, 1, 2, width=1000, height=510) as page:
            for index, (axes, (name, path)) in enumerate(zip(page.axes, self.path.items(), strict=True)):
                w, b = self.minimum
                draw_surface(
                    axes, page, _squares(self.rows[name], self.minimum), (w - 4, w + 4), (b - 4, b + 4), ("w1", "w2")
                )
                draw_path(axes, page, path, index)
                axes.set_aspect("equal")
                axes.set_title(
                    f"inputs from {name}: {self.steps[name]} steps\n"
                    f"largest curvature {self.condition[name]:.3g} times the smallest\n"
                    f"{self.same_sign[name]:.0%} of the rows change both weights in the same direction"
                )
            return page.figure

    def parts(self) -> list[AlignedTable]:
        """The numbers as a table."""
        rows = [[name, self.same_sign[name], self.condition[name], self.steps[name]] for name in self.path]
        return [AlignedTable(rows, ["inputs from", "rows of the same sign", "condition", "steps"])]


def zero_centred(seed: int = 0, count: int = 100, limit: int = 200) -> ZeroCentred:
    """Least squares of w1 h1 + w2 h2, where h = sigmoid(2 z) or tanh(z) = 2 sigmoid(2 z) - 1 of the same z, normal with
    standard deviation 1/2.

    Expected: the outputs of sigmoid are all positive, so that every row changes both weights in the same direction, and
    the loss is a long valley. Those of tanh have both signs, and the loss is nearly round.
    """
    rng = generator(seed)
    z = [[rng.gauss(0.0, 0.5) for _ in range(2)] for _ in range(count)]
    minimum = (1.0, -1.0)
    inputs = {
        "sigmoid": np.array([[sigmoid(2.0 * number) for number in row] for row in z]),
        "tanh": np.array([[tanh(number) for number in row] for row in z]),
    }
    same_sign, condition, steps = {}, {}, {}
    paths: dict[str, Path] = {}
    for name, rows in inputs.items():
        loss = _squares(rows, minimum)
        start = (minimum[0] - 3.0, minimum[1] - 1.5)
        curvatures = np.linalg.eigvalsh(hessian(loss)(*start))
        path = descent_path(loss, start, functools.partial(SGD, learning_rate=1.0 / curvatures[-1]), limit)
        heights = heights_of(loss, *np.array(path).T)
        reached = next((step for step, height in enumerate(heights) if height <= 1e-6 * heights[0]), limit)
        errors = rows @ np.subtract(start, minimum)
        signs = np.sign(errors[:, None] * rows)
        same_sign[name] = float(np.mean(signs[:, 0] == signs[:, 1]))
        condition[name] = float(curvatures[-1] / curvatures[0])
        steps[name] = reached
        paths[name] = path[: reached + 1]
    return ZeroCentred(same_sign, condition, steps, paths, inputs, minimum)


def _squares(rows: Rows, minimum: tuple[float, float]) -> Any:
    table = rows.tolist()
    targets = [minimum[0] * a + minimum[1] * b for a, b in table]
    return lambda w1, w2: mse_loss([w1 * a + w2 * b for a, b in table], targets)

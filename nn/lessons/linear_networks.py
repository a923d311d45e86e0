"""A network of linear layers represents no more than one layer, but it learns differently: plateau, step, plateau."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_core import compile as compiled
from autograd_core.formulas.aligned_table import AlignedTable
from nn.data.datasets import Rows
from nn.modules.layers import Linear, Sequential
from nn.optim import SGD
from nn.plot.canvas import Pictured, grid, sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False, repr=False)
class LinearLearning(Pictured):
    """How the modes of a linear map are learnt by one linear layer and by two.

    The map is U diag(strengths) V^T; its modes are the pairs of columns of U and V. one, two: steps x modes, the entry
    u^T W v of the weights (of their product) after each step. theory: the same for two layers by the formula of Saxe,
    McClelland and Ganguli (2013), from the values at the start. losses: {"one layer", "two layers"}, by step. half: the
    step at which two layers have learnt half of each mode.
    """

    strengths: tuple[float, ...]
    one: Rows
    two: Rows
    theory: Rows
    losses: dict[str, list[float]]
    half: list[int | None]
    learning_rate: float
    start: float

    def figure(self, theme: str = "light") -> Figure:
        """The modes by step, one layer and two, and both losses."""
        with sheet(theme, 1, 3, width=1100, height=360) as page:
            for axes, modes, name in zip(page.axes, (self.one, self.two), ("one layer", "two layers"), strict=False):
                for index, strength in enumerate(self.strengths):
                    colour = page.series(index)
                    axes.plot(modes[:, index], color=colour, label=f"mode of strength {strength:g}")
                    if modes is self.two:
                        axes.plot(self.theory[:, index], color=colour, linestyle=":", linewidth=3.0, alpha=0.6)
                axes.set(
                    xlabel="step", ylim=(-0.15, 1.1 * max(self.strengths)), title=f"{name}: what is learnt of each mode"
                )
                grid(axes, page)
            page.axes[0].set_ylabel("strength learnt")
            page.axes[0].legend(loc="lower right")
            page.axes[1].set_title(f"two layers, first weights about {self.start:g}\n(dotted: the formula)")
            for index, (name, losses) in enumerate(self.losses.items()):
                page.axes[2].plot(losses, label=name, **page.line(index))
            page.axes[2].set(xlabel="step", title="loss")
            page.axes[2].legend(loc="upper right")
            grid(page.axes[2], page)
            return page.figure

    def parts(self) -> list[AlignedTable]:
        """The numbers as a table."""
        rows = [
            [strength, "not reached" if half is None else half, self.one[-1, index], self.two[-1, index]]
            for index, (strength, half) in enumerate(zip(self.strengths, self.half, strict=True))
        ]
        return [AlignedTable(rows, ["strength", "half learnt by two layers at step", "one layer", "two layers"])]


def linear_learning(
    strengths: Sequence[float] = (4.0, 2.0, 1.0),
    start: float = 0.01,
    steps: int = 700,
    learning_rate: float = 0.01,
    seed: int = 0,
) -> LinearLearning:
    """Learn a linear map with the given singular values, from the rows of the unit matrix, by gradient descent on the
    loss |W x - y|^2 / 2, summed over the rows: with one layer W, and with two, W = W2 W1.

    start: the size of the first weights. The two layers start balanced, W2^T W2 = W1 W1^T, as the formula assumes: each
    mode begins at start^2, and follows da/dt = 2 a (s - a) for a mode of strength s, with t = rate x step.
    Expected: one layer learns all modes at one rate and has no plateau. Two layers wait on a plateau, then learn one
    mode after another, the strongest first; the smaller the start, the longer the plateaus. Raises ValueError for
    strengths or a start that are not positive.
    """
    if min(*strengths, start) <= 0.0:
        raise ValueError(f"strengths and start are positive, got {tuple(strengths)} and {start}.")
    size = len(strengths)
    rng = np.random.default_rng(seed)
    left, middle, right = (np.linalg.qr(rng.normal(size=(size, size)))[0] for _ in range(3))
    target = left @ np.diag(strengths) @ right.T
    rows, targets = np.eye(size), target.T  # row k is the unit vector k, its target column k of the map
    runs: dict[str, tuple[Rows, list[float]]] = {}
    for name, first in (
        ("one layer", [start**2 * left @ right.T]),
        ("two layers", [start * middle @ right.T, start * left @ middle.T]),
    ):
        layers = [Linear(size, size, bias=False, rng=0) for _ in first]
        for layer, weight in zip(layers, first, strict=True):
            layer.load_state_dict({"weight": weight.tolist()})
        runs[name] = _train(Sequential(*layers), layers, rows, targets, steps, learning_rate, left, right)
    one, two = runs["one layer"][0], runs["two layers"][0]
    half = [
        next((step for step in range(steps + 1) if two[step, index] >= strength / 2), None)
        for index, strength in enumerate(strengths)
    ]
    theory = np.array(
        [[mode(strength, start**2, learning_rate * step) for strength in strengths] for step in range(steps + 1)]
    )
    losses = {name: run[1] for name, run in runs.items()}
    return LinearLearning(tuple(strengths), one, two, theory, losses, half, learning_rate, start)


def mode(strength: float, first: float, time: float) -> float:
    """What two balanced linear layers have learnt of a mode at a time: s / (1 + (s / a - 1) exp(-2 s t)), where a is
    what they begin with (Saxe, McClelland and Ganguli 2013, Exact solutions to the nonlinear dynamics of learning in
    deep linear neural networks).

    >>> mode(4.0, 0.01, 0.0), round(mode(4.0, 0.01, 9.0), 12)
    (0.01, 4.0)
    """
    return strength / (1.0 + (strength / first - 1.0) * math.exp(-2.0 * strength * time))


def _train(
    model: Sequential, layers: Sequence[Linear], X: Rows, y: Rows, steps: int, rate: float, left: Rows, right: Rows
) -> tuple[Rows, list[float]]:
    """The modes and the loss after each step."""

    def loss(x: Any, targets: Any) -> Any:
        return sum((output - target) ** 2 for output, target in zip(model(x), targets, strict=True)) * (len(X) / 2.0)

    zeros = [0.0] * X.shape[1]
    program = compiled(loss, example=(zeros, zeros), parameters=list(model.parameters()))
    optimiser = SGD(model.parameters(), learning_rate=rate)
    modes, losses = [], []
    for step in range(steps + 1):
        optimiser.zero_grad()
        losses.append(program.backward(X, y))
        weight = np.eye(X.shape[1])
        for layer in layers:
            weight = np.array(layer.state_dict()["weight"]) @ weight
        modes.append(np.diag(left.T @ weight @ right))
        if step < steps:
            optimiser.step()
    return np.array(modes), losses

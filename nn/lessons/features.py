"""One logistic unit with a feature made by hand, beside a network that learns its features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_core.formulas.aligned_table import AlignedTable
from autograd_core.formulas.text_report import Part
from nn.batched import reader, stage_values
from nn.data.datasets import Rows, xor
from nn.lessons.experiment import descend, logit_loss, objective
from nn.modules.mlp import MLP
from nn.modules.module import Module
from nn.optim import Adam
from nn.plot.boundary import draw_boundary
from nn.plot.canvas import Pictured, sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAMES = ("one unit", "one unit with x1 x2", "a hidden layer")


class WithProduct(Module):
    """A model of (x1, x2, x1 x2), called with (x1, x2)."""

    def __init__(self, model: Module) -> None:
        self.model = model

    def __call__(self, x: Any) -> Any:
        """The output for a row of two numbers."""
        return self.model([x[0], x[1], x[0] * x[1]])


@dataclass(frozen=True, eq=False, repr=False)
class Features(Pictured):
    """Exclusive or, learnt by three models.

    losses: {model: the binary cross-entropy after training}. right: {model: the share of new rows that are classified
    rightly}. explained: the share of the variance of x1 x2 that the best affine map of the hidden units reproduces,
    {"inputs", "before training", "after training"}.
    """

    models: dict[str, Module]
    losses: dict[str, float]
    right: dict[str, float]
    explained: dict[str, float]
    X: Rows
    y: Any

    def figure(self, theme: str = "light") -> Figure:
        """The boundary of each model, with the new rows."""
        with sheet(theme, 1, 3, width=1080, height=380) as page:
            for axes, name in zip(page.axes, NAMES, strict=True):
                draw_boundary(axes, page, self.models[name], self.X, self.y, np.unique(self.y), None)
                axes.set_title(f"{name}: {self.right[name]:.0%} right\nloss {self.losses[name]:.3f}")
            return page.figure

    def parts(self) -> list[Part]:
        """The numbers as tables."""
        rows = [[name, self.losses[name], f"{self.right[name]:.0%}"] for name in NAMES]
        explained = [[name, f"{share:.1%}"] for name, share in self.explained.items()]
        return [
            AlignedTable(rows, ["model", "loss", "new rows right"]),
            "",
            AlignedTable(explained, ["an affine map of", "reproduces of x1 x2"]),
        ]


def features_by_hand(hidden: int = 4, steps: int = 300, seed: int = 1, sizes: Sequence[int] = (100, 100)) -> Features:
    """Learn the exclusive or of the signs of x1 and x2 from four clouds: with x1, x2; with x1, x2, x1 x2; with a hidden
    layer of tanh.

    sizes: of the rows for training and of the new rows.
    Expected: one unit answers as a coin does. With the product, one unit is enough. The hidden layer is not given the
    product, and after training an affine map of its units reproduces most of it.
    """
    X, y = xor(sizes[0], seed=seed)
    X_new, y_new = xor(sizes[1], seed=seed + 1)
    models = dict(
        zip(
            NAMES,
            (MLP(2, 1, rng=seed), WithProduct(MLP(3, 1, rng=seed)), MLP(2, hidden, 1, activation="tanh", rng=seed)),
            strict=True,
        )
    )
    explained = {
        "inputs": _explained(X_new, X_new),
        "before training": _explained(_hidden(models[NAMES[2]], X_new), X_new),
    }
    losses, right = {}, {}
    for name, model in models.items():
        program = objective(model, logit_loss, X)
        losses[name] = descend(program, Adam(model.parameters(), learning_rate=0.05), X, y, steps)[-1]
        right[name] = float(np.mean((reader(model, X)(X_new)[:, 0] > 0.0) == (y_new == 1)))
    explained["after training"] = _explained(_hidden(models[NAMES[2]], X_new), X_new)
    return Features(models, losses, right, explained, X_new, y_new)


def _hidden(model: Module, X: Rows) -> Rows:
    return stage_values(model, X)[0][1]


def _explained(values: Rows, X: Rows) -> float:
    """The share of the variance of x1 x2 that the best affine map of `values` reproduces."""
    product = X[:, 0] * X[:, 1]
    columns = np.column_stack([values, np.ones(len(values))])
    left = product - columns @ np.linalg.lstsq(columns, product, rcond=None)[0]
    return float(1.0 - left.var() / product.var())

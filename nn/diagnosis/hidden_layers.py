"""The representations of hidden layers: each unit over the plane of the inputs, and the data in each layer's space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_core.formulas.aligned_table import AlignedTable
from nn.batched import stage_values
from nn.data.datasets import Rows
from nn.data.preparation import as_rows, require_same_length
from nn.modules.module import Module
from nn.plot.boundary import plane
from nn.plot.canvas import Pictured
from nn.plot.layer_spaces import draw_representation

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GRID = 61


@dataclass(frozen=True, eq=False)
class LayerView:
    """The data in the space of one layer.

    values: rows x units. points: rows x 2, the values of two units, else their first two principal components (for one
    unit its value and 0). variance_share: of these two. separable: the share of rows that the best linear cut through
    `values` classifies correctly, by least squares for each class against the others. maps: units x grid x grid, each
    unit over the plane of the inputs; None unless there are two inputs.
    """

    name: str
    values: Rows
    points: Rows
    variance_share: float
    separable: float
    maps: Rows | None


@dataclass(frozen=True, eq=False, repr=False)
class Representation(Pictured):
    """The layers of a model, the inputs first, with its parameters at that time.

    With one from before training and one from after, `after.figure(before=before)` shows them one above the other.
    """

    layers: tuple[LayerView, ...]
    X: Rows
    y: Any
    extent: tuple[float, float, float, float]

    def figure(self, theme: str = "light", before: Representation | None = None) -> Figure:
        """The data in the space of each layer, and below it at most six units over the plane of the inputs."""
        return draw_representation(self, theme, before)

    def parts(self) -> list[AlignedTable]:
        """The numbers as a table."""
        rows = [[layer.name, layer.values.shape[1], layer.separable, layer.variance_share] for layer in self.layers]
        return [AlignedTable(rows, ["layer", "units", "separable", "shown of the variance"])]


def representation(model: Module, X: Any, y: Any) -> Representation:
    """The representation of the rows of X, with classes y, in every layer of an MLP or Sequential, in evaluation mode.

    Expected: training makes the classes more separable from layer to layer; before training they are hardly more
    separable than the inputs. Raises ValueError where X and y differ in length, TypeError for a model whose layers are
    not known.
    """
    rows, labels = as_rows(X), np.asarray(y).ravel()
    require_same_length(rows, labels)
    stages = [("input", rows), *stage_values(model, rows)]
    maps: list[Rows | None] = [None] * len(stages)
    extent = (0.0, 1.0, 0.0, 1.0)
    if rows.shape[1] == 2:
        first, second, points = plane(rows, GRID)
        extent = (float(first[0]), float(first[-1]), float(second[0]), float(second[-1]))
        on_grid = [("input", points), *stage_values(model, points)]
        maps = [values.T.reshape(-1, GRID, GRID) for _, values in on_grid]
    layers = []
    for (name, values), over_plane in zip(stages, maps, strict=True):
        projection, variance_share = _project(values)
        layers.append(LayerView(name, values, projection, variance_share, separable(values, labels), over_plane))
    return Representation(tuple(layers), rows, labels, extent)


def separable(values: Rows, labels: Any) -> float:
    """The share of rows that a linear cut classifies correctly, by least squares for each class against the others.

    >>> separable(np.array([[0.0], [1.0], [2.0]]), np.array([0, 0, 1]))
    1.0
    """
    classes, numbers = np.unique(labels, return_inverse=True)
    design = np.column_stack([values, np.ones(len(values))])
    scores = design @ np.linalg.lstsq(design, np.eye(len(classes))[numbers], rcond=None)[0]
    return float(np.mean(scores.argmax(axis=1) == numbers))


def _project(values: Rows) -> tuple[Rows, float]:
    """Two coordinates of each row, and their share of the variance."""
    if values.shape[1] == 1:
        return np.column_stack([values, np.zeros(len(values))]), 1.0
    if values.shape[1] == 2:
        return values, 1.0
    centred = values - values.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    total = float((sizes**2).sum())
    return left[:, :2] * sizes[:2], float((sizes[:2] ** 2).sum() / total) if total else 1.0

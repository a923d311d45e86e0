"""The decision boundary of a classifier over the plane of its two inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_core import look
from nn.batched import outputs
from nn.data.datasets import Rows
from nn.data.preparation import as_rows, require_same_length
from nn.modules.mlp import MLP
from nn.plot.canvas import MARKERS, PlotSheet, plain_text, sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GRID = 121


def decision_boundary(
    model: Callable[[Any], Any], X: Any, y: Any, *, threshold: float | None = None, theme: str = "light"
) -> Figure:
    """The classes that a model predicts over the plane, the boundary between them, and the data.

    One output: class 1 above the threshold, by default 1/2 where the model ends in a sigmoid, else 0 (of a score).
    Several outputs: the class of the largest. Each class has its own colour and marker; a ring marks a row that is
    classified wrongly. Raises ValueError unless X has two columns and y a class for each row.
    """
    rows, labels = as_rows(X), np.asarray(y).ravel()
    if rows.shape[1] != 2:
        raise ValueError(f"a boundary is drawn over two inputs, and these rows have {rows.shape[1]}.")
    require_same_length(rows, labels)
    classes = np.unique(labels)
    with sheet(theme, width=520, height=460) as page:
        axes = page.axes[0]
        wrong = draw_boundary(axes, page, model, rows, labels, classes, threshold)
        share = 1.0 - wrong.mean()
        axes.set_title(f"{share:.1%} of {len(rows)} rows right")
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), title="class", alignment="left")
        return page.figure


def draw_boundary(
    axes: Axes, page: PlotSheet, model: Any, rows: Rows, labels: Any, classes: Any, threshold: float | None
) -> Any:
    """Draw on these axes; returns for each row whether it is classified wrongly."""
    first, second, points = plane(rows)
    scores = outputs(model, points)
    at_rows = outputs(model, rows)
    if scores.shape[1] == 1:
        middle = threshold if threshold is not None else _middle(model)
        margin = scores[:, 0].reshape(GRID, GRID) - middle
        reach = float(np.quantile(np.abs(margin), 0.9)) or 1.0
        scale = page.scale(*look.SERIES_ROLES[:2], strength=0.45)
        axes.contourf(first, second, np.clip(margin / reach, -1, 1), np.linspace(-1, 1, 15), cmap=scale)
        axes.contour(first, second, margin, [0.0], colors=[page.colour("ink")], linewidths=1.8)
        predicted = np.where(at_rows[:, 0] > middle, classes[-1], classes[0])
    else:
        if classes.dtype.kind in "iu":
            classes = np.arange(scores.shape[1])
        for index in range(scores.shape[1]):
            others = np.delete(scores, index, axis=1).max(axis=1)
            lead = (scores[:, index] - others).reshape(GRID, GRID)
            levels = [0.0, max(float(lead.max()), 1e-300)]
            axes.contourf(first, second, lead, levels, colors=[page.series(index)], alpha=0.25)
            axes.contour(first, second, lead, [0.0], colors=[page.colour("ink")], linewidths=1.4)
        predicted = classes[at_rows.argmax(axis=1)]
    wrong = predicted != labels
    scatter_classes(axes, page, rows, labels, wrong=wrong)
    axes.set_xlabel("x1")
    axes.set_ylabel("x2")
    return wrong


def plane(rows: Rows, count: int = GRID) -> tuple[Rows, Rows, Rows]:
    """A grid over the data with a margin: the coordinates of the two axes, and the points as rows."""
    low, high = rows.min(axis=0), rows.max(axis=0)
    edge = 0.12 * np.where(high > low, high - low, 1.0)
    first = np.linspace(low[0] - edge[0], high[0] + edge[0], count)
    second = np.linspace(low[1] - edge[1], high[1] + edge[1], count)
    points = np.stack([part.ravel() for part in np.meshgrid(first, second)], axis=1)
    return first, second, points


def scatter_classes(
    axes: Axes, page: PlotSheet, points: Rows, labels: Any, size: float = 26.0, wrong: Any = None
) -> None:
    """Draw the data, each class with its colour and marker. wrong: the rows that get a heavy border."""
    ink, paper = page.colour("ink"), page.colour("page")
    wrong = np.zeros(len(points), dtype=bool) if wrong is None else wrong
    for index, label in enumerate(np.unique(labels)):
        for rows, edge, width in ((~wrong, paper, 0.6), (wrong, ink, 1.5)):
            axes.scatter(
                *points[(labels == label) & rows].T,
                s=size * (1.4 if index % len(MARKERS) else 1.0),
                marker=MARKERS[index % len(MARKERS)],
                color=page.series(index),
                edgecolors=edge,
                linewidths=width,
                label=plain_text(label) if edge is paper else None,
            )
    if wrong.any():
        axes.scatter([], [], s=size, facecolors="none", edgecolors=ink, linewidths=1.5, label="wrong")


def _middle(model: Any) -> float:
    last: Any = None
    if isinstance(model, MLP):
        last = model.activations[-1]
    elif hasattr(model, "children"):
        last = next(reversed([module for _, module in model.children()]), None)
    return 0.5 if last is not None and getattr(getattr(last, "note", None), "name", "") == "sigmoid" else 0.0

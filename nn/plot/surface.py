"""A loss over the plane of two parameters, and the paths of optimisers on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_core import CompileError
from autograd_core import compile as compiled
from nn.plot.canvas import MARKERS, PlotSheet, sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Path = Sequence[tuple[float, float]]
Limits = tuple[float, float]
MOST_MARKERS = 200  # of a path; more of them hide its line


def loss_surface(
    loss: Callable[[Any, Any], Any],
    first: Limits,
    second: Limits,
    paths: Mapping[str, Path] | None = None,
    *,
    names: tuple[str, str] = ("w", "b"),
    theme: str = "light",
) -> Figure:
    """Contours of loss(w, b), each a constant factor higher above the lowest point than the one inside it.

    first, second: the ranges of the two parameters. paths: by name; a path begins at a ring, ends at a star, and is cut
    off where it leaves the ranges. Raises ValueError for an empty range.
    """
    for name, (low, high) in zip(names, (first, second), strict=True):
        if not low < high:
            raise ValueError(f"the range of {name} is from a smaller to a larger number, got {(low, high)}.")
    with sheet(theme, width=560, height=460) as page:
        axes = page.axes[0]
        draw_surface(axes, page, loss, first, second, names)
        for index, (name, path) in enumerate((paths or {}).items()):
            draw_path(axes, page, path, index, name)
        if paths:
            axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
        return page.figure


def draw_surface(
    axes: Axes, page: PlotSheet, loss: Callable[[Any, Any], Any], first: Limits, second: Limits, names: tuple[str, str]
) -> None:
    """Draw the contours on these axes."""
    w, b = np.meshgrid(np.linspace(*first, 81), np.linspace(*second, 81))
    draw_contours(axes, page, w, b, heights_of(loss, w.ravel(), b.ravel()).reshape(w.shape))
    axes.set_xlabel(names[0])
    axes.set_ylabel(names[1])


def draw_contours(axes: Axes, page: PlotSheet, w: Any, b: Any, heights: Any) -> None:
    """Draw the contours of heights over a grid, each a constant factor higher above the lowest than the one inside."""
    lowest, highest = np.nanmin(heights), np.nanmax(heights)
    span = (highest - lowest) or 1.0
    # The levels grow geometrically, so that the floor of the bowl is visible as well as its rim.
    levels = lowest + span * np.concatenate([[0.0], 2.0 ** np.arange(-9.0, 0.5, 0.75)])
    levels[-1] = highest
    shares = np.linspace(0.0, 0.5, len(levels) - 1)
    axes.contourf(w, b, heights, levels, colors=[(page.colour("input"), share) for share in shares])
    axes.contour(w, b, heights, levels[1:-1], colors=[page.colour("frame")], linewidths=0.6, alpha=0.7)
    axes.set_xlim(np.min(w), np.max(w))
    axes.set_ylim(np.min(b), np.max(b))


def draw_path(axes: Axes, page: PlotSheet, path: Path, index: int = 0, name: str = "") -> None:
    """Draw a path on these axes."""
    colour = page.series(index + 1)
    points = np.asarray(path, dtype=float)
    size = 3.5 if len(points) <= 60 else 2.0
    marker = MARKERS[index % len(MARKERS)] if len(points) <= MOST_MARKERS else ""
    axes.plot(
        *points.T,
        color=colour,
        linewidth=1.5,
        marker=marker,
        markersize=size,
        label=name or None,
        zorder=3,
    )
    ink = page.colour("ink")
    axes.plot(*points[0], marker="o", markersize=9, markerfacecolor="none", color=ink, linestyle="", zorder=4)
    axes.plot(*points[-1], marker="*", markersize=12, color=colour, markeredgecolor=ink, linestyle="", zorder=5)


def heights_of(loss: Callable[[Any, Any], Any], w: Any, b: Any) -> Any:
    """loss(w, b) for each pair, computed at once where the loss can be compiled."""
    try:
        return np.asarray(compiled(loss, example=(0.0, 0.0))(w, b), dtype=float)
    except (CompileError, TypeError):
        return np.array([float(loss(float(x), float(y))) for x, y in zip(w, b, strict=True)])

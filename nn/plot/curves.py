"""The loss by epoch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nn.plot.canvas import DASHES, PlotSheet, direct_label, grid, log_scale, plain_text, sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def loss_curves(history: Any, *, log: bool = False, theme: str = "light") -> Figure:
    """The training loss by epoch; the validation loss, dashed, with its lowest point marked; the metrics below.

    history: the result of `fit`, or a dictionary {name: history or list of losses} to compare several: then each has
    its own colour, and only the losses are drawn. log: a logarithmic scale for the loss.
    Raises ValueError where there are no losses.
    """
    several = isinstance(history, Mapping)
    lines = [(name, *_losses(run)) for name, run in (history if several else {"": history}).items()]
    if not any(training for _, training, _ in lines):
        raise ValueError("there are no losses to draw: this history has no epochs.")
    metrics = {} if several else dict(getattr(history, "metrics", {}))
    with sheet(theme, 2 if metrics else 1, 1, height=640 if metrics else 420, sharex=True) as page:
        axes = page.axes[0]
        for index, (name, training, validation) in enumerate(lines):
            colour = page.series(index)
            _curve(axes, training, name or "training", colour, DASHES[index % len(DASHES) if several else 0])
            if validation:
                _curve(axes, validation, f"{name} validation".strip(), colour if several else page.series(1), "--")
                _mark_lowest(axes, page, validation)
        axes.set_ylabel("loss")
        if log:
            log_scale(axes.yaxis)
        elif axes.get_ylim()[0] > 0.0:
            axes.set_ylim(bottom=0.0)
        for index, (name, numbers) in enumerate(metrics.items()):
            of_validation = name.startswith("validation_")
            _curve(
                page.axes[1],
                numbers,
                plain_text(name.replace("_", " ")),
                page.series(index + 2),
                "--" if of_validation else "-",
            )
            page.axes[1].set_ylabel("metric")
        for axes in page.axes:
            axes.margins(x=0.02)
            grid(axes, page)
            _spread(axes)
        page.axes[-1].set_xlabel("epoch")
        return page.figure


def _losses(history: Any) -> tuple[list[float], list[float]]:
    if hasattr(history, "losses"):
        return list(history.losses), list(getattr(history, "validation_losses", None) or [])
    return list(map(float, history)), []


def _curve(axes: Axes, losses: list[float], name: str, colour: str, dash: Any) -> None:
    epochs = range(1, len(losses) + 1)
    axes.plot(epochs, losses, color=colour, linestyle=dash, label=name, marker="o" if len(losses) == 1 else "")
    last = max((index for index, loss in enumerate(losses) if math.isfinite(loss)), default=None)
    if last is not None:
        direct_label(axes, last + 1, losses[last], name, colour)


def _spread(axes: Axes) -> None:
    """Move the names of curves that end at the same height apart, upwards."""
    figure = axes.figure
    height = figure.get_size_inches()[1] * 72 / len(figure.axes)  # approximately, in points
    ends = axes.transScale + axes.transLimits  # from data to shares of the axes
    names: list[Any] = [text for text in axes.texts if text.get_horizontalalignment() == "left"]
    highest = -math.inf
    for at, name in sorted(((ends.transform(name.xy)[1] * height, name) for name in names), key=lambda place: place[0]):
        highest = max(at, highest + 1.2 * name.get_fontsize())
        name.xyann = (name.xyann[0], highest - at)


def _mark_lowest(axes: Axes, page: PlotSheet, losses: list[float]) -> None:
    best = min(range(len(losses)), key=lambda index: losses[index])
    axes.plot([best + 1], [losses[best]], marker="o", color=page.colour("ink"), markerfacecolor="none", markersize=9)
    axes.annotate(
        f"lowest {losses[best]:.4g}\nepoch {best + 1}",
        (best + 1, losses[best]),
        xytext=(0, 12),
        textcoords="offset points",
        ha="right" if best > 0.75 * len(losses) else "center",  # the names of the curves are beside the end
        color=page.colour("muted"),
    )

"""Portraits of activations: the graph, the curve and its slope; and all activations side by side."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_core import SATURATED_BELOW
from nn.plot.canvas import PlotSheet, graph, grid, sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NARROWEST, WIDEST = 900.0, 1400.0  # of a portrait; a wider graph is drawn smaller
_HATCH = {"dead": "///", "saturated": "..."}
_ROLE = {"dead": "nonfinite", "saturated": "muted"}


def draw_portrait(portrait: Any, theme: str) -> Figure:
    """See `Portrait.figure`."""
    picture = portrait.graph(theme)
    wide, high = _size(picture)
    width = min(max(NARROWEST, wide + 40.0), WIDEST)
    shown = min(1.0, (width - 40.0) / wide) * high  # its height when it is as wide as the sheet
    with sheet(
        theme,
        3,
        1,
        width=width,
        height=shown + 470.0,
        title="\n".join(textwrap.wrap(f"{portrait.name}(x) = {portrait.formula}", 92)),
        height_ratios=[shown, 230.0, 180.0],
    ) as page:
        above, curve, slope = page.axes
        graph(above, picture)
        slope.sharex(curve)
        for axes, numbers, label in ((curve, portrait.y, "y"), (slope, portrait.slope, "dy/dx")):
            _zones(axes, page, portrait, named=axes is slope)
            _line(axes, page, portrait, numbers, page.series(0 if axes is curve else 1))
            axes.set_ylabel(label)
            axes.set_xlim(portrait.x[0], portrait.x[-1])
            grid(axes, page)
        curve.tick_params(labelbottom=False)
        slope.set_xlabel("x")
        steepest = float(np.abs(portrait.slope).max())
        slope.axhline(0.0, color=page.colour("line"), linewidth=0.8)
        curve.axhline(0.0, color=page.colour("line"), linewidth=0.8)
        slope.set_title(f"slope, at most {steepest:.4g} from x = {portrait.x[0]:g} to {portrait.x[-1]:g}")
        if steepest == 0.0:
            slope.set_ylim(-0.2, 1.0)
        return page.figure


def draw_gallery(portraits: Sequence[Any], theme: str) -> Figure:
    """See `Portraits.figure`."""
    columns = 4
    rows = -(-len(portraits) // columns)
    with sheet(
        theme, rows, columns, width=1100, height=250 * rows, title="Activations and their slopes", sharex=True
    ) as page:
        for axes, portrait in zip(page.axes, portraits, strict=False):
            _zones(axes, page, portrait, named=False)
            axes.axhline(0.0, color=page.colour("line"), linewidth=0.8)
            _line(axes, page, portrait, portrait.y, page.series(0))
            _line(axes, page, portrait, portrait.slope, page.series(1), linestyle="--")
            axes.set_xlim(-6.0, 6.0)
            axes.set_ylim(-1.5, 2.5)
            axes.set_title(portrait.name, fontweight="bold")
            axes.tick_params(labelbottom=True)
            grid(axes, page)
        spare = page.axes[len(portraits) :]
        for axes in spare:
            axes.set_axis_off()
        _key(page, spare[0] if spare else page.axes[-1])
        return page.figure


def _key(page: PlotSheet, axes: Axes) -> None:
    """Draw the legend of lines and hatchings in the free space."""
    axes.plot([], [], color=page.series(0), label="y")
    axes.plot([], [], color=page.series(1), linestyle="--", label="slope dy/dx")
    for kind, words in (
        ("dead", "dead: slope 0"),
        ("saturated", f"saturated: slope below {SATURATED_BELOW:.0%} of steepest"),
    ):
        _band(axes, page, kind, 0.0, 0.0, words)
    axes.legend(loc="center left", bbox_to_anchor=(0.0, 0.5))


def _zones(axes: Axes, page: PlotSheet, portrait: Any, named: bool) -> None:
    low, high = portrait.x[0], portrait.x[-1]
    for zone in portrait.zones:
        start, end = max(zone.start, low), min(zone.end, high)
        _band(axes, page, zone.kind, start, end)
        if named:
            axes.text(
                0.5 * (start + end),
                0.62,
                str(zone).replace(" for ", "\nfor "),
                transform=axes.get_xaxis_transform(),
                ha="center",
                va="center",
                bbox={"facecolor": page.colour("page"), "edgecolor": "none", "pad": 2.0},
            )


def _band(axes: Axes, page: PlotSheet, kind: str, start: float, end: float, words: str = "") -> None:
    colour = page.colour(_ROLE[kind])
    axes.axvspan(
        start, end, facecolor=(colour, 0.08), edgecolor=(colour, 0.22), hatch=_HATCH[kind], linewidth=0, label=words
    )


def _line(axes: Axes, page: PlotSheet, portrait: Any, numbers: Any, colour: str, **options: Any) -> None:
    """Draw the curve, broken where it jumps."""
    jumps = np.abs(np.diff(numbers)) > 0.4 * max(float(np.ptp(numbers)), 1e-12)
    ends = np.flatnonzero(jumps)
    broken = np.insert(np.asarray(numbers, dtype=float), ends + 1, np.nan)
    axes.plot(np.insert(portrait.x, ends + 1, np.nan), broken, color=colour, **options)
    for end in ends:  # filled where the point belongs to the function, else hollow
        at = portrait.x[end] if abs(portrait.x[end]) < 1e-9 else portrait.x[end + 1]
        axes.plot(at, numbers[end], marker="o", color=colour, markersize=5)
        axes.plot(at, numbers[end + 1], marker="o", color=colour, markerfacecolor=page.colour("page"), markersize=5)


def _size(picture: Any) -> tuple[float, float]:
    """Width and height of a drawn graph in CSS pixels."""
    head = picture.svg.split(">", 1)[0]
    width, height = (float(head.split(f' {side}="', 1)[1].split('"', 1)[0]) for side in ("width", "height"))
    return width, height

"""The canvas of every plot: a figure with the project's colours, type sizes and axes, in one theme.

matplotlib is an extra and loaded with the first plot. Figures are made without pyplot: no window opens, no setting of
the reader's own plots changes, and no display is needed.
"""

from __future__ import annotations

import atexit
import functools
import importlib
import io
import os
import re
import shutil
import tempfile
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd_core import DrawingError, look
from autograd_core.formulas.labels import visible_text
from autograd_core.formulas.text_report import Part, report_text, terminal_width
from autograd_core.show.page.document import picture_output
from autograd_core.show.page.framed_output import FramedOutput
from autograd_core.show.page.rich_output import parts_output
from nn.plot.figure_svg import figure_svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# In addition to colour, so that no reader depends on it.
MARKERS: tuple[Any, ...] = tuple("o" if sides > 8 else (sides, 0, turn) for sides, turn in look.MARKERS)
DASHES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)), (0, (8, 2)), (0, (3, 2, 1, 2)))
_PIXEL = 0.75  # points: a CSS pixel is 1/96 inch, a point 1/72


@dataclass(frozen=True)
class PlotSheet:
    """A figure with its axes in reading order and the colours of its theme, by role ("ink", "muted" ...)."""

    figure: Figure
    axes: Sequence[Axes]
    theme: look.Theme

    def colour(self, role: str) -> str:
        """The colour of a role of `autograd_core.look.COLOURS`."""
        return look.COLOURS[self.theme][role]

    def series(self, index: int) -> str:
        """The colour of the line or class number `index`; after the last colour the first follows."""
        colours = look.SERIES[self.theme]
        return colours[index % len(colours)]

    def line(self, index: int) -> dict[str, Any]:
        """The colour and dashes of line number `index`, for `axes.plot`."""
        return {"color": self.series(index), "linestyle": DASHES[index % len(DASHES)]}

    def scale(self, low: str, high: str, strength: float = 1.0) -> Any:
        """A continuous colour scale from a role to another: both fade to nothing in the middle, where paper shows."""
        colours = _matplotlib("colors")
        below, above = (self.colour(role) for role in (low, high))
        stops = [(0.0, (below, strength)), (0.5, (below, 0.0)), (0.5, (above, 0.0)), (1.0, (above, strength))]
        return colours.LinearSegmentedColormap.from_list("look", stops, N=64)


@contextmanager
def sheet(
    theme: str,
    rows: int = 1,
    columns: int = 1,
    *,
    width: float = 620.0,
    height: float = 420.0,
    title: str = "",
    **grid: Any,
) -> Iterator[PlotSheet]:
    """A `PlotSheet` of rows x columns of axes, `width` x `height` CSS pixels, to be drawn on inside the with block.

    grid: further arguments of matplotlib's `Figure.subplots` (sharex, width_ratios ...). Raises ValueError for a theme
    other than "light" and "dark", ImportError with the extra to install where matplotlib is missing.
    """
    if theme not in look.COLOURS:
        raise ValueError(f'theme is "light" or "dark", got {theme!r}.')
    name: look.Theme = "dark" if theme == "dark" else "light"
    colours = look.COLOURS[name]
    with _matplotlib().rc_context(_style(colours)):
        figure = _figure_class()(
            figsize=(width / 96, height / 96), dpi=look.PROJECTOR_DPI, layout="constrained", facecolor=colours["page"]
        )
        figure.get_layout_engine().set(w_pad=0.08, h_pad=0.08, wspace=0.04, hspace=0.04)
        figure.theme = name
        axes = list(figure.subplots(rows, columns, squeeze=False, **grid).flat)
        if title:
            figure.suptitle(title, x=0.5, fontsize=look.TITLE * _PIXEL, fontweight="bold")
        for part in axes:
            # Ticks are created when first drawn, after the settings of this block have ended.
            part.tick_params(which="both", colors=colours["line"], labelcolor=colours["muted"], length=3)
            part.set_axisbelow(True)
        yield PlotSheet(figure, axes, name)


def grid(axes: Axes, page: PlotSheet) -> None:
    """Draw faint lines behind a plot whose numbers are read from it."""
    axes.grid(True, color=page.colour("frame"), alpha=0.25, linewidth=0.8)


def log_scale(axis: Any) -> None:
    """Make an axis (`axes.xaxis` or `axes.yaxis`) logarithmic, with plain numbers at its ticks."""
    ticker = _matplotlib("ticker")
    axis.axes.set(**{f"{axis.axis_name}scale": "log"})
    low, high = sorted(axis.get_view_interval())
    narrow = high < 300.0 * max(low, 1e-300)
    axis.set_major_locator(ticker.LogLocator(subs=(1.0, 2.0, 5.0) if narrow else (1.0,), numticks=9))
    axis.set_major_formatter(ticker.FormatStrFormatter("%g"))
    axis.set_minor_formatter(ticker.NullFormatter())


def picture_axes(axes: Axes) -> None:
    """Remove ticks and frame, for axes that show a picture."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_frame_on(False)


def graph(axes: Axes, picture: Any) -> None:
    """Show a drawn graph (the result of `autograd_core.draw`) in axes of its own."""
    picture_axes(axes)
    try:
        pixels = _matplotlib("image").imread(io.BytesIO(picture.png), format="png")
    except DrawingError as problem:
        axes.text(0.5, 0.5, textwrap.fill(str(problem), 60), ha="center", va="center", transform=axes.transAxes)
        return
    axes.imshow(pixels, interpolation="lanczos").set_gid(f"graph-{len(axes.figure.graphs)}")
    axes.figure.graphs.append(picture.svg)


def direct_label(axes: Axes, x: float, y: float, text: str, colour: str, **options: Any) -> None:
    """Write a name beside its line, in the colour of the line: faster to read than a legend."""
    settings = {"xytext": (6, 0), "textcoords": "offset points", "va": "center", "fontsize": look.SMALL * _PIXEL}
    axes.annotate(text, (x, y), color=colour, annotation_clip=False, **{**settings, **options})


def plain_text(text: object) -> str:
    r"""A name from somebody's data, cleaned as labels are; matplotlib takes what is between two `$` for mathematics.

    >>> print(plain_text("price\tin $"))
    price in \$
    """
    return visible_text(str(text)).replace("$", r"\$")


def _style(colours: Any) -> dict[str, Any]:
    ink, muted, line, page = colours["ink"], colours["muted"], colours["line"], colours["page"]
    return {
        "font.family": _fonts(),
        "font.size": look.SMALL * _PIXEL,
        "axes.titlesize": look.TEXT * _PIXEL,
        "axes.labelsize": look.SMALL * _PIXEL,
        "xtick.labelsize": look.SMALL * _PIXEL,
        "ytick.labelsize": look.SMALL * _PIXEL,
        "legend.fontsize": look.SMALL * _PIXEL,
        "legend.frameon": False,
        "text.color": ink,
        "axes.labelcolor": ink,
        "axes.titlecolor": ink,
        "axes.edgecolor": line,
        "axes.facecolor": page,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlelocation": "left",
        "axes.linewidth": 0.9,
        "xtick.color": line,
        "ytick.color": line,
        "xtick.labelcolor": muted,
        "ytick.labelcolor": muted,
        "lines.linewidth": 2.0,
        "lines.markersize": 5.0,
        "savefig.facecolor": "auto",
    }


def _matplotlib(part: str = "") -> Any:
    try:
        Path.home()
    except RuntimeError:  # a user without a home, for whom matplotlib needs a folder for its settings
        if "MPLCONFIGDIR" not in os.environ:
            os.environ["MPLCONFIGDIR"] = tempfile.mkdtemp(prefix="matplotlib-")
            atexit.register(shutil.rmtree, os.environ["MPLCONFIGDIR"], ignore_errors=True)
    try:
        return importlib.import_module(f"matplotlib.{part}" if part else "matplotlib")
    except ImportError as problem:
        raise ImportError(
            "plots are drawn by matplotlib, which is not installed. Install the extra `plot`: "
            'pip install -e ".[plot]" in the clone. The numbers are available without it.'
        ) from problem


class Pictured(FramedOutput):
    """Numbers with a picture: a notebook shows it beside the text of `str()`; `figure(theme)` returns it."""

    def figure(self, theme: str = "light") -> Figure:
        """The picture, as a matplotlib figure. theme: "light" or "dark"."""
        raise NotImplementedError(f"{type(self).__name__} has no figure.")

    def parts(self) -> Sequence[Part]:
        """The numbers as lines and tables."""
        raise NotImplementedError(f"{type(self).__name__} has no parts.")

    def __str__(self) -> str:
        return report_text(self.parts(), terminal_width())

    def __repr__(self) -> str:
        return str(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        try:
            data = self.figure()._repr_mimebundle_()
        except ImportError:  # without matplotlib, the numbers alone
            return {"text/plain": str(self)}
        numbers = parts_output(["The numbers", *self.parts()], folded=True)
        return {"text/html": data["text/html"] + numbers, "text/plain": str(self)}


@functools.cache
def _fonts() -> list[str]:
    """The fonts of the pages that are installed, and last the one that comes with matplotlib."""
    manager = _matplotlib("font_manager")
    installed = set(manager.get_font_names())
    return [name for name in re.findall(r'[^,"]+', look.FONT_FAMILY) if name.strip() in installed]


@functools.cache
def _figure_class() -> Any:
    base = _matplotlib("figure").Figure

    class Figure(base):  # type: ignore[misc, valid-type]
        """A matplotlib figure that a notebook shows without pyplot, in its theme, sharp on any screen."""

        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self.theme: look.Theme = "light"
            self.graphs: list[str] = []  # as SVG, in the place of their pixels

        def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
            return {"text/html": picture_output(repr(self), figure_svg(self, self.theme)), "text/plain": repr(self)}

    return Figure

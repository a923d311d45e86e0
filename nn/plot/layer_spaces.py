"""A representation as a figure: the data in the space of every layer, and each unit over the plane of the inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd_core.formulas.labels import plural
from nn.plot.boundary import scatter_classes
from nn.plot.canvas import PlotSheet, picture_axes, sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_UNITS = 6  # drawn of a layer


def draw_representation(representation: Any, theme: str, before: Any) -> Figure:
    """See `Representation.figure`."""
    shown = [("before training", before), ("after training", representation)] if before else [("", representation)]
    with_maps = representation.layers[0].maps is not None
    per_state = 2 if with_maps else 1
    columns = len(representation.layers)
    with sheet(
        theme,
        per_state * len(shown),
        columns,
        width=270 * columns + 40,
        height=len(shown) * (290 + 190 * with_maps),
        height_ratios=[1.5, 1][:per_state] * len(shown),
    ) as page:
        for state, (when, view) in enumerate(shown):
            for column, layer in enumerate(view.layers):
                space = page.axes[per_state * state * columns + column]
                _space(space, page, layer, view.y)
                if column == 0 and when:
                    space.set_ylabel(f"{when}\n{space.get_ylabel()}")
                if with_maps:
                    _units(page.axes[(per_state * state + 1) * columns + column], page, layer, view.extent)
        page.figure.legend(
            *page.axes[0].get_legend_handles_labels(),
            loc="outside lower left",
            ncols=8,
            title="class",
            alignment="left",
        )
        return page.figure


def _space(axes: Axes, page: PlotSheet, layer: Any, labels: Any) -> None:
    scatter_classes(axes, page, layer.points, labels, size=18.0)
    units = layer.values.shape[1]
    axes.set_title(f"{layer.name}, {plural(units, 'unit')}\na linear cut gets {layer.separable:.0%} right")
    names = ("component 1", "component 2") if units > 2 else ("unit 1", "unit 2")
    if layer.name == "input" and units == 2:
        names = ("x1", "x2")
    axes.set_xlabel(names[0] + (f" ({layer.variance_share:.0%} of the variance in both)" if units > 2 else ""))
    if units > 1:
        axes.set_ylabel(names[1])
    else:
        axes.set_yticks([])


def _units(axes: Axes, page: PlotSheet, layer: Any, extent: tuple[float, float, float, float]) -> None:
    """Draw the first units as small maps, three in a row."""
    picture_axes(axes)
    maps = layer.maps[:MOST_UNITS]
    across = min(len(maps), 3)
    scale = page.scale("negative", "positive")
    for number, heights in enumerate(maps):
        row, column = divmod(number, across)
        rows = -(-len(maps) // across)
        wide, high = 1.0 / across, 1.0 / rows
        inset = axes.inset_axes((column * wide + 0.01, 1.0 - (row + 1) * high + 0.01, wide - 0.03, high - 0.12))
        lowest, highest = float(heights.min()), float(heights.max())
        highest = max(highest, lowest + 1e-12)  # a dead unit has one colour
        options = {"origin": "lower", "extent": extent, "aspect": "auto", "interpolation": "none"}
        inset.imshow(heights, cmap=scale, vmin=lowest, vmax=highest, **options)
        inset.set_xticks([])
        inset.set_yticks([])
        for spine in inset.spines.values():
            spine.set_visible(False)
        label = f"x{number + 1}" if layer.name == "input" else f"unit {number + 1}"
        inset.set_title(label, fontsize=9, pad=2)
    hidden = len(layer.maps) - len(maps)
    if hidden:
        axes.text(1.0, -0.02, f"and {hidden} more", transform=axes.transAxes, ha="right", va="top")

"""Gradients as figures: units by state, gradients by layer, and the path of one gradient from the loss."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from nn.plot.canvas import grid, log_scale, sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST_OPERATIONS = 24  # drawn of a path; of a longer one the first and the last


def draw_health(health: Any, theme: str) -> Figure:
    """See `GradientHealth.figure`."""
    count = max(len(health.layers), len(health.parameters), 2)
    with sheet(theme, 1, 2, width=960, height=170 + 46 * count, width_ratios=[1.25, 1]) as page:
        left, right = page.axes
        closed = "dead" if health.rows > 1 else "off"
        states = (("healthy", "negative", ""), ("saturated", "muted", "..."), (closed, "positive", "///"))
        for place, layer in enumerate(health.layers):
            start = 0.0
            for state, role, hatch in states:
                share = layer.share(state)
                colour = page.colour(role)
                if not share:
                    continue
                left.barh(
                    place,
                    share,
                    left=start,
                    height=0.62,
                    facecolor=(colour, 0.35),
                    edgecolor=colour,
                    hatch=hatch,
                )
                label = f"{layer.states.count(state)} {state}" if share > 0.2 else f"{layer.states.count(state)}"
                box = {"facecolor": page.colour("page"), "edgecolor": "none", "pad": 1.5, "alpha": 0.85}
                left.text(start + share / 2, place, label, ha="center", va="center", bbox=box)
                start += share
        left.set_yticks(range(len(health.layers)), [f"{layer.name}\n{layer.activation}" for layer in health.layers])
        left.set_xlim(0.0, 1.0)
        left.xaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
        left.set_xlabel("share of units")
        left.set_title(f"units on {health.rows} rows")
        if health.layers:
            left.invert_yaxis()
        for state, role, hatch in states:
            colour = page.colour(role)
            left.fill_between([], [], facecolor=(colour, 0.35), edgecolor=colour, hatch=hatch, label=state)
        page.figure.legend(*left.get_legend_handles_labels(), loc="outside lower left", ncols=3)
        for place, size in enumerate(health.parameters.values()):
            right.plot([size] if size else [], [place] if size else [], "o", color=page.series(0), markersize=9)
            if not size:
                right.text(0.02, place, "0: no gradient", transform=right.get_yaxis_transform(), va="center")
            else:
                right.annotate(f"{size:.2g}", (size, place), xytext=(0, 9), textcoords="offset points", ha="center")
        right.set_yticks(range(len(health.parameters)), list(health.parameters))
        right.set_ylim(len(health.parameters) - 0.5, -0.6)
        sizes = [size for size in health.parameters.values() if size]
        if sizes:
            right.set_xlim(min(sizes) / 3, max(sizes) * 3)
            log_scale(right.xaxis)
        right.set_xlabel("gradient, root mean square")
        right.set_title("gradients of the parameters")
        grid(right, page)
        return page.figure


def draw_why(why: Any, theme: str) -> Figure:
    """See `Why.figure`."""
    path = _shorten(why.path)
    width = max(640.0, 74.0 * len(path) + 120.0)
    words = "\n".join(textwrap.fill(line, int(width / 9.0)) for line in str(why).split("\n"))
    with sheet(theme, width=width, height=470.0) as page:
        axes = page.axes[0]
        sizes = [abs(gradient) for _, gradient in path]
        alive = [size for size in sizes if size > 0.0]
        floor = min(alive) / 10.0
        heights = [size or floor for size in sizes]
        axes.step(range(len(path)), heights, where="mid", color=page.colour("muted"), linewidth=1.4)
        for place, (size, height) in enumerate(zip(sizes, heights, strict=True)):
            colour = page.colour("negative") if size else page.colour("positive")
            axes.plot(place, height, "o" if size else "X", color=colour, markersize=8 if size else 11)
            axes.annotate(
                f"{size:.2g}", (place, height), xytext=(0, 9), textcoords="offset points", ha="center", color=colour
            )
        axes.set_yscale("log")
        axes.set_ylim(floor / 3.0, max(heights) * 6.0)
        log_scale(axes.yaxis)
        labels = [textwrap.fill(operation, 12) for operation, _ in path]
        axes.set_xticks(
            range(len(path)), labels, rotation=30 if len(path) > 6 else 0, ha="right" if len(path) > 6 else "center"
        )
        axes.set_xlabel("operations on the path from the loss")
        axes.set_ylabel("size of the gradient after each")
        axes.set_title(words)
        grid(axes, page)
        return page.figure


def _shorten(path: Any) -> list[tuple[str, float]]:
    """Leave out the operations that do not change the gradient, except the last, and the middle of a long path."""
    shown = [path[0]]
    for index, step in enumerate(path[1:], 1):
        if step[1] != shown[-1][1] or index == len(path) - 1:
            shown.append(step)
    half = _MOST_OPERATIONS // 2
    return shown if len(shown) <= 2 * half else [*shown[:half], ("...", shown[half][1]), *shown[-half:]]

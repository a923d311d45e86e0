"""A graph over time as a film: the graph, the model's map and the loss of each moment on one sheet."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from autograd_core.show.drawing.raster import gif, render_png
from autograd_core.show.drawing.scene import Lettering, Outline, Scene, ScenePart
from autograd_core.show.theme import COLOURS, MARGIN, TEXT, TITLE, Theme, text_width
from autograd_core.show.timeline.decision_map import ROLES, SIDE, MapSheet, ModelMap
from autograd_core.show.timeline.page import Story

if TYPE_CHECKING:
    from PIL.Image import Image

_DEEPEST = 0.5  # how much of a class's colour there is where the model is surest; as in the page
_GAP = 24.0
_WORDS = TEXT + 2
_STRIP = 3.0  # a graph this many times as wide as it is high leaves no room beside it
_WIDEST = 1400.0  # pixels: a film of sixty sheets twice as wide takes minutes and megabytes


def film(told: Story, seconds: float, theme: Theme) -> bytes:
    """The run as a GIF. Raises `DrawingError` where no program that paints one is installed."""
    return gif([picture(told, moment, theme) for moment in range(len(told.frames))], seconds)


def picture(told: Story, moment: int, theme: Theme) -> bytes:
    """One moment of the film as PNG. Raises as `film` does."""
    drawn, corner = sheet(told, moment)
    made = render_png(drawn, theme, 72.0 * min(_WIDEST / drawn.width, 1.5))
    if told.map is None or corner is None or told.map[1].shades is None:
        return made
    from PIL import Image, ImageChops  # comes with fpdf2

    paper = Image.open(io.BytesIO(made)).convert("RGB")
    scale = paper.width / drawn.width
    left, top, right, bottom = (
        round(scale * (edge + shift)) for edge, shift in zip(told.map[1].box, corner * 2, strict=True)
    )
    shades = _shaded(*told.map, moment, theme)
    # The outermost grid points lie on the border, so half a pixel of the small picture is beyond it on every side.
    inner = (0.5, 0.5, SIDE - 0.5, SIDE - 0.5)
    shades = shades.resize((right - left, bottom - top), Image.Resampling.BILINEAR, box=inner)
    plot = paper.crop((left, top, right, bottom))
    under = ImageChops.multiply if theme == "light" else ImageChops.lighter
    paper.paste(under(plot, shades), (left, top))
    content = io.BytesIO()
    paper.save(content, "PNG")
    return content.getvalue()


def sheet(told: Story, moment: int) -> tuple[Scene, tuple[float, float] | None]:
    """Everything of one moment on one sheet; and where the top left corner of the map is on it.

    The map and the curve stand beside the graph, one above the other; below it where it is a long strip.
    """
    graph, curve = told.sheet.at(moment), told.curve.at(moment)
    others = [curve] if told.map is None else [told.map[1].at(moment, told.frames[moment].wrong), curve]
    wide, high = max(one.width for one in others), sum(one.height + _GAP for one in others) - _GAP
    beside = graph.width < _STRIP * graph.height
    row = sum(one.width + _GAP for one in others) - _GAP
    width = (graph.width + _GAP + wide if beside else max(graph.width, row)) + 2 * MARGIN
    made = Scene(f"{told.title}, epoch {told.frames[moment].number}", width, 0.0)
    y = MARGIN + TITLE
    made.parts.append(ScenePart("words", (Lettering(told.title, MARGIN, y, TITLE, "muted", bold=True),)))
    for line in textwrap.wrap(told.told[moment], int(1.15 * (width - 2 * MARGIN) / text_width("n", _WORDS))):
        y += _WORDS * 1.4
        made.parts.append(ScenePart("words", (Lettering(line, MARGIN, y, _WORDS, "ink"),)))
    y += MARGIN
    corners = []
    if beside:
        bottom = y + max(graph.height, high)
        made.parts += _moved(graph, MARGIN, (y + bottom - graph.height) / 2)
        x, down = MARGIN + graph.width + _GAP, (y + bottom - high) / 2
        for one in others:
            corners.append((x, down))
            down += one.height + _GAP
    else:
        made.parts += _moved(graph, (width - graph.width) / 2, y)
        top, x = y + graph.height + _GAP, (width - row) / 2
        bottom = top + max(one.height for one in others)
        for one in others:
            corners.append((x, top))
            x += one.width + _GAP
    for one, corner in zip(others, corners, strict=True):
        made.parts += _moved(one, *corner)
    made.height = bottom + MARGIN
    return made, corners[0] if told.map is not None else None


def _moved(drawn: Scene, right: float, down: float) -> Iterator[ScenePart]:
    for group in drawn.parts:
        yield replace(group, marks=tuple(_shifted(mark, right, down) for mark in group.marks))


def _shifted(mark: Outline | Lettering, right: float, down: float) -> Outline | Lettering:
    if isinstance(mark, Lettering):
        return replace(mark, x=mark.x + right, y=mark.y + down)
    return replace(mark, points=tuple((x + right, y + down) for x, y in mark.points))


def _shaded(given: ModelMap, sheet_of: MapSheet, moment: int, theme: Theme) -> Image:
    """The map's colours, a pixel a grid point."""
    from PIL import Image

    assert sheet_of.shades is not None
    colours = COLOURS[theme]
    page, deep = _rgb(colours["page"]), [_rgb(colours[role]) for role in ROLES]
    palette: list[bytes] = []
    for shade in range(256):
        if given.kind == "classes":
            colour, share = deep[min(shade // 42, len(deep) - 1)], shade % 42 / 41
        else:
            colour, share = deep[int(shade > 127)], min(abs(shade - 127) / 127, 1.0)
        mixed: Any = (round(low + (high - low) * _DEEPEST * share) for low, high in zip(page, colour, strict=True))
        palette.append(bytes(mixed))
    return Image.frombytes("RGB", (SIDE, SIDE), b"".join(palette[shade] for shade in sheet_of.shades[moment]))


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)

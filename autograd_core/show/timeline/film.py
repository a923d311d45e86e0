"""A graph over time as a film: the graph, the map of the model and the loss of each moment on one sheet."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from autograd_core.show.drawing.raster import gif, render_film
from autograd_core.show.drawing.scene import Lettering, Outline, Scene, ScenePart
from autograd_core.show.theme import COLOURS, MARGIN, TEXT, TITLE, Theme, text_width
from autograd_core.show.timeline.decision_map import DEEPEST, LEVELS, ROLES, SIDE, MapSheet, ModelMap
from autograd_core.show.timeline.page import TimelineContent

if TYPE_CHECKING:
    from PIL.Image import Image

_GAP = 24.0
_WORDS = TEXT + 2
_STRIP = 3.0  # beside a graph this many times as wide as high there is no room


def film(content: TimelineContent, seconds: float, theme: Theme) -> bytes:
    """The run as a GIF. Raises `DrawingError` where no renderer is installed."""
    sheets = [film_sheet(content, moment) for moment in range(len(content.frames))]
    papers = render_film([sheet for sheet, _ in sheets], theme)
    for moment, (paper, (sheet, corner)) in enumerate(zip(papers, sheets, strict=True)):
        _shade_map(paper, content, moment, paper.width / sheet.width, corner, theme)
    return gif(papers, seconds)


def _shade_map(
    paper: Image, content: TimelineContent, moment: int, scale: float, corner: tuple[float, float] | None, theme: Theme
) -> None:
    """Put the shades under the map, whose top left corner is at `corner`."""
    if content.map is None or corner is None or content.map[1].shades is None:
        return
    from PIL import Image, ImageChops  # comes with fpdf2

    left, top, right, bottom = (
        round(scale * (edge + shift)) for edge, shift in zip(content.map[1].box, corner * 2, strict=True)
    )
    shades = _shade(*content.map, moment, theme)
    # The outermost grid points lie on the border, so half a pixel of the small image is outside it on every side.
    inner = (0.5, 0.5, SIDE - 0.5, SIDE - 0.5)
    shades = shades.resize((right - left, bottom - top), Image.Resampling.BILINEAR, box=inner)
    plot = paper.crop((left, top, right, bottom))
    under = ImageChops.multiply if theme == "light" else ImageChops.lighter
    paper.paste(under(plot, shades), (left, top))


def film_sheet(content: TimelineContent, moment: int) -> tuple[Scene, tuple[float, float] | None]:
    """All pictures of one moment on one sheet, and the top left corner of the map on it.

    The map and the curve are beside the graph, one above the other, or below it where it is a long strip.
    """
    graph, curve = content.sheet.at(moment), content.curve.at(moment)
    others = [curve] if content.map is None else [content.map[1].at(moment, content.frames[moment].wrong), curve]
    wide, high = max(plot.width for plot in others), sum(plot.height + _GAP for plot in others) - _GAP
    beside = graph.width < _STRIP * graph.height
    row = sum(plot.width + _GAP for plot in others) - _GAP
    width = (graph.width + _GAP + wide if beside else max(graph.width, row)) + 2 * MARGIN
    sheet = Scene(f"{content.title}, epoch {content.frames[moment].number}", width, 0.0)
    y = MARGIN + TITLE
    sheet.parts.append(ScenePart("words", (Lettering(content.title, MARGIN, y, TITLE, "muted", bold=True),)))
    for line in textwrap.wrap(content.sentences[moment], int(1.15 * (width - 2 * MARGIN) / text_width("n", _WORDS))):
        y += _WORDS * 1.4
        sheet.parts.append(ScenePart("words", (Lettering(line, MARGIN, y, _WORDS, "ink"),)))
    y += MARGIN
    corners = []
    if beside:
        bottom = y + max(graph.height, high)
        sheet.parts += _move(graph, MARGIN, (y + bottom - graph.height) / 2)
        x, down = MARGIN + graph.width + _GAP, (y + bottom - high) / 2
        for plot in others:
            corners.append((x, down))
            down += plot.height + _GAP
    else:
        sheet.parts += _move(graph, (width - graph.width) / 2, y)
        top, x = y + graph.height + _GAP, (width - row) / 2
        bottom = top + max(plot.height for plot in others)
        for plot in others:
            corners.append((x, top))
            x += plot.width + _GAP
    for plot, corner in zip(others, corners, strict=True):
        sheet.parts += _move(plot, *corner)
    sheet.height = bottom + MARGIN
    return sheet, corners[0] if content.map is not None else None


def _move(scene: Scene, right: float, down: float) -> Iterator[ScenePart]:
    for part in scene.parts:
        yield replace(part, marks=tuple(_shift(mark, right, down) for mark in part.marks))


def _shift(mark: Outline | Lettering, right: float, down: float) -> Outline | Lettering:
    if isinstance(mark, Lettering):
        return replace(mark, x=mark.x + right, y=mark.y + down)
    return replace(mark, points=tuple((x + right, y + down) for x, y in mark.points))


def _shade(model_map: ModelMap, sheet_of: MapSheet, moment: int, theme: Theme) -> Image:
    """The colours of the map, one pixel for each grid point."""
    from PIL import Image

    assert sheet_of.shades is not None
    colours = COLOURS[theme]
    page, deep = _rgb(colours["page"]), [_rgb(colours[role]) for role in ROLES]
    palette: list[bytes] = []
    for shade in range(256):
        if model_map.kind == "classes":
            colour, share = deep[min(shade // LEVELS, len(deep) - 1)], shade % LEVELS / (LEVELS - 1)
        else:
            colour, share = deep[int(shade > 127)], min(abs(shade - 127) / 127, 1.0)
        mixed: Any = (round(low + (high - low) * DEEPEST * share) for low, high in zip(page, colour, strict=True))
        palette.append(bytes(mixed))
    return Image.frombytes("RGB", (SIDE, SIDE), b"".join(palette[shade] for shade in sheet_of.shades[moment]))


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)

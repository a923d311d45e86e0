"""Scenes as PDF: vectors, and text that can be selected and searched, in Helvetica and a font for other letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from autograd_core.show.drawing.letters import FALLBACK_FONT, drawn_letters, in_helvetica, warn_of_missing_letters
from autograd_core.show.drawing.scene import Lettering, Outline, Scene
from autograd_core.show.theme import COLOURS, FONT_NAME, Theme

_LONGEST_PAGE = 14_400.0  # points, a limit of PDF readers

_FALLBACK = "fallback"


def pdf(scenes: Sequence[Scene], theme: Theme) -> bytes:
    """Each scene on a page of its own size. A letter that no font has becomes a box, and a warning names it."""
    from fpdf import FPDF  # here, since it takes longer to import than our whole package

    document = FPDF(unit="pt")
    document.core_fonts_encoding = "cp1252"
    document.set_title(scenes[0].title)
    document.set_auto_page_break(False)
    document.add_font(_FALLBACK, fname=FALLBACK_FONT)
    fallback: Any = document.fonts[_FALLBACK]
    warn_of_missing_letters(scenes, "PDF")
    try:
        for scene in scenes:
            _add_page(document, scene, theme)
        return bytes(document.output())
    finally:
        fallback.ttfont.close()  # fpdf2 leaves the file open


def _add_page(document: Any, scene: Scene, theme: Theme) -> None:
    scale = min(1.0, _LONGEST_PAGE / max(scene.width, scene.height))
    width, height = scene.width * scale, scene.height * scale
    document.add_page(orientation="landscape" if width > height else "portrait", format=sorted((width, height)))
    colours = COLOURS[theme]
    if theme == "dark":  # a page is white without it
        document.set_fill_color(colours["page"])
        document.rect(0, 0, width, height, style="F")
    marks = [mark for part in scene.parts for mark in part.marks]
    with document.drawing_context() as context:
        for mark in marks:
            if isinstance(mark, Outline):
                context.add_item(_path(mark, colours, scale))
    for mark in marks:  # no shape lies over a word, so that words may come last
        if isinstance(mark, Lettering):
            document.set_text_color(colours[mark.colour])
            _write(document, mark, scale)


def _path(mark: Outline, colours: Mapping[str, str], scale: float) -> Any:
    from fpdf.drawing import PaintedPath

    points = [(x * scale, y * scale) for x, y in mark.points]
    path = PaintedPath(*points[0])
    if mark.straight:
        for point in points[1:]:
            path.line_to(*point)
    else:
        for first, second, end in zip(points[1::3], points[2::3], points[3::3], strict=True):
            path.curve_to(*first, *second, *end)
    path.style.auto_close = mark.closed
    path.style.stroke_color = colours[mark.stroke] if mark.stroke else None
    path.style.fill_color = colours[mark.fill] if mark.fill else None
    path.style.stroke_width = mark.width * scale
    path.style.stroke_dash_pattern = [dash * scale for dash in mark.dashes] or None
    path.style.stroke_join_style = "round"
    return path


def _write(page: Any, mark: Lettering, scale: float) -> None:
    """A run of text in Helvetica and, for letters that Helvetica lacks, in the fallback font."""
    runs = [
        (FONT_NAME if plain else _FALLBACK, "".join(letters))
        for plain, letters in groupby(drawn_letters(mark.text), key=in_helvetica)
    ]
    widths = []
    for font, text in runs:
        _choose(page, font, mark, scale)
        widths.append(page.get_string_width(text))
    x = mark.x * scale - {"start": 0.0, "middle": 0.5, "end": 1.0}[mark.anchor] * sum(widths)
    for (font, text), width in zip(runs, widths, strict=True):
        _choose(page, font, mark, scale)
        page.text(x, mark.y * scale, text)
        x += width


def _choose(page: Any, font: str, mark: Lettering, scale: float) -> None:
    page.set_font(font, style="B" if mark.bold and font == FONT_NAME else "", size=mark.size * scale)

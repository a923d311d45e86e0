"""Scenes as PDF: vectors, and text that can be selected and searched, in the fonts that every reader has."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from autograd_core.show.drawing.scene import Lettering, Outline, Scene
from autograd_core.show.theme import COLOURS, FONT_NAME, Theme

_LONGEST_PAGE = 14_400.0  # points, a limit of PDF readers

# The code of each sign in Symbol, one of the fonts that every reader has.
_SYMBOL = dict(
    zip(
        "ΑΒΧΔΕΦΓΗΙΚΛΜΝΟΠΘΡΣΤΥΩΞΨΖαβχδεφγηικλμνοπθρστυωξψζςϑϕ",
        "ABCDEFGHIKLMNOPQRSTUWXYZabcdefghiklmnopqrstuwxyzVJj",
        strict=True,
    )
) | {
    "∂": "\xb6", "∇": "\xd1", "−": "\x2d", "⋅": "\xd7", "≤": "\xa3", "≥": "\xb3", "≠": "\xb9",
    "≈": "\xbb", "∞": "\xa5", "∑": "\xe5", "∏": "\xd5", "√": "\xd6", "∫": "\xf2", "∈": "\xce", "→": "\xae",
    "←": "\xac", "⇒": "\xde", "∀": "\x22", "∃": "\x24", "′": "\xa2", "″": "\xb2", "∝": "\xb5",
}  # fmt: skip


def pdf(scenes: Sequence[Scene], theme: Theme) -> bytes:
    """Each scene on a page of its own size; a character that these fonts lack becomes a question mark."""
    from fpdf import FPDF  # here, since it takes longer to import than our whole package

    document = FPDF(unit="pt")
    document.core_fonts_encoding = "cp1252"
    document.set_title(scenes[0].title)
    document.set_auto_page_break(False)
    for scene in scenes:
        _add_page(document, scene, theme)
    return bytes(document.output())


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
    """A run of text in Helvetica and, for signs that Helvetica lacks, in Symbol."""
    runs = [
        (font, "".join(code for _, code in coded))
        for font, coded in groupby((_font_and_code(character) for character in mark.text), key=lambda pair: pair[0])
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


def _font_and_code(character: str) -> tuple[str, str]:
    """The font that has a character, and the character's code there."""
    if character in _SYMBOL:
        return "Symbol", _SYMBOL[character]
    for candidate in (character, unicodedata.normalize("NFKC", character)):  # a raised or lowered digit: the digit
        try:
            candidate.encode("cp1252")
        except UnicodeEncodeError:
            continue
        return FONT_NAME, candidate
    return FONT_NAME, "?"

"""A notebook as one page of HTML to print: stored outputs in a form for paper, formulas typeset, no script."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from html import escape, unescape
from pathlib import Path
from typing import Any

import nbformat
from latex2mathml.converter import convert
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import markdown2html_mistune
from pygments.formatters import HtmlFormatter

from autograd_core.show.page.styles import font_face

GLOSSARY_PAGE = "glossary.html"
# Code and an escaped dollar are not changed; a dollar beside a space or before a digit is money.
_FORMULA = re.compile(
    r"(?s:```.*?```)|(`+)(?:(?!\1).)+?\1|\\\$"
    r"|\$\$(?P<display>(?s:.+?))\$\$|\$(?P<inline>[^\s$`](?:[^$`\n]*[^\s$`\\])?)\$(?!\d)"
)
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")  # of a terminal
_COLUMNS = 90  # of text in the size of code, 9 pt, on paper in portrait; in landscape there are 128
_COLUMNS_OF_LEDGER = 140  # of a ledger as text that fits portrait once its formulas are typeset
_SLIDER = re.compile(
    r'<div data-autograd-slider="">\n<div data-fallback="">(.*?)</div>', re.DOTALL
)  # its first picture
# What lies under the lines of a hatching: PDF has no opacity for it, so it would hide all below.
_GROUND = re.compile(r"(<pattern [^>]*>)<rect [^>]*/>")
_IN_COLUMNS = re.compile(r"\S {2,}\S")
_KINDS = ("image/svg+xml", "image/png", "image/jpeg", "text/html", "text/plain")  # in the order of preference for paper
_LINK = re.compile(r"\]\((?:(GLOSSARY)\.md|(\w+)\.ipynb)(?=[#)])")
# The picture and the tables of a step-through, for readers without scripts.
_LEDGER = re.compile(r'<div data-autograd-stepper="">\s*<div data-fallback="">(.*?)</div>\s*<script', re.DOTALL)
_LANDSCAPE = "@page wide {{ size: {paper} landscape; }}\n@page widesheet {{ size: {paper} landscape; }}"
_PICTURE = re.compile(
    r"<p>(?P<image><img [^>]*?src='data:image/svg\+xml,[^']*? width=\"(?P<width>[\d.]+)\" "
    r"height=\"(?P<height>[\d.]+)\"[^']*'[^>]*>)</p>"
)
_UPRIGHT_ROOM = (174, 240)  # millimetres of a page for a picture
_LANDSCAPE_ROOM = (250, 148)
_PIXELS = 12 / 2  # of a picture in a millimetre at most: its letters, of 12 pixels, are 2 mm or larger
_OVERLAP = 90  # pixels that two parts have in common, a node or more
_STYLE = Path(__file__).with_name("handout.css")


def page(notebook: Any, title: str, paper: str = "A4") -> str:
    """The HTML of `notebook` for `paper`, A4 or Letter, in one file. Errors among its outputs are shown, too."""
    notebook = nbformat.from_dict(notebook)
    formulas: list[str] = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = _FORMULA.sub(lambda found: _set_aside(found, formulas), _link_pages(cell.source))
        elif cell.cell_type == "code":
            cell.outputs = [_for_paper(output) for output in cell.outputs]
    exporter = HTMLExporter(template_name="basic", exclude_input_prompt=True, exclude_output_prompt=True)
    body, _ = exporter.from_notebook_node(notebook)
    return paper_page(_put_back(body, formulas), title, paper, HtmlFormatter(style="bw").get_style_defs(".highlight"))


def paper_page(body: str, title: str, paper: str, style: str) -> str:
    """A document for paper of this size. style: a style sheet for what the body holds."""
    sheet = f"{font_face()}{style}\n{_STYLE.read_text(encoding='utf-8')}"
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; font-src data:; '
        "style-src 'unsafe-inline'\">\n"
        f"<style>@page {{ size: {paper}; }}\n{_LANDSCAPE.format(paper=paper)}\n{sheet}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def markdown_html(text: str) -> str:
    """Markdown as HTML, with its formulas typeset."""
    formulas: list[str] = []
    text = _FORMULA.sub(lambda found: _set_aside(found, formulas), _link_pages(text))
    return _put_back(markdown2html_mistune(text), formulas)


def glossary_page(text: str, paper: str = "A4") -> str:
    """The glossary as a page; each word has the anchor to which the notebooks link."""
    words = re.split(r"^## +(.+)$", text, flags=re.MULTILINE)
    body = [markdown_html(words[0])]
    for word, meaning in zip(words[1::2], words[2::2], strict=True):
        body.append(
            f'<h2 id="{escape(word.casefold().replace(" ", "-"))}">{escape(word)}</h2>\n{markdown_html(meaning)}'
        )
    return paper_page("\n".join(body), "Glossary", paper, "")


def _link_pages(source: str) -> str:
    """Markdown with links to the pages that are built of the glossary and the notebooks."""
    return _LINK.sub(lambda found: f"]({GLOSSARY_PAGE if found[1] else f'{found[2]}.html'}", source)


def ledger(data: Mapping[str, str]) -> str:
    """The picture and the tables of a step-through, from its output, for paper; empty for another output."""
    found = _LEDGER.search(data.get("text/html", ""))
    if found is None:
        return ""
    tables = re.sub(r"\$([^$<]+)\$", lambda formula: convert(unescape(formula[1])), found[1])
    is_wide = _widest_row(data.get("text/plain", "")) > _COLUMNS_OF_LEDGER
    room = _LANDSCAPE_ROOM if is_wide else _UPRIGHT_ROOM
    tables = tables.replace("prefers-color-scheme:dark", "not all")
    tables = _PICTURE.sub(lambda picture: _in_parts(picture, room), tables, count=1)
    place = "ledger wide" if is_wide else "ledger"
    return f'<div class="{place}">{tables}</div>'


def _in_parts(found: re.Match[str], room: tuple[int, int]) -> str:
    """A picture whose letters would be too small to read in this room, in overlapping parts on pages in landscape."""
    width, height = float(found["width"]), float(found["height"])
    if max(width / room[0], height / room[1]) <= _PIXELS:
        return found[0]
    columns, rows = (
        math.ceil((length - _OVERLAP) / (side * _PIXELS - _OVERLAP))
        for length, side in zip((width, height), _LANDSCAPE_ROOM, strict=True)
    )
    across, down = (width + (columns - 1) * _OVERLAP) / columns, (height + (rows - 1) * _OVERLAP) / rows
    scale = min(_LANDSCAPE_ROOM[0] / across, _LANDSCAPE_ROOM[1] / down)
    parts = []
    for number in range(rows * columns):
        row, column = divmod(number, columns)
        left, top = column * (across - _OVERLAP) * scale, row * (down - _OVERLAP) * scale
        picture = found["image"].replace(
            "<img", f'<img style="width:{width * scale:.1f}mm;margin:{-top:.1f}mm 0 0 {-left:.1f}mm"', 1
        )
        caption = f"<p>The picture, part {number + 1} of {rows * columns}</p>" if rows * columns > 1 else ""
        size = f"width:{across * scale:.1f}mm;height:{down * scale:.1f}mm"
        parts.append(f'<div class="part">{caption}<div style="{size}">{picture}</div></div>')
    return f'<div class="wide">{"".join(parts)}</div>'


def _put_back(body: str, formulas: list[str]) -> str:
    return re.sub(r"FORMULA(\d+)SET", lambda found: formulas[int(found[1])], body)


def _set_aside(found: re.Match[str], formulas: list[str]) -> str:
    """A word that Markdown does not change, instead of a formula."""
    formula = found["display"] or found["inline"]
    if formula is None:
        return found[0]
    formulas.append(convert(formula, display="block" if found["display"] else "inline"))
    return f"FORMULA{len(formulas) - 1}SET"


def _for_paper(output: Any) -> Any:
    """The output in its best form for paper: a vector picture if there is one, and the steps of a page as text."""
    data = output.data if "data" in output else {"text/plain": terminal_text(output)}
    if "image/svg+xml" in data:  # paper is white in every theme
        data["image/svg+xml"] = data["image/svg+xml"].replace("prefers-color-scheme:dark", "not all")
    if "data-autograd-drawing" in data.get("text/html", "") and "image/svg+xml" not in data:  # a figure
        picture = data["text/html"].partition("<script>")[0].replace("prefers-color-scheme:dark", "not all")
        picture = _GROUND.sub(r"\1", picture)
        return nbformat.v4.new_output("display_data", {"text/html": picture})
    if (fallback := _SLIDER.search(data.get("text/html", ""))) is not None:
        shown = fallback[1].replace("prefers-color-scheme:dark", "not all")
        return nbformat.v4.new_output("display_data", {"text/html": shown})
    if shown := ledger(data):
        return nbformat.v4.new_output("display_data", {"text/html": shown})
    kind = next((kind for kind in _KINDS if kind in data), "text/plain")
    if kind == "text/html" and "<script" in data[kind]:
        kind = "text/plain"
    if kind == "image/svg+xml":
        kind, content = "text/html", data[kind] + _fit_text(data.get("text/plain", ""))
    elif kind == "text/plain":
        kind, content = "text/html", _fit_text(data.get("text/plain", ""))
    else:
        content = data[kind]
    return nbformat.v4.new_output("display_data", {kind: content})


def terminal_text(output: Any) -> str:
    """The text of an output, without the colours of a terminal."""
    if output.output_type == "error":
        return f"{output.ename}: {output.evalue}"
    return _COLOURS.sub("", str(output.text if "text" in output else output.data.get("text/plain", "")))


def has_columns(text: str) -> bool:
    """Whether a text has a table, whose lines may not be broken."""
    return _IN_COLUMNS.search(text) is not None


def _widest_row(text: str) -> int:
    """The length of the longest line that has columns."""
    return max((len(line) for line in text.splitlines() if _IN_COLUMNS.search(line)), default=0)


def _fit_text(text: str) -> str:
    """Text in the size of code, in landscape if its tables are wider than the paper is; sentences are wrapped."""
    place = "wide" if _widest_row(text) > _COLUMNS else "upright"
    return f'<div class="{place}"><pre>{escape(text)}</pre></div>'

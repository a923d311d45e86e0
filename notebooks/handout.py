"""A notebook as one page of HTML to print: stored outputs in a form for paper, formulas typeset, no script."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import Any

import nbformat
from latex2mathml.converter import convert
from nbconvert.exporters import HTMLExporter
from pygments.formatters import HtmlFormatter

# Code and an escaped dollar are not changed; a dollar beside a space or before a digit is money.
_FORMULA = re.compile(
    r"(?s:```.*?```)|(`+)(?:(?!\1).)+?\1|\\\$"
    r"|\$\$(?P<display>(?s:.+?))\$\$|\$(?P<inline>[^\s$`](?:[^$`\n]*[^\s$`\\])?)\$(?!\d)"
)
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")  # of a terminal
_COLUMNS, _COLUMNS_WIDE = 88, 128  # of text in the size of code, on paper in portrait and in landscape
_MOST = 140  # columns in portrait, in the smallest letters
_IN_COLUMNS = re.compile(r"\S {2,}\S")
_KINDS = ("image/svg+xml", "image/png", "image/jpeg", "text/html", "text/plain")  # in the order of preference for paper
_STYLE = Path(__file__).with_name("handout.css")


def page(notebook: Any, title: str, paper: str = "A4") -> str:
    """The HTML of `notebook` for `paper`, A4 or Letter, in one file. Errors among its outputs are shown, too."""
    notebook = nbformat.from_dict(notebook)
    formulas: list[str] = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = _FORMULA.sub(lambda found: _set_aside(found, formulas), cell.source)
        elif cell.cell_type == "code":
            cell.outputs = [_for_paper(output) for output in cell.outputs]
    exporter = HTMLExporter(template_name="basic", exclude_input_prompt=True, exclude_output_prompt=True)
    body, _ = exporter.from_notebook_node(notebook)
    body = re.sub(r"FORMULA(\d+)SET", lambda found: formulas[int(found[1])], body)
    style = _STYLE.read_text(encoding="utf-8") + HtmlFormatter(style="bw").get_style_defs(".highlight")
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
        "style-src 'unsafe-inline'\">\n"
        f"<style>@page {{ size: {paper}; }}\n{style}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _set_aside(found: re.Match[str], formulas: list[str]) -> str:
    """A word that Markdown does not change, instead of a formula."""
    formula = found["display"] or found["inline"]
    if formula is None:
        return found[0]
    formulas.append(convert(formula, display="block" if found["display"] else "inline"))
    return f"FORMULA{len(formulas) - 1}SET"


def _for_paper(output: Any) -> Any:
    """The output in its best form for paper: a vector picture if there is one, and the steps of a page as text."""
    data = output.data if "data" in output else {"text/plain": _COLOURS.sub("", _text(output))}
    if "image/svg+xml" in data:  # paper is white in every theme
        data["image/svg+xml"] = data["image/svg+xml"].replace("prefers-color-scheme:dark", "not all")
    if "data-autograd-drawing" in data.get("text/html", "") and "image/svg+xml" not in data:  # a figure
        picture = data["text/html"].partition("<script>")[0].replace("prefers-color-scheme:dark", "not all")
        return nbformat.v4.new_output("display_data", {"text/html": picture})
    steps = "image/svg+xml" in data and "image/png" not in data
    kind = next((kind for kind in _KINDS if kind in data), "text/plain")
    if kind == "text/html" and "<script" in data[kind]:
        kind = "text/plain"
    if steps or kind == "text/plain":
        kind, content = "text/html", _fit_text(data.get("text/plain", ""), data.get("image/svg+xml", ""))
    else:
        content = data[kind]
    return nbformat.v4.new_output("display_data", {kind: content})


def _text(output: Any) -> str:
    if output.output_type == "error":
        return f"{output.ename}: {output.evalue}"
    return str(output.text)


def _fit_text(text: str, picture: str) -> str:
    """Text in letters small enough for its tables, in landscape if these are very wide; sentences are wrapped."""
    lengths = sorted((len(line) for line in text.splitlines() if _IN_COLUMNS.search(line)), reverse=True)
    widest = lengths[2] if len(lengths) > 2 else 1
    wide = widest > _MOST
    size = min(9.0, max(5.5, 9.0 * (_COLUMNS_WIDE if wide else _COLUMNS) / max(1, widest)))
    lines = f'{picture}<pre style="font-size: {size:.1f}pt">{escape(text)}</pre>'
    return f'<div class="{"wide" if wide else "upright"}">{lines}</div>'

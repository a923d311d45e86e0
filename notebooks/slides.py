"""A notebook as slides: one idea on each, with the outputs of the notebook live in them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html import escape
from typing import Any

from autograd_core.show.slides.slides_page import Slide, slides_page
from notebooks.handout import has_columns, markdown_html, terminal_text

_HEADING = re.compile(r"^#{1,6} +(.+)$")
_MOST_WORDS = 420  # characters of text on a slide
_OF_A_FORMULA = 80  # a formula on a line of its own counts as so many
_SHORT_CODE = 6  # lines that are shown; more are folded
_SHORT_TEXT = 12  # lines of an output that stands on the slide of the text before it
_SMALL_OUTPUT = re.compile(r"<pre|<div data-autograd-report")


def notebook_slides(notebook: Any, title: str) -> str:
    """The slides as one HTML document that needs no network. Cells tagged "answer" are left out."""
    return slides_page(title, list(_slides(notebook)))


def _slides(notebook: Any) -> Iterator[Slide]:
    heading, waiting = "", ""  # text that may share the slide of what follows
    for cell in notebook.cells:
        if "answer" in cell.metadata.get("tags", []):
            continue
        if cell.cell_type == "markdown":
            for part in _parts(cell.source):
                found = _HEADING.match(part)
                if waiting:
                    yield Slide(heading, waiting)
                    waiting = ""
                if found:
                    heading = heading_text(found[1])
                else:
                    waiting = markdown_html(part)
        elif cell.cell_type == "code":
            outputs = [_output(output) for output in cell.outputs]
            code = _code(cell.source, bool(outputs))
            if waiting and len(waiting) < _MOST_WORDS and all(map(_is_small, outputs)):
                yield Slide(heading, waiting + code + "".join(outputs))
            else:
                if waiting:
                    yield Slide(heading, waiting)
                yield from (Slide(heading, code + output) for output in outputs or [""])
            waiting = ""
    if waiting:
        yield Slide(heading, waiting)


def heading_text(text: str) -> str:
    """A heading without the signs of Markdown: a slide shows it as text."""
    return re.sub(r"[*`]|\$([^$]+)\$", lambda found: found[1] or "", text)


def _parts(source: str) -> Iterator[str]:
    """The headings of a text, and what stands between them in pieces that a slide has room for."""
    blocks = re.split(r"\n\s*\n(?=(?:(?:[^`]|`(?!``))*```(?:[^`]|`(?!``))*```)*(?:[^`]|`(?!``))*$)", source.strip())
    piece: list[str] = []
    size = 0
    for block in blocks:
        first, _, rest = block.partition("\n")
        if _HEADING.match(first):
            if piece:
                yield "\n\n".join(piece)
                piece, size = [], 0
            yield first
            block = rest.strip()
            if not block:
                continue
        own = _OF_A_FORMULA if block.startswith("$$") else len(block)
        if piece and size + own > _MOST_WORDS:
            yield "\n\n".join(piece)
            piece, size = [], 0
        piece.append(block)
        size += own
    if piece:
        yield "\n\n".join(piece)


def _code(source: str, has_output: bool) -> str:
    text = f"<pre>{escape(source)}</pre>"
    if source.count("\n") >= _SHORT_CODE and (has_output or _only_imports(source)):
        return f"<details><summary>Code</summary>{text}</details>\n"
    return text + "\n"


def _only_imports(source: str) -> bool:
    try:
        statements = ast.parse(source).body
    except SyntaxError:  # a command of the notebook, such as %matplotlib
        return False
    return all(isinstance(statement, (ast.Import, ast.ImportFrom)) for statement in statements)


def _is_small(output: str) -> bool:
    """Whether an output leaves room for the text before it: a short text or table."""
    lines = output.count("\n") + output.count("<tr>")
    return _SMALL_OUTPUT.match(output) is not None and lines < _SHORT_TEXT


def _output(output: Any) -> str:
    """The output in its most lively form: a page's view, a picture, a table, then text."""
    data = output.get("data", {})
    if "text/html" in data:
        return str(data["text/html"])
    if "image/svg+xml" in data:
        return re.sub(r"^.*?(?=<svg)", "", str(data["image/svg+xml"]), flags=re.DOTALL)
    for kind in ("image/png", "image/jpeg"):
        if kind in data:
            return (
                f'<img alt="{escape(str(data.get("text/plain", "")))}" src="data:{kind};base64,{data[kind].strip()}">'
            )
    text = terminal_text(output)
    place = "<pre>" if has_columns(text) else '<pre class="sentences">'
    return f"{place}{escape(text)}</pre>"

"""Slides as one HTML document that needs no network: arrow keys turn them, and outputs of a notebook live in them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import NamedTuple

from autograd_core.formulas.labels import isolate_names
from autograd_core.show.page.bundle import page_script, style_sheet
from autograd_core.show.page.document import document
from autograd_core.show.page.styles import theme_rules

_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


class Slide(NamedTuple):
    """A slide. body: HTML, with the script of an output of a notebook where it has one."""

    heading: str
    body: str


def slides_page(title: str, slides: Iterable[Slide], style: str = "") -> str:
    """The document. Each script of an output stands in it once. style: a style sheet for what the bodies hold."""
    scripts: dict[str, None] = {}
    sections = []
    for slide in slides:
        scripts |= dict.fromkeys(_SCRIPT.findall(slide.body))
        heading = f"<h2>{escape(isolate_names(slide.heading))}</h2>\n" if slide.heading else ""
        body = _SCRIPT.sub("", slide.body)
        sections.append(f'<section class="slide">\n{heading}<div class="content">\n{body}\n</div>\n</section>')
    parts = '<div data-autograd-slides="">\n' + "\n".join(sections)
    parts += '\n<script type="application/json">{}</script>\n</div>'
    every = "\n".join([page_script("show/slides/page.js"), *scripts])
    return document(
        title, parts, theme_rules("data-autograd-slides") + style + style_sheet("show/slides/slides.css"), every
    )

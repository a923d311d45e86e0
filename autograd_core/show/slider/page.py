"""Pictures on a slider, as a page or a notebook output. Without a script it shows one of them."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from html import escape

from autograd_core.formulas.labels import isolate_names, visible_text
from autograd_core.show.page.bundle import page_script
from autograd_core.show.page.document import (
    compact_picture,
    document,
    embedded_json,
    notebook_script,
    picture_element,
)
from autograd_core.show.page.saved_files import save_page
from autograd_core.show.page.styles import styles

_ENTRY = "show/slider/page.js"
_ATTRIBUTE = "data-autograd-slider"


def slider_page(
    name: str, texts: Sequence[str], pictures: Sequence[str], start: int, path: str | os.PathLike[str] | None = None
) -> str:
    """A complete HTML document that needs no network, written to `path` if there is one.

    name: of the number that the slider changes. texts, pictures: its values and the picture (SVG) at each. start: the
    place of the one that is shown first. Raises `DrawingError` for another suffix than .html, and OSError.
    """
    parts = _parts(name, texts, pictures, start)
    return save_page(document(visible_text(name), parts, _style(), page_script(_ENTRY)), path)


def slider_output(name: str, texts: Sequence[str], pictures: Sequence[str], start: int) -> str:
    """The same as the output of a notebook cell; the script brings its style sheet."""
    return f"{_parts(name, texts, pictures, start)}\n{notebook_script('slider', _ENTRY, _style())}"


def _style() -> str:
    return styles(_ATTRIBUTE, "show/page/player.css", "show/slider/slider.css", with_pictures=False)


def _parts(name: str, texts: Sequence[str], pictures: Sequence[str], start: int) -> str:
    captions = [isolate_names(f"{visible_text(name)} = {visible_text(text)}") for text in texts]
    shown = picture_element(captions[start], pictures[start])
    # Most parts are the same in every picture. Those of the one in the page are read from there.
    split = [re.findall("<[^<]*", compact_picture(picture)) for picture in pictures]
    numbers = {part: number for number, part in reversed(list(enumerate(split[start])))}
    new = list(dict.fromkeys(part for parts in split for part in parts if part not in numbers))
    numbers |= {part: number for number, part in enumerate(new, start=len(split[start]))}
    data = {
        "name": visible_text(name),
        "captions": captions,
        "start": start,
        "parts": new,
        "pictures": [[numbers[part] for part in parts] for parts in split],
    }
    return (
        f'<div {_ATTRIBUTE}="">\n<div data-fallback=""><p>{escape(captions[start])}</p>{shown}</div>\n'
        f'<script type="application/json">{embedded_json(data)}</script>\n</div>'
    )

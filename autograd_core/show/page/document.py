"""The parts of every page: the document and its policy, scripts, pictures, data."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html import escape

from autograd_core.formulas.labels import isolate_names
from autograd_core.show.drawing.scene import Scene
from autograd_core.show.drawing.svg import svg
from autograd_core.show.page.bundle import page_script
from autograd_core.show.page.styles import font_face, notebook_theme, small_picture

# What has to be escaped in the address of a picture, between its quotation marks.
_ADDRESS = str.maketrans({"%": "%25", "#": "%23", "'": "%27", "\n": "%0A", "&": "&amp;"})


def document(title: str, parts: str, style: str, script: str) -> str:
    """A complete HTML document of `parts` below a heading. Its policy allows this one script, and no network."""
    policy = (
        "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'; base-uri 'none'; "
        "form-action 'none'; "
        f"script-src 'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
    )
    name = escape(isolate_names(title))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{name}</title>\n<style>{font_face()}{style}</style>\n</head>\n"
        f'<body class="autograd-page">\n<main>\n<h1>{name}</h1>\n{parts}\n</main>\n'
        f"<script>{script}</script>\n</body>\n</html>\n"
    )


def embedded_json(data: object) -> str:
    """JSON for a script element: nothing in it ends the element or starts a comment."""
    text = json.dumps(data, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def image(scene: Scene, markup: str = "") -> str:
    """A picture as an element that needs no script; `pictureOf` in `elements.js` reads it back.

    markup: the scene as SVG, where that is at hand.
    """
    return picture_element(scene.title, small_picture(markup or svg(scene)))


def picture_output(title: str, markup: str) -> str:
    """A picture (SVG) for a notebook: an element that needs no script, and a script that puts the picture there."""
    script = page_script("show/picture/inline.js")
    return f"{picture_element(title, markup, 'data-autograd-drawing ')}\n<script>{script}</script>"


def picture_element(title: str, markup: str, attribute: str = "") -> str:
    """A picture (SVG) as an element that needs no script."""
    address = compact_picture(markup).translate(_ADDRESS)
    return f"<img {attribute}alt=\"{escape(isolate_names(title))}\" src='data:image/svg+xml,{address}'>"


def compact_picture(markup: str) -> str:
    """A picture (SVG) without the colours beside its classes: browsers read the classes, other programs the colours."""
    small = re.sub(r'(<(?:path|text|use) class="[^"]+") (?:stroke|fill)="#\w+"', r"\1", markup)
    return re.sub(r'(<path class="[^"]+ f-[^"]+"[^>]*) fill="#\w+"', r"\1", small)


def notebook_script(view: str, entry: str, style: str) -> str:
    """The script of a page as part of a notebook output: it brings the style sheet of the view along.

    Sites that show notebooks let neither style sheets nor scripts through. `start.js` puts the style sheet in once.
    """
    style += notebook_theme(f"data-autograd-{view}")
    return f"<script>(window.autogradStyles??={{}}).{view}={embedded_json(style)};\n{page_script(entry)}</script>"

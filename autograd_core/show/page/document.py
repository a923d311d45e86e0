"""The parts of every page: the document and its policy, styles in the reader's theme, scripts, pictures, data."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import re
from html import escape
from importlib import resources

from autograd_core.formulas.labels import isolate_names
from autograd_core.show.drawing.scene import Scene
from autograd_core.show.drawing.svg import svg
from autograd_core.show.page.bundle import page_script, style_sheet
from autograd_core.show.theme import COLOURS, FONT_FAMILY, MATHEMATICS_FONT, Theme

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


@functools.cache
def font_face() -> str:
    """The font of mathematics as a rule of a style sheet; OFL.txt is its licence."""
    font = resources.files("autograd_core").joinpath("show", "page", "mathematics.woff2").read_bytes()
    return (
        f"@font-face{{font-family:{MATHEMATICS_FONT};"
        f"src:url(data:font/woff2;base64,{base64.b64encode(font).decode()})format('woff2')}}\n"
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
    return _image(scene.title, markup or svg(scene))


def picture_output(title: str, markup: str) -> str:
    """A picture (SVG) for a notebook: an element that needs no script, and a script that puts the picture there."""
    script = page_script("show/picture/inline.js")
    return f"{_image(title, markup, 'data-autograd-drawing ')}\n<script>{script}</script>"


def _image(title: str, markup: str, attribute: str = "") -> str:
    # Browsers read the classes, so the colours beside them, for other programs, are left out.
    small = re.sub(r'(<(?:path|text|use) class="[^"]+") (?:stroke|fill)="#\w+"', r"\1", markup)
    small = re.sub(r'(<path class="[^"]+ f-[^"]+"[^>]*) fill="#\w+"', r"\1", small)
    return (
        f"<img {attribute}alt=\"{escape(isolate_names(title))}\" src='data:image/svg+xml,{small.translate(_ADDRESS)}'>"
    )


def notebook_script(view: str, entry: str, style: str) -> str:
    """The script of a page as part of a notebook output: it brings the style sheet of the view along.

    Sites that show notebooks let neither style sheets nor scripts through. `start.js` puts the style sheet in once.
    """
    return f"<script>(window.autogradStyles??={{}}).{view}={embedded_json(style)};\n{page_script(entry)}</script>"


def styles(attribute: str, *names: str) -> str:
    """The style sheet of a page whose root has this attribute: the theme, what all pages share, and files of its own.

    In a file shared by pages `data-autograd` stands for the attribute.
    """
    shared = "".join(map(style_sheet, ("show/page/page.css", *names))).replace("[data-autograd]", f"[{attribute}]")
    # JupyterLab styles lists, tables and terms by two classes; an id outweighs them, even one that is never used.
    return _theme_rules(attribute) + shared.replace(f"[{attribute}]", f":is([{attribute}],#autograd)")


def _theme_rules(attribute: str) -> str:
    """The colours of `look` as variables for elements with this attribute, in the theme of the reader's page."""
    dark = _variables("dark")
    light = _variables("light")
    roots = f"[{attribute}],.autograd-page"
    return (
        f"{roots}{{{light};--font:{FONT_FAMILY}}}\n"
        f"@media (prefers-color-scheme:dark){{{roots}{{{dark}}}}}\n"
        f"[data-jp-theme-light=true] [{attribute}],.vscode-light [{attribute}]{{{light}}}\n"
        f"[data-jp-theme-light=false] [{attribute}],.vscode-dark [{attribute}]{{{dark}}}\n"
        f"@media print{{{roots},[data-jp-theme-light] [{attribute}]{{{light}}}}}\n"
    )


def _variables(theme: Theme) -> str:
    return ";".join(f"--{role}:{colour}" for role, colour in COLOURS[theme].items())

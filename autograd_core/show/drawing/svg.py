"""A scene as SVG: text stays text, colours follow the reader's theme, and the styles apply to this picture only."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from xml.sax.saxutils import escape, quoteattr

from autograd_core.formulas.labels import isolate_names, visible_text
from autograd_core.show.drawing.scene import Lettering, Outline, Scene, ScenePart
from autograd_core.show.theme import COLOURS, DARK_PAGES, FONT_FAMILY, LIGHT_PAGES, Theme


def svg(scene: Scene, theme: str = "auto") -> str:
    """The picture as an SVG document. theme: "auto" follows the page, "light" and "dark" do not.

    Its styles apply to a class named after its content, so that several pictures on a page do not disturb each other.
    """
    body = "\n".join(_part(part) for part in scene.parts)
    name = "autograd-" + hashlib.sha256(f"{theme}{scene.title}{body}".encode()).hexdigest()[:10]
    width, height = _number(scene.width), _number(scene.height)
    title = isolate_names(scene.title)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="autograd-picture {name}" role="img" '
        f'aria-label={quoteattr(title)} width="{width}" height="{height}" viewBox="0 0 {width} {height}">\n'
        f"<title>{escape(title)}</title>\n<style>{picture_style(name, theme, roles_in(body))}</style>\n{body}\n</svg>\n"
    )


def picture_style(name: str, theme: str, roles: Collection[str] | None = None) -> str:
    """The style sheet of a picture with the class `name`: a class for each role of a line (s-) and an area (f-).

    roles: those that the picture has, by default all of the theme.
    """
    here = f".{name}"
    used = [role for role in COLOURS["light"] if roles is None or role in roles]
    rules = [
        f"svg{here}{{max-width:100%;height:auto;background:transparent}}",
        f"svg{here}:root{{background:var(--page)}}",  # a file or an <img> may lie on a page of the other theme
        f"{here} text{{font-family:{FONT_FAMILY.replace(chr(34), chr(39))};font-variant-numeric:tabular-nums;"
        "stroke:none}",
        f"{here} path{{stroke-linejoin:round}}",
        *(f"{here} .f-{role}{{fill:var(--{role})}}" for role in used),
        *(f"{here} .s-{role}{{stroke:var(--{role})}}" for role in used if not role.endswith("-fill")),
    ]
    light, dark = (_variables(theme, ["page", *used]) for theme in ("light", "dark"))
    if theme != "auto":
        return "".join(rules) + f"{here}{dark if theme == 'dark' else light}"
    rules.append(f"{here}{light}")
    rules.append(f"@media (prefers-color-scheme:dark){{{here}{dark}}}")
    # The theme of a notebook or an editor, where the page names it, comes before that of the system.
    rules.append(f":is({LIGHT_PAGES}) {here}{light}")
    rules.append(f":is({DARK_PAGES}) {here}{dark}")
    return "\n".join(rules)


def roles_in(markup: str) -> set[str]:
    """The roles of the lines and areas of a picture."""
    classes = [name for names in re.findall(r' class="([^"]*)"', markup) for name in names.split()]
    return {name[2:] for name in classes if name.startswith(("f-", "s-"))}


def _variables(theme: Theme, roles: Collection[str]) -> str:
    return f"{{{';'.join(f'--{role}:{colour}' for role, colour in COLOURS[theme].items() if role in roles)}}}"


def _part(part: ScenePart) -> str:
    classes = f"{part.kind} {part.classes}".rstrip()
    data = "".join(f" data-{key}={quoteattr(visible_text(text))}" for key, text in part.data)
    title = f"<title>{escape(isolate_names(part.tooltip))}</title>" if part.tooltip else ""
    marks = "".join(_lettering(mark) if isinstance(mark, Lettering) else _outline(mark) for mark in part.marks)
    return f'<g class="{classes}"{data}>{title}{marks}</g>'


def _outline(mark: Outline) -> str:
    # Each mark also has its colours, for programs that do not read style sheets.
    light = COLOURS["light"]
    classes = " ".join([f"s-{mark.stroke}"] * bool(mark.stroke) + [f"f-{mark.fill}"] * bool(mark.fill))
    stroke = f'stroke="{light[mark.stroke]}" stroke-width="{_number(mark.width)}"' if mark.stroke else 'stroke="none"'
    fill = f'fill="{light[mark.fill]}"' if mark.fill else 'fill="none"'
    dashes = f' stroke-dasharray="{",".join(map(_number, mark.dashes))}"' if mark.dashes else ""
    path = _path(mark) + "Z" * mark.closed
    return f'<path class="{classes}" {stroke} {fill}{dashes} d="{path}"/>'


def _path(mark: Outline) -> str:
    """Straight lines, or cubics; a cubic that is straight is written as the line it is."""
    start, *rest = [f"{_number(x)},{_number(y)}" for x, y in mark.points]
    if mark.straight:
        return f"M{start}L{' '.join(rest)}"
    pieces, here = [f"M{start}"], start
    for first, second, end in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        straight = first == here and second == end
        if not (straight and end == here):
            pieces.append(f"L{end}" if straight else f"C{first} {second} {end}")
        here = end
    return "".join(pieces)


def _lettering(mark: Lettering) -> str:
    anchor = "" if mark.anchor == "start" else f' text-anchor="{mark.anchor}"'
    weight = ' font-weight="bold"' if mark.bold else ""
    line = f" {mark.line}" if mark.line in ("value", "grad") else ""
    text = escape(isolate_names(mark.text))
    return (
        f'<text class="f-{mark.colour}{line}" fill="{COLOURS["light"][mark.colour]}" x="{_number(mark.x)}" '
        f'y="{_number(mark.y)}" font-size="{_number(mark.size)}"{anchor}{weight}>{text}</text>'
    )


def _number(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")

"""A matplotlib figure as SVG in the theme of the reader's page: its colours become roles, its letters stay letters."""

from __future__ import annotations

import hashlib
import io
import math
import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

from autograd_core import look
from autograd_core.show.drawing.svg import picture_style, roles_in

_NOT_DRAWN = re.compile(r"<metadata>.*?</metadata>|<style[^>]*>.*?</style>", re.DOTALL)
_STYLE = re.compile(r' style="([^"]*)"')
_PATH = re.compile(r' d="([^"]*)"')
_COMMAND = re.compile(r"([MLQCz])([^MLQCz]*)")
_PLACE = re.compile(r' [xy]="[^"]*"')
_DOTS = re.compile(r'(<pattern [^>]*)width="72" height="72"(.*?)<path d="[^"]{9999,}"')  # a hatch of tiny circles
_MARKER = re.compile(r'(<path id="m[^"]+"[^>]*) style="[^"]*"')  # each use of a marker has its style
_GRAPH = re.compile(r'<image [^>]*id="graph-(\d+)"[^>]* x="([-\d.]+)" y="([-\d.]+)" width="([\d.]+)" height="[\d.]+"/>')
_LONG_NUMBER = re.compile(r"(\d\.\d\d)\d+")
_REFERENCE = re.compile(r'(id="|href="#|url\(#)([^")]+)')
Point = tuple[int, int]
_TOLERANCE = 2.5  # tenths of a pixel
_MOST_MIDPOINTS = 40
_ID = re.compile(r' id="([^"]+)"')


def figure_svg(figure: Any, theme: look.Theme) -> str:
    """The figure without its paper. In the light theme its colours follow the reader's page, in the dark they stay."""
    return figures_svg([figure], [theme])[0]


def figures_svg(figures: Sequence[Any], themes: Sequence[look.Theme]) -> list[str]:
    """The same of several figures of which a page shows one at a time: their names and style sheets are the same."""
    bodies = [_body(figure, theme) for figure, theme in zip(figures, themes, strict=True)]
    digest = hashlib.sha256(f"{themes[0]}{bodies[0]}".encode()).hexdigest()[:10]
    roles = roles_in("".join(bodies))
    return [
        _document(figure, body, theme, digest, roles)
        for figure, body, theme in zip(figures, bodies, themes, strict=True)
    ]


def _body(figure: Any, theme: look.Theme) -> str:
    import matplotlib

    content = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "figure"}):
        figure.savefig(content, format="svg", transparent=True, metadata={"Date": None})
    drawn = content.getvalue()
    body = _NOT_DRAWN.sub("", drawn[drawn.index("<defs>") :])
    body = _MARKER.sub(r"\1", body)
    roles: dict[str, str] = {}
    for role, colour in look.COLOURS[theme].items():
        roles.setdefault(colour.lower(), role)
    body = _STYLE.sub(lambda found: _with_roles(found[1], roles), body)
    body = re.sub(r">\s+<", "><", body).replace("\n", "")
    body = _DOTS.sub(r'\1width="6" height="6"\2<circle cx="3" cy="3" r=".5"', body)
    body = _PATH.sub(lambda found: f' d="{_short_path(found[1])}"', body)
    body = _PLACE.sub(lambda found: _LONG_NUMBER.sub(r"\1", found[0]), body)
    body = _GRAPH.sub(lambda found: _graph(figure.graphs[int(found[1])], *map(float, found.groups()[1:])), body)
    return _ID.sub(lambda found: found[0] if f"#{found[1]}" in body else "", body)


def _document(figure: Any, body: str, theme: look.Theme, digest: str, roles: Collection[str]) -> str:
    name = f"autograd-{digest}"
    # Identifiers belong to the whole page, on which there may be several figures.
    numbers = {identifier: f"i{digest[:6]}-{number}" for number, identifier in enumerate(_ID.findall(body))}
    body = _REFERENCE.sub(lambda found: found[1] + numbers[found[2]], body)
    inches = [float(length) for length in figure.get_size_inches()]
    width, height = (round(length * 96) for length in inches)
    box = " ".join(f"{length * 72:g}" for length in inches)
    titles = [axes.get_title(loc="left").replace("\n", ", ") for axes in figure.axes]
    title = ", ".join(filter(None, titles)) or "figure"
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'class="autograd-picture {name}" role="img" aria-label={quoteattr(title)} width="{width}" height="{height}" '
        f'viewBox="0 0 {box}">\n<style>{picture_style(name, "auto" if theme == "light" else theme, roles)}'
        f".{name} *{{stroke-linejoin:round;stroke-linecap:butt}}</style>\n{body}"
    )


def _with_roles(style: str, roles: dict[str, str]) -> str:
    """The style of an element, with a class in the place of each colour of ours."""
    classes, others = [], []
    for entry in filter(None, style.split(";")):
        name, _, value = (part.strip() for part in entry.partition(":"))
        if name in ("fill", "stroke") and value in roles:
            classes.append(f"{name[0]}-{roles[value]}")
        elif name != "font-family":  # the picture has that of the pages
            others.append(f"{name}:{value}")
    kind = f' class="{" ".join(classes)}"' if classes else ""
    rest = f' style="{";".join(others)}"' if others else ""
    return kind + rest


def _short_path(path: str) -> str:
    """A path in steps from point to point, in tenths, without points on a straight line: a third of the letters."""
    pieces = []
    here = start = (0, 0)
    for command, points in _without_midpoints(path):
        steps = " ".join(f"{(x - here[0]) / 10:g} {(y - here[1]) / 10:g}" for x, y in points)
        pieces.append(command.lower() + steps.replace(" -", "-"))
        here = points[-1] if points else start
        start = here if command == "M" else start
    return "".join(pieces)


def _graph(picture: str, x: float, y: float, width: float) -> str:
    """The SVG of a graph in the place of its pixels, which matplotlib writes upside down."""
    classes, own_width = re.findall(r'^<svg [^>]*class="([^"]+)"[^>]* width="([\d.]+)"', picture)[0]
    inside = picture[picture.index(">") + 1 : picture.rindex("</svg>")]
    return f'<g class="{classes}" transform="translate({x} {-y}) scale({width / float(own_width):.4f})">{inside}</g>'


def _without_midpoints(path: str) -> Iterator[tuple[str, list[Point]]]:
    """The commands of a path with their points in tenths, without those within a quarter of a pixel of a line."""
    begin: Point = (0, 0)
    waiting: list[Point] = []  # ends of lines since `begin`; all but the last lie on the line to the last
    for command, numbers in _COMMAND.findall(path):
        tenths = [round(10 * float(number)) for number in numbers.split()]
        points = list(zip(tenths[::2], tenths[1::2], strict=True))
        is_longer = command == "L" and len(waiting) < _MOST_MIDPOINTS
        if waiting and not (is_longer and all(_distance(point, begin, points[0]) <= _TOLERANCE for point in waiting)):
            yield "L", [waiting[-1]]
            begin = waiting[-1]
            waiting = []
        if command == "L":
            waiting.append(points[0])
        else:
            yield command, points
            begin = points[-1] if points else begin
    if waiting:
        yield "L", [waiting[-1]]


def _distance(point: Point, start: Point, end: Point) -> float:
    """From a point to the line between two others."""
    along = (end[0] - start[0], end[1] - start[1])
    from_start = (point[0] - start[0], point[1] - start[1])
    length = math.hypot(*along)
    part = (from_start[0] * along[0] + from_start[1] * along[1]) / (length * length) if length else 0.0
    if not 0.0 <= part <= 1.0:
        return math.inf
    return math.hypot(from_start[0] - part * along[0], from_start[1] - part * along[1])

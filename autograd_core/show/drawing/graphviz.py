"""Graphviz, from the wheel or from the system: it places cards and paints pixels.

It reads no labels: a layout needs sizes only, and pixels need finished shapes. A failure returns None, and the caller
tries the next engine.
"""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from autograd_core.show.drawing.diagram import DETAILED, Diagram
from autograd_core.show.drawing.layout.layer_assignment import layers
from autograd_core.show.drawing.layout.layered_layout import own_layout
from autograd_core.show.drawing.layout.places import (
    Direction,
    Layout,
    Point,
    Rectangle,
    frame_title_size,
    layer_gap,
    note_size,
)
from autograd_core.show.drawing.scene import Lettering, Outline, Scene
from autograd_core.show.theme import COLOURS, FONT_NAME, MARGIN, PROJECTOR_DPI, ROW_GAP, Theme

ENGINES = ("graphviz-pure", "dot")
_LAYOUT_TIMEOUT, _PAINT_TIMEOUT = 8.0, 60.0  # seconds
_MOST_STEPS = 6000  # layers crossed by all links together; with more, Graphviz can take minutes
_MOST_PIXELS = 16_000_000
_LONGEST_SIDE = 10_000
_SAMPLES = 16  # of each piece of a spline


def program(engine: str) -> str | None:
    """The path of a program, or None where it is not installed.

    It is looked for in folders with a full path only. `shutil.which` and Windows look into the current folder too,
    where anybody may have put a program of that name, and take a batch file for one.
    """
    name = f"{engine}.exe" if sys.platform == "win32" else engine
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    if engine == "graphviz-pure":  # beside the running Python: an environment that is not activated is not on PATH
        folders.insert(0, sysconfig.get_path("scripts"))
    for folder in map(Path, folders):
        if folder.is_absolute() and (folder / name).is_file() and os.access(folder / name, os.X_OK):
            return str(folder / name)
    return None


def _run(engine: str, arguments: Sequence[str], source: str, timeout: float) -> bytes | None:
    path = program(engine)
    if path is None:
        return None
    try:
        process = subprocess.run(
            [path, *arguments], input=source.encode(), capture_output=True, timeout=timeout, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return process.stdout or None


# ------------------------------------------------------------------------------------------------------- places


def lay_out(diagram: Diagram, direction: Direction, engine: str | None = None) -> Layout:
    """A layout by our own engine, or by the Graphviz `engine` if one is named, or by another that is installed."""
    if engine in ENGINES and len(diagram.cards) <= DETAILED:
        for name in sorted(ENGINES, key=lambda name: name != engine):
            layout = graphviz_layout(name, diagram, direction)
            if layout is not None:
                return layout
    return own_layout(diagram, direction)


def graphviz_layout(engine: str, diagram: Diagram, direction: Direction) -> Layout | None:
    """A layout by Graphviz; None where Graphviz is missing, fails or would take too long."""
    ends = [(link.tail, link.head) for link in diagram.links]
    layer = layers(len(diagram.cards), ends)
    if sum(layer[head] - layer[tail] for tail, head in ends) > _MOST_STEPS:
        return None
    answer = _run(engine, ["-Tjson0"], skeleton(diagram, direction), _LAYOUT_TIMEOUT)
    if answer is None:
        return None
    try:
        return _read(json.loads(answer), diagram)
    except (ValueError, KeyError, IndexError, TypeError):
        return None


def skeleton(diagram: Diagram, direction: Direction) -> str:
    """The diagram as DOT with sizes only, in points that are our pixels."""
    lines = [
        "digraph {",
        f'graph [rankdir={direction}, pad=0, margin=0, nodesep="{ROW_GAP / 72:.3f}", '
        f'ranksep="{layer_gap(diagram, direction) / 72:.3f}"]',
        'node [shape=box, fixedsize=true, label=""]',
        "edge [arrowhead=none]",
    ]
    inside: list[list[int]] = [[] for _ in diagram.frames]
    children: list[list[int]] = [[] for _ in diagram.frames]
    for index, card in enumerate(diagram.cards):
        lines.append(f"n{index} [width={card.width / 72:.4f}, height={card.height / 72:.4f}]")
        if card.frame is not None:
            inside[card.frame].append(index)
    for number, frame in enumerate(diagram.frames):
        if frame.parent is not None:
            children[frame.parent].append(number)
    for number, frame in enumerate(diagram.frames):
        if frame.parent is None:
            lines += _clusters(diagram, number, inside, children)
    for index, link in enumerate(diagram.links):
        lines.append(f'n{link.tail} -> n{link.head} [id="e{index}"]')
    return "\n".join([*lines, "}"])


def _clusters(diagram: Diagram, outermost: int, inside: list[list[int]], children: list[list[int]]) -> list[str]:
    lines: list[str] = []
    waiting: list[int | None] = [outermost]
    while waiting:
        number = waiting.pop()
        if number is None:
            lines.append("}")
            continue
        width, height = frame_title_size(diagram.frames[number])
        blank = (
            f'<<TABLE BORDER="0" FIXEDSIZE="TRUE" WIDTH="{width - 24:.0f}" HEIGHT="{height - 12:.0f}"><TR><TD></TD>'
            "</TR></TABLE>>"
        )
        lines.append(f"subgraph cluster_{number} {{ graph [id=f{number}, margin=12, label={blank}]")
        lines.append(" ".join(f"n{index};" for index in inside[number]))
        waiting += [None, *reversed(children[number])]
    return lines


def _read(answer: dict[str, Any], diagram: Diagram) -> Layout:
    """The layout in an answer of Graphviz, whose origin is the bottom left corner; ours is the top left."""
    left, bottom, right, top = map(float, answer["bb"].split(","))

    def put(pair: str) -> Point:
        x, y = pair.split(",")
        return float(x) - left + MARGIN, top - float(y) + MARGIN

    centres: dict[int, Point] = {}
    frames: list[Rectangle | None] = [None] * len(diagram.frames)
    for item in answer["objects"]:
        if item["name"].startswith("cluster_"):
            west, south, east, north = item["bb"].split(",")
            frames[int(item["name"][8:])] = (*put(f"{west},{north}"), *put(f"{east},{south}"))
        else:
            centres[int(item["name"][1:])] = put(item["pos"])
    paths: dict[int, list[Point]] = {
        int(edge["id"][1:]): [put(pair) for pair in edge["pos"].split(" ")] for edge in answer.get("edges", ())
    }
    if any(len(path) < 4 or len(path) % 3 != 1 for path in paths.values()):
        raise ValueError("a path is not a spline")
    return Layout(
        right - left + 2 * MARGIN,
        top - bottom + 2 * MARGIN,
        [centres[index] for index in range(len(diagram.cards))],
        [paths[index] for index in range(len(diagram.links))],
        frames,
        [],
        [
            _before_tip(paths[index], 15.0 + note_size(link.note)[0] / 2) if link.note else None
            for index, link in enumerate(diagram.links)
        ],
    )


def _before_tip(path: Sequence[Point], distance: float) -> Point:
    """The point of a spline that lies `distance` before its end, but not before its middle."""
    points = _spline_points(path)
    lengths = [math.dist(start, end) for start, end in pairwise(points)]
    distance = min(distance, sum(lengths) / 2)
    for index in range(len(lengths) - 1, -1, -1):
        if lengths[index] >= distance and lengths[index] > 0:
            part = distance / lengths[index]
            (x, y), (from_x, from_y) = points[index + 1], points[index]
            return x + (from_x - x) * part, y + (from_y - y) * part
        distance -= lengths[index]
    return points[0]


def _spline_points(path: Sequence[Point]) -> list[Point]:
    """Points along a spline, from its start to its end."""
    points: list[Point] = []
    for start in range(0, len(path) - 1, 3):
        for step in range(_SAMPLES):
            t = step / _SAMPLES
            s = 1 - t
            weights = (s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t)
            pieces = list(zip(weights, path[start : start + 4], strict=True))
            points.append((sum(weight * x for weight, (x, _) in pieces), sum(weight * y for weight, (_, y) in pieces)))
    return [*points, path[-1]]


# ------------------------------------------------------------------------------------------------------- pixels


def png(scene: Scene, theme: Theme, engines: Sequence[str] = ENGINES, dpi: float = PROJECTOR_DPI) -> bytes | None:
    """The scene as PNG, by default sharp enough for a projector; None where no Graphviz can paint it."""
    longest, area = max(scene.width, scene.height), scene.width * scene.height
    scale = min(dpi / 72, _LONGEST_SIDE / longest, (_MOST_PIXELS / area) ** 0.5)
    source = _painting(scene, theme)
    for engine in engines:
        pixels = _run(engine, ["-Kneato", "-n2", "-Tpng", f"-Gdpi={72 * scale:.3f}"], source, _PAINT_TIMEOUT)
        if pixels is not None and pixels.startswith(b"\x89PNG"):
            return pixels
    return None


def _painting(scene: Scene, theme: Theme) -> str:
    """The scene as the background of a graph that has only two corners."""
    colours = COLOURS[theme]
    words = []
    for part in scene.parts:
        for mark in part.marks:
            words.append(_letters(mark, scene, colours[mark.colour]) if isinstance(mark, Lettering) else "")
            if isinstance(mark, Outline):
                words.append(_outline(mark, scene, colours[mark.stroke or mark.fill], colours.get(mark.fill, "")))
    corners = (
        f'a [pos="0,0", shape=none, label="", width=0.01, height=0.01] '
        f'b [pos="{scene.width},{scene.height}", shape=none, label="", width=0.01, height=0.01]'
    )
    painted = " ".join(words).replace('"', '\\"')
    return f'digraph {{ graph [pad=0, bgcolor="{colours["page"]}", _background="{painted}"] {corners} }}'


def _outline(mark: Outline, scene: Scene, stroke: str, fill: str) -> str:
    where = " ".join(f"{x:.1f} {scene.height - y:.1f}" for x, y in mark.points)
    pen = "dashed" if mark.dashes and mark.dashes[0] > 3 else "dotted" if mark.dashes else "solid"
    line = f"setlinewidth({mark.width if mark.stroke else 0.1})"
    style = f"S {len(line)} -{line} S {len(pen)} -{pen} c {len(stroke)} -{stroke} "
    shape = "B" if not mark.straight else "p" if mark.closed else "L"
    if fill:
        style += f"C {len(fill)} -{fill} "
        shape = "P" if mark.straight else "b"
    return f"{style}{shape} {len(mark.points)} {where}"


def _letters(mark: Lettering, scene: Scene, colour: str) -> str:
    anchor = {"start": -1, "middle": 0, "end": 1}[mark.anchor]
    face = FONT_NAME + "-Bold" * mark.bold
    # Graphviz paints every backslash, but does not count one that could escape the next character. A backslash at the
    # end or before a quotation mark would end the DOT string: there it is doubled.
    text = re.sub(r'(?<!\\)(?:\\\\)*\\(?="|\Z)', r"\g<0>\\", mark.text)
    counted = re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL).encode()
    return (
        f"F {mark.size} {len(face)} -{face} c {len(colour)} -{colour} "
        f"T {mark.x:.1f} {scene.height - mark.y:.1f} {anchor} 100 {len(counted)} -{text}"
    )

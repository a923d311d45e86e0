"""A graph over time as a page: a slider through the moments, with the graph, the map of the model and the loss at each.

All places and texts are computed here; the script shows those of one moment. Without a script, the page shows the
pictures of the last moment and a table.
"""

from __future__ import annotations

import base64
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, TypeVar

from autograd_core.formulas.labels import isolate_all, isolate_names
from autograd_core.formulas.notation import number_text
from autograd_core.formulas.symbols import name_text
from autograd_core.show.drawing.bars import BAR, BAR_STEP, NOT_FINITE, NOTHING, TALLEST
from autograd_core.show.drawing.layout.places import Point
from autograd_core.show.page.bundle import page_script
from autograd_core.show.page.document import document, embedded_json, image, notebook_script
from autograd_core.show.page.styles import styles
from autograd_core.show.record.record import json_safe
from autograd_core.show.timeline.decision_map import DEEPEST, LEVELS, ROLES, SIDE, MapSheet, ModelMap
from autograd_core.show.timeline.layer_bars import BarSlot
from autograd_core.show.timeline.loss_curve import CurveSheet
from autograd_core.show.timeline.picture import TimelineSheet
from autograd_core.show.timeline.record import LARGEST, EpochChange, Snapshot

_ENTRY = "show/timeline/page.js"
_ATTRIBUTE = "data-autograd-timeline"
Hashed = TypeVar("Hashed", bound=Hashable)


@dataclass(frozen=True, slots=True)
class TimelineContent:
    """Everything that is shown of a run. table: header and rows. For each frame, sentences: its text, facts: (name,
    text) pairs, changes: the leaves that changed most since the last one. note: which moments these are."""

    title: str
    note: str
    frames: Sequence[Snapshot]
    sheet: TimelineSheet
    map: tuple[ModelMap, MapSheet] | None
    curve: CurveSheet
    facts: Sequence[Sequence[tuple[str, str]]]
    sentences: Sequence[str]
    changes: Sequence[Sequence[EpochChange]]
    table: Sequence[Sequence[str]]


def timeline_page(content: TimelineContent) -> str:
    """A complete HTML document that needs no network."""
    return document(content.title, _parts(content), _style(), page_script(_ENTRY))


def timeline_output(content: TimelineContent) -> str:
    """The same as the output of a notebook cell; the script brings its style sheet."""
    return f"{_parts(content)}\n{notebook_script('timeline', _ENTRY, _style())}"


def _style() -> str:
    shared = ("show/page/player.css", "show/page/camera.css", "show/page/one_screen.css")
    return styles(_ATTRIBUTE, *shared, "show/timeline/timeline.css")


def _parts(content: TimelineContent) -> str:
    last = len(content.frames) - 1
    sentence = escape(isolate_names(content.sentences[last]))
    pictures = [("picture", image(content.sheet.at(last)))]
    if content.map is not None:
        pictures.append(("map", image(content.map[1].at(last, content.frames[last].wrong))))
    pictures.append(("curve", image(content.curve.at(last))))
    shown_pictures = "\n".join(f'<p data-part="{part}">{picture}</p>' for part, picture in pictures)
    header, *rows = content.table
    table = "<table><caption>{}</caption><thead>{}</thead><tbody>{}</tbody></table>".format(
        escape(content.note), _row(header, "th"), "".join(_row(row, "td") for row in rows)
    )
    data = embedded_json(isolate_all(json_safe(_data(content))))
    return (
        f'<div {_ATTRIBUTE}="">\n<div data-fallback="">\n<p>{sentence}</p>\n{shown_pictures}\n{table}'
        f'</div>\n<script type="application/json">{data}</script>\n</div>'
    )


def _row(cells: Sequence[str], tag: str) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(isolate_names(cell))}</{tag}>' for cell in cells)}</tr>"


# ----------------------------------------------------------------------------------------- what the script reads


def _data(content: TimelineContent) -> dict[str, Any]:
    words: dict[tuple[str, str, bool], int] = {}
    slots = [
        [slot.card, slot.place, _indices(((word.text, word.colour, word.bold) for word in slot.words), words)]
        for slot in content.sheet.slots
    ]
    roles: dict[str, int] = {}
    links = [[list(link.widths), _indices(link.roles, roles)] for link in content.sheet.links]
    return {
        "title": content.title,
        "note": content.note,
        "numbers": [frame.number for frame in content.frames],
        "sentences": content.sentences,
        "facts": content.facts,
        "slots": slots,
        "words": list(words),
        "bars": [_bars(slot) for slot in content.sheet.bars],
        "barSizes": {"width": BAR, "step": BAR_STEP, "tallest": TALLEST, "nothing": NOTHING, "notFinite": NOT_FINITE},
        "links": links,
        "roles": list(roles),
        "map": _map(*content.map, content.frames) if content.map is not None else None,
        "curve": {"places": content.curve.places, "box": content.curve.box, "width": content.curve.scene.width},
        "changes": [[_change(leaf, content.sheet) for leaf in of_moment] for of_moment in content.changes],
        "largest": LARGEST,
        "cardOfLargest": [
            None if frame.largest is None else content.sheet.card_of[frame.largest[0]] for frame in content.frames
        ],
    }


def _change(leaf: EpochChange, sheet: TimelineSheet) -> list[Any]:
    texts = name_text(leaf.name), number_text(leaf.before), number_text(leaf.after)
    return [*texts, leaf.after > leaf.before, sheet.card_of[leaf.name]]


def _indices(keys: Iterable[Hashed], known: dict[Hashed, int]) -> list[int]:
    return [known.setdefault(key, len(known)) for key in keys]


def _bars(slot: BarSlot) -> dict[str, Any]:
    heights = bytes(height % 256 for of_moment in slot.heights for height in of_moment)
    return {
        "left": round(slot.axis.left, 1),
        "zero": round(slot.axis.zero, 1),
        "room": round(slot.axis.room, 1),
        "coloured": slot.axis.signed,
        "count": len(slot.heights[0]),
        "heights": base64.b64encode(heights).decode(),
    }


def _map(model_map: ModelMap, sheet: MapSheet, frames: Sequence[Snapshot]) -> dict[str, Any]:
    drawn = set(sheet.drawn)
    return {
        "kind": model_map.kind,
        "side": SIDE,
        "deepest": DEEPEST,
        "levels": LEVELS,
        "size": [sheet.scene.width, sheet.scene.height],
        "box": sheet.box,
        "roles": ROLES,
        "lines": ["".join(_path(points) for points in lines) for lines in sheet.lines],
        "shades": None if sheet.shades is None else [base64.b64encode(shades).decode() for shades in sheet.shades],
        "wrong": [[row for row in frame.wrong if row in drawn] for frame in frames],
    }


def _path(points: Sequence[Point]) -> str:
    start, *rest = [f"{x:.1f},{y:.1f}" for x, y in points]
    return f"M{start}L{' '.join(rest)}"

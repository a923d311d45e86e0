"""A graph over time as a page: a slider through the moments, with the graph, the model's map and the loss at each.

All places and texts are made here; the page's script puts in those of the moment. The last moment's pictures and a
table stand where no script runs.
"""

from __future__ import annotations

import base64
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, TypeVar

from autograd_core.formulas.labels import visible_text
from autograd_core.formulas.notation import number_text
from autograd_core.show.drawing.layered_layout import Point
from autograd_core.show.page.document import document, embedded_json, image, script_of, styles
from autograd_core.show.record.record import json_safe
from autograd_core.show.timeline.decision_map import ROLES, SIDE, MapSheet, ModelMap
from autograd_core.show.timeline.layer_bars import BarSlot
from autograd_core.show.timeline.loss_curve import CurveSheet
from autograd_core.show.timeline.picture import TimelineSheet
from autograd_core.show.timeline.record import EpochChange, Snapshot

_SCRIPTS = ("show/page/elements.js", "show/page/player.js", "show/timeline/timeline.js")
_ATTRIBUTE = "data-autograd-timeline"
Thing = TypeVar("Thing", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Story:
    """All that is shown of a run. table: its header and its rows. told: a sentence for each frame; facts: (name, text)
    for each; changes: what moved most since the one before. note: which moments these are."""

    title: str
    note: str
    frames: Sequence[Snapshot]
    sheet: TimelineSheet
    map: tuple[ModelMap, MapSheet] | None
    curve: CurveSheet
    facts: Sequence[Sequence[tuple[str, str]]]
    told: Sequence[str]
    changes: Sequence[Sequence[EpochChange]]
    table: Sequence[Sequence[str]]


def timeline_page(told: Story) -> str:
    """A complete HTML document that needs no network."""
    return document(told.title, _parts(told), _style(), script_of(*_SCRIPTS))


def timeline_output(told: Story) -> str:
    """The same as the output of a notebook cell; the script brings its style sheet along."""
    style = f"window.autogradTimelineStyle={embedded_json(_style())};\n"
    return f"{_parts(told)}\n<script>{style}{script_of(*_SCRIPTS)}</script>"


def _style() -> str:
    return styles(_ATTRIBUTE, "show/page/player.css", "show/timeline/timeline.css")


def _parts(told: Story) -> str:
    last = len(told.frames) - 1
    pictures = [("picture", image(told.sheet.at(last)))]
    if told.map is not None:
        pictures.append(("map", image(told.map[1].at(last, told.frames[last].wrong))))
    pictures.append(("curve", image(told.curve.at(last))))
    shown_pictures = "\n".join(f'<p data-part="{part}">{picture}</p>' for part, picture in pictures)
    header, *rows = told.table
    table = "<table><caption>{}</caption><thead>{}</thead><tbody>{}</tbody></table>".format(
        escape(told.note), _row(header, "th"), "".join(_row(row, "td") for row in rows)
    )
    return (
        f'<div {_ATTRIBUTE}="">\n<div data-fallback="">\n<p>{escape(told.told[last])}</p>\n{shown_pictures}\n{table}'
        f'</div>\n<script type="application/json">{embedded_json(json_safe(_data(told)))}</script>\n</div>'
    )


def _row(cells: Sequence[str], tag: str) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in cells)}</tr>"


# ----------------------------------------------------------------------------------------- what the script reads


def _data(told: Story) -> dict[str, Any]:
    words: dict[tuple[str, str, bool], int] = {}
    slots = [
        [slot.card, slot.place, _indices(((word.text, word.colour, word.bold) for word in slot.words), words)]
        for slot in told.sheet.slots
    ]
    roles: dict[str, int] = {}
    links = [[list(link.widths), _indices(link.roles, roles)] for link in told.sheet.links]
    return {
        "title": told.title,
        "note": told.note,
        "numbers": [frame.number for frame in told.frames],
        "told": told.told,
        "facts": told.facts,
        "slots": slots,
        "words": list(words),
        "bars": [_bars(slot) for slot in told.sheet.bars],
        "links": links,
        "roles": list(roles),
        "map": _map(*told.map, told.frames) if told.map is not None else None,
        "curve": {"places": told.curve.places, "box": told.curve.box, "width": told.curve.scene.width},
        "changes": [
            [
                [visible_text(one.name), number_text(one.before), number_text(one.after), one.after > one.before]
                for one in some
            ]
            for some in told.changes
        ],
    }


def _indices(things: Iterable[Thing], known: dict[Thing, int]) -> list[int]:
    return [known.setdefault(thing, len(known)) for thing in things]


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


def _map(given: ModelMap, sheet: MapSheet, frames: Sequence[Snapshot]) -> dict[str, Any]:
    drawn = set(sheet.drawn)
    return {
        "kind": given.kind,
        "side": SIDE,
        "size": [sheet.scene.width, sheet.scene.height],
        "box": sheet.box,
        "roles": ROLES,
        "lines": ["".join(_path(points) for points in lines) for lines in sheet.lines],
        "shades": None if sheet.shades is None else [base64.b64encode(one).decode() for one in sheet.shades],
        "wrong": [[row for row in frame.wrong if row in drawn] for frame in frames],
    }


def _path(points: Sequence[Point]) -> str:
    start, *rest = [f"{x:.1f},{y:.1f}" for x, y in points]
    return f"M{start}L{' '.join(rest)}"

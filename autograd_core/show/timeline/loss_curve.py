"""The loss over the moments of a run, with the current one marked."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from autograd_core.show.drawing.bars import finite
from autograd_core.show.drawing.layout.places import Point
from autograd_core.show.drawing.scene import Lettering, Outline, Scene, ScenePart
from autograd_core.show.theme import SMALL
from autograd_core.show.timeline.axes import Axes, dot, powers, ticks
from autograd_core.show.timeline.record import Snapshot

_WIDTH, _HEIGHT = 430.0, 214.0
_BOX = (58.0, 24.0, 420.0, 170.0)
_LOGARITHMIC_FROM = 30.0  # the ratio of the largest to the smallest loss from which the axis is logarithmic


@dataclass(frozen=True, slots=True)
class CurveSheet:
    """scene: axes and curves, without the mark. places: the point of the loss at each moment. box: that of the plot."""

    scene: Scene
    places: list[Point]
    box: tuple[float, float, float, float]

    def at(self, moment: int) -> Scene:
        """The sheet with a moment marked."""
        scene = Scene(self.scene.title, self.scene.width, self.scene.height)
        scene.parts = [*self.scene.parts, *current_marks(self.places[moment], self.box)]
        return scene


def current_marks(place: Point, box: tuple[float, float, float, float]) -> list[ScenePart]:
    """The line and the dot of the current moment."""
    x, y = place
    line = Outline(((x, box[1]), (x, box[3])), "ink", "", 1.4, (5.0, 3.0), closed=False)
    return [ScenePart("now", (line,)), ScenePart("here", (Outline(dot(x, y, 6.0), "page", "ink", 2.0),))]


def curve_sheet(frames: Sequence[Snapshot], name: str) -> CurveSheet:
    """The loss of every moment, and that of the followed point where it differs."""
    losses, own = [frame.loss for frame in frames], [frame.value for frame in frames]
    both = repr(losses) != repr(own)  # nan equals nan here
    known = finite([*losses, *(own if both else [])]) or [0.0]
    low, high = min(known), max(known)
    logarithmic = low > 0 and high / low > _LOGARITHMIC_FROM
    if not logarithmic:
        low = min(low, 0.0)
        high = min(high + 0.05 * (high - low or 1.0), sys.float_info.max)
    axes = Axes(_BOX, (0.0, float(max(len(frames) - 1, 1))), (low, high), logarithmic)
    scene = Scene("the loss at every moment", _WIDTH, _HEIGHT)
    ys = powers(low, high) if logarithmic else ticks(low, high, 4)
    names = "epoch", f"{name}{', log scale' if logarithmic else ''}"
    scene.parts.append(axes.part(_epochs(frames), ys, names))
    if both:
        scene.parts.append(_line(axes, own, "own", 1.6, "composition", (5.0, 4.0)))
    scene.parts.append(_line(axes, losses, "all", 2.6, "input", ()))
    words: list[Outline | Lettering] = []
    x, y = _BOX[2] - 218.0, _BOX[1] - 7
    for text, role, dashes, wide in (
        (("all rows", "input", (), 82.0), ("the followed point", "composition", (5.0, 4.0), 0.0)) if both else ()
    ):
        words.append(Outline(((x, y - 4), (x + 22, y - 4)), role, "", 2.4, dashes, closed=False))
        words.append(Lettering(text, x + 28, y, SMALL, "ink"))
        x += wide
    scene.parts.append(ScenePart("legend", tuple(words)))
    places = [
        axes.place(float(place), loss if math.isfinite(loss) else low if logarithmic else 0.0)
        for place, loss in enumerate(losses)
    ]
    return CurveSheet(scene, places, _BOX)


def _line(
    axes: Axes, numbers: Sequence[float], kind: str, width: float, role: str, dashes: tuple[float, ...]
) -> ScenePart:
    runs = axes.lines(range(len(numbers)), numbers)
    return ScenePart(kind, tuple(Outline(tuple(run), role, "", width, dashes, closed=False) for run in runs))


def _epochs(frames: Sequence[Snapshot]) -> list[tuple[float, str]]:
    """At most seven moments, evenly spaced, with the numbers of their epochs."""
    last = len(frames) - 1
    steps = min(last, 6)
    places = sorted({round(last * step / steps) for step in range(steps + 1)}) if steps else [0]
    return [(float(place), f"{frames[place].number:,}") for place in places]

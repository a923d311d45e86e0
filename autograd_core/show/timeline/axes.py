"""Two axes with ticks, for what stands beside a graph over time: the plane of the data, and the loss."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograd_core.formulas.notation import number_text
from autograd_core.show.drawing.layered_layout import Point, Rectangle
from autograd_core.show.drawing.scene import Lettering, Outline, ScenePart
from autograd_core.show.theme import SMALL

Ticks = Sequence[tuple[float, str]]
_TICK = 4.0


@dataclass(frozen=True, slots=True)
class Axes:
    """A plot's box on its sheet and the ranges of its axes. logarithmic: whether y is shown as its logarithm."""

    box: Rectangle
    x: tuple[float, float]
    y: tuple[float, float]
    logarithmic: bool = False

    def place(self, x: float, y: float) -> Point:
        """Where a point of the plot lies on the sheet; what is above or below the box is put on its edge."""
        left, top, right, bottom = self.box
        low, high = self.y
        if self.logarithmic:
            y, low, high = math.log(max(y, low)), math.log(low), math.log(high)
        share = min(max((y - low) / (high - low), 0.0), 1.0)
        return left + (x - self.x[0]) / (self.x[1] - self.x[0]) * (right - left), bottom - share * (bottom - top)

    def lines(self, xs: Sequence[float], ys: Sequence[float]) -> list[list[Point]]:
        """A curve through points, broken where a number is inf or nan."""
        runs: list[list[Point]] = [[]]
        for x, y in zip(xs, ys, strict=True):
            if math.isfinite(y):
                runs[-1].append(self.place(x, y))
            elif runs[-1]:
                runs.append([])
        return [run for run in runs if len(run) > 1]

    def drawn(self, xs: Ticks, ys: Ticks, names: tuple[str, str]) -> ScenePart:
        """The box with its ticks and the names of both axes."""
        left, top, right, bottom = self.box
        marks: list[Outline | Lettering] = [
            Outline(((left, top), (right, top), (right, bottom), (left, bottom)), "frame", "", 1.0)
        ]
        for at, text in xs:
            x = self.place(at, self.y[0])[0]
            marks.append(Outline(((x, bottom), (x, bottom + _TICK)), "frame", "", 1.0, closed=False))
            marks.append(Lettering(text, x, bottom + _TICK + SMALL, SMALL, "muted", anchor="middle"))
        for at, text in ys:
            y = self.place(self.x[0], at)[1]
            marks.append(Outline(((left - _TICK, y), (left, y)), "frame", "", 1.0, closed=False))
            marks.append(Lettering(text, left - _TICK - 3, y + SMALL * 0.36, SMALL, "muted", anchor="end"))
        marks.append(
            Lettering(names[0], (left + right) / 2, bottom + _TICK + 2.3 * SMALL, SMALL, "muted", anchor="middle")
        )
        marks.append(Lettering(names[1], left - _TICK, top - 7, SMALL, "muted", anchor="start"))
        return ScenePart("axes", tuple(marks))


def ticks(low: float, high: float, most: int = 5) -> list[tuple[float, str]]:
    """Round numbers between two others, at steps of 1, 2 or 5 times a power of ten.

    >>> [text for _, text in ticks(-1.1, 2.2)]
    ['-1', '0', '1', '2']
    """
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    places = range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
    return [(place * step, number_text(float(f"{place * step:.12g}"))) for place in places]


def powers(low: float, high: float) -> list[tuple[float, str]]:
    """The powers of ten between two numbers; with few of them also twice and five times each."""
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    every = max(1, len(exponents) // 5)
    factors = (1, 2, 5) if len(exponents) <= 2 else (1,)
    # As text, since 10.0**309 raises.
    found = [float(f"{factor}e{exponent}") for exponent in list(exponents)[::every] for factor in factors]
    shown = [number for number in found if low * 0.999 <= number <= high * 1.001 and number < math.inf]
    return [(number, number_text(number)) for number in shown]


def dot(x: float, y: float, radius: float, corners: int = 16) -> tuple[Point, ...]:
    """A circle, or a regular shape that stands on one of its sides, as its corners."""
    turn = math.pi / 2 + (math.pi / corners if corners % 2 == 0 and corners < 8 else 0.0)
    angles = [turn + 2 * math.pi * one / corners for one in range(corners)]
    return tuple((x + radius * math.cos(angle), y - radius * math.sin(angle)) for angle in angles)


def joined(segments: Iterable[tuple[Point, Point]]) -> list[list[Point]]:
    """Segments that meet end to end as lines."""
    at: dict[Point, list[tuple[Point, Point]]] = {}
    kept = [one for one in segments if one[0] != one[1]]
    for one in kept:
        for end in one:
            at.setdefault(end, []).append(one)
    used: set[tuple[Point, Point]] = set()

    def walk(here: Point) -> list[Point]:
        points = []
        while (onward := next((one for one in at[here] if one not in used), None)) is not None:
            used.add(onward)
            here = onward[1] if onward[0] == here else onward[0]
            points.append(here)
        return points

    lines = []
    for one in kept:
        if one not in used:
            used.add(one)
            forward, back = walk(one[1]), walk(one[0])
            lines.append([*reversed(back), *one, *forward])
    return lines

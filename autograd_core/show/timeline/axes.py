"""Two axes with ticks, for the plots beside a graph over time: the plane of the data, and the loss."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from autograd_core.formulas.notation import number_text
from autograd_core.show.drawing.layout.places import Point, Rectangle
from autograd_core.show.drawing.scene import Lettering, Outline, ScenePart
from autograd_core.show.theme import SMALL

Ticks = Sequence[tuple[float, str]]
_TICK = 4.0


@dataclass(frozen=True, slots=True)
class Axes:
    """The box of a plot on its sheet, and the ranges of its axes. logarithmic: whether the y axis is."""

    box: Rectangle
    x: tuple[float, float]
    y: tuple[float, float]
    logarithmic: bool = False

    def place(self, x: float, y: float) -> Point:
        """The point of the sheet for a point of the plot; points above or below the box are moved to its edge."""
        left, top, right, bottom = self.box
        low, high = self.y
        if self.logarithmic:
            y, low, high = math.log(max(y, low)), math.log(low), math.log(high)
        share = min(max((y - low) / (high - low), 0.0), 1.0)
        return left + (x - self.x[0]) / (self.x[1] - self.x[0]) * (right - left), bottom - share * (bottom - top)

    def lines(self, xs: Sequence[float], ys: Sequence[float]) -> list[list[Point]]:
        """A curve through points, interrupted where a number is inf or nan."""
        runs: list[list[Point]] = [[]]
        for x, y in zip(xs, ys, strict=True):
            if math.isfinite(y):
                runs[-1].append(self.place(x, y))
            elif runs[-1]:
                runs.append([])
        return [run for run in runs if len(run) > 1]

    def part(self, xs: Ticks, ys: Ticks, names: tuple[str, str]) -> ScenePart:
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
    """Round numbers in a range, at steps of 1, 2 or 5 times a power of ten.

    >>> [text for _, text in ticks(-1.1, 2.2)]
    ['−1', '0', '1', '2']
    """
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    places = range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
    return [(place * step, number_text(float(f"{place * step:.12g}"))) for place in places]


def powers(low: float, high: float) -> list[tuple[float, str]]:
    """The powers of ten in a range; of few, also two and five times each."""
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    every = max(1, len(exponents) // 5)
    factors = (1, 2, 5) if len(exponents) <= 2 else (1,)
    # As text, since 10.0**309 raises.
    found = [float(f"{factor}e{exponent}") for exponent in list(exponents)[::every] for factor in factors]
    shown = [number for number in found if low * 0.999 <= number <= high * 1.001 and number < math.inf]
    return [(number, number_text(number)) for number in shown]


def dot(x: float, y: float, radius: float, corners: int = 16, turn: float = 0.0) -> tuple[Point, ...]:
    """The corners of a circle, or of a regular polygon, `turn` degrees from one with a corner at the top."""
    angles = [math.radians(90.0 + turn) + 2 * math.pi * corner / corners for corner in range(corners)]
    return tuple((x + radius * math.cos(angle), y - radius * math.sin(angle)) for angle in angles)

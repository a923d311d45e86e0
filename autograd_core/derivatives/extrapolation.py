"""Richardson's extrapolation of differences at shrinking steps, and the range of steps in which it converges."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

COLUMNS = 7  # of the extrapolation; more only amplify rounding
WINDOW = 10  # steps that one extrapolation uses
APART = 3  # steps between two windows that confirm each other
LOOSEST = 1e-4  # relative error with which a window may still confirm another
TAIL = 4.0  # how many times its rounding a smaller step may differ from the result
DRIFT = 1e-5  # how far, relatively, it may differ besides


@dataclass(frozen=True, slots=True)
class Estimate:
    """A slope, how far it may be off, and whether the steps converge to it."""

    slope: float
    error: float
    converged: bool


class Extrapolation:
    """Richardson's tableau for slopes at steps in one ratio, whose error is a series in step**exponent."""

    def __init__(self, ratio: float, exponent: int) -> None:
        self.factor = ratio**exponent
        self.clear()

    def clear(self) -> None:
        self.row: list[float] = []
        self.rows = 0
        self.best = math.nan
        self.error = math.inf

    def add(self, slope: float, rounding: float) -> None:
        if not math.isfinite(slope):
            self.clear()
            return
        row, power = [slope], self.factor
        for before in self.row[:COLUMNS]:
            better = row[-1] + (row[-1] - before) / (power - 1.0)
            error = max(abs(better - row[-1]), abs(better - before)) + rounding
            if error <= self.error:
                self.best, self.error = better, error
            row.append(better)
            power *= self.factor
        self.row = row
        self.rows += 1

    def is_settled(self, relative: float) -> bool:
        constant = self.best == 0.0 and not any(self.row)
        return self.rows >= 6 and (constant or self.error <= relative * abs(self.best))

    def estimate(self) -> Estimate:
        return Estimate(self.best, self.error, False)


def best_window(rows: Sequence[tuple[float, float, float]], ratio: float, exponent: int) -> Estimate:
    """The slope that the surest range of steps gives, converged if others confirm it.

    rows: (step, slope, rounding), largest step first. A range is confirmed by another one, three steps or more away,
    and by every smaller step, which may differ by its rounding only.
    """
    windows: list[tuple[float, float, int]] = []  # error, slope, index of the first row
    exact: set[int] = set()  # windows whose error is that of rounding, so that a slope of 0 may be believed
    for first in range(len(rows)):
        window = _window(rows, first, ratio)
        if len(window) < 5:
            continue
        ladder = Extrapolation(ratio, exponent)
        for _, slope, rounding in window:
            ladder.add(slope, rounding)
        if math.isfinite(ladder.best) and math.isfinite(ladder.error):
            windows.append((ladder.error, ladder.best, first))
            if ladder.error <= TAIL * max(rounding for _, _, rounding in window):
                exact.add(first)
    for error, slope, first in sorted(windows):
        if first not in exact and error > LOOSEST * abs(slope):
            continue
        confirmed = any(
            abs(other - first) >= APART
            and (other in exact or other_error <= LOOSEST * abs(slope))
            and abs(other_slope - slope) <= 10.0 * (error + other_error)
            for other_error, other_slope, other in windows
        )
        if (
            confirmed
            and _is_straight(_window(rows, first, ratio)[-4:], slope)
            and _tail_agrees(rows[first + 1 :], slope, error)
        ):
            return Estimate(slope, error, True)
    if windows:
        error, slope, _ = min(windows)
        return Estimate(slope, max(error, _scatter(rows, slope)), False)
    return Estimate(math.nan, math.inf, False)


def _window(rows: Sequence[tuple[float, float, float]], first: int, ratio: float) -> list[tuple[float, float, float]]:
    """The rows from the first on that follow each other in the ratio."""
    window = [rows[first]]
    for row in rows[first + 1 :]:
        if len(window) == WINDOW:
            break
        if abs(window[-1][0] / row[0] / ratio - 1.0) < 1e-6:
            window.append(row)
        elif window[-1][0] > 1.01 * ratio * row[0]:
            break
    return window


def _is_straight(rows: Sequence[tuple[float, float, float]], slope: float) -> bool:
    """Whether the smallest steps of a range show the slope before any extrapolation."""
    return all(abs(other - slope) <= 0.1 * abs(slope) + TAIL * rounding for _, other, rounding in rows)


def _tail_agrees(rows: Sequence[tuple[float, float, float]], slope: float, error: float) -> bool:
    """Whether each of the smaller steps, once truncation is negligible, gives the slope as well as rounding allows."""
    return all(
        abs(other - slope) <= TAIL * (rounding + error) + DRIFT * abs(slope) for _, other, rounding in rows[WINDOW:]
    )


def _scatter(rows: Sequence[tuple[float, float, float]], slope: float) -> float:
    """How far the steps that rounding leaves most of their digits differ from the slope."""
    near = [abs(other - slope) for _, other, rounding in rows if rounding <= 1e-3 * abs(other)]
    finite = [gap for gap in near if math.isfinite(gap)]
    return sorted(finite)[len(finite) // 2] if finite else math.inf

"""Derivatives by differences, as exact as float64 allows, with an estimate of their own error.

Shrinking steps feed Richardson's extrapolation, and the estimate with the smallest error wins (Ridders, Advances in
Engineering Software 4 (1982), 75). Large steps lose by truncation, small ones by rounding; no step is chosen by hand,
and nothing depends on the scale of f. The one-sided differences come along, to tell a kink or a jump from a slope.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass

FIRST_STEP = 0.37  # times max(1, |x|)
RATIO = 1.7  # of one step to the next: no whole number, or each step of a wave would see the alias the last one saw
STEPS = 52  # down to 1e-12 of the first
COLUMNS = 7  # of the extrapolation; more only amplify rounding
SETTLED = 1e-10  # relative error at which no smaller step is tried
SIDE_SETTLED = 1e-7  # the same for a one-sided difference, which only has to show a kink
KINK = 1e-4  # relative gap between left and right that counts
SAFETY = 100.0  # how many times its estimated error a difference is trusted to miss by
SMALLEST = 5e-324


@dataclass(frozen=True, slots=True)
class Difference:
    """A derivative by differences.

    numeric: the central one, nan at a jump. error: how far it may be off. left, right: the one-sided ones, +-inf at a
    jump, nan where f is not finite on that side. side_error: how far these may be off. smooth: whether they agree.
    """

    numeric: float
    error: float
    left: float
    right: float
    side_error: float
    smooth: bool


def differences(f: Callable[[float], list[float]], x: float) -> list[Difference]:
    """The derivative of every output of f at x.

    >>> [round(one.numeric, 9) for one in differences(lambda x: [x**3, abs(x - 2)], 2.0)]
    [12.0, 0.0]
    """
    centre = f(x)
    outputs = [_Output(value) for value in centre]
    sizes = [max(1.0, abs(x))]
    if 0.0 < abs(x) < 1e-6:  # a second ladder of steps, for functions that live on the scale of a tiny x
        sizes.append(abs(x))
    for size in sizes:
        for output in outputs:
            output.start_ladder()
        for index in range(STEPS):
            step = FIRST_STEP * size / RATIO**index
            up, down = x + step, x - step
            if up == x or down == x:
                break
            for output, above, below in zip(outputs, f(up), f(down), strict=True):
                output.add(above, below, up - x, x - down)
            if all(output.settled() for output in outputs):
                return [output.difference() for output in outputs]
    return [output.difference() for output in outputs]


class _Extrapolation:
    """Richardson's tableau for differences at shrinking steps whose error is a series in step**exponent."""

    def __init__(self, exponent: int) -> None:
        self.factor = RATIO**exponent
        self.earlier: list[tuple[float, float, float]] = []  # (relative error, best, error) of earlier ladders
        self.clear()

    def start_ladder(self) -> None:
        if self.rows:
            self.earlier.append(self._standing())
        self.clear()

    def result(self) -> tuple[float, float]:
        """The best estimate and its error; of two ladders the one that is relatively surer."""
        _, best, error = min([*self.earlier, self._standing()], key=lambda standing: standing[0])
        return best, error

    def _standing(self) -> tuple[float, float, float]:
        relative = self.error / abs(self.best) if self.best and math.isfinite(self.best) else math.inf
        return relative, self.best, self.error

    def clear(self) -> None:
        self.row: list[float] = []
        self.rows = 0
        self.best = math.nan
        self.error = math.inf

    def add(self, raw: float, rounding: float) -> None:
        if not math.isfinite(raw):
            self.clear()
            return
        row, power = [raw], self.factor
        for before in self.row[:COLUMNS]:
            better = row[-1] + (row[-1] - before) / (power - 1.0)
            error = max(abs(better - row[-1]), abs(better - before)) + rounding
            if error <= self.error:
                self.best, self.error = better, error
            row.append(better)
            power *= self.factor
        self.row = row
        self.rows += 1

    def settled(self, relative: float) -> bool:
        constant = self.best == 0.0 and not any(self.row)
        return self.rows >= 6 and (constant or self.error <= relative * abs(self.best))


class _Output:
    """The central, left and right difference of one output."""

    def __init__(self, centre: float) -> None:
        self.centre = centre
        self.largest = abs(centre)
        self.central, self.left, self.right = _Extrapolation(2), _Extrapolation(1), _Extrapolation(1)
        self.rises: list[float] = []  # f(x + step) - f(x), step after step
        self.falls: list[float] = []  # f(x) - f(x - step)

    def start_ladder(self) -> None:
        for one in (self.central, self.left, self.right):
            one.start_ladder()

    def add(self, above: float, below: float, up: float, down: float) -> None:
        self.largest = max(abs(self.centre), abs(above), abs(below))
        rounding = (sys.float_info.epsilon * self.largest + SMALLEST) / min(up, down)
        self.rises.append(above - self.centre)
        self.falls.append(self.centre - below)
        self.central.add((above - below) / (up + down), rounding)
        self.right.add(self.rises[-1] / up, rounding)
        self.left.add(self.falls[-1] / down, rounding)

    def settled(self) -> bool:
        return self.central.settled(SETTLED) and self.left.settled(SIDE_SETTLED) and self.right.settled(SIDE_SETTLED)

    def difference(self) -> Difference:
        (central, error), (left, left_error), (right, right_error) = (
            one.result() for one in (self.central, self.left, self.right)
        )
        left, right = _jump(self.falls, self.largest) or left, _jump(self.rises, self.largest) or right
        side_error = max((one for one in (left_error, right_error) if math.isfinite(one)), default=math.inf)
        gap = abs(right - left)  # nan or inf where a side is
        smooth = gap <= max(KINK * max(abs(left), abs(right)), SAFETY * side_error) and math.isfinite(gap)
        if math.isinf(left) or math.isinf(right):
            central = math.nan
        apart = abs(central - left / 2.0 - right / 2.0)
        if smooth and apart > SAFETY * (side_error + error):  # one of them was deceived
            error = apart
        return Difference(central, error, left, right, side_error, smooth)


def _jump(changes: list[float], largest: float) -> float:
    """The infinite slope where f still moves as far after five more steps; else 0."""
    last = [abs(change) for change in changes[-6:]]
    unseen = 1e6 * (sys.float_info.epsilon * largest + SMALLEST)
    if len(last) == 6 and min(last) > max(0.9 * max(last), unseen):
        return math.copysign(math.inf, changes[-1])
    return 0.0

"""Derivatives by differences, as exact as float64 allows, with an estimate of their own error.

Shrinking steps feed Richardson's extrapolation (Ridders, Advances in Engineering Software 4 (1982), 75). Large steps
lose by truncation, small ones by rounding. A result counts as converged when a second range of steps confirms it and
every smaller step agrees with it as well as rounding allows; else the differences decide nothing. The one-sided
differences distinguish a kink or a jump from a slope.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from autograd_core.derivatives.extrapolation import Estimate, Extrapolation, best_window

FIRST_STEP = 0.37  # times max(1, |x|)
RATIO = 1.7  # of one step to the next: not a whole number, or each step would meet the same alias of a wave
FINEST = 1e-16  # of the first step, where x itself allows it
FEWEST_ULPS = 4.0  # a smaller step would be rounded to another size
QUICK_STEPS = 12
NEIGHBOURS = 11  # of x, at which rounding in f is measured
SETTLED = 1e-10  # relative error of a central difference at which the quick range ends
SIDE_SETTLED = 1e-7  # the same for a one-sided difference, which only has to show a kink
KINK = 1e-4  # relative gap between left and right that counts
SAFETY = 100.0  # the error of a difference is at most this many times its estimate
SMALLEST = 5e-324
LEAST_STEP = 1e-290  # at x = 0, where every step changes x

Function = Callable[[float], list[float]]


@dataclass(frozen=True, slots=True)
class Difference:
    """A derivative by differences.

    numeric: the central one, nan at a jump. error: how far it may be off. left, right: the one-sided ones, +-inf at a
    jump, nan where f is not finite on that side. side_error: how far these may be off. smooth: whether they agree.
    converged: whether the differences that exist converge.
    """

    numeric: float
    error: float
    left: float
    right: float
    side_error: float
    smooth: bool
    converged: bool


def differences(
    f: Function, x: float, expected: Sequence[float] = (), errors: Callable[[], Sequence[float]] | None = None
) -> list[Difference]:
    """The derivative of every output of f at x.

    expected: what the derivatives should be. Where the first few steps confirm them, no more are taken. errors: gives
    how far rounding may move each output.

    >>> [round(difference.numeric, 9) for difference in differences(lambda x: [x**3, abs(x - 2)], 2.0)]
    [12.0, 0.0]
    """
    outputs = [_Output(value) for value in f(x)]
    first = FIRST_STEP * max(1.0, abs(x))

    def take(step: float) -> bool:
        up, down = x + step, x - step
        if step < FEWEST_ULPS * math.ulp(x) or math.isinf(up) or math.isinf(down):
            return False
        for output, above, below in zip(outputs, f(up), f(down), strict=True):
            output.add(step, above, below, up - x, x - down)
        return True

    for index in range(QUICK_STEPS):
        if not take(first / RATIO**index) or all(output.is_settled() for output in outputs):
            break
    for step in _probes(x, first / RATIO**index):
        take(step)
    quick = [output.quick_difference() for output in outputs]
    if expected and all(
        difference is not None and math.isclose(difference.numeric, wanted, rel_tol=1e-8, abs_tol=SMALLEST)
        for difference, wanted in zip(quick, expected, strict=True)
    ):
        return [difference for difference in quick if difference is not None]
    for step in _all_steps(x, first):
        take(step)
    for step in {step for output in outputs for step in output.steps_of_change()}:
        take(step)
    noise = _noise(f, x, [output.centre for output in outputs]) if errors is None else errors()
    return [output.difference(level) for output, level in zip(outputs, noise, strict=True)]


def _probes(x: float, step: float) -> Iterator[float]:
    """A few far smaller steps, which show what is narrower than the first ones, down to the smallest x allows."""
    end = max(FEWEST_ULPS * math.ulp(x), LEAST_STEP)
    last = FINEST * max(1.0, abs(x))
    while (step := step / (100.0 if step > last else 1e8)) > end:
        yield step


def _all_steps(x: float, first: float) -> Iterator[float]:
    """Every step in the ratio from the first to the finest, and those on the scale of a tiny x."""
    for start in (first, 37.0 * abs(x)) if 0.0 < abs(x) < 1e-6 else (first,):
        index = 0
        while (step := start / RATIO**index) > FINEST * start:
            yield step
            index += 1


def _noise(f: Function, x: float, centres: list[float]) -> list[float]:
    """How far rounding may move each output near x: the sixth differences over neighbours of x, where f is smooth.

    (More and Wild, SIAM Journal on Scientific Computing 33 (2011), 1292.)
    """
    levels = [sys.float_info.epsilon * abs(centre) + SMALLEST for centre in centres]
    for spacing in (1.0, 97.0):
        points = [f(x + index * spacing * math.ulp(x)) for index in range(NEIGHBOURS)]
        for output in range(len(centres)):
            row = [point[output] for point in points]
            for _ in range(6):
                row = [after - before for before, after in pairwise(row)]
            largest = max(map(abs, row))
            if math.isfinite(largest):
                levels[output] = max(levels[output], 8.0 * largest / math.sqrt(924.0))  # 924 = 12! / (6!)**2
    return levels


class _Output:
    """The central, left and right differences of one output."""

    def __init__(self, centre: float) -> None:
        self.centre = centre
        self.largest: dict[float, float] = {}  # |f| at the two ends, for each step
        self.sides: dict[str, dict[float, float]] = {"central": {}, "left": {}, "right": {}}
        self.quick = {
            "central": Extrapolation(RATIO, 2),
            "left": Extrapolation(RATIO, 1),
            "right": Extrapolation(RATIO, 1),
        }
        self.changes: dict[str, dict[float, float]] = {"left": {}, "right": {}}

    def add(self, step: float, above: float, below: float, up: float, down: float) -> None:
        if step in self.largest:
            return
        ends = [abs(end) for end in (above, below) if math.isfinite(end)]
        self.largest[step] = max(ends, default=0.0)
        self.changes["right"][step] = above - self.centre
        self.changes["left"][step] = self.centre - below
        slopes = {
            "central": (above - below) / (up + down),
            "left": (self.centre - below) / down,
            "right": (above - self.centre) / up,
        }
        for side, slope in slopes.items():
            self.sides[side][step] = slope
            self.quick[side].add(slope, self._rounding(side, step, 0.0))

    def _rounding(self, side: str, step: float, noise: float) -> float:
        largest = self.largest[step] if side == "central" else max(self.largest[step], abs(self.centre))
        return max(noise, sys.float_info.epsilon * largest + SMALLEST) / step

    def is_settled(self) -> bool:
        return self.quick["central"].is_settled(SETTLED) and all(
            self.quick[side].is_settled(SIDE_SETTLED) for side in ("left", "right")
        )

    def quick_difference(self) -> Difference | None:
        """The result of the first steps, if they settled before the probes and every probe agrees with it."""
        estimates = {side: ladder.estimate() for side, ladder in self.quick.items()}
        central = estimates["central"]
        if not central.error <= 1e-9 * abs(central.slope) and any(self.sides["central"].values()):
            return None
        for step, slope in self.sides["central"].items():
            near = 1e-6 * abs(central.slope) + 50.0 * (central.error + self._rounding("central", step, 0.0))
            if step < 1e-3 * max(self.largest) and not abs(slope - central.slope) <= near:
                return None
        return self._compose(estimates, converged=True)

    def steps_of_change(self) -> Iterator[float]:
        """Steps between two neighbouring ones, far apart, whose slopes differ: f changes on a scale in between."""
        steps = sorted(self.sides["central"], reverse=True)
        for larger, smaller in pairwise(steps):
            if larger > 1e3 * smaller:
                before, after = self.sides["central"][larger], self.sides["central"][smaller]
                if not abs(before - after) <= 1e-6 * abs(after) + 50.0 * self._rounding("central", smaller, 0.0):
                    step = larger
                    while step > max(1e-3 * smaller, LEAST_STEP):
                        step /= RATIO
                        yield step

    def difference(self, noise: float) -> Difference:
        estimates = {}
        for side, exponent in (("central", 2), ("left", 1), ("right", 1)):
            slopes = self.sides[side]
            steps = sorted(slopes, reverse=True)
            rows = [(step, slopes[step], self._rounding(side, step, noise)) for step in steps]
            estimates[side] = best_window(rows, RATIO, exponent)
        existing = [side for side in ("left", "right") if not math.isnan(estimates[side].slope)]
        converged = bool(existing) and all(estimates[side].converged for side in existing)
        return self._compose(estimates, converged)

    def _compose(self, estimates: dict[str, Estimate], converged: bool) -> Difference:
        central, left, right = (estimates[side] for side in ("central", "left", "right"))
        jumps = {side: _jump(self.changes[side], self.largest) for side in ("left", "right")}
        left_slope, right_slope = jumps["left"] or left.slope, jumps["right"] or right.slope
        side_error = max((side.error for side in (left, right) if math.isfinite(side.error)), default=math.inf)
        gap = abs(right_slope - left_slope)  # nan or inf where a side is
        smooth = gap <= max(KINK * max(abs(left_slope), abs(right_slope)), SAFETY * side_error) and math.isfinite(gap)
        numeric, error = central.slope, central.error
        if math.isinf(left_slope) or math.isinf(right_slope):
            numeric = math.nan
        apart = abs(numeric - left_slope / 2.0 - right_slope / 2.0)
        if smooth and apart > SAFETY * (side_error + error):  # one of them is wrong
            error = apart
        return Difference(numeric, error, left_slope, right_slope, side_error, smooth, converged)


def _jump(changes: dict[float, float], largest: dict[float, float]) -> float:
    """The infinite slope where f still moves as far at the six smallest steps; else 0."""
    steps = [step for step in sorted(changes) if math.isfinite(changes[step])][:6]
    last = [abs(changes[step]) for step in steps]
    unseen = 1e6 * (sys.float_info.epsilon * max((largest[step] for step in steps), default=0.0) + SMALLEST)
    if len(last) == 6 and steps[0] < 1e-6 * max(changes) and min(last) > max(0.9 * max(last), unseen):
        return math.copysign(math.inf, changes[steps[0]])
    return 0.0

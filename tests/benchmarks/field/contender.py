"""The interface of a contender, and how contenders are compared and timed."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.benchmarks.compiled import Net, flat
from tests.benchmarks.eager import two_moons

RATE = 1e-3
LOOP = 1000  # steps in one call
TOLERANCE = 1e-12

Parameters = Any  # one flat array in our order, or (weights, biases) for each layer


class Missing(Exception):  # noqa: N818  not an error: it leaves a row out
    """Why a contender cannot take part."""


@dataclass
class Contender:
    """One way to run a net. Each function starts from the net's weights; the last two keep their own.

    gradient: returns (loss, gradient). step: makes one step of SGD and returns the parameters. loop: makes that many in
    one call. slow: whether a call takes longer than a round should.
    """

    name: str
    gradient: Callable[[], tuple[float, Any]]
    step: Callable[[], Parameters] | None = None
    loop: Callable[[int], Parameters] | None = None
    slow: bool = False


def moons(rows: int) -> Net:
    """The net 2-16-16-1 on two moons."""
    net = Net("moons", (2, 16, 16, 1), rows)
    points, labels = two_moons(rows, random.Random(1337))
    net.data, net.targets = np.array(points), np.array(labels)
    return net


def flat_parameters(net: Net) -> Any:
    """The weights of each unit and its bias, unit by unit: the order of our parameters and of the C source."""
    return flat(list(zip(net.weights, net.biases, strict=True)))


def check(contenders: list[Contender]) -> float:
    """The largest difference from the first contender, relative to the largest number: of losses, gradients, and of the
    parameters after three steps. Raises AssertionError if it is too large."""
    gradients = {contender.name: _result(contender.gradient()) for contender in contenders}
    stepped = {
        contender.name: flat([contender.step() for _ in range(3)][-1]).copy()
        for contender in contenders
        if contender.step
    }
    looped = {contender.name + " loop": flat(contender.loop(3)).copy() for contender in contenders if contender.loop}
    worst = 0.0
    for found in (gradients, stepped | looped):
        if not found:
            continue
        first, *others = found.items()
        assert np.isfinite(first[1]).all()
        assert np.count_nonzero(first[1]) > first[1].size / 2, "most gradients must not be 0"
        for name, other in others:
            difference = float(np.abs(first[1] - other).max() / np.abs(first[1]).max())
            assert difference < TOLERANCE, f"{name} differs from {first[0]} by {difference:.1e}"
            worst = max(worst, difference)
    return worst


def _result(loss_and_gradient: tuple[float, Any]) -> Any:
    value, gradient = loss_and_gradient
    return np.append(np.asarray(flat(gradient), dtype=float), float(value))


@dataclass
class Times:
    """Seconds of a call: the median of the rounds' medians, and the least of all."""

    median: float
    least: float


def timed(calls: dict[str, tuple[Callable[[], Any], bool]], rounds: int, seconds: float) -> dict[str, Times]:
    """The times of each call, in rounds in which all take turns. Slow calls run once in a round."""
    repeats = {}
    for name, (call, slow) in calls.items():
        start = time.perf_counter()
        call()
        once = time.perf_counter() - start
        if not slow:
            call()
            start = time.perf_counter()
            call()
            once = time.perf_counter() - start
        repeats[name] = max(1, int(1e-3 / once))  # so that the clock itself is negligible
    samples: dict[str, list[list[float]]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, (call, slow) in calls.items():
            taken, repeat = [], range(repeats[name])
            until = time.perf_counter() + (0.0 if slow else seconds)
            while not taken or time.perf_counter() < until:
                start = time.perf_counter()
                for _ in repeat:
                    call()
                taken.append((time.perf_counter() - start) / len(repeat))
            samples[name].append(taken)
    return {
        name: Times(statistics.median(map(statistics.median, found)), min(map(min, found)))
        for name, found in samples.items()
    }

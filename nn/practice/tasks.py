"""The tasks of the patients: rows to train on, new rows to measure on, and the measure with its goal."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nn.data.datasets import sine, two_moons, xor
from nn.modules.tensor_lists import leaves

X_y = tuple[list[list[float]], list[Any]]
Measure = Callable[[Any, X_y], float]

SEED, NEW_SEED = 1, 99  # of the rows to train on, and of those to measure on
NEW_ROWS = 300
CENTRES = ((3.0, 3.0), (5.0, 3.0), (4.0, 5.0))  # of three classes; the first one has half of the rows
CLASSES = (0, 0, 0, 1, 1, 2)


@dataclass(frozen=True)
class RepairTask:
    """make: the rows of a count and a seed. rows: how many to train on. measure: of what `train` returns, on new rows;
    words: its name. goal: what a repaired training reaches. larger_is_better: of the measure. returns: what `train`
    has to return."""

    make: Callable[[int, int], X_y]
    rows: int
    measure: Measure
    words: str
    goal: float
    larger_is_better: bool = False
    returns: str = "the model, or a function from a row to a number"

    def reaches(self, number: float) -> bool:
        """Whether a measured number reaches the goal; nan and inf do not."""
        if not math.isfinite(number):
            return False
        return number >= self.goal if self.larger_is_better else number <= self.goal


def line(count: int, seed: int) -> X_y:
    """y = 2x - 1 with a little noise."""
    rng = random.Random(seed)
    X = [[rng.uniform(-2.0, 2.0)] for _ in range(count)]
    return X, [2.0 * x - 1.0 + rng.gauss(0.0, 0.1) for (x,) in X]


def clouds(count: int, seed: int) -> X_y:
    """Three classes of points, not equally frequent, away from the origin."""
    rng = random.Random(seed)
    y = [rng.choice(CLASSES) for _ in range(count)]
    return [[rng.gauss(centre, 0.4) for centre in CENTRES[label]] for label in y], y


def moons(count: int, seed: int) -> X_y:
    """Two moons."""
    return _plain(two_moons(count, 0.15, seed=seed))


def blurred_moons(count: int, seed: int) -> X_y:
    """Two moons that overlap."""
    return _plain(two_moons(count, 0.5, seed=seed))


def far_moons(count: int, seed: int) -> X_y:
    """Two moons, of which one coordinate is measured in metres and the other in millimetres above sea level."""
    X, y = moons(count, seed)
    return [[a, 1000.0 * b + 5000.0] for a, b in X], y


def corners(count: int, seed: int) -> X_y:
    """Four clouds, where the class is that of XOR."""
    return _plain(xor(count, 0.25, seed=seed))


def waves(count: int, seed: int) -> X_y:
    """A period of the sine."""
    return _plain(sine(count, seed=seed))


def accuracy(predict: Any, rows: X_y) -> float:
    """The share of rows whose score has the sign of their class."""
    return _mean([float((_score(predict(x)) > 0.0) == bool(label)) for x, label in zip(*rows, strict=True)])


def mean_square(predict: Any, rows: X_y) -> float:
    """The mean squared error."""
    return _mean([(_score(predict(x)) - target) ** 2 for x, target in zip(*rows, strict=True)])


def surprise(predict: Any, rows: X_y) -> float:
    """The mean of -ln(probability of the right class)."""
    shares = [float(leaves(predict(x))[label]) for x, label in zip(*rows, strict=True)]
    return _mean([-math.log(share) if share > 0.0 else math.inf for share in shares])


def exaggeration(found: Any, rows: X_y) -> float:
    """By how much the reported accuracy differs from the one on new rows. found: (model, reported accuracy)."""
    model, reported = found
    return abs(float(reported) - accuracy(model, rows))


def _plain(data: tuple[Any, Any]) -> X_y:
    X, y = data
    return X.tolist(), y.tolist()


def _score(output: Any) -> float:
    (number,) = leaves(output) if isinstance(output, list) else [output]
    return float(number)


def _mean(numbers: Sequence[float]) -> float:
    return math.fsum(numbers) / len(numbers) if all(map(math.isfinite, numbers)) else math.inf

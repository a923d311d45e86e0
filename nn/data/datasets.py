"""Small data sets, generated or real.

Every function that draws at random takes a seed: the same seed gives the same bits. A data set is (X, y): X is a NumPy
array with a row for each example, y the class of each row (0, 1, ...) or, for sine, a number.
"""

from __future__ import annotations

import importlib
import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.modules.initialise import generator
from nn.modules.whole_numbers import whole_number

Rows = NDArray[np.float64]
Targets = NDArray[Any]

TRUTH_TABLES = {"and": [0, 0, 0, 1], "or": [0, 1, 1, 1], "xor": [0, 1, 1, 0]}

# ---------------------------------------------------------------------------------------------- generated data sets


def truth_table(operation: str) -> tuple[Rows, Targets]:
    """X: the four pairs of 0 and 1. y: "and", "or" or "xor" of each. Raises ValueError for any other operation.

    >>> truth_table("xor")[1].tolist()
    [0, 1, 1, 0]
    """
    if operation not in TRUTH_TABLES:
        raise ValueError(f'there is no table of {operation!r}. Choose "and", "or" or "xor".')
    return np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array(TRUTH_TABLES[operation])


def xor(count: int = 100, noise: float = 0.3, *, seed: int) -> tuple[Rows, Targets]:
    """Four clouds around (+-1, +-1), class 1 where the two signs differ: no straight line separates the classes.

    X is count x 2. noise: the standard deviation of a cloud.
    """

    def point(share: float, label: int, rng: random.Random) -> tuple[float, float]:
        first = rng.choice((-1.0, 1.0))
        return first, -first if label else first

    return _two_classes(point, count, noise, seed)


def two_moons(count: int = 100, noise: float = 0.1, *, seed: int) -> tuple[Rows, Targets]:
    """Two interlocking half circles, with t evenly spaced from 0 to pi.

    Class 0: (cos t, sin t). Class 1: (1 - cos t, 1/2 - sin t). X is count x 2. noise: the standard deviation of the
    noise in each coordinate. Raises ValueError for fewer than 2 points or negative noise, as all of these functions do.

    >>> X, y = two_moons(4, noise=0.0, seed=0)
    >>> sorted(y.tolist()), X.shape
    ([0, 0, 1, 1], (4, 2))
    """

    def point(share: float, label: int, rng: random.Random) -> tuple[float, float]:
        x, y = math.cos(math.pi * share), math.sin(math.pi * share)
        return (1.0 - x, 0.5 - y) if label else (x, y)

    return _two_classes(point, count, noise, seed)


def circles(count: int = 100, noise: float = 0.05, *, inner: float = 0.5, seed: int) -> tuple[Rows, Targets]:
    """Two concentric circles: r (cos t, sin t), with radius r = 1 for class 0 and `inner` for class 1. X is count x 2.

    Raises ValueError unless 0 < inner < 1.
    """
    if not 0.0 < inner < 1.0:
        raise ValueError(f"inner is the radius of the inner circle, between 0 and 1, got {inner}.")

    def point(share: float, label: int, rng: random.Random) -> tuple[float, float]:
        # Shares 0 and 1 would be the same point of a circle.
        angle = 2.0 * math.pi * (share + rng.random())
        radius = inner if label else 1.0
        return radius * math.cos(angle), radius * math.sin(angle)

    return _two_classes(point, count, noise, seed)


def spirals(count: int = 200, noise: float = 0.02, *, turns: float = 1.5, seed: int) -> tuple[Rows, Targets]:
    """Two intertwined spirals: r (cos t, sin t), where r goes from 0.1 to 1 while t makes `turns` turns.

    The spiral of class 1 is the other rotated by half a circle. X is count x 2.
    """

    def point(share: float, label: int, rng: random.Random) -> tuple[float, float]:
        angle = 2.0 * math.pi * turns * share + math.pi * label
        radius = 0.1 + 0.9 * share
        return radius * math.cos(angle), radius * math.sin(angle)

    return _two_classes(point, count, noise, seed)


def sine(count: int = 50, noise: float = 0.1, *, seed: int) -> tuple[Rows, Targets]:
    """y = sin(x) + noise, x uniform from -pi to pi: a curve to fit. X is count x 1, in ascending order."""
    rng = _generator_for(count, noise, seed)
    x = sorted(rng.uniform(-math.pi, math.pi) for _ in range(count))
    return np.array(x)[:, None], np.array([math.sin(number) + rng.gauss(0.0, noise) for number in x])


def _two_classes(
    point: Callable[[float, int, random.Random], tuple[float, float]], count: int, noise: float, seed: int
) -> tuple[Rows, Targets]:
    """`count` noisy points, half of each class, in random order. `share` goes from 0 to 1 along each class."""
    rng = _generator_for(count, noise, seed)
    rows = []
    for label, size in ((0, count - count // 2), (1, count // 2)):
        for number in range(size):
            x, y = point(number / max(size - 1, 1), label, rng)
            rows.append((x + rng.gauss(0.0, noise), y + rng.gauss(0.0, noise), label))
    rng.shuffle(rows)
    table = np.array(rows)
    return table[:, :2], table[:, 2].astype(int)


def _generator_for(count: int, noise: float, seed: int) -> random.Random:
    whole_number(count, "count", 2, "the number of rows")
    if not 0.0 <= noise < math.inf:
        raise ValueError(f"noise is a standard deviation, 0 or more, got {noise}.")
    return generator(seed)


# --------------------------------------------------------------------------------------------------- real data sets


def iris() -> tuple[Rows, Targets]:
    """150 flowers: X 150 x 4 (length and width of sepal and petal in cm), y the species 0, 1 or 2.

    Raises ImportError with the extra to install where scikit-learn is missing.
    Source: Fisher, Annals of Eugenics 7 (1936), p. 179.
    """
    return _from_scikit_learn("load_iris")


def digits() -> tuple[Rows, Targets]:
    """1,797 handwritten digits: X 1797 x 64, the 8 x 8 pixels row by row, from 0 to 1; y the digit.

    Raises as `iris` does.
    Source: Alpaydin and Kaynak, UCI repository, "Optical Recognition of Handwritten Digits" (1998).
    """
    X, y = _from_scikit_learn("load_digits")
    return X / 16.0, y


def _from_scikit_learn(loader: str) -> tuple[Rows, Targets]:
    try:
        datasets = importlib.import_module("sklearn.datasets")
    except ImportError as problem:
        raise ImportError(
            "iris and digits come with scikit-learn, which is not installed. Install the extra `data`: "
            'pip install -e ".[data]" in the clone.'
        ) from problem
    X, y = getattr(datasets, loader)(return_X_y=True)
    return np.asarray(X, dtype=float), np.asarray(y, dtype=int)

"""Small data sets, made or real.

Every function that draws at random takes a seed: the same seed gives the same bits. A data set is (X, y): X a NumPy
array with one row for each example, y the class of each row (0, 1, ...) or, for sine, a number.
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

Rows = NDArray[np.float64]
Targets = NDArray[Any]

TRUTH_TABLES = {"and": [0, 0, 0, 1], "or": [0, 1, 1, 1], "xor": [0, 1, 1, 0]}

# --------------------------------------------------------------------------------------------------- made data sets


def truth_table(operation: str) -> tuple[Rows, Targets]:
    """X: the four pairs of 0 and 1, y: "and", "or" or "xor" of each. Raises ValueError for another operation.

    >>> truth_table("xor")[1].tolist()
    [0, 1, 1, 0]
    """
    if operation not in TRUTH_TABLES:
        raise ValueError(f'there is no table of {operation!r}. Ask for "and", "or" or "xor".')
    return np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array(TRUTH_TABLES[operation])


def xor(count: int = 100, noise: float = 0.3, *, seed: int) -> tuple[Rows, Targets]:
    """Four clouds round (+-1, +-1), class 1 where the two signs differ: no straight line parts the classes.

    X is count x 2. noise: the standard deviation of a cloud.
    """

    def point(share: float, one: int, rng: random.Random) -> tuple[float, float]:
        first = rng.choice((-1.0, 1.0))
        return first, -first if one else first

    return _two_classes(point, count, noise, seed)


def two_moons(count: int = 100, noise: float = 0.1, *, seed: int) -> tuple[Rows, Targets]:
    """Two half circles that reach into each other, evenly spaced: t from 0 to pi.

    Class 0: (cos t, sin t). Class 1: (1 - cos t, 1/2 - sin t). X is count x 2; noise: standard deviation of what is
    added to each coordinate. Raises ValueError for fewer than 2 points or negative noise, as all of these do.

    >>> X, y = two_moons(4, noise=0.0, seed=0)
    >>> sorted(y.tolist()), X.shape
    ([0, 0, 1, 1], (4, 2))
    """

    def point(share: float, one: int, rng: random.Random) -> tuple[float, float]:
        x, y = math.cos(math.pi * share), math.sin(math.pi * share)
        return (1.0 - x, 0.5 - y) if one else (x, y)

    return _two_classes(point, count, noise, seed)


def circles(count: int = 100, noise: float = 0.05, *, inner: float = 0.5, seed: int) -> tuple[Rows, Targets]:
    """A circle in a circle: r (cos t, sin t), with radius r = 1 for class 0 and `inner` for class 1. X is count x 2.

    Raises ValueError unless 0 < inner < 1.
    """
    if not 0.0 < inner < 1.0:
        raise ValueError(f"inner is the radius of the inner circle, between 0 and 1, got {inner}.")

    def point(share: float, one: int, rng: random.Random) -> tuple[float, float]:
        # The ends of a share are 0 and 1, which would be one and the same place on a circle.
        angle = 2.0 * math.pi * (share + rng.random())
        radius = inner if one else 1.0
        return radius * math.cos(angle), radius * math.sin(angle)

    return _two_classes(point, count, noise, seed)


def spirals(count: int = 200, noise: float = 0.02, *, turns: float = 1.5, seed: int) -> tuple[Rows, Targets]:
    """Two arms that wind round each other: r (cos t, sin t), r from 0.1 to 1 while t makes `turns` turns.

    The arm of class 1 is the other turned by half a circle. X is count x 2.
    """

    def point(share: float, one: int, rng: random.Random) -> tuple[float, float]:
        angle = 2.0 * math.pi * turns * share + math.pi * one
        radius = 0.1 + 0.9 * share
        return radius * math.cos(angle), radius * math.sin(angle)

    return _two_classes(point, count, noise, seed)


def sine(count: int = 50, noise: float = 0.1, *, seed: int) -> tuple[Rows, Targets]:
    """y = sin(x) + noise, x drawn evenly from -pi to pi: a curve to fit. X is count x 1, in ascending order."""
    rng = _checked(count, noise, seed)
    x = sorted(rng.uniform(-math.pi, math.pi) for _ in range(count))
    return np.array(x)[:, None], np.array([math.sin(one) + rng.gauss(0.0, noise) for one in x])


def _two_classes(
    point: Callable[[float, int, random.Random], tuple[float, float]], count: int, noise: float, seed: int
) -> tuple[Rows, Targets]:
    """`count` noisy points, half of each class, in random order. `share` goes from 0 to 1 along each class."""
    rng = _checked(count, noise, seed)
    rows = []
    for one, size in ((0, count - count // 2), (1, count // 2)):
        for number in range(size):
            x, y = point(number / max(size - 1, 1), one, rng)
            rows.append((x + rng.gauss(0.0, noise), y + rng.gauss(0.0, noise), one))
    rng.shuffle(rows)
    table = np.array(rows)
    return table[:, :2], table[:, 2].astype(int)


def _checked(count: int, noise: float, seed: int) -> random.Random:
    if count < 2:
        raise ValueError(f"count is the number of rows, at least 2, got {count}.")
    if not 0.0 <= noise < math.inf:
        raise ValueError(f"noise is a standard deviation, 0 or more, got {noise}.")
    return generator(seed)


# --------------------------------------------------------------------------------------------------- real data sets


def iris() -> tuple[Rows, Targets]:
    """150 flowers: X 150 x 4 (length and width of sepal and petal in cm), y the species 0, 1 or 2.

    Raises ImportError naming the extra where scikit-learn is missing.
    Source: Fisher, Annals of Eugenics 7 (1936), p. 179.
    """
    return _from_scikit_learn("load_iris")


def digits() -> tuple[Rows, Targets]:
    """1,797 handwritten digits: X 1797 x 64, the 8 x 8 pixels row by row from 0 to 1, y the digit.

    Raises ImportError naming the extra where scikit-learn is missing.
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
            'pip install "autograd-core[data]"'
        ) from problem
    X, y = getattr(datasets, loader)(return_X_y=True)
    return np.asarray(X, dtype=float), np.asarray(y, dtype=int)

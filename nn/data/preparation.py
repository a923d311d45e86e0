"""The preparation of data for training: hold back a test part, standardise, divide into minibatches."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence, Sized
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nn.data.datasets import Rows, Targets
from nn.modules.initialise import generator
from nn.modules.whole_numbers import whole_number


def split(
    X: ArrayLike, y: ArrayLike, test: float = 0.25, *, seed: int, stratify: bool = True
) -> tuple[Rows, Rows, Targets, Targets]:
    """(X_train, X_test, y_train, y_test), in random order. test: the share of rows that is held back.

    stratify: each class has the same share in both parts, to within one row; False where y is not a class.
    Raises ValueError where the lengths differ, a part would be empty, or a class has one row only.

    >>> X_train, X_test, y_train, y_test = split([[1], [2], [3], [4]], [0, 0, 1, 1], test=0.5, seed=0)
    >>> sorted(y_train.tolist()), sorted(y_test.tolist())
    ([0, 1], [0, 1])
    """
    rows, targets = as_rows(X), np.asarray(y)
    if targets.shape != (len(rows),):
        raise ValueError(f"X has {len(rows)} rows, y has the shape {targets.shape}: give one target for each row.")
    held_back = round(test * len(rows))
    if not 0 < held_back < len(rows):
        raise ValueError(
            f"a share of {test} of {len(rows)} rows leaves one part empty. Give more rows, or a different share."
        )
    rng = generator(seed)
    held: list[int] = []
    groups = _by_class(targets) if stratify else [list(range(len(rows)))]
    shares = [test * len(group) for group in groups]
    sizes = [math.floor(share) for share in shares]
    by_remainder = sorted(range(len(groups)), key=lambda index: sizes[index] - shares[index])
    for index in by_remainder[: held_back - sum(sizes)]:
        sizes[index] += 1
    for group, size in zip(groups, sizes, strict=True):
        held += rng.sample(group, size)
    train = sorted(set(range(len(rows))) - set(held))
    rng.shuffle(train)
    rng.shuffle(held)
    return rows[train], rows[held], targets[train], targets[held]


def _by_class(targets: Targets) -> list[list[int]]:
    classes, counts = np.unique(targets, return_counts=True)
    if min(counts) < 2:
        raise ValueError(
            f"class {classes[counts.argmin()]} has one row only, so it cannot be in both parts. "
            "Leave that row out, or give stratify=False (as for numbers to predict)."
        )
    return [np.flatnonzero(targets == label).tolist() for label in classes]


class Standardiser:
    """Scales columns to mean 0 and standard deviation 1: (X - mean) / deviation, both of the rows it is made from.

    Make it from the training rows and apply it to all others, so that nothing of the test rows leaks into training. A
    constant column becomes 0.

    >>> scaled = Standardiser([[1.0, 5.0], [3.0, 5.0]])
    >>> scaled([[1.0, 5.0], [5.0, 5.0]]).tolist()
    [[-1.0, 0.0], [3.0, 0.0]]
    """

    def __init__(self, X: ArrayLike) -> None:
        rows = as_rows(X)
        constant = (rows == rows[0]).all(axis=0)
        # By powers of two and from the first row on, so that nothing overflows, vanishes or cancels.
        self._exponents = np.where(constant, 0, np.frexp(np.abs(rows).max(axis=0))[1])
        self._first = np.ldexp(rows[0], -self._exponents)
        offsets = np.ldexp(rows, -self._exponents) - self._first
        self._offset = np.where(constant, 0.0, _column_means(offsets))
        spread = np.sqrt(_column_means((offsets - self._offset) ** 2))
        self._spread = np.where(constant, 1.0, spread)
        self.mean: Rows = np.ldexp(self._first + self._offset, self._exponents)
        self.deviation: Rows = np.ldexp(self._spread, self._exponents)

    def __call__(self, X: ArrayLike) -> Rows:
        """`X` scaled. Raises ValueError where the number of columns differs."""
        rows = as_rows(X)
        if rows.shape[1] != len(self.mean):
            raise ValueError(f"made from rows of {len(self.mean)} numbers, got rows of {rows.shape[1]}.")
        scaled: Rows = (np.ldexp(rows, -self._exponents) - self._first - self._offset) / self._spread
        return scaled


def _column_means(rows: Rows) -> Rows:
    return np.array([math.fsum(column) / len(rows) for column in rows.T.tolist()])


def minibatches(
    X: Sequence[Any] | Rows, y: Sequence[Any] | Targets, size: int, *, rng: random.Random | int
) -> Iterator[tuple[list[Any], list[Any]]]:
    """Yield (rows, targets) in random order, `size` rows at a time and the rest last; every row once.

    rng: a seed, or a random.Random, which gives a new order in each epoch. X and y may be lists or arrays.
    Raises ValueError where the lengths differ or size is below 1.

    >>> [rows for rows, _ in minibatches([10, 20, 30], [0, 0, 1], 2, rng=0)]
    [[10, 30], [20]]
    """
    require_same_length(X, y)
    size = whole_number(size, "size", meaning="the number of rows in a minibatch")
    order = list(range(len(X)))
    generator(rng).shuffle(order)
    for start in range(0, len(order), size):
        batch = order[start : start + size]
        yield [X[row] for row in batch], [y[row] for row in batch]


def require_same_length(X: Sized, y: Sized, names: tuple[str, str] = ("X", "y")) -> None:
    """Raise ValueError where X and y, called by `names` in the message, differ in length."""
    if len(X) != len(y):
        raise ValueError(
            f"{names[0]} has {len(X)} rows, {names[1]} has {len(y)} targets: give one target for each row."
        )


def as_rows(X: ArrayLike) -> Rows:
    """X as an array of rows x inputs. Raises ValueError for any other shape, for no rows and for masked numbers."""
    if isinstance(X, np.ma.MaskedArray) and np.ma.is_masked(X):
        raise ValueError("X has masked numbers: leave such rows out, or fill the gaps with X.filled(...).")
    rows = np.asarray(X, dtype=float)
    if rows.ndim != 2 or not rows.size:
        raise ValueError(f"X is a table, one row for each example, got the shape {rows.shape}. Write [[x1, x2], ...].")
    return rows

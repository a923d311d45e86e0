"""Baselines for a network that predicts a number: the mean alone, and a straight line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nn.data.datasets import Rows
from nn.data.preparation import Standardiser
from nn.metrics import mean_absolute_error


def error_in_units(scale: Standardiser, predicted: Sequence[Any], actual: Sequence[Any]) -> float:
    """The mean absolute error, in the units of the target, of numbers that `scale` has scaled."""
    return mean_absolute_error(predicted, actual) * float(scale.deviation[0])


def baseline_errors(train: tuple[Rows, Rows], test: tuple[Rows, Rows]) -> dict[str, tuple[float, float]]:
    """{name: (mean absolute error on the training rows, on the test rows)} of the mean of the training rows, and of the
    straight line (a plane, for several inputs) through them by least squares.

    >>> X, y = np.array([[1.0], [2.0], [3.0]]), np.array([3.0, 5.0, 7.0])
    >>> {name: round(error, 9) for name, (_, error) in baseline_errors((X, y), (X + 3.0, y + 6.0)).items()}
    {'the mean alone': 6.0, 'a straight line': 0.0}
    """
    standardise, scale = Standardiser(train[0]), Standardiser(train[1][:, None])

    def design(rows: Rows) -> Rows:
        return np.column_stack([np.ones(len(rows)), standardise(rows)])

    line = np.linalg.lstsq(design(train[0]), scale(train[1][:, None])[:, 0], rcond=None)[0]
    errors = {}
    for name, weights in (("the mean alone", 0.0 * line), ("a straight line", line)):
        on_train, on_test = (
            error_in_units(scale, (design(rows) @ weights).tolist(), scale(y[:, None])[:, 0].tolist())
            for rows, y in (train, test)
        )
        errors[name] = on_train, on_test
    return errors

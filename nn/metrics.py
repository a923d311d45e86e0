"""Metrics: the quality of predictions in one number. Unlike a loss, a metric needs no gradient.

Each takes two lists of the same length, the predictions and the true values. `fit(metrics=["accuracy", "f1"])` takes
names from `METRICS`, or functions of your own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from nn.modules.tensor_lists import as_lists, leaves

Metric = Callable[[Sequence[Any], Sequence[Any]], float]


def accuracy(predicted: Sequence[Any], actual: Sequence[Any]) -> float:
    """The share of predictions that are right.

    >>> accuracy([0, 1, 1, 1], [0, 1, 0, 1])
    0.75
    """
    pairs = _pairs("accuracy", predicted, actual)
    return _ratio(sum(guess == truth for guess, truth in pairs), len(pairs))


def precision(predicted: Sequence[Any], actual: Sequence[Any]) -> float:
    """The share of the rows predicted as the class that belong to it: TP / (TP + FP); 0 where none is predicted.

    With two classes, the class is the larger one (1 of 0 and 1); with more, the result is the mean over all classes.

    >>> precision([1, 1, 0, 0], [1, 0, 1, 0])
    0.5
    """
    return _mean_over_classes("precision", predicted, actual, lambda hits, predicted, true: _ratio(hits, predicted))


def recall(predicted: Sequence[Any], actual: Sequence[Any]) -> float:
    """The share of the rows of the class that are predicted as it: TP / (TP + FN); 0 where the class has no rows.

    Classes are chosen as by `precision`.

    >>> recall([1, 0, 0, 0], [1, 1, 1, 0]) == 1 / 3
    True
    """
    return _mean_over_classes("recall", predicted, actual, lambda hits, predicted, true: _ratio(hits, true))


def f1(predicted: Sequence[Any], actual: Sequence[Any]) -> float:
    """The harmonic mean of precision and recall, 2 TP / (2 TP + FP + FN); classes as by `precision`.

    >>> f1([1, 0, 0, 0], [1, 1, 1, 0])
    0.5
    """
    return _mean_over_classes("f1", predicted, actual, lambda hits, predicted, true: _ratio(2 * hits, predicted + true))


def mean_absolute_error(predicted: Sequence[Any], actual: Sequence[Any]) -> float:
    """mean(|p - t|), in the units of t.

    >>> mean_absolute_error([1.0, 2.0], [0.0, 4.0])
    1.5
    """
    pairs = _number_pairs("mean_absolute_error", predicted, actual)
    return _mean([abs(guess - truth) for guess, truth in pairs])


def mean_squared_error(predicted: Sequence[Any], actual: Sequence[Any]) -> float:
    """mean((p - t)**2), as mse_loss.

    >>> mean_squared_error([1.0, 2.0], [0.0, 4.0])
    2.5
    """
    pairs = _number_pairs("mean_squared_error", predicted, actual)
    return _mean([(guess - truth) * (guess - truth) for guess, truth in pairs])


def r2(predicted: Sequence[Any], actual: Sequence[Any]) -> float:
    """1 - sum((t - p)**2) / sum((t - mean(t))**2): 1 is exact, 0 is as good as always predicting the mean of t.

    Raises ValueError where all t are equal, since r2 is then not defined.

    >>> r2([1.0, 2.0, 3.0], [1.0, 2.0, 4.0]) == 1 - 1 / (14 / 3)
    True
    """
    pairs = _number_pairs("r2", predicted, actual)
    guesses, truths = zip(*pairs, strict=True)
    if len(set(truths)) == 1:
        raise ValueError(f"r2 divides by the variance of the targets, but all {len(pairs)} are {pairs[0][1]!r}.")
    if not all(map(math.isfinite, truths)) or any(map(math.isnan, guesses)):
        return math.nan
    if not all(map(math.isfinite, guesses)):
        return -math.inf
    numbers, scale = _scaled(truths)
    offsets = [number - numbers[0] for number in numbers]  # exact for numbers that differ little
    mean = math.fsum(offsets) / len(pairs)
    spread, exponent = _sum_of_squares([offset - mean for offset in offsets], scale)
    common, scale = _scaled([*guesses, *truths])
    error, error_exponent = _sum_of_squares(
        [guess - truth for guess, truth in zip(common[: len(pairs)], common[len(pairs) :], strict=True)], scale
    )
    try:
        return 1.0 - math.ldexp(error / spread, 2 * (error_exponent - exponent))
    except OverflowError:
        return -math.inf


OF_CLASSES: dict[str, Metric] = {"accuracy": accuracy, "precision": precision, "recall": recall, "f1": f1}
OF_NUMBERS: dict[str, Metric] = {
    "mean_absolute_error": mean_absolute_error,
    "mean_squared_error": mean_squared_error,
    "r2": r2,
}
METRICS: dict[str, Metric] = {**OF_CLASSES, **OF_NUMBERS}
LARGER_IS_BETTER = frozenset({*OF_CLASSES, "r2"})


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _scaled(numbers: Sequence[float]) -> tuple[list[float], int]:
    """(the numbers divided by 2**exponent, exponent): the largest is between 1/2 and 1, so that no square overflows."""
    exponent = math.frexp(max(map(abs, numbers)))[1]
    return [math.ldexp(number, -exponent) for number in numbers], exponent


def _sum_of_squares(numbers: Sequence[float], exponent: int) -> tuple[float, int]:
    """(s, k) where s * 4**k is the sum of the squares of numbers * 2**exponent."""
    scaled, own = _scaled(numbers)
    return math.fsum(number * number for number in scaled), exponent + own


def _mean(numbers: Sequence[float]) -> float:
    if not all(map(math.isfinite, numbers)):
        return sum(numbers)
    scaled, exponent = _scaled(numbers)
    return math.ldexp(math.fsum(scaled) / len(numbers), exponent)


def _mean_over_classes(
    name: str, predicted: Sequence[Any], actual: Sequence[Any], of_counts: Callable[[int, int, int], float]
) -> float:
    pairs = _pairs(name, predicted, actual)
    classes = sorted({label for pair in pairs for label in pair})
    if len(classes) == 1 and classes[0] in (0, -1):  # every row is negative, and the positive class is 1
        classes = [1]
    counted = classes if len(classes) > 2 else classes[-1:]
    scores = []
    for label in counted:
        hits = sum(guess == label == truth for guess, truth in pairs)
        guesses = sum(guess == label for guess, _ in pairs)
        scores.append(of_counts(hits, guesses, sum(truth == label for _, truth in pairs)))
    return math.fsum(scores) / len(scores)


def _pairs(name: str, predicted: Sequence[Any], actual: Sequence[Any]) -> list[tuple[Any, Any]]:
    if len(predicted) != len(actual):
        raise ValueError(f"{name} takes as many predictions as true values, got {len(predicted)} and {len(actual)}.")
    if not len(actual):
        raise ValueError(f"{name} of no predictions is not defined: the list is empty.")
    return list(zip(predicted, actual, strict=True))


def _number_pairs(name: str, predicted: Sequence[Any], actual: Sequence[Any]) -> list[tuple[float, float]]:
    """Pairs of numbers; predictions that are lists are paired number by number."""
    _pairs(name, predicted, actual)
    pairs = _pairs(name, leaves(as_lists(predicted)), leaves(as_lists(actual)))
    return [(float(guess), float(truth)) for guess, truth in pairs]

"""Metrics: how good predictions are, in one number. Unlike a loss they need no gradient.

Each takes the predictions and what is true, two lists of the same length. `fit(metrics=["accuracy", "f1"])` takes
them by their names in `METRICS`, or functions of your own.
"""

from __future__ import annotations

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
    """Of what was called the class, the share that is: TP / (TP + FP); 0 where nothing was called it.

    Of two classes it is that of the larger one (of 0 and 1 that of 1); of more the mean over all, each counting alike.

    >>> precision([1, 1, 0, 0], [1, 0, 1, 0])
    0.5
    """
    return _mean_over_classes("precision", predicted, actual, lambda hits, called, true: _ratio(hits, called))


def recall(predicted: Sequence[Any], actual: Sequence[Any]) -> float:
    """Of what is of the class, the share that was called it: TP / (TP + FN); 0 where there is none of it.

    Over classes as `precision` is.

    >>> recall([1, 0, 0, 0], [1, 1, 1, 0]) == 1 / 3
    True
    """
    return _mean_over_classes("recall", predicted, actual, lambda hits, called, true: _ratio(hits, true))


def f1(predicted: Sequence[Any], actual: Sequence[Any]) -> float:
    """The harmonic mean of precision and recall, 2 TP / (2 TP + FP + FN). Over classes as `precision` is.

    >>> f1([1, 0, 0, 0], [1, 1, 1, 0])
    0.5
    """
    return _mean_over_classes("f1", predicted, actual, lambda hits, called, true: _ratio(2 * hits, called + true))


def mean_absolute_error(predicted: Sequence[Any], actual: Sequence[Any]) -> float:
    """mean(|p - t|), in the units of t.

    >>> mean_absolute_error([1.0, 2.0], [0.0, 4.0])
    1.5
    """
    pairs = _number_pairs("mean_absolute_error", predicted, actual)
    return float(sum(abs(guess - truth) for guess, truth in pairs)) / len(pairs)


def mean_squared_error(predicted: Sequence[Any], actual: Sequence[Any]) -> float:
    """mean((p - t)**2), as mse_loss.

    >>> mean_squared_error([1.0, 2.0], [0.0, 4.0])
    2.5
    """
    pairs = _number_pairs("mean_squared_error", predicted, actual)
    return float(sum((guess - truth) ** 2 for guess, truth in pairs)) / len(pairs)


def r2(predicted: Sequence[Any], actual: Sequence[Any]) -> float:
    """1 - sum((t - p)**2) / sum((t - mean(t))**2): 1 is exact, 0 as good as always saying the mean of t.

    Raises ValueError where all t are equal, which leaves nothing to explain.

    >>> r2([1.0, 2.0, 3.0], [1.0, 2.0, 4.0]) == 1 - 1 / (14 / 3)
    True
    """
    pairs = _number_pairs("r2", predicted, actual)
    mean = sum(truth for _, truth in pairs) / len(pairs)
    spread = sum((truth - mean) ** 2 for _, truth in pairs)
    if not spread:
        raise ValueError(f"r2 compares with the spread of the targets, but all {len(pairs)} are {pairs[0][1]!r}.")
    return 1.0 - float(sum((guess - truth) ** 2 for guess, truth in pairs)) / float(spread)


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


def _mean_over_classes(
    name: str, predicted: Sequence[Any], actual: Sequence[Any], of_one: Callable[[int, int, int], float]
) -> float:
    pairs = _pairs(name, predicted, actual)
    classes = sorted({one for pair in pairs for one in pair})
    chosen = classes if len(classes) > 2 else classes[-1:]
    if len(classes) == 1 and classes[0] in (0, -1):  # nothing but rows without the thing looked for, which is class 1
        chosen = [1]
    found = []
    for wanted in chosen:
        hits = sum(guess == wanted == truth for guess, truth in pairs)
        called = sum(guess == wanted for guess, _ in pairs)
        found.append(of_one(hits, called, sum(truth == wanted for _, truth in pairs)))
    return sum(found) / len(found)


def _pairs(name: str, predicted: Sequence[Any], actual: Sequence[Any]) -> list[tuple[Any, Any]]:
    if len(predicted) != len(actual):
        raise ValueError(f"{name} takes as many predictions as truths, got {len(predicted)} and {len(actual)}.")
    if not len(actual):
        raise ValueError(f"{name} of no predictions is not defined: the list is empty.")
    return list(zip(predicted, actual, strict=True))


def _number_pairs(name: str, predicted: Sequence[Any], actual: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Pairs of numbers; of predictions that are lists, number by number."""
    _pairs(name, predicted, actual)
    return _pairs(name, leaves(as_lists(predicted)), leaves(as_lists(actual)))

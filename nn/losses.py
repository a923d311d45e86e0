"""Losses, composed of the engine's operations, so that the engine derives their gradients.

Each takes a prediction and its target, or two lists of them in the same shape, and returns the mean, as PyTorch does.
All are stable for scores of +-1000 and beyond. No epsilon is added inside a logarithm.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from autograd_core import Value, choose, dot, equal, log, log1p, logsumexp, maximum, mean, relu, scope, softplus, where
from nn.modules.composition import composition
from nn.modules.softmax import from_first
from nn.modules.tensor_lists import as_lists, leaves, shape

_ROUNDED = 1e-5  # how far the sum of probabilities may be from 1: they may be float32

# ------------------------------------------------------------------------------ of one prediction: each a box


@composition(
    formula="(p - t)**2",
    derivatives=("2 * (p - t)", "2 * (t - p)"),
    why="the difference times itself",
    wrong_rules="p - t | t - p; 2 * (t - p) | 2 * (p - t); 2 * p | -2 * t; 2 * (p - t) | 2 * (p - t)",
)
def squared_error(p: Any, t: Any) -> Any:
    """(p - t)**2 of one prediction and its target."""
    error = p - t
    return error * error


@composition(
    formula="-(t * log(p) + (1 - t) * log(1 - p))",
    derivatives=("(1 - t) / (1 - p) - t / p", "log(1 - p) - log(p)"),
    why="each logarithm is at least −100, so that a certain wrong answer costs 100 and not infinity",
    domain=((0.01, 0.99), (0.0, 1.0)),
    wrong_rules="t / p - (1 - t) / (1 - p) | ; p - t | ; -t / p | ; -t / p - (1 - t) / (1 - p) | ; -log(p) | ",
)
def log_loss(p: Any, t: Any) -> Any:
    """-(t log p + (1 - t) log(1 - p)) of one probability and its label."""
    return -(t * maximum(log(p), -100.0) + (1.0 - t) * maximum(log1p(-p), -100.0))


@composition(
    formula="t * log(1 + exp(-z)) + (1 - t) * log(1 + exp(z))",
    derivatives=("sigmoid(z) - t", "-z"),
    why="two softplus terms of the same sign: neither overflows, and no digits cancel for any score",
    domain=((-5.0, 5.0), (0.0, 1.0)),
    wrong_rules="t - sigmoid(z) | z; sigmoid(z) | ; z - t | ; "
    "(sigmoid(z) - t) * sigmoid(z) * (1 - sigmoid(z)) | ; -t / sigmoid(z) | ",
)
def log_loss_of_score(z: Any, t: Any) -> Any:
    """-(t log sigmoid(z) + (1 - t) log(1 - sigmoid(z))) of one score and its label."""
    return t * softplus(-z) + (1.0 - t) * softplus(z)


def _wrong_rules_of_softmax_log_loss(count: int) -> tuple[tuple[str, ...], ...]:
    total = " + ".join(f"exp(v{i + 1})" for i in range(count))
    first, *others = (f"exp(v{i + 1}) / ({total})" for i in range(count))
    nothing = ("0",) * len(others)
    return (
        (first, *others),  # the target forgotten
        (f"1 - {first}", *(f"-{other}" for other in others)),
        (f"{first} - 1", *nothing),
        (f"-1 / ({first})", *nothing),
        (f"1 - {first}", *others),
        tuple(f"{share} * (1 - {share})" for share in (first, *others)),
    )


@composition(
    formula=lambda count: f"log({' + '.join(f'exp(v{i + 1})' for i in range(count))}) - v1",
    derivatives=lambda count: tuple(
        f"exp(v{i + 1}) / ({' + '.join(f'exp(v{k + 1})' for k in range(count))})" + (" - 1" if i == 0 else "")
        for i in range(count)
    ),
    why="logsumexp of the differences from the score of the right class: no digits cancel for any score",
    wrong_rules=_wrong_rules_of_softmax_log_loss,
)
def softmax_log_loss(values: Any) -> Any:
    """-log(softmax(values)[0]); the first score is that of the right class."""
    own, others = from_first(values)
    return logsumexp([own, *others]) - own


@composition(
    formula="relu(1 - t * s)",
    derivatives=("where(t * s >= 1, 0, -t)", "where(t * s >= 1, 0, -s)"),
    why="relu of the missing margin",
    kink="derivative 0 at t · s = 1",
    wrong_rules="where(t * s >= 1, 0, t) | where(t * s >= 1, 0, s); -t | -s; "
    "where(t * s >= 1, -t, 0) | where(t * s >= 1, -s, 0)",
)
def missing_margin(s: Any, t: Any) -> Any:
    """relu(1 - t s) of one score and its label, -1 or 1."""
    return relu(1.0 - t * s)


@composition(
    formula="where(abs(p - t) < delta, (p - t)**2 / 2, delta * (abs(p - t) - delta / 2))",
    derivatives=(
        "where(abs(p - t) < delta, p - t, where(p > t, delta, -delta))",
        "where(abs(p - t) < delta, t - p, where(p > t, -delta, delta))",
        "where(abs(p - t) < delta, 0, abs(p - t) - delta)",
    ),
    why="where chooses a branch for each side, since abs would give a wrong second derivative at 0",
    domain=((-5.0, 5.0), (-5.0, 5.0), (0.5, 2.0)),
    wrong_rules="2 * (p - t) | 2 * (t - p) | ; p - t | t - p | ; "
    "where(abs(p - t) < delta, 2 * (p - t), where(p > t, delta, -delta)) | | ",
)
def huber_error(p: Any, t: Any, delta: Any) -> Any:
    """e**2 / 2 where the error e = p - t is within delta, delta (|e| - delta / 2) beyond."""
    error = p - t
    far = where(error > 0.0, error, -error) - 0.5 * delta
    return where(error * error < delta * delta, 0.5 * error * error, delta * far)


# ------------------------------------------------------------------------------------- of a batch: the mean


def mse_loss(predictions: Any, targets: Any) -> Any:
    """mean((p - t)**2), the mean squared error: for regression.

    >>> mse_loss([1.0, 2.0], [0.0, 4.0])
    2.5
    """
    pairs = _pairs("mse_loss", predictions, targets)
    return _mean("mse_loss", "mean((p - t)**2)", squared_error, pairs)


def binary_cross_entropy(probabilities: Any, labels: Any) -> Any:
    """-mean(t log p + (1 - t) log(1 - p)), for probabilities p and labels t of 0 or 1 (or between).

    Both logarithms are at least −100, as in PyTorch: p = 0 for t = 1 costs 100, and its gradient is 0. For p outside
    0..1 the loss is nan. For scores before the sigmoid use `binary_cross_entropy_with_logits`, which has no such limit.
    Raises ValueError for a label outside 0..1.

    >>> binary_cross_entropy(0.5, 1.0)
    0.6931471805599453
    """
    pairs = _pairs("binary_cross_entropy", probabilities, labels)
    _check_labels("binary_cross_entropy", pairs)
    return _mean("binary_cross_entropy", "-mean(t log p + (1 - t) log(1 - p))", log_loss, pairs)


def binary_cross_entropy_with_logits(scores: Any, labels: Any) -> Any:
    """The binary cross-entropy of sigmoid(score), computed from the scores: exact for scores of any size.

    Its gradient is (sigmoid(z) - t) / n. Raises ValueError for a label outside 0..1.

    >>> binary_cross_entropy_with_logits([1000.0, -1000.0], [1.0, 1.0])
    500.0
    """
    name = "binary_cross_entropy_with_logits"
    pairs = _pairs(name, scores, labels)
    _check_labels(name, pairs)
    return _mean(name, "mean(t softplus(-z) + (1 - t) softplus(z))", log_loss_of_score, pairs)


def cross_entropy(scores: Any, label: Any) -> Any:
    """-log(softmax(scores)[label]), from the scores of the classes; the mean for rows of scores and their labels.

    Its gradient is softmax(scores) minus 1 at the label. A label may be a Value, as it is while a function is
    compiled. In the place of a label there may be the probability t of each class (one-hot
    or soft): the loss is then -sum(t log(softmax(scores))), as in PyTorch. Raises ValueError for a number that is not a
    class, for probabilities that are no distribution, and where the numbers of rows and labels differ.

    >>> round(cross_entropy([1.0, 2.0, 3.0], 2), 12), round(cross_entropy([1.0, 2.0, 3.0], [0.0, 0.0, 1.0]), 12)
    (0.407605964444, 0.407605964444)
    """
    rows, labels = as_lists(scores), as_lists(label)
    if not isinstance(labels, list) or (isinstance(rows, list) and rows and not isinstance(rows[0], list)):
        rows, labels = [rows], [labels]
    if not isinstance(rows, list) or not rows or not all(isinstance(row, list) and row for row in rows):
        raise ValueError(f"cross_entropy takes a list of scores, one for each class, got shape {shape(rows)}.")
    if len(rows) != len(labels):
        raise ValueError(f"cross_entropy takes one label for each row of scores, got {len(rows)} rows, {len(labels)}.")
    are_soft = any(isinstance(target, list) for target in labels)
    formula = "sum(t * (log(sum(exp(s))) - s))" if are_soft else "log(sum(exp(s))) - s[label]"
    with scope("cross_entropy", formula):
        return _mean_of([_log_loss_of_row(*pair) for pair in zip(rows, labels, strict=True)])


def require_distribution(probabilities: Sequence[Any], classes: int, where: str = "") -> None:
    """Raise ValueError, with the place in the message, for numbers that are not a probability for each class."""
    what = (
        f"cross_entropy takes a class, or the probability of each of the {classes} classes, but {where or 'a target'}"
    )
    numbers = [number for number in probabilities if not isinstance(number, Value)]
    if len(probabilities) != classes:
        raise ValueError(f"{what} has {len(probabilities)} numbers.")
    if (wrong := next((number for number in numbers if not 0.0 <= number <= 1.0), None)) is not None:
        raise ValueError(f"{what} has {wrong!r}, which is not from 0 to 1.")
    total = math.fsum(numbers)
    if len(numbers) == classes and abs(total - 1.0) > _ROUNDED:
        raise ValueError(f"{what} has the sum {total:.6g}, not 1: {probabilities!r}. Divide each number by the sum.")


def hinge_loss(scores: Any, labels: Any) -> Any:
    """mean(max(0, 1 - t s)), for labels t of -1 or 1: a score that is right by a margin of 1 costs nothing.

    Its derivative at the margin is 0. Raises ValueError for any other label.

    >>> hinge_loss([0.25, -3.0], [1, -1])
    0.375
    """
    pairs = _pairs("hinge_loss", scores, labels)
    for _, label in pairs:
        if not isinstance(label, Value) and label not in (-1, 1):
            raise ValueError(f"hinge_loss takes labels -1 and 1, got {label!r}. For labels 0 and 1 give 2 * label - 1.")
    return _mean("hinge_loss", "mean(max(0, 1 - t s))", missing_margin, pairs)


def huber_loss(predictions: Any, targets: Any, delta: float = 1.0) -> Any:
    """The mean of e**2 / 2 for errors within delta, and delta (|e| - delta / 2) beyond: outliers count for less.

    Raises ValueError for a delta that is not above 0.
    Source: Huber, Annals of Mathematical Statistics 35 (1964), p. 73.

    >>> huber_loss([0.5, 3.0], [0.0, 0.0])
    1.3125
    """
    if not delta > 0.0:
        raise ValueError(f"delta is the error at which the parabola becomes a line: above 0, got {delta!r}.")
    pairs = _pairs("huber_loss", predictions, targets)
    formula = "mean(e**2 / 2 where |e| < delta, else delta (|e| - delta / 2))"
    return _mean("huber_loss", formula, huber_error, [(*pair, delta) for pair in pairs])


def l2_penalty(parameters: Iterable[Any], strength: float) -> Any:
    """strength * (p1**2 + p2**2 + ...): added to a loss, it keeps weights small.

    Its gradient is 2 strength p, the same as from an optimiser with weight_decay=2 * strength.

    >>> l2_penalty([3.0, 4.0], 0.1)
    2.5
    """
    flat = [leaf for parameter in parameters for leaf in leaves(parameter)]
    with scope("l2_penalty", "strength * sum(p**2)"):
        return strength * dot(flat, flat)


def _mean(name: str, formula: str, loss: Any, pairs: Sequence[tuple[Any, ...]]) -> Any:
    with scope(name, formula):
        return _mean_of([loss(*pair) for pair in pairs])


def _mean_of(losses: list[Any]) -> Any:
    return mean(losses) if len(losses) > 1 else losses[0]


def _pairs(name: str, predictions: Any, targets: Any) -> list[tuple[Any, Any]]:
    """(prediction, target) for each; rows of one number pair with plain numbers, as [[a], [b]] with [c, d]."""
    first, second = as_lists(predictions), as_lists(targets)
    shapes = shape(first), shape(second)
    columns = sorted(shapes, key=len)
    if shapes[0] != shapes[1] and columns[1] != (*columns[0], 1):
        raise ValueError(
            f"{name} takes as many predictions as targets, in the same shape, got {shapes[0]} and {shapes[1]}."
        )
    pairs = list(zip(leaves(first), leaves(second), strict=True))
    if not pairs:
        raise ValueError(f"{name} of no predictions is not defined: the list is empty.")
    return pairs


def _check_labels(name: str, pairs: list[tuple[Any, Any]]) -> None:
    for _, label in pairs:
        if not isinstance(label, Value) and not 0 <= label <= 1:
            raise ValueError(f"{name} takes labels 0 and 1 (or between), got {label!r}. For -1 and 1 use hinge_loss.")


def _log_loss_of_row(scores: list[Any], label: Any) -> Any:
    if isinstance(label, Value):
        return _log_loss_of_labelled(scores, label)
    if isinstance(label, list):
        require_distribution(label, len(scores))
        others = (scores[:place] + scores[place + 1 :] for place in range(len(scores)))
        pairs = zip(label, scores, others, strict=True)
        return sum((_share_of_loss(t, [score, *rest]) for t, score, rest in pairs if isinstance(t, Value) or t), 0.0)
    if not hasattr(label, "__float__") or label != (right := int(label)) or not 0 <= right < len(scores):
        raise ValueError(f"cross_entropy has classes 0 to {len(scores) - 1}, got the label {label!r}.")
    return softmax_log_loss([scores[right], *scores[:right], *scores[right + 1 :]])


def _share_of_loss(probability: Any, values: list[Any]) -> Any:
    """probability * -log(softmax(values)[0]); 0 for the probability 0, whatever the scores."""
    if not isinstance(probability, Value):
        return softmax_log_loss(values) if probability == 1.0 else probability * softmax_log_loss(values)
    loss = softmax_log_loss(values)
    return probability * where(probability > 0.0, loss, where(loss < math.inf, loss, 0.0))


def _log_loss_of_labelled(scores: list[Any], label: Value) -> Any:
    """`softmax_log_loss` of the score of the label, which may differ from row to row."""
    own, differences = from_first([choose(label, scores), *scores])
    return logsumexp([where(equal(label, float(i)), own, number) for i, number in enumerate(differences)]) - own

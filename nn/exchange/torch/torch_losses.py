"""The losses of torch.nn on Values: those of nn, and with PyTorch's other settings and names."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

from autograd_core import ExchangeError, Value, exp, log, logsumexp, mean, relu, softplus, where
from nn.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    huber_error,
    huber_loss,
    log_loss,
    log_loss_of_score,
    mse_loss,
    squared_error,
)
from nn.modules.tensor_lists import as_lists, leaves, map_leaves, shape

IGNORED = -100  # the class that PyTorch leaves out


def loss_from(loss: Any) -> Callable[..., Any]:
    """A loss of torch.nn as a function of predictions and targets: that of nn where its settings are nn's."""
    name = type(loss).__name__
    if name not in _SETTINGS:
        raise ExchangeError(f"nn has no {name}; it has {', '.join(_SETTINGS)}.")
    settings = {setting: getattr(loss, setting) for setting in _SETTINGS[name]}
    for setting, value in settings.items():
        if hasattr(value, "tolist"):
            settings[setting] = value.tolist()
    defaults = _SETTINGS[name]
    changed = {setting: value for setting, value in settings.items() if value != defaults[setting]}
    if name in OF_NN and changed.keys() <= {"delta"}:
        return partial(OF_NN[name], **changed) if changed else OF_NN[name]
    return partial(_FUNCTIONS[name], **changed)


def loss_name(loss: Any) -> tuple[str, dict[str, Any]] | None:
    """The class of torch.nn and its settings for a loss of nn, or one that `loss_from` gave; None for another."""
    function, settings = getattr(loss, "func", loss), getattr(loss, "keywords", {})
    known = [*OF_NN.items(), *_FUNCTIONS.items()]
    name = next((name for name, candidate in known if candidate is function), None)
    return None if name is None else (name, settings)


def _pairs(predictions: Any, targets: Any) -> list[tuple[Any, Any]]:
    first, second = as_lists(predictions), as_lists(targets)
    if shape(first) != shape(second):
        raise ValueError(
            f"the targets of this loss have the shape of the predictions, {shape(first)}, got {shape(second)}."
        )
    return list(zip(leaves(first), leaves(second), strict=True))


def _reduce(losses: list[Any], like: Any, reduction: str, divisor: Any = None) -> Any:
    """The losses as PyTorch reduces them: in the shape of `like`, their sum, or their mean."""
    if reduction == "none":
        rest = iter(losses)
        return map_leaves(as_lists(like), lambda _: next(rest))
    if reduction == "sum":
        return sum(losses[1:], losses[0])
    return mean(losses) if divisor is None else sum(losses[1:], losses[0]) / divisor


def _entry_by_entry(function: Callable[..., Any]) -> Callable[..., Any]:
    """A loss of one prediction as one of lists of them, with PyTorch's `reduction`."""

    def loss(predictions: Any, targets: Any, reduction: str = "mean", **settings: Any) -> Any:
        pairs = _pairs(predictions, targets)
        weights = settings.pop("weight", None)
        losses = [function(*pair, **settings) for pair in pairs]
        if weights is not None:
            losses = [a * b for a, b in zip(losses, _spread(weights, predictions), strict=True)]
        if reduction == "batchmean":
            return _reduce(losses, predictions, "mean", float(shape(as_lists(predictions))[0]))
        return _reduce(losses, predictions, reduction)

    return loss


def _spread(weights: Any, like: Any) -> list[float]:
    """Weights in the shape of the predictions, or of a row of them that is repeated."""
    flat, count = leaves(as_lists(weights)), len(leaves(as_lists(like)))
    if count % len(flat):
        raise ValueError(f"{len(flat)} weights cannot be spread over {count} predictions.")
    return flat * (count // len(flat))


def _absolute_error(p: Any, t: Any) -> Any:
    return abs(p - t)


def _smooth_error(p: Any, t: Any, beta: float = 1.0) -> Any:
    return huber_error(p, t, beta) / beta if beta > 0.0 else abs(p - t)


def _huber_error(p: Any, t: Any, delta: float = 1.0) -> Any:
    return huber_error(p, t, delta)


def _score_loss(predictions: Any, targets: Any, pos_weight: Any = None, **settings: Any) -> Any:
    """-(pos_weight t log sigmoid(z) + (1 - t) log(1 - sigmoid(z))) of scores z."""
    if pos_weight is None:
        return _entry_by_entry(log_loss_of_score)(predictions, targets, **settings)
    positive = iter(_spread(pos_weight, predictions))
    weighted = _entry_by_entry(lambda z, t: next(positive) * t * softplus(-z) + (1.0 - t) * softplus(z))
    return weighted(predictions, targets, **settings)


def _divergence(p: Any, t: Any, log_target: bool = False) -> Any:
    if log_target:
        return exp(t) * (t - p)
    return t * (log(t) - p) if isinstance(t, Value) or t > 0.0 else 0.0 * p


def _poisson_error(p: Any, t: Any, log_input: bool = True, full: bool = False, eps: float = 1e-8) -> Any:
    error = exp(p) - t * p if log_input else p - t * log(p + eps)
    if full and t > 1.0:
        error = error + t * log(t) - t + 0.5 * log(2.0 * math.pi * t)
    return error


def _hinge_embedding_error(p: Any, t: Any, margin: float = 1.0) -> Any:
    return where(t == 1.0, p, relu(margin - p)) if isinstance(t, Value) else p if t == 1.0 else relu(margin - p)


# ------------------------------------------------------------------------------------------------------- of classes


def _class_loss(
    predictions: Any,
    targets: Any,
    weight: Any = None,
    ignore_index: int = IGNORED,
    label_smoothing: float = 0.0,
    reduction: str = "mean",
) -> Any:
    """The cross-entropy of scores, of classes or of their probabilities."""
    rows, labels = as_lists(predictions), as_lists(targets)
    logarithms = [[score - logsumexp(row) for score in row] for row in (rows if isinstance(rows[0], list) else [rows])]
    if not isinstance(rows[0], list):
        labels = [labels]
    classes = len(logarithms[0])
    scale = [1.0] * classes if weight is None else list(weight)
    are_classes = not isinstance(labels[0], list)
    losses, counted = [], []
    for row, label in zip(logarithms, labels, strict=True):
        if are_classes:
            _require_class(label, classes, ignore_index)
            shares = [float(place == label) for place in range(classes)]
            counted.append(0.0 if label == ignore_index else scale[label])
        else:
            shares = label
            counted.append(1.0)
        if are_classes and label == ignore_index:
            losses.append(0.0 * row[0])
            continue
        shares = [share * (1.0 - label_smoothing) + label_smoothing / classes for share in shares]
        parts = zip(scale, shares, row, strict=True)
        terms = [-w * share * number for w, share, number in parts if isinstance(share, Value) or share != 0.0]
        losses.append(sum(terms[1:], terms[0]))
    return _reduce(losses, [0.0] * len(losses) if isinstance(rows[0], list) else 0.0, reduction, sum(counted))


def _likelihood_loss(
    predictions: Any, targets: Any, weight: Any = None, ignore_index: int = IGNORED, reduction: str = "mean"
) -> Any:
    """-weight * the logarithm of the probability of the class, which is given."""
    rows, labels = as_lists(predictions), as_lists(targets)
    is_batch = isinstance(rows[0], list)
    rows, labels = (rows, labels) if is_batch else ([rows], [labels])
    losses, counted = [], []
    for row, label in zip(rows, labels, strict=True):
        _require_class(label, len(row), ignore_index)
        counted.append(0.0 if label == ignore_index else 1.0 if weight is None else weight[label])
        losses.append(0.0 * row[0] if label == ignore_index else -counted[-1] * row[label])
    return _reduce(losses, [0.0] * len(losses) if is_batch else 0.0, reduction, sum(counted))


def _require_class(label: Any, classes: int, ignored: int | None) -> None:
    if not hasattr(label, "__index__") or not (label == ignored or 0 <= label < classes):
        raise ValueError(f"this loss has classes 0 to {classes - 1}, got the label {label!r}.")


def _margin_loss(
    predictions: Any, targets: Any, p: int = 1, margin: float = 1.0, weight: Any = None, reduction: str = "mean"
) -> Any:
    """The mean over the classes of max(0, margin - s[label] + s[i])**p, the label left out."""
    rows, labels = as_lists(predictions), as_lists(targets)
    is_batch = isinstance(rows[0], list)
    losses = []
    for row, label in zip(*((rows, labels) if is_batch else ([rows], [labels])), strict=True):
        _require_class(label, len(row), None)
        missing = [relu(margin - row[label] + score) for place, score in enumerate(row) if place != label]
        scale = 1.0 if weight is None else weight[label]
        losses.append(sum((scale * (m if p == 1 else m * m) for m in missing), 0.0) / float(len(row)))
    return _reduce(losses, [0.0] * len(losses) if is_batch else 0.0, reduction)


OF_NN: dict[str, Callable[..., Any]] = {
    "MSELoss": mse_loss,
    "BCELoss": binary_cross_entropy,
    "BCEWithLogitsLoss": binary_cross_entropy_with_logits,
    "CrossEntropyLoss": cross_entropy,
    "HuberLoss": huber_loss,
}

_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "MSELoss": _entry_by_entry(squared_error),
    "L1Loss": _entry_by_entry(_absolute_error),
    "SmoothL1Loss": _entry_by_entry(_smooth_error),
    "HuberLoss": _entry_by_entry(_huber_error),
    "BCELoss": _entry_by_entry(log_loss),
    "BCEWithLogitsLoss": _score_loss,
    "SoftMarginLoss": _entry_by_entry(lambda p, t: softplus(-t * p)),
    "KLDivLoss": _entry_by_entry(_divergence),
    "PoissonNLLLoss": _entry_by_entry(_poisson_error),
    "HingeEmbeddingLoss": _entry_by_entry(_hinge_embedding_error),
    "CrossEntropyLoss": _class_loss,
    "NLLLoss": _likelihood_loss,
    "MultiMarginLoss": _margin_loss,
}

_REDUCED = {"reduction": "mean"}
_SETTINGS: dict[str, dict[str, Any]] = {
    "MSELoss": _REDUCED,
    "L1Loss": _REDUCED,
    "SmoothL1Loss": {**_REDUCED, "beta": 1.0},
    "HuberLoss": {**_REDUCED, "delta": 1.0},
    "BCELoss": {**_REDUCED, "weight": None},
    "BCEWithLogitsLoss": {**_REDUCED, "weight": None, "pos_weight": None},
    "SoftMarginLoss": _REDUCED,
    "KLDivLoss": {**_REDUCED, "log_target": False},
    "PoissonNLLLoss": {**_REDUCED, "log_input": True, "full": False, "eps": 1e-8},
    "HingeEmbeddingLoss": {**_REDUCED, "margin": 1.0},
    "CrossEntropyLoss": {**_REDUCED, "weight": None, "ignore_index": IGNORED, "label_smoothing": 0.0},
    "NLLLoss": {**_REDUCED, "weight": None, "ignore_index": IGNORED},
    "MultiMarginLoss": {**_REDUCED, "p": 1, "margin": 1.0, "weight": None},
}

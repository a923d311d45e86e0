"""The losses in PyTorch's backward graphs, each computed again on arrays of Values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_core.engine.functions import mean, relu, softplus
from autograd_core.engine.primitives import log, log1p, maximum, where
from autograd_core.errors import ExchangeError
from autograd_core.exchange.arrays.array_operations import as_array, by_entry
from autograd_core.exchange.torch.torch_saved import signed


def _reduced(node: Any, losses: Any) -> Any:
    """The losses of a batch as PyTorch reduces them: kept, their mean, their sum."""
    flat = list(losses.flatten())
    return (losses, as_array(mean(flat) if len(flat) > 1 else flat[0]), as_array(sum(flat)))[int(node._saved_reduction)]


def _squared_error(node: Any, shape: Any, a: Any, b: Any) -> Any:
    return _reduced(node, (a - b) ** 2.0)


def _huber(node: Any, shape: Any, a: Any, b: Any) -> Any:
    delta = float(getattr(node, "_saved_delta", getattr(node, "_saved_beta", 1.0)))
    scale = 1.0 if hasattr(node, "_saved_delta") else 1.0 / delta  # smooth L1 is Huber's divided by beta

    def loss(error: Any) -> Any:
        size = where(error > 0.0, error, -error)
        return scale * where(size < delta, 0.5 * error * error, delta * (size - 0.5 * delta))

    return _reduced(node, by_entry(loss)(a - b))


def _weights(node: Any, shape: Any, name: str) -> Any:
    import numpy as np

    given = getattr(node, name)
    return None if given is None else np.broadcast_to(as_array(given.tolist()), shape)


def _log_loss(node: Any, shape: Any, p: Any, *_: Any) -> Any:
    def loss(p: Any, t: Any) -> Any:
        return -(t * maximum(log(p), -100.0) + (1.0 - t) * maximum(log1p(-p), -100.0))

    losses, weights = by_entry(loss)(p, as_array(node._saved_target.tolist())), _weights(node, p.shape, "_saved_weight")
    return _reduced(node, losses if weights is None else losses * weights)


def _log_loss_of_scores(node: Any, shape: Any, z: Any, t: Any = None) -> Any:
    labels, positive = as_array(node._saved_target.tolist()), _weights(node, z.shape, "_saved_pos_weight")
    ones = labels if positive is None else labels * positive
    losses = by_entry(lambda z, one, t: one * softplus(-z) + (1.0 - t) * softplus(z))(z, ones, labels)
    weights = _weights(node, z.shape, "_saved_weight")
    return _reduced(node, losses if weights is None else losses * weights)


def _negative_log_likelihood(node: Any, shape: Any, a: Any) -> Any:
    rows, labels = (a, node._saved_target.tolist()) if a.ndim == 2 else (a[None], [int(node._saved_target)])
    weights = [1.0] * a.shape[-1] if node._saved_weight is None else node._saved_weight.tolist()
    used = [0.0 if label == signed(node._saved_ignore_index) else weights[label] for label in labels]
    if node._saved_weight is None and 0.0 not in used:
        return _reduced(node, as_array([-row[label] for row, label in zip(rows, labels, strict=True)]))
    losses = as_array(
        [-w * row[label] if w else 0.0 * row[0] for w, row, label in zip(used, rows, labels, strict=True)]
    )
    if int(node._saved_reduction) == 1:
        return as_array(losses.sum() / sum(used))
    return _reduced(node, losses)


def _soft_margin(node: Any, shape: Any, a: Any, *_: Any) -> Any:
    return _reduced(node, by_entry(lambda s, t: softplus(-t * s))(a, as_array(node._saved_target.tolist())))


def _multi_margin(node: Any, shape: Any, a: Any) -> Any:
    if node._saved_weight is not None:
        raise ExchangeError("weights of classes are not read here")
    margin, rows = float(node._saved_margin), a if a.ndim == 2 else a[None]
    labels = node._saved_target.reshape(-1).tolist()
    losses = []
    for row, label in zip(rows, labels, strict=True):
        missing = [relu(margin - row[label] + score) for place, score in enumerate(row) if place != label]
        terms = missing if node._saved_p == 1 else [number * number for number in missing]
        losses.append(sum(terms[1:], terms[0]) / float(len(row)))
    return _reduced(node, as_array(losses))


LOSS_RULES: dict[str, Callable[..., Any]] = {
    "BinaryCrossEntropy": _log_loss,
    "BinaryCrossEntropyWithLogits": _log_loss_of_scores,
    "HuberLoss": _huber,
    "MseLoss": _squared_error,
    "MultiMarginLoss": _multi_margin,
    "NllLoss": _negative_log_likelihood,
    "SmoothL1Loss": _huber,
    "SoftMarginLoss": _soft_margin,
}

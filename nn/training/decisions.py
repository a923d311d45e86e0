"""From the output of a model for a row to its prediction: a class or a number."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from nn.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    hinge_loss,
    huber_loss,
    mse_loss,
)
from nn.training.examples import Loss, base_loss

Decision = Callable[[Any], Any]
CLASSIFY = (cross_entropy, binary_cross_entropy, binary_cross_entropy_with_logits, hinge_loss)


def largest(output: Sequence[float]) -> int:
    """The index of the largest output, the first of equal outputs: the class predicted from a score for each class.

    >>> largest([0.25, 2.0, -1.0])
    1
    """
    return max(range(len(output)), key=output.__getitem__)


def number(output: Any) -> Any:
    """The number of an output of one number; a longer output is returned unchanged.

    >>> number([0.25]), number([1.0, 2.0])
    (0.25, [1.0, 2.0])
    """
    return output[0] if isinstance(output, list) and len(output) == 1 else output


def class_of(target: Any, prediction: Any) -> Any:
    """The target to compare a prediction with: a class, where it is predicted from a probability of each.

    >>> class_of([0.25, 0.75], 1), class_of([0.25, 0.75], [0.5, 0.5])
    (1, [0.25, 0.75])
    """
    return largest(target) if isinstance(target, list) and not isinstance(prediction, list) else target


def decision(loss: Loss, outputs: int, targets: Sequence[Any]) -> Decision | None:
    """The function from an output to a class that fits the loss; None where there is none.

    cross_entropy: the largest score. Logits: 1 above 0, probabilities: 1 above 1/2, hinge: 1 above 0, else -1. With
    mse_loss and huber_loss, where the targets have two values, the nearer value.
    """
    function = base_loss(loss)
    if function is cross_entropy:
        return largest
    values = sorted({target for target in targets if not isinstance(target, list)})
    if outputs != 1 or not values:
        return None
    if function is binary_cross_entropy_with_logits:
        return _above(0.0, 0, 1)
    if function is binary_cross_entropy:
        return _above(0.5, 0, 1)
    if function is hinge_loss:
        return _above(0.0, -1, 1)
    if function in (mse_loss, huber_loss) and len(values) == 2:
        return _above((values[0] + values[1]) / 2.0, *values)
    return None


def _above(border: float, below: Any, above: Any) -> Decision:
    return functools.partial(_choose, border, below, above)


def _choose(border: float, below: Any, above: Any, output: Any) -> Any:
    return above if number(output) > border else below

"""Softmax: from scores to probabilities, each drawn as its own box."""

from __future__ import annotations

import math
from typing import Any

from autograd_core import equal, exp, logsumexp, scope, where
from nn.modules.composition import composition
from nn.modules.tensor_lists import as_lists


def _sum_of_exp(count: int) -> str:
    return " + ".join(f"exp(v{i + 1})" for i in range(count))


@composition(
    formula=lambda count: f"exp(v1) / ({_sum_of_exp(count)})",
    derivatives=lambda count: (
        "y * (1 - y)",
        *(f"-y * exp(v{i + 1}) / ({_sum_of_exp(count)})" for i in range(1, count)),
    ),
    why="exp(−ln(1 + exp(v₂ − v₁) + …)): only differences enter, so no exp overflows and no digit cancels",
    symbol="softmax",
    wrong_rules=lambda count: (
        ("y * (1 - y)",) * count,  # each as if it were the own score
        ("y * (1 - y)", *("0",) * (count - 1)),
        ("y", *("-y",) * (count - 1)),
        ("1 - y", *("-y",) * (count - 1)),
        ("y", *("0",) * (count - 1)),
        (f"1 / ({_sum_of_exp(count)})", *("0",) * (count - 1)),
        ("y * (1 - y)", *(f"y * exp(v{i + 1}) / ({_sum_of_exp(count)})" for i in range(1, count))),
    ),
)
def share(values: Any) -> Any:
    """The probability of the first score."""
    own, others = from_first(values)
    return exp(own - logsumexp([own, *others]))


def from_first(values: list[Any]) -> tuple[Any, list[Any]]:
    """(0, the differences of the other scores from the first one), or (-inf, the other scores) where the first one is
    -inf: a masked one, from which no score differs by a number.

    >>> from_first([1000.0, 1001.0])
    (0.0, [1.0])
    """
    first, *others = values
    is_masked = equal(first, -math.inf)
    origin = where(is_masked, 0.0, first)
    return where(is_masked, first, 0.0), [value - origin for value in others]


def softmax(values: Any) -> list[Any]:
    """exp(v_i) / (exp(v_1) + exp(v_2) + ...) of every score in a list: probabilities with the sum 1.

    Stable for scores of any size, and exact in the tails. A score of -inf, a masked one, has the probability 0 and the
    gradient 0, but all of -inf have nan, as in PyTorch. Raises ValueError for an empty list. For training use
    `cross_entropy`, which takes the scores.
    Source: Bridle, in Neurocomputing (NATO ASI F68, 1990), p. 227.

    >>> softmax([1000.0, 1000.0])
    [0.5, 0.5]
    """
    scores = as_lists(values)
    if not isinstance(scores, list):
        raise TypeError(f"softmax takes a list of scores, got one {type(values).__name__}. Write softmax([...]).")
    if not scores:
        raise ValueError("softmax of no numbers is not defined: the list is empty.")
    with scope("softmax", "y = exp(v) / sum(exp(v))"):
        return [share([scores[i], *scores[:i], *scores[i + 1 :]]) for i in range(len(scores))]

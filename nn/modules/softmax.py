"""Softmax: from scores to probabilities, each drawn as its own box."""

from __future__ import annotations

from typing import Any

from autograd_core import exp, logsumexp, scope
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
    why="exp(-log(1 + exp(v2 - v1) + ...)): only differences enter, so no exp overflows and no digit cancels",
    symbol="softmax",
)
def share(values: Any) -> Any:
    """The probability of the first score."""
    return exp(-logsumexp(differences_from_first(values)))


def differences_from_first(values: list[Any]) -> list[Any]:
    """v - v_1 for every v of a list; the first difference is 0.

    >>> differences_from_first([1000.0, 1001.0])
    [0.0, 1.0]
    """
    first, *others = values
    return [0.0, *(value - first for value in others)] if others else [first - first]  # keeps it in the graph


def softmax(values: Any) -> list[Any]:
    """exp(v_i) / (exp(v_1) + exp(v_2) + ...) of every score in a list: probabilities with the sum 1.

    Stable for scores of any size, and exact in the tails. Raises ValueError for an empty list. For training use
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

"""The weight of a page: at most 45 kB more than before pages had a font, a camera and panels.

Since then the step-through has got an exercise of its own, and exercises know more mistakes and ask questions;
the folded page has got maps, tables of numbers, who taught each of them, and entries in the order of their vector.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

import nn
from autograd_core import Value, draw, explain, matrix_view, quiz, sigmoid

MORE = 45_000  # bytes
YOUR_TURN, QUESTIONS, TEACHING = 12_800, 4_000, 5_000


def unit() -> Value:
    x, w, b = Value(1.5, "x"), Value(-0.4, "w"), Value(0.3, "b")
    output = sigmoid(w * x + b)
    output.label = "p"
    return output


def loss(*sizes: int) -> Value:
    result = nn.mse_loss(nn.MLP(*sizes, rng=random.Random(0))([0.5] * sizes[0]), [1.0])
    result.label = "loss"
    return result


@pytest.mark.parametrize(
    ("page", "before"),
    [
        (lambda: explain(unit()).to_html(), 88_900 + YOUR_TURN),
        (lambda: explain(loss(2, 2, 1)).to_html(), 147_300 + YOUR_TURN),
        (lambda: quiz(unit()).to_html(), 51_700 + QUESTIONS),
        (lambda: draw(loss(2, 8, 4, 1), depth=1).to_html(), 109_100 + TEACHING),
        (lambda: matrix_view(loss(2, 8, 4, 1)).to_html(), 173_800),
    ],
    ids=["unit", "net", "exercise", "folded", "matrix"],
)
def test_a_page_is_light(page: Callable[[], str], before: int) -> None:
    assert len(page().encode()) <= before + MORE

"""A GPT on scalars as people write it for a class of their own: lists, loops, and a `Value` with the usual methods.

Model, order of the parameters and training are those of the field's program of 200 lines (4,192 parameters, one name a
step); the losses it must give are published with it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

WIDTH, HEADS, BLOCK = 16, 4, 16
HEAD = WIDTH // HEADS
Matrix = list[list[Any]]


def losses(make_value: Any, names: Sequence[str]) -> Iterator[float]:
    """The loss of each step of training on `names`, for a class of values with grad 0 before backward."""
    random.seed(42)
    documents = [name.strip() for name in names if name.strip()]
    random.shuffle(documents)
    letters = sorted(set("".join(documents)))
    boundary = len(letters)

    def matrix(rows: int, columns: int) -> Matrix:
        return [[make_value(random.gauss(0, 0.08)) for _ in range(columns)] for _ in range(rows)]

    tokens, places, head = matrix(boundary + 1, WIDTH), matrix(BLOCK, WIDTH), matrix(boundary + 1, WIDTH)
    attention = [matrix(WIDTH, WIDTH) for _ in range(4)]
    wide, narrow = matrix(4 * WIDTH, WIDTH), matrix(WIDTH, 4 * WIDTH)
    weights = [tokens, places, head, *attention, wide, narrow]
    parameters = [number for weight in weights for row in weight for number in row]
    first, second = [0.0] * len(parameters), [0.0] * len(parameters)
    for step in range(1000):
        name = documents[step % len(documents)]
        text = [boundary, *map(letters.index, name), boundary]
        loss = _loss(weights, text[: BLOCK + 1])
        loss.backward()
        rate = 0.01 * (1 - step / 1000)
        for i, p in enumerate(parameters):
            first[i] = 0.85 * first[i] + 0.15 * p.grad
            second[i] = 0.99 * second[i] + 0.01 * p.grad**2
            m, v = first[i] / (1 - 0.85 ** (step + 1)), second[i] / (1 - 0.99 ** (step + 1))
            p.data -= rate * m / (v**0.5 + 1e-8)
            p.grad = 0
        yield loss.data


def _loss(weights: list[Matrix], text: Sequence[int]) -> Any:
    """The mean over the positions of -log of the share of the next letter."""
    tokens, places, head, wq, wk, wv, wo, wide, narrow = weights
    keys, values, parts = [], [], []
    for position, (token, following) in enumerate(pairwise(text)):
        x = _normalised([t + p for t, p in zip(tokens[token], places[position], strict=True)])
        before, y = x, _normalised(x)
        query = _times(wq, y)
        keys.append(_times(wk, y))
        values.append(_times(wv, y))
        read = []
        for start in range(0, WIDTH, HEAD):
            columns = range(start, start + HEAD)
            shares = _softmax([sum(query[c] * key[c] for c in columns) / HEAD**0.5 for key in keys])
            read += [sum(share * value[c] for share, value in zip(shares, values, strict=True)) for c in columns]
        x = [a + b for a, b in zip(_times(wo, read), before, strict=True)]
        hidden = [number.relu() for number in _times(wide, _normalised(x))]
        x = [a + b for a, b in zip(_times(narrow, hidden), x, strict=True)]
        parts.append(-_softmax(_times(head, x))[following].log())
    return sum(parts) * (1 / len(parts))


def _times(weight: Matrix, x: Sequence[Any]) -> list[Any]:
    return [sum(w * number for w, number in zip(row, x, strict=True)) for row in weight]


def _softmax(scores: Sequence[Any]) -> list[Any]:
    largest = max(score.data for score in scores)
    exponentials = [(score - largest).exp() for score in scores]
    total = sum(exponentials)
    return [number / total for number in exponentials]


def _normalised(x: Sequence[Any]) -> list[Any]:
    scale = (sum(number * number for number in x) / len(x) + 1e-5) ** -0.5
    return [number * scale for number in x]

"""A GPT on scalars, with its tokens as columns of data: compiled training has the losses of eager mode."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from autograd_core import Value, choose, dot, exp, logsumexp, relu
from autograd_core import compile as compile_function
from autograd_core.compiler.vectorise.vector_program import Choose, ScatterAdd
from nn.optim import Adam
from tests.support.backends import INSTALLED

VOCABULARY, WIDTH, HEADS, POSITIONS, STEPS = 6, 4, 2, 3, 100

Matrix = list[list[Value]]


class GPT:
    """One layer: embeddings, attention, a perceptron of four times the width; no biases (Radford and others, 2019)."""

    def __init__(self, seed: int) -> None:
        generator = random.Random(seed)

        def matrix(rows: int, columns: int) -> Matrix:
            return [[Value(generator.gauss(0.0, 0.3)) for _ in range(columns)] for _ in range(rows)]

        self.tokens, self.places = matrix(VOCABULARY, WIDTH), matrix(POSITIONS, WIDTH)
        self.query, self.key, self.value, self.out = (matrix(WIDTH, WIDTH) for _ in range(4))
        self.up, self.down = matrix(4 * WIDTH, WIDTH), matrix(WIDTH, 4 * WIDTH)
        self.head = matrix(VOCABULARY, WIDTH)
        parts = (self.tokens, self.places, self.query, self.key, self.value, self.out, self.up, self.down, self.head)
        self.parameters = [number for part in parts for row in part for number in row]

    def loss(self, tokens: list[Any], targets: list[Any]) -> Any:
        """The mean over the positions of -ln of the share of the next token."""
        keys: list[list[Any]] = []
        values: list[list[Any]] = []
        losses = []
        for place, (token, target) in enumerate(zip(tokens, targets, strict=True)):
            vector = [choose(token, column) for column in zip(*self.tokens, strict=True)]
            x = normalised([a + b for a, b in zip(vector, self.places[place], strict=True)])
            h = normalised(x)
            query = times(self.query, h)
            keys.append(times(self.key, h))
            values.append(times(self.value, h))
            x = [a + b for a, b in zip(x, times(self.out, attention(query, keys, values)), strict=True)]
            hidden = [relu(number) for number in times(self.up, normalised(x))]
            x = [a + b for a, b in zip(x, times(self.down, hidden), strict=True)]
            scores = times(self.head, x)
            losses.append(logsumexp(scores) - choose(target, scores))
        return sum(losses) / float(len(losses))


def times(matrix: Matrix, x: list[Any]) -> list[Any]:
    return [dot(row, x) for row in matrix]


def normalised(x: list[Any]) -> list[Any]:
    scale = (dot(x, x) / float(len(x)) + 1e-5) ** -0.5
    return [number * scale for number in x]


def attention(query: list[Any], keys: list[list[Any]], values: list[list[Any]]) -> list[Any]:
    size = WIDTH // HEADS
    result = []
    for start in range(0, WIDTH, size):
        part = slice(start, start + size)
        scores = [dot(query[part], key[part]) / size**0.5 for key in keys]
        total = logsumexp(scores)
        shares = [exp(score - total) for score in scores]
        result += [dot(shares, column) for column in zip(*[value[part] for value in values], strict=True)]
    return result


def documents() -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    generator = np.random.default_rng(0)
    words = generator.integers(0, VOCABULARY, (STEPS, POSITIONS + 1))
    return words[:, :-1], words[:, 1:]


@pytest.fixture(scope="module")
def eager() -> tuple[list[float], list[float]]:
    """The losses of Adam, one document a step, and the parameters after it."""
    model, losses = GPT(0), []
    optimiser = Adam(model.parameters, learning_rate=0.01, betas=(0.85, 0.99))
    for tokens, targets in zip(*documents(), strict=True):
        optimiser.zero_grad()
        loss = model.loss([Value(token) for token in tokens], [Value(target) for target in targets])
        loss.backward()
        optimiser.step()
        losses.append(loss.data)
    return losses, [parameter.data for parameter in model.parameters]


@pytest.mark.parametrize("backend", INSTALLED)
def test_compiled_training_has_the_losses_of_eager_mode(backend: str, eager: tuple[list[float], list[float]]) -> None:
    model, (tokens, targets) = GPT(0), documents()
    program = compile_function(
        model.loss, example=([0] * POSITIONS, [0] * POSITIONS), backend=backend, parameters=model.parameters
    )
    losses = program.train(
        tokens, targets, steps=STEPS, batch_size=1, learning_rate=0.01, rule="adam", betas=(0.85, 0.99)
    )
    assert losses == pytest.approx(eager[0], rel=1e-9)
    assert [parameter.data for parameter in model.parameters] == pytest.approx(eager[1], rel=1e-6, abs=1e-9)
    steps = program.vectorised().steps()
    assert [sum(isinstance(step, kind) for step in steps) for kind in (Choose, ScatterAdd)] == [1, 1]


def test_a_token_outside_the_vocabulary_is_refused() -> None:
    model, (tokens, targets) = GPT(0), documents()
    program = compile_function(model.loss, example=([0] * POSITIONS, [0] * POSITIONS))
    for part in (tokens, targets):
        before, part[7, 2] = part[7, 2], VOCABULARY
        with pytest.raises(ValueError, match=r"got 6.0 in row 7 of t\w+\[2\]"):
            program.value_and_grad(tokens, targets)
        part[7, 2] = before

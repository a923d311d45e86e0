"""Random programs on both backends: the reduced value is the mean or the sum of the rows' values, plus `once()`."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_core import (
    COMPOSITIONS,
    PRIMITIVES,
    Value,
    compile,  # noqa: A004
    dot,
    logsumexp,
    tanh,
)
from tests.support.backends import INSTALLED

COUNT = 1000
_TOLERANCE = 1e-15  # of the mean of the absolute values
_ROWS = (1, 2, 7, 64, 100, 1000, 7000)
_NAMES = ("add", "subtract", "multiply", "tanh", "sin", "exp", "abs", "maximum", "relu", "sigmoid", "softplus")
_SCALES = (1.0, 1e-8, 1e8, 3e15)


def run(part: float) -> str:
    """Check a part of `COUNT` random programs, with each backend and reduction."""
    count = max(1, round(COUNT * part))
    worst = max(check(seed) for seed in range(count))
    return f"{count} random programs, 2 backends, mean and sum: worst error {worst:.2g} of the mean of |value|"


def check(seed: int) -> float:
    """The worst error of a random program, as a part of the mean of the absolute values. Raises AssertionError for an
    error above 1e-15, or where the gradients of mean, sum and `once` do not fit together."""
    generator = random.Random(seed)
    parameters = [Value(generator.uniform(-2.0, 2.0)) for _ in range(3)]
    fn = generator.choice((_function, _function, _net))(generator, parameters)
    once = _penalty(generator, parameters)
    rows, scale = generator.choice(_ROWS), generator.choice(_SCALES)
    data = [np.array([generator.gauss(0.0, 1.0) * scale for _ in range(rows)]) for _ in range(2)]
    for parameter in parameters:
        parameter.grad = None
    penalty = once()
    penalty.backward()
    slopes = np.array([parameter.grad or 0.0 for parameter in parameters])
    with_penalty, worst = generator.choice(("mean", "sum")), 0.0
    for backend in INSTALLED:
        values, gradients = {}, {}
        for reduce, share in (("mean", rows), ("sum", 1)):
            has_penalty = reduce == with_penalty
            program = compile(
                fn,
                example=(1.0, 1.0),
                parameters=parameters,
                backend=backend,
                reduce=reduce,
                once=once if has_penalty else None,
            )
            values[reduce] = program(*data)
            value, gradient = program.value_and_grad(*data)
            gradients[reduce] = (gradient - slopes * has_penalty) * share
            if np.isfinite(values[reduce]).all():
                added = [penalty.data * share] * has_penalty
                exact = math.fsum([*values[reduce], *added]) / share
                size = math.fsum(map(abs, [*values[reduce], *added])) / share
                worst = max(worst, abs(value - exact) / max(size, 5e-324))
                assert worst <= _TOLERANCE, (seed, backend, reduce, value, exact)
        assert np.array_equal(values["mean"], values["sum"], equal_nan=True), (seed, backend, "once is in program(X)")
        np.testing.assert_allclose(gradients["mean"], gradients["sum"], rtol=1e-9, atol=1e-9, err_msg=f"seed {seed}")
    return worst


def _function(generator: random.Random, parameters: Sequence[Value]) -> Callable[..., Any]:
    steps = [
        (generator.choice(_NAMES), [generator.randrange(10**6) for _ in range(2)])
        for _ in range(generator.randint(1, 25))
    ]
    shared = generator.random() < 0.5

    def fn(x: Any, y: Any) -> Any:
        known: list[Any] = [x, y, *parameters, 0.5]
        for name, picks in steps:
            operation = PRIMITIVES.get(name) or COMPOSITIONS[name]
            count = len(operation.arguments)
            known.append(operation(*[known[-1 - pick % min(len(known), 8)] for pick in picks[:count]]))
        result = sum(known[-3:], 0.0 * parameters[0])
        return (result + parameters[0] * parameters[1]) * 2.0 if shared else result

    return fn


def _net(generator: random.Random, parameters: Sequence[Value]) -> Callable[..., Any]:
    """A layer of random units on both inputs, then the cross-entropy of as many classes, or a squared error."""
    units, classify = generator.randint(1, 6), generator.random() < 0.5
    weights = [[(generator.choice(parameters), generator.uniform(-1.0, 1.0)) for _ in range(3)] for _ in range(units)]

    def fn(x: Any, y: Any) -> Any:
        scores = [a * x + b * y + c for a, b, c in ([w * factor for w, factor in row] for row in weights)]
        if classify:
            return logsumexp(scores) - scores[0]
        return (dot([tanh(score) for score in scores], scores) - y) ** 2

    return fn


def _penalty(generator: random.Random, parameters: Sequence[Value]) -> Callable[[], Any]:
    strength, chosen = generator.uniform(0.01, 1.0), parameters[: generator.randint(1, 3)]
    return lambda: strength * sum(parameter * parameter for parameter in chosen)

"""Small irregular programs: no layers, few equal operations. The other tools run the same scalars."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.benchmarks.field.programs.program import Array, FieldProgram


def _drawn(number: int) -> np.random.Generator:
    return np.random.default_rng(700 + number)


def _program(
    title: str,
    parameters: list[Array],
    data: Callable[[int], tuple[Array, ...]],
    scalars: Callable[..., Any],
    is_small: bool = True,
) -> FieldProgram:
    def with_jax(jax: Any, jnp: Any, parameters: Any, *row: Any) -> Any:
        return scalars(jnp, parameters, *row)

    def with_torch(torch: Any, parameters: Any, *rows: Any) -> Any:
        by_column = [column.movedim(0, -1) for column in rows]
        return scalars(torch, parameters, *by_column).mean()

    return FieldProgram(title, parameters, data, scalars, with_jax if is_small else None, None, with_torch)


def arm(joints: int = 6) -> FieldProgram:
    """The squared distance of the hand of a robot arm from a point."""

    def scalars(ag: Any, parameters: Any, angles: Any, target: Any) -> Any:
        offsets, lengths = parameters
        axes, hand = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], [0.0, 0.0, 0.0]
        for joint in range(joints):
            angle = angles[joint] + offsets[joint]
            s, c = ag.sin(angle), ag.cos(angle)
            about_z = [[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]]
            about_x = [[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]]
            turn = about_x if joint % 2 else about_z
            axes = [[sum((axes[i][m] * turn[m][n] for m in range(3)), 0.0) for n in range(3)] for i in range(3)]
            hand = [hand[i] + axes[i][2] * lengths[joint] for i in range(3)]
        return sum((a - b) ** 2 for a, b in zip(hand, target, strict=True))

    def data(rows: int) -> tuple[Array, ...]:
        return _drawn(3).normal(size=(rows, joints)), _drawn(4).normal(size=(rows, 3))

    arrays = [0.2 + 0.1 * _drawn(1).normal(size=joints), 0.5 + 0.1 * _drawn(2).normal(size=joints)]
    return _program(f"robot arm of {joints} joints", arrays, data, scalars)


def gauss(size: int = 5) -> FieldProgram:
    """The squared error of the solution of linear equations by Gauss elimination."""

    def scalars(ag: Any, parameters: Any, changes: Any, target: Any) -> Any:
        a = [
            [p + d for p, d in zip(line, change, strict=True)]
            for line, change in zip(parameters[0], changes, strict=True)
        ]
        b = list(parameters[1])
        for k in range(size):
            for i in range(k + 1, size):
                factor = a[i][k] / a[k][k]
                a[i] = [a[i][j] - factor * a[k][j] if j > k else 0.0 for j in range(size)]
                b[i] = b[i] - factor * b[k]
        x: list[Any] = [0.0] * size
        for k in reversed(range(size)):
            x[k] = (b[k] - sum((a[k][j] * x[j] for j in range(k + 1, size)), 0.0)) / a[k][k]
        return sum((p - q) ** 2 for p, q in zip(x, target, strict=True))

    def data(rows: int) -> tuple[Array, ...]:
        return 0.3 * _drawn(7).normal(size=(rows, size, size)), _drawn(8).normal(size=(rows, size))

    arrays = [_drawn(5).normal(size=(size, size)) + 5 * np.eye(size), _drawn(6).normal(size=size)]
    return _program(f"Gauss elimination {size}x{size}", arrays, data, scalars)


def random_graph(nodes: int = 1000, inputs: int = 8) -> FieldProgram:
    """Random sums, products, tanh and sin of recent numbers."""

    def scalars(ag: Any, parameters: Any, x: Any) -> Any:
        generator, numbers = random.Random(5), [*parameters[0], *x]
        for _ in range(nodes):
            a, b = (numbers[generator.randrange(max(0, len(numbers) - 30), len(numbers))] for _ in range(2))
            kind = generator.randrange(5)
            results = (lambda: a + b, lambda: a * b, lambda: a - 0.5 * b, lambda: ag.tanh(a), lambda: ag.sin(b))  # noqa: B023
            numbers.append(results[kind]())
        return ag.tanh(numbers[-1]) + 0.1 * sum(map(ag.tanh, numbers[-30:]))

    def data(rows: int) -> tuple[Array, ...]:
        return (_drawn(10).uniform(0.5, 1.5, (rows, inputs)),)

    arrays = [_drawn(9).uniform(0.5, 1.5, inputs)]
    return _program(f"random graph of {nodes:,}", arrays, data, scalars, is_small=False)  # JAX compiles it for minutes

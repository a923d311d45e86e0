"""What a program of the benchmark is, and what several of them share."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = Any


@dataclass(frozen=True, slots=True)
class FieldProgram:
    """One loss, written once for each tool. The gradient is asked for with respect to the parameters.

    parameters: arrays. data: from a number of rows, the arguments. scalars: (the engine, the parameters as nested
    lists, the arguments of one row). jax: (jax, jax.numpy, the parameters, one row); jax_scan: the same with its own
    loop. torch: (torch, the parameters, all rows), the mean. numpy: (the parameters, all rows), the mean and its
    gradients by hand. rows: the numbers of rows it is timed with.
    """

    title: str
    parameters: list[Array]
    data: Callable[[int], tuple[Array, ...]]
    scalars: Callable[..., Any]
    jax: Callable[..., Any] | None = None
    jax_scan: Callable[..., Any] | None = None
    torch: Callable[..., Any] | None = None
    numpy: Callable[..., tuple[Any, list[Array]]] | None = None
    rows: tuple[int, ...] = (1, 100, 10_000)


def uniform(generator: np.random.Generator, *shape: int) -> Array:
    """Weights of a usual size for so many inputs."""
    return generator.uniform(-1, 1, shape) / math.sqrt(shape[-1])


def times(matrix: Sequence[Sequence[Any]], vector: Sequence[Any]) -> list[Any]:
    """A matrix times a vector, as scalars."""
    return [sum(w * x for w, x in zip(row, vector, strict=True)) for row in matrix]


def dense(matrix: Sequence[Sequence[Any]], biases: Sequence[Any], vector: Sequence[Any]) -> list[Any]:
    """The same plus a bias in each row, from which the sum starts."""
    return [
        sum((w * x for w, x in zip(row, vector, strict=True)), bias) for row, bias in zip(matrix, biases, strict=True)
    ]


def dot(a: Sequence[Any], b: Sequence[Any]) -> Any:
    """The sum of the products, as scalars."""
    return sum(x * y for x, y in zip(a, b, strict=True))

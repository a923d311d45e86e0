"""Initial weights: an initialiser takes the number of inputs and of outputs and a generator, and returns one number.

The scale matters: if it is too large, units saturate; if it is too small, signals fade from layer to layer. Each
formula keeps the variance of the signals (forward) or of the gradients (backward) about constant across layers.
"""

from __future__ import annotations

import math
import operator
import random
from collections.abc import Callable

Initialiser = Callable[[int, int, random.Random], float]


def generator(rng: random.Random | int) -> random.Random:
    """`rng` itself, or a new generator from a seed. Raises TypeError for anything else.

    >>> generator(7).random() == generator(7).random()
    True
    """
    if isinstance(rng, random.Random):
        return rng
    if hasattr(rng, "__index__") and not isinstance(rng, bool):
        return random.Random(operator.index(rng))
    raise TypeError(f"rng is a seed such as 0, or a random.Random, got {rng!r}: the same seed gives the same numbers.")


def uniform(fan_in: int, fan_out: int, rng: random.Random) -> float:
    """Uniform in +-1/sqrt(fan_in): PyTorch's default for weights and biases."""
    return _uniform_within(1.0 / math.sqrt(fan_in), rng)


def xavier_uniform(fan_in: int, fan_out: int, rng: random.Random) -> float:
    """Uniform in +-sqrt(6/(fan_in + fan_out)): variance 2/(fan_in + fan_out), for sigmoid, tanh and linear units.

    Source: Glorot and Bengio, AISTATS 2010, eq. 16.
    """
    return _uniform_within(math.sqrt(6.0 / (fan_in + fan_out)), rng)


def xavier_normal(fan_in: int, fan_out: int, rng: random.Random) -> float:
    """Normal with variance 2/(fan_in + fan_out), for sigmoid, tanh and linear units.

    Source: Glorot and Bengio, AISTATS 2010, eq. 12.
    """
    return rng.gauss(0.0, math.sqrt(2.0 / (fan_in + fan_out)))


def he_uniform(fan_in: int, fan_out: int, rng: random.Random) -> float:
    """Uniform in +-sqrt(6/fan_in): variance 2/fan_in, for relu and its family, which pass half of their inputs.

    Source: He, Zhang, Ren and Sun, ICCV 2015, eq. 10.
    """
    return _uniform_within(math.sqrt(6.0 / fan_in), rng)


def he_normal(fan_in: int, fan_out: int, rng: random.Random) -> float:
    """Normal with variance 2/fan_in, for relu and its family.

    Source: He, Zhang, Ren and Sun, ICCV 2015, eq. 10.
    """
    return rng.gauss(0.0, math.sqrt(2.0 / fan_in))


def standard_normal(fan_in: int, fan_out: int, rng: random.Random) -> float:
    """Normal with variance 1 for any sizes: PyTorch's default for embeddings."""
    return rng.gauss(0.0, 1.0)


def zeros(fan_in: int, fan_out: int, rng: random.Random) -> float:
    """0, for biases. Weights that start equal stay equal, so all units of a hidden layer would learn the same.

    >>> zeros(3, 4, generator(0))
    0.0
    """
    return 0.0


def _uniform_within(bound: float, rng: random.Random) -> float:
    return rng.uniform(-bound, bound)

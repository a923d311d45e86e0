"""Where weights start: each initialiser gives one number, from the number of inputs, of outputs, and a generator.

The scale matters: too large and units saturate, too small and signals die out on their way through the layers. Each
formula keeps the variance of the signals (forward) or of the gradients (backward) about the same from layer to layer.
"""

from __future__ import annotations

import math
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
    if isinstance(rng, int) and not isinstance(rng, bool):
        return random.Random(rng)
    raise TypeError(f"rng is a seed such as 0, or a random.Random, got {rng!r}: the same seed gives the same numbers.")


def uniform(fan_in: int, fan_out: int, rng: random.Random) -> float:
    """Uniform in +-1/sqrt(fan_in): what PyTorch does to weights and biases unless told otherwise."""
    return _within(1.0 / math.sqrt(fan_in), rng)


def xavier_uniform(fan_in: int, fan_out: int, rng: random.Random) -> float:
    """Uniform in +-sqrt(6/(fan_in + fan_out)): variance 2/(fan_in + fan_out), for sigmoid, tanh and linear units.

    Source: Glorot and Bengio, AISTATS 2010, eq. 16.
    """
    return _within(math.sqrt(6.0 / (fan_in + fan_out)), rng)


def xavier_normal(fan_in: int, fan_out: int, rng: random.Random) -> float:
    """Normal with variance 2/(fan_in + fan_out), for sigmoid, tanh and linear units.

    Source: Glorot and Bengio, AISTATS 2010, eq. 12.
    """
    return rng.gauss(0.0, math.sqrt(2.0 / (fan_in + fan_out)))


def he_uniform(fan_in: int, fan_out: int, rng: random.Random) -> float:
    """Uniform in +-sqrt(6/fan_in): variance 2/fan_in, for relu and its family, which silence half of their inputs.

    Source: He, Zhang, Ren and Sun, ICCV 2015, eq. 10.
    """
    return _within(math.sqrt(6.0 / fan_in), rng)


def he_normal(fan_in: int, fan_out: int, rng: random.Random) -> float:
    """Normal with variance 2/fan_in, for relu and its family.

    Source: He, Zhang, Ren and Sun, ICCV 2015, eq. 10.
    """
    return rng.gauss(0.0, math.sqrt(2.0 / fan_in))


def standard_normal(fan_in: int, fan_out: int, rng: random.Random) -> float:
    """Normal with variance 1, whatever the sizes: where PyTorch starts embeddings."""
    return rng.gauss(0.0, 1.0)


def zeros(fan_in: int, fan_out: int, rng: random.Random) -> float:
    """0. Right for biases; weights that start equal stay equal, so a hidden layer of them never learns apart.

    >>> zeros(3, 4, generator(0))
    0.0
    """
    return 0.0


def _within(bound: float, rng: random.Random) -> float:
    return rng.uniform(-bound, bound)

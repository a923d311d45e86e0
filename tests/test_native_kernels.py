"""The kernels of the native backend at the edges of what fills a vector, against sums in exact arithmetic."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_core import (
    Value,
    compile,  # noqa: A004
)

pytest.importorskip("llvmlite")


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache of these tests' own."""
    where = tmp_path_factory.mktemp("cache") / "objects"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRAD_CORE_CACHE", str(where))
        yield where


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("count", [1, 8, 9, 31, 150])
def test_a_sum_of_squares_of_parameters(count: int, dtype: str) -> None:
    generator = random.Random(count)
    numbers = [generator.uniform(-1.0, 1.0) for _ in range(count)]
    parameters = [Value(one) for one in numbers]

    def loss(x: Any) -> Any:
        return x * parameters[0] + 0.25 * sum(p * p for p in parameters)

    shuffled = generator.sample(parameters, count)
    data = np.array([1.0, 2.0, 6.0])
    tolerance = 1e-13 if dtype == "float64" else 1e-5
    for order in (parameters, shuffled):
        program: Any = compile(loss, example=(0.0,), backend="native", dtype=dtype, parameters=order)
        value, gradient = program.value_and_grad(data)
        assert value == pytest.approx(
            3.0 * numbers[0] + 0.25 * math.fsum(one * one for one in numbers), rel=tolerance, abs=tolerance
        )
        expected = [0.5 * one.data + (3.0 if one is parameters[0] else 0.0) for one in order]
        assert gradient == pytest.approx(expected, rel=tolerance, abs=tolerance)

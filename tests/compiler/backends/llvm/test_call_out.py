"""An operation without a form in machine code costs its own part: the rest of its program stays native."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from autograd_core import (
    NumberError,
    Value,
    compile,  # noqa: A004
    custom_primitive,
    tanh,
)
from autograd_core.compiler.backends.llvm.backend import NativeRunner

pytest.importorskip("llvmlite")

cube = custom_primitive("cube", lambda a: a * a * a, [lambda y, a: 3 * a**2])
power_sum = custom_primitive("power_sum", lambda a, b: a * a + b**3, [lambda y, a, b: 2 * a, lambda y, a, b: 3 * b**2])


def halve_below_three(a: float) -> float:
    if a > 3.0:
        raise ValueError("too large")
    return a / 2.0


guarded = custom_primitive("guarded", halve_below_three, [0.5])


def runners(program: Any) -> list[Any]:
    return list(program._running._runners.values())


@pytest.mark.parametrize("rows", [1, 7, 72, 73, 1000])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_rest_of_the_program_is_native(rows: int, dtype: str) -> None:
    w = [Value(0.3 * i - 0.8) for i in range(6)]

    def fn(x: list[Any], y: Any) -> Any:
        hidden = [tanh(a * x[0] + b * x[1]) for a, b in zip(w[:3], w[3:], strict=True)]
        return (power_sum(cube(hidden[0]), hidden[1]) + cube(w[0]) * cube(hidden[2]) - y) ** 2

    example = ([0.0, 0.0], 0.0)
    native = compile(fn, example=example, backend="native", dtype=dtype)
    numpy = compile(fn, example=example, backend="numpy", dtype=dtype)
    rng = np.random.default_rng(rows)
    data = rng.normal(size=(rows, 2)), rng.normal(size=rows)
    exact = 1e-13 if dtype == "float64" else 1e-5
    np.testing.assert_allclose(native(*data), numpy(*data), rtol=exact, atol=exact)
    for found, expected in zip(native.value_and_grad(*data), numpy.value_and_grad(*data), strict=True):
        np.testing.assert_allclose(found, expected, rtol=exact, atol=exact)
    assert native.backend == "native"
    assert all(isinstance(runner, NativeRunner) for runner in runners(native))
    before = [value.data for value in w]
    losses = native.train(*data, steps=3, learning_rate=0.01, rule="adam")
    after = [value.data for value in w]
    for value, number in zip(w, before, strict=True):
        value.data = number
    np.testing.assert_allclose(losses, numpy.train(*data, steps=3, learning_rate=0.01, rule="adam"), rtol=exact)
    np.testing.assert_allclose(after, [value.data for value in w], rtol=exact)


@pytest.mark.parametrize("threads", [1, 2])
def test_what_the_operation_raises_arrives_and_the_next_call_is_right(threads: int) -> None:
    w = Value(2.0)
    program = compile(lambda x: guarded(x) * w, example=1.0, backend="native", threads=threads)
    for rows in (10, 1_500_000):
        for ends in ((0.0, 5.0), (5.0, 0.0)):
            data = np.linspace(*ends, rows)
            for call in (program, program.value_and_grad):
                with pytest.raises(NumberError, match=r"guarded: forward failed at a = .*: too large"):
                    call(data)
            with pytest.raises(NumberError, match="too large"):
                program.train(data, steps=2, learning_rate=0.1)
    assert w.data == 2.0
    assert program([1.0, 2.0]).tolist() == [1.0, 2.0]
    assert program.value_and_grad([1.0, 2.0]) == (1.5, [0.75])


def test_special_values_reach_the_operation() -> None:
    seen: list[float] = []
    watched = custom_primitive("watched", lambda a: seen.append(a) or a, [1.0])
    rows = [0.0, -0.0, math.inf, -math.inf, math.nan, 5e-324]
    found = compile(lambda x: watched(x) * 1.0, example=1.0, backend="native")(rows)
    assert repr(found.tolist()) == repr(seen[-len(rows) :]) == repr(rows)

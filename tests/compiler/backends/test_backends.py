"""Every backend: the numbers of eager mode in any order of the rows, the same bits in each run, no growth in memory."""

from __future__ import annotations

import importlib.util
import math
import random
import sys
import threading
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_core import (
    COMPOSITIONS,
    Value,
    compile,  # noqa: A004
    dot,
    erf,
    erfc,
    relu,
    tanh,
    where,
)
from autograd_core.compiler.backends.numpy.operations import slow_function
from tests.support.programs import (
    ACTIVATIONS,
    KINKED,
    ORDERS,
    SMOOTH,
    SPECIAL,
    agree,
    apply_units,
    eagerly,
    layer,
    programs,
    rows_for,
    same,
    where_steady,
)

Function = Callable[..., Any]
COUNTS = [1, 7, 8, 9, 127, 1000]
NATIVE = ["native"] if importlib.util.find_spec("llvmlite") else []
BACKENDS = [
    "numpy",
    pytest.param("native", marks=pytest.mark.skipif(not NATIVE, reason="needs llvmlite")),
]


def skipping(generator: random.Random, inputs: int, width: int, depth: int, name: str, add: Function) -> Any:
    """A net whose hidden layers share one matrix and skip over it, with a penalty, and its number of inputs."""
    first, again, last = layer(generator, inputs, width), layer(generator, width, width), layer(generator, width, 1)
    activation = COMPOSITIONS[name]

    def fn(row: list[Any], label: Any) -> Any:
        hidden = [activation(z) for z in apply_units(first, row, add)]
        for _ in range(depth):
            hidden = [a + activation(b) for a, b in zip(hidden, apply_units(again, hidden, add), strict=True)]
        (score,) = apply_units(last, hidden, add)
        return relu(1.0 - label * score) + where(score > label, score, 0.0) + 1e-3 * dot(first[0][0], first[0][0])

    return fn


@pytest.mark.parametrize("count", COUNTS)
@settings(deadline=None, max_examples=3)
@given(
    inputs=st.integers(1, 6),
    width=st.integers(1, 9),
    depth=st.integers(0, 3),
    name=st.sampled_from(ACTIVATIONS),
    add=st.sampled_from(ORDERS),
    seed=st.integers(0, 1000),
)
def test_random_nets_with_kinks_in_any_number_of_rows(
    count: int, inputs: int, width: int, depth: int, name: str, add: Function, seed: int
) -> None:
    generator = random.Random(seed)
    fn = skipping(generator, inputs, width, depth, name, add)
    rows = rows_for(generator, inputs, count)
    rows[:: max(2, count // 5)] = [([0.0] * inputs, -0.0)] * len(rows[:: max(2, count // 5)])  # on the kinks
    data = [list(column) for column in zip(*rows, strict=True)]
    expected: Any = None
    for backend in ("numpy", *NATIVE):
        program = compile(fn, example=([0.1] * inputs, 1.0), backend=backend)
        if expected is None:
            values = [fn(*row).data for row in rows]
            expected = values, *eagerly(fn, program.parameters, rows)
        values, mean, gradient, sizes = expected
        assert agree(program(*data), values, values)
        value, got = program.value_and_grad(*data)
        assert agree([value, *got], [mean, *gradient], [np.abs(values).mean(), *sizes])


@settings(deadline=None, max_examples=25)
@given(
    generated=programs((*SMOOTH, *KINKED, *ACTIVATIONS)),
    count=st.sampled_from(COUNTS[:-1]),
    usual=st.lists(st.tuples(st.floats(-2, 2), st.floats(-2, 2)), min_size=1, max_size=4),
    special=st.tuples(st.sampled_from(SPECIAL), st.sampled_from(SPECIAL)),
    seed=st.integers(0, 1000),
)
def test_a_special_number_among_usual_rows_changes_what_it_does_in_eager_mode(
    generated: Any, count: int, usual: Any, special: Any, seed: int
) -> None:
    fn, parameters = generated
    generator = random.Random(seed)
    rows = [generator.choice(usual) for _ in range(count)]
    rows[generator.randrange(count)] = special
    values = [fn(*row) for row in rows]
    numbers = [value.data if isinstance(value, Value) else value for value in values]
    expected, gradient, sizes = eagerly(fn, parameters, rows)
    for backend in ("numpy", *NATIVE):
        program = compile(fn, example=(0.3, -0.7), parameters=parameters, backend=backend)
        columns = [list(column) for column in zip(*rows, strict=True)]
        value, got = program.value_and_grad(*columns)
        with where_steady(fn, parameters, rows):
            assert agree(program(*columns), numbers, [10 * number for number in numbers])
            # A sum of terms that cancel inside a row is known to the size of its terms only.
            assert agree([value, *got], [expected, *gradient], [10 * expected, *[100 * size for size in sizes]])


def program_for(backend: str) -> Any:
    return compile(skipping(random.Random(5), 4, 9, 2, "sigmoid", ORDERS[0]), example=([0.1] * 4, 1.0), backend=backend)


def columns(count: int) -> tuple[Any, Any]:
    generator = np.random.default_rng(count)
    return generator.normal(size=(count, 4)), generator.choice([-1.0, 1.0], count)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu", "threshold"])
def test_nan_stays_nan_with_the_slope_of_the_open_branch(backend: str, name: str) -> None:
    w = Value(1.0)
    program = compile(lambda x: COMPOSITIONS[name](w * x), example=1.0, backend=backend)
    for row, number in zip(SPECIAL, program(SPECIAL), strict=True):
        assert same(number, float(COMPOSITIONS[name](row)))
    w.data = math.nan
    value, (slope,) = program.value_and_grad([1.0])
    assert math.isnan(value)
    assert slope == (0.0 if name == "threshold" else 1.0)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("count", [9, 1000, 9999])
def test_the_order_of_the_rows_does_not_matter(backend: str, count: int) -> None:
    program = program_for(backend)
    X, y = columns(count)
    order = np.random.default_rng(1).permutation(count)
    np.testing.assert_allclose(program(X[order], y[order]), program(X, y)[order], rtol=1e-13, atol=1e-14)
    value, gradient, (by_x, by_y) = program.value_and_grad(X, y, inputs=True)
    other, another, (by_other_x, by_other_y) = program.value_and_grad(X[order], y[order], inputs=True)
    assert other == pytest.approx(value, rel=1e-13)
    np.testing.assert_allclose(another, gradient, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(by_other_x, by_x[order], rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(by_other_y, by_y[order], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("count", [*COUNTS, 9999])
def test_the_same_bits_whatever_was_called_before_and_in_a_new_program(backend: str, count: int) -> None:
    program, X_y = program_for(backend), columns(count)
    value, gradient = program.value_and_grad(*X_y)
    for other in (1, 13, 4097):
        program.value_and_grad(*columns(other))
        program(*columns(other))
        again, gradient_again = program.value_and_grad(*[part.copy() for part in X_y])
        assert (again, gradient_again.tobytes()) == (value, gradient.tobytes())
    again, gradient_again = program_for(backend).value_and_grad(*X_y)
    assert (again, gradient_again.tobytes()) == (value, gradient.tobytes())


@pytest.mark.parametrize("backend", BACKENDS)
def test_threads_get_the_numbers_of_their_own_rows(backend: str) -> None:
    program = program_for(backend)
    data = [columns(count) for count in (1, 9, 127, 5000)]
    expected = [(program(*part).tobytes(), program.value_and_grad(*part)[1].tobytes()) for part in data]
    got: list[set[tuple[bytes, bytes]]] = [set() for _ in data]
    start = threading.Barrier(len(data))

    def work(number: int) -> None:
        start.wait()
        for _ in range(30):
            mine = data[number]
            got[number].add((program(*mine).tobytes(), program.value_and_grad(*mine)[1].tobytes()))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(data))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [{result} for result in expected]


@pytest.mark.parametrize("backend", BACKENDS)
def test_ten_thousand_calls_keep_no_memory(backend: str) -> None:
    w = [Value(0.1 * i) for i in range(4)]
    program = compile(lambda x, y: (tanh(dot(w, x)) - y) ** 2, example=([0.0] * 4, 0.0), backend=backend)
    X, y = columns(8)

    def call(times: int) -> None:
        for number in range(times):
            count = (8, 8, 5)[number % 3]
            program.value_and_grad(X[:count], y[:count])

    call(200)
    tracemalloc.start()
    call(200)
    before = tracemalloc.get_traced_memory()[0]
    call(10_000)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 10_000  # a byte a call


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("exponent", [0.5, -0.5, 1.5, -1.5, 2.0, -1.0, 1.0, 3.0, 0.0, 1 / 3])
@pytest.mark.parametrize("is_constant", [True, False])
def test_powers_at_special_values_as_in_eager_mode(backend: str, exponent: float, is_constant: bool) -> None:
    """Not a root for the exponent 0.5, which is nan at -inf and -0 at -0."""
    p = exponent if is_constant else Value(exponent)
    program = compile(lambda x: x**p, example=1.0, backend=backend)
    rows = [*SPECIAL, -0.0, -1e-300, 4.0, -4.0]
    for count in (len(rows), 1):
        for start in range(0, len(rows), count):
            part = rows[start : start + count]
            found = program(part).tolist()
            for row, number in zip(part, found, strict=True):
                expected = (Value(row) ** p).data
                assert same(number, expected) or abs(number - expected) <= 1e-15 * abs(expected), row
                assert math.copysign(1.0, number) == math.copysign(1.0, expected) or number != 0.0


@pytest.mark.parametrize("with_scipy", [True, False])
def test_the_error_function_with_scipy_and_without(with_scipy: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if with_scipy:
        pytest.importorskip("scipy")
    else:
        monkeypatch.setitem(sys.modules, "scipy.special", None)
    slow_function.cache_clear()
    rows = [*np.linspace(-9.0, 27.0, 400).tolist(), *SPECIAL]
    for function in (erf, erfc):
        program = compile(lambda x, function=function: function(x), example=0.5, backend="numpy")
        got, expected = program(rows).tolist(), [function(number) for number in rows]
        for a, b in zip(got, expected, strict=True):
            assert same(a, b) or abs(a - b) <= 1e-12 * abs(b), (function, a, b)
    assert (getattr(slow_function(erf), "__name__", "") == "erf") is with_scipy
    slow_function.cache_clear()

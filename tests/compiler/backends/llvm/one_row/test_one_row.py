"""Code for one row: the numbers of eager mode and of NumPy by hand, whatever the width of a register."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_core import (
    Value,
    choose,
    compile,  # noqa: A004
    exp,
    logsumexp,
    relu,
    tanh,
)

pytest.importorskip("llvmlite")

from autograd_core.compiler.backends.llvm import backend, machine
from autograd_core.compiler.backends.llvm.kernels.moves import ONE_ROW_CALLS


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache of these tests' own."""
    where = tmp_path_factory.mktemp("cache") / "objects"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRAD_CORE_CACHE", str(where))
        yield where


@pytest.fixture(params=[2, 4, 8])
def lanes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Registers of 16, 32 or 64 bytes; LLVM splits those that this processor lacks."""
    lanes: int = request.param
    host = replace(machine.processor(), lanes=lanes, registers=32 if lanes == 8 else 16)
    monkeypatch.setattr(machine, "processor", lambda: host)
    return lanes


def runs_of_one_row(program: Any) -> int:
    """How many of the program's runners have code of their own for one row."""
    runners = program._running._runners.values()
    return sum(bool(runner._loaded.state[ONE_ROW_CALLS]) for runner in runners)


def as_values(numbers: Any) -> Any:
    return [as_values(row) for row in numbers] if np.ndim(numbers) else Value(float(numbers))


def test_arithmetic_to_the_last_bit(lanes: int) -> None:
    generator = random.Random(lanes)

    def fn(w: Any, x: Any) -> Any:
        known, drawn = [*w, *x], random.Random(3)
        for _ in range(150):
            a, b = drawn.choice(known[-20:]), drawn.choice(known[-20:])
            kind = drawn.randrange(5)
            known.append(a + b if kind == 0 else a - b if kind == 1 else a * b if kind == 2 else a / (b * b + 1.5))
            if kind == 4:
                known.append(relu(a) - relu(-b))
        return known[-1]

    w = [Value(generator.uniform(0.5, 1.5)) for _ in range(5)]
    program = compile(lambda x: fn(w, x), example=([1.0] * 4,), parameters=w, backend="native")
    for _ in range(5):
        x = [generator.uniform(-1.5, 1.5) for _ in range(4)]
        loss = fn(w, x)
        for value in w:
            value.grad = None
        loss.backward()
        value, gradients = program.value_and_grad([x])
        assert value == loss.data == program([x])[0]
        np.testing.assert_allclose(gradients, [value.grad or 0.0 for value in w], rtol=1e-12)
    assert runs_of_one_row(program) == 2


@pytest.mark.parametrize("sizes", [(1, 1, 1), (3, 5, 2), (13, 70, 9), (100, 17, 33)])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_nets_of_any_width(lanes: int, sizes: tuple[int, ...], dtype: str) -> None:
    rng = np.random.default_rng(sum(sizes))
    shapes = [(sizes[1], sizes[0]), (sizes[1],), (sizes[2], sizes[1])]
    first, bias, second = arrays = [rng.normal(size=shape) / shape[-1] for shape in shapes]
    w, b, v = map(as_values, arrays)

    def fn(x: Any, t: Any) -> Any:
        h = [tanh(sum((p * q for p, q in zip(row, x, strict=True)), c)) for row, c in zip(w, b, strict=True)]
        return sum((sum(p * q for p, q in zip(row, h, strict=True)) - s) ** 2 for row, s in zip(v, t, strict=True))

    numbers = [*(value for row in w for value in row), *b, *(value for row in v for value in row)]
    program = compile(
        fn, example=([0.0] * sizes[0], [0.0] * sizes[2]), parameters=numbers, backend="native", dtype=dtype
    )
    x, t = rng.normal(size=(1, sizes[0])), rng.normal(size=(1, sizes[2]))
    h = np.tanh(first @ x[0] + bias)
    error = second @ h - t[0]
    back = (second.T @ (2 * error)) * (1 - h * h)
    expected = np.concatenate([np.outer(back, x[0]).ravel(), back, np.outer(2 * error, h).ravel()])
    tolerance = 1e-12 if dtype == "float64" else 2e-5
    for data in ((x, t), (np.asfortranarray(x), t.tolist()), (np.repeat(x, 2, 1)[:, ::2], t)):
        value, gradients = program.value_and_grad(*data)
        assert abs(value - error @ error) <= tolerance * (error @ error)
        np.testing.assert_allclose(gradients, expected, rtol=tolerance, atol=tolerance * abs(expected).max())
        np.testing.assert_allclose(program(*data), [error @ error], rtol=tolerance)
    inputs = program.value_and_grad(x, t, inputs=True)[2]
    np.testing.assert_allclose(inputs[0], [first.T @ back], rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(inputs[1], [-2 * error], rtol=tolerance, atol=tolerance)
    assert runs_of_one_row(program) == 3


def test_products_of_matrices_of_a_row() -> None:
    """Attention without weights: q.k and attention times v are products of numbers of the row."""
    rng = np.random.default_rng(8)
    w = [Value(1.0), Value(0.5)]

    def fn(x: Any) -> Any:
        scores = [[w[0] * sum(p * q for p, q in zip(a, b, strict=True)) for b in x] for a in x]
        sums = [logsumexp(row) for row in scores]
        out = [[sum(a[j] * b[j] for j in range(4)) for b in zip(*x, strict=True)] for a in scores]
        return sum(sums) + w[1] * sum(q * q for row in out for q in row)

    native, on_numpy = (
        compile(fn, example=(np.zeros((4, 3)),), parameters=w, backend=name) for name in ("native", "numpy")
    )
    for _ in range(3):
        x = rng.normal(size=(1, 4, 3))
        scores = x[0] @ x[0].T
        value, gradients = native.value_and_grad(x)
        expected = np.log(np.exp(scores).sum(1)).sum() + 0.5 * ((scores @ x[0]) ** 2).sum()
        np.testing.assert_allclose(value, expected, rtol=1e-13)
        np.testing.assert_allclose(gradients, on_numpy.value_and_grad(x)[1], rtol=1e-12)


def test_batches_of_one_row_train_as_numpy_does() -> None:
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(7, 3)), rng.normal(size=7)
    found = []
    for name in ("native", "numpy"):
        w = as_values([0.3, -0.2, 0.1])
        program = compile(
            lambda a, b, w=w: (tanh(sum(p * q for p, q in zip(w, a, strict=True))) - b) ** 2,
            example=([0.0] * 3, 0.0),
            parameters=w,
            backend=name,
        )
        losses = [program.train(x, y, steps=10, learning_rate=0.1, batch_size=size) for size in (1, 3)]
        losses.append(program.train(x[:1], y[:1], steps=3, learning_rate=0.1, rule="adam"))
        found.append([*np.concatenate(losses), *(value.data for value in w)])
    np.testing.assert_allclose(*found, rtol=1e-12)


def test_a_long_program_is_compiled_for_many_rows_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend, "_LONGEST", 3)
    w = as_values([0.3, -0.2])
    program = compile(
        lambda x: tanh(w[0] * x) / (w[1] * x * x + 2.0) + tanh(w[1] + x), example=(1.0,), parameters=w, backend="native"
    )
    value, _ = program.value_and_grad([2.0])
    assert abs(value - (np.tanh(0.6) / 1.2 + np.tanh(1.8))) < 1e-15
    assert runs_of_one_row(program) == 0


@pytest.mark.parametrize("rows_first", [True, False])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_choices_from_tables(lanes: int, dtype: str, rows_first: bool) -> None:
    """Rows of one table read twice, a table of computed numbers, and one whose last row is constant: no gradient."""
    generator = random.Random(lanes)
    table = [[Value(generator.gauss(0, 1)) for _ in range(5)] for _ in range(7)]
    other = [Value(generator.gauss(0, 1)) for _ in range(3)]
    rows = table if rows_first else list(zip(*table, strict=True))
    parameters = [*other, *[value for row in rows for value in row]]

    def fn(a: Any, b: Any, x: Any) -> Any:
        first, second = ([choose(index, list(column)) for column in zip(*table, strict=True)] for index in (a, b))
        computed = choose(b, [exp(other[0]), other[1] * other[2], *other, 2.0, -1.0])
        return sum(p * q + x * p for p, q in zip(first, second, strict=True)) * computed + choose(a, [*other, 4.0] * 2)

    program = compile(fn, example=(0, 0, 1.0), parameters=parameters, backend="native", dtype=dtype)
    exact = {"rel": 1e-12, "abs": 1e-12} if dtype == "float64" else {"rel": 1e-4, "abs": 1e-4}
    for a, b, x in [(0, 6, 0.5), (3, 3, -1.0), (6, 0, 2.0), (2, 1, 0.0)]:
        for value in parameters:
            value.grad = None
        loss = fn(Value(a), Value(b), Value(x))
        loss.backward()
        value, gradients = program.value_and_grad([a], [b], [x])
        assert value == pytest.approx(loss.data, **exact)
        assert gradients.tolist() == pytest.approx([each.grad or 0.0 for each in parameters], **exact)
    assert runs_of_one_row(program) == 1


def test_a_computed_index_that_is_no_place_is_refused(lanes: int) -> None:
    table = [Value(1.0), Value(2.0)]
    program = compile(lambda x: choose(x + x, table) ** 2, example=(0.0,), parameters=table, backend="native")
    assert program.value_and_grad([0.5])[0] == 4.0
    for x in (1.0, -0.5, 0.25):
        with pytest.raises(ValueError, match="row 0"):
            program.value_and_grad([x])
    assert runs_of_one_row(program) == 2  # the gradient, and the index that the message names


@pytest.mark.parametrize("size", [20, 36])  # straight-line code, and loops
def test_the_code_does_not_grow_with_the_turns_of_a_recurrence(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[int] = []

    def load(functions: Any, declarations: Any, level: int = machine.LEVEL) -> machine.Loaded:
        texts = list(functions)
        written.append(len("".join(texts)))
        return loaded(texts, declarations, level)

    loaded = machine.load
    monkeypatch.setattr(machine, "load", load)
    generator = np.random.default_rng(size)
    weights = as_values(generator.normal(size=(size, size)) / size)
    start = generator.normal(size=size)
    lengths: list[int] = []
    for turns in (8, 24):

        def fn(x: Any, turns: int = turns) -> Any:
            h = list(x)
            for _ in range(turns):
                h = [tanh(sum(w * a for w, a in zip(row, h, strict=True))) for row in weights]
            return sum(h)

        first = [weight for row in weights for weight in row]
        made = [compile(fn, example=(start,), parameters=first, backend=name) for name in ("native", "numpy")]
        (value, gradient), (truth, wanted) = (program.value_and_grad(start[None]) for program in made)
        assert value == pytest.approx(truth, rel=1e-13)
        assert gradient == pytest.approx(wanted, rel=1e-11, abs=1e-15)
        assert runs_of_one_row(made[0]) == 1
        lengths.append(written[-1])
    assert lengths[1] < 2 * lengths[0]

"""More rows than fit into memory: mapped files and streams of chunks give the numbers of all rows at once."""

from __future__ import annotations

import importlib.util
import math
import random
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tqdm import tqdm

from autograd_core import (
    PRIMITIVES,
    Value,
    compile,  # noqa: A004
    dot,
    relu,
    tanh,
    where,
)
from tests.support.programs import apply_units, layer

NATIVE = pytest.param(
    "native", marks=pytest.mark.skipif(not importlib.util.find_spec("llvmlite"), reason="needs llvmlite")
)
BACKENDS = ["numpy", NATIVE]


def net(backend: str, reduce: str = "mean", dtype: str = "float64") -> Any:
    """A small net with a penalty that is added once."""
    generator = random.Random(1)
    layers = [layer(generator, *shape) for shape in pairwise((4, 6, 1))]
    weights = [value for row, bias in layers[0] for value in (*row, bias)]

    def fn(x: list[Any], y: Any) -> Any:
        (score,) = apply_units(layers[1], [tanh(z) for z in apply_units(layers[0], x)])
        return relu(1.0 - score * y)

    def once() -> Any:
        return 0.1 * dot(weights, weights)

    return compile(fn, example=([0.0] * 4, 1.0), backend=backend, reduce=reduce, once=once, dtype=dtype)


def rows(count: int) -> tuple[Any, Any]:
    generator = np.random.default_rng(count)
    return generator.normal(size=(count, 4)), generator.choice([-1.0, 1.0], count)


def cut(X: Any, y: Any, step: int) -> Iterator[tuple[Any, Any]]:
    for start in range(0, len(y), step):
        yield X[start : start + step], y[start : start + step]


class Anew:
    """A stream for several passes."""

    def __init__(self, *data: Any, step: int = 3) -> None:
        self.data, self.step = data, step

    def __iter__(self) -> Iterator[Any]:
        for start in range(0, len(self.data[0]), self.step):
            yield tuple(part[start : start + self.step] for part in self.data)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("reduce", ["mean", "sum"])
@pytest.mark.parametrize(("count", "step"), [(1, 1), (9, 2), (1000, 1000), (1000, 7), (20_000, 6001)])
def test_chunks_give_what_all_rows_give_at_once(backend: str, reduce: str, count: int, step: int) -> None:
    program = net(backend, reduce)
    X, y = rows(count)
    value, gradient = program.value_and_grad(X, y)
    share = count if reduce == "sum" else 1
    streamed = program.value_and_grad(cut(X, y, step))
    assert streamed[0] == pytest.approx(value, rel=1e-12)
    np.testing.assert_allclose(streamed[1], gradient, rtol=1e-12, atol=1e-12 * share)
    again = program.value_and_grad(cut(X, y, step))
    assert (again[0], again[1].tobytes()) == (streamed[0], streamed[1].tobytes())
    np.testing.assert_allclose(np.concatenate(list(program(cut(X, y, step)))), program(X, y), rtol=1e-12)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_million_rows_of_a_mapped_file_in_little_memory(backend: str, tmp_path: Path) -> None:
    X, y = rows(1_000_000)
    np.save(tmp_path / "X.npy", X)
    np.save(tmp_path / "y.npy", y.astype(np.int8))
    program = net(backend)
    value, gradient = program.value_and_grad(X, y)
    values = program(X[:5000], y[:5000])
    del X, y
    mapped = [np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in "Xy"]
    program.value_and_grad(*[array[:100] for array in mapped])
    tracemalloc.start()
    streamed = program.value_and_grad(*mapped)
    (_, most) = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1 << 21  # of the 32 MB of X
    assert streamed[0] == pytest.approx(value, rel=1e-12)
    np.testing.assert_allclose(streamed[1], gradient, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(program(*mapped)[:5000], values, rtol=1e-12)
    w_before = [value.data for value in program.parameters]
    program.backward(*mapped)
    assert [value.grad for value in program.parameters] == streamed[1].tolist()
    assert [value.data for value in program.parameters] == w_before


@pytest.mark.parametrize("backend", BACKENDS)
def test_training_reads_a_mapped_file_batch_by_batch(backend: str, tmp_path: Path) -> None:
    X, y = rows(100_000)
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    program, other = net(backend), net(backend)
    losses = program.train(X, y, steps=30, learning_rate=0.1, batch_size=5000)
    other.train(mapped[:5000], y[:5000], steps=1, learning_rate=0.0)
    tracemalloc.start()
    assert other.train(mapped, y, steps=30, learning_rate=0.1, batch_size=5000).tolist() == losses.tolist()
    (_, most) = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1 << 20  # of the 3.2 MB of X
    assert [value.data for value in other.parameters] == [value.data for value in program.parameters]


def test_a_stream_of_ten_times_the_rows_takes_no_more_memory() -> None:
    resource = pytest.importorskip("resource")
    assert resource
    program = (
        "import resource, sys\n"
        "import numpy as np\n"
        "from autograd_core import Value, compile\n"
        "w = [Value(0.1) for _ in range(16)]\n"
        "program = compile(lambda x: sum(a * b for a, b in zip(w, x)) ** 2, example=[0.0] * 16, backend='numpy')\n"
        "def chunks(count):\n"
        "    for number in range(count):\n"
        "        yield np.full((20_000, 16), 1.0 + number)\n"
        "def most():\n"
        "    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "program.value_and_grad(chunks(5)), sum(len(values) for values in program(chunks(5)))\n"
        "before = most()\n"
        "program.value_and_grad(chunks(50)), sum(len(values) for values in program(chunks(50)))\n"
        "print((most() - before) * (1 if sys.platform == 'darwin' else 1024))\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) < 16e6  # 1,000,000 rows of 16 numbers are 128 MB


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("kind", [">f8", "f4", "f2", "i2", "u1", "?"])
def test_a_mapped_file_of_any_kind_of_numbers(backend: str, kind: str, tmp_path: Path) -> None:
    X, y = rows(5000)
    X = np.abs(np.round(8 * X)).astype(kind)
    mapped = np.memmap(tmp_path / "X", X.dtype, "w+", shape=X.shape)
    mapped[:] = X
    program = net(backend)
    value, gradient = program.value_and_grad(mapped, y)
    expected, other = program.value_and_grad(X.astype(float), y)
    assert value == pytest.approx(expected, rel=1e-13)
    np.testing.assert_allclose(gradient, other, rtol=1e-12, atol=1e-13)
    assert program.value_and_grad(mapped, y, inputs=True)[2][0].shape == (5000, 4)


@pytest.mark.parametrize("backend", BACKENDS)
def test_single_precision_is_added_up_in_double(backend: str) -> None:
    w = Value(1.0)
    program = compile(lambda x: w * x, example=1.0, dtype="float32", backend=backend, reduce="sum")
    value, gradient = program.value_and_grad(np.full(64, 0.1) for _ in range(5000))
    assert gradient.dtype == np.float32
    assert value == pytest.approx(32_000, rel=1e-6)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("reduce", ["mean", "sum"])
def test_special_numbers_are_those_of_all_rows_at_once(backend: str, reduce: str) -> None:
    w, v = Value(0.0), Value(2.0)
    for number, fn in enumerate(
        [
            lambda x: where(x > 0, PRIMITIVES["log"](x * w), x) * v,
            lambda x: relu(PRIMITIVES["log"](x * v)) + PRIMITIVES["log"](w),
            lambda x: w * x * v,
            lambda x: w * v,
        ]
    ):
        program = compile(fn, example=1.0, backend=backend, reduce=reduce)
        for special in (1.0, 0.0, math.inf, -math.inf, math.nan):
            data = [0.5, 2.0, -1.0, special, 3.0, -2.0, 0.25]
            expected, wanted = program.value_and_grad(data)
            for stream in (Anew(data), iter(list(Anew(data)))):
                got, gradient = program.value_and_grad(stream)
                np.testing.assert_allclose(
                    [got, *gradient], [expected, *wanted], rtol=1e-12, err_msg=f"{number} {special} {stream}"
                )


def test_a_stream_in_parts_of_lists_and_with_other_parameters() -> None:
    w = Value(2.0)
    program = compile(lambda x: w * x, example=1.0, parameters=[w])
    assert program.value_and_grad([1.0, 2.0] for _ in range(3))[0] == 3.0
    assert program.value_and_grad((np.array([1.0, 2.0]),) for _ in range(3))[0] == 3.0
    assert program.value_and_grad(iter([[], [3.0], []]), parameters=[5.0])[0] == 15.0
    w.data = 4.0
    assert program.value_and_grad(iter([[1.0], [3.0]]))[0] == 8.0
    assert [values.tolist() for values in program(iter([[1.0], [], [3.0]]))] == [[4.0], [], [12.0]]
    assert list(program(iter([]))) == []
    pair = compile(lambda x, y: w * x * y, example=(1.0, 1.0))
    assert pair.value_and_grad(iter([[[1.0], [2.0]], ([3.0], [4.0])]))[0] == 4.0 * (2.0 + 12.0) / 2


@pytest.mark.parametrize(
    ("chunks", "error", "hint"),
    [
        ([], ValueError, "there are no rows"),
        ([([], [])], ValueError, "there are no rows"),
        ([(np.ones((2, 4)), np.ones(2)), (np.ones((2, 5)), np.ones(2))], ValueError, "chunk 1 .* a list of 5 numbers"),
        ([(np.ones((2, 4)), np.ones(3))], ValueError, "chunk 0 .* x 2, y 3"),
        ([np.ones((2, 4))], TypeError, r"chunk 0 .* 2 argument\(s\) \(x, y\), got 1"),
        ([(np.ones((2, 4)), ["a", "b"])], TypeError, "chunk 0 .* row 0 of y needs numbers, got 'a'"),
    ],
)
def test_streams_that_do_not_fit_are_refused(chunks: list[Any], error: type[Exception], hint: str) -> None:
    program = net("numpy")
    with pytest.raises(error, match=hint):
        program.value_and_grad(iter(chunks))


def test_more_refusals() -> None:
    program = net("numpy")
    with pytest.raises(ValueError, match="chunk by chunk"):
        program.value_and_grad(iter([]), inputs=True)
    predictions = program(cut(np.ones((4, 3)), np.ones(4), 2))
    with pytest.raises(ValueError, match=r"chunk 0 .* a list of 3 numbers"):
        next(predictions)
    held = iter([([[math.inf] * 4], [0.0])])

    class Spent:
        def __iter__(self) -> Iterator[Any]:
            return (chunk for chunk in held)

    with pytest.raises(ValueError, match="no rows"):
        program.value_and_grad(Spent())


def test_a_bar_counts_the_rows_in_a_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    drawn: list[Any] = []

    class RecordedBar(tqdm):  # type: ignore[type-arg]
        def __init__(self, **options: Any) -> None:
            drawn.append((self, options))
            super().__init__(**options | {"delay": 0, "mininterval": 0})

    monkeypatch.setattr("autograd_core.compiler.run.progress_bar.tqdm", RecordedBar)
    program = net("numpy")
    X, y = rows(1000)
    program.value_and_grad(cut(X, y, 100))
    assert drawn[0][1]["disable"]
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    program.value_and_grad(cut(X, y, 100))
    mapped = np.memmap(tmp_path / "X", np.float64, "w+", shape=X.shape)
    program(mapped, y)
    assert [(bar.n, options["total"]) for bar, options in drawn[1:]] == [(1000, None), (1000, 1000)]

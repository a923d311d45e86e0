"""The backend on JAX: the numbers of eager mode, also with the rows shared among devices and among processes."""

from __future__ import annotations

import math
import os
import pickle
import random
import socket
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import nn
from autograd_core import (
    PRIMITIVES,
    NonFiniteError,
    Value,
    choose,
    compile,  # noqa: A004
    custom_primitive,
    dot,
    exp,
    relu,
    tanh,
)
from autograd_core.compiler.vectorise.vector_program import Affine, Choose, Dot, Fold, ScatterAdd
from nn.data import two_moons
from tests.support.imports import ROOT
from tests.support.programs import ACTIVATIONS, KINKED, SMOOTH, SPECIAL, agree, eagerly, programs, same, where_steady

pytest.importorskip("jax", reason="runs on JAX: pip install -e '.[jax]'")

Function = Callable[..., Any]
numbers = st.floats(-2, 2).map(lambda x: round(x, 3))


def assert_as_eager(fn: Function, rows: list[tuple[Any, ...]], parameters: list[Value] | None = None) -> Any:
    program = compile(fn, example=rows[0], parameters=parameters or (), backend="jax")
    results = [fn(*row) for row in rows]
    values = [result.data if isinstance(result, Value) else result for result in results]
    mean, gradient, sizes = eagerly(fn, program.parameters, rows)
    data = [list(column) for column in zip(*rows, strict=True)]
    value, got = program.value_and_grad(*data)
    with where_steady(fn, program.parameters, rows):
        assert agree(program(*data), values, [10 * number for number in values])
        assert agree([value, *got], [mean, *gradient], [10 * mean, *[100 * size for size in sizes]])
    return program


@settings(deadline=None, max_examples=12)
@given(
    generated=programs((*SMOOTH, *KINKED, *ACTIVATIONS)),
    usual=st.lists(st.tuples(numbers, numbers), min_size=1, max_size=4),
    special=st.tuples(st.sampled_from(SPECIAL), st.sampled_from(SPECIAL)),
)
def test_random_programs_with_a_special_number_in_a_row(generated: Any, usual: Any, special: Any) -> None:
    fn, parameters = generated
    assume(all(parameter.data == 0.0 or abs(parameter.data) >= sys.float_info.min for parameter in parameters))
    assert_as_eager(fn, [*usual, special], parameters)


@pytest.mark.parametrize("name", ["exp", "log", "sqrt", "tan", "tanh", "erf", "erfc", "power", "maximum", "minimum"])
def test_special_numbers(name: str) -> None:
    """Of every kind: a number too large, too small, without a sign, not defined."""
    w = Value(1.0)
    operation = PRIMITIVES[name]
    two = name in ("power", "maximum", "minimum")
    fn = (lambda x, y: operation(w * x, y)) if two else lambda x, y: operation(w * x) + 0.0 * y
    rows = [(a, b) for a in [*SPECIAL, -0.0, 0.5, 2.0] for b in ([0.0, -0.0, 0.5, -math.inf] if two else [1.0])]
    program = compile(fn, example=(0.5, 0.5), backend="jax")
    expected = [fn(*row).data for row in rows]
    found = program(*[list(column) for column in zip(*rows, strict=True)]).tolist()
    for row, a, b in zip(rows, found, expected, strict=True):
        assert same(a, b) or math.isclose(a, b, rel_tol=1e-13), (name, row, a, b)


def test_products_turns_folds_tables_and_shared_weights() -> None:
    """A function whose program has every kind of instruction."""
    generator = random.Random(0)
    table = [[Value(generator.gauss(0, 1)) for _ in range(3)] for _ in range(4)]
    weights = [[Value(generator.gauss(0, 1)) for _ in range(3)] for _ in range(3)]
    bias = [Value(generator.gauss(0, 1)) for _ in range(3)]

    def fn(indices: list[Any], x: list[Any]) -> Any:
        embedded = [[choose(index, column) for column in zip(*table, strict=True)] for index in indices]
        hidden = [[relu(dot(row, position) + b) for row, b in zip(weights, bias, strict=True)] for position in embedded]
        scores = [exp(dot(hidden[0], position)) for position in hidden]
        total = sum(scores)
        return sum(tanh(score / total) * number for score, number in zip(scores, x, strict=True)) + hidden[1][0]

    rows = [([(k * 3 + j) % 4 for j in range(5)], [generator.gauss(0, 1) for _ in range(5)]) for k in range(37)]
    program = assert_as_eager(fn, rows)
    kinds = {type(step) for step in program.vectorised().steps()}
    assert {Affine, Choose, ScatterAdd} <= kinds
    assert kinds & {Dot, Fold}


def test_gradients_of_the_data_second_derivatives_and_the_sum() -> None:
    w, v = Value(0.7), Value(-1.3)

    def fn(x: Any, y: Any) -> Any:
        return tanh(w * x + v) * y

    X, y = np.linspace(-2, 2, 11), np.linspace(1, 3, 11)
    for backend in ("numpy", "jax"):
        program = compile(fn, example=(0.1, 0.1), backend=backend, reduce="sum", once=lambda: 0.1 * w * w)
        value, gradient, inputs = program.value_and_grad(X, y, inputs=True)
        if backend == "numpy":
            expected = value, gradient, inputs
    assert value == pytest.approx(expected[0], rel=1e-13)
    assert gradient == pytest.approx(expected[1], rel=1e-13)
    assert np.array(inputs) == pytest.approx(np.array(expected[2]), rel=1e-12)


def test_a_custom_primitive_is_computed_by_python() -> None:
    cube = custom_primitive("cube", lambda a: a * a * a, (lambda y, a: 3.0 * a * a,))
    w = Value(0.5)
    assert_as_eager(lambda x: cube(w * x), [(1.0,), (2.0,), (-3.0,)])


@pytest.mark.parametrize(("rule", "batch"), [("sgd", None), ("adam", 16), ("adamw", 7)])
def test_training_is_that_of_numpy(rule: str, batch: int | None) -> None:
    X, y = two_moons(50, noise=0.1, seed=0)
    results = []
    for backend in ("numpy", "jax"):
        model = nn.MLP(2, 4, 1, rng=0)

        def loss(x: Any, t: Any, model: nn.Module = model) -> Any:
            return nn.binary_cross_entropy_with_logits([model(x)], [t])

        program = compile(loss, example=(X[0], y[0]), backend=backend)
        state: dict[str, Any] = {}
        losses = program.train(X, y, steps=9, learning_rate=0.05, rule=rule, batch_size=batch, state=state)
        results.append((losses, [p.data for p in model.parameters()], state["row"]))
    assert results[1][0] == pytest.approx(results[0][0], rel=1e-12)
    assert results[1][1] == pytest.approx(results[0][1], rel=1e-12)
    assert results[1][2] == results[0][2]


def test_training_stops_before_a_gradient_that_is_not_finite() -> None:
    w = Value(1.0)
    program = compile(lambda x: (w * x) ** 2, example=1.0, backend="jax")
    with pytest.raises(NonFiniteError, match="gradient"):
        program.train([1.0, 2.0, math.nan, 1.0], steps=4, learning_rate=0.1, batch_size=1)
    assert w.data == pytest.approx(0.8 * 0.2)


def test_float32() -> None:
    w = Value(0.3)
    program = compile(lambda x: tanh(w * x), example=1.0, backend="jax", dtype="float32")
    value, gradient = program.value_and_grad([1.0, 2.0, 3.0])
    assert program([1.0]).dtype == np.float32
    assert value == pytest.approx(np.tanh([0.3, 0.6, 0.9]).mean(), rel=1e-6)
    assert gradient == pytest.approx([((1 - np.tanh([0.3, 0.6, 0.9]) ** 2) * [1, 2, 3]).mean()], rel=1e-6)


def test_a_program_can_be_pickled() -> None:
    w = Value(2.0)
    program = pickle.loads(pickle.dumps(compile(_Times(w), example=1.0, backend="jax")))
    assert program.backend == "jax"
    assert program([3.0]).tolist() == [6.0]


class _Times:
    def __init__(self, w: Value) -> None:
        self.w = w

    def __call__(self, x: Any) -> Any:
        return self.w * x


def test_what_is_refused() -> None:
    w = Value(1.0)

    def fn(x: Any) -> Any:
        return w * x

    with pytest.raises(ValueError, match=r"device\(s\) here, got devices=1000"):
        compile(fn, example=1.0, backend="jax", devices=1000)
    with pytest.raises(ValueError, match="is for backend='jax'"):
        compile(fn, example=1.0, backend="numpy", devices=2)
    with pytest.raises(ValueError, match="threads=2 is for the native backend"):
        compile(fn, example=1.0, backend="jax", threads=2)
    with pytest.raises(ValueError, match="devices is a whole number"):
        compile(fn, example=1.0, backend="jax", devices=0)


TRAIN = """
import sys
import jax
import numpy as np
if len(sys.argv) > 3:
    jax.distributed.initialize(sys.argv[3], num_processes=2, process_id=int(sys.argv[4]))
import nn
from nn.data import two_moons
X, y = two_moons(83, noise=0.1, seed=0)
model = nn.MLP(2, 4, 1, rng=0)
devices = int(sys.argv[1])
history = nn.fit(model, X, y, loss=nn.binary_cross_entropy_with_logits, epochs=3, batch_size=20, metrics="accuracy",
                 backend=sys.argv[2], progress=False, **({"devices": devices} if devices > 1 else {}))
print(*[repr(epoch.loss) for epoch in history.epochs], *[repr(p.data) for p in model.parameters()])
"""


def start(devices: int, backend: str, *more: str, virtual: int = 1) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "XLA_FLAGS": f"--xla_force_host_platform_device_count={virtual}",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-c", TRAIN, str(devices), backend, *more]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )


def numbers_of(process: subprocess.Popen[str]) -> list[float]:
    out, error = process.communicate(timeout=300)
    assert process.returncode == 0, error
    return list(map(float, out.splitlines()[-1].split()))


def test_eight_devices_and_two_processes_have_the_losses_of_one() -> None:
    """Batches of 20 rows, the last of 3: some rows are shared, some are left over."""
    one = numbers_of(start(1, "numpy"))
    eight = numbers_of(start(8, "jax", virtual=8))
    assert eight == pytest.approx(one, rel=1e-10, abs=1e-10)
    with socket.socket() as free:
        free.bind(("localhost", 0))
        address = f"localhost:{free.getsockname()[1]}"
    processes = [start(2, "jax", address, str(number)) for number in range(2)]
    for process in processes:
        assert numbers_of(process) == pytest.approx(one, rel=1e-10, abs=1e-10)

"""The native backend gives the numbers of eager mode and of the NumPy backend, on any machine it is installed on."""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_core import (
    COMPOSITIONS,
    PRIMITIVES,
    NonFiniteError,
    Value,
    compile,  # noqa: A004
    custom_primitive,
    dot,
    logsumexp,
    relu,
    sigmoid,
    tanh,
    where,
)
from autograd_core.compiler.backends.llvm import machine
from nn import SGD, Adam, AdamW
from tests.support.programs import (
    ACTIVATIONS,
    KINKED,
    ORDERS,
    SMOOTH,
    SPECIAL,
    apply_units,
    eagerly,
    layer,
    programs,
    rows_for,
    same,
    where_steady,
)

pytest.importorskip("llvmlite")

Function = Callable[..., Any]
COUNTS = [1, 7, 8, 9, 127, 1000]
SMOOTH_ONES = {name for name in ACTIVATIONS if not COMPOSITIONS[name].kink}


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache of these tests' own."""
    where = tmp_path_factory.mktemp("cache") / "objects"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRAD_CORE_CACHE", str(where))
        yield where


def close(numbers: Any, expected: Any, sizes: Any, tolerance: float) -> bool:
    """Whether numbers agree to `tolerance` of the sum of their absolute terms, with inf and nan in the same places."""
    numbers, expected = np.asarray(numbers, float), np.asarray(expected, float)
    finite = np.isfinite(numbers) & np.isfinite(expected)
    with np.errstate(all="ignore"):
        near = np.abs(numbers - expected) <= tolerance * (1 + np.abs(sizes))
        return bool(np.where(finite, near, (numbers == expected) | (np.isnan(numbers) & np.isnan(expected))).all())


def assert_same(
    fn: Function, example: tuple[Any, ...], rows: Sequence[tuple[Any, ...]], tolerance: float = 1e-12, **options: Any
) -> Any:
    """Native = NumPy = eager on `rows`: values, the reduced value, gradients by parameters and by the data."""
    native = compile(fn, example=example, backend="native", **options)
    plain = compile(fn, example=example, backend="numpy", **options)
    data = [list(column) for column in zip(*rows, strict=True)]
    with np.errstate(all="ignore"):
        each = [fn(*row) for row in rows]
        values = np.array([value.data if isinstance(value, Value) else value for value in each])
        assert close(native(*data), values, values, tolerance)
        value, gradients = native.value_and_grad(*data)
        expected, expected_gradients, sizes = eagerly(fn, native.parameters, rows)
        assert close(value, expected, np.abs(values).mean(), tolerance)
        assert close(gradients, expected_gradients, sizes, tolerance), (gradients, expected_gradients)
        by_data, by_data_too = (program.value_and_grad(*data, inputs=True)[2] for program in (native, plain))
        for found, expected in zip(np_arrays(by_data), np_arrays(by_data_too), strict=True):
            assert close(found, expected, expected, max(tolerance, 1e-11))
        again = native.value_and_grad(*data)
        assert np.asarray(again[1]).tobytes() == np.asarray(gradients).tobytes()
    return native


def np_arrays(arrays: Any) -> list[Any]:
    return list(arrays) if isinstance(arrays, tuple) else [arrays]


@pytest.mark.parametrize("count", COUNTS)
def test_any_number_of_rows(count: int) -> None:
    generator = random.Random(count)
    layers = [layer(generator, *sizes) for sizes in pairwise((3, 9, 2))]
    weights = [weight for row, bias in layers[0] for weight in (*row, bias)]

    def fn(row: list[Any], label: Any) -> Any:
        for units in layers[:-1]:
            row = [relu(number) for number in apply_units(units, row)]
        scores = apply_units(layers[-1], row)
        return logsumexp(scores) - label * scores[0] + 1e-3 * dot(weights, weights)

    assert_same(fn, ([0.1, 0.2, 0.3], 1.0), rows_for(generator, 3, count))


@pytest.mark.parametrize("name", [*PRIMITIVES, *ACTIVATIONS])
def test_every_operation_at_usual_and_special_numbers(name: str) -> None:
    operation = PRIMITIVES.get(name) or COMPOSITIONS[name]
    count = len(operation.arguments) - len(getattr(operation, "defaults", ()))
    generator = random.Random(4)
    numbers = [*SPECIAL, -0.0, 5e-324, 1e-310, 2.5, -1e-9, 709.0, -745.0, 1e300, -1e300, 0.5, 3.0, -8.0]
    numbers += [generator.gauss(0, 3) for _ in range(40)]
    rows = [(tuple(generator.choice(numbers) for _ in range(count)),) for _ in range(200)]
    if name == "choose":
        rows = [((generator.choice((0.0, -0.0, 1.0, 2.0)), *row[1:]),) for (row,) in rows]
    if count == 1:
        rows += [((number,),) for number in numbers]
    program = compile(lambda x: operation(*x), example=([0.5, 0.25, 0.75, 1.0][:count],), backend="native")
    got = program([list(row) for (row,) in rows])
    for (row,), number in zip(rows, got, strict=True):
        other = operation(*row)
        assert same(number, other) or abs(number - other) <= 1e-15 * abs(other) + 1e-323, (name, row, number, other)


@settings(deadline=None, max_examples=20)
@given(
    drawn=programs((*SMOOTH, *KINKED, *ACTIVATIONS, "exp", "log1p", "expm1")),
    rows=st.lists(st.tuples(st.floats(-2, 2), st.floats(-2, 2)), min_size=1, max_size=12),
)
def test_random_programs(drawn: Any, rows: Any) -> None:
    fn, parameters = drawn
    with where_steady(fn, parameters, rows):
        assert_same(fn, (0.3, -0.7), rows, 1e-11, parameters=parameters)


@settings(deadline=None, max_examples=20)
@given(
    drawn=programs((*SMOOTH, *KINKED, *ACTIVATIONS, "exp", "log", "sqrt", "divide", "log1p", "expm1", "power")),
    row=st.tuples(st.sampled_from(SPECIAL), st.one_of(st.sampled_from(SPECIAL), st.floats(-2, 2))),
)
def test_random_programs_at_special_values(drawn: Any, row: Any) -> None:
    fn, parameters = drawn
    program = compile(fn, example=(0.3, -0.7), parameters=parameters, backend="native")
    value, gradients = program.value_and_grad([row[0]], [row[1]])
    expected, expected_gradients, sizes = eagerly(fn, parameters, [row])
    with where_steady(fn, parameters, [row]):
        assert close([value, *gradients], [expected, *expected_gradients], [expected, *sizes], 1e-9)


@settings(deadline=None, max_examples=12)
@given(
    sizes=st.lists(st.integers(1, 20), min_size=2, max_size=4),
    orders=st.lists(st.sampled_from(ORDERS), min_size=4, max_size=4),
    names=st.lists(st.sampled_from(ACTIVATIONS), min_size=4, max_size=4),
    count=st.sampled_from([1, 7, 8, 9, 127]),
    seed=st.integers(0, 1000),
)
def test_random_nets(sizes: list[int], orders: list[Function], names: list[str], count: int, seed: int) -> None:
    generator = random.Random(seed)
    layers = [layer(generator, *pair) for pair in pairwise([*sizes, 1])]

    def fn(row: list[Any], label: Any) -> Any:
        for units, add, name in zip(layers, orders, names, strict=False):
            row = [COMPOSITIONS[name](number) for number in apply_units(units, row, add)]
        return (row[0] - label) ** 2 + where(label > 0, row[0], 0.0)

    assert_same(fn, ([0.1] * sizes[0], 1.0), rows_for(generator, sizes[0], count), 1e-11)


def test_a_large_irregular_graph_has_plain_kernels() -> None:
    generator = random.Random(3)
    weights = [Value(generator.uniform(-1, 1)) for _ in range(20)]

    def fn(x: Any, y: Any) -> Any:
        known = [x, y, *weights]
        for _ in range(2500):
            a, b, c = (known[-1 - generator_2.randrange(min(len(known), 30))] for _ in range(3))
            known.append(
                [tanh(a * b), a + b, relu(a - c), where(a > b, a, c), sigmoid(a) * b][generator_2.randrange(5)]
            )
        return sum(known[-8:])

    generator_2 = random.Random(0)

    def repeated(x: Any, y: Any) -> Any:
        generator_2.seed(5)
        return fn(x, y)

    native, plain = (compile(repeated, example=(0.1, 0.2), backend=name) for name in ("native", "numpy"))
    data = [generator.gauss(0, 1) for _ in range(300)], [generator.gauss(0, 1) for _ in range(300)]
    found, expected = native.value_and_grad(*data), plain.value_and_grad(*data)
    assert close(found[0], expected[0], 1.0, 1e-12)
    assert close(found[1], expected[1], np.abs(expected[1]).max(), 1e-11)


def test_single_precision() -> None:
    generator = random.Random(3)
    layers = [layer(generator, *sizes) for sizes in pairwise((5, 19, 3))]

    def fn(row: list[Any], label: Any) -> Any:
        hidden = [tanh(number) for number in apply_units(layers[0], row)]
        return (sum(apply_units(layers[1], hidden)) - label) ** 2

    rows = rows_for(generator, 5, 45)
    data = [list(column) for column in zip(*rows, strict=True)]
    program = compile(fn, example=([0.1] * 5, 1.0), backend="native", dtype="float32")
    value, gradients = program.value_and_grad(*data)
    expected, expected_gradients, sizes = eagerly(fn, program.parameters, rows)
    assert value == pytest.approx(expected, rel=1e-6)
    assert gradients.dtype == np.float32
    assert close(gradients, expected_gradients, sizes, 1e-6)


@settings(deadline=None, max_examples=8)
@given(
    sizes=st.lists(st.integers(1, 20), min_size=2, max_size=4),
    names=st.lists(st.sampled_from(ACTIVATIONS), min_size=4, max_size=4),
    count=st.sampled_from([1, 7, 33, 127]),
    seed=st.integers(0, 1000),
)
def test_random_nets_in_single_precision(sizes: list[int], names: list[str], count: int, seed: int) -> None:
    generator = random.Random(seed)
    layers = [layer(generator, *pair) for pair in pairwise([*sizes, 1])]

    def fn(row: list[Any], label: Any) -> Any:
        for units, name in zip(layers, names, strict=False):
            # Away from the kinks, where the last digit of a sum decides which side a gradient is of.
            row = [
                COMPOSITIONS[name](number) if name in SMOOTH_ONES else tanh(number)
                for number in apply_units(units, row)
            ]
        return (row[0] - label) ** 2

    rows = rows_for(generator, sizes[0], count)
    data = [list(column) for column in zip(*rows, strict=True)]
    program = compile(fn, example=([0.1] * sizes[0], 1.0), backend="native", dtype="float32")
    value, gradients = program.value_and_grad(*data)
    expected, expected_gradients, sizes_of = eagerly(fn, program.parameters, rows)
    assert value == pytest.approx(expected, rel=1e-5, abs=1e-6)
    assert close(gradients, expected_gradients, sizes_of, 1e-5), (gradients, expected_gradients)


@pytest.mark.parametrize(
    "lay",
    [
        np.asfortranarray,
        lambda x: x[::-1][::-1],
        lambda x: np.repeat(x, 2, 1)[:, ::2],
        lambda x: x.astype(">f8"),
        *[lambda x, kind=kind: x.astype(kind) for kind in ("f2", "f4", "i1", "i2", "i4", "i8")],
        *[lambda x, kind=kind: (x + 3).astype(kind) for kind in ("u1", "u2", "u4", "u8")],
        lambda x: x > 0,
    ],
)
def test_data_in_any_layout(lay: Function) -> None:
    generator = np.random.default_rng(1)
    data = generator.integers(-3, 3, (301, 4)).astype(float)
    w = [Value(0.5 * i) for i in range(4)]
    program = compile(lambda x: tanh(dot(w, x)), example=[0.0] * 4, backend="native")
    laid = lay(data)
    assert program(laid).tobytes() == program(laid.astype(float)).tobytes()
    assert program(data[::3]).tobytes() == program(data)[::3].tobytes()


def test_a_custom_primitive_runs_on_the_other_backend() -> None:
    cube = custom_primitive("cube", lambda a: a * a * a, [lambda y, a: 3 * a**2])
    w = Value(2.0)
    program = compile(lambda x: cube(w * x), example=1.0, backend="native")
    assert program.value_and_grad([1.0, -2.0])[0] == pytest.approx(-28.0)


def test_a_closed_gate_stops_inf_and_nan() -> None:
    w = Value(0.0)
    program = compile(lambda x: where(x > 0, PRIMITIVES["log"](x * w + 1e-300), x) + w, example=1.0, backend="native")
    value, gradient = program.value_and_grad([-math.inf, -1.0])
    assert (value, gradient.tolist()) == (-math.inf, [1.0])


# ------------------------------------------------------------------------------------------------ training

RULES: dict[str, tuple[dict[str, Any], Function]] = {
    "sgd": ({}, lambda parameters: SGD(parameters, 0.05)),
    "momentum": (
        {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
        lambda parameters: SGD(parameters, 0.05, momentum=0.9, nesterov=True, weight_decay=0.01),
    ),
    "adam": ({"weight_decay": 0.01}, lambda parameters: Adam(parameters, 0.05, weight_decay=0.01)),
    "adamw": ({"betas": (0.8, 0.9)}, lambda parameters: AdamW(parameters, 0.05, betas=(0.8, 0.9), weight_decay=0.0)),
}


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("backend", ["native", "numpy"])
def test_training_moves_as_the_optimisers_do(name: str, backend: str) -> None:
    numbers, optimiser = RULES[name]
    generator = random.Random(7)
    units = layer(generator, 3, 5)
    parameters = [weight for row, bias in units for weight in (*row, bias)]
    begin = [parameter.data for parameter in parameters]

    def fn(row: list[Any], label: Any) -> Any:
        return (sum(tanh(number) for number in apply_units(units, row)) - label) ** 2

    rows = rows_for(generator, 3, 20)
    steps_by_hand = optimiser(parameters)
    expected = []
    for step in range(9):  # batches of 8, 8, 4
        batch = rows[8 * (step % 3) : 8 * (step % 3) + 8]
        value, gradient, _ = eagerly(fn, parameters, batch)
        expected.append(value)
        for parameter, number in zip(parameters, gradient.tolist(), strict=True):
            parameter.grad = number
        steps_by_hand.step()
    there = [parameter.data for parameter in parameters]
    for parameter, number in zip(parameters, begin, strict=True):
        parameter.data, parameter.grad = number, None
    program = compile(fn, example=([0.0] * 3, 0.0), backend=backend, parameters=parameters)
    data = [list(column) for column in zip(*rows, strict=True)]
    rule = "sgd" if name in ("sgd", "momentum") else name
    state: dict[str, Any] = {}
    losses = []
    for steps in (4, 5):  # the second call goes on where the first one stopped
        losses += program.train(
            *data,
            steps=steps,
            learning_rate=0.05,
            rule=rule,
            batch_size=8,
            state=state,
            start=state.get("row", 0),
            **numbers,
        ).tolist()
    assert losses == pytest.approx(expected, rel=1e-11)
    assert [parameter.data for parameter in parameters] == pytest.approx(there, rel=1e-10)
    assert (state["step"], state["row"]) == (9, 0)


@pytest.mark.parametrize("backend", ["native", "numpy"])
def test_training_stops_before_a_gradient_that_is_not_finite(backend: str) -> None:
    w = Value(1.0)
    program = compile(lambda x: w * w * x, example=1.0, backend=backend)
    with pytest.raises(NonFiniteError, match="number 0 is inf"):
        program.train([1.0, 1.0, math.inf, 1.0], steps=4, learning_rate=0.25, batch_size=1)
    assert w.data == 0.25


@pytest.mark.parametrize("backend", ["native", "numpy"])
def test_training_goes_through_steps_where_zero_meets_infinity_behind_a_gate(backend: str) -> None:
    w, v = Value(0.5), Value(1.0)
    program = compile(lambda x: where(x > 0, PRIMITIVES["log"](x * w), x) * v, example=1.0, backend=backend)
    losses = program.train([0.0, 1.0], steps=3, learning_rate=0.1, batch_size=1)
    assert np.isfinite(losses).all()
    assert losses[0] == 0.0
    assert w.data != 0.5


def test_training_refuses_numbers_out_of_range() -> None:
    w = Value(1.0)
    program = compile(lambda x: w * x, example=1.0, backend="native")
    for numbers, hint in (
        ({"learning_rate": -1.0}, "learning_rate"),
        ({"learning_rate": 0.1, "rule": "newton"}, "rule is one of"),
        ({"learning_rate": 0.1, "nesterov": True}, "momentum=0.9"),
        ({"learning_rate": 0.1, "betas": (1.0, 0.9)}, "betas"),
        ({"learning_rate": "fast"}, "learning_rate is a number"),
        ({"learning_rate": 0.1, "batch_size": 0}, "batch_size is a whole number from 1 up"),
        ({"learning_rate": 0.1, "batch_size": 2.5}, "batch_size is a whole number"),
        ({"learning_rate": 0.1, "steps": -1}, "steps is a whole number from 0 up"),
        ({"learning_rate": 0.1, "steps": None}, "steps is a whole number"),
        ({"learning_rate": 0.1, "start": 5}, "batches need rows"),
        ({"learning_rate": 0.1, "momentum": 0.5, "state": {"momentum_buffer": np.zeros(3)}}, "state is of 3"),
    ):
        with pytest.raises(ValueError, match=hint):
            program.train([1.0, 2.0], **{"steps": 1, **numbers})
    with pytest.raises(TypeError, match="takes no 'momentun'; the numbers of a rule are momentum"):
        program.train([1.0, 2.0], steps=1, learning_rate=0.1, momentun=0.9)


def test_an_array_that_cannot_be_moved_or_holds_no_numbers_is_refused() -> None:
    w = Value(1.0)
    program = compile(lambda x: w * x, example=1.0, backend="native")
    fixed = np.ones(1)
    fixed.flags.writeable = False
    for steps in (1, 2):
        with pytest.raises(ValueError, match="read-only"):
            program.train([1.0, 2.0], steps=steps, learning_rate=0.1, parameters=fixed)
    with pytest.raises(TypeError, match="each of the parameters needs one real number, got None"):
        program.value_and_grad([1.0, 2.0], parameters=[None])
    assert program.value_and_grad([1.0, 2.0], parameters=fixed)[0] == 1.5


# ------------------------------------------------------------------------------------------- cache and absence


def compile_afresh() -> Any:
    """A call of a program whose machine code is taken from disk or made anew, nothing being remembered."""
    machine._loaded.clear()
    w = Value(3.0)
    return compile(lambda x: relu(w * x), example=1.0, backend="native").value_and_grad([2.0, -1.0])


def test_machine_code_is_kept_for_the_next_process(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = compile_afresh()
    assert cache.stat().st_mode & 0o077 == 0
    monkeypatch.setattr(machine, "_compile", lambda *_: pytest.fail("compiled again"))
    assert compile_afresh() == first


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "other name", "open to all", "a link"])
def test_untrusted_files_are_compiled_again(damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "objects"
    monkeypatch.setenv("AUTOGRAD_CORE_CACHE", str(folder))
    expected = compile_afresh()
    files = sorted(folder.iterdir())
    contents = [file.read_bytes() for file in files]
    assert len(files) == 2
    for file, content, other in zip(files, contents, contents[::-1], strict=True):
        if damage == "cut":
            file.write_bytes(content[:-100])
        elif damage == "changed":
            file.write_bytes(content[:500] + bytes([content[500] ^ 1]) + content[501:])
        elif damage == "empty":
            file.write_bytes(b"")
        elif damage == "other name":
            file.write_bytes(other)
        elif damage == "open to all":
            file.chmod(0o666)
        else:
            moved = file.rename(tmp_path / file.name)
            file.symlink_to(moved)
    compiled = []
    really = machine._compile
    monkeypatch.setattr(machine, "_compile", lambda *parts: compiled.append(1) or really(*parts))
    assert compile_afresh() == expected
    assert len(compiled) == 2
    assert compile_afresh() == expected
    assert len(compiled) == 2


def test_a_folder_open_to_others_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "objects"
    folder.mkdir()
    folder.chmod(0o777)
    monkeypatch.setenv("AUTOGRAD_CORE_CACHE", str(folder))
    compile_afresh()
    assert list(folder.iterdir()) == []


def test_without_llvmlite_auto_is_numpy_and_native_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    assert compile(lambda x: x * x, example=1.0).backend == "numpy"
    with pytest.raises(ImportError, match=r"pip install -e '\.\[fast\]' in the clone"):
        compile(lambda x: x * x, example=1.0, backend="native")

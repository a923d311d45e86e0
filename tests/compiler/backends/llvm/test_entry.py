"""The short cut past Python: where it is taken, where it is not, and that only the time differs."""

from __future__ import annotations

import gc
import math
import sys
import threading
from typing import Any

import numpy as np
import pytest

from autograd_core import NonFiniteError, Value, compile, exp, no_grad, relu, where  # noqa: A004
from autograd_core.compiler.backends.llvm import backend, entry_code
from autograd_core.compiler.program import Program
from nn import Parameter

pytest.importorskip("llvmlite")
if not entry_code.is_supported():
    pytest.skip("this Python cannot call machine code", allow_module_level=True)

X = np.array([[1.0, 2.0], [-0.5, 0.25], [3.0, -1.0]])
Y = np.array([1.0, 0.0, -2.0])


def entry_of(program: Program) -> Any:
    """The short cut to the gradient; None where there is none."""
    return getattr(program._running.value_and_grad_at_once, "__self__", None)


class Counted:
    """A program, and how often its short cut was taken."""

    def __init__(self, **options: Any) -> None:
        self.w = [Parameter(0.5, "w0"), Parameter(-1.5, "w1"), Parameter(0.25, "b")]
        w0, w1, b = self.w
        self.program = compile(
            lambda x, y: (relu(w0 * x[0] + w1 * x[1] + b) - y) ** 2 + 0.1 * w1 * w1,
            example=([0.0, 0.0], 0.0),
            parameters=self.w,
            **({"backend": "native"} | options),
        )
        self.taken = 0
        self.program.value_and_grad(X, Y)
        self.program(X, Y)
        running = self.program._running
        self.entry = entry_of(self.program)
        running.value_and_grad_at_once = self._counting(running.value_and_grad_at_once)
        running.values_at_once = self._counting(running.values_at_once)

    def _counting(self, call: Any) -> Any:
        def counted(*given: Any) -> Any:
            result = call(*given)
            self.taken += result is not None
            return result

        return counted

    def both_roads(self, *data: Any, **options: Any) -> tuple[Any, bool]:
        """The result, which must be that of the road through Python to the last bit; whether the short cut was used."""
        before = self.taken
        quick = self.program.value_and_grad(*data, **options)
        taken = self.taken > before
        value, gradients, *_ = self.program._running.value_and_grad(data, False, options.get("parameters"))
        assert np.array_equal([quick[0]], [value], equal_nan=True)
        assert np.array_equal(quick[1], gradients, equal_nan=True)
        assert quick[1].dtype == gradients.dtype
        return quick, taken


@pytest.fixture
def counted() -> Counted:
    return Counted()


def fails(program: Program, *data: Any, **options: Any) -> tuple[type[BaseException], str]:
    with pytest.raises((TypeError, ValueError)) as error:
        program.value_and_grad(*data, **options)
    return error.type, str(error.value)


def test_it_gives_what_eager_mode_gives(counted: Counted) -> None:
    (value, gradients), taken = counted.both_roads(X, Y)
    assert taken
    assert type(value) is float
    w0, w1, b = counted.w
    losses = [(relu(w0 * p + w1 * q + b) - y) ** 2 for (p, q), y in zip(X.tolist(), Y.tolist(), strict=True)]
    loss = (losses[0] + losses[1] + losses[2]) / 3 + 0.1 * w1 * w1
    loss.backward()
    assert math.isclose(value, loss.data, rel_tol=1e-14)
    assert np.allclose(gradients, [parameter.grad for parameter in counted.w], rtol=1e-13)
    before = counted.taken
    assert np.allclose(counted.program(X, Y), [loss.data + 0.225 for loss in losses], rtol=1e-13)
    assert counted.taken == before + 1


@pytest.mark.parametrize("rows", [1, 7, 8, 9, 127, 1000])
@pytest.mark.parametrize("options", [{}, {"dtype": "float32"}, {"reduce": "sum"}])
def test_any_number_of_rows(rows: int, options: dict[str, Any]) -> None:
    counted = Counted(**options)
    rng = np.random.default_rng(rows)
    data = rng.normal(size=(rows, 2)), rng.normal(size=rows)
    counted.program.value_and_grad(*data)  # compiles what one row needs
    for parameters in (None, rng.normal(size=3)):
        assert counted.both_roads(*data, parameters=parameters)[1]
    values, before = counted.program(*data), counted.taken
    assert before
    assert np.array_equal(values, counted.program._running.values(data, None))


@pytest.mark.parametrize("kind", "?bBhHiIlLqQfd")
def test_every_kind_of_number(counted: Counted, kind: str) -> None:
    data = np.array([[1, 0], [1, 1], [0, 1]]).astype(kind), np.array([1, 0, 1]).astype(kind)
    assert counted.both_roads(*data)[1]


@pytest.mark.parametrize(
    "view",
    [
        lambda x: x[::-1],
        lambda x: x[:, ::-1],
        lambda x: np.asfortranarray(x),
        lambda x: np.repeat(np.repeat(x, 2, 0), 3, 1)[::2, ::3],
        lambda x: np.broadcast_to(x[0], (3, 2)),
        lambda x: np.frombuffer(x.tobytes()).reshape(3, 2),
        lambda x: x.tolist(),
        lambda x: tuple(map(list, x)),
    ],
    ids=["negative", "negative along", "columns first", "gaps", "broadcast", "read-only", "lists", "tuple"],
)
def test_arrays_are_read_in_any_layout(counted: Counted, view: Any) -> None:
    x = view(X)
    assert np.array_equal(x, np.array(np.asarray(x).tolist()))
    given, taken = counted.both_roads(x, Y)
    assert taken
    assert np.array_equal(given[1], counted.program.value_and_grad(np.asarray(x).tolist(), Y)[1])


@pytest.mark.parametrize(
    "x",
    [
        X.astype(">f8"),
        X.astype("e"),
        X.astype(object),
        np.ma.masked_array(X),
        np.frombuffer(b"\0" + X.tobytes(), np.uint8)[1:].view("f8").reshape(3, 2),
        memoryview(X),
    ],
    ids=["other byte order", "float16", "objects", "masked", "unaligned", "memoryview"],
)
def test_calls_it_declines_take_the_usual_path(counted: Counted, x: Any) -> None:
    assert not counted.both_roads(x, Y)[1]
    assert counted.both_roads(X, Y)[1]


def test_errors_are_those_of_the_usual_path(counted: Counted) -> None:
    plain = Counted(backend="numpy")
    wrong: list[tuple[Any, ...]] = [
        (X,),
        (X, Y, Y),
        (X[:2], Y),
        (X[:, :1], Y),
        (X[:, 0], Y),
        (X, X),
        (X[:0], Y[:0]),
        (np.array(1.0), Y),
        (X, np.array(1.0)),
        (X.astype(complex), Y),
        (X.astype("M8[s]"), Y),
        (X, np.array(["a", "b", "c"])),
        (b"abc", Y),
        (None, Y),
    ]
    for data in wrong:
        assert fails(counted.program, *data) == fails(plain.program, *data), data
        assert counted.both_roads(X, Y)[1]
    for parameters in (np.zeros(1), np.zeros(4), np.zeros((1, 3)), [1.0, 2.0], 0.5):
        assert fails(counted.program, X, Y, parameters=parameters) == fails(plain.program, X, Y, parameters=parameters)
    with pytest.raises(TypeError, match=r"1|2"):
        counted.program()


def test_parameters_may_be_any_array(counted: Counted) -> None:
    numbers = np.array([0.1, 0.2, 0.3])
    expected = counted.program.value_and_grad(X, Y, parameters=numbers)
    for parameters, quick in (
        (numbers, True),
        (np.repeat(numbers, 2)[::2], False),
        (numbers[::-1].copy()[::-1], False),
        (numbers.tolist(), False),
        (numbers.astype(">f8"), False),
    ):
        (value, gradients), taken = counted.both_roads(X, Y, parameters=parameters)
        assert taken is quick
        assert value == expected[0]
        assert np.array_equal(gradients, expected[1])
    assert not counted.both_roads(X, Y, parameters=np.array([1, 2, 3]))[1]


def test_values_that_receive_no_gradient_are_read_beside_an_array() -> None:
    w = Value(2.0)
    with no_grad():
        scale = Value(1.5) * 2.0
    program = compile(lambda x: w * x * scale, example=0.0, backend="native")
    assert program.parameters == [w]
    for _ in range(2):
        assert program.value_and_grad(np.ones(4), parameters=np.array([5.0]))[0] == 15.0
    scale.data = 4.0
    assert program.value_and_grad(np.ones(4))[0] == 8.0
    assert entry_of(program)


def test_values_are_read_at_each_call(counted: Counted) -> None:
    for number in (0.125, 3, True, np.float64(0.5), np.float32(0.25), -0.0, 1e300, math.inf, math.nan):
        counted.w[0].data = number
        (value, _), taken = counted.both_roads(X, Y)
        assert taken is math.isfinite(value)
    counted.w[0]._data = 2  # not by the setter, so it is an int
    assert counted.both_roads(X, Y)[1]
    del counted.w[0]._data
    with pytest.raises(AttributeError):
        counted.program.value_and_grad(X, Y)


def test_a_value_is_read_by_its_attribute_wherever_it_keeps_the_number() -> None:
    class Shifted(Value):
        @property
        def _data(self) -> float:  # type: ignore[override]
            return 1.0 + Value._data.__get__(self)  # type: ignore[attr-defined,no-any-return]

        @_data.setter
        def _data(self, number: float) -> None:
            Value._data.__set__(self, number)  # type: ignore[attr-defined]

    w = Shifted(2.0)
    program = compile(lambda x: w * x, example=0.0, backend="native")
    for _ in range(2):
        assert program.value_and_grad(np.ones(4))[0] == 3.0
    assert entry_of(program)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_nan_and_inf_in_the_data_are_as_in_eager_mode(number: float) -> None:
    w = Parameter(1.0)

    def loss(x: Any) -> Any:
        return where(x > 0.0, w * exp(-x), w * x)

    program = compile(loss, example=0.0, backend="native")
    program.value_and_grad(np.ones(2))
    data = np.array([1.0, number])
    value, (by_w,) = program.value_and_grad(data)
    w.grad = None
    eager = (loss(Value(1.0)) + loss(Value(number))) / 2
    eager.backward()
    assert np.array_equal([value, by_w], [eager.data, w.grad], equal_nan=True)
    assert np.array_equal(program(data), [loss(Value(x)).data for x in data.tolist()], equal_nan=True)


def test_an_array_that_moved_or_changed_its_shape_is_read_again(counted: Counted) -> None:
    x = X.copy()
    counted.both_roads(x, Y)
    x.resize((2, 3), refcheck=False)
    fails(counted.program, x, Y[:2])
    x.resize((30, 2), refcheck=False)
    assert counted.both_roads(x, np.zeros(30))[1]


def test_results_are_the_callers_own(counted: Counted) -> None:
    first = counted.program.value_and_grad(X, Y)[1]
    copy = first.copy()
    second = counted.program.value_and_grad(X, Y, parameters=np.ones(3))[1]
    assert np.array_equal(first, copy)
    assert not np.array_equal(first, second)
    assert first.flags.owndata
    values = counted.program(X, Y)
    counted.program(-X, Y)[:] = 7.0
    assert np.array_equal(values, counted.program(X, Y))


def test_gradients_of_inputs_and_training_work_beside_it(counted: Counted) -> None:
    plain = Counted(backend="numpy")
    for _ in range(2):
        ours, theirs = (compiled.program.value_and_grad(X, Y, inputs=True) for compiled in (counted, plain))
        assert all(np.allclose(a, b, rtol=1e-13) for a, b in zip(ours[2], theirs[2], strict=True))
        counted.both_roads(X, Y)
        losses = [compiled.program.train(X, Y, steps=2, learning_rate=0.01) for compiled in (counted, plain)]
        assert np.allclose(*losses, rtol=1e-13)
        counted.both_roads(X, Y)


def test_a_step_moves_the_array_it_is_given(counted: Counted) -> None:
    numbers = np.array([0.5, -1.5, 0.25])
    value, gradients = counted.program.value_and_grad(X, Y, parameters=numbers)
    readings = [parameter.data for parameter in counted.w]
    plain = Counted(backend="numpy").program
    for rate in (0.1, 0.0, 1, np.float64(0.25)):
        moved, slowly, by_numpy = numbers.copy(), numbers.copy(), numbers.copy()
        losses = counted.program.train(X, Y, steps=1, learning_rate=rate, parameters=moved)
        same_losses = counted.program.train(X, Y, steps=1, learning_rate=rate, parameters=slowly, momentum=0.0)
        assert losses == same_losses == [value]
        assert np.array_equal(moved, numbers - rate * gradients)
        assert np.array_equal(moved, slowly)
        plain.train(X, Y, steps=1, learning_rate=rate, parameters=by_numpy)
        assert np.allclose(moved, by_numpy, rtol=1e-13)
    assert [parameter.data for parameter in counted.w] == readings
    assert counted.entry.step((X, Y), numbers.copy(), 0.1) == [value]


def test_a_step_takes_the_usual_path_where_the_short_cut_declines(counted: Counted) -> None:
    numbers = np.array([0.5, -1.5, 0.25])
    _, gradients = counted.program.value_and_grad(X, Y, parameters=numbers)

    def step(parameters: Any, rate: Any = 0.1, x: Any = X, on: Counted = counted) -> Any:
        return on.program.train(x, Y, steps=1, learning_rate=rate, parameters=parameters)

    apart = np.repeat(numbers, 2)[::2]
    step(apart)
    assert np.array_equal(apart, numbers - 0.1 * gradients)
    single = numbers.astype("f")
    step(single)
    assert np.allclose(single, numbers - 0.1 * gradients, rtol=1e-6)
    coarse, half = Counted(dtype="float32"), numbers.copy()
    step(half, on=coarse)
    assert np.allclose(half, numbers - 0.1 * gradients, rtol=1e-6)
    assert coarse.entry.step((X, Y), half, 0.1) is not None
    fixed = numbers.copy()
    fixed.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        step(fixed)
    for wrong in (-0.1, math.nan, math.inf):
        with pytest.raises(ValueError, match="learning_rate is a number from 0 up"):
            step(numbers, wrong)
    with pytest.raises(ValueError, match="this program has 3 parameters"):
        step(np.zeros(2))
    for wrong in ([0.5, -1.5, 0.25], np.array([1, 2, 3])):
        with pytest.raises(TypeError, match="an array of floats"):
            step(wrong)
    with pytest.raises(NonFiniteError):
        step(numbers, x=X * math.inf)
    assert np.array_equal(numbers, [0.5, -1.5, 0.25])


def test_nothing_is_kept_or_lost(counted: Counted) -> None:
    program, entry, x, y = counted.program, counted.entry, X.copy(), Y.copy()
    numbers, wrong = np.array([0.5, -1.5, 0.25]), X[:2].copy()
    held = (x, y, numbers, wrong, *counted.w, None, program)
    floats = [parameter._data for parameter in counted.w]

    def run() -> None:
        program.value_and_grad(x, y)
        program.value_and_grad(x, y, parameters=numbers)
        program(x, y)
        program.train(x, y, steps=1, learning_rate=1e-9, parameters=numbers)
        for data in ((wrong, y), (x, None), (x.astype("M8[s]"), y)):
            assert entry.call(data, None, floats, np.empty(3), None, None) is None
        for rest in (floats[:2], (), [0.5, "a", 0.25]):
            assert entry.call((x, y), None, rest, np.empty(3), None, None) is None
        assert entry.call((x, y), None, floats, np.empty(2), None, None) is None
        assert entry.call((x, y), None, floats) is None

    run()
    gc.collect()
    before = [sys.getrefcount(owned) for owned in (*held, *floats)]
    blocks = sys.getallocatedblocks()
    for _ in range(10_000):
        run()
    after = [sys.getrefcount(owned) for owned in (*held, *floats)]
    assert [a - b for a, b in zip(after, before, strict=True) if abs(a - b) > 100] == []
    gc.collect()
    assert abs(sys.getallocatedblocks() - blocks) < 1000
    x.resize((1, 2), refcheck=False)  # raises BufferError were a buffer still held


def test_two_threads_don_t_meet() -> None:
    counted = Counted()
    rng = np.random.default_rng(0)
    data = [(rng.normal(size=(rows, 2)), rng.normal(size=rows)) for rows in (5, 300_000, 64, 2_000)]
    numbers = [rng.normal(size=3) for _ in data]
    expected = [
        counted.program.value_and_grad(*arrays, parameters=array) for arrays, array in zip(data, numbers, strict=True)
    ]
    wrong: list[int] = []

    def work(which: int) -> None:
        for _ in range(20 if which == 1 else 1500):
            value, gradients = counted.program.value_and_grad(*data[which], parameters=numbers[which])
            if value != expected[which][0] or not np.array_equal(gradients, expected[which][1]):
                wrong.append(which)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=work, args=(which,)) for which in range(len(data))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert not wrong


def test_a_program_goes_with_its_last_user() -> None:
    counted = Counted()
    array = counted.entry._table
    del counted
    gc.collect()
    assert sys.getrefcount(array) == 2


def test_without_support_there_is_no_short_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = Counted().program.value_and_grad(X, Y)
    monkeypatch.setattr(backend, "is_supported", lambda: False)
    counted = Counted()
    assert not counted.entry
    value, gradients = counted.program.value_and_grad(X, Y)
    assert value == expected[0]
    assert np.array_equal(gradients, expected[1])


@pytest.mark.parametrize(
    "what", [("implementation", "pypy"), ("gil", None), ("pointer", 4)], ids=["pypy", "free-threaded", "32 bits"]
)
def test_other_pythons_are_refused(monkeypatch: pytest.MonkeyPatch, what: tuple[str, Any]) -> None:
    if what[0] == "implementation":
        monkeypatch.setattr(entry_code.sys.implementation, "name", what[1])
    elif what[0] == "gil":
        monkeypatch.setattr(entry_code.sysconfig, "get_config_var", lambda name: name == "Py_GIL_DISABLED")
    else:
        monkeypatch.setattr(entry_code.struct, "calcsize", lambda _: what[1])
    assert not entry_code.is_supported()


def test_lists_of_lists_and_no_argument_take_the_usual_path() -> None:
    w = Parameter(2.0)
    nested = compile(lambda x: w * x[0][0] + x[1][1], example=[[0.0, 0.0], [0.0, 0.0]], backend="native")
    alone = compile(lambda: w * w, example=(), backend="native")
    for _ in range(2):
        assert nested.value_and_grad(np.ones((3, 2, 2)))[0] == 3.0
        assert alone.value_and_grad()[0] == 4.0
        assert alone() == [4.0]

"""Long runs of machine code in parts, between which Ctrl-C arrives: the same bits as in one call."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Any

import numpy as np
import pytest

from autograd_core import Value, compile, custom_primitive, tanh  # noqa: A004
from autograd_core.compiler.backends.llvm import backend, loaded_plan
from autograd_core.compiler.program import Program

pytest.importorskip("llvmlite")


def program(threads: int = 1, dtype: str = "float64") -> tuple[Program, list[Value]]:
    weights = [Value(0.1 * (i + 1)) for i in range(6)]
    a, b, c, d, e, f = weights

    def loss(x: Any, y: Any) -> Any:
        return (e * tanh(a * x[0] + b * x[1] + c) + d * x[1] + f - y) ** 2

    options: Any = {"threads": threads, "dtype": dtype}
    return compile(loss, example=([0.0, 0.0], 0.0), backend="native", **options), weights


def data(rows: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(rows)
    return rng.normal(size=(rows, 2)), rng.normal(size=rows)


def everything(rows: int, dtype: str) -> list[Any]:
    found: list[Any] = []
    for threads in (1, 2):
        compiled, weights = program(threads, dtype)
        value, gradients, by_row = compiled.value_and_grad(*data(rows), inputs=True)
        found += [value, gradients.tolist(), [part.tolist() for part in by_row], compiled(*data(rows)).tolist()]
        state: dict[str, Any] = {}
        options: Any = {"learning_rate": 0.01, "rule": "adam", "state": state}
        found.append(compiled.train(*data(rows), steps=3, batch_size=rows // 2 + 1, **options).tolist())
        found += [[weight.data for weight in weights], state["row"], state["step"], state["exp_avg"].tolist()]
    return found


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_parts_give_the_bits_of_one_call(dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend, "_HALVED", 1 << 14)
    for rows in (1, 999, 20_000):
        whole = everything(rows, dtype)
        for most in (1, 40_000):
            with monkeypatch.context() as patch:
                patch.setattr(loaded_plan, "MOST", most)
                patch.setattr(backend, "MOST", most)
                assert everything(rows, dtype) == whole


def seconds_until_interrupted(run: Any, after: float) -> float:
    """The time from SIGINT to KeyboardInterrupt."""
    sent = [0.0]

    def send() -> None:
        sent[0] = time.perf_counter()
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(after, send)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        run()
    timer.join()
    return time.perf_counter() - sent[0]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="os.kill ends the process on Windows")
@pytest.mark.parametrize("batch_size", [100, None])
def test_ctrl_c_arrives_at_once_and_loses_little(batch_size: int | None) -> None:
    """It once waited for all steps, lost them, and moved the moments without `step`."""
    compiled, weights = program()
    arrays, state = data(2_000_000 if batch_size is None else 1000), {}
    options: Any = {"learning_rate": 1e-6, "rule": "adam", "batch_size": batch_size}
    compiled.train(*arrays, steps=1, state=state, **options)
    waited = seconds_until_interrupted(
        lambda: compiled.train(*arrays, steps=10**9, state=state, start=state["row"], **options), after=1.0
    )
    assert waited < 1.0, "0.2 s on a machine with nothing else to do"
    assert state["step"] > 1
    again, others = program()
    its_state: dict[str, Any] = {}
    again.train(*arrays, steps=int(state["step"]), state=its_state, **options)
    assert [weight.data for weight in weights] == [weight.data for weight in others]
    assert {name: np.asarray(numbers).tolist() for name, numbers in state.items()} == {
        name: np.asarray(numbers).tolist() for name, numbers in its_state.items()
    }


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="os.kill ends the process on Windows")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_during_calls_back_to_python_arrives(threads: int) -> None:
    triple = custom_primitive("triple", lambda a: 3.0 * a, [3.0])
    weight = Value(2.0)
    options: Any = {"threads": threads}
    compiled = compile(lambda x: triple(weight * x), example=0.0, backend="native", **options)
    x = np.linspace(0.0, 1.0, 3_000_000)
    compiled(x[:10])
    assert seconds_until_interrupted(lambda: [compiled(x) for _ in range(100)], after=0.3) < 1.0
    assert np.allclose(compiled(x[:1000]), 6.0 * x[:1000])

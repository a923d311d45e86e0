"""A child forked while another thread computes finds every lock open."""

from __future__ import annotations

import importlib.util
import itertools
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from autograd_core import Value, compile, sigmoid  # noqa: A004

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork"),
    pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning"),
    # Of JAX, once another test has started it; the child does not use it.
    pytest.mark.filterwarnings("ignore:os.fork\\(\\) was called:RuntimeWarning"),
]

FORKS = 8
SECONDS = 30.0
NUMBERS = itertools.count()
BACKENDS = ["numpy", *(["native"] if importlib.util.find_spec("llvmlite") else [])]


def backward() -> None:
    value = x = Value(0.3)
    for _ in range(3000):
        value = value * 1.0001 + x
    value.backward()


def compiled(backend: str) -> Callable[[], Any]:
    w = Value(0.5)
    program = compile(lambda x: sigmoid(w * x), example=0.0, backend=backend)
    data = [0.001 * i for i in range(20_000)]

    def run() -> None:
        program(data)
        program.train(data, steps=2, learning_rate=1e-9, rule="adam")

    return run


def compiling(backend: str) -> Callable[[], Any]:
    def run() -> None:
        number = 1.0 + next(NUMBERS) / 1024
        compile(lambda x: sigmoid(number * x) + number, example=0.0, backend=backend)([1.0])

    return run


def exit_status(run: Callable[[], Any]) -> int:
    """That of a forked child that runs a function; -9 if it hangs."""
    child = os.fork()
    if child == 0:
        try:
            run()
        except BaseException:
            os._exit(1)
        os._exit(0)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize(
    "run",
    [
        pytest.param(backward, id="backward"),
        *(pytest.param(compiled(backend), id=backend) for backend in BACKENDS),
        *(pytest.param(compiling(backend), id=f"compile for {backend}") for backend in BACKENDS),
    ],
)
def test_a_child_of_a_process_that_computes_does_not_hang(run: Callable[[], Any]) -> None:
    run()
    done = threading.Event()

    def work() -> None:
        while not done.is_set():
            run()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for number in range(FORKS):
            time.sleep(0.001 * number)
            assert exit_status(run) == 0
    finally:
        done.set()
        thread.join()

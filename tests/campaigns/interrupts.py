"""Ctrl-C at every moment: nothing stays switched on, and what was being changed is whole or not begun.

It strikes where CPython lets a signal strike: after a random time, or at the n-th call or return from C of the run.
"""

from __future__ import annotations

import contextlib
import gc
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import numpy as np

from autograd_core import Value, compile, detect_anomaly, grad, no_grad, scope, sigmoid  # noqa: A004
from autograd_core.compiler.run import training
from autograd_core.engine.context import current_scope
from nn import MLP, Adam, fit, mse_loss
from nn.batched import evaluating

INTERRUPTS = 20_000
X = [[0.1 * i, 0.3 - 0.05 * i] for i in range(8)]
Y = [0.5, -0.2, 0.1, 0.9, 0.4, -0.7, 0.3, 0.0]

Run = Callable[[], None]
Check = Callable[[], str]  # what is wrong; "" if nothing is


def interrupt(*_: Any) -> NoReturn:
    raise KeyboardInterrupt


def interrupt_after(seconds: float, run: Run) -> BaseException | None:
    """Interrupt a run after a time, and return what it raised."""
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            run()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0.0)
    except KeyboardInterrupt as error:
        return error  # with its frames: nothing may be put right only because they are deleted
    finally:
        signal.signal(signal.SIGALRM, before)
    return None


def interrupt_at(place: int, run: Run) -> tuple[BaseException | None, int]:
    """Interrupt a run at the call or return from C of that number; what it raised, and how many there were."""
    count = 0

    def watch(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        if event in ("call", "c_return"):
            if count == place:
                sys.setprofile(None)
                count += 1
                raise KeyboardInterrupt
            count += 1

    try:
        sys.setprofile(watch)
        run()
    except KeyboardInterrupt as error:
        return error, count
    finally:
        sys.setprofile(None)
    return None, count


def blocks() -> tuple[Run, Check]:
    """Every block of the engine and of nn."""
    x, model = Value(0.5, label="x"), MLP(2, 2, 1, rng=0)

    @no_grad()
    def cube(x: Any) -> Any:
        return x * x * x

    def run() -> None:
        with no_grad(), scope("outer"):
            sigmoid(x) * 2.0
        with detect_anomaly(), evaluating(model):
            model(X[0])
        cube(x)
        grad(sigmoid)(0.3)
        (sigmoid(x) * x).backward()
        x.grad = None

    def check() -> str:
        wrong = [module for module in model.modules() if not module.training]
        return f"in evaluation mode: {wrong}" if wrong else ""

    return run, check


def numbers_and_state(optimiser: Adam) -> list[tuple[float, ...]]:
    states = [optimiser.state.get(parameter, {}) for parameter in optimiser.parameters]
    return [
        (parameter.data, *(state.get(name, 0.0) for name in ("step", "exp_avg", "exp_avg_sq")))
        for parameter, state in zip(optimiser.parameters, states, strict=True)
    ]


def optimiser_steps() -> tuple[Run, Check]:
    """Steps of Adam outside of `fit`."""
    parameters = [Value(0.1 * i) for i in range(5)]
    optimiser = Adam(parameters, learning_rate=0.1)
    history: list[Any] = []

    def start() -> None:
        for i, parameter in enumerate(parameters):
            parameter.data, parameter.grad = 0.1 * i, 1.0 - 0.3 * i
        optimiser.state.clear()

    def run() -> None:
        for _ in range(6):
            optimiser.step()

    start()
    for _ in range(7):
        history.append(numbers_and_state(optimiser))
        optimiser.step()
    start()

    def check() -> str:
        found = numbers_and_state(optimiser)
        start()
        return "" if found in history else f"between two steps: {found}"

    return run, check


def trained_program(backend: str) -> tuple[Run, Check]:
    """`program.train` with Adam, as many steps in a call as take a moment."""
    weights = [Value(0.3), Value(-0.2), Value(0.1)]
    program = compile(
        lambda x, y: (weights[0] * x[0] + weights[1] * x[1] + weights[2] - y) ** 2,
        example=([0.0, 0.0], 0.0),
        backend=backend,
    )
    state: dict[str, Any] = {}

    def now() -> tuple[Any, ...]:
        names = sorted(state.keys() - {"step", "row"})
        columns = [state[name].tolist() for name in names]
        return [w.data for w in weights], columns, state.get("row", 0)

    def start() -> None:
        for weight, number in zip(weights, (0.3, -0.2, 0.1), strict=True):
            weight.data = number
        state.clear()

    def train(steps: int) -> None:
        first = state.get("row", 0)
        program.train(X, Y, steps=steps, learning_rate=0.05, rule="adam", batch_size=3, start=first, state=state)

    history: list[Any] = [now()]
    for _ in range(40):
        train(1)
        history.append(now())
    start()

    def check() -> str:
        found, step = now(), int(state.get("step", 0))
        start()
        return "" if found == history[step] else f"after {step} steps: {found}, not {history[step]}"

    return lambda: train(40), check


def training_run(backend: str) -> tuple[Run, Check]:
    """`fit`: parameters and the optimiser's state belong to the same step, and are those of the epoch it tells."""
    model = MLP(2, 2, 1, activation="tanh", rng=0)
    parameters = list(model.parameters())
    first = [parameter.data for parameter in parameters]
    optimiser = Adam(parameters, learning_rate=0.01)
    histories: list[Any] = []
    epochs: list[Any] = []

    def start() -> None:
        for parameter, number in zip(parameters, first, strict=True):
            parameter.data, parameter.grad = number, None
        optimiser.state.clear()
        histories.clear()

    def train(epochs: int, backend: str = backend) -> None:
        histories.append(
            fit(
                *(model, X, Y),
                loss=mse_loss,
                optimiser=optimiser,
                epochs=epochs,
                batch_size=4,
                progress=False,
                backend=backend,
            )
        )

    for count in range(3):
        if count:
            train(count)
        epochs.append(numbers_and_state(optimiser))
        start()
    steps = [epochs[0]]
    step = optimiser.step

    def recorded() -> None:
        step()
        steps.append(numbers_and_state(optimiser))

    optimiser.step = recorded  # type: ignore[method-assign]
    train(2, "eager")
    del optimiser.step  # type: ignore[method-assign]
    start()

    def check() -> str:
        found, history = numbers_and_state(optimiser), histories[-1] if histories else None
        grads = {parameter.grad is None for parameter in parameters}
        start()
        if history is not None and history.kept and not np.allclose(found, epochs[history.kept], rtol=1e-6, atol=1e-9):
            return f"not those of epoch {history.kept}, which it tells"
        if not any(np.allclose(found, other, rtol=1e-6, atol=1e-9) for other in steps):
            return f"between two steps: {found}"
        return "" if len(grads) == 1 else "half of the gradients are set"

    return lambda: train(2), check


@contextlib.contextmanager
def steps_one_by_one() -> Iterator[None]:
    """Let `program.train` show every step to the outside."""
    before, training._SHORT = training._SHORT, 0.0
    try:
        yield
    finally:
        training._SHORT = before


@contextlib.contextmanager
def unraisable_ignored() -> Iterator[None]:
    """Keep silent about interrupts of a generator that is being closed, which CPython cannot raise."""
    before, sys.unraisablehook = sys.unraisablehook, lambda _: None
    try:
        yield
    finally:
        sys.unraisablehook = before


SCENARIOS: dict[str, tuple[Callable[[], tuple[Run, Check]], int]] = {  # and the share of each
    "blocks": (blocks, 50),
    "optimiser.step": (optimiser_steps, 10),
    "train on numpy": (lambda: trained_program("numpy"), 10),
    "train in native code": (lambda: trained_program("auto"), 10),
    "fit, eager": (lambda: training_run("eager"), 15),
    "fit, compiled": (lambda: training_run("numpy"), 5),
}


def faults(name: str, count: int, seed: int) -> tuple[list[str], int]:
    """What was wrong after so many interrupts of a scenario, and how many of them struck."""
    rng = random.Random(seed)
    make, _ = SCENARIOS[name]
    root, errors, wrong, struck = current_scope(), np.geterr(), [], 0
    with steps_one_by_one(), unraisable_ignored():
        run, check = make()
        run()
        check()
        began = time.perf_counter()
        run()
        seconds = time.perf_counter() - began
        check()
        _, places = interrupt_at(-1, run)
        check()
        for number in range(count):
            if number % 2:
                error = interrupt_after(rng.uniform(1e-6, seconds), run)
            else:
                error, _ = interrupt_at(rng.randrange(places), run)
            struck += error is not None or name.startswith("fit")
            problem = check()
            if current_scope() is not root:
                problem += f" left in {current_scope()!r} with {current_scope().mode}"
            if not gc.isenabled() or np.geterr() != errors:
                problem += f" garbage collector {gc.isenabled()}, NumPy {np.geterr()}"
                gc.enable()
                np.seterr(**errors)
            if problem:
                wrong.append(f"{name}, interrupt {number}: {problem}")
            del error
    return wrong, struck


def run(part: float) -> str:
    told, total = [], 0
    for name, (_, share) in SCENARIOS.items():
        wrong, struck = faults(name, round(INTERRUPTS * part * share / 100), seed=2026)
        total += len(wrong)
        told.append(f"{struck:,} in {name}")
        print(*wrong[:10], sep="\n")
    return f"{', '.join(told)}; {total} left something wrong"

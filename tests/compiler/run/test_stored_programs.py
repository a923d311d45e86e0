"""Vectorised programs on disk: the same numbers to the last bit, for the same function alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_core import (
    Value,
    choose,
    compile,  # noqa: A004
    custom_primitive,
    exp,
    logsumexp,
    tanh,
)
from autograd_core.compiler.run import running
from tests.support.backends import INSTALLED

Function = Callable[..., Any]
WEIGHTS = [[Value(0.1 * i - 0.07 * j) for j in range(8)] for i in range(8)]
DATA = np.random.default_rng(3).normal(size=(5, 10, 8))


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for this test."""
    monkeypatch.setenv("AUTOGRAD_CORE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("AUTOGRAD_CORE_CACHE_BYTES", str(1 << 26))
    return tmp_path / "cache"


def network(xs: list[list[Any]], scale: float = 1.0) -> Any:
    h: list[Any] = [0.0] * 8
    scores = []
    for x in xs:
        h = [tanh(sum(w * (a + b) for w, a, b in zip(row, x, h, strict=True))) for row in WEIGHTS]
        scores.append(sum(a * a for a in h))
    return scale * logsumexp(scores) + exp(-scores[0]) + choose(xs[0][0] * 0.0, [w for row in WEIGHTS for w in row])


def results(fn: Function, backend: str, **options: Any) -> list[bytes]:
    program = compile(fn, example=([[0.5] * 8] * 10,), backend=backend, **options)
    value, gradient, by_row = program.value_and_grad(DATA, inputs=True)
    return [program(DATA).tobytes(), np.float64(value).tobytes(), gradient.tobytes(), by_row.tobytes()]


@pytest.mark.parametrize("backend", INSTALLED)
def test_a_program_that_was_made_before_is_read(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = results(network, backend)

    def refuse(*positional: Any, **named: Any) -> Any:
        raise AssertionError("vectorised again")

    monkeypatch.setattr(running, "vectorise", refuse)
    assert results(network, backend) == made
    with pytest.raises(AssertionError, match="vectorised again"):
        results(lambda xs: network(xs, 1.5), backend)  # another constant
    with pytest.raises(AssertionError, match="vectorised again"):
        results(network, backend, reduce="sum")


def test_an_operation_of_a_user_is_not_stored(own_cache: Path) -> None:
    twice = custom_primitive("twice", lambda a: 2.0 * a, (2.0,))
    results(lambda xs: twice(network(xs)), "numpy")
    assert not list(own_cache.glob("*"))
    results(network, "numpy")
    assert list(own_cache.glob("*"))


def test_without_a_cache_everything_is_made_again(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRAD_CORE_CACHE_BYTES", "0")
    assert results(network, "numpy") == results(network, "numpy")
    assert not own_cache.exists()


@pytest.mark.skipif("native" not in INSTALLED, reason="plans for one row are of the native backend")
def test_a_plan_for_one_row_is_read_with_its_code(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from autograd_core.compiler.backends.llvm import machine
    from autograd_core.compiler.backends.llvm.one_row import stored_plan

    def of_one_row(scale: float) -> list[bytes]:
        monkeypatch.setattr(machine, "_loaded", {})  # as in a new process
        program = compile(lambda xs: network(xs, scale), example=([[0.5] * 8] * 10,), backend="native")
        value, gradient = program.value_and_grad(DATA[:1])
        return [np.float64(value).tobytes(), gradient.tobytes()]

    class Refusing(stored_plan.OneRow):
        def __init__(self, *positional: Any) -> None:
            raise AssertionError("planned again")

    made = of_one_row(1.0)
    with monkeypatch.context() as patch:
        patch.setattr(stored_plan, "OneRow", Refusing)
        assert of_one_row(1.0) == made
        with pytest.raises(AssertionError, match="planned again"):
            of_one_row(2.0)
    for file in own_cache.iterdir():
        if file.read_bytes().find(b"\x7fELF") >= 0 or b"__TEXT" in file.read_bytes():
            file.unlink()
    assert of_one_row(1.0) == made

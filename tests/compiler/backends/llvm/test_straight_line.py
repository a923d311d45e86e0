"""Irregular programs over many rows: straight-line code over a few vectors of rows at a time, of either width."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("llvmlite")

import autograd_core as ag
from autograd_core.compiler.backends.llvm import machine
from autograd_core.compiler.backends.llvm.fusion import Fusion, Pass
from tests.benchmarks.field.program_peers import compiled
from tests.benchmarks.field.programs import PROGRAMS

Function = Callable[..., Any]
REAL = machine.processor()
ROWS = (1, 2, 3, 7, 8, 9, 16, 17, 31, 100, 145)  # of a part of a vector, of an odd number of vectors, of two blocks


def irregular(number: int, exactly: bool) -> Function:
    """A random program without recurring parts. exactly: of + - * / and comparisons alone."""

    def function(parameters: list[Any], x: list[Any]) -> Any:
        chosen = random.Random(number)
        known = [*parameters, *x]
        for _ in range(60):
            a, b, c, d = chosen.choices(known[-16:], k=4)
            forms = [
                lambda a, b, c, d: a + b,
                lambda a, b, c, d: a - b * 0.5,
                lambda a, b, c, d: a * b,
                lambda a, b, c, d: a / (2.0 + c * c),
                lambda a, b, c, d: ag.where(a > b, c, d * 0.5),
                lambda a, b, c, d: ag.where(a <= 0.25, c - d, b),
                *([] if exactly else [lambda a, b, c, d: ag.tanh(a), lambda a, b, c, d: ag.sin(b) + ag.cos(b)]),
            ]
            value = chosen.choice(forms)(a, b, c, d)
            known.append(ag.where(ag.abs(value) > 8.0, value / 16.0, value))
        return known[-1] * known[-2] + known[-3]

    return function


def programs(function: Function, backend: str) -> Any:
    parameters = [ag.Value(0.2 + 0.1 * i) for i in range(5)]

    def loss(x: Any) -> Any:
        return function(parameters, list(x))

    return ag.compile(loss, example=([0.0] * 4,), backend=backend)


@pytest.fixture(params=["the processor's own", "avx2", "a cache that no block fits into"])
def any_width(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code for narrower vectors, which this processor runs too, and the smallest blocks."""
    if request.param == "the processor's own":
        return
    if request.param != "avx2":
        monkeypatch.setattr(machine, "processor", lambda: replace(REAL, cache=1))
        return
    if "+avx512f" not in REAL.features.split(","):
        pytest.skip("its vectors are no wider")
    narrower = machine.Processor("haswell", "", 4, 16, REAL.cache)
    monkeypatch.setattr(machine, "processor", lambda: narrower)


@pytest.mark.usefixtures("any_width")
@pytest.mark.parametrize("number", range(2))
def test_values_by_row_are_those_of_numpy_to_the_bit(number: int) -> None:
    function = irregular(number, exactly=True)
    native, reference = (programs(function, backend) for backend in ("native", "numpy"))
    for rows in ROWS:
        x = np.random.default_rng(rows).normal(size=(rows, 4))
        assert native(x).tolist() == reference(x).tolist()


@pytest.mark.usefixtures("any_width")
@pytest.mark.parametrize("number", range(2))
def test_gradients_are_those_of_numpy(number: int) -> None:
    function = irregular(number, exactly=False)
    native, reference = (programs(function, backend) for backend in ("native", "numpy"))
    for rows in ROWS:
        x = np.random.default_rng(rows).normal(size=(rows, 4))
        value, gradient = native.value_and_grad(x)
        expected, of_numpy = reference.value_and_grad(x)
        assert value == pytest.approx(expected, rel=1e-12)
        np.testing.assert_allclose(gradient, of_numpy, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ["arm", "gauss", "rk4"])
def test_an_irregular_program_is_a_few_passes(name: str) -> None:
    """Copies, sums and products of matrices are in them."""
    vectorised = compiled(PROGRAMS[name]())[0].vectorised()
    fusion = Fusion(vectorised)
    fusion.place(vectorised.before)
    items = fusion.place(vectorised.body)
    passes = [item for item in items if isinstance(item, Pass)]
    computed = sum(len(item.kernel.operations) for item in passes)
    assert len(items) * 40 < computed
    assert sum(len(item.sums) for item in passes) > 1 or name == "rk4"


def test_a_regular_program_keeps_its_loops() -> None:
    vectorised = compiled(PROGRAMS["tanh"]())[0].vectorised()
    items = Fusion(vectorised).place(vectorised.body)
    assert max(item.size for item in items if isinstance(item, Pass)) == 64

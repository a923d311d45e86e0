"""The vector forms of the elementary functions against mpmath: within 2 units in the last place, everywhere."""

from __future__ import annotations

import math
import struct
from typing import Any

import numpy as np
import pytest
from mpmath import mp

from autograd_core import (
    PRIMITIVES,
    compile,  # noqa: A004
    where,
)
from autograd_core.compiler.backends.llvm.functions.coefficients import TERMS
from tests.support import minimax

pytest.importorskip("llvmlite")

from autograd_core.compiler.backends.llvm import operations as forms
from autograd_core.compiler.backends.llvm.functions import table as elementary
from autograd_core.compiler.backends.llvm.ir.code import Code, VectorShape
from autograd_core.compiler.backends.llvm.kernels import matrices

NAMES = sorted({primitive.name for primitive in elementary.FUNCTIONS}.intersection(PRIMITIVES))
BYTES = {"float64": 8, "float32": 4}
SPECIAL = [0.0, -0.0, math.inf, -math.inf, math.nan]


def compute(name: str, numbers: Any, dtype: str) -> Any:
    program = compile(lambda a: PRIMITIVES[name](a), example=1.0, backend="native", dtype=dtype)
    assert program.backend == "native"
    return program(np.asarray(numbers, float))


def exactly(name: str, x: float) -> Any:
    if name == "erfc" and x > 1e4:  # past what mpmath takes
        return mp.mpf(0)
    return getattr(mp, name)(mp.mpf(x))


def unit(true: Any, dtype: str) -> float:
    """The last place of the number of the format that is nearest to `true`."""
    info = np.finfo(dtype)
    if abs(true) < info.smallest_normal:
        return float(info.smallest_subnormal)
    return math.ldexp(1.0, mp.frexp(true)[1] - (info.nmant + 1))


def numbers(name: str, dtype: str) -> Any:
    """Random numbers of every size, and dense ones where the forms change or the function has a zero."""
    generator = np.random.default_rng(11)
    size, info = 200, np.finfo(dtype)
    signs = generator.choice([-1.0, 1.0], size)
    largest, least = math.log10(info.max), math.log10(info.smallest_subnormal)
    places = [0.0, 0.25, 0.5, 1.0, math.log(2.0) / 2, math.sqrt(0.5), 3.0, math.pi / 4, -1.0, -0.5, 709.7, -745.0, 1e6]
    places += [88.7, -103.9, 9.3, 10.05, 0.8125, 1.75, 26.5, 27.2, 22.0, 9.01, 355.0 * 30000, 5.9, 4.0]
    multiples = np.round(generator.uniform(-640_000, 640_000, size)) * (math.pi / 2)
    sets = [
        generator.normal(0, 1, 2 * size),
        generator.uniform(-30, 30, size),
        generator.uniform(math.log(info.smallest_subnormal), math.log(info.max), size),
        signs * 10.0 ** generator.uniform(-20, 3, size),
        signs * 10.0 ** generator.uniform(least, largest, size),
        multiples,
        np.arange(-40, 41) * (math.pi / 4),
        np.concatenate([at * (1 + info.eps * np.arange(-6, 7)) for at in places]),
        np.concatenate([at + generator.normal(0, 1e-3, 40) for at in places]),
        np.array([info.max, -info.max, info.smallest_normal, info.smallest_subnormal, -info.smallest_subnormal]),
        # Near multiples of pi/2: the reduction has to keep every digit.
        np.array([710 * math.pi / 2, 573204.0 * math.pi / 2]),
    ]
    x = np.concatenate(sets)
    with np.errstate(over="ignore"):
        x = x.astype(dtype).astype(float)
    low, high = {"log": (0.0, math.inf), "log1p": (-1.0, math.inf)}.get(name, (-math.inf, math.inf))
    return x[np.isfinite(x) & (x > low) & (x < high)]


@pytest.mark.parametrize("dtype", BYTES)
@pytest.mark.parametrize("name", NAMES)
def test_within_two_units_in_the_last_place(name: str, dtype: str) -> None:
    x = numbers(name, dtype)
    assert len(x) > 1000
    got = compute(name, x, dtype)
    assert got.dtype == dtype
    largest = float(np.finfo(dtype).max)
    with mp.workprec(1200 if name in ("sin", "cos", "tan") else 160):
        for argument, number in zip(x.tolist(), got.tolist(), strict=True):
            true = exactly(name, argument)
            if abs(true) > largest:
                assert number == math.copysign(math.inf, true), (argument, number)
            else:
                error = abs(mp.mpf(number) - true) / unit(true, dtype)
                assert error < 2, (argument, number, float(error))


@pytest.mark.parametrize("dtype", BYTES)
@pytest.mark.parametrize("name", NAMES)
def test_special_numbers_give_what_the_c_library_gives(name: str, dtype: str) -> None:
    x = [*SPECIAL, 1e300, -1e300, -1.0, -2.0, 1000.0, -1000.0]
    if dtype == "float32":
        x[5:7] = 2.0**126, -(2.0**126)
    for argument, number in zip(x, compute(name, x, dtype).tolist(), strict=True):
        other = PRIMITIVES[name](argument)  # eager mode's, which is the library's
        if math.isfinite(other) and other != 0.0 and argument != 0.0:
            assert number == pytest.approx(other, rel=3 * float(np.finfo(dtype).eps), abs=1e-45), argument
        else:
            assert (math.isnan(number), math.isnan(other)) == (True, True) or (
                number == other and math.copysign(1.0, number) == math.copysign(1.0, other)
            ), (argument, number, other)


@pytest.mark.parametrize("dtype", BYTES)
@pytest.mark.parametrize("pair", [pair for pair in elementary.PAIRS if all(one.name in NAMES for one in pair)])
def test_two_that_share_their_work_are_what_each_is_alone(pair: Any, dtype: str) -> None:
    """To the bit, at special numbers too."""
    x = np.concatenate([numbers(pair[0].name, dtype), SPECIAL])
    program = compile(
        lambda a, is_first: where(is_first > 0.0, pair[0](a), pair[1](a)),
        example=(1.0, 1.0),
        backend="native",
        dtype=dtype,
    )
    for one, is_first in zip(pair, (1.0, 0.0), strict=True):
        np.testing.assert_array_equal(program(x, np.full(len(x), is_first)), compute(one.name, x, dtype))


@pytest.mark.parametrize("dtype", BYTES)
def test_powers(dtype: str) -> None:
    """The exponents with a form of their own and others, at numbers of all sizes and special ones."""
    generator, info = np.random.default_rng(2), np.finfo(dtype)
    sizes = 10.0 ** generator.uniform(math.log10(info.smallest_subnormal), math.log10(info.max), 60)
    bases = np.concatenate([generator.normal(0, 2, 60), sizes, -sizes, [-1.0, 1.0, float(info.max)]])
    bases = np.concatenate([bases.astype(dtype).astype(float), SPECIAL])
    exponents = [-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 1.5, -1.5, -3.0, math.inf, math.nan]
    program = compile(lambda a, b: a**b, example=(1.0, 1.0), backend="native", dtype=dtype)
    a, b = (grid.ravel() for grid in np.meshgrid(bases, exponents))
    for base, exponent, number in zip(a.tolist(), b.tolist(), program(a, b).tolist(), strict=True):
        expected = PRIMITIVES["power"](base, exponent)  # the library's, within one unit itself
        with np.errstate(over="ignore"):
            expected = float(np.array(expected).astype(dtype))
        if math.isfinite(expected) and expected != 0.0:
            assert abs(number - expected) <= 2.5 * unit(mp.mpf(expected), dtype), (base, exponent)
        else:
            same = number == expected and math.copysign(1.0, number) == math.copysign(1.0, expected)
            assert same or (math.isnan(number) and math.isnan(expected)), (base, exponent, number, expected)


@pytest.mark.parametrize("name", ["exp", "erfc", "sin", "atan"])
def test_special_lanes_do_not_change_their_neighbours(name: str) -> None:
    """One lane beyond the limits, the others as they would be without it."""
    generator = np.random.default_rng(5)
    usual = generator.normal(0, 2, 64)
    alone = compute(name, usual, "float64")
    for odd in (math.nan, math.inf, 1e300, 5e-324):
        mixed = usual.copy()
        mixed[::5] = odd
        got = compute(name, mixed, "float64")
        rest = np.arange(64) % 5 != 0
        assert got[rest].tobytes() == alone[rest].tobytes()


@pytest.mark.parametrize(
    "name", [name for name in PRIMITIVES if name not in ("where", "choose", "sin", "cos", "tan", "power")]
)
def test_single_precision_computes_nothing_in_double_precision(name: str) -> None:
    shape = VectorShape("float", 16, 32, 16)
    code = Code("one", "ptr %a")
    numbers_ = [forms.constant(code, shape, 0.5)] * len(PRIMITIVES[name].arguments)
    forms.apply(code, shape, PRIMITIVES[name], *numbers_)
    assert "double" not in code.text()


@pytest.mark.parametrize("write", matrices.KERNELS)
def test_nor_do_sums_and_products(write: Any) -> None:
    assert "double" not in write(write.__name__, VectorShape("float", 16, 32, 48)).text()


# --------------------------------------------------------------------------------------------- where the terms are from


def test_every_table_has_its_derivation() -> None:
    assert set(TERMS) == set(minimax.WANTED)


@pytest.mark.parametrize(("name", "bytes_"), TERMS)
def test_the_polynomials_have_the_stated_errors(name: str, bytes_: int) -> None:
    wanted, terms = minimax.WANTED[name, bytes_], TERMS[name, bytes_]
    assert len(terms) == wanted.terms
    assert minimax.error(wanted, terms, 150) < mp.mpf(2) ** wanted.bound
    if bytes_ == 4:
        assert all(struct.unpack("<f", struct.pack("<f", term)) == (term,) for term in terms)


@pytest.mark.parametrize(("name", "bytes_"), [("exp", 4), ("sin", 8), ("erfc", 4)])
def test_the_terms_are_what_remez_finds(name: str, bytes_: int) -> None:
    assert minimax.derive(name, bytes_) == pytest.approx(TERMS[name, bytes_], rel=1e-12)

"""Repetition inside a row: positions, windows, heads and steps are turns of one product, and everything stays right."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_core import (
    Value,
    compile,  # noqa: A004
    exp,
    grad,
    logsumexp,
    relu,
    sigmoid,
    tanh,
)
from autograd_core.compiler.vectorise.vector_program import Affine, Dot, Fold, Outer
from tests.support.backends import INSTALLED
from tests.support.programs import ORDERS, apply_units, assert_agrees, layer

Function = Callable[..., Any]


def of_kind(program: Any, kind: type) -> list[Any]:
    return [step for step in program.vectorised().body if isinstance(step, kind)]


def windows(generator: random.Random, turns: int, size: int) -> list[tuple[list[list[float]]]]:
    return [([[generator.gauss(0, 1) for _ in range(size)] for _ in range(turns)],) for _ in range(3)]


@pytest.mark.parametrize("backend", INSTALLED)
@pytest.mark.parametrize("add", ORDERS)
def test_positions_are_turns_of_one_product_in_whatever_order_they_are_added_up(add: Function, backend: str) -> None:
    generator = random.Random(4)
    units = layer(generator, 3, 5)

    def fn(xs: list[list[Any]]) -> Any:
        return sum([sum([relu(z) for z in apply_units(units, x, add)]) for x in xs])

    program = assert_agrees(fn, ([[0.1] * 3] * 6,), windows(generator, 6, 3), backend=backend)
    assert [(step.out.size, step.turns) for step in of_kind(program, Affine)] == [(30, 6)]
    assert [step.turns for step in of_kind(program, Outer)] == [6]


@pytest.mark.parametrize("backend", INSTALLED)
def test_windows_that_overlap_are_read_where_they_are(backend: str) -> None:
    generator = random.Random(5)
    units = layer(generator, 4, 3)

    def fn(x: list[Any]) -> Any:
        return sum([sum([tanh(z) for z in apply_units(units, x[i : i + 4])]) for i in range(7)])

    rows = [([generator.gauss(0, 1) for _ in range(10)],) for _ in range(5)]
    program = assert_agrees(fn, ([0.1] * 10,), rows, backend=backend)
    (product,) = of_kind(program, Affine)
    assert (product.turns, product.apart) == (7, (1,))
    (outer,) = of_kind(program, Outer)
    assert outer.turns == 7


def test_code_does_not_grow_with_the_number_of_positions() -> None:
    units = layer(random.Random(6), 3, 4)

    def steps(turns: int) -> int:
        def fn(xs: list[list[Any]]) -> Any:
            return sum([sum([tanh(z) for z in apply_units(units, x)]) for x in xs])

        return len(compile(fn, example=([[0.1] * 3] * turns,)).vectorised().steps())

    assert steps(40) == steps(8)


@pytest.mark.parametrize("backend", INSTALLED)
def test_what_the_steps_of_a_recurrence_leave_for_later_is_computed_at_once(backend: str) -> None:
    generator = random.Random(11)
    units = layer(generator, 6, 4)

    def fn(xs: list[list[Any]]) -> Any:
        h: list[Any] = [0.0] * 4
        for x in xs:
            h = [tanh(z) for z in apply_units(units, [*x, *h])]
        return sum([a * a for a in h])

    def body(steps: int) -> list[Any]:
        rows = windows(generator, steps, 2)
        return assert_agrees(fn, ([[0.1] * 2] * steps,), rows, backend=backend).vectorised().body

    # A product and tanh on the way there, a product and a multiplication on the way back.
    assert len(body(20)) - len(body(10)) == 40
    outers = [step for step in body(20) if isinstance(step, Outer)]
    assert sorted(step.turns for step in outers) == [19, 20]


@pytest.mark.parametrize("backend", INSTALLED)
@pytest.mark.parametrize("different", [None, 30])
def test_so_is_what_the_steps_of_a_serial_chain_leave_for_later(different: int | None, backend: str) -> None:
    weights = [Value(0.7), Value(0.2)]

    def chain(x: Any) -> Any:
        w, b = weights
        states = [x]
        for step in range(120):
            z = w * states[-1] + b
            states.append(sigmoid(z) - b if step == different else tanh(z))
        return states[-1] * states[20] + exp(states[1])

    rows = [(0.5,), (-1.5,), (0.0,)]
    program = assert_agrees(chain, (0.5,), rows, backend=backend)
    assert len(program.vectorised().body) < 9 * 120  # of 14 operations of a step
    assert_agrees(grad(chain), (0.5,), rows, backend=backend)


@pytest.mark.parametrize("backend", INSTALLED)
@pytest.mark.parametrize("causal", [False, True])
def test_attention_is_a_few_products(causal: bool, backend: str) -> None:
    generator = random.Random(7)
    wq, wk, wv = ([[Value(generator.gauss(0, 0.5)) for _ in range(4)] for _ in range(4)] for _ in range(3))

    def times(w: list[list[Value]], x: list[Any]) -> list[Any]:
        return [sum(a * b for a, b in zip(row, x, strict=True)) for row in w]

    def fn(xs: list[list[Any]]) -> Any:
        q, k, v = ([times(w, x) for x in xs] for w in (wq, wk, wv))
        total: Any = 0.0
        for i, query in enumerate(q):
            seen = range(i + 1 if causal else len(q))
            scores = [sum(a * b for a, b in zip(query, k[j], strict=True)) for j in seen]
            share = logsumexp(scores)
            for d in range(4):
                total = total + tanh(sum(exp(scores[j] - share) * v[j][d] for j in seen))
        return total

    program = assert_agrees(fn, ([[0.1] * 4] * 6,), windows(generator, 6, 4), backend=backend)
    assert [step.turns for step in of_kind(program, Affine)] == [6]
    assert of_kind(program, Dot)
    assert of_kind(program, Fold)
    assert len(program.vectorised().body) < (180 if causal else 60)


def test_sums_that_are_no_products_keep_their_order_to_the_last_bit() -> None:
    def fn(x: list[Any]) -> Any:
        total: Any = x[0]
        for number in x[1:]:
            total = total + number
        right: Any = x[-1]
        for number in reversed(x[:-1]):
            right = number + right
        return total * 2.0 + right

    generator = random.Random(8)
    rows = [[generator.gauss(0, 1) * 10.0 ** generator.randint(-8, 8) for _ in range(30)] for _ in range(20)]
    for backend in INSTALLED:
        program = compile(fn, example=([0.0] * 30,), backend=backend)
        assert of_kind(program, Fold)
        assert program(rows).tolist() == [fn(row) for row in rows]


def test_complex_products_and_cross_products_are_rounded_as_they_are_written() -> None:
    def fn(a: list[Any], b: list[Any]) -> Any:
        real, imaginary = a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]
        cross = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
        return real + 3.0 * imaginary + cross[0] - 5.0 * cross[1] + 7.0 * cross[2]

    generator = np.random.default_rng(9)
    a, b = generator.normal(size=(2, 200, 3))
    for backend in INSTALLED:
        program = compile(fn, example=([0.0] * 3, [0.0] * 3), backend=backend)
        assert program(a, b).tolist() == [fn(*row) for row in zip(a.tolist(), b.tolist(), strict=True)]


# ------------------------------------------------------------------------------------------------ random programs


@st.composite
def repeating(draw: Any) -> tuple[Function, tuple[Any, ...], list[tuple[Any, ...]]]:
    """A program with planted repetition: (function, example, rows). Turns share weights or have their own, carry a
    state or not, read windows of unequal length, and one may be different."""
    seed = draw(st.integers(0, 10**6))
    generator = random.Random(seed)
    turns, size, units = draw(st.integers(1, 7)), draw(st.integers(1, 5)), draw(st.integers(1, 5))
    shared, own = layer(generator, size, units), [layer(generator, size, units) for _ in range(turns)]
    state = layer(generator, units, units)
    mixing = [[Value(generator.gauss(0, 1)) for _ in range(units)] for _ in range(units)]
    own_weights = draw(st.sampled_from([0.0, 0.3]))
    carried, ragged, reads, is_slope = (draw(st.booleans()) for _ in range(4))
    odd = draw(st.sampled_from([None, 0, turns - 1]))
    add, activation = draw(st.sampled_from(ORDERS)), draw(st.sampled_from([tanh, relu, sigmoid]))
    order, kinds = list(range(turns)), [generator.random() < own_weights for _ in range(turns)]
    lengths = [generator.randint(1, size) if ragged else size for _ in range(turns)]
    if draw(st.booleans()) and not carried:
        generator.shuffle(order)

    def fn(xs: list[list[Any]]) -> Any:
        outputs: dict[int, list[Any]] = {}
        h: list[Any] | None = None
        for t in order:
            chosen = own[t] if kinds[t] else shared
            z = apply_units([(weights[: lengths[t]], bias) for weights, bias in chosen], xs[t][: lengths[t]], add)
            if carried and h is not None:
                z = [a + b for a, b in zip(z, apply_units(state, h, add), strict=True)]
            h = [activation(a) for a in z]
            if t == odd:
                h = [a * a - 0.5 * b for a, b in zip(h, z, strict=True)]
            outputs[t] = h
        if reads:
            for t in range(turns):
                scores = [sum(a * b for a, b in zip(outputs[t], outputs[s], strict=True)) for s in range(t + 1)]
                total = logsumexp(scores)
                shares = [exp(score - total) for score in scores]
                outputs[t] = [sum(p * outputs[s][d] for s, p in enumerate(shares)) for d in range(units)]
        mixed = [[sum(w * a for w, a in zip(row, outputs[t], strict=True)) for row in mixing] for t in range(turns)]
        return sum([sum([activation(a) for a in line]) for line in mixed]) / float(turns)

    def slope(xs: list[list[Any]]) -> Any:
        return grad(lambda x: fn([[x, *xs[0][1:]], *xs[1:]]))(xs[0][0])

    rows = [
        ([[generator.gauss(0, 1) for _ in range(size)] for _ in range(turns)],)
        for _ in range(generator.choice([1, 3, 9]))
    ]
    return slope if is_slope else fn, ([[0.1] * size] * turns,), rows


@pytest.mark.parametrize("backend", INSTALLED)
@settings(deadline=None, max_examples=40)
@given(program=repeating())
def test_random_programs_with_repetition_agree_with_eager_mode(program: Any, backend: str) -> None:
    fn, example, rows = program
    assert_agrees(fn, example, rows, backend=backend)

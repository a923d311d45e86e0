"""The textbook formulas of the tables against what the engine computes, for every entry."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_core import COMPOSITIONS, PRIMITIVES, Composition, Primitive, Value, backward_steps, explain
from autograd_core.engine.backward import adjoints
from autograd_core.formulas.notation import Written, evaluate_formula, write, write_formula

ENTRIES: list[Primitive | Composition] = [*PRIMITIVES.values(), *COMPOSITIONS.values()]


def sizes(entry: Primitive | Composition) -> list[int]:
    """How many inputs to try an entry with: one to four numbers in each list of a function of lists."""
    lists = len(entry.arguments)
    return [lists * n for n in (1, 2, 4)] if isinstance(entry, Composition) and entry.takes_lists else [lists]


def notation_of(entry: Primitive | Composition, count: int) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    if isinstance(entry, Composition):
        return entry.input_names(count), entry.formula(count), entry.derivatives(count)
    return entry.arguments, entry.formula, entry.derivatives


def apply(entry: Primitive | Composition, inputs: list[Any]) -> Any:
    return entry.of_flat(inputs) if isinstance(entry, Composition) else entry(*inputs)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_value_and_derivatives_are_those_of_the_textbook(entry: Primitive | Composition, data: st.DataObject) -> None:
    for count in sizes(entry):
        domain = entry.domain if len(entry.domain) == count else entry.domain[:1] * count
        numbers = [data.draw(st.floats(low, high, allow_subnormal=False)) for low, high in domain]
        if entry.kink and any(abs(number) < 1e-6 for number in numbers):
            continue  # a formula with cases has no derivative at its kink; the convention has a test of its own
        names, formula, derivatives = notation_of(entry, count)
        leaves = [Value(number) for number in numbers]
        output = apply(entry, leaves)
        known = dict(zip(names, numbers, strict=True))
        assert evaluate_formula(formula, known) == pytest.approx(output.data, rel=1e-9, abs=1e-12)
        computed = adjoints(output)
        assert len(derivatives) == count
        for leaf, derivative in zip(leaves, derivatives, strict=True):
            expected = evaluate_formula(derivative, {**known, "y": output.data})
            assert (computed.get(leaf) or 0.0) == pytest.approx(expected, rel=1e-9, abs=1e-12), derivative


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_the_graph_of_the_textbook_formula_has_the_same_derivatives(entry: Primitive | Composition) -> None:
    for count in sizes(entry):
        domain = entry.domain if len(entry.domain) == count else entry.domain[:1] * count
        numbers = [low + (high - low) * (0.61 + 0.07 * place) for place, (low, high) in enumerate(domain)]
        names, formula, _ = notation_of(entry, count)
        computed, textbook = [Value(number) for number in numbers], [Value(number) for number in numbers]
        apply(entry, computed).backward()
        evaluate_formula(formula, dict(zip(names, textbook, strict=True))).backward()
        for leaf, other in zip(computed, textbook, strict=True):
            assert (leaf.grad or 0.0) == pytest.approx(other.grad or 0.0, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_notation_is_whole(entry: Primitive | Composition) -> None:
    for count in sizes(entry):
        names, formula, derivatives = notation_of(entry, count)
        operands = [Written(name) for name in names]
        written = {name: Written(name) for name in (*names, "y")}
        for text in (formula, *derivatives):
            latex = write_formula(text, written, "latex").text
            assert latex.count("{") == latex.count("}")
            assert latex.count(r"\left") == latex.count(r"\right")
            again = write_formula(write_formula(text, written).text, written).text
            assert again == write_formula(text, written).text, "what is written reads back as the same formula"
        assert all(name in write(entry, operands).text for name in names)


def test_brackets_keep_the_meaning() -> None:
    known = {name: Written(name) for name in "abc"}
    for text in ("a - (b - c)", "(a + b) * c", "a / (b * c)", "(-a)**2", "-a**2", "a**b**c", "(a**b)**c", "a * (-b)"):
        assert write_formula(text, known).text == text
    numbers = {"a": 1.7, "b": 0.4, "c": 2.3}
    for text in ("a - (b + c)", "-(a + b)", "(a / b) / c", "a / (b / c)", "a + (-b)", "(-a) * b"):
        again = write_formula(text, known).text
        assert evaluate_formula(again, numbers) == evaluate_formula(text, numbers)


def test_a_wrong_formula_would_be_seen() -> None:
    """The comparison above can fail: a derivative 0.1% off does not pass."""
    x = Value(0.3)
    (step,) = backward_steps(PRIMITIVES["tanh"](x))
    assert step.partials[0] != pytest.approx(1.001 * (1 - math.tanh(0.3) ** 2), rel=1e-9)


@pytest.mark.parametrize(
    ("exponent", "expected"),
    [(2, "2 * x"), (3, "3 * x**2"), (-1, "-1 * x**(-2)"), (2.3, "2.3 * x**1.3"), (1 / 3, "0.3333 * x**(-0.6667)")],
)
def test_the_exponent_of_a_derivative_is_written_as_that_of_its_power_is(exponent: float, expected: str) -> None:
    """2.3 - 1 is 1.2999999999999998 in floating point, which nobody wants to read."""
    assert f"∂out/∂x = {expected} = " in str(explain(Value(3.0, label="x") ** exponent))

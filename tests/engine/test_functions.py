"""The textbook formulas of the tables against what the engine computes, for every entry."""

from __future__ import annotations

import math
import re
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
        numbers = dict(zip((*names, "y"), (0.3 + 0.11 * place for place in range(count + 1)), strict=True))
        if entry.name == "choose":
            numbers["i"] = 1.0
        for text in (formula, *derivatives):
            latex = write_formula(text, written, "latex").text
            assert latex.count("{") == latex.count("}")
            assert latex.count(r"\left") == latex.count(r"\right")
            printed = write_formula(text, written).text
            assert value_of(printed, numbers) == pytest.approx(evaluate_formula(text, numbers), rel=1e-14), printed
        assert all(name in write(entry, operands).text for name in names)


SIGNS = {"−": "-", "·": "*", "≤": "<=", "≥": ">=", "≟": "==", "π": "pi", "^": "**", "[": "(", "]": ")"}
NAMES = {
    "ReLU": "relu", "LeakyReLU": "leaky_relu", "PReLU": "prelu", "ELU": "elu", "GELU≈": "gelu_tanh", "GELU": "gelu",
    "σ": "sigmoid", "Φ": "normal_cdf", "ln": "log", "arctan": "atan", "max": "maximum", "min": "minimum",
}  # fmt: skip
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def value_of(printed: str, numbers: dict[str, float]) -> float:
    """The number that mathematics in Unicode stands for, read independently of the writer: by Python's own grammar."""
    text = printed.replace(", else", " else")
    text = re.sub(r"\|([^|]*)\|", r"abs(\1)", re.sub(r"⌊([^⌋]*)⌋", r"floor(\1)", text))
    text = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", lambda raised: f"**({raised[0].translate(SUPERSCRIPTS)})", text)
    text = re.sub(r"√(\(|[\w.]+)", lambda root: "sqrt(" if root[1] == "(" else f"sqrt({root[1]})", text)
    text = re.sub(r"[^\W\d_]+≈?(?=\()", lambda name: NAMES.get(name[0], name[0]), text)
    entries = {**PRIMITIVES, **COMPOSITIONS, "pi": math.pi, "nan": math.nan}
    return float(eval("".join(SIGNS.get(sign, sign) for sign in text), {**entries, **numbers}))


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("a - (b - c)", "a − (b − c)"),
        ("(a + b) * c", "(a + b) · c"),
        ("a / (b * c)", "a / (b · c)"),
        ("(-a)**2", "(−a)²"),
        ("-a**2", "−a²"),
        ("a**b**c", "a^b^c"),
        ("(a**b)**c", "(a^b)^c"),
        ("a**-2", "a⁻²"),
        ("a**0.5", "a^0.5"),
        ("a * (-b)", "a · (−b)"),
        ("sqrt(a) * sqrt(a + b)", "√a · √(a + b)"),
        ("sqrt(a)**3", "(√a)³"),
        ("log1p(a - b)", "ln(1 + (a − b))"),
        ("where(a > 0, a, where(b > 0, b, 0)) + c", "(a if a > 0, else (b if b > 0, else 0)) + c"),
        ("abs(a - b)", "|a − b|"),
        ("1e-07 * a", "1·10⁻⁷ · a"),
        ("0.044715 * a**3", "0.044715 · a³"),
    ],
)
def test_brackets_keep_the_meaning(text: str, printed: str) -> None:
    known = {name: Written(name) for name in "abc"}
    assert write_formula(text, known).text == printed


@pytest.mark.parametrize("text", ["a - (b + c)", "-(a + b)", "(a / b) / c", "a / (b / c)", "a + (-b)", "(-a) * b"])
def test_what_is_printed_has_the_same_value(text: str) -> None:
    numbers = {"a": 1.7, "b": 0.4, "c": 2.3}
    printed = write_formula(text, {name: Written(name) for name in "abc"}).text
    assert value_of(printed, numbers) == evaluate_formula(text, numbers)


def test_a_wrong_formula_would_be_seen() -> None:
    """The comparison above can fail: a derivative 0.1% off does not pass."""
    x = Value(0.3)
    (step,) = backward_steps(PRIMITIVES["tanh"](x))
    assert step.partials[0] != pytest.approx(1.001 * (1 - math.tanh(0.3) ** 2), rel=1e-9)


@pytest.mark.parametrize(
    ("exponent", "expected"),
    [(2, "2 · x"), (3, "3 · x²"), (-1, "−1 · x⁻²"), (2.3, "2.3 · x^1.3"), (1 / 3, "0.3333 · x^(−0.6667)")],
)
def test_the_exponent_of_a_derivative_is_written_as_that_of_its_power_is(exponent: float, expected: str) -> None:
    """2.3 - 1 is 1.2999999999999998 in floating point, which nobody wants to read."""
    assert f"∂L/∂x = {expected} = " in str(explain(Value(3.0, label="x") ** exponent))

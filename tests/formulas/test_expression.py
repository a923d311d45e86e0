"""Typed expressions: what is read, what is refused, and that the refusal is one line that points at the place."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_core import ExpressionError, Value
from autograd_core.formulas.expression import DEEPEST, FUNCTIONS, LONGEST, Expression


@pytest.mark.parametrize(
    ("text", "values", "result"),
    [
        ("ln(x1) + x1*x2 - sin(x2)", {"x1": 2.0, "x2": 5.0}, 11.652071455223084),
        ("2**3**2", {}, 512.0),
        ("-2**2", {}, -4.0),
        ("+x - -x", {"x": 3.0}, 6.0),
        ("1 / 0", {}, math.inf),
        ("(-8)**(1/3) - (-8)**(1/3)", {}, math.nan),
        ("where(x > 0, x, 0)", {"x": -1.0}, 0.0),
        ("where(x == 2, 5, (x == 3) + 7)", {"x": 2.0}, 5.0),
        ("elu(x) + elu(x, 2)", {"x": 1.0}, 2.0),
        ("logsumexp(0, 0, x) - mean(1, 3)", {"x": 0.0}, math.log(3) - 2),
        ("1_000 + 1e-3 + .5", {}, 1000.501),
        ("  pi", {}, math.pi),
    ],
)
def test_reads(text: str, values: dict[str, float], result: float) -> None:
    assert Expression(text)(values) == pytest.approx(result, rel=1e-15, nan_ok=True)


def test_names_come_in_order_of_appearance() -> None:
    assert Expression("b*a + sin(c) - a + pi").names == ("b", "a", "c")


def test_values_record_a_graph() -> None:
    x = Value(2.0, label="x")
    y = Expression("x * x")({"x": x})
    assert y.inputs == (x, x)


@pytest.mark.parametrize(
    ("text", "what", "position"),
    [
        ("", "empty", 0),
        ("   ", "empty", 0),
        ("2 +", "is incomplete", 3),
        ("2x", r"write 2\*x", 0),
        ("2 x", r"write 2\*x", 0),
        ("relu(w x)", r"write w\*x", 5),
        ("1 + sin x", r"a function takes brackets: write sin\(x\)", 4),
        ("3(x)", r"for a product write \*", 0),
        ("x^2", r"write \*\*, not \^", 1),
        ("1j", "only finite real numbers", 0),
        ("x*\N{GREEK SMALL LETTER PI}", "is not part of any expression", 2),
        ("(x", "cannot be read", 0),
        ("x)", "cannot be read", 1),
        ("x.real", "only numbers, names", 0),
        ("__import__('os')", "is not part of any expression", 11),
        ("x[0]", "is not part of any expression", 1),
        ("a if b else c", "only numbers, names", 0),
        ("x and y", "only numbers, names", 0),
        ("f(2)", "no function 'f'", 0),
        ("max(1, 2)", "did you mean maximum", 0),
        ("1 + sinn(2)", "did you mean sin", 4),
        ("sin(1, 2)", r"takes 1 input\(s\), not 2", 0),
        ("elu(1, 2, 3)", r"takes 1 to 2 input\(s\), not 3", 0),
        ("mean()", r"takes at least 1 input\(s\), not 0", 0),
        ("sin(a=1)", "cannot be read|by position", None),
        ("sin(*x)", "by position", 0),
        ("sin(x)(2)", "only a function's name", 0),
        ("1 + math.exp(x)", r"write exp\(\.\.\.\)", 4),
        ("1e999", "does not fit float64", 0),
        ("1" + "0" * 400, "does not fit float64", 0),
        ("True", "only finite real numbers", 0),
        ("a < b < c", "one comparison", 0),
        ("a == b == c", "one comparison", 0),
        ("a != b", "for a != b write", 2),
        ("x, y", "only numbers, names", 0),
        ("x = 2", "cannot be read", 2),
        ("x // 2", "only the operators", 0),
        ("x % 2", "is not part of any expression", 2),
        ("-" * 100_000 + "1", "100,001 characters", LONGEST),
        ("-" * 100 + "1", "64 levels", DEEPEST),
        ("(" * 65 + "1" + ")" * 65, "64 levels", DEEPEST),
        ("2**" * 70 + "1", "64 levels", None),
        ("x" * (LONGEST + 1), "2,001 characters", LONGEST),
        ("x\n+ 1", "is not part of any expression", 1),
        ("\N{FULLWIDTH LATIN SMALL LETTER X}", "is not part of any expression", 0),
    ],
)
def test_refuses_in_one_line_and_points_at_the_place(text: str, what: str, position: int | None) -> None:
    with pytest.raises(ExpressionError, match=what) as caught:
        Expression(text)
    assert "\n" not in str(caught.value)
    assert position is None or caught.value.position == position
    assert "at character" in str(caught.value) or "at the end" in str(caught.value)


def test_a_missing_value_is_named_with_its_place() -> None:
    with pytest.raises(ExpressionError, match="'y' has no value, write y=NUMBER: at character 5"):
        Expression("x + y")({"x": 1.0})


def test_the_longest_and_the_deepest_are_read() -> None:
    assert Expression("(" * DEEPEST + "1" + ")" * DEEPEST)({}) == 1.0
    assert Expression("+".join("1" * 1000))({}) == 1000.0
    assert Expression("-" * (DEEPEST - 1) + "1")({}) == -1.0


def test_every_function_of_the_tables_can_be_called() -> None:
    for name, function in FUNCTIONS.items():
        inputs = ", ".join("0.5" for _ in function.arguments)  # type: ignore[attr-defined]
        assert isinstance(Expression(f"{name}({inputs})")({}), float)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="xy0123.+-*/()<>=, sinloge_^jand\n", max_size=40) | st.text(max_size=20))
def test_any_text_is_either_read_or_refused(text: str) -> None:
    try:
        expression = Expression(text)
    except ExpressionError as refusal:
        message = str(refusal)
    else:
        message = ""
        assert isinstance(expression(dict.fromkeys(expression.names, 0.5)), float)
    assert "\n" not in message

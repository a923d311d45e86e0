"""The derivation in LaTeX: whole, aligned, and safe whatever a label holds."""

from __future__ import annotations

import re

import pytest

from autograd_core import COMPOSITIONS, PRIMITIVES, Value, dot, explain, relu, sigmoid

HOSTILE = ["a = b_{", "}", "\\end{align*}", "100 % & #1 $x$", "~^<>", "x_1", "\\input{secret}"]


def lines(latex: str) -> list[str]:
    start, *body, end, last = latex.split("\n")
    assert (start, end, last) == ("\\begin{align*}", "\\end{align*}", "")
    return body


def is_balanced(latex: str) -> bool:
    bare = re.sub(r"\\[{}]", "", latex)
    depth = 0
    for character in bare:
        depth += (character == "{") - (character == "}")
        if depth < 0:
            return False
    return depth == 0


@pytest.mark.parametrize("label", HOSTILE)
def test_labels_are_text_and_every_line_is_aligned_once(label: str) -> None:
    x, t = Value(0.5, label="x"), Value(-2.0, label=label)
    latex = explain(sigmoid(x) * t + relu(t)).to_latex()
    assert is_balanced(latex)
    for line in lines(latex):
        outside_cases = re.sub(r"\\begin\{cases\}.*?\\end\{cases\}", "", line.replace(r"\&", ""))
        assert outside_cases.count("&") == 1, line
    assert not re.search(r"(?<!\\)[%#$]", latex)
    assert latex.count("\\end{align*}") == 1
    assert "\\input" not in latex


def test_at_a_kink_the_convention_has_a_line_of_its_own() -> None:
    x = Value(0.0, label="x")
    for mode in ("reverse", "forward"):
        latex = explain(relu(x) * 2.0, mode=mode).to_latex()  # type: ignore[arg-type]
        told = r"& \text{At } v_{1}\text{: relu is at its kink here, so its convention holds: derivative 0 at 0.} \\"
        assert [line for line in lines(latex) if "kink" in line] == [told]
    assert "kink" not in explain(relu(Value(1.0))).to_latex()


@pytest.mark.parametrize("name", [*PRIMITIVES, *COMPOSITIONS])
def test_every_operation_can_be_written(name: str) -> None:
    entry = (PRIMITIVES | COMPOSITIONS)[name]
    count = 4 if getattr(entry, "takes_lists", False) else len(entry.arguments)
    inputs = [Value(0.3 + place / 7) for place in range(count)]
    if name == "choose":
        inputs[0] = Value(1.0)
    output = COMPOSITIONS[name].of_flat(inputs) if name in COMPOSITIONS else PRIMITIVES[name](*inputs)
    for mode in ("reverse", "forward"):
        latex = explain(output, mode=mode, open=()).to_latex()  # type: ignore[arg-type]
        assert is_balanced(latex)
        assert "nan" not in latex


def test_the_last_lines_are_the_gradient_with_the_chain_rule() -> None:
    x = Value(3.0, label="x")
    *_, last = lines(explain(x * x).to_latex())
    d, p = r"\frac{\mathrm{d} L}{\mathrm{d} %s}", r"\frac{\partial L}{\partial x}"
    term = d % "L" + r" \cdot " + p
    assert last == d % "x" + f" & = {term} + {term} = 1 \\cdot 3 + 1 \\cdot 3 = 6"


@pytest.mark.parametrize("number", [123456.0, 1e-5, -1e-5, 2e100])
def test_a_number_with_an_exponent_is_bracketed_under_a_power(number: float) -> None:
    latex = explain(Value(number, label="x") ** 2).to_latex()
    assert not re.search(r"\^\{-?\d+\}\^", latex), "TeX refuses a double superscript"
    assert r"10^{" in latex


def test_a_product_of_lists_has_its_numbers_put_in() -> None:
    w, x = [Value(1.5, "w1"), Value(-2.0, "w2")], [Value(3.0, "x1"), 4.0]
    formula = r"(w_{1}, w_{2}) \cdot (x_{1}, 4) = (1.5, -2) \cdot (3, 4) = -3.5"
    assert formula in explain(dot(w, x)).to_latex()

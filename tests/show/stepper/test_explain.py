"""The record and the ledger: every number they show is the engine's, and a reader can follow each line."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_core
from autograd_core import (
    Value,
    backward_steps,
    explain,
    floor,
    gelu,
    leaky_relu,
    log,
    maximum,
    mean,
    relu,
    sigmoid,
    sin,
    softplus,
    tanh,
    threshold,
)
from autograd_core.formulas.expression import Expression
from autograd_core.formulas.notation import number_latex, number_text
from autograd_core.formulas.symbols import name_text
from autograd_core.formulas.text_report import report_text
from autograd_core.graph.boxes import view
from autograd_core.show.drawing.view_diagram import view_diagram
from autograd_core.show.record import chain_rule
from autograd_core.show.record.steps import explained_steps
from autograd_core.show.stepper.ledger import ledger

# The traces of the literature: expression, inputs, value, gradient.
TRACES = [
    # Two paths: the graph that tells the classic mistakes apart.
    ("(a + b) + a*b + (a + b)*(a*b)", {"a": 2, "b": 3}, 41, (25, 19)),
    # Baydin, Pearlmutter, Radul and Siskind, JMLR 18 (2018), tables 2 and 3.
    ("ln(x1) + x1*x2 - sin(x2)", {"x1": 2, "x2": 5}, 11.652071455223084, (5.5, 1.7163378145367737)),
    # CS231n, Stanford, notes on backpropagation.
    ("(x + y)*z", {"x": -2, "y": 5, "z": -4}, -12, (-4, -4, 3)),
    ("2*(x*y + maximum(z, w))", {"x": 3, "y": -4, "z": 2, "w": -1}, -20, (-8, 6, 2, 0)),
    (
        "sigmoid(w0*x0 + w1*x1 + w2)",
        {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3},
        0.7310585786300049,
        (-0.19661193324148185, 0.3932238664829637, -0.3932238664829637, -0.5898357997244456, 0.19661193324148185),
    ),
    # CS224N, Stanford, notes on computation graphs.
    ("(x + y)*maximum(y, z)", {"x": 1, "y": 2, "z": 0}, 6, (2, 5, 0)),
    # The micrograd lecture (the published numbers of the neuron are rounded).
    ("(a*b + c)*f", {"a": 2, "b": -3, "c": 10, "f": -2}, -8, (6, -4, -2, 4)),
    (
        "tanh(x1*w1 + x2*w2 + b)",
        {"x1": 2, "w1": -3, "x2": 0, "w2": 1, "b": 6.8813735870195432},
        0.7071067811865476,
        (-1.5, 1.0, 0.5, 0.0, 0.5),
    ),
    # Repeated backward: the graph of its first pass.
    ("(a + b)*d", {"a": 3, "b": 2, "d": 1}, 5, (1, 1, 5)),
]


def record_expression(text: str, numbers: dict[str, float]) -> tuple[Value, dict[str, Value]]:
    inputs = {name: Value(number, label=name) for name, number in numbers.items()}
    return Expression(text)(inputs), inputs


@pytest.mark.parametrize(("text", "numbers", "value", "gradient"), TRACES, ids=[trace[0] for trace in TRACES])
@pytest.mark.parametrize("opened", [(), "all"], ids=["closed", "opened"])
@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_the_traces_of_the_literature(
    text: str, numbers: dict[str, float], value: float, gradient: tuple[float, ...], opened: str, mode: str
) -> None:
    output, inputs = record_expression(text, numbers)
    explanation = explain(output, mode=mode, open=opened)  # type: ignore[arg-type]
    record = explanation.record
    assert record.value == pytest.approx(value, rel=1e-15)
    found = {gradient.name: gradient.value for gradient in record.gradient}
    assert [found[name] for name in numbers] == pytest.approx(gradient, rel=2e-15, abs=1e-15)
    output.backward()
    if mode == "reverse":
        assert found == {name: leaf.grad for name, leaf in inputs.items()}, "exactly the engine's gradient"
    text_shown = explanation.to_text()
    for name, number in zip(numbers, gradient, strict=True):
        line = re.search(rf"^  dL/d{name_text(name)} = (.*)$", text_shown.replace("−", "-"), re.MULTILINE)
        assert line, text_shown
        assert float(line[1].split()[-1] if "(" not in line[1][-2:] else line[1].split()[0]) == pytest.approx(
            number, rel=1e-3, abs=1e-4
        )


def test_the_ledger_of_baydin_reads_as_the_chain_rule() -> None:
    output, _ = record_expression("ln(x1) + x1*x2 - sin(x2)", {"x1": 2, "x2": 5})
    shown = str(explain(output))
    for line in (
        "∂v₁/∂x₁ = 1 / x₁ = 1 / 2 = 0.5",
        "∂v₄/∂x₂ = cos(x₂) = cos(5) = 0.2837",
        "dL/dx₂ = −0.2837 + 2 = 1.716",
        "dL/dx₁ = 5 + 0.5 = 5.5",
        "5 + …",
        "dL/dx₁ = dL/dv₂ · ∂v₂/∂x₁ + dL/dv₁ · ∂v₁/∂x₁ = 1 · 5 + 1 · 0.5 = 5.5",
        "8 multiplications, 2 additions",
    ):
        assert line in shown
    forward = str(explain(output, mode="forward"))
    assert "dL/dx₁ = 5.5" in forward
    assert "2 sweeps forward" in forward


@pytest.mark.parametrize(("text", "numbers"), [trace[:2] for trace in TRACES], ids=[trace[0] for trace in TRACES])
def test_opened_the_record_is_backward_steps_to_the_last_bit(text: str, numbers: dict[str, float]) -> None:
    output, _ = record_expression(text, numbers)
    contributions = [
        (edge.partial, edge.carried, edge.contribution)
        for step in explain(output, open="all").record.sweeps[0].steps
        for edge in step.edges
        if edge.contribution is not None
    ]
    engine = [
        (partial, step.upstream, contribution)
        for step in backward_steps(output)
        for partial, contribution in zip(step.partials, step.contributions, strict=True)
        if contribution is not None
    ]
    assert contributions == engine


def test_a_sum_is_the_adjoint_only_when_all_has_arrived() -> None:
    x = Value(3.0, label="x")
    edges = [edge for step in explain(x * x + x).steps for edge in step.edges if edge.source == "x"]
    assert [edge.complete for edge in edges] == [False, False, True]
    assert [edge.terms for edge in edges] == [(1.0,), (1.0, 3.0), (1.0, 3.0, 3.0)]


def test_a_closed_composition_is_one_line_with_its_formula_and_why() -> None:
    x = Value(1.0, label="x")
    shown = str(explain(sigmoid(x)))
    assert "∂L/∂x = L · (1 − L) = 0.7311 · (1 − 0.7311) = 0.1966" in shown
    assert "σ(x) stands for 1 / (1 + exp(−x)); as computed, " in shown
    assert "exp(" not in str(explain(relu(x)))


def test_no_flow_is_reported_with_its_reason() -> None:
    x = Value(-1.0, label="x")
    assert "= 0 if x ≤ 0, else 1 = 0 if −1 ≤ 0, else 1 = 0, gate closed" in str(explain(relu(x)))
    assert "dL/dx = 0 (nothing arrived)" in str(explain(relu(x)))
    assert "0, flat: nothing flows" in str(explain(threshold(x)))
    y = Value(2.0, label="y")
    assert "∂L/∂x = 1 if x > y, else (0 if x < y, else 0.5)" in str(explain(maximum(x, y)))


def test_a_tilde_marks_numbers_that_do_not_multiply_out() -> None:
    assert chain_rule.running_sum((0.12344, 0.12344), 0.24688, True).text == "0.1234 + 0.1234 ≈ 0.2469"
    assert chain_rule.running_sum((0.25, 0.5), 0.75, True).text == "0.25 + 0.5 = 0.75"
    x = Value(1.23444, label="x")
    (times_two, square) = explain((x * x) * 2.0).steps
    assert chain_rule.contribution(times_two.edges[0]).text == "1 · 2 = 2"
    assert chain_rule.contribution(square.edges[0]).text == "2 · 1.234 ≈ 2.469"


def test_what_is_not_finite_is_shown_and_is_text_in_json() -> None:
    x = Value(0.0, label="x")
    explanation = explain(log(x) * 0.0)
    assert "nan" in str(explanation)
    plain = json.loads(explanation.to_json())
    assert plain["value"] == "nan"
    assert plain["nodes"][1]["value"] == "-inf"


def test_json_holds_the_whole_record() -> None:
    output, _ = record_expression("ln(x1) + x1*x2 - sin(x2)", {"x1": 2, "x2": 5})
    plain = json.loads(explain(output).to_json())
    assert [gradient["value"] for gradient in plain["gradient"]] == [5.5, 1.7163378145367737]
    assert plain["sweeps"][0]["steps"][0]["edges"][0]["formula"] == {"text": "1", "latex": "1"}


def test_a_large_table_is_cut_and_says_so() -> None:
    x = Value(1.0, label="x")
    total = x
    for _ in range(600):
        total = total + x
    explanation = explain(total)
    shown = explanation.to_text()
    assert "more rows; explain(value).record holds all of them" in shown
    assert len(shown.splitlines()) < 900
    assert explanation.record.gradient[0].value == 601.0
    assert "dL/dx = 601 (the sum of 601 contributions)" in shown


def test_explaining_leaves_the_graph_alone() -> None:
    x = Value(0.5, label="x")
    y = gelu(x) * mean([x, 2.0])
    explain(y)
    assert x.grad is None
    assert y.grad is None
    with pytest.raises(TypeError, match="got float"):
        explain(2.0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="'reverse' or 'forward'"):
        explain(y, mode="sideways")  # type: ignore[arg-type]


def test_a_leaf_alone_can_be_explained() -> None:
    x = Value(2.0, label="x")
    for mode in ("reverse", "forward"):
        record = explain(x, mode=mode).record  # type: ignore[arg-type]
        assert [(gradient.name, gradient.value) for gradient in record.gradient] == [("x", 1.0)]
        assert "dx/dx = 1" in report_text(ledger(record))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=15), st.floats(-2, 2), st.floats(-2, 2))
def test_both_modes_agree_with_backward_on_random_graphs(operations: list[int], a: float, b: float) -> None:
    nodes = [Value(a, label="a"), Value(b, label="b")]
    for place, operation in enumerate(operations):
        left, right = nodes[-1 - place % len(nodes)], nodes[-1]
        nodes.append([left + right, left * right, left - right, sigmoid(right), sin(left), relu(right)][operation])
    root = nodes[-1]
    reverse, forward = explain(root).record, explain(root, mode="forward").record
    root.backward()
    leaves = {gradient.name: gradient.value for gradient in reverse.gradient}
    assert leaves == {node.label: node.grad for node in nodes[:2] if node.grad is not None}
    assert {gradient.name: gradient.value for gradient in forward.gradient} == pytest.approx(
        leaves, rel=1e-11, abs=1e-12
    )


@pytest.mark.parametrize(
    ("number", "text", "latex"),
    [
        (11.652071455, "11.65", "11.65"),
        (3.875e-07, "3.875·10⁻⁷", r"3.875 \cdot 10^{-7}"),
        (-1e300, "−1·10³⁰⁰", r"-1 \cdot 10^{300}"),
        (0.0, "0", "0"),
        (-0.0, "0", "0"),
        (math.inf, "∞", r"\infty"),
        (-math.inf, "−∞", r"-\infty"),
        (math.nan, "nan", r"\text{nan}"),
        (None, "–", r"\text{--}"),
    ],
)
def test_numbers_have_four_digits(number: float | None, text: str, latex: str) -> None:
    assert number_text(number) == text
    assert number_latex(number) == latex


@pytest.mark.parametrize(
    ("text", "x"),
    [("1/x - 1/x", 0.0), ("x*1e308 + x*1e308", 1.0), ("ln(x) - ln(x)", 0.0), ("exp(x) - exp(x)", 710.0), ("x*x", -0.0)],
)
@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_every_view_accepts_numbers_that_are_not_finite(text: str, x: float, mode: str) -> None:
    output, _ = record_expression(text, {"x": x})
    explanation = explain(output, mode=mode)  # type: ignore[arg-type]
    assert "dL/dx" in str(explanation)
    assert "≈ ∞" not in str(explanation)
    assert "≈ 0" not in str(explanation)
    assert explanation.to_latex()
    assert json.loads(explanation.to_json())
    assert "fault" not in explanation._repr_mimebundle_()["text/plain"]


def test_an_opened_composition_has_its_formula_and_the_reason_for_its_form() -> None:
    x = Value(0.5, label="x")
    explanation = explain(sigmoid(x * 2.0), open="all")
    openings = [node.opening for node in explanation.record.nodes if node.opening]
    assert openings == [
        "Here σ(v₁) begins, which stands for 1 / (1 + exp(−v₁)); as computed, "
        "e = exp(−|x|) cannot overflow, and e / (1 + e) keeps every digit where 1 / (1 + exp(−x)) is close to 0."
    ]
    assert f"At out₍₁₎: {openings[0]}" in explanation.to_text()
    assert "Here σ(v₁) begins" in explanation.to_html().partition("<script")[0]


@pytest.mark.parametrize(
    ("function", "point", "operation", "convention"),
    [
        (autograd_core.abs, 0.0, "abs", "derivative 0 at 0"),
        (relu, 0.0, "relu", "derivative 0 at 0"),
        (leaky_relu, 0.0, "leaky_relu", "derivative slope at 0"),
        (threshold, 0.0, "threshold", "derivative 0 everywhere, the step included"),
        (floor, 2.0, "floor", "derivative 0 everywhere, at the steps too"),
        (lambda x: maximum(x, 1.0), 1.0, "maximum", "a tie is split 1/2 to 1/2"),
    ],
)
def test_a_step_at_a_kink_says_which_convention_holds(
    function: Callable[[Value], Value], point: float, operation: str, convention: str
) -> None:
    sentence = f"{operation} is at its kink here, so its convention holds: {convention}."
    y = function(Value(point, label="x")) * 2
    explanation = explain(y)
    [step] = [step for step in explained_steps(explanation.record) if step.phase == "backward" and step.source == "x"]
    assert step.words.count(sentence) == 1
    assert repr(explanation).count(f"  At v₁: {sentence}") == 1
    assert repr(explain(y, mode="forward")).count(sentence) == 1
    [tip] = [card.tooltip for card in view_diagram(view(y)).cards if card.box is not None and card.box.name == "v1"]
    assert sentence in tip
    assert sentence in explanation.to_html()
    beside = explain(function(Value(point + 0.5, label="x")) * 2)
    assert "kink" not in repr(beside) + "".join(step.words for step in explained_steps(beside.record))


def test_a_smooth_function_has_no_kink_where_its_branches_meet() -> None:
    x = Value(0.0, label="x")
    y = sigmoid(x) * tanh(x) + softplus(x) + gelu(x)
    assert "kink" not in repr(explain(y)) + repr(explain(y, open="all"))


@pytest.mark.parametrize(
    ("text", "numbers", "arithmetic"),
    [
        ("((x + 1e-6)**2 - x**2)/1e-6", {"x": 3}, "9.000006 − 9"),
        ("x - y", {"x": 1e16 + 2, "y": 1e16}, "10000000000000002 − 10000000000000000"),
        ("x + y", {"x": 100.0625, "y": -100}, "100.0625 + (−100)"),
        ("sin(x)", {"x": 12345.678}, "sin(12345.678)"),
        ("x*y", {"x": 1 / 3, "y": 3}, "0.3333 · 3"),
    ],
)
def test_more_digits_where_four_hide_the_result(text: str, numbers: dict[str, float], arithmetic: str) -> None:
    output, _ = record_expression(text, numbers)
    assert arithmetic in str(explain(output))
    latex = explain(output).to_latex()
    assert arithmetic.split(" ")[0].removeprefix("sin(").rstrip(")") in latex
    if "sin" not in text:
        assert arithmetic in explain(output).to_html()


def test_more_digits_where_four_hide_a_derivative_or_a_sum() -> None:
    output, inputs = record_expression("((x + 1e-6)**2 - x**2)/1e-6", {"x": 3})
    sums = [line for line in str(explain(output)).splitlines() if line.startswith("  dL/dx = ")]
    assert [line.split(" = ")[-2:] for line in sums] == [["(−1000000) · 6 + 6000002 · 1", "2"]]
    output.backward()
    assert inputs["x"].grad == pytest.approx(2, rel=1e-4), "as the sentence says"
    assert "L · (1 − L) = 0.999999997939 · (1 − 0.999999997939) = 2.061·10⁻⁹" in str(
        explain(record_expression("sigmoid(x)", {"x": 20})[0])
    )


@given(st.floats(-1e6, 1e6), st.floats(-1e-3, 1e-3))
def test_a_difference_of_shown_numbers_is_the_shown_difference(x: float, step: float) -> None:
    output, _ = record_expression("x - y", {"x": x + step, "y": x})
    record = explain(output).record
    written = re.sub(r" \\cdot 10\^\{(-?\d+)\}", r"e\1", record.nodes[-1].numbers.latex)
    left, right = re.split(r" - (?=\\left|\d)", written, maxsplit=1)
    shown = float(left) - float(right.removeprefix(r"\left(").removesuffix(r"\right)"))
    assert number_text(shown) == number_text(record.value) or shown == pytest.approx(record.value, rel=0.1)

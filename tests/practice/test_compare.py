"""Gradients by hand beside the engine's: which term differs, and how."""

import numpy as np
import pytest

from autograd_core import NumberError, Value, cos, log, relu, sin
from autograd_core.practice.compare import compare


def survey():
    x1, x2 = Value(2.0, "x1"), Value(5.0, "x2")
    return log(x1) + x1 * x2 - sin(x2)


def findings(by_hand, of):
    return compare(by_hand=by_hand, of=of).rows[0].findings


def test_numbers_that_agree():
    compared = compare(by_hand={"x1": 5.5, "x2": 1.72}, of=survey())
    assert compared.agrees
    assert [row.findings for row in compared.rows] == [(), ()]
    assert compared.rows[1].engine == pytest.approx(1.7163378145367738)
    assert repr(compared).count("agrees") == 2


def test_functions_of_the_inputs_must_come_nearer_than_typed_numbers():
    assert compare(by_hand=lambda x1, x2: {"x2": x1 - cos(x2), "x1": 1 / x1 + x2}, of=survey()).agrees
    assert compare(by_hand=lambda x1, x2: (1 / x1 + x2, x1 - cos(x2)), of=survey()).agrees
    assert compare(by_hand=lambda x2, x1: np.array([x1 - cos(x2), 1 / x1 + x2]), of=survey()).agrees
    assert compare(by_hand={"x2": lambda x1, x2: x1 - cos(x2), "x1": "1/2 + 5"}, of=survey()).agrees
    assert not compare(by_hand=lambda x1, x2: (5.501, 1.7163378145367738), of=survey()).agrees
    assert compare(by_hand=lambda x1, x2: (5.501, 1.7163378145367738), of=survey(), tolerance=0.01).agrees


def test_one_input_may_be_returned_as_one_number():
    x = Value(3.0, "x")
    assert compare(by_hand=lambda x: 2 * x, of=x * x).agrees
    assert compare(by_hand={x: 6}, of=x * x).agrees


@pytest.mark.parametrize(
    ("by_hand", "expected"),
    [
        (5.0, "the term through v₁ (0.5) is missing"),
        (0.5, "the term through v₂ (5) is missing"),
        (6.0, "the term through v₁ (0.5) is counted twice"),
        (10.5, "the term through v₂ (5) is counted twice"),
        (4.5, "the term through v₁ (0.5) has the wrong sign"),
        (2.5, "the term through v₂ (5) has the wrong factor of the product as its partial"),
        (1.5, "the term through v₂ (5) lacks the partial: it is the upstream alone"),
        (5.1667, "the term through v₁ (0.5) is a third of what it should be"),
    ],
)
def test_the_term_that_differs_is_named(by_hand, expected):
    assert findings({"x1": by_hand}, survey())[0] == expected


def test_a_term_without_its_upstream():
    a, b = Value(2.0, "a"), Value(5.0, "b")
    y = 3 * (a * b) + a
    assert findings({"a": 6}, y)[0] == "the term through v₁ (15) lacks the upstream: it is the partial alone"


def test_a_mistake_made_throughout_is_named_where_no_single_term_is_wrong():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    c, d = a + b, a * b
    c.label, d.label = "c", "d"
    y = (c + d) + c * d
    assert any(finding.startswith("passed on the same contribution again") for finding in findings({"a": 29}, y))
    # A term further up: what c * d sends to c is lost, and with it its share of dy/da.
    assert "missed a path: the path out → v₂ → c → a was left out" in findings({"a": 19}, y)


def test_a_missing_term_is_not_reported_again_as_a_missing_path():
    assert [finding for finding in findings({"x1": 5}, survey()) if "path" in finding] == []


def test_the_required_term_is_shown_where_no_mistake_explains_the_answer():
    (finding,) = findings({"x1": 7.1}, survey())
    assert "6.6 instead of the term through v₂ (5)" in finding
    assert "2.1 instead of the term through v₁ (0.5)" in finding


def test_an_input_nothing_flows_back_to():
    x = Value(-2.0, "x")
    assert findings({"x": 1.2345}, relu(x) + 1)[0].startswith("no gradient flows back to it")
    assert compare(by_hand={"x": 0}, of=relu(x) + 1).agrees


def test_inner_nodes_can_be_compared_and_omitted_inputs_are_listed():
    compared = compare(by_hand={"v4": -1}, of=survey())
    assert compared.agrees
    assert compared.left_out == ("x1", "x2")
    assert repr(compared).endswith("Not given: x₁, x₂.")


def test_the_table_is_aligned_and_shows_the_chain_rule_of_wrong_answers():
    lines = repr(compare(by_hand={"x1": 5, "x2": 1.7163378}, of=survey())).splitlines()
    assert [line.split() for line in lines[3:5]] == [
        ["dL/dx₁", "5", "5.5", "−0.5", "differs"],
        ["dL/dx₂", "1.716", "1.716", "0", "agrees"],
    ]
    assert lines[3].index("5.5") + 3 == lines[4].rindex("1.716") + 5
    assert "dL/dx₁ = dL/dv₂ · ∂v₂/∂x₁ + dL/dv₁ · ∂v₁/∂x₁ = 1 · 5 + 1 · 0.5 = 5.5" in lines


def test_a_gradient_that_is_not_finite_is_refused():
    x = Value(0.0, "x")
    with pytest.raises(ValueError, match=r"out = ln\(x\) is −∞ at x = 0: there is nothing to compare"):
        compare(by_hand={"x": 3}, of=log(x))


def test_the_term_is_named_in_a_graph_too_large_to_try_every_place():
    x = Value(0.5, "x")
    y = x * 3
    for _ in range(500):
        y = sin(y) + 1
    engine = compare(by_hand={"x": 0}, of=y + x * 7).rows[0].engine
    assert findings({"x": engine - 7}, y + x * 7)[0].endswith("(7) is missing")


def test_a_lost_minus_is_reported_at_its_term():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    y = a * 5 - b
    assert findings({"b": 1}, y)[0] == "the term through out (−1) has the wrong sign"


def test_unreadable_answers_are_refused():
    with pytest.raises(TypeError, match="of= must be the Value"):
        compare(by_hand={"x1": 1}, of=3.0)
    with pytest.raises(TypeError, match="a dict such as"):
        compare(by_hand=[1, 2], of=survey())
    with pytest.raises(ValueError, match="no node 'x3'"):
        compare(by_hand={"x3": 1}, of=survey())
    with pytest.raises(ValueError, match="no input 'z'"):
        compare(by_hand=lambda z: z, of=survey())
    with pytest.raises(ValueError, match=r"returned 1 number\(s\)"):
        compare(by_hand=lambda x1, x2: x1, of=survey())
    with pytest.raises(ValueError, match="nothing to compare"):
        compare(by_hand={}, of=survey())
    with pytest.raises(ValueError, match="not a node of the graph"):
        compare(by_hand={Value(1.0): 1}, of=survey())
    with pytest.raises(NumberError, match="x1"):
        compare(by_hand={"x1": "five"}, of=survey())

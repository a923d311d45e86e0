"""Every view shows the numbers that a graph was computed with, and marks those that have changed since."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import nn
from autograd_core import Value, compare, draw, explain, matrix_view, prelu, quiz, relu, sigmoid, summary
from autograd_core.graph.captured_numbers import change_note
from tests.campaigns import one_time


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 2**32))
@example(18039)  # a chain of functions behind a closed gate
@example(16362)  # a sentence of a film whose lines end elsewhere beside a note
def test_a_change_of_leaves_changes_no_view_of_a_random_graph(seed: int) -> None:
    assert one_time.changed_views(random.Random(seed)) == []


@pytest.fixture
def moved() -> Value:
    """sigmoid(w), computed at w = 2; w is now 10."""
    w = Value(2.0, label="w")
    y = sigmoid(w)
    y.backward()
    w.data = 10.0
    return y


@pytest.mark.parametrize("mode", ["reverse", "forward"])
@pytest.mark.parametrize("opened", [(), "all"])
def test_an_explanation_after_a_change_of_data(moved: Value, mode: str, opened: str) -> None:
    explanation = explain(moved, mode=mode, open=opened)  # type: ignore[arg-type]
    assert explanation.record.gradient[0].value == pytest.approx(math.exp(-2) / (1 + math.exp(-2)) ** 2, rel=1e-15)
    assert explanation.record.nodes[0].value == 2.0
    for text in (str(explanation), explanation.to_latex(), explanation.to_json()):
        assert "now 10" in text
        assert "sigmoid(10)" not in text
        assert "4.54" not in text


def test_every_view_marks_a_changed_leaf(moved: Value) -> None:
    explanation = explain(moved)
    views = [
        explanation.to_html(),
        draw(moved).svg,
        str(draw(moved, form="textbook")),
        draw(moved, depth=1).svg,  # type: ignore[union-attr]
        draw(moved, depth=1).to_html(),  # type: ignore[attr-defined]
        str(summary(moved)),
        str(quiz(moved)),
        quiz(moved).to_html(),
        str(compare({"w": 0.105}, of=moved)),
    ]
    for text in views:
        assert "now 10" in text


def test_the_matrix_view_marks_a_changed_weight() -> None:
    w, x = Value(2.0, label="w"), Value(3.0, label="x")
    y = w * x + Value(1.0, label="b")
    before = str(matrix_view(y))
    w.data = 10.0
    sentence = "computed with w = 2 (now 10)"
    assert str(matrix_view(y)).replace(f"{sentence}\n\n", "") == before
    assert sentence in matrix_view(y).to_latex()
    assert sentence in matrix_view(y).to_html()


def test_a_leaf_that_was_changed_before_it_was_used() -> None:
    w = Value(2.0, label="w")
    w.data = 5.0
    y = sigmoid(w)
    assert [node.operation for node in explain(y).record.nodes] == ["", "sigmoid"]
    assert "now" not in str(explain(y))


def test_a_leaf_that_was_used_with_two_numbers() -> None:
    x = Value(2.0, label="x")
    y = sigmoid(x)
    x.data = 3.0
    z = x * x
    text = str(explain(y + z))
    assert "σ(2)" in text
    assert "3 · 3" in text
    assert "input (also 3, now 3)" in text
    assert explain(y + z).record.gradient[0].value == pytest.approx(6.0 + math.exp(-2) / (1 + math.exp(-2)) ** 2)
    with pytest.raises(ValueError, match=r"x was used with the numbers 2 and 3\. Compute the output again"):
        explain(y + z, learning_rate=0.1)
    assert "x was used with the numbers 2 and 3" in explain(y + z).to_html(), "the reason why what-if is off"
    assert "(also 3, now 3)" in str(draw(y + z, form="textbook"))


def test_a_computed_number_that_was_changed_between_two_uses() -> None:
    x = Value(2.0, label="x")
    h = x * 3.0
    y = h + 1.0
    h.data = 100.0
    text = str(explain(y * h))
    assert "6 + 1" in text
    assert "7 · 100" in text
    assert "(also 100, now 100)" in text


def test_a_note_tells_close_numbers_apart() -> None:
    assert change_note(Value(2.0000001), [2.0]) == "now 2.0000001, not 2"
    assert change_note(Value(math.nan), [math.nan]) == ""


def test_a_diagnosis_after_a_change_of_data() -> None:
    x, slope = Value(-1.5, label="x"), Value(0.0, label="slope")
    y = relu(x) * 2.0 + prelu(x, slope)
    reasons = str(nn.why_gradient(y, x))
    x.data, slope.data = 7.0, 5.0
    assert str(nn.why_gradient(y, x)) == reasons
    assert "z = −1.5" in reasons

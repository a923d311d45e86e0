"""`explain(loss, your_turn=True)`: its text, its page without scripts, and the wrong rules that the page knows."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from autograd_core import Value, explain, log, relu, sin
from autograd_core.mistakes.mistakes import WRONG_DERIVATIVE


def survey() -> Any:
    x1, x2 = Value(2.0, label="x1"), Value(5.0, label="x2")
    return log(x1) + x1 * x2 - sin(x2)


def turn(page: str) -> Any:
    return json.loads(re.findall(r'<script type="application/json">(.*?)</script>', page)[0]).get("turn")


def test_the_text_has_a_row_of_blanks_for_each_edge_and_no_gradient() -> None:
    exercise = explain(survey(), your_turn=True)
    edges = sum(len(step.edges) for step in exercise.steps)
    assert str(exercise).count("____ · ____ = ____") == edges
    assert "1.716" not in str(exercise)
    assert "5.5" not in str(exercise)
    assert max(map(len, exercise.to_text(80).splitlines())) <= 80


def test_without_scripts_the_page_does_not_show_what_is_to_be_filled_in() -> None:
    fallback = explain(survey(), your_turn=True).to_html().partition('<script type="application/json">')[0]
    shown = re.sub(r"<p hidden>.*?</p>|<style>.*?</style>", "", fallback, flags=re.DOTALL)
    assert shown.count("____") > 16
    assert "1.716" not in shown
    assert "+5.5" not in shown


def test_only_the_exercise_knows_wrong_rules() -> None:
    assert turn(explain(survey()).to_html()) is None
    known = turn(explain(survey(), your_turn=True).to_html())
    sine = [found for found in known["partials"].values() if any(abs(number + 0.2837) < 1e-4 for number, _ in found)]
    kind, sentence, _ = known["mistakes"][next(index for number, index in sine[0] if abs(number + 0.2837) < 1e-4)]
    assert kind == WRONG_DERIVATIVE
    assert "cos" in sentence


def test_closed_gates_and_large_graphs_have_an_exercise() -> None:
    x = Value(-1.0, label="x")
    assert turn(explain(relu(x) * 3.0 + x, your_turn=True).to_html())
    total = Value(0.5, label="w")
    for _ in range(60):
        total = sin(total * 1.01)
    assert turn(explain(total, your_turn=True).to_html())


def test_it_is_for_reverse_mode() -> None:
    with pytest.raises(ValueError, match="leave mode= out"):
        explain(survey(), mode="forward", your_turn=True)

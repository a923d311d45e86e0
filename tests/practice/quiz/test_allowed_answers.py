"""Exercises and comparisons at kinks and outside a domain: what is right there, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from autograd_core import (
    Value,
    abs,  # noqa: A004
    compare,
    custom_primitive,
    exp,
    floor,
    gradcheck,
    log,
    maximum,
    quiz,
    relu,
    sqrt,
    where,
)
from autograd_core.__main__ import main
from autograd_core.mistakes.answers import covering_prefixes, prefixes, rounding
from autograd_core.practice.quiz.answer_hashes import hash_number
from autograd_core.practice.quiz.exercise import Quiz
from tests.campaigns import kinks


def is_right_on_the_page(exercise: Quiz, key: str, answer: float) -> bool:
    """As the script of the page decides."""
    data = exercise.handout_data(rounds=1)
    [blank] = [blank for blank in data["blanks"] if blank["key"] == key]
    hashes = [hash_number(form, blank["salt"], 1) for form in prefixes(rounding(answer))]
    return hashes[0] in blank["answers"] or not set(hashes).isdisjoint(blank.get("kink", {}).get("sides", ()))


@pytest.mark.parametrize("answer", [1, -1, 0, 0.3, "-1/3", 1e-9])
def test_at_a_kink_both_sides_and_what_lies_between_are_right_and_said_to_be(answer: Any) -> None:
    output = abs(Value(0.0, label="x"))
    result = quiz(output).check(x=answer)
    assert result.passed
    assert "At the kink of abs (out), any number from −1 to 1 is right" in repr(result)
    assert "The engine's convention is 0." in repr(result)
    compared = compare({"x": answer}, of=output)
    assert compared.agrees
    assert "dL/dx: At the kink of abs (out), any number" in repr(compared)
    assert compared.rows[0].findings == ()


@pytest.mark.parametrize("answer", [1.01, -1.01, 7, -1e9])
def test_at_a_kink_a_number_beyond_both_sides_is_wrong(answer: float) -> None:
    output = abs(Value(0.0, label="x"))
    assert not quiz(output).check(x=answer).passed
    assert not compare({"x": answer}, of=output).agrees
    assert not is_right_on_the_page(quiz(output), "x", answer)


def test_every_kind_of_blank_at_a_tie() -> None:
    x, y = Value(1.0, label="x"), Value(1.0, label="y")
    exercise = quiz(maximum(x, y) * 3, ["x", "v1", "v1/x", "v1->y"])
    assert exercise.key() == {"x": 1.5, "v1": 3.0, "∂v1/∂x": 0.5, "v1→y": 1.5}
    for answers in ((3, 3, 1, 0), (0, 3, 0, 3), (1, 3, 0.25, 2)):
        assert exercise.check(dict(zip(exercise.key(), answers, strict=True))).passed
    wrong = exercise.check({"x": 3.1, "v1": 1.5, "v1/x": 1.5, "v1->y": -1})
    assert not any(verdict.right for verdict in wrong.verdicts)


def test_a_gate_that_was_opened_is_at_its_kink_too() -> None:
    x = Value(0.0, label="x")
    for exercise in (quiz(relu(x) * 2, ["x", "v1/x"]), quiz(where(x > 0, 2 * x, -x), "x")):
        for answer in exercise.blanks:
            assert exercise.check({answer.key: 1}).verdicts[exercise.blanks.index(answer)].right
    opened = quiz(relu(x) * 2, ask="partials", open="all")
    notes = [verdict.note for verdict in opened.check(opened.key()).verdicts]
    assert sum("any number from 0 to 1" in note for note in notes) == 1  # for the branch into which a gradient may flow


def test_a_step_has_the_slope_of_both_its_sides() -> None:
    result = quiz(floor(Value(2.0, label="x"))).check(x=0)
    assert result.passed
    assert "At the kink of floor (out), both sides give this number." in repr(result)


def test_a_side_without_a_finite_slope_is_said_to_be_one() -> None:
    x = Value(0.0, label="x")
    shown = repr(quiz(where(x > 0, sqrt(x), 0.0)).check(x=0))
    assert "At the kink of greater (v₁), one side gives no finite number, and the other gives this number." in shown


def test_where_a_mistake_is_known_a_right_answer_at_a_kink_is_none() -> None:
    x = Value(0.0, label="x")
    assert quiz(relu(x) * 3).check(x=3).verdicts[0].mistakes == ()  # a closed gate taken for open
    data = quiz(relu(x) * 3).handout_data(rounds=1)["blanks"][0]
    sides, wrong = set(data["kink"]["sides"]), {mistake["hash"] for mistake in data["mistakes"]}
    assert sides.isdisjoint(wrong)
    assert hash_number("3.00e0", data["salt"], 1) not in wrong


@pytest.mark.parametrize("answer", [1, -1, 0, 0.3, -1 / 3, 1e-9, 0.999, -1e-12])
def test_the_page_accepts_the_same_at_a_kink(answer: float) -> None:
    exercise = quiz(abs(Value(0.0, label="x")))
    assert is_right_on_the_page(exercise, "x", answer)
    page = exercise.to_html()
    assert "At the kink of abs (out)" in page


@pytest.mark.parametrize(
    ("low", "high"), [(0.0, 1.0), (-1.0, 1.0), (0.18, 3.02), (-250.0, -0.5), (-0.01, 0.0), (2.0, 2.0), (9.99, 10.1)]
)
def test_the_prefixes_of_a_range_cover_it_once(low: float, high: float) -> None:
    covering = covering_prefixes(low, high)
    assert len(covering) == len(set(covering)) < 80
    for exponent in range(-12, 4):
        for digits in range(100, 1000):
            for sign in (1.0, -1.0):
                form = rounding(sign * digits / 100 * 10.0**exponent)
                found = sum(prefix in covering for prefix in prefixes(form))
                assert found == (low <= float(form) <= high), form


@pytest.mark.parametrize(
    ("function", "point", "problem"),
    [
        (log, -1.0, "out = ln(x) is nan at x = −1"),
        (log, 0.0, "out = ln(x) is −∞ at x = 0"),
        (lambda x: 1 / x, 0.0, "out = 1 / x is ∞ at x = 0"),
        (sqrt, 0.0, "∂L/∂x = 1 / (2 · L) is ∞ at x = 0"),
        (lambda x: sqrt(x * x), 0.0, "∂L/∂v₁ = 1 / (2 · L) is ∞ at v₁ = 0"),
        (lambda x: 1 / exp(x), 1000.0, "v₁ = exp(x) is ∞ at x = 1000"),
        (lambda x: x * log(Value(-1.0, label="c")), 1.0, "v₁ = ln(c) is nan at c = −1"),
        (lambda x: x + 1.0, math.nan, "x is nan"),
        (lambda x: 1e200 * (1e200 * x), 1e-300, "dL/dx is ∞"),
    ],
)
def test_outside_a_domain_there_is_nothing_to_ask(function: Callable[..., Any], point: float, problem: str) -> None:
    def output() -> Value:
        result = function(Value(point, label="x"))
        assert isinstance(result, Value)
        return result

    with pytest.raises(ValueError, match=r"which nobody can fill in\. Choose inputs") as refused:
        quiz(output(), "x")
    assert str(refused.value).startswith(problem)
    with pytest.raises(ValueError, match=r"there is nothing to compare\. Choose inputs") as refused:
        compare({"x": 1}, of=output())
    assert str(refused.value).startswith(problem)


def test_a_branch_that_was_not_taken_may_be_outside_its_domain() -> None:
    x = Value(-1.0, label="x")
    assert quiz(where(x > 0, log(x), 2 * x)).check(x=2).passed
    y = Value(0.0, label="y")
    assert quiz(3 * x + sqrt(y), ask="x").check(x=3).passed  # nobody asks for y


@pytest.mark.parametrize(("text", "point"), [("log(x)", "-1"), ("1/x", "0"), ("sqrt(x)", "0"), ("log(x)", "0")])
@pytest.mark.parametrize("options", [["--key"], ["--answer", "x=1"], ["--html", "page.html"], []])
def test_the_command_line_refuses_it_too(
    text: str, point: str, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["quiz", text, f"x={point}", *options]) == 2
    assert "nobody can fill in" in capsys.readouterr().err


def test_the_command_line_accepts_every_side_of_a_kink(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["quiz", "abs(x)", "x=0", "--answer", "x=-1"]) == 0
    assert "any number from −1 to 1" in capsys.readouterr().out


@pytest.mark.parametrize("level", [1, 2, 3])
def test_generated_exercises_have_no_kink_and_finite_numbers(level: int) -> None:
    for seed in range(5):
        exercise = quiz.generate(seed, level)
        assert all(map(math.isfinite, exercise.key().values()))
        assert not any(allowed.kinks for allowed in exercise._allowed.values())


def test_the_checker_accepts_every_side_of_a_kink() -> None:
    for slope in (-1.0, 0.0, 0.5, 1.0):
        rule = magnitude_with_slope(slope)
        assert gradcheck(rule, 0.0).entries[0].verdict == "at a kink"


def magnitude_with_slope(slope: float) -> Callable[[Any], Any]:
    return custom_primitive(
        "magnitude", lambda a: math.fabs(a), [lambda y, a: where(a > 0, 1.0, where(a < 0, -1.0, slope))]
    )


def test_random_graphs_at_kinks() -> None:
    faults, tried = kinks.refused_answers(100, seed=7)
    assert faults == []
    assert tried["at a kink"] > 5

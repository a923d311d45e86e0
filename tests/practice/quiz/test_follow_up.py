"""The next exercise isolates the suspected mistake: its numbers come of no other."""

from __future__ import annotations

import math

import pytest

from autograd_core import Value, log, quiz, sin, tanh
from autograd_core.__main__ import main
from autograd_core.mistakes.mistakes import SWAPPED, WRONG_DERIVATIVE
from autograd_core.practice.quiz.quiz import Quiz


def suspect(exercise: Quiz, **answers: float) -> Quiz:
    exercise.check(answers)
    following = exercise.follow_up()
    assert following is not None
    return following


def test_a_wrong_rule_is_isolated_on_its_own_operation() -> None:
    x, w = Value(0.7, "x"), Value(1.2, "w")
    following = suspect(quiz(tanh(w * x) * 3, ["w"]), w=3 * 0.7 * (1 - math.tanh(0.84)))
    assert "tanh" in following.to_text()
    numbers = {box.name: box.number for box in following._view.leaves}
    value = math.tanh(numbers["a"])
    result = following.check(a=numbers["c"] * (1 - value), c=value)  # the same wrong rule, 1 - y
    assert [cause.kinds for cause in result.causes] == [(WRONG_DERIVATIVE,)]
    assert following.check(following.key()).passed


def test_a_mistake_of_structure_is_isolated_too() -> None:
    x1, x2 = Value(2.0, "x1"), Value(5.0, "x2")
    following = suspect(quiz(log(x1) + x1 * x2 - sin(x2)), x1=2.5, x2=4.72)
    assert following.variant == f"to isolate: {SWAPPED}"


def test_without_a_suspicion_there_is_none() -> None:
    x = Value(3.0, "x")
    exercise = quiz(x * x)
    assert exercise.follow_up() is None
    exercise.check(x=6)
    assert exercise.follow_up() is None
    exercise.check(x=1234.5)
    assert exercise.follow_up() is None


def test_the_command_prints_a_command_that_works(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["quiz", "ln(x) * w", "x=2.3", "w=0.9", "--answer", "x=2.07", "w=0.833"]) == 1
    shown = " ".join(capsys.readouterr().out.split())
    command = shown.partition("To isolate it, next: python -m autograd_core ")[2]
    _, expression, inputs = command.split('"')
    assert main(["quiz", expression, *inputs.split()]) == 0
    assert "Fill in" in capsys.readouterr().out

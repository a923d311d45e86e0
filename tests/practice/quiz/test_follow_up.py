"""The next exercise isolates the suspected mistake: its numbers come of no other."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from autograd_core import Value, log, quiz, sin, tanh
from autograd_core.__main__ import main
from autograd_core.mistakes.mistakes import EXCHANGED, ROUNDED, SWAPPED, TRANSPOSED, WRONG_DERIVATIVE
from autograd_core.practice.quiz.exercise import Quiz


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
    assert following.variant == f"one mistake: {SWAPPED}"


def layer() -> Value:
    w, x = (
        [Value(number, f"w{i}") for i, number in enumerate((0.5, -0.3, 0.8, 0.2))],
        [Value(1.5, "x"), Value(-0.7, "y")],
    )
    return tanh(w[0] * x[0] + w[1] * x[1]) * (w[2] * x[0] + w[3] * x[1])


def exchange(exercise: Quiz) -> dict[str, float]:
    first, second, *_ = exercise.key()
    return {**exercise.key(), first: exercise.key()[second], second: exercise.key()[first]}


def round_off(exercise: Quiz) -> dict[str, float]:
    return {name: float(f"{number:.2g}") for name, number in exercise.key().items()}


def transpose(exercise: Quiz) -> dict[str, float]:
    mistake = next(mistake for mistake in exercise.known_mistakes() if mistake.kind == TRANSPOSED)
    wrong = {blank.key: blank.under(mistake) for blank in exercise.blanks}
    return exercise.key() | {name: number for name, number in wrong.items() if number is not None}


@pytest.mark.parametrize(("kind", "answers"), [(EXCHANGED, exchange), (ROUNDED, round_off), (TRANSPOSED, transpose)])
def test_mistakes_of_writing_and_of_matrices_are_isolated(
    kind: str, answers: Callable[[Quiz], dict[str, float]]
) -> None:
    exercise = quiz(layer())
    given = answers(exercise)
    assert exercise.check(given).causes[0].kinds == (kind,)
    following = exercise.follow_up()
    assert following is not None
    assert following.variant == f"one mistake: {kind}"
    assert following.check(answers(following)).causes[0].kinds == (kind,)


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

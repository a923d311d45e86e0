"""Generated exercises: for any hundred names a hundred different ones, equally difficult, and every mistake shows."""

from __future__ import annotations

import math

import pytest

from autograd_core.graph.boxes import view
from autograd_core.mistakes.answers import agrees
from autograd_core.mistakes.misconceptions import paper_mistakes
from autograd_core.practice.quiz.generate import QUIZ_LEVELS, generate_exercise
from autograd_core.practice.quiz.quiz import quiz

LEVELS = list(QUIZ_LEVELS)


@pytest.mark.parametrize("level", LEVELS)
def test_a_hundred_names_have_a_hundred_different_exercises_of_the_same_difficulty(level: int) -> None:
    traces, kinds_of_partials, blanks = set(), set(), set()
    for number in range(100):
        output, asked, rate = generate_exercise(f"student {number}", level)
        boxes = view(output).boxes
        traces.add(tuple((box.name, box.written(), box.number) for box in boxes))
        kinds_of_partials.add(tuple(sorted(box.operation for box in boxes)))
        blanks.add((len(asked), rate))
    assert (len(traces), len(kinds_of_partials), len(blanks)) == (100, 1, 1)


def test_the_levels_hold_what_a_course_needs() -> None:
    operations = {level: {box.operation for box in view(generate_exercise("Ada", level)[0]).boxes} for level in LEVELS}
    assert operations[1] == {"", "add", "subtract", "multiply"}
    assert "sigmoid" in operations[2]
    assert "relu" in operations[3]
    assert "tanh" in operations[4]
    assert "logsumexp" in operations[5]
    assert "tanh" in operations[6]
    assert QUIZ_LEVELS[6].rate is not None
    used = {
        level: [len(users) for users in view(generate_exercise("Ada", level)[0]).users().values()] for level in LEVELS
    }
    assert max(used[1]) > 1  # a repeated input
    assert max(used[4]) > 1  # a shared weight


@pytest.mark.parametrize("level", LEVELS)
def test_answers_are_finite_and_different_and_no_mistake_hides_behind_one(level: int) -> None:
    for seed in range(5):
        exercise = quiz.generate(seed, level)
        answers = list(exercise.key().values())
        assert all(map(math.isfinite, answers))
        assert not any(allowed.kinks for allowed in exercise._allowed.values())
        passing = [answer for answer in answers if answer != 0.0]
        assert all(not agrees(a, b) for index, a in enumerate(passing) for b in passing[:index])


@pytest.mark.parametrize("level", LEVELS)
def test_each_mistake_is_named_from_the_sheet_it_leads_to(level: int) -> None:
    exercise = quiz.generate("Emmy", level)
    key = exercise.key()
    named = 0
    for mistake in paper_mistakes(exercise._view):
        numbers = {blank.key: blank.under(mistake) for blank in exercise.blanks}
        sheet = {name: key[name] if number is None else number for name, number in numbers.items()}
        if not all(map(math.isfinite, sheet.values())):
            continue
        result = exercise.check(sheet)
        if not result.passed:
            wrong = [verdict.blank for verdict in result.verdicts if not verdict.right]
            assert list(result.causes[0].blanks) == wrong, mistake.sentence
            named += mistake.kind in result.causes[0].kinds
    assert named > 20


def test_a_step_of_gradient_descent_is_asked_for_and_its_mistakes_are_named() -> None:
    exercise = quiz.generate("Ada", 6)
    key = exercise.key()
    gradient, updated = key["w11"], key["w11_new"]
    old = updated + 0.1 * gradient
    assert exercise.check(key).passed
    for wrong, words in (
        (old + 0.1 * gradient, "up the slope"),
        (old - gradient, "without the learning rate"),
        (gradient, "that is the gradient"),
        (-0.1 * gradient, "the step alone"),
    ):
        assert words in repr(exercise.check(key | {"w11_new": wrong})), words
    carried = exercise.check(key | {"w11": -gradient, "w11_new": old + 0.1 * gradient})
    assert [len(cause.blanks) for cause in carried.causes] == [2]

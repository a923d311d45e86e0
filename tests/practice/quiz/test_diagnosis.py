"""The diagnosis: sixty wrong sheets are named, and nothing else is."""

import math
from random import Random

import pytest

from autograd_core import Value, custom_primitive, log, mean, quiz, relu, sigmoid, sin, sqrt
from autograd_core.mistakes.mistakes import (
    ADDED,
    FORGOT_MEAN,
    LEFT_OUT,
    MISSED_PATH,
    OTHER_LOSS,
    ROUNDED,
    TWICE,
    WRONG_DERIVATIVE,
)
from autograd_core.practice.quiz.diagnosis import cut_off
from tests.practice.quiz.more_wrong_sheets import MORE_SHEETS, RATE_OF_STEP, level_graph
from tests.practice.quiz.wrong_sheets import GRAPHS, SHEETS, Sheet


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: f"{sheet.graph}: {sheet.kind} {sheet.words}")
def test_each_sheet_is_explained_by_one_mistake_and_named(sheet: Sheet) -> None:
    written = {name: f"{number:.4g}" for name, number in sheet.answers.items()}
    result = quiz(GRAPHS[sheet.graph](), list(written)).check(written)
    assert not result.passed
    [cause] = result.causes
    assert sheet.kind in cause.kinds
    assert any(sheet.words in f"{mistake.rule} {mistake.sentence}" for mistake in cause.mistakes)


@pytest.mark.parametrize("sheet", MORE_SHEETS, ids=lambda sheet: f"level {sheet.graph}: {sheet.kind} {sheet.words}")
def test_each_sheet_on_a_generated_graph_is_named_or_nothing_is(sheet: Sheet) -> None:
    written = {name: f"{number:.4g}" for name, number in sheet.answers.items()}
    exercise = quiz(level_graph(int(sheet.graph)), list(written), rate=RATE_OF_STEP if sheet.graph == "6" else None)
    result = exercise.check(written)
    assert not result.passed
    if not sheet.kind:
        assert result.causes == ()
        return
    [cause] = result.causes
    assert sheet.kind in cause.kinds
    assert any(sheet.words in f"{mistake.rule} {mistake.sentence}" for mistake in cause.mistakes)


def test_a_mistake_made_in_every_row_of_a_batch_is_named_once() -> None:
    w, b = Value(0.9, "w"), Value(-0.3, "b")
    rows = [(1.2, 0.4), (-0.7, 0.8)]
    predictions = [1 / (1 + math.exp(-(0.9 * x - 0.3))) for x, _ in rows]
    exercise = quiz(mean([(sigmoid(w * x + b) - t) ** 2 for x, t in rows]), [w, b])

    def check(deltas: list[float]) -> tuple[str, ...]:
        result = exercise.check(w=sum(d * x for d, (x, _) in zip(deltas, rows, strict=True)), b=sum(deltas))
        [cause] = result.causes
        return cause.kinds

    pairs = [(p, t) for p, (_, t) in zip(predictions, rows, strict=True)]
    assert check([(p + t) * p * (1 - p) for p, t in pairs]) == (ADDED,)
    assert check([(p - t) / 2 for p, t in pairs]) == (OTHER_LOSS,)
    assert check([p * p * (1 - p) for p, t in pairs]) == (LEFT_OUT,)
    assert check([2 * (p - t) * p * (1 - p) for p, t in pairs]) == (FORGOT_MEAN,)


def test_sixty_more_sheets_cover_all_levels_and_at_least_fifty_four_are_named() -> None:
    assert [sum(sheet.graph == str(level) for sheet in MORE_SHEETS) for level in range(1, 7)] == [10] * 6
    assert sum(bool(sheet.kind) for sheet in MORE_SHEETS) >= 54


def test_there_are_sixty_sheets_over_ten_graphs() -> None:
    assert (len(SHEETS), len(GRAPHS), len({sheet.graph for sheet in SHEETS})) == (60, 10, 10)


@pytest.mark.parametrize("graph", GRAPHS)
def test_right_answers_are_right_however_they_are_rounded_to_three_digits_or_more(graph: str) -> None:
    exercise = quiz(GRAPHS[graph]())
    for digits in (3, 4, 5, 6, 9):
        result = exercise.check({name: f"{number:.{digits}g}" for name, number in exercise.key().items()})
        assert result.passed
        assert result.causes == ()


@pytest.mark.parametrize("graph", GRAPHS)
def test_right_answers_cut_to_two_digits_are_called_rounded_and_nothing_else(graph: str) -> None:
    exercise = quiz(GRAPHS[graph]())
    for end in (0, 1):
        result = exercise.check({name: cut_off(number)[end] for name, number in exercise.key().items()})
        assert {kind for cause in result.causes for kind in cause.kinds} <= {ROUNDED}
        wrong = [verdict.blank for verdict in result.verdicts if not verdict.right]
        assert sorted(wrong, key=str) == sorted((blank for cause in result.causes for blank in cause.blanks), key=str)


@pytest.mark.parametrize("graph", GRAPHS)
def test_random_numbers_are_named_by_chance_alone(graph: str) -> None:
    dice = Random(graph)
    exercise = quiz(GRAPHS[graph]())
    named = 0
    for _ in range(100):
        answers = {
            name: dice.choice((-1, 1)) * (abs(number) + 0.1) * 10 ** dice.uniform(-1, 1)
            for name, number in exercise.key().items()
        }
        named += sum(len(cause.blanks) for cause in exercise.check(answers).causes)
    # A hundred candidates, each as wide as three digits, cover a percent or two of the numbers near the right one.
    assert named <= 0.03 * 100 * len(exercise.blanks)


def test_the_mistake_that_explains_most_comes_first_and_a_question_parts_several() -> None:
    x1, x2 = Value(2.0, "x1"), Value(5.0, "x2")
    exercise = quiz(log(x1) + x1 * x2 - sin(x2))
    result = exercise.check(x2=2 + math.cos(5.0))
    [cause] = result.causes
    assert len(cause.kinds) == 4
    assert cause.question is not None
    assert f"What do you have for {cause.question.prompt}?" in repr(result)
    # Each answer to the question leaves some of them, and together they leave all.
    left = set()
    for mistake in cause.mistakes:
        number = cause.question.under(mistake)
        if number is not None:
            kinds = exercise.check({"x2": 2 + math.cos(5.0), cause.question.key: number}).causes[0].kinds
            assert mistake.kind in kinds
            assert len(kinds) < 4
            left |= set(kinds)
    assert left


def test_two_inputs_that_stand_twice_and_were_counted_once_have_missed_paths() -> None:
    a, b = Value(1.5, "a"), Value(2.5, "b")
    exercise = quiz(sqrt(a * a + b * b))
    [cause] = exercise.check(a=1.5 / (2 * math.sqrt(8.5)), b=2.5 / (2 * math.sqrt(8.5))).causes
    assert cause.kinds == (MISSED_PATH,)
    assert len(cause.blanks) == 2


def test_of_equal_explanations_the_rule_of_a_function_comes_before_that_of_a_sum() -> None:
    w, x1, x2 = Value(0.7, "w"), Value(2.0, "x1"), Value(-3.0, "x2")
    result = quiz(relu(w * x1) + 3 * relu(w * x2) + w).check(w=1.4 * 2 + 1, x1=1.4 * 0.7, x2=0)
    [cause] = result.causes
    rules = [mistake.rule.partition(":")[0] for mistake in cause.mistakes]
    assert rules[0] == "relu"
    assert "add" in rules


def test_a_slip_in_one_place_is_named_only_where_no_misconception_explains_as_much() -> None:
    exercise = quiz(GRAPHS["hidden"]())
    key = exercise.key()
    assert exercise.check(key | {"v1": 2 * key["v1"]}).causes[0].kinds == (TWICE,)
    assert MISSED_PATH in exercise.check(key | {"x": 0.6 * (1 - math.tanh(0.84) ** 2) * 1.2}).causes[0].kinds


def test_an_operation_of_ones_own_brings_its_mistakes() -> None:
    cube = custom_primitive(
        "cube", lambda a: a * a * a, [lambda y, a: 3 * a**2], derivatives=["3 * a**2"], wrong_rules="a**2; 3 * a"
    )
    x = Value(1.7, "x")
    result = quiz(cube(x) * 2).check(x=2 * 1.7**2)
    assert result.causes[0].kinds == (WRONG_DERIVATIVE,)
    assert "was taken to be x²" in repr(result)
    with pytest.raises(ValueError, match="cube has 1 input"):
        custom_primitive("cube", lambda a: a * a * a, [lambda y, a: 3 * a**2], wrong_rules="a | 1")

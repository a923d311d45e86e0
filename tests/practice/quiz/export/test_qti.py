"""Packages of QTI 2.1: in the grammar of the schema, and marked as `Quiz.check` marks."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograd_core import Value, quiz, relu
from autograd_core.__main__ import main
from autograd_core.practice.quiz.exercise import Quiz
from tests.practice.quiz.export.qti_reader import ITEM, Marking, check_grammar, read_package
from tests.practice.quiz.export.strange import exercises
from tests.practice.quiz.export.test_moodle import is_tie


def only_item(exercise: Quiz):
    _, items = read_package(exercise.to_qti())
    [item] = items.values()
    return item


def responses(numbers) -> dict[str, float | None]:
    return {f"RESPONSE_{place}": number for place, number in enumerate(numbers, 1)}


@pytest.mark.parametrize("level", [1, 3, 6])
def test_right_answers_get_all_marks_and_wrong_ones_their_hint(level: int) -> None:
    exercise = quiz.generate("Ada", level)
    item, key = only_item(exercise), list(exercise.key().values())
    every = Marking(item, responses(float(f"{number:.3g}") for number in key))
    assert (every.score, every.feedback) == (len(key), [])
    assert every.variables["MAXSCORE"] == len(key)
    place = next(place for place, number in enumerate(key) if number)
    wrong = [-number if index == place else number for index, number in enumerate(key)]
    one_wrong = Marking(item, responses(wrong))
    assert one_wrong.score == len(key) - 1
    [feedback] = one_wrong.feedback
    verdict = exercise.check({exercise.blanks[place].key: -key[place]}).verdicts[place]
    assert any(kind in feedback for kind in verdict.kinds)
    nothing = Marking(item, responses(None for _ in key))
    assert (nothing.score, len(nothing.feedback)) == (0, len(key))


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(exercises(), st.data())
@pytest.mark.filterwarnings("ignore:a PNG may show")
def test_any_names_give_a_package_that_is_read_back_and_marks_like_check(exercise: Quiz, data: st.DataObject) -> None:
    item = only_item(exercise)
    answers = [number * data.draw(st.floats(0.9, 1.1)) for number in exercise.key().values()]
    result = exercise.check(dict(zip(exercise.key(), answers, strict=True)))
    right = sum(verdict.right for verdict in result.verdicts)
    assert Marking(item, responses(answers)).score == right or any(map(is_tie, answers))
    assert Marking(item, responses(exercise.key().values())).score == len(answers)
    text = "".join(item.find(f"{ITEM}itemBody").itertext())
    assert all(blank.prompt[:3] in text for blank in exercise.blanks)


def test_at_a_kink_every_number_between_the_sides_is_right() -> None:
    x, w = Value(0.0, "x"), Value(1.5, "w")
    item = only_item(quiz(relu(x) * w + x * 2, [x]))
    assert [Marking(item, responses([answer])).score for answer in (2, 2.7, 3.5, 3.6, 1.9)] == [1, 1, 1, 0, 0]
    assert "the slopes of the two sides" in Marking(item, responses([2.7])).feedback[0]


def test_a_pool_is_a_test_that_draws_one_item(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "pool.zip"
    assert main(["quiz", "--level", "1", "--variants", "3", "--qti", str(path)]) == 0
    assert capsys.readouterr().out == f"wrote {path}\n"
    test, items = read_package(path.read_bytes())
    assert len(items) == 3
    assert test.find(f".//{ITEM}selection").get("select") == "1"
    assert test.get("title") == "Gradients, level 1"
    assert path.read_bytes() == quiz.pool(3, 1).to_qti(), "the same exercises give the same file"


def test_the_grammar_refuses_what_the_schema_refuses() -> None:
    item = only_item(quiz.generate(1))
    item.append(item.find(f"{ITEM}responseProcessing"))  # after the feedback
    with pytest.raises(AssertionError, match="assessmentItem"):
        check_grammar(item)
    item = only_item(quiz.generate(1))
    del item.find(f".//{ITEM}img").attrib["alt"]
    with pytest.raises(AssertionError, match="img"):
        check_grammar(item)

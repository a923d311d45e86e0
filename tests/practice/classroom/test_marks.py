"""Marks: right answers count, mistakes are found and shared, and nobody lowers the marks of another."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograd_core.formulas.text_report import report_text
from autograd_core.mistakes.mistakes import EXCHANGED, FORGOT_INNER, ROUNDED
from autograd_core.practice.classroom.class_report import class_report, gradebook, problem_table
from autograd_core.practice.classroom.marks import ClassMarks, mark_class
from autograd_core.practice.classroom.projector import class_mistake_page
from autograd_core.practice.classroom.roster import Student
from autograd_core.practice.classroom.spreadsheet import table_bytes
from tests.practice.classroom.class_of_four import ADA, EMMY, HOMEWORK, SARAH, SEAN, hand_in, saved, texts


def mark(folder: Path, **files: object) -> ClassMarks:
    return mark_class(HOMEWORK, hand_in(folder, **files))


def wrong(student: Student, kind: str = FORGOT_INNER) -> dict[str, dict[str, str]]:
    """The answers of a student who makes this mistake in the second exercise."""
    exercise = HOMEWORK.exercises(student)[2]
    mistake = next(item for item in exercise.known_mistakes() if item.kind == kind)
    numbers = {blank.key: blank.under(mistake) for blank in exercise.blanks}
    return {"2": texts({key: number for key, number in numbers.items() if number is not None})}


def test_right_and_wrong_answers_are_counted_and_the_mistake_of_the_class_is_found(tmp_path: Path) -> None:
    marked = mark(tmp_path, ada=saved(ADA), emmy=saved(EMMY, wrong(EMMY)), sean=saved(SEAN, wrong(SEAN)))
    ada, emmy, _, sarah = marked.marks
    assert (ada.right, ada.asked, ada.kinds) == (8, 8, [])
    assert emmy.right < emmy.asked == 8
    assert (sarah.right, sarah.results) == (0, {})
    assert marked.mistakes[0].kind == FORGOT_INNER
    assert marked.mistakes[0].students == {EMMY, SEAN}
    text = report_text(class_report(marked), 80)
    assert "week 1: 3 of 4 students handed in" in text
    assert "Not handed in\n\u2068שרה" in text
    assert max(map(len, text.splitlines())) <= 80
    rows = list(gradebook(marked))
    assert rows[0][:7] == ("name", "id", "handed in", "level 1 right", "level 1 of", "level 2 right", "level 2 of")
    assert rows[1][:3] == ("Ada Lovelace", "", "yes")
    assert rows[4][2] == "no"


def test_the_slides_show_the_mistake_on_a_graph_that_is_nobodys_and_name_nobody(tmp_path: Path) -> None:
    page = class_mistake_page(mark(tmp_path, emmy=saved(EMMY, wrong(EMMY))))
    assert "Forgot the inner derivative" in page
    assert 'td class="as-mistaken"' in page
    assert "data-autograd-stepper" in page
    assert not any(student.name in page for student in HOMEWORK.students)
    marked = mark(tmp_path)
    assert class_mistake_page(marked, FORGOT_INNER) == class_mistake_page(marked)
    with pytest.raises(ValueError, match="no answer comes of the mistake 'none'"):
        class_mistake_page(marked, "none")
    assert "No mistake to show" in class_mistake_page(mark_class(HOMEWORK, hand_in(tmp_path / "none")))


@pytest.mark.parametrize("kind", [EXCHANGED, ROUNDED])
def test_the_slides_show_numbers_of_a_mistake_in_writing_answers_down(tmp_path: Path, kind: str) -> None:
    key = HOMEWORK.exercises(EMMY)[1].key()
    rounded = {name: f"{number:.2g}" for name, number in key.items()}
    exchanged = dict(zip(key, reversed(texts(key).values()), strict=True))
    answers = {"1": exchanged if kind == EXCHANGED else rounded}
    marked = mark_class(HOMEWORK, hand_in(tmp_path, emmy=saved(EMMY, answers)))
    assert 'td class="as-mistaken"' in class_mistake_page(marked, kind)


def test_a_second_file_cannot_lower_marks_and_is_listed(tmp_path: Path) -> None:
    marked = mark(tmp_path, a=saved(ADA), b=saved(ADA, {"1": {"a": "99"}}), c=saved(ADA))
    assert marked.marks[0].right == 8
    assert [problem.source for problem in marked.problems] == ["Ada Lovelace"]
    assert "in several ways: a.json (4 right), b.json (0 right), c.json (4 right)" in marked.problems[0].reason


def test_answers_of_the_exercise_of_another_are_noticed(tmp_path: Path) -> None:
    marked = mark(tmp_path, emmy=saved(EMMY, saved(ADA)["answers"]))
    assert marked.marks[1].right == 0
    assert "level 1: these are the right answers of Ada Lovelace's exercise" in [
        item.reason for item in marked.problems
    ]


def test_a_file_under_the_name_of_another_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "Emmy Noether_3_file").mkdir()
    hand_in(tmp_path / "Emmy Noether_3_file", mine=saved(ADA))
    marked = mark(tmp_path)
    assert marked.marks[0].right == 8
    assert [item.reason for item in marked.problems] == [
        "it is Ada Lovelace's exercise, in a place with the name of Emmy Noether (7)"
    ]


def test_an_answer_that_is_no_number_is_listed_and_the_others_count(tmp_path: Path) -> None:
    answers = saved(ADA)["answers"]
    answers["1"] |= {"a": "=1+1\ud800", "b": "9**9**9**9", "c": "1,5"}
    marked = mark(tmp_path, ada=saved(ADA, answers))
    assert marked.marks[0].right == 5
    assert len(marked.problems) == 3
    assert all("Counted as missing." in item.reason for item in marked.problems)
    assert b"Counted as missing." in table_bytes(problem_table(marked))


def test_exercises_follow_from_the_secret_and_the_name_alone() -> None:
    assert HOMEWORK.exercises(ADA)[1].key() == HOMEWORK.exercises(ADA)[1].key()
    keys = [str(HOMEWORK.exercises(student)[2].key()) for student in (ADA, EMMY, SEAN, SARAH)]
    assert len(set(keys)) == 4

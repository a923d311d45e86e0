"""Moodle XML: read by the rules of Moodle's importer, and marked as `Quiz.check` marks."""

from __future__ import annotations

import base64
import html
import re
import struct
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograd_core import Value, maximum, quiz, relu
from autograd_core.__main__ import main
from autograd_core.errors import DrawingError
from autograd_core.practice.quiz.exercise import Quiz
from autograd_core.practice.quiz.export.pool import ExercisePool
from tests.practice.quiz.export.cloze import Alternative, mark, read_fields
from tests.practice.quiz.export.strange import exercises, labels
from tests.practice.quiz.wrong_sheets import GRAPHS, SHEETS


def questions(document: str) -> list[Element]:
    assert document.startswith("<?xml")
    root = fromstring(document.encode())
    assert root.tag == "quiz"
    return list(root)


def only_question(exercise: Quiz) -> Element:
    [question] = questions(exercise.to_moodle())
    return question


def fields(question: Element) -> list[list[Alternative]]:
    """The fields, after what the importer asks of a question: a name, a text of HTML, files in base64."""
    assert question.get("type") == "cloze"
    assert 0 < len(question.findtext("name/text", "")) <= 255
    assert question.find("questiontext").get("format") == "html"
    text = question.findtext("questiontext/text", "")
    files = question.findall("questiontext/file")
    assert [file.get("encoding") for file in files] == ["base64"]
    assert re.findall(r'src="@@PLUGINFILE@@/([^"]+)"', text) == [file.get("name") for file in files]
    return read_fields(text)


@pytest.mark.parametrize("level", range(1, 7))
def test_right_answers_are_right_and_wrong_ones_get_their_hint(level: int) -> None:
    exercise = quiz.generate("Ada", level)
    asked = fields(only_question(exercise))
    assert len(asked) == len(exercise.blanks)
    named = 0
    for alternatives, (name, number) in zip(asked, exercise.key().items(), strict=True):
        for digits in (3, 4, 6):
            assert mark(alternatives, float(f"{number:.{digits}g}"))[0] == 1.0
        for alternative in alternatives[::6]:
            verdict = next(v for v in exercise.check({name: alternative.number}).verdicts if v.blank.key == name)
            assert verdict.right == (alternative.fraction == 1.0)
            named += alternative.fraction == 0.0 and any(kind in alternative.feedback for kind in verdict.kinds)
    assert named >= 4


@pytest.mark.parametrize("graph", GRAPHS)
def test_wrong_sheets_get_no_mark_and_most_of_their_numbers_a_hint(graph: str) -> None:
    exercise = quiz(GRAPHS[graph]())
    asked = dict(zip(exercise.key(), fields(only_question(exercise)), strict=True))
    said = []
    for sheet in SHEETS:
        if sheet.graph == graph:
            for name, number in sheet.answers.items():
                verdict = next(v for v in exercise.check({name: number}).verdicts if v.blank.key == name)
                if name in asked and not verdict.right:
                    marks, feedback = mark(asked[name], number)
                    assert marks == 0.0
                    said.append(bool(feedback))
    assert sum(said) > 0.6 * len(said)


def is_tie(answer: float) -> bool:
    """Whether it lies between two roundings to three digits, where a range has both ends."""
    mantissa = f"{answer:.12e}".partition("e")[0].lstrip("-").replace(".", "")
    return mantissa[3:].rstrip("0") == "5"


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(exercises(), st.data())
@pytest.mark.filterwarnings("ignore:a PNG may show")
def test_any_names_give_a_file_that_is_read_back_and_marks_like_check(exercise: Quiz, data: st.DataObject) -> None:
    question = only_question(exercise)
    asked = fields(question)
    assert len(asked) == len(exercise.blanks)
    for alternatives, (name, number) in zip(asked, exercise.key().items(), strict=True):
        answer = number * data.draw(st.floats(0.9, 1.1))
        for given_answer in (number, answer, float(f"{answer:.3g}")):
            [verdict] = [v for v in exercise.check({name: given_answer}).verdicts if v.blank.key == name]
            assert mark(alternatives, given_answer)[0] == verdict.right or is_tie(given_answer)
        for alternative in alternatives:  # the feedback is text: no label became markup
            assert "<" not in alternative.feedback
    text = question.findtext("questiontext/text", "")
    tags = set(re.findall(r"</?([a-z]+)[ >]", text))
    assert tags == {"p", "div", "img", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "br", "small"}
    for blank in exercise.blanks:
        assert html.unescape(html.unescape(text)).count(blank.prompt[:3]) >= 1


def test_at_a_kink_every_number_between_the_sides_is_right() -> None:
    x, w = Value(0.0, "x"), Value(1.5, "w")
    [alternatives, _] = fields(only_question(quiz(relu(x) * w + x * 2, [x, w])))
    assert [mark(alternatives, answer)[0] for answer in (2, 2.7, 3.5, 3.6, 1.9)] == [1, 1, 1, 0, 0]
    assert "the slopes of the two sides" in mark(alternatives, 2.7)[1]
    [alternatives, _] = fields(only_question(quiz(maximum(x, x * w) * 2 + w, [x, w])))
    assert [mark(alternatives, answer)[0] for answer in (2, 3, 2.5, 1.5)] == [1, 1, 1, 0]


def test_zero_and_very_small_and_large_numbers_are_marked() -> None:
    for number in (0.0, 3e-9, -4.5e7, 0.09996, 0.9996):
        a, b = Value(number, "a"), Value(2.0, "b")
        asked = dict(zip("ab", fields(only_question(quiz(a * b, [a, b]))), strict=True))
        assert mark(asked["b"], number)[0] == 1.0
        assert mark(asked["b"], number * 1.02 + (number == 0))[0] == 0.0
        assert float(f"{asked['b'][0].number:.3g}") == float(f"{number:.3g}"), "what is shown as the right answer"


def test_the_picture_is_in_the_file_and_shows_no_answer() -> None:
    question = only_question(quiz.generate("Ada", 2))
    png = base64.b64decode(question.findtext("questiontext/file", ""), validate=True)
    assert png.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", png[16:24])
    shown = int(re.search(r'width="(\d+)"', question.findtext("questiontext/text", ""))[1])
    assert width > 1.5 * shown > 300
    assert height > 50
    assert 'alt="computation graph' in question.findtext("questiontext/text", "")


def test_a_pool_is_a_category_of_different_questions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "pool.xml"
    assert main(["quiz", "--level", "1", "--seed", "2026/27", "--variants", "4", "--moodle", str(path)]) == 0
    assert capsys.readouterr().out == f"wrote {path}\n"
    category, *pool = questions(path.read_text(encoding="utf-8"))
    assert category.get("type") == "category"
    assert category.findtext("category/text") == "$course$/top/Gradients, level 1"
    assert len({question.findtext("questiontext/text") for question in pool}) == 4
    assert len({question.findtext("name/text") for question in pool}) == 4
    for question in pool:
        assert len(fields(question)) == 4


@settings(max_examples=8, deadline=None)
@given(labels)
def test_any_name_of_a_pool_is_one_category(name: str) -> None:
    category, question = questions(ExercisePool([quiz.generate(1)], name).to_moodle())
    path = category.findtext("category/text", "").removeprefix("$course$/top/")
    assert len(path) > 0
    assert path.count("/") == 2 * path.count("//")
    assert question.get("type") == "cloze"


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DrawingError, match=r"Give it the suffix \.xml"):
        quiz.generate(1).to_moodle(tmp_path / "exercise.html")
    assert "not written: give to_moodle a path" in repr(quiz.generate(1).to_moodle())
    with pytest.raises(ValueError, match="at least one exercise"):
        quiz.pool(0)
    assert list(tmp_path.iterdir()) == []

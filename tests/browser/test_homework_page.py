"""The graded page in a browser: it takes answers, checks none, and saves a file that is marked."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from autograd_core.practice.classroom.graded_page import graded_page, paper, sections
from autograd_core.practice.classroom.handed_in import read_handed_in
from autograd_core.practice.classroom.marks import mark_class
from tests.practice.classroom.class_of_four import HOMEWORK, SARAH, SEAN

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_answers_are_saved_and_marked(show: Callable[..., Page], tmp_path: Path) -> None:
    exercises = HOMEWORK.exercises(SEAN)
    page = show(graded_page(HOMEWORK, SEAN, sections(exercises)), accept_downloads=True)
    fields = page.locator("section input")
    key = [answer for exercise in exercises.values() for answer in exercise.key().values()]
    assert fields.count() == len(key)
    fields.nth(0).fill("1,5")
    fields.nth(0).press("Enter")
    assert "Write the decimal point as a point: 1.5" in page.locator(".feedback").first.inner_text()
    page.get_by_role("button", name="Save answers").click()
    assert page.get_by_role("status").inner_text() == "Not saved yet: one answer is not a number."
    fields.nth(1).fill("two")
    page.get_by_role("button", name="Save answers").click()
    assert page.get_by_role("status").inner_text() == "Not saved yet: 2 answers are not numbers."
    for number, answer in enumerate(key[:-1]):
        fields.nth(number).fill(f"{answer:.4g}")
        fields.nth(number).press("Enter")
    assert f"{len(key) - 1} of {len(key)} filled in" in page.locator(".actions").inner_text()
    assert page.locator("[data-state=right], [data-state=wrong]").count() == 0
    for given in page.locator("[data-given]").all():  # in full, above what follows
        assert given.evaluate("(part) => part.querySelector('table').offsetHeight <= part.offsetHeight")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save answers").click()
    assert download.value.suggested_filename == "O-Brien-Seán-answers.json"
    assert "1 still open" in page.get_by_role("status").inner_text()
    folder = tmp_path / "handed-in"
    download.value.save_as(folder / "answers.json")
    assert json.loads((folder / "answers.json").read_text(encoding="utf-8"))["name"] == SEAN.name
    marked = mark_class(HOMEWORK, read_handed_in(folder, HOMEWORK))
    assert [marks.right for marks in marked.marks] == [0, 0, len(key) - 1, 0]
    assert marked.problems == ()


@pytest.mark.parametrize("size", ["A4", "Letter"])
def test_each_exercise_is_one_sheet_of_paper(size: str, show: Callable[..., Page]) -> None:
    pdfium = pytest.importorskip("pypdfium2")
    students, homework = (SEAN, SARAH), replace(HOMEWORK, levels=(1, 6))
    page = show(paper(homework, [(student, sections(homework.exercises(student))) for student in students]))
    document = pdfium.PdfDocument(page.pdf(format=size))
    texts = [sheet.get_textpage().get_text_bounded() for sheet in document]
    document.close()
    codes = [homework.code(student) for student in students for _ in homework.levels]
    assert len(texts) == len(codes)
    assert all(code in text for code, text in zip(codes, texts, strict=True))

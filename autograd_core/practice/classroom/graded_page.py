"""The exercises of a student as a page, and those of a class on paper: for marks, so without answers in any form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from autograd_core.formulas.labels import isolate_names
from autograd_core.mistakes.answers import precision
from autograd_core.practice.classroom.homework import Homework
from autograd_core.practice.classroom.roster import Student
from autograd_core.practice.quiz.exercise import Quiz
from autograd_core.practice.quiz.generate import QUIZ_LEVELS
from autograd_core.practice.quiz.page import TASK, quiz_style
from autograd_core.show.page.bundle import page_script, style_sheet
from autograd_core.show.page.document import document, embedded_json

_ENTRY = "practice/classroom/page.js"
_STYLE = "practice/classroom/homework.css"
_GRADED = (
    "For marks: this page has no answers, so it checks nothing. When you are done, save your answers and hand in the "
    "file that you get. Your teacher marks it."
)
Sections = list[tuple[str, list[dict[str, str]]]]  # each exercise as HTML, and its blanks


def sections(exercises: Mapping[int, Quiz]) -> Sections:
    """The exercises of one student as HTML, with their blanks, for both the page and paper."""
    parts = []
    for number, (level, exercise) in enumerate(exercises.items(), start=1):
        main, blanks = exercise.unmarked()
        heading = f"Exercise {number}: {QUIZ_LEVELS[level].words}" if len(exercises) > 1 else QUIZ_LEVELS[level].words
        parts.append(
            (f'<section data-autograd-quiz="">\n<h2>{escape(_sentence(heading))}</h2>\n{main}\n</section>', blanks)
        )
    return parts


def graded_page(homework: Homework, student: Student, parts: Sections) -> str:
    """The page of a student: it takes the answers and saves them as a file to hand in. It needs no network."""
    levels = homework.levels
    data = {
        "homework": homework.title,
        "name": student.name,
        "id": student.id,
        "code": homework.code(student),
        "exercises": [{"level": level, "blanks": blanks} for level, (_, blanks) in zip(levels, parts, strict=True)],
    }
    body = "\n".join(section for section, _ in parts)
    return document(
        f"{homework.title} · {student}",
        f'<div data-autograd-homework="">\n<p data-task="">{escape(TASK.format(precision(None)))}</p>\n'
        f'<p data-graded="">{_GRADED} {_code(homework, student)}</p>\n{body}\n'
        f'<script type="application/json">{embedded_json(data)}</script>\n</div>',
        quiz_style() + style_sheet(_STYLE),
        page_script(_ENTRY),
    )


def paper(homework: Homework, sheets: Iterable[tuple[Student, Sections]]) -> str:
    """The sheets of a class as one page to print: a new sheet of paper for each exercise."""
    body = "\n".join(
        f'<div data-sheet="">\n<p data-whose=""><b>{escape(isolate_names(str(student)))}</b> '
        f"<span>{escape(isolate_names(homework.title))}</span> <span>{_code(homework, student)}</span></p>\n"
        f"{section}\n</div>"
        for student, parts in sheets
        for section, _ in parts
    )
    task = f'<p data-task="">{escape(TASK.format(precision(None)))}</p>'
    return document(
        f"{homework.title}: paper for {len(homework.students)} students",
        f'<div data-paper="">\n{_on_each(body, task)}\n</div>',
        quiz_style() + style_sheet(_STYLE),
        "",
    )


def _on_each(body: str, task: str) -> str:
    return body.replace("</h2>\n", f"</h2>\n{task}\n")


def _code(homework: Homework, student: Student) -> str:
    return f'<span data-code="">Code {homework.code(student)}</span>'


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]

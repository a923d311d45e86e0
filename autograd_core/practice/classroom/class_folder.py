"""The folder of a homework: a page for each student, paper for all, the key, and a table to type answers into."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from autograd_core.atomic_write import write_whole
from autograd_core.practice.classroom.graded_page import graded_page, paper, sections
from autograd_core.practice.classroom.homework import FILE, Homework, read_homework
from autograd_core.practice.classroom.roster import Student, file_names
from autograd_core.practice.classroom.spreadsheet import table_bytes
from autograd_core.practice.quiz.exercise import Quiz
from autograd_core.practice.quiz.generate import QUIZ_LEVELS

HANDED_IN = "handed-in"
ANSWER_COLUMNS = ("name", "id", "code", "level")
PRIVATE = 0o600  # the mode of files with answers or marks
Exercises = Mapping[int, Quiz]


def write_class(homework: Homework, folder: Path) -> Iterator[str]:
    """Write the folder; yields what each file is, once it is written.

    Students may be added to a homework that is there: what was typed into its table stays. Raises ValueError where the
    folder has another homework, OSError where it cannot be written.
    """
    before: tuple[Student, ...] = ()
    if (folder / FILE).exists():
        there = read_homework(folder, homework.secret)
        if not homework.same_exercises(there):
            raise ValueError(
                f"{str(folder)!r} has the homework {there.title!r}, level {', '.join(map(str, there.levels))}, which "
                "students may be working on: name another folder"
            )
        before = there.students
    pages = folder / "pages"
    for path in (pages, folder / HANDED_IN):
        path.mkdir(parents=True, exist_ok=True)
    exercises = {student: homework.exercises(student) for student in homework.students}
    sheets = {student: sections(own) for student, own in exercises.items()}
    for student, name in zip(homework.students, file_names(homework.students), strict=True):
        write_whole(pages / f"{name}.html", graded_page(homework, student, sheets[student]).encode())
    yield f"{pages}: a page for each student, without answers"
    write_whole(folder / "paper.html", paper(homework, sheets.items()).encode())
    yield f"{folder / 'paper.html'}: the same on paper, to print from the browser"
    write_whole(folder / "key.csv", table_bytes(_key(homework, exercises)), PRIVATE)
    yield f"{folder / 'key.csv'}: the answers, for you alone"
    if new := [student for student in homework.students if student not in before]:
        table = _free(folder / HANDED_IN, "answers")
        write_whole(table, table_bytes(_answer_table(homework, new)))
        yield f"{table}: to type in what comes on paper"
    write_whole(folder / FILE, homework.to_json())


def _key(homework: Homework, exercises: Mapping[Student, Exercises]) -> Iterator[Sequence[object]]:
    yield (*ANSWER_COLUMNS, *_marks(homework.levels))
    for student, own in exercises.items():
        for level, exercise in own.items():
            yield (student.name, student.id, homework.code(student), level, *exercise.key().values())


def _answer_table(homework: Homework, students: Sequence[Student]) -> Iterator[Sequence[object]]:
    marks = _marks(homework.levels)
    yield (*ANSWER_COLUMNS, *marks)
    for student in students:
        for level in homework.levels:
            yield (student.name, student.id, homework.code(student), level, *[""] * len(marks))


def _marks(levels: Sequence[int]) -> list[str]:
    """The marks of the blanks, ?1, ?2, ..., as many as the exercise with the most has."""
    return [f"?{number + 1}" for number in range(max(len(QUIZ_LEVELS[level].asked) for level in levels))]


def _free(folder: Path, stem: str) -> Path:
    """A file of this folder that does not exist yet."""
    path, number = folder / f"{stem}.csv", 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}.csv"
    return path

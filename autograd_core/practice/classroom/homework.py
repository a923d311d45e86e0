"""A homework: which exercises each student of a class has, and the code that belongs to each student's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograd_core.atomic_write import read_whole
from autograd_core.formulas.labels import visible_text
from autograd_core.practice.classroom.roster import MOST_STUDENTS, Student
from autograd_core.practice.classroom.secret import Secret
from autograd_core.practice.quiz.exercise import Quiz
from autograd_core.practice.quiz.generate import QUIZ_LEVELS, generate_exercise

FILE = "homework.json"
_LONGEST_TITLE = 80
_LONGEST_FILE = 2000 * MOST_STUDENTS  # bytes


@dataclass(frozen=True, slots=True)
class Homework:
    """The exercises of a class, one of each level for each student. All follow from the secret, the title and the
    name, so that nothing but the list of names has to be kept."""

    title: str
    levels: tuple[int, ...]
    students: tuple[Student, ...]
    secret: Secret

    @staticmethod
    def check(title: str, levels: Sequence[int]) -> None:
        """Raise ValueError for a title or levels that no homework has."""
        if not title or title != visible_text(title) or len(title) > _LONGEST_TITLE:
            raise ValueError(f"the title needs 1 to {_LONGEST_TITLE} letters on one line, got {title!r}: give --title")
        for level in levels:
            if level not in QUIZ_LEVELS:
                raise ValueError(f"there is no level {level}: give some of {', '.join(map(str, QUIZ_LEVELS))}")
        if not levels or len(set(levels)) < len(levels):
            raise ValueError("give each level once")

    def __post_init__(self) -> None:
        self.check(self.title, self.levels)

    def exercises(self, student: Student) -> dict[int, Quiz]:
        """The exercises of a student, by level."""
        return {level: self._exercise(student, level) for level in self.levels}

    def code(self, student: Student) -> str:
        """The code that belongs to the exercises of a student."""
        return self.secret.code("exercises", *self._words(student), *map(str, self.levels))

    def same_exercises(self, other: Homework) -> bool:
        """Whether a student has the same exercises in both."""
        nobody = Student("")
        return self.levels == other.levels and self.code(nobody) == other.code(nobody)

    def to_json(self) -> bytes:
        """The file that `collect` reads, signed with the secret. It has no exercise and no answer."""
        students = [[student.name, student.id] for student in self.students]
        content = {"title": self.title, "levels": list(self.levels), "students": students}
        signature = self.secret.code("homework", json.dumps(content))
        return json.dumps(content | {"signature": signature}, ensure_ascii=False, indent=1).encode()

    def _exercise(self, student: Student, level: int) -> Quiz:
        output, ask, rate = generate_exercise(self.secret.seed(*self._words(student), str(level)), level)
        return Quiz(output, ask, variant=f"{student}, level {level}", rate=rate)

    def _words(self, student: Student) -> Sequence[str]:
        return self.title, student.name, student.id


def read_homework(folder: Path, secret: Secret) -> Homework:
    """The homework that `class` wrote to a folder.

    Raises ValueError where there is none, where it was made with another secret, or where its file was changed.
    """
    path = folder / FILE
    try:
        content = json.loads(read_whole(path, _LONGEST_FILE))
        students = tuple(Student(str(name), str(identity)) for name, identity in content["students"])
        homework = Homework(str(content["title"]), tuple(map(int, content["levels"])), students, secret)
        unchanged = json.loads(homework.to_json()) == content
    except FileNotFoundError:
        raise ValueError(
            f"there is no {FILE} in {str(folder)!r}: name the folder that `class` wrote, with what the students sent "
            "in its folder handed-in"
        ) from None
    except (KeyError, TypeError, ValueError, RecursionError) as problem:
        raise ValueError(f"{str(path)!r} is not what `class` wrote ({problem}): run `class` again") from None
    if not unchanged:
        raise ValueError(
            f"{str(path)!r} was made with another secret file, or changed since: name the secret file that `class` was "
            "given"
        )
    return homework

"""Marks: each exercise that was handed in, checked by the engine, and the mistakes that the class shares."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from autograd_core.errors import NumberError
from autograd_core.mistakes.answers import agrees, read_answer
from autograd_core.mistakes.mistakes import Mistake
from autograd_core.practice.classroom.handed_in import HandedIn, Problem, Submission
from autograd_core.practice.classroom.homework import Homework
from autograd_core.practice.classroom.roster import Student
from autograd_core.practice.quiz.exercise import Quiz
from autograd_core.practice.quiz.verdict import Result

_FEWEST_COPIED = 3  # answers of another exercise, which are no accident


@dataclass(slots=True)
class Marks:
    """The marks of one student. results: by level, where something was handed in. counts: (right, asked) by level.
    sources: the files that count."""

    student: Student
    results: dict[int, Result]
    counts: dict[int, tuple[int, int]]
    sources: tuple[str, ...] = ()

    @property
    def right(self) -> int:
        """The number of right answers."""
        return sum(right for right, _ in self.counts.values())

    @property
    def asked(self) -> int:
        """The number of blanks."""
        return sum(asked for _, asked in self.counts.values())

    @property
    def kinds(self) -> list[str]:
        """The kinds of mistake that explain answers; those between which the answers do not decide stand together."""
        causes = [cause for result in self.results.values() for cause in result.causes]
        return list(dict.fromkeys(" or ".join(cause.kinds) for cause in causes))


@dataclass(slots=True)
class SharedMistake:
    """A kind of mistake, with the students whose answers it explains. certain: those whose answers no other kind
    explains as well. exercise, mistake: an example."""

    kind: str
    exercise: Quiz
    mistake: Mistake
    students: set[Student] = field(default_factory=set)
    certain: set[Student] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class ClassMarks:
    """The marks of a class, in the order of its list. mistakes: those that most students made first."""

    homework: Homework
    marks: tuple[Marks, ...]
    mistakes: tuple[SharedMistake, ...]
    problems: tuple[Problem, ...]


def mark_class(homework: Homework, handed_in: HandedIn) -> ClassMarks:
    """Mark all that was handed in.

    Of several answers to an exercise those with the most right count: nobody can lower the marks of another by handing
    in their exercise.
    """
    problems = list(handed_in.problems)
    by_student: dict[Student, list[Submission]] = {student: [] for student in homework.students}
    for submission in handed_in.submissions:
        by_student[submission.student].append(submission)
    exercises = {student: homework.exercises(student) for student in homework.students}
    keys = {student: {level: quiz.key() for level, quiz in own.items()} for student, own in exercises.items()}
    marks, shared = [], dict[str, SharedMistake]()
    for student, submissions in by_student.items():
        marks.append(_mark(student, exercises[student], submissions, problems))
        problems += _copies(student, submissions, keys)
        problems += _other_folders(student, submissions, homework.students)
        for level, result in marks[-1].results.items():
            _add_mistakes(shared, student, exercises[student][level], result)
    ranked = sorted(shared.values(), key=lambda item: (-len(item.students), -len(item.certain), item.kind))
    return ClassMarks(homework, tuple(marks), tuple(ranked), tuple(problems))


def _mark(
    student: Student, exercises: Mapping[int, Quiz], submissions: Sequence[Submission], problems: list[Problem]
) -> Marks:
    marks = Marks(student, {}, {level: (0, len(exercise.blanks)) for level, exercise in exercises.items()})
    sources: list[str] = []
    for level, exercise in exercises.items():
        tried = []
        for submission in submissions:
            if level in submission.answers:
                numbers = _numbers(submission, level, problems)
                result = exercise.check(numbers)
                tried.append((sum(verdict.right for verdict in result.verdicts), result, submission.source, numbers))
        if tried:
            right, result, source, _ = max(tried, key=lambda item: item[0])
            marks.results[level], marks.counts[level] = result, (right, len(exercise.blanks))
            sources.append(source)
            if any(numbers != tried[0][3] for _, _, _, numbers in tried):
                each = ", ".join(f"{where} ({count} right)" for count, _, where, _ in tried)
                problems.append(
                    Problem(str(student), f"handed in level {level} in several ways: {each}; the best counts")
                )
    marks.sources = tuple(dict.fromkeys(sources))
    return marks


def _numbers(submission: Submission, level: int, problems: list[Problem]) -> dict[str, float]:
    numbers = {}
    for key, text in submission.answers[level].items():
        if text.strip():
            try:
                numbers[key] = read_answer(text, key)
            except NumberError as problem:
                problems.append(Problem(submission.source, f"level {level}, {problem} Counted as missing."))
    return numbers


def _copies(
    student: Student, submissions: Iterable[Submission], keys: Mapping[Student, Mapping[int, Mapping[str, float]]]
) -> Iterable[Problem]:
    """Answers that are wrong here, and all right in the exercise of another."""
    for submission in submissions:
        for level in submission.answers:
            numbers = _numbers(submission, level, [])
            for other, of_other in keys.items():
                asked = {key: exact for key, exact in of_other[level].items() if exact and key in numbers}
                own = keys[student][level]
                if (
                    other != student
                    and len(asked) >= _FEWEST_COPIED
                    and all(agrees(numbers[key], exact) for key, exact in asked.items())
                    and not any(agrees(numbers[key], own[key]) for key in asked)
                ):
                    yield Problem(
                        submission.source, f"level {level}: these are the right answers of {other}'s exercise"
                    )


def _other_folders(
    student: Student, submissions: Iterable[Submission], students: Sequence[Student]
) -> Iterable[Problem]:
    """Files that stand under the name of another student, as learning platforms name the folders of a download."""
    for submission in submissions:
        place = _letters(submission.source)
        if _letters(student.name) not in place:
            for other in students:
                letters = _letters(other.name)
                if other.name != student.name and len(letters) > 4 and letters in place:
                    yield Problem(submission.source, f"it is {student}'s exercise, in a place with the name of {other}")


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFC", text)).casefold()


def _add_mistakes(shared: dict[str, SharedMistake], student: Student, exercise: Quiz, result: Result) -> None:
    for cause in result.causes:
        for mistake in cause.mistakes:
            item = shared.setdefault(mistake.kind, SharedMistake(mistake.kind, exercise, mistake))
            item.students.add(student)
            if len(cause.kinds) == 1:
                item.certain.add(student)

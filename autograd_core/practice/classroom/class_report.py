"""The report on a homework: in the terminal, and as a table for the gradebook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autograd_core.formulas.aligned_table import AlignedTable
from autograd_core.formulas.labels import cut_short, plural
from autograd_core.formulas.text_report import MarkedLine, Part
from autograd_core.practice.classroom.marks import ClassMarks, Marks
from autograd_core.practice.classroom.roster import Student

_MOST_MISTAKES = 5  # of the class, in the report
_LONGEST_NAME = 28
_LONGEST_KINDS = 60


def class_report(marked: ClassMarks) -> Iterator[Part]:
    """Who has how many right and which mistakes; the mistakes of the class; what needs a look."""
    handed_in = [marks for marks in marked.marks if marks.results]
    yield MarkedLine(
        f"{marked.homework.title}: {len(handed_in)} of {plural(len(marked.marks), 'student')} handed in", "title"
    )
    if handed_in:
        right, asked = sum(marks.right for marks in handed_in), sum(marks.asked for marks in handed_in)
        yield f"{right} of {asked} answers are right, {100 * right / asked:.0f} %."
        yield ""
        yield AlignedTable(
            [_row(marked, marks) for marks in handed_in],
            ["student", *_levels(marked), "mistakes"],
            right=_numbers(marked),
        )
    if marked.mistakes:
        yield ""
        yield MarkedLine("Mistakes of the class", "title")
        yield AlignedTable(
            [(item.kind, len(item.students), _names(item.students)) for item in marked.mistakes[:_MOST_MISTAKES]],
            ["mistake", "students", "who"],
        )
        if len(marked.mistakes) > _MOST_MISTAKES:
            others = plural(len(marked.mistakes) - _MOST_MISTAKES, "other kind")
            yield f"and {others}, all in the table for the gradebook"
    if missing := [str(marks.student) for marks in marked.marks if not marks.results]:
        yield ""
        yield MarkedLine("Not handed in", "title")
        yield ", ".join(missing)
    if marked.problems:
        yield ""
        yield MarkedLine(f"To look at: {plural(len(marked.problems), 'entry').replace('entrys', 'entries')}", "title")
        yield from (f"- {problem.source}: {problem.reason}" for problem in marked.problems)


def gradebook(marked: ClassMarks) -> Iterator[Sequence[object]]:
    """The rows of the table for the gradebook, the headings first: every student, and then what needs a look."""
    levels = marked.homework.levels
    each = [heading for level in levels for heading in (f"level {level} right", f"level {level} of")]
    yield ("name", "id", "handed in", *each, "right", "of", "percent", "mistakes", "files")
    for marks in marked.marks:
        counts = [number for level in levels for number in marks.counts[level]]
        percent = round(100 * marks.right / marks.asked, 1)
        handed_in = "yes" if marks.results else "no"
        yield (
            *(marks.student.name, marks.student.id, handed_in, *counts, marks.right, marks.asked, percent),
            *("; ".join(marks.kinds), "; ".join(marks.sources)),
        )


def problem_table(marked: ClassMarks) -> Iterator[Sequence[object]]:
    """The rows of the table of what needs a look."""
    yield ("where", "what")
    yield from ((problem.source, problem.reason) for problem in marked.problems)


def _levels(marked: ClassMarks) -> list[str]:
    levels = [f"level {level}" for level in marked.homework.levels]
    return [*levels, "right"] if len(levels) > 1 else ["right"]


def _numbers(marked: ClassMarks) -> range:
    return range(1, 1 + len(_levels(marked)))


def _row(marked: ClassMarks, marks: Marks) -> Sequence[object]:
    counts = [(marks.counts[level] if level in marks.results else None) for level in marked.homework.levels]
    shown = ["-" if count is None else f"{count[0]}/{count[1]}" for count in counts]
    total = [f"{marks.right}/{marks.asked}"] if len(counts) > 1 else []
    kinds = cut_short("; ".join(marks.kinds), _LONGEST_KINDS)
    return (cut_short(str(marks.student), _LONGEST_NAME), *shown, *total, kinds)


def _names(students: set[Student]) -> str:
    names = sorted(str(student) for student in students)
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")

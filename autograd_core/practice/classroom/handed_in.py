"""What a class handed in, read without trust: files that the pages save, and answers on paper that a teacher typed.

A file counts for a student if its code is the one of this name. Every file and every row that does not count is listed
with the reason, so that nothing is lost.
"""

from __future__ import annotations

import codecs
import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograd_core.atomic_write import read_whole
from autograd_core.formulas.labels import cut_short, visible_text
from autograd_core.practice.classroom.homework import Homework
from autograd_core.practice.classroom.roster import Student
from autograd_core.practice.classroom.spreadsheet import guard, read_table
from autograd_core.practice.quiz.generate import QUIZ_LEVELS

_LONGEST_FILE = 200_000  # bytes; what a page saves has some thousand
_LONGEST_ANSWER = 100
MOST_FILES = 20_000
_OF_THE_SYSTEM = re.compile(r"\._.*|\.DS_Store|Thumbs\.db|desktop\.ini|~\$.*|\.~lock.*", re.IGNORECASE)
_OTHER_FILES = {
    ".zip": "it is a zip file: unpack it into this folder",
    ".html": "it is a page, not answers: the student has to press Save answers and hand in that file",
    ".htm": "it is a page, not answers: the student has to press Save answers and hand in that file",
    ".pdf": "it is a PDF: type its answers into answers.csv",
}
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+")
Answers = dict[int, dict[str, str]]  # by level, then by the key of the blank


@dataclass(frozen=True, slots=True)
class Problem:
    """What could not be counted, or needs a look. source: the file, and the row where it is a table."""

    source: str
    reason: str

    def __post_init__(self) -> None:
        for name in ("source", "reason"):  # what students wrote is data
            object.__setattr__(self, name, visible_text(getattr(self, name)))


@dataclass(frozen=True, slots=True)
class Submission:
    """Answers that belong to a student. source: the file they come from."""

    source: str
    student: Student
    answers: Answers


@dataclass(slots=True)
class HandedIn:
    """All that was found in a folder."""

    submissions: list[Submission] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_handed_in(folder: Path, homework: Homework) -> HandedIn:
    """Read every file below a folder. Links are not followed. Raises ValueError for too many files."""
    found = HandedIn()
    owners = {homework.code(student): student for student in homework.students}

    def not_listed(problem: OSError) -> None:
        if problem.filename != os.fspath(folder):
            found.problems.append(Problem(str(problem.filename), f"this folder cannot be read: {problem.strerror}"))

    for number, path in enumerate(_files(folder, not_listed)):
        if number == MOST_FILES:
            raise ValueError(f"{str(folder)!r} has more than {MOST_FILES:,} files: is it the right folder?")
        source = visible_text(os.fsencode(path.relative_to(folder)).decode("utf-8", "replace"))
        try:
            if path.is_symlink():
                raise _NotCountedError("it is a link, which is not followed")
            if path.suffix.lower() == ".csv":
                _read_paper(path, source, homework, owners, found)
            else:
                found.submissions.append(_read_saved(path, source, homework, owners, found))
        except _NotCountedError as reason:
            found.problems.append(Problem(source, str(reason)))
    return found


class _NotCountedError(Exception):
    """The reason for which a file does not count."""


def _files(folder: Path, not_listed: Callable[[OSError], None]) -> Iterator[Path]:
    for place, folders, names in os.walk(folder, onerror=not_listed):
        folders.sort()
        links = [name for name in folders if Path(place, name).is_symlink()]
        yield from (Path(place, name) for name in sorted([*names, *links]) if not _OF_THE_SYSTEM.fullmatch(name))


# --------------------------------------------------------------------------------------------- what a page saves


def _read_saved(path: Path, source: str, homework: Homework, owners: dict[str, Student], found: HandedIn) -> Submission:
    try:
        content = read_whole(path, _LONGEST_FILE)
    except (OSError, ValueError) as problem:
        raise _NotCountedError(f"it cannot be read: {getattr(problem, 'strerror', None) or problem}") from None
    try:
        encoding = "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
        saved = json.loads(content.decode(encoding), object_pairs_hook=_no_key_twice)
    except (ValueError, RecursionError):
        why = "it is empty" if not content.strip() else "it is broken, or not a file that a page saved"
        raise _NotCountedError(_OTHER_FILES.get(path.suffix.lower(), why)) from None
    if isinstance(saved, dict) and "attempts" in saved:
        raise _NotCountedError("it comes from a page for practice, which has no code: only pages of `class` are marked")
    words = [saved.get(key) if isinstance(saved, dict) else None for key in ("homework", "name", "id", "code")]
    if not all(isinstance(word, str) for word in words) or not isinstance(saved.get("answers"), dict):
        raise _NotCountedError("it is not a file that a page saved: homework, name, id, code or answers are missing")
    title, name, identity, code = (visible_text(str(word)) for word in words)
    if title != homework.title:
        raise _NotCountedError(f"it belongs to the homework {_shown(title)}, not to {homework.title!r}")
    student = _check_code(homework, owners, Student(name, identity), code)
    answers: Answers = {}
    for level, given in saved["answers"].items():
        known = {str(number): number for number in homework.levels}
        if level not in known or not isinstance(given, dict):
            found.problems.append(Problem(source, f"level {_shown(level)} is not in this homework: left out"))
            continue
        answers[known[level]] = dict(_read_answers(source, known[level], given, found))
    return Submission(source, student, answers)


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ValueError("a key stands twice")
    return content


def _check_code(homework: Homework, owners: dict[str, Student], said: Student, code: str) -> Student:
    """The student whom the file names, if the code is theirs."""
    owner = owners.get(code)
    if owner == said:
        return owner
    name = _shown(str(said))
    if owner is not None:
        raise _NotCountedError(f"it names {name}, but its code belongs to {owner}: name or exercise was exchanged")
    if code == homework.code(said):
        raise _NotCountedError(f"{name} is not in the list of names any more: add the name and run `class` again")
    raise _NotCountedError(f"it names {name}, but its code belongs to nobody in this class: name or code was changed")


def _read_answers(source: str, level: int, given: dict[str, Any], found: HandedIn) -> Iterator[tuple[str, str]]:
    for key, answer in given.items():
        if key not in QUIZ_LEVELS[level].asked:
            found.problems.append(Problem(source, f"level {level} does not ask for {_shown(key)}: left out"))
        elif not isinstance(answer, (str, int, float)) or isinstance(answer, bool):
            found.problems.append(Problem(source, f"the answer for {key} is not a number: counted as missing"))
        elif len(str(answer)) > _LONGEST_ANSWER:
            found.problems.append(Problem(source, f"the answer for {key} is too long: counted as missing"))
        else:
            yield key, str(answer)


# ------------------------------------------------------------------------------------------ what a teacher typed


def _read_paper(path: Path, source: str, homework: Homework, owners: dict[str, Student], found: HandedIn) -> None:
    try:
        table = read_table(path)
    except (OSError, ValueError) as problem:
        raise _NotCountedError(f"it cannot be read: {getattr(problem, 'strerror', None) or problem}") from None
    headings = [cell.lower() for cell in next(filter(None, table.rows), [])]
    if not {"code", "level"} <= set(headings):
        raise _NotCountedError("it has no columns code and level: type answers into the answers.csv that `class` wrote")
    has_comma = table.separator != ","
    for number, row in enumerate(table.rows, start=1):
        if not row or [cell.lower() for cell in row] == headings:
            continue
        cells = dict(zip(headings, row, strict=False))
        typed = {mark: _with_point(cell) if has_comma else cell for mark, cell in cells.items() if mark[:1] == "?"}
        if not any(typed.values()):
            continue
        place = f"{source}, row {number}"
        try:
            student = _owner_of_row(cells, owners)
            level = next((level for level in homework.levels if str(level) == cells["level"]), None)
            if level is None:
                raise _NotCountedError(f"level {_shown(cells['level'])} is not in this homework")
            asked = {f"?{mark + 1}": key for mark, key in enumerate(QUIZ_LEVELS[level].asked)}
            answers = {asked.get(mark, mark): cell for mark, cell in typed.items() if cell}
            given = dict(_read_answers(place, level, answers, found))
            found.submissions.append(Submission(place, student, {level: given}))
        except _NotCountedError as reason:
            found.problems.append(Problem(place, str(reason)))


def _owner_of_row(cells: dict[str, str], owners: dict[str, Student]) -> Student:
    owner = owners.get(cells["code"].upper())
    name = cells.get("name", "")
    if owner is None:
        raise _NotCountedError(f"the code {_shown(cells['code'])} belongs to nobody in this class")
    if name and not any(_reads_as(name, text) for text in (owner.name, guard(owner.name))):
        raise _NotCountedError(f"it names {_shown(name)}, but its code belongs to {owner}: which sheet is it?")
    return owner


def _reads_as(cell: str, name: str) -> bool:
    """Whether a cell is this name; a spreadsheet may have written a question mark for a letter."""
    return len(cell) == len(name) and all(a in ("?", b) for a, b in zip(cell, name, strict=True))


def _with_point(cell: str) -> str:
    """A number with the decimal comma of a table in which semicolons or tabs separate the cells."""
    return cell.replace(",", ".") if _DECIMAL_COMMA.fullmatch(cell) else cell


def _shown(text: str) -> str:
    return repr(cut_short(visible_text(str(text))))

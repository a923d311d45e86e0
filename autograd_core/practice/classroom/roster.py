"""The students of a class, read from a table of names."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from autograd_core.practice.classroom.spreadsheet import read_table

LONGEST_NAME = 200
MOST_STUDENTS = 2000
# Headings as letters alone, such as those of the lists that learning platforms export.
_NAMES = {"name", "names", "fullname", "student", "students", "studentname"}
_FIRST = {"firstname", "givenname", "forename", "givennames", "firstnames"}
_LAST = {"lastname", "surname", "familyname", "lastnames"}
_IDS = ("id", "idnumber", "studentid", "studentnumber", "matriculation", "username", "login", "email", "emailaddress")
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
_LONGEST_STEM = 60  # characters, at most four bytes each: file systems have room for 255 bytes


@dataclass(frozen=True, slots=True)
class Student:
    """A student of the class. id: what tells two of one name apart, empty where the table has none."""

    name: str
    id: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.id})" if self.id else self.name


def read_roster(path: str) -> list[Student]:
    """The students in a CSV file of names, in its order.

    The first line has headings: name, or first name and last name; id (or username, email) where there is one. A file
    of one column needs no headings. Students of the same name without an id are numbered in their order: 1, 2, ...
    Raises ValueError, which names the line, where a name is missing or two rows are the same student.
    """
    try:
        rows = [(number, row) for number, row in enumerate(read_table(path).rows, start=1) if row]
    except ValueError as problem:
        raise ValueError(f"{path!r} cannot be read: {problem}") from None
    if not rows:
        raise ValueError(f"{path!r} has no names: write one a line")
    headings = [_letters(cell) for cell in rows[0][1]]
    columns = _name_columns(headings)
    if columns:
        del rows[0]
    elif all(len([cell for cell in row if cell]) == 1 for _, row in rows):
        columns = [next(place for place, cell in enumerate(rows[0][1]) if cell)]
    else:
        raise ValueError(
            f"{path!r} has several columns, and its first line does not say which are the names: write headings there, "
            "name (or first name and last name), and id where two students have the same name. Put a name with a comma "
            "in quotation marks."
        )
    identity = next((headings.index(word) for word in _IDS if word in headings), None)
    students = []
    for number, row in rows:
        name = " ".join(" ".join(_cell(row, column) for column in columns).split())
        if not name:
            raise ValueError(f"row {number} of {path!r} has no name: {', '.join(filter(None, row))}")
        if len(name) > LONGEST_NAME:
            raise ValueError(f"row {number} of {path!r} has a name of {len(name):,} characters")
        students.append(Student(name, "" if identity is None else _cell(row, identity)))
    if not students or len(students) > MOST_STUDENTS:
        raise ValueError(f"{path!r} has {len(students):,} students: give 1 to {MOST_STUDENTS:,}")
    return _told_apart(students, path)


def same_names(students: Iterable[Student]) -> list[str]:
    """The names that several students have."""
    return [name for name, count in Counter(student.name for student in students).items() if count > 1]


def file_names(students: Sequence[Student]) -> list[str]:
    """A name of a file for each student, without its suffix: letters, digits and hyphens, different in every file
    system, also where case or accents do not count."""
    stems: list[str] = []
    taken: set[str] = set()
    for student in students:
        stem = re.sub(r"[\W_]+", "-", str(student)).strip("-")[:_LONGEST_STEM].strip("-") or "student"
        if stem.lower() in _RESERVED:
            stem += "-page"
        name, number = stem, 1
        while _folded(name) in taken:
            number += 1
            name = f"{stem}-{number}"
        taken.add(_folded(name))
        stems.append(name)
    return stems


def _name_columns(headings: list[str]) -> list[int]:
    full = [place for place, word in enumerate(headings) if word in _NAMES]
    first = [place for place, word in enumerate(headings) if word in _FIRST]
    last = [place for place, word in enumerate(headings) if word in _LAST]
    return full[:1] or [*first[:1], *last[:1]]


def _letters(heading: str) -> str:
    return re.sub(r"[\W_]+", "", heading).lower()


def _cell(row: Sequence[str], column: int) -> str:
    """A cell with its letters in one spelling (Unicode NFC): accents are part of them."""
    return unicodedata.normalize("NFC", row[column]) if column < len(row) else ""


def _folded(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _told_apart(students: list[Student], path: str) -> list[Student]:
    counts, seen = Counter(students), Counter[Student]()
    apart = []
    for student in students:
        seen[student] += 1
        if counts[student] > 1 and student.id:
            raise ValueError(f"{path!r} has {student} twice: remove one row, or give the two different ids")
        apart.append(replace(student, id=str(seen[student])) if counts[student] > 1 else student)
    return apart

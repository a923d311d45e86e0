"""A homework of four students, and what they hand in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from autograd_core.practice.classroom.handed_in import HandedIn, read_handed_in
from autograd_core.practice.classroom.homework import Homework
from autograd_core.practice.classroom.roster import Student
from autograd_core.practice.classroom.secret import Secret

ADA, EMMY, SEAN, SARAH = Student("Ada Lovelace"), Student("Emmy Noether", "7"), Student("O'Brien, Seán"), Student("שרה")
HOMEWORK = Homework("week 1", (1, 2), (ADA, EMMY, SEAN, SARAH), Secret(bytes(range(32))))


def saved(student: Student, answers: Any = None, **changed: Any) -> dict[str, Any]:
    """What the page of a student saves: `answers`, or else the right ones."""
    if answers is None:
        answers = {str(level): texts(quiz.key()) for level, quiz in HOMEWORK.exercises(student).items()}
    own = {"homework": HOMEWORK.title, "name": student.name, "id": student.id, "code": HOMEWORK.code(student)}
    return own | {"answers": answers} | changed


def texts(numbers: dict[str, float]) -> dict[str, str]:
    """Numbers as a student types them."""
    return {name: f"{number:.4g}" for name, number in numbers.items()}


def hand_in(folder: Path, **files: Any) -> HandedIn:
    """Write the files, as JSON unless they are bytes, and read them."""
    for name, content in files.items():
        path = folder / (name if "." in name else f"{name}.json")
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return read_handed_in(folder, HOMEWORK)

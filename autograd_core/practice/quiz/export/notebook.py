"""Exercises as notebooks for nbgrader and otter-grader: cells to answer in, solutions, and hidden tests.

The tests are plain Python with the numbers in them, so that whoever grades needs nothing of this package. The formats:
nbformat 4.5; the nbgrader documentation, "Creating and grading assignments"; the Otter-Grader documentation, "Assign".
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from autograd_core.practice.quiz.export.exported import ExportedExercise, ExportedQuestion
from autograd_core.practice.quiz.export.marking import AnswerRange

# As entities they are letters, not Markdown, not mathematics, and no comment that otter-grader looks for.
_MARKDOWN = str.maketrans({character: f"&#{ord(character)};" for character in "\\`*_{}[]#!|$~"})
_MARKER = re.compile("BEGIN|END")  # before SOLUTION or HIDDEN TESTS, anywhere in a line, for nbgrader

Cell = dict[str, Any]


def nbgrader_notebook(exercises: Sequence[ExportedExercise]) -> str:
    """The instructor's version for `nbgrader generate_assignment`: one point for each blank."""
    cells = []
    for number, exercise in enumerate(exercises, 1):
        cells.append(_task(exercise, f"exercise_{number}"))
        for place, asked in enumerate(exercise.questions, 1):
            name = f"answer_{number}_{place}"
            cells.append(_prompt(asked, f"prompt_{number}_{place}"))
            solution = ["### BEGIN SOLUTION", f"{name} = {_right(asked)}", "### END SOLUTION"]
            cells.append(_graded(name, solution))
            hidden = ["### BEGIN HIDDEN TESTS", *_hidden_test(name, asked), "### END HIDDEN TESTS"]
            cells.append(_graded(f"test_{number}_{place}", [*_visible_test(name), *hidden], points=1))
    return _notebook(cells)


def otter_notebook(exercises: Sequence[ExportedExercise], name: str) -> str:
    """The source for `otter assign`: a question with one point for each blank. name: of the assignment."""
    settings = {"name": name, "export_cell": {"pdf": False}}
    cells = [_raw("settings", ["# ASSIGNMENT CONFIG", *_yaml(settings)])]
    for number, exercise in enumerate(exercises, 1):
        cells.append(_task(exercise, f"exercise_{number}"))
        for place, asked in enumerate(exercise.questions, 1):
            name, question = f"answer_{number}_{place}", f"q{number}_{place}"
            cells += [
                _raw(f"{question}_begin", ["# BEGIN QUESTION", *_yaml({"name": question, "points": 1})]),
                _prompt(asked, f"{question}_prompt"),
                _raw(f"{question}_solution", ["# BEGIN SOLUTION"]),
                _code(name, [f"{name} = {_right(asked)} # SOLUTION"]),
                _raw(f"{question}_solved", ["# END SOLUTION"]),
                _raw(f"{question}_tests", ["# BEGIN TESTS"]),
                _code(f"{question}_visible", _test_settings(0, False) + _visible_test(name)),
                _code(f"{question}_hidden", _test_settings(1, True) + _hidden_test(name, asked)),
                _raw(f"{question}_tested", ["# END TESTS"]),
                _raw(f"{question}_end", ["# END QUESTION"]),
            ]
    return _notebook(cells)


def _test_settings(points: int, hidden: bool) -> list[str]:
    settings = _yaml({"points": points, "hidden": hidden})
    return ['""" # BEGIN TEST CONFIG', *settings, '""" # END TEST CONFIG']


def _yaml(settings: dict[str, Any]) -> Iterator[str]:
    """Settings as YAML, of which JSON is a part; no # of a name begins a comment."""
    return (f"{key}: {json.dumps(value)}" for key, value in settings.items())


def _visible_test(name: str) -> list[str]:
    return ["from numbers import Real", f'assert isinstance({name}, Real), "{name} is to be a number: 12.3 or 2/7"']


def _hidden_test(name: str, asked: ExportedQuestion) -> list[str]:
    """The test of an answer: the first range that contains it decides, and says why."""
    return [
        "ranges = [  # least, greatest, whether right, what to say",
        *(f"    {_literal(answers)}," for answers in asked.ranges),
        "]",
        f"found = [(right, said) for low, high, right, said in ranges if low <= {name} <= high]",
        f"right, said = (found or [(False, {_text(asked.hint)})])[0]",
        "assert right, said",
    ]


def _literal(answers: AnswerRange) -> str:
    return f"({float(answers.low)!r}, {float(answers.high)!r}, {answers.is_right}, {_text(answers.feedback)})"


def _text(text: str) -> str:
    """A text as Python, in which no grader finds a marker."""
    literal = json.dumps(text, ensure_ascii=False).replace("#", "\\x23")
    return _MARKER.sub(lambda word: f"\\x{ord(word[0][0]):x}{word[0][1:]}", literal)


def _right(asked: ExportedQuestion) -> str:
    return f"{asked.ranges[0].middle:.12g}"


def _task(exercise: ExportedExercise, name: str) -> Cell:
    rows = [f"| {_words(node)} | {_words(computed)} | {_words(number)} |" for node, computed, number in exercise.values]
    lines = [
        f"## {_words(exercise.title)}",
        "",
        _words(exercise.task),
        "",
        f"![{_words(exercise.description)}](attachment:picture.png)",
        "",
        "| node | computed as | value |",
        "|:--|:--|--:|",
        *rows,
        *(line for formula in exercise.formulas for line in ("", f"Here {_words(formula)}.")),
    ]
    picture = {"picture.png": {"image/png": base64.b64encode(exercise.picture).decode()}}
    return _cell("markdown", name, lines) | {"attachments": picture}


def _prompt(asked: ExportedQuestion, name: str) -> Cell:
    return _cell("markdown", name, [f"**{_words(asked.mark)}** {_words(asked.prompt)} ({_words(asked.words)})"])


def _words(text: str) -> str:
    words = escape(text).translate(_MARKDOWN)
    return _MARKER.sub(lambda word: f"&#{ord(word[0][0])};{word[0][1:]}", words)


def _graded(name: str, lines: Sequence[str], points: int | None = None) -> Cell:
    """A cell of nbgrader: a solution, or with points a test, which students cannot change."""
    is_test = points is not None
    settings = {
        "grade": is_test,
        "grade_id": name,
        "locked": is_test,
        "schema_version": 3,
        "solution": not is_test,
        "task": False,
    }
    cell = _code(name, lines)
    cell["metadata"]["nbgrader"] = settings | ({"points": points} if is_test else {})
    return cell


def _raw(name: str, lines: Sequence[str]) -> Cell:
    return _cell("raw", name, lines)


def _code(name: str, lines: Sequence[str]) -> Cell:
    return _cell("code", name, lines) | {"execution_count": None, "outputs": []}


def _cell(kind: str, name: str, lines: Sequence[str]) -> Cell:
    return {"cell_type": kind, "id": name, "metadata": {}, "source": _lines(lines)}


def _lines(lines: Sequence[str]) -> list[str]:
    return [*(f"{line}\n" for line in lines[:-1]), *lines[-1:]]


def _notebook(cells: Sequence[Cell]) -> str:
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"

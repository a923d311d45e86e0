"""The exercises of a notebook on paper: worksheets with lines to write on, and answer sheets with all the working."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Sequence
from html import escape
from typing import Any, NamedTuple
from urllib.parse import unquote

import nbformat
from nbclient import NotebookClient

from autograd_core.formulas.notation import number_text
from autograd_core.practice.quiz.page import quiz_style
from notebooks.handout import ledger, markdown_html, paper_page

_WIDEST = 1200.0  # pixels of a picture that can be read on paper in portrait
_ASK = """
import json
from autograd_core import explain
from autograd_core.practice.quiz.exercise import Quiz
_asked = globals().setdefault("_asked", [])
_new = [item for item in map(globals().get, {names!r}) if isinstance(item, Quiz) and not any(item is q for q in _asked)]
_asked += _new
print(json.dumps([
    [quiz.to_text(), quiz.key(), quiz.unmarked()[0], explain(quiz.value)._repr_mimebundle_()] for quiz in _new
]))
"""
_BLANK = re.compile(r'<span data-line="">_+</span>')
_WITHOUT_LINES = "[data-autograd-quiz] [data-lines] { display: none !important; }"
_WIDTH = re.compile(r'<svg[^>]*? width="([\d.]+)')
_HEADING = re.compile(r"^#{1,6} +(?:\d+\. *)?(.*)$", re.MULTILINE)


class Exercise(NamedTuple):
    """An exercise of a notebook.

    task: the text before it. question: as text. answers: by blank. sheet: as HTML, without answers. working: the
    step-through, as the output of a notebook.
    """

    task: str
    question: str
    answers: dict[str, float]
    sheet: str
    working: dict[str, str]


def find_exercises(notebook: Any) -> list[Exercise]:
    """Every exercise that a cell assigns to a name. Runs the notebook."""
    copy = nbformat.from_dict(notebook)
    if not any("quiz" in cell.source for cell in copy.cells if cell.cell_type == "code"):
        return []
    cells, asked, task = [], [], ""
    for cell in copy.cells:
        cells.append(cell)
        if cell.cell_type == "markdown":
            task = cell.source
        elif names := _assigned_names(cell.source):
            asked.append((task, nbformat.v4.new_code_cell(_ASK.format(names=names))))
            cells.append(asked[-1][1])
    copy.cells = cells
    # A kernel warns about its own local connection, which is confusing here.
    quiet = ["--log-level=ERROR"]
    NotebookClient(copy, timeout=300, kernel_name="python3", extra_arguments=quiet).execute()
    return [
        Exercise(text, *found)
        for text, cell in asked
        for found in json.loads("".join(output.text for output in cell.outputs if output.get("name") == "stdout"))
    ]


def worksheet(title: str, exercises: Sequence[Exercise], paper: str) -> str:
    """The exercises on paper, each with lines for the working; without any answer."""
    name = '<p class="whose">Name <span></span> Date <span></span></p>'
    sheets = [
        _sheet(title, exercise, number, name + exercise.sheet) for number, exercise in enumerate(exercises, start=1)
    ]
    return paper_page("\n".join(sheets), title, paper, quiz_style())


def answer_sheet(title: str, exercises: Sequence[Exercise], paper: str) -> str:
    """The exercises with their answers, and below each the working, edge by edge."""
    heading = f"{title}: answers"
    sheets = [
        f"{_sheet(heading, exercise, number, _filled(exercise))}\n{ledger(exercise.working)}"
        for number, exercise in enumerate(exercises, start=1)
    ]
    return paper_page("\n".join(sheets), heading, paper, quiz_style() + _WITHOUT_LINES)


def _filled(exercise: Exercise) -> str:
    """The sheet with the answers on its lines."""
    answers = iter(exercise.answers.values())
    return _BLANK.sub(lambda _: f"<b>{number_text(next(answers))}</b>", exercise.sheet)


def _sheet(title: str, exercise: Exercise, number: int, html: str) -> str:
    """A sheet of paper with an exercise, below the text before it; in landscape where its picture is very wide."""
    task = markdown_html(_HEADING.sub(r"**\1**", exercise.task))
    width = max((float(found) for found in _WIDTH.findall(unquote(html))), default=0.0)
    place = "exercise wide" if width > _WIDEST else "exercise"
    return (
        f'<div class="{place}">\n<h1>{escape(title)}</h1>\n<h2>Exercise {number}</h2>\n{task}\n'
        f'<div data-autograd-quiz="">\n{html}\n</div>\n</div>'
    )


def _assigned_names(source: str) -> list[str]:
    """The names that a cell assigns."""
    lines = "\n".join("pass" if line.startswith(("%", "!")) else line for line in source.splitlines())
    try:
        nodes = ast.walk(ast.parse(lines))
    except SyntaxError:  # a cell in another language
        return []
    names = [node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    return list(dict.fromkeys(names))

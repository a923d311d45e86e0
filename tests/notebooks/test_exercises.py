"""The exercises of the notebooks: a ladder of three, shown as pages, with a cell to answer in, and not spoiled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

nbformat = pytest.importorskip("nbformat", reason="reads the notebooks: pip install -e '.[notebook]'")

from tests.notebooks.spoilers import exercises, ladder, spoilers  # noqa: E402  after what it needs

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("[0-9]*.ipynb"))
EXERCISE = """
from autograd_core import Value, quiz
p, q = Value(2.0, label="p"), Value(5.0, label="q1")
exercise = quiz(p * q + p)
exercise
"""


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request: pytest.FixtureRequest) -> Any:
    return nbformat.read(request.param, as_version=4)


def test_it_has_a_ladder_of_three_with_the_last_one_open(notebook: Any) -> None:
    headings = [rung.heading for rung in ladder(notebook)]
    assert [heading[:3] for heading in headings] == ["1. ", "2. ", "3. "]
    assert headings[-1].startswith("3. Open: ")


def test_below_each_exercise_is_an_empty_cell(notebook: Any) -> None:
    for rung in ladder(notebook):
        assert rung.cells[-1].cell_type == "code", rung.heading
        assert not rung.cells[-1].source, rung.heading
        assert all(cell.source for cell in rung.cells[:-1]), rung.heading


def test_each_exercise_is_shown_as_its_page(notebook: Any) -> None:
    for rung in ladder(notebook):
        for _ in exercises(rung):
            pages = [output for output in rung.code[0].outputs if "text/html" in output.get("data", {})]
            assert any("data-autograd-quiz" in page.data["text/html"] for page in pages), rung.heading


def test_no_cell_gives_an_answer_away(notebook: Any) -> None:
    assert list(spoilers(notebook)) == []
    tagged = [cell.source for cell in notebook.cells if "answer" in cell.metadata.get("tags", [])]
    assert tagged == [], "answers stand in the teacher's note"


@pytest.mark.parametrize(
    ("source", "output"),
    [
        ("exercise.check(p=6)", ""),
        ('exercise.check({"p": 1, "q1": 2})', ""),
        ("1 + 1", "dout/dp = 6: right"),
        ("1 + 1", "df/dq₁      2       2           0  agrees"),
        ("p.grad", "6.0"),
    ],
)
def test_the_search_finds_a_planted_answer(source: str, output: str) -> None:
    new = nbformat.v4
    outputs = [new.new_output("stream", text=output)] if output else []
    turn = new.new_markdown_cell("## Your turn\n\n### 1. One")
    cells = [turn, new.new_code_cell(EXERCISE), new.new_code_cell(source, outputs=outputs), new.new_code_cell("")]
    assert list(spoilers(new.new_notebook(cells=cells)))


def test_the_search_finds_digits_without_a_name_and_accepts_a_clean_notebook() -> None:
    new = nbformat.v4
    turn = new.new_markdown_cell("## Your turn\n\n### 1. One")
    exercise = 'from autograd_core import Value, exp, quiz\nx = Value(1.5, label="x")\nexercise = quiz(exp(x))'
    clean = [turn, new.new_code_cell(exercise), new.new_code_cell("")]
    assert list(spoilers(new.new_notebook(cells=clean))) == []
    before = new.new_code_cell("slope", outputs=[new.new_output("stream", text="the slope is 4.48169 there")])
    assert list(spoilers(new.new_notebook(cells=[before, *clean])))

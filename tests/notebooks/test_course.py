"""The course on paper: the files that `python -m notebooks.build` writes for a notebook."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat", reason="builds the course: pip install -e '.[notebook]'")
pytest.importorskip("nbclient", reason="builds the course: pip install -e '.[notebook]'")
pytest.importorskip("nbconvert", reason="builds the course: pip install -e '.[notebook]'")
pytest.importorskip("ipykernel", reason="builds the course: pip install -e '.[notebook]'")

from notebooks import build  # noqa: E402  after what it needs
from notebooks.handout import page  # noqa: E402

NOTEBOOKS = sorted(build.HERE.glob("[0-9]*.ipynb"))
HEADINGS = ["Time", "Goals", "Before", "Common mistakes", "Answers", "At the board"]
EXERCISE = """
from autograd_core import Value, quiz
p, q = Value(2.0, label="p"), Value(5.0, label="q")
exercise = quiz(p * q + p)
"""


def small() -> object:
    new = nbformat.v4
    outputs = [
        new.new_output("stream", text="<script>alert(1)</script>"),
        new.new_output("display_data", {"text/html": "<script>step()</script>", "text/plain": "step 1\nstep 2"}),
    ]
    answer = new.new_code_cell("exercise.key()", metadata={"tags": ["answer"]})
    text = new.new_markdown_cell("# A title\n\nThe slope $\\frac{dy}{dx_1}$ costs nothing.")
    return new.new_notebook(cells=[text, new.new_code_cell(EXERCISE, outputs=outputs, execution_count=1), answer])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_has_a_teachers_note(path: Path) -> None:
    note = (build.HERE / "teachers" / f"{path.stem}.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.*)$", note, re.MULTILINE) == HEADINGS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_ends_with_an_exercise_a_recap_and_what_to_try(path: Path) -> None:
    cells = nbformat.read(path, as_version=4).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    assert re.findall(r"^## (?:\d\. )?(.*)$", text, re.MULTILINE)[-3:] == ["Your turn", "In short", "Try next"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_its_handout_needs_no_script_and_no_network(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    html = page(notebook, path.stem)
    assert "<script" not in html
    assert not re.search(r'(src|href)="(?!data:|#)[^"]*//', re.sub(r"<a [^>]*>", "", html))
    shown = re.sub(r"<style>.*?</style>|<pre.*?</pre>|<code.*?</code>", "", html, flags=re.DOTALL)
    assert not re.search(r"\$[^$<]*\\[a-z]+", shown), "a formula was not typeset"


def test_students_get_neither_outputs_nor_answers() -> None:
    notebook = build.for_students(small())
    assert [cell.source for cell in notebook.cells] == [cell.source for cell in small().cells[:2]]
    assert notebook.cells[1].outputs == []
    assert notebook.cells[1].execution_count is None


@pytest.mark.filterwarnings("ignore")  # the kernel's own
def test_teachers_get_the_answers_of_the_exercises(capfd: pytest.CaptureFixture[str]) -> None:
    found = build.keys(small())
    assert capfd.readouterr().err == ""
    assert [answers for _, answers in found] == [{"p": 6.0, "q": 2.0}]
    sheet = build.for_teachers("# Note", found)
    html = page(sheet, "note")
    assert re.search(r"<td>p</td>\s*<td>6</td>", html)
    assert "dL/dp = ____" in html


@pytest.mark.filterwarnings("ignore")  # the kernel's own
def test_exercises_are_found_however_they_are_named() -> None:
    function = "from autograd_core import Value, quiz\n\ndef exercise():\n    return quiz(Value(3.0, label='x') ** 2)"
    sources = [
        function,
        "%%bash\necho one two",
        "first, other = exercise(), 1",
        "del other; again = first",
        "for item in [exercise()]:\n    pass",
    ]
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    cells.append(nbformat.v4.new_code_cell("lost = 1 / 0", metadata={"tags": ["raises-exception"]}))
    found = build.keys(nbformat.v4.new_notebook(cells=cells))
    assert [answers for _, answers in found] == [{"x": 6.0}, {"x": 6.0}]


@pytest.mark.parametrize(
    ("name", "message"), [("15_new.ipynb", "has no note for teachers"), ("none.ipynb", "no such note")]
)
def test_a_missing_part_is_named(tmp_path: Path, name: str, message: str) -> None:
    if name == "15_new.ipynb":
        nbformat.write(nbformat.v4.new_notebook(), tmp_path / name)
    with pytest.raises(SystemExit, match=message):
        build.build([tmp_path / name], tmp_path / "built", "A4")


def test_dollars_outside_formulas_stay() -> None:
    text = "It costs $5, not $6; `$HOME` and `$PATH`; \\$a\\$.\n\n```\n$x$\n```\n\n$x^2$ and $$y$$ and größer"
    raw = nbformat.v4.new_raw_cell("as it is")
    html = page(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text), raw]), "one")
    for unchanged in ("It costs $5, not $6", "<code>$HOME</code>", "<code>$PATH</code>", "$x$", "größer"):
        assert unchanged in html
    assert html.count("<math") == 2


def test_errors_and_rare_outputs_have_their_place_on_paper() -> None:
    new = nbformat.v4
    outputs = [
        new.new_output("error", ename="ZeroDivisionError", evalue="division by zero", traceback=["..."]),
        new.new_output("stream", name="stderr", text="\x1b[31mcareful\x1b[0m <b>"),
        new.new_output("display_data", {"application/json": {"a": 1}}),
        new.new_output("display_data", {"image/svg+xml": "<svg></svg>"}),
    ]
    html = page(new.new_notebook(cells=[new.new_code_cell("1 / 0", outputs=outputs)]), "one")
    assert "ZeroDivisionError: division by zero" in html
    assert ">careful &lt;b&gt;<" in html
    assert "<svg></svg>" in html


def test_on_paper_steps_are_text_and_text_is_text() -> None:
    html = page(small(), "a & b", "Letter")
    assert "step 1\nstep 2" in html
    assert "step()" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert "<mfrac>" in html
    assert "size: Letter" in html
    assert "<title>a &amp; b</title>" in html


def test_sentences_are_wrapped_and_only_tables_are_made_to_fit() -> None:
    def print_page(line: str) -> str:
        outputs = [nbformat.v4.new_output("stream", text=f"{line}\n" * 3)]
        return page(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", outputs=outputs)]), "one")

    sentence, row = "  - a long diagnosis" + " in many words" * 10, "a row" + "  of columns" * 13
    assert 'class="upright"><pre style="font-size: 9.0pt"' in print_page(sentence)
    assert 'class="wide"><pre' in print_page(row)


@pytest.mark.skipif(shutil.which("chromium") is None, reason="prints with Chromium: apt-get install chromium")
def test_it_is_printed(tmp_path: Path) -> None:
    pdfium = pytest.importorskip("pypdfium2")
    source = tmp_path / "one.html"
    source.write_text(page(small(), "one"), encoding="utf-8")
    build.print_pdf([source])
    document = pdfium.PdfDocument(tmp_path / "one.pdf")
    text = document[0].get_textpage().get_text_bounded()
    document.close()
    assert "A title" in text
    assert "1 / 1" in text


def test_a_notebook_for_students_is_a_notebook(tmp_path: Path) -> None:
    pages = build.build(NOTEBOOKS[:1], tmp_path, "A4")
    assert [page.parent.name for page in pages] == ["handouts", "teachers"]
    written = json.loads((tmp_path / "students" / NOTEBOOKS[0].name).read_text(encoding="utf-8"))
    nbformat.validate(nbformat.from_dict(written))

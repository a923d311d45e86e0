"""The course on paper: the files that `python -m notebooks.build` writes for a notebook."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from urllib.parse import unquote

import pytest

nbformat = pytest.importorskip("nbformat", reason="builds the course: pip install -e '.[notebook]'")
pytest.importorskip("nbclient", reason="builds the course: pip install -e '.[notebook]'")
pytest.importorskip("nbconvert", reason="builds the course: pip install -e '.[notebook]'")
pytest.importorskip("ipykernel", reason="builds the course: pip install -e '.[notebook]'")

from autograd_core import Value, explain, quiz  # noqa: E402
from notebooks import build  # noqa: E402  after what it needs
from notebooks.exercises import Exercise, answer_sheet, find_exercises, worksheet  # noqa: E402
from notebooks.handout import glossary_page, ledger, page  # noqa: E402
from notebooks.slides import notebook_slides  # noqa: E402

NOTEBOOKS = sorted(build.HERE.glob("[0-9]*.ipynb"))
HEADINGS = ["Time", "Goals", "Before", "Common mistakes", "Answers", "At the board", "On the playground"]
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
def test_its_core_is_short_and_the_note_knows_every_section(path: Path) -> None:
    note = (build.HERE / "teachers" / f"{path.stem}.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (core|further|exercises) \| (.*) \| (\d+) \|$", note, re.MULTILINE)
    minutes = {part: sum(int(number) for kind, _, number in rows if kind == part) for part, *_ in rows}
    assert path.stem == "00_start" or 15 <= minutes["core"] <= 20
    assert f"The core is {minutes['core']} minutes" in note
    cells = nbformat.read(path, as_version=4).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    headings = re.findall(r"^(###?) (.*)$", text, re.MULTILINE)
    headings = headings[: [name.removeprefix("6. ") for _, name in headings].index("Your turn") + 1]
    assert [heading for _, heading in headings if heading != "Further"] == [name for _, name, _ in rows]
    kinds = ["exercises" if "Your turn" in name else "core" if level == "##" else "further" for level, name in headings]
    assert [kind for kind, (_, name) in zip(kinds, headings, strict=True) if name != "Further"] == [
        kind for kind, *_ in rows
    ]
    promised = f"The core takes {minutes['core']} minutes, the exercises {minutes['exercises']}"
    assert promised in cells[0].source
    assert "further" not in minutes or f"all that is further {minutes['further']}" in cells[0].source


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
    found = find_exercises(small())
    assert capfd.readouterr().err == ""
    assert [exercise.answers for exercise in found] == [{"p": 6.0, "q": 2.0}]
    assert found[0].task.startswith("# A title")
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
    found = find_exercises(nbformat.v4.new_notebook(cells=cells))
    assert [exercise.answers for exercise in found] == [{"x": 6.0}, {"x": 6.0}]


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


def exercise() -> Exercise:
    p, q = Value(2.5, label="p"), Value(5.0, label="q")
    asked = quiz(p * q + p)
    working = explain(asked.value)._repr_mimebundle_()
    return Exercise("## Your turn\n\nFind $p$.", asked.to_text(), asked.key(), asked.unmarked()[0], working)


def test_a_worksheet_has_lines_and_no_answer_and_the_answer_sheet_has_the_working() -> None:
    sheet = worksheet("A title", [exercise(), exercise()], "Letter")
    shown = re.sub(r"<style>.*?</style>|src='[^']*'", "", sheet, flags=re.DOTALL)
    assert shown.count("data-lines") == shown.count("<h1>A title</h1>") == 2
    assert "Name <span>" in shown
    assert "size: Letter" in sheet
    assert "<script" not in sheet
    assert not re.search(r"(?<![\d.])6(?![\d.])", re.sub(r"<[^>]*>", " ", shown)), "dL/dp is 6"
    answered = answer_sheet("A title", [exercise()], "A4")
    assert "<b>6</b>" in answered
    assert "Backward: how" in answered
    assert "$" not in re.sub(r"<style>.*?</style>", "", answered, flags=re.DOTALL)


def test_a_ledger_on_paper_is_a_table_of_formulas() -> None:
    x = Value(3.0, label="x")
    output = nbformat.v4.new_output("execute_result", explain(x * x)._repr_mimebundle_())
    html = page(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("explain(y)", outputs=[output])]), "one")
    assert 'class="ledger"' in html
    assert html.count("<table>") == 2
    assert html.count("<math") > 8


def test_text_has_the_size_of_code_and_wide_tables_are_in_landscape() -> None:
    def print_page(line: str) -> str:
        outputs = [nbformat.v4.new_output("stream", text=f"{line}\n" * 3)]
        return page(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", outputs=outputs)]), "one")

    sentence, row = "  - a long diagnosis" + " in many words" * 10, "a row" + "  of columns" * 10
    assert 'class="upright"><pre>' in print_page(sentence)
    assert 'class="wide"><pre>' in print_page(row)


def test_slides_have_one_idea_each_and_no_answer() -> None:
    new = nbformat.v4
    text = "# A *title*\n\nFirst.\n\n## Next $x$\n\n" + "\n\n".join(f"Sentence {n} " + "x" * 200 for n in range(3))
    live = new.new_output("display_data", explain(Value(3.0, label="x") * 2)._repr_mimebundle_())
    code = new.new_code_cell("explain(y)", outputs=[live])
    secret = new.new_code_cell("exercise.key()", metadata={"tags": ["answer"]})
    html = notebook_slides(new.new_notebook(cells=[new.new_markdown_cell(text), code, secret]), "one")
    headings = re.findall(r'<section class="slide">\n<h2>(.*?)</h2>', html)
    assert headings == ["A title", *["Next x"] * 4]  # three texts, and what is live
    assert 'data-autograd-stepper=""' in html
    assert html.count("<script>") == 1
    assert "exercise.key" not in html


@pytest.mark.parametrize(
    ("code", "is_folded"),
    [
        ("from math import (\n" + "    sin,\n" * 9 + ")", True),
        ("%matplotlib inline\n" * 9, False),
        ("import math", False),
    ],
)
def test_a_long_list_of_imports_is_folded_on_its_slide(code: str, is_folded: bool) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    assert ("<summary>Code</summary>" in notebook_slides(notebook, "one")) == is_folded


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
    assert [page.parent.name for page in pages] == ["handouts", "teachers", "worksheets", "answers"]
    assert (tmp_path / "slides" / f"{NOTEBOOKS[0].stem}.html").stat().st_size > 100_000
    written = json.loads((tmp_path / "students" / NOTEBOOKS[0].name).read_text(encoding="utf-8"))
    nbformat.validate(nbformat.from_dict(written))
    assert (tmp_path / "students" / build.GLOSSARY.name).read_bytes() == build.GLOSSARY.read_bytes()


def test_every_link_to_the_glossary_leads_to_a_word_and_every_word_is_linked() -> None:
    words = re.findall(r"^## (.*)$", build.GLOSSARY.read_text(encoding="utf-8"), re.MULTILINE)
    assert words == sorted(words, key=str.casefold)
    linked = set()
    for path in NOTEBOOKS:
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "markdown":
                linked |= set(re.findall(r"\]\(GLOSSARY\.md#([^)]+)\)", cell.source))
    assert linked == {word.casefold().replace(" ", "-") for word in words}


# Numbers of others, which no cell can compute.
QUOTED = {"0.291027924", "2.7070075", "7.2668688"}
NUMBER = re.compile(r"(?<![\w.^{/-])(\d{1,3}(?:,\d{3})+|\d+\.\d+|\d{3,})(?![\w.]*\d)")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_number_stands_in_a_text_alone(path: Path) -> None:
    """Numbers of three digits or with a fraction are in a cell or in its output, too; years are no numbers here."""
    cells = nbformat.read(path, as_version=4).cells
    computed = "".join(cell.source + json.dumps(cell.outputs) for cell in cells if cell.cell_type == "code")
    computed = re.sub(r"[,_]", "", computed)
    for cell in cells:
        if cell.cell_type == "markdown":
            text = re.sub(r"\]\([^)]*\)|`[^`]*`", "", cell.source)
            numbers = {number.replace(",", "") for number in NUMBER.findall(text)} - QUOTED
            alone = [number for number in numbers if number not in computed and not re.match(r"(19|20)\d\d$", number)]
            assert not alone, f"cell {cell.id} tells numbers that no cell computes: {alone}"


def test_links_in_pages_lead_to_pages_that_are_built_and_words_of_the_glossary_have_anchors() -> None:
    text = (
        "A [word](GLOSSARY.md#d-and-∂), [all words](GLOSSARY.md), and [the next](02_next.ipynb#Your-turn); `x[0](1)`."
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])
    for html in (page(notebook, "one"), notebook_slides(notebook, "one")):
        links = [unquote(link) for link in re.findall(r'href="([^"#][^"]*)"', html)]
        assert links == ["glossary.html#d-and-∂", "glossary.html", "02_next.html#Your-turn"]
    glossary = glossary_page(build.GLOSSARY.read_text(encoding="utf-8"))
    assert '<h2 id="d-and-∂">d and ∂</h2>' in glossary
    assert "<script" not in glossary


def test_a_large_picture_on_paper_is_cut_into_parts_whose_letters_can_be_read() -> None:
    def pictures(width: int, height: int) -> list[str]:
        image = f"<img alt='a' src='data:image/svg+xml,&lt;svg width=\"{width}\" height=\"{height}\"&gt;'>"
        html = f'<div data-autograd-stepper="">\n<div data-fallback=""><p>{image}</p></div>\n<script></script></div>'
        return re.findall(r"<img ([^>]*)>", ledger({"text/html": html}))

    [whole] = pictures(900, 700)
    assert "style" not in whole
    parts = pictures(1442, 1664)
    assert len(parts) == 2
    for part in parts:
        width = float(re.search(r"width:([\d.]+)mm", part)[1])  # type: ignore[index]
        assert 12 * width / 1442 >= 2, "letters of 12 pixels are 2 mm high"
    assert len(pictures(2800, 500)) == 2

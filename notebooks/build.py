"""The course on paper: `python -m notebooks.build` writes HTML and PDF of every notebook, offline.

In the folder it writes, `handouts/` has each notebook to print, `teachers/` its note with the answers of its exercises,
`students/` the notebook to fill in: without outputs, and without the cells tagged "answer". PDF is printed by Chromium.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

try:
    import nbformat
    from nbclient import NotebookClient

    from notebooks.handout import page
except ModuleNotFoundError as missing:
    sys.exit(f"this needs {missing.name}: pip install -e '.[notebook]' in the clone, then once more.")

HERE = Path(__file__).parent
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_ASK = """
import json
from autograd_core.practice.quiz.quiz import Quiz
_asked = globals().setdefault("_asked", [])
_new = [one for one in map(globals().get, {names!r}) if isinstance(one, Quiz) and not any(one is old for old in _asked)]
_asked += _new
print(json.dumps([[str(one), one.key()] for one in _new]))
"""


def for_students(notebook: Any) -> Any:
    """The notebook to fill in: no outputs, no cells tagged "answer"."""
    copy = nbformat.from_dict(notebook)
    copy.cells = [cell for cell in copy.cells if "answer" not in cell.metadata.get("tags", [])]
    for cell in copy.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return copy


def keys(notebook: Any) -> list[tuple[str, dict[str, float]]]:
    """(what is asked, the right answers) of every exercise that a cell gives a name; runs the notebook."""
    copy = nbformat.from_dict(notebook)
    if not any("quiz" in cell.source for cell in copy.cells if cell.cell_type == "code"):
        return []
    cells, asked = [], []
    for cell in copy.cells:
        cells.append(cell)
        if cell.cell_type == "code" and (names := _names_given(cell.source)):
            asked.append(nbformat.v4.new_code_cell(_ASK.format(names=names)))
            cells.append(asked[-1])
    copy.cells = cells
    # Of its own connection to this machine a kernel warns in words that frighten whoever prints handouts.
    quiet = ["--log-level=ERROR"]
    NotebookClient(copy, timeout=300, kernel_name="python3", extra_arguments=quiet).execute()
    found = [tuple(one) for cell in asked for one in json.loads(_printed(cell))]
    return [(text, answers) for text, answers in found]


def _printed(cell: Any) -> str:
    return "".join(one.text for one in cell.outputs if one.get("name") == "stdout")


def for_teachers(note: str, exercises: Sequence[tuple[str, dict[str, float]]]) -> Any:
    """The note and behind it the answers, as a notebook of text."""
    parts = [note]
    for number, (asked, answers) in enumerate(exercises, start=1):
        rows = "\n".join(f"| {name.replace('|', chr(92) + '|')} | {answer:.6g} |" for name, answer in answers.items())
        parts.append(f"## Exercise {number}\n\n```\n{asked}\n```\n\n| | answer |\n|---|---|\n{rows}\n")
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(part) for part in parts])


def print_pdf(pages: Iterable[Path]) -> None:
    """Print each page of HTML to a PDF beside it."""
    browser = next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        sys.exit("PDF is printed by Chromium or Chrome, and neither was found. Install one, or ask for --no-pdf.")
    as_root = ["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []
    with tempfile.TemporaryDirectory() as profile:
        flags = ["--headless", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={profile}", *as_root]
        for html in pages:
            pdf = html.with_suffix(".pdf")
            command = [browser, *flags, "--no-pdf-header-footer", f"--print-to-pdf={pdf}", html.resolve().as_uri()]
            subprocess.run(command, check=True, capture_output=True, timeout=120)


def build(sources: Sequence[Path], to: Path, paper: str) -> list[Path]:
    """Write the three kinds of file for each notebook; returns the pages to print."""
    for folder in ("handouts", "teachers", "students"):
        (to / folder).mkdir(parents=True, exist_ok=True)
    pages = []
    for source in sources:
        print(source.stem, flush=True)
        beside = HERE / "teachers" / f"{source.stem}.md"
        for needed, what in ((source, "no such notebook"), (beside, f"{source.name} has no note for teachers")):
            if not needed.is_file():
                sys.exit(f"{what}: {needed} was not found. Write it, or name the notebooks to build.")
        notebook = nbformat.read(source, as_version=4)
        nbformat.write(for_students(notebook), to / "students" / source.name)
        note = beside.read_text(encoding="utf-8")
        sheet = for_teachers(note, keys(notebook))
        for folder, content in (("handouts", notebook), ("teachers", sheet)):
            pages.append(to / folder / f"{source.stem}.html")
            pages[-1].write_text(page(content, source.stem.replace("_", " "), paper), encoding="utf-8")
    return pages


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m notebooks.build", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("notebooks", nargs="*", type=Path, help="those to build; all if none is named")
    parser.add_argument("--to", type=Path, default=HERE / "built", help="the folder (default: notebooks/built)")
    parser.add_argument("--paper", choices=("A4", "Letter"), default="A4")
    parser.add_argument("--no-pdf", action="store_true", help="HTML and student notebooks only")
    given = parser.parse_args(arguments)
    pages = build(given.notebooks or sorted(HERE.glob("[0-9]*.ipynb")), given.to, given.paper)
    if not given.no_pdf:
        print_pdf(pages)
    print(f"{len(pages)} pages in {given.to}")


def _names_given(source: str) -> list[str]:
    """The names that a cell gives to things."""
    lines = "\n".join("pass" if line.startswith(("%", "!")) else line for line in source.splitlines())
    try:
        found = ast.walk(ast.parse(lines))
    except SyntaxError:  # a cell in another language
        return []
    names = [one.id for one in found if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)]
    return list(dict.fromkeys(names))


if __name__ == "__main__":
    main()

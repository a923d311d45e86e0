"""The course on paper: `python -m notebooks.build` writes HTML and PDF of every notebook, offline.

It writes three folders: `handouts/` has each notebook as a page to print, `teachers/` its note with the answers of its
exercises, `students/` the notebook without outputs and without the cells tagged "answer". Chromium prints the PDF.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from autograd_core.show.drawing.graphviz import program

try:
    import nbformat
    from nbclient import NotebookClient

    from notebooks.handout import page
except ModuleNotFoundError as missing:
    sys.exit(
        f"{missing.name} is not installed: run pip install -e '.[notebook]' in the clone, then this command again."
    )

HERE = Path(__file__).parent
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_ASK = """
import json
from autograd_core.practice.quiz.quiz import Quiz
_asked = globals().setdefault("_asked", [])
_new = [item for item in map(globals().get, {names!r}) if isinstance(item, Quiz) and not any(item is q for q in _asked)]
_asked += _new
print(json.dumps([[str(quiz), quiz.key()] for quiz in _new]))
"""


def for_students(notebook: Any) -> Any:
    """The notebook without outputs and without cells tagged "answer"."""
    copy = nbformat.from_dict(notebook)
    copy.cells = [cell for cell in copy.cells if "answer" not in cell.metadata.get("tags", [])]
    for cell in copy.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return copy


def keys(notebook: Any) -> list[tuple[str, dict[str, float]]]:
    """(the question, the right answers) of every exercise that a cell assigns to a name. Runs the notebook."""
    copy = nbformat.from_dict(notebook)
    if not any("quiz" in cell.source for cell in copy.cells if cell.cell_type == "code"):
        return []
    cells, asked = [], []
    for cell in copy.cells:
        cells.append(cell)
        if cell.cell_type == "code" and (names := _assigned_names(cell.source)):
            asked.append(nbformat.v4.new_code_cell(_ASK.format(names=names)))
            cells.append(asked[-1])
    copy.cells = cells
    # A kernel warns about its own local connection, which is confusing here.
    quiet = ["--log-level=ERROR"]
    NotebookClient(copy, timeout=300, kernel_name="python3", extra_arguments=quiet).execute()
    return [(question, answers) for cell in asked for question, answers in json.loads(_stdout(cell))]


def _stdout(cell: Any) -> str:
    return "".join(output.text for output in cell.outputs if output.get("name") == "stdout")


def for_teachers(note: str, exercises: Sequence[tuple[str, dict[str, float]]]) -> Any:
    """The note, followed by the answers, as a notebook of text."""
    parts = [note]
    for number, (question, answers) in enumerate(exercises, start=1):
        rows = "\n".join(f"| {name.replace('|', chr(92) + '|')} | {answer:.6g} |" for name, answer in answers.items())
        parts.append(f"## Exercise {number}\n\n```\n{question}\n```\n\n| | answer |\n|---|---|\n{rows}\n")
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(part) for part in parts])


def print_pdf(pages: Iterable[Path]) -> None:
    """Print each page of HTML to a PDF beside it."""
    browser = next((found for name in _BROWSERS if (found := program(name))), None)
    if browser is None:
        sys.exit("PDF needs Chromium or Chrome, and neither was found. Install one, or use --no-pdf.")
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
        note = HERE / "teachers" / f"{source.stem}.md"
        for file, problem in ((source, "no such notebook"), (note, f"{source.name} has no note for teachers")):
            if not file.is_file():
                sys.exit(f"{problem}: {file} was not found. Write it, or name the notebooks to build.")
        notebook = nbformat.read(source, as_version=4)
        nbformat.write(for_students(notebook), to / "students" / source.name)
        sheet = for_teachers(note.read_text(encoding="utf-8"), keys(notebook))
        for folder, content in (("handouts", notebook), ("teachers", sheet)):
            pages.append(to / folder / f"{source.stem}.html")
            pages[-1].write_text(page(content, source.stem.replace("_", " "), paper), encoding="utf-8")
    return pages


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m notebooks.build", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("notebooks", nargs="*", type=Path, help="the notebooks to build (default: all)")
    parser.add_argument("--to", type=Path, default=HERE / "built", help="the folder (default: notebooks/built)")
    parser.add_argument("--paper", choices=("A4", "Letter"), default="A4")
    parser.add_argument("--no-pdf", action="store_true", help="HTML and student notebooks only")
    options = parser.parse_args(arguments)
    pages = build(options.notebooks or sorted(HERE.glob("[0-9]*.ipynb")), options.to, options.paper)
    if not options.no_pdf:
        print_pdf(pages)
    print(f"{len(pages)} pages in {options.to}")


def _assigned_names(source: str) -> list[str]:
    """The names that a cell assigns."""
    lines = "\n".join("pass" if line.startswith(("%", "!")) else line for line in source.splitlines())
    try:
        nodes = ast.walk(ast.parse(lines))
    except SyntaxError:  # a cell in another language
        return []
    names = [node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    return list(dict.fromkeys(names))


if __name__ == "__main__":
    main()

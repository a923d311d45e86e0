"""The course on paper: `python -m notebooks.build` writes HTML and PDF of every notebook, offline.

It writes six folders: `handouts/` has each notebook as a page to print, `worksheets/` its exercises with lines to write
on, `answers/` the same with answers and working, `teachers/` its note with the answers, `slides/` one idea a slide to
show in a browser, `students/` the notebook without outputs and without the cells tagged "answer". Chromium prints the
PDF.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from autograd_core.show.drawing.graphviz import program

try:
    import nbformat

    from notebooks.exercises import Exercise, answer_sheet, find_exercises, worksheet
    from notebooks.handout import GLOSSARY_PAGE, glossary_page, page
    from notebooks.slides import heading_text, notebook_slides
except ModuleNotFoundError as missing:
    sys.exit(
        f"{missing.name} is not installed: run pip install -e '.[notebook]' in the clone, then this command again."
    )

HERE = Path(__file__).parent
GLOSSARY = HERE / "GLOSSARY.md"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")


def for_students(notebook: Any) -> Any:
    """The notebook without outputs and without cells tagged "answer"."""
    copy = nbformat.from_dict(notebook)
    copy.cells = [cell for cell in copy.cells if "answer" not in cell.metadata.get("tags", [])]
    for cell in copy.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return copy


def for_teachers(note: str, exercises: Sequence[Exercise]) -> Any:
    """The note, followed by the answers, as a notebook of text."""
    parts = [note]
    for number, exercise in enumerate(exercises, start=1):
        answers = ((name.replace("|", r"\|"), answer) for name, answer in exercise.answers.items())
        rows = "\n".join(f"| {name} | {answer:.6g} |" for name, answer in answers)
        parts.append(f"## Exercise {number}\n\n```\n{exercise.question}\n```\n\n| | answer |\n|---|---|\n{rows}\n")
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(part) for part in parts])


def _title(notebook: Any) -> str:
    """The first heading of the notebook."""
    texts = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    found = next((found for text in texts if (found := re.search(r"^# +(.+)$", text, re.MULTILINE))), None)
    return heading_text(found[1]) if found else ""


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
    """Write the files of each notebook; returns the pages to print."""
    for folder in ("handouts", "worksheets", "answers", "teachers", "slides", "students"):
        (to / folder).mkdir(parents=True, exist_ok=True)
    shutil.copyfile(GLOSSARY, to / "students" / GLOSSARY.name)  # notebooks link to its words
    for folder in ("handouts", "slides"):
        glossary = glossary_page(GLOSSARY.read_text(encoding="utf-8"), paper)
        (to / folder / GLOSSARY_PAGE).write_text(glossary, encoding="utf-8")
    pages = []
    for source in sources:
        print(source.stem, flush=True)
        note = HERE / "teachers" / f"{source.stem}.md"
        for file, problem in ((source, "no such notebook"), (note, f"{source.name} has no note for teachers")):
            if not file.is_file():
                sys.exit(f"{problem}: {file} was not found. Write it, or name the notebooks to build.")
        notebook = nbformat.read(source, as_version=4)
        title = _title(notebook) or source.stem
        nbformat.write(for_students(notebook), to / "students" / source.name)
        slides = notebook_slides(notebook, title)
        (to / "slides" / f"{source.stem}.html").write_text(slides, encoding="utf-8")
        exercises = find_exercises(notebook)
        sheets = {
            "handouts": page(notebook, title, paper),
            "teachers": page(for_teachers(note.read_text(encoding="utf-8"), exercises), title, paper),
        }
        if exercises:
            sheets |= {
                "worksheets": worksheet(title, exercises, paper),
                "answers": answer_sheet(title, exercises, paper),
            }
        for folder, content in sheets.items():
            pages.append(to / folder / f"{source.stem}.html")
            pages[-1].write_text(content, encoding="utf-8")
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
    print(f"{len(pages)} pages to print, and slides, in {options.to}")


if __name__ == "__main__":
    main()

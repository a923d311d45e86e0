"""The static site: `python -m notebooks.site` writes playground, builder, reference and course, and a page of links.

The answers and the notes for teachers are not part of it.
"""

from __future__ import annotations

import argparse
import re
import shutil
from collections.abc import Sequence
from html import escape
from pathlib import Path

from autograd_core.show.builder.page import builder_page
from autograd_core.show.page.saved_files import save_page
from autograd_core.show.playground.page import playground_page
from notebooks import reference

HERE = Path(__file__).parent
FOR_TEACHERS = ("answers", "teachers")
PARTS = (
    ("playground.html", "Playground", "Train a network and see the chain rule in it."),
    ("builder.html", "Builder", "Write an expression or draw its graph, and step through its gradients."),
    ("course/", "Course", "The notebooks as pages to read, as slides and worksheets, and to run."),
    ("reference/index.html", "Reference", "Every public name with its formula, its errors and an example."),
)
FORMS = (
    ("handouts", ".html", "to read"),
    ("slides", ".html", "slides"),
    ("worksheets", ".html", "worksheet"),
    ("students", ".ipynb", "notebook"),
)
STYLE = (
    ":root{color-scheme:light dark}body{max-width:40rem;margin:4rem auto;padding:0 1rem;font:1.1rem/1.6 system-ui,"
    "sans-serif}h1{line-height:1.2}dt{margin-top:1.5rem;font-weight:600}dd{margin:0}"
)


def link(address: str, text: str) -> str:
    """A link, as HTML."""
    return f'<a href="{escape(address)}">{escape(text)}</a>'


def page_of_links(title: str, entries: Sequence[tuple[str, str]]) -> str:
    """A page that leads to others: a name and what stands below it, both as HTML."""
    listed = "".join(f"<dt>{name}</dt><dd>{below}</dd>" for name, below in entries)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<style>{STYLE}</style></head><body><main><h1>{escape(title)}</h1><dl>{listed}</dl></main></body></html>\n"
    )


def start_page() -> str:
    """The page that leads to the parts."""
    parts = [(link(address, name), escape(what)) for address, name, what in PARTS]
    return page_of_links("autograd_core: see the chain rule happen", parts)


def course_page(course: Path) -> str:
    """The chapters by their titles, each with the forms in which it is there."""
    entries = []
    for chapter in sorted((course / "handouts").glob("*.html")):
        found = [(course / folder / f"{chapter.stem}{kind}", text) for folder, kind, text in FORMS]
        links = [link(file.relative_to(course).as_posix(), text) for file, text in found if file.exists()]
        title = re.search("<title>([^<]*)", chapter.read_text(encoding="utf-8"))
        entries.append((title[1] if title else escape(chapter.stem), " · ".join(links)))
    return page_of_links("autograd_core: the course", entries)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m notebooks.site", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--to", type=Path, default=HERE / "built" / "site", help="the folder to write")
    to = parser.parse_args(arguments).to
    from notebooks import build  # ends with a message where nbconvert is not installed

    to.mkdir(parents=True, exist_ok=True)
    save_page(playground_page(), to / "playground.html")
    save_page(builder_page(), to / "builder.html")
    reference.main(["--to", str(to / "reference")])
    build.main(["--no-pdf", "--to", str(to / "course")])
    for folder in FOR_TEACHERS:
        shutil.rmtree(to / "course" / folder)
    (to / "course" / "index.html").write_text(course_page(to / "course"), encoding="utf-8")
    (to / "index.html").write_text(start_page(), encoding="utf-8")
    print(f"open {to / 'index.html'} in a browser")


if __name__ == "__main__":
    main()

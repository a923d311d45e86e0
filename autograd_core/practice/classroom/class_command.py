"""`python -m autograd_core class ...` and `collect ...`: the homework of a class, and its marks."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import Any

from autograd_core.atomic_write import write_whole
from autograd_core.formulas.labels import plural, visible_text
from autograd_core.formulas.text_report import print_report
from autograd_core.practice.classroom.class_folder import HANDED_IN, PRIVATE, write_class
from autograd_core.practice.classroom.class_report import class_report, gradebook, problem_table
from autograd_core.practice.classroom.handed_in import read_handed_in
from autograd_core.practice.classroom.homework import FILE, Homework, read_homework
from autograd_core.practice.classroom.marks import mark_class
from autograd_core.practice.classroom.projector import class_mistake_page
from autograd_core.practice.classroom.roster import read_roster, same_names
from autograd_core.practice.classroom.secret import make_secret, read_secret
from autograd_core.practice.classroom.spreadsheet import table_bytes
from autograd_core.practice.quiz.generate import QUIZ_LEVELS

OPTIONS = ("--secret-file", "--to", "--title", "--mistake")


def add(commands: Any) -> None:
    """Add both commands to the parsers of subcommands `commands`."""
    command = commands.add_parser(
        "class",
        help="a homework for a class: a page and paper for each student, and one key",
        description="Write an exercise for each name in NAMES, a CSV file, to a folder: pages to send, paper to print, "
        "and the key. The pages have no answers; what students save is marked by `collect`.",
    )
    command.set_defaults(run=run_class)
    command.add_argument("names", metavar="NAMES", help="a CSV file with the column name, and id if two have one name")
    _add_secret(command, "your secret, which the exercises follow from; it is made where it is missing")
    command.add_argument("--to", required=True, metavar="FOLDER", help="where to write; one folder for each homework")
    levels = "; ".join(f"{number} {level.words}" for number, level in QUIZ_LEVELS.items())
    command.add_argument("--level", type=int, nargs="+", default=[1], metavar="N", help=f"one or several: {levels}")
    command.add_argument("--title", metavar="TEXT", help="the name of the homework (default: that of the folder)")
    command = commands.add_parser(
        "collect",
        help="the marks of a homework, and the mistakes of the class",
        description="Mark what lies in FOLDER/handed-in: files that pages saved, and answers.csv with what was typed "
        "in from paper. Prints who has which mistake, and writes a table for the gradebook and slides on one mistake.",
    )
    command.set_defaults(run=run_collect)
    command.add_argument("folder", metavar="FOLDER", help="the folder that `class` wrote")
    _add_secret(command, "the secret that `class` was given")
    command.add_argument(
        "--mistake", metavar="KIND", help="what the slides are about (default: what most students did)"
    )


def _add_secret(command: Any, what: str) -> None:
    command.add_argument("--secret-file", required=True, metavar="FILE", help=what)


def run_class(options: argparse.Namespace) -> None:
    """Run `class`."""
    students, folder, secret_file = read_roster(options.names), Path(options.to), Path(options.secret_file)
    if folder.resolve() in secret_file.resolve().parents:
        raise ValueError(
            f"the secret file {str(secret_file)!r} would lie in the folder of the homework, which others may get: put "
            "it elsewhere"
        )
    title = folder.resolve().name if options.title is None else options.title
    # A homework that cannot be made leaves no secret behind.
    Homework.check(title, options.level)
    if make_secret(secret_file):
        print(
            f"made {_shown(secret_file)}: your secret. Keep it, and show it to nobody; nothing can be marked without it"
        )
    homework = Homework(title, tuple(options.level), tuple(students), read_secret(secret_file))
    for line in write_class(homework, folder):
        print(f"wrote {visible_text(line)}")
    print(f"{plural(len(students), 'student')}, from {students[0]} to {students[-1]}")
    for name in same_names(students):
        own = [str(student) for student in students if student.name == name]
        print(f"note: {len(own)} students have one name, so give each the page with the right number: {', '.join(own)}")
    print(f"Next: put what comes back into {_shown(folder / HANDED_IN)}, and run")
    print(f"  python -m autograd_core collect {_quoted(folder)} --secret-file {_quoted(secret_file)}")


def run_collect(options: argparse.Namespace) -> None:
    """Run `collect`."""
    folder, secret = Path(options.folder), read_secret(options.secret_file)
    if not (folder / FILE).exists() and (folder.resolve().parent / FILE).exists():
        folder = folder.resolve().parent
    homework = read_homework(folder, secret)
    marked = mark_class(homework, read_handed_in(folder / HANDED_IN, homework))
    slides = class_mistake_page(marked, options.mistake)
    print_report(class_report(marked))
    write_whole(folder / "report.csv", table_bytes(gradebook(marked)), PRIVATE)
    write_whole(folder / "to-look-at.csv", table_bytes(problem_table(marked)), PRIVATE)
    write_whole(folder / "projector.html", slides.encode())
    print(f"\nwrote {_shown(folder / 'report.csv')}: for the gradebook")
    print(f"wrote {_shown(folder / 'to-look-at.csv')}: what was not counted, and why")
    print(f"wrote {_shown(folder / 'projector.html')}: one mistake of the class as slides, without names")


def _shown(path: Path) -> str:
    return visible_text(str(path))


def _quoted(path: Path) -> str:
    return visible_text(shlex.quote(str(path)))

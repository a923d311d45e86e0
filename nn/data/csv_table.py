"""A table in a CSV file, read as rows of numbers and a target. Errors name the row, its line and the column."""

from __future__ import annotations

import csv
import io
import math
import os
import re
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

from autograd_core.formulas.labels import visible_text

MOST_CLASSES = 10  # a target of more different whole numbers is a number to predict
SEPARATORS = "\t;,"  # on equal evidence the first: a text has commas more often than tabs
_SHOWN = 20  # names of columns in a message
_SAMPLE = 50  # rows that show the separator
_BLANKS = " \t\r\xa0"  # around a cell
_GAPS = {"na", "n/a", "nan", "-nan", "null", "none", "nil", "missing", "inf", "-inf", "?", "-", "--", ".", "#n/a"}
_END = "\0the end of the file\0"
_RETURN = "\0a carriage return\0"  # in the place of one that ends no row, which csv does not allow outside quotes

# A cell in quotes, a separator, or the end of a line.
_TOKEN = re.compile(r'(?:\A|(?<=[,;\t\n])) *"(?:[^"]|"")*"|[,;\t\n]')
_WITH_COMMAS = re.compile(r"[+-]?[\d.]*\d(?:,\d+)+(?:[eE][+-]?\d+)?")


class Table(NamedTuple):
    """columns: the names of the inputs. X: their numbers, row by row. y: the target of each row, the index of its class
    or a number to predict. classes: the names of the classes, () where y is a number to predict."""

    columns: list[str]
    X: list[list[float]]
    y: list[float]
    classes: tuple[str, ...]


class _Row(NamedTuple):
    """number: from 1. line: of the file, where the row begins."""

    number: int
    line: int
    cells: list[str]

    @property
    def place(self) -> str:
        return f"row {self.number} (line {self.line})"


def read_table(path: str | os.PathLike[str], target: str, ignore: Iterable[str] = (), task: str = "auto") -> Table:
    """The table in a CSV file whose first line names the columns, separated by commas, semicolons or tabs.

    Cells are read by the rules of the module `csv`; outside quotes only \\n and \\r\\n end a row. task: "classes",
    "number", or "auto": classes where the target is text, or at most ten different whole numbers (1 and 1.0 are one).
    Raises FileNotFoundError, or ValueError with the column (and row and line) for a column that is missing, not numeric
    or constant, for a target of one class, and for text among its numbers.
    """
    names, rows = _cells(Path(path))
    place_of = {name: place for place, name in enumerate(names)}
    ignored = set(ignore)
    for name in (target, *ignored):
        if name not in place_of:
            hint = " Separate columns by commas, semicolons or tabs." if len(names) == 1 else ""
            raise ValueError(f"{path} has no column {name!r}. Its columns are {_join_names(names)}.{hint}")
    columns = [name for name in names if name != target and name not in ignored]
    if not columns:
        raise ValueError(f"{path} has no column but the target {target!r}: there are no inputs to predict it from.")
    places = [place_of[name] for name in columns]
    X = [[_number(row, place, names) for place in places] for row in rows]
    for place, name in enumerate(columns):
        if all(numbers[place] == X[0][place] for numbers in X):
            raise ValueError(
                f"column {name!r} is {X[0][place]:g} in every row, so that it carries no information. Leave it out: "
                f"--ignore {shlex.quote(visible_text(name))}"
            )
    y, classes = _targets(rows, place_of[target], names, task)
    return Table(columns, X, y, classes)


def _cells(path: Path) -> tuple[list[str], list[_Row]]:
    """(the names of the columns, the rows that are not blank)."""
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}.")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            text = re.sub(r"\r(?!\n)", _RETURN, file.read())
    except UnicodeDecodeError as problem:
        raise ValueError(
            f"{path} is not text in UTF-8 ({problem.reason} at byte {problem.start}). Save it in UTF-8."
        ) from None
    separator = _separator(text)
    rows = list(_rows(text, separator, path))
    if not rows:
        raise ValueError(f"{path} is empty: its first line must name the columns, and the others are the rows.")
    names = rows.pop(0).cells
    if all(map(_is_number, names)):
        raise ValueError(f"the first line of {path} must name the columns, but holds numbers only: add such a line.")
    name, count = Counter(names).most_common(1)[0]
    if count > 1:
        raise ValueError(f"{path} has two columns {name!r}: give each its own name.")
    if not rows:
        hint = " Only \\n and \\r\\n end a row, not \\r alone." if _RETURN in text else ""
        raise ValueError(f"{path} has no rows, only the names of its columns.{hint}")
    for row in rows:
        if len(row.cells) != len(names):
            commas = separator == "," and len(row.cells) > len(names) and all(map(_is_number, row.cells))
            hint = " If commas are decimal commas here, write points, as 1.5." if commas else ""
            raise ValueError(
                f"row {row.number} of {path} (line {row.line}) has {len(row.cells)} cells, but there are {len(names)} "
                f"columns: {_join_names(names)}.{hint}"
            )
    return names, rows


def _rows(text: str, separator: str, path: Path) -> Iterator[_Row]:
    """The rows that are not blank, the names of the columns as row 0. Raises ValueError where the file is not CSV."""
    reader = csv.reader(chain(_lines(text), [_END]), delimiter=separator, skipinitialspace=True)
    line, number = 1, 0
    while True:
        try:
            cells = next(reader)
        except csv.Error as problem:
            raise ValueError(_unreadable(problem, path, line)) from None
        if cells == [_END]:
            return
        if cells and cells[-1].endswith(_END):
            raise ValueError(
                f"the row of {path} that begins in line {line} has a quote that is never closed. Close it, or write "
                'each quote inside a cell twice, as "".'
            )
        cells = [cell.replace(_RETURN, "\r").strip(_BLANKS) for cell in cells]
        if any(cells):
            yield _Row(number, line, cells)
            number += 1
        line = reader.line_num + 1


def _unreadable(problem: csv.Error, path: Path, line: int) -> str:
    where = f"the row of {path} that begins in line {line}"
    if "field larger" in str(problem):
        return (
            f"{where} has a cell of more than {csv.field_size_limit():,} characters. Shorten it, or close a quote that "
            "was left open."
        )
    return f"{where} cannot be read: {problem}."


def _separator(text: str) -> str:
    """The separator, of those outside the quotes of the first line, by which the most rows are as long as that line."""
    count: Counter[str] = Counter()
    for token in _TOKEN.finditer(text):
        if token[0] == "\n" and count:
            break
        count.update(token[0] if token[0] in SEPARATORS else ())
    return max(SEPARATORS, key=lambda separator: (count[separator] > 0, _agreement(text, separator), count[separator]))


def _agreement(text: str, separator: str) -> int:
    """The number of rows, among the first, with as many cells as the very first; 0 where it has one cell."""
    reader = csv.reader(_lines(text), delimiter=separator, skipinitialspace=True)
    try:
        lengths = [len(cells) for cells in islice(filter(None, reader), _SAMPLE)]
    except csv.Error:
        return 0
    return lengths.count(lengths[0]) if lengths and lengths[0] > 1 else 0


def _lines(text: str) -> Iterator[str]:
    return iter(io.StringIO(text, newline="\n"))  # str.splitlines would end a line at U+2028 and others too


def _number(row: _Row, place: int, names: Sequence[str], advice: str = "") -> float:
    cell, name = row.cells[place], names[place]
    if _is_number(cell):
        return float(cell)
    what = f"is {cell!r}, which is not a number" if cell else "is empty"
    advice = (
        advice or f"Put a number there, leave the row out, or the column: --ignore {shlex.quote(visible_text(name))}"
    )
    if _WITH_COMMAS.fullmatch(cell):
        what = f"is {cell!r}, a number with a comma"
        advice = "Write the decimal comma as a point, as in 1.5, and nothing between thousands."
    raise ValueError(f"{row.place}, column {name!r} {what}. {advice}")


def _is_number(cell: str) -> bool:
    try:
        return math.isfinite(float(cell)) and "_" not in cell
    except ValueError:
        return False


def _value(cell: str) -> float:
    """The number of a cell; a whole number exactly, whatever its size."""
    try:
        return int(cell)
    except ValueError:
        return float(cell)


def _targets(rows: Sequence[_Row], place: int, names: Sequence[str], task: str) -> tuple[list[float], tuple[str, ...]]:
    target, cells = names[place], [row.cells[place] for row in rows]
    if "" in cells:
        raise ValueError(f"{rows[cells.index('')].place}, column {target!r} is empty: each row needs a target.")
    _check_mixture(rows, place, names, task)
    is_numeric = all(map(_is_number, cells))
    labels: list[Any] = list(map(_value, cells)) if is_numeric else cells
    values = set(labels)
    if len(values) == 1:
        raise ValueError(
            f"column {target!r} is {cells[0]!r} in all {len(cells)} rows: with one class there is nothing to learn."
        )
    are_few = is_numeric and len(values) <= MOST_CLASSES and all(float(value).is_integer() for value in values)
    if task == "number" or not (are_few or not is_numeric or task == "classes"):
        return [_number(row, place, names) for row in rows], ()
    if not is_numeric and len(values) == len(cells) > 2:
        raise ValueError(
            f"column {target!r} has a different text in every row ({cells[0]!r}, {cells[1]!r}, ...): there are no "
            "classes to learn."
        )
    spelling: dict[Any, str] = {}
    for label, cell in zip(labels, cells, strict=True):
        spelling[label] = min(spelling.get(label, cell), cell, key=len)
    index = {label: float(number) for number, label in enumerate(sorted(spelling))}
    return [index[label] for label in labels], tuple(spelling[label] for label in index)


def _check_mixture(rows: Sequence[_Row], place: int, names: Sequence[str], task: str) -> None:
    """Raise ValueError for a gap, or text, among the numbers of a target, and for numbers with commas."""
    first: dict[str, _Row] = {}
    for row in rows:
        cell = row.cells[place]
        kind = "number" if _is_number(cell) else "comma" if _WITH_COMMAS.fullmatch(cell) else "text"
        if kind == "text" and cell.lower() in _GAPS:
            kind = "gap"
        first.setdefault(kind, row)
    advice = "Put a number there, or leave the row out."
    if "number" in first and "gap" in first:
        _number(first["gap"], place, names, advice)
    if task == "classes":
        return
    if "number" in first and "text" in first:
        cell = first["number"].cells[place]
        advice = f"In {first['number'].place} it is {cell!r}: write numbers only, or give --task classes."
        _number(first["text"], place, names, advice)
    if "comma" in first and "text" not in first:
        _number(first["comma"], place, names)


def _join_names(names: Sequence[str]) -> str:
    return ", ".join(map(visible_text, names[:_SHOWN])) + (
        f", ... ({len(names):,} in all)" if len(names) > _SHOWN else ""
    )

"""A table in a CSV file, read as rows of numbers and a target. Errors name the row and the column."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

MOST_CLASSES = 10  # a target of more different whole numbers is a number to predict


class Table(NamedTuple):
    """columns: the names of the inputs. X: their numbers, row by row. y: the target of each row, the index of its class
    or a number to predict. classes: the names of the classes, () where y is a number to predict."""

    columns: list[str]
    X: list[list[float]]
    y: list[float]
    classes: tuple[str, ...]


def read_table(path: str | os.PathLike[str], target: str, ignore: Iterable[str] = (), task: str = "auto") -> Table:
    """The table in a CSV file whose first line names the columns, separated by commas, semicolons or tabs.

    task: "classes", "number", or "auto": classes where the target is text, or at most ten different whole numbers.
    Raises FileNotFoundError, or ValueError with the column (and row and line) for a column that is missing, not numeric
    or constant, and for a target of one class.
    """
    names, rows = _cells(Path(path))
    for name in (target, *ignore):
        if name not in names:
            raise ValueError(f"{path} has no column {name!r}. Its columns are {', '.join(names)}.")
    columns = [name for name in names if name != target and name not in set(ignore)]
    if not columns:
        raise ValueError(f"{path} has no column but the target {target!r}: there are no inputs to predict it from.")
    places = [names.index(name) for name in columns]
    X = [[_number(cells[place], number, line, names[place]) for place in places] for number, line, cells in rows]
    for place, name in enumerate(columns):
        if all(row[place] == X[0][place] for row in X):
            raise ValueError(
                f"column {name!r} is {X[0][place]:g} in every row, so that it carries no information. Leave it out: "
                f"--ignore {name}"
            )
    place = names.index(target)
    y, classes = _targets([(number, line, cells[place]) for number, line, cells in rows], target, task)
    return Table(columns, X, y, classes)


def _cells(path: Path) -> tuple[list[str], list[tuple[int, int, list[str]]]]:
    """(the names of the columns, (row from 1, line in the file, its cells) for each row that is not blank)."""
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}.")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as problem:
        raise ValueError(
            f"{path} is not text in UTF-8 ({problem.reason} at byte {problem.start}). Save it in UTF-8."
        ) from None
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=separator, skipinitialspace=True)
    lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader if any(map(str.strip, cells))]
    if not lines:
        raise ValueError(f"{path} is empty: its first line must name the columns, and the others are the rows.")
    names = lines[0][1]
    if all(_is_number(name) for name in names):
        raise ValueError(f"the first line of {path} must name the columns, but holds numbers only: add such a line.")
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise ValueError(f"{path} has two columns {repeated!r}: give each its own name.")
    if len(lines) == 1:
        raise ValueError(f"{path} has no rows, only the names of its columns.")
    rows = [(number, line, cells) for number, (line, cells) in enumerate(lines[1:], 1)]
    for number, line, cells in rows:
        if len(cells) != len(names):
            raise ValueError(
                f"row {number} of {path} (line {line}) has {len(cells)} cells, but there are {len(names)} columns: "
                f"{', '.join(names)}."
            )
    return names, rows


def _number(cell: str, number: int, line: int, name: str) -> float:
    if not _is_number(cell):
        what = f"is {cell!r}, which is not a number" if cell else "is empty"
        raise ValueError(
            f"row {number} (line {line}), column {name!r} {what}. Put a number there, leave the row out, or the "
            f"column: --ignore {name}"
        )
    return float(cell)


def _is_number(cell: str) -> bool:
    try:
        return math.isfinite(float(cell)) and "_" not in cell
    except ValueError:
        return False


def _targets(cells: Sequence[tuple[int, int, str]], target: str, task: str) -> tuple[list[float], tuple[str, ...]]:
    for number, line, cell in cells:
        if not cell:
            raise ValueError(f"row {number} (line {line}), column {target!r} is empty: each row needs a target.")
    values = {cell for _, _, cell in cells}
    if len(values) == 1:
        raise ValueError(
            f"column {target!r} is {cells[0][2]!r} in all {len(cells)} rows: with one class there is nothing to learn."
        )
    numeric = all(map(_is_number, values))
    few = numeric and len(values) <= MOST_CLASSES and all(float(value).is_integer() for value in values)
    if task == "classes" or (task == "auto" and (few or not numeric)):
        if not numeric and len(values) == len(cells) > 2:
            raise ValueError(
                f"column {target!r} has a different text in every row ({cells[0][2]!r}, {cells[1][2]!r}, ...): there "
                "are no classes to learn."
            )
        classes = tuple(sorted(values, key=(lambda value: (float(value), value)) if numeric else None))
        places = {name: float(place) for place, name in enumerate(classes)}
        return [places[cell] for _, _, cell in cells], classes
    return [_number(cell, number, line, target) for number, line, cell in cells], ()

"""Tables as CSV, as spreadsheets write them and as they can safely open them."""

from __future__ import annotations

import codecs
import csv
import io
import os
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from autograd_core.atomic_write import read_whole
from autograd_core.formulas.labels import visible_text

_LONGEST = 2_000_000  # bytes
_SEPARATORS = (";", "\t", ",")
# A spreadsheet computes a cell that begins with one of these, and a formula can start a program.
_FORMULA = ("=", "+", "-", "@")


class Spreadsheet(NamedTuple):
    """The rows of a CSV file, and what separates their cells. Blank rows are empty lists, so that the index of a row is
    its place in the file."""

    rows: list[list[str]]
    separator: str


def read_table(path: str | os.PathLike[str]) -> Spreadsheet:
    """The table in a CSV file.

    Commas, semicolons or tabs separate the cells, and `sep=` in the first line may say which. The text is UTF-8 or
    UTF-16, with or without a byte order mark, else Windows-1252. Raises ValueError where it is not a table.
    """
    text = _decode(read_whole(path, _LONGEST))
    if "\0" in text:
        raise ValueError("it has characters with the code 0, so it is not a text: save it as CSV")
    named = re.match(r"sep=(.)\r?\n", text)
    separator = named[1] if named else _find_separator(text)
    try:
        rows = list(csv.reader(io.StringIO(text[named.end() :] if named else text, newline=""), delimiter=separator))
    except csv.Error as problem:
        raise ValueError(f"it is not a table: {problem}") from None
    cells = [[visible_text(cell) for cell in row] for row in rows]
    return Spreadsheet([row if any(row) else [] for row in cells], separator)


def table_bytes(rows: Iterable[Sequence[object]]) -> bytes:
    """Rows as CSV in UTF-8 with a byte order mark. No text in it is a formula: an apostrophe stands before it.

    >>> table_bytes([("=cmd", -1.5)]).decode("utf-8-sig")
    "'=cmd,-1.5\\r\\n"
    """
    text = io.StringIO(newline="")
    csv.writer(text).writerows([guard(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return codecs.BOM_UTF8 + text.getvalue().encode()


def guard(text: str) -> str:
    """The text as a spreadsheet shows it; nothing in it is computed."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _decode(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _find_separator(text: str) -> str:
    """The separator that stands most often in the first line, outside quotation marks."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    outside = re.sub(r'"[^"]*"', "", first)
    return max(_SEPARATORS, key=outside.count) if any(map(outside.count, _SEPARATORS)) else ","

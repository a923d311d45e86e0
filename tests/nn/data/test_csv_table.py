"""Tables as people save them: separators, quotes, line ends and decimal commas; classes are numbers where all are."""

from __future__ import annotations

import csv
import time
from pathlib import Path
from typing import Any

import pytest

from nn.data.csv_table import Table, read_table
from tests.campaigns import tables


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def read(text: str, target: str = "y", **options: Any) -> Table:
    Path("data.csv").write_text(text, encoding="utf-8", newline="")
    return read_table("data.csv", target, **options)


def test_random_files_are_read_as_the_csv_module_reads_them() -> None:
    assert tables.differences(tables.FILES // 100, seed=1) == []


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r\r\n"])
@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\r"])
def test_only_line_feeds_end_a_row(end: str, mark: str) -> None:
    table = read(end.join(["x,y", f"1,a{mark}b", "2,c", "3,c", ""]))
    assert table.classes == (f"a{mark}b", "c")


def test_rows_continue_inside_quotes_and_errors_name_their_first_line() -> None:
    text = 'x,y\n1,"two\nlines"\n\n2,"say ""a"", b"\n3,c\n4\n'
    with pytest.raises(ValueError, match=r"row 4 of data.csv \(line 7\) has 1 cells"):
        read(text)
    assert read(text.removesuffix("4\n") + "5,c\n").classes == ("c", 'say "a", b', "two\nlines")


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ('"size, cm";"weight, kg";y\n1;2;0\n2;3;1\n', ["size, cm", "weight, kg"]),
        ('x;"a, b, c, d";y\n1;2;0\n2;3;1\n', ["x", "a, b, c, d"]),
        ("size, cm;weight, kg;y\n1;2;0\n2;3;1\n", ["size, cm", "weight, kg"]),
        ('"a;b;c",d,y\n1,2,0\n2,3,1\n', ["a;b;c", "d"]),
        ('a\t"b\n,c,c,c,c,c"\ty\n1\t2\t0\n2\t3\t1\n', ["a", "b\n,c,c,c,c,c"]),
    ],
)
def test_the_separator_is_sought_outside_quotes(text: str, columns: list[str]) -> None:
    table = read(text)
    assert (table.columns, table.X) == (columns, [[1.0, 2.0], [2.0, 3.0]])


@pytest.mark.parametrize("target", [["0", "1", "1.0", "1e0"], ["-0", "1", "01", "+1"]])
def test_classes_that_are_numbers_are_compared_as_numbers(target: list[str]) -> None:
    table = read("x,y\n" + "".join(f"{place},{cell}\n" for place, cell in enumerate(target)))
    assert table.y == [0.0, 1.0, 1.0, 1.0]
    assert table.classes == (target[0], "1")


def test_whole_numbers_of_any_size_are_distinguished() -> None:
    large = 2**60
    assert len(read(f"x,y\n1,{large}\n2,{large + 1}\n3,{large}\n").classes) == 2


REFUSED = {
    "a gap among numbers": ("x,y\n1,1.5\n2,NA\n", {}, "row 2 (line 3), column 'y' is 'NA', which is not a number"),
    "a gap among numbers of classes": (
        "x,y\n1,1\n2,n/a\n3,0",
        {"task": "classes"},
        "row 2 (line 3), column 'y' is 'n/a'",
    ),
    "text among numbers": (
        "x,y\n1,1.5\n2,many\n",
        {},
        "In row 1 (line 2) it is '1.5': write numbers only, or give --task",
    ),
    "a decimal comma": (
        "x;y\n1,5;0\n2;1\n",
        {},
        "column 'x' is '1,5', a number with a comma. Write the decimal comma as a",
    ),
    "a target with decimal commas": (
        "x;y\n1;0,5\n2;1\n",
        {},
        "row 1 (line 2), column 'y' is '0,5', a number with a comma",
    ),
    "decimal commas throughout": ("x;y\n1;0,5\n2;1,5\n3;0,5", {}, "column 'y' is '0,5', a number with a comma"),
    "decimal commas between commas": ("x,y\n1,5,0,5\n2,5,1,5\n", {}, "If commas are decimal commas here, write points"),
    "another separator": (
        "x|y\n1|0\n2|1\n",
        {},
        "Its columns are x|y. Separate columns by commas, semicolons or tabs.",
    ),
    "a column to ignore": ("the size,y\n1,0\n1,1\n", {}, "Leave it out: --ignore 'the size'"),
    "a column without a name": (
        "x,y,\n1,0,\n2,1,\n",
        {},
        "column '' is empty. Put a number there, leave the row out, or",
    ),
    "an open quote": ('x,y\n1,a\n2,"b\n3,c\n', {}, "that begins in line 3 has a quote that is never closed"),
    "a long cell": (
        f"x,y\n1,a\n2,{'b' * 131_073}\n",
        {},
        "that begins in line 3 has a cell of more than 131,072 characters",
    ),
    "carriage returns alone": (
        "x,y\r1,a\r2,b\r",
        {},
        "has no rows, only the names of its columns. Only \\n and \\r\\n",
    ),
    "a name with an escape": ("x\x1b[31m,y\n1,0\n", {"target": "z"}, "Its columns are x[31m, y."),
}


@pytest.mark.parametrize("name", REFUSED)
def test_unreadable_cells_are_named_by_row_line_and_column(name: str) -> None:
    text, options, message = REFUSED[name]
    with pytest.raises(ValueError, match=r".") as caught:
        read(text, **options)
    assert message in str(caught.value)


def test_text_and_numbers_may_be_classes_on_request() -> None:
    assert read("x,y\n1,7\n2,many\n3,7\n", task="classes").classes == ("7", "many")


def test_twenty_thousand_columns_take_a_fair_time() -> None:
    with Path("data.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*(f"c{place}" for place in range(20_000)), "y"])
        writer.writerows([*range(row, row + 20_000), row % 2] for row in range(4))
    start = time.process_time()
    assert len(read_table("data.csv", "y").columns) == 20_000
    assert time.process_time() - start < 3.0
    with pytest.raises(ValueError, match=r"Its columns are c0, .*c19, ... \(20,001 in all\)\."):
        read_table("data.csv", "z")

"""Tables fit the width they are given, lose nothing by it, and are drawn as trees where rows have levels."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_core.formulas.aligned_table import AlignedTable
from autograd_core.formulas.labels import display_width

WORDS = st.lists(st.text("ab誤", min_size=1, max_size=8), min_size=1, max_size=4).map(" ".join)
ROWS = st.integers(1, 7).flatmap(lambda columns: st.lists(st.tuples(*[WORDS] * columns), min_size=1, max_size=4))


def test_numbers_have_four_digits_and_stand_at_the_right() -> None:
    table = AlignedTable([["x", 0.123456, 3], ["yy", -2.0, 12]], ["name", "value", "count"])
    assert table.lines() == [
        "name   value  count",
        "────  ──────  ─────",
        "x     0.1235      3",
        "yy        −2     12",
    ]


@settings(deadline=None)
@given(ROWS, st.sampled_from([20, 40, 80, 100, 120]))
def test_every_table_fits_and_shows_every_word(rows: list[tuple[str, ...]], width: int) -> None:
    lines = AlignedTable(rows).lines(width)
    longest_words = max(display_width(word) for row in rows for cell in row for word in cell.split())
    assert max(map(display_width, lines)) <= max(width, 2 * longest_words + 2)
    written = " ".join(lines).split()
    for row in rows:
        for cell in row:
            assert set(cell.split()) <= set(written)


def test_columns_that_do_not_fit_follow_below_the_first_one() -> None:
    row = ["first", *(f"number{place}" for place in range(9))]
    lines = AlignedTable([row], [f"heading{place}" for place in range(10)]).lines(40)
    assert max(map(len, lines)) <= 40
    assert [line.split()[0] for line in lines[::3]] == ["heading0"] * 3
    assert re.findall(r"number\d", " ".join(lines)) == row[1:]


def test_a_table_that_does_not_fit_leaves_out_what_is_spare() -> None:
    table = AlignedTable([("node", "shown elsewhere", "product")], spare=[1])
    assert table.lines(40) == ["node  shown elsewhere  product"]
    assert table.lines(20) == ["node  product"]


@pytest.mark.parametrize("width", [None, 14])
def test_rows_with_levels_are_a_tree(width: int | None) -> None:
    names = ["net", "layer 1", "the weight", "the bias", "layer 2", "weight"]
    lines = AlignedTable([[name] for name in names], levels=[0, 1, 2, 2, 1, 2]).lines(width)
    whole = ["net", "├─ layer 1", "│  ├─ the weight", "│  └─ the bias", "└─ layer 2", "   └─ weight"]
    narrow = ["net", "├─ layer 1", "│  ├─ the", "│  │  weight", "│  └─ the bias", "└─ layer 2", "   └─ weight"]
    assert lines == (whole if width is None else narrow)

"""The Python side of the playground, without a browser: expressions, cells and their errors."""

from __future__ import annotations

import pytest

from notebooks.playground.live import explained, run


def test_numbers_may_be_written_with_spaces() -> None:
    assert "problem" not in explained("w * x", "w = 2, x =3", False)
    assert "y" in explained("w * y", "w = 2", False)["problem"]


@pytest.mark.parametrize("source", ["exit()", "raise SystemExit", "raise KeyboardInterrupt", "1 / 0"])
def test_nothing_in_a_cell_leaves_the_page(source: str) -> None:
    [(kind, text)] = run(source)
    assert kind == "problem"
    assert text.startswith('  File "cell", line 1')


def test_a_mistake_in_the_writing_shows_its_line() -> None:
    [(kind, text)] = run("x = 1\ny = (x\n")
    assert kind == "problem"
    assert 'File "cell", line 2' in text
    assert "y = (x" in text


def test_warnings_are_shown_with_what_was_printed() -> None:
    [(kind, text)] = run("import sys\nprint('one')\nprint('careful', file=sys.stderr)")
    assert (kind, text) == ("text", "one\ncareful\n")

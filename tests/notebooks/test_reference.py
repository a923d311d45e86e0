"""The reference, generated from docstrings, and the table of operations, generated from the engine's tables."""

from __future__ import annotations

import re
import subprocess
import sys
from html import unescape
from importlib.util import find_spec
from inspect import ismodule
from pathlib import Path

import pytest

import autograd_core
import nn
from autograd_core import COMPOSITIONS, PRIMITIVES
from notebooks import reference


def test_the_table_is_that_of_the_engine() -> None:
    stored = reference.TABLE.read_text(encoding="utf-8")
    assert stored == reference.operations(), "write it again: python -m notebooks.reference --table"


def test_the_table_has_every_operation_in_four_columns() -> None:
    tables = reference.operations().partition("## Derivatives that people write")[0]
    rows = [line for line in tables.splitlines() if line.startswith("| `")]
    assert [re.match(r"\| `(\w+)`", row)[1] for row in rows] == [*PRIMITIVES, *COMPOSITIONS]
    for row in rows:
        assert len(re.findall(r"(?<!\\)\|", row)) == 5, row
        assert row.count("$") % 2 == 0


def test_constants_of_a_formula_have_all_their_digits() -> None:
    assert "0.044715" in reference.operations()


@pytest.mark.skipif(find_spec("pdoc") is None, reason="writes HTML by pdoc: pip install -e '.[reference]'")
def test_every_public_name_is_documented(tmp_path: Path) -> None:
    # In a separate process, because it replaces operations by functions.
    command = [sys.executable, "-W", "error", "-m", "notebooks.reference", "--to", str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, cwd=reference.HERE.parent)
    assert run.returncode == 0, run.stderr
    written = {".".join(page.relative_to(tmp_path).with_suffix("").parts) for page in tmp_path.rglob("*.html")}
    assert written == {"index", *reference.MODULES}
    for module in (autograd_core, nn):
        page = (tmp_path / f"{module.__name__}.html").read_text(encoding="utf-8")
        names = {name for name in module.__all__ if not ismodule(getattr(module, name))}
        assert names <= set(re.findall(r'<section id="(\w+)"', page))
        assert not re.search(r"<script[^>]+src=.?http", page)
    sections = (tmp_path / "autograd_core.html").read_text(encoding="utf-8").split("<section id=")
    text = unescape(re.sub("<[^>]+>", "", next(section for section in sections if section.startswith('"exp"'))))
    assert "Derivatives: dy/da = y" in text

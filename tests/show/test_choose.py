"""A choice in every view: the edge to the chosen row, and the closed edges of many folded into a few words."""

from __future__ import annotations

from typing import Any

import pytest

from autograd_core import Value, choose, draw, exp, explain, quiz, summary
from autograd_core.graph.boxes import view
from autograd_core.show.drawing.view_diagram import view_diagram


def choice(count: int, index: int, transform: Any = lambda x: x) -> Value:
    rows = [transform(Value(0.25 * k - 1.0, label=f"E[{k}]")) for k in range(count)]
    y = choose(Value(index, label="i"), rows) * Value(3.0, label="x")
    y.label = "y"
    return y


def test_among_a_few_every_edge_is_drawn() -> None:
    links = view_diagram(view(choice(4, 2))).links
    assert [(link.flow, link.note) for link in links if link.note] == [
        ("none", "index"),
        ("closed", "row 0: closed"),
        ("closed", "row 1: closed"),
        ("open", "row 2"),
        ("closed", "row 3: closed"),
    ]


@pytest.mark.parametrize("transform", [lambda x: x, exp], ids=["leaves", "computed"])
def test_among_many_the_closed_edges_are_folded(transform: Any) -> None:
    y = choice(1000, 7, transform)
    seen = view(y)
    assert len(seen.boxes) == 5 + (transform is exp)
    diagram = view_diagram(seen)
    assert [(link.flow, link.note) for link in diagram.links if link.note] == [("none", "index"), ("open", "row 7")]
    assert "and 999 others, closed" in draw(y).svg
    text = str(explain(y))
    assert len(text.splitlines()) < 40
    assert "and 999 others, closed" in text
    assert "and 999 others, closed" in explain(y).to_latex()
    assert len(draw(y).svg) < 40_000
    assert "1 choose" in str(summary(y))
    assert quiz(y).key() == {"i": 0.0, "E[7]": y.data if transform is exp else 3.0, "x": y.data / 3.0}


def test_the_ledger_names_the_row() -> None:
    (edge,) = [
        edge for step in explain(choice(20, 13)).record.sweeps[0].steps for edge in step.edges if edge.source == "E[13]"
    ]
    assert (edge.partial, edge.contribution, edge.formula.text) == (1.0, 3.0, "1 if i ≟ 13, else 0")


def test_the_program_of_the_page_chooses_among_the_folded_rows_too() -> None:
    y = choice(1000, 7)
    page = explain(y).to_html()
    assert '"choose"' in page
    assert len(page) < 400_000

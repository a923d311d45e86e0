"""What prints fits the terminal; colours go to a terminal alone, and not where they are switched off."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest

from autograd_core import Value, compare, draw, explain, gradcheck, quiz, sigmoid, summary, tanh
from autograd_core.formulas.labels import display_width
from autograd_core.formulas.text_report import MarkedLine, has_colour, print_report, report_text, styled
from nn import MLP, mse_loss
from nn.training.history import Epoch, History

ESCAPE = re.compile(r"\x1b\[\d+m")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def unit() -> Value:
    x, w, b = Value(2.0, label="x"), Value(-0.5, label="weight"), Value(0.25, label="bias")
    return sigmoid(w * x + b) + tanh(w * x) * 3.0


def net() -> Value:
    return mse_loss(MLP(2, 4, 4, 1, rng=0)([0.5, -1.0]), [1.0])


PRINTED: dict[str, Callable[[], Any]] = {
    "explanation": lambda: explain(unit()),
    "paths": lambda: explain(unit()).paths("weight"),
    "picture": lambda: draw(net()),
    "folded picture": lambda: draw(net(), depth=1),
    "summary of a graph": lambda: summary(net()),
    "summary of a model": lambda: summary(MLP(2, 16, 16, 1, rng=0)),
    "check": lambda: gradcheck(lambda x, y: sigmoid(x * y) / (x - y), (2.0, -0.5)),
    "comparison": lambda: compare({"weight": 0.5}, of=unit()),
    "exercise": lambda: quiz(unit()),
    "verdicts": lambda: quiz(unit(), ask=["weight"]).check(weight=0.2),
    "history": lambda: History([Epoch(n, 1 / n, 2 / n, {"accuracy": 0.5, "f1": 0.25}, 0.1) for n in range(1, 30)]),
}


@pytest.mark.parametrize("width", [80, 100, 120])
@pytest.mark.parametrize("name", PRINTED)
def test_what_prints_fits_the_terminal(name: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    lines = str(PRINTED[name]()).split("\n")
    assert [line for line in lines if display_width(line) > width] == []


@pytest.mark.parametrize("name", PRINTED)
def test_without_a_terminal_nothing_is_broken(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = str(PRINTED[name]())
    monkeypatch.setenv("COLUMNS", "500")
    assert str(PRINTED[name]()) == whole
    assert "\x1b" not in whole


def test_colours_go_to_a_terminal_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    assert has_colour(Terminal())
    assert not has_colour(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not has_colour(Terminal())
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert not has_colour(Terminal())


def test_a_terminal_shows_the_same_text_in_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"TERM": "xterm", "COLUMNS": "80"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal, pipe = Terminal(), io.StringIO()
    for stream in (terminal, pipe):
        monkeypatch.setattr("sys.stdout", stream)
        print_report(["first", MarkedLine("the title", "title")])
    assert terminal.getvalue() == "first\n\x1b[1mthe title\x1b[0m\n"
    assert pipe.getvalue() == "first\nthe title\n"
    whole = list(quiz(unit()).parts())
    assert ESCAPE.sub("", report_text(whole, 80, styled)) == report_text(whole, 80)


def test_a_name_from_right_to_left_stays_in_its_place_in_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    x = Value(0.5, label="\u05e9\u05dd")
    monkeypatch.delenv("COLUMNS", raising=False)
    assert "\u2068" not in repr(explain(x * 2.0))
    monkeypatch.setenv("COLUMNS", "80")
    shown = repr(explain(x * 2.0))
    assert "\u2068\u05e9\u05dd\u2069" in shown
    assert shown.count("\u2068") == shown.count("\u2069")
    assert {display_width(line) <= 80 for line in shown.splitlines()} == {True}

"""A notebook of marimo: pictures and pages are framed, so that their scripts run, and the widget keeps its state."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

import nn
from autograd_core import Value, draw, explain, quiz, sigmoid

with warnings.catch_warnings(action="ignore"):
    marimo = pytest.importorskip("marimo", reason="runs a notebook of marimo: pip install -e '.[marimo]'")


def graph() -> Value:
    x, w = Value(2.0, "x"), Value(-0.5, "w")
    y = sigmoid(w * x)
    y.label = "y"
    return y


def notebook() -> Any:
    app = marimo.App()

    @app.cell
    def _() -> Any:
        import marimo as mo

        from autograd_core import draw, explain, quiz
        from tests.show.page.test_marimo import graph

        y = graph()
        return draw, explain, mo, quiz, y

    @app.cell
    def _(explain: Any, y: Any) -> Any:
        explain(y)

    @app.cell
    def _(draw: Any, y: Any) -> Any:
        draw(y)

    @app.cell
    def _(quiz: Any, y: Any) -> Any:
        quiz(y)

    @app.cell
    def _(explain: Any, mo: Any, y: Any) -> Any:
        widget = mo.ui.anywidget(explain(y).widget())
        widget  # noqa: B018  the output of the cell
        return (widget,)

    return app


def test_a_notebook_of_marimo_shows_pages_in_frames_and_keeps_the_step_of_the_widget() -> None:
    app = notebook()
    outputs, definitions = app.run()
    shown = [marimo.as_html(output).text for output in outputs if output is not None]
    assert len(shown) == 4
    explanation, picture, exercise, widget = shown
    for page, part in ((explanation, "data-autograd-stepper"), (exercise, "data-autograd-quiz")):
        assert page.startswith("<iframe srcdoc=")
        assert part in page
        assert "&lt;script" in page
    assert "<svg" in picture.replace("&lt;", "<")
    assert "marimo-anywidget" in widget
    definitions["widget"].step = 3
    assert definitions["widget"].value["step"] == 3


@pytest.mark.parametrize(
    "make",
    [explain, draw, quiz, lambda y: nn.portrait("relu"), lambda y: draw(y, depth=1)],
    ids=["explain", "draw", "quiz", "portrait", "folded"],
)
def test_everything_with_styles_or_scripts_is_framed(make: Any) -> None:
    pytest.importorskip("matplotlib", reason="draws a portrait: pip install -e '.[plot]'")
    kind, content = make(graph())._mime_()
    assert kind == "text/html"
    assert content.startswith("<iframe") or ("<script" not in content and "<style" not in content)

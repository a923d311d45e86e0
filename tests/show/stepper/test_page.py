"""The page of a step-through as text: what it embeds, what stands without a script, and that nothing in it escapes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from autograd_core import Value, draw, explain, log, relu, sigmoid, sin, tanh
from autograd_core.errors import DrawingError
from autograd_core.formulas.symbols import name_latex, name_text
from autograd_core.graph.boxes import Box
from autograd_core.show.page.mathml import Typesetter
from autograd_core.show.record.record import Formula
from autograd_core.show.record.steps import explained_steps
from autograd_core.show.stepper import final_picture, step_through

STEP = ("phase", "node", "source", "link", "words", "formulas", "changes")
CHANGE = ("card", "what", "text", "role")
HOSTILE = "</script><img src=x onerror=alert(1)>"


def survey() -> Value:
    """f = ln x1 + x1*x2 - sin x2, the worked example of a well-known survey."""
    x1, x2 = Value(2.0, label="x1"), Value(5.0, label="x2")
    return log(x1) + x1 * x2 - sin(x2)


def data(page: str) -> Any:
    found = re.search(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found
    read = json.loads(found[1])
    read["moments"] = [dict(zip(STEP, step, strict=True)) for step in read["moments"]]
    for step in read["moments"]:
        step["changes"] = [dict(zip(CHANGE, change, strict=True)) for change in step["changes"]]
    return read


def texts_of(piece: list[Any]) -> list[str]:
    """The texts in a piece of MathML written as lists."""
    inside = [text for child in piece[1:] if isinstance(child, list) for text in texts_of(child)]
    return [child for child in piece[1:] if isinstance(child, str)] + inside


class Tags(HTMLParser):
    """The tags of a page and its text outside scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_every_step_is_in_the_page() -> None:
    explained = explain(survey())
    page_data = data(explained.to_html())
    moments = explained_steps(explained.record)
    assert [shown["words"] for shown in page_data["moments"]] == [moment.words for moment in moments]
    for shown, moment in zip(page_data["moments"], moments, strict=True):
        assert page_data["cards"][shown["node"]] == name_text(moment.node)
        assert len(shown["formulas"]) == len(moment.formulas)
        assert [change["text"].lstrip("+") for change in shown["changes"]] == [change.text for change in moment.changes]


def test_a_link_carries_the_contribution_of_its_own_operand() -> None:
    x = Value(3.0, label="x")
    explained = explain(x * 2.0 - x * x)
    page_data = data(explained.to_html())
    edges = [edge for step in explained.steps for edge in step.edges]
    backward = [shown for shown in page_data["moments"] if shown["link"] is not None]
    assert len(backward) == len(edges) == len({shown["link"] for shown in backward})
    for shown, edge in zip(backward, edges, strict=True):
        tail, head = page_data["links"][shown["link"]]
        assert (page_data["cards"][tail], page_data["cards"][head]) == (name_text(edge.source), name_text(edge.node))
        assert page_data["numbers"]["links"][str(shown["link"])][:2] == [edge.partial, edge.contribution]


def test_labels_are_data_in_every_part() -> None:
    v = Value(1.0, label=HOSTILE)
    output = relu(v * Value(2.0, label="a & <b> \u2028 $x$ {y}\\frac"))
    for page in (explain(output).to_html(), explain(output)._repr_mimebundle_()["text/html"]):
        images = [attributes for tag, attributes in Tags(page).tags if tag == "img"]
        assert len(images) == 1
        assert "onerror" not in images[0]
        assert "\u2028" not in page
        page_data = data(page)
        assert HOSTILE in page_data["cards"]
        assert any("</script>" in text for piece in page_data["pieces"] for text in texts_of(piece))


def test_numbers_that_are_not_finite_are_texts() -> None:
    x = Value(0.0, label="x")
    page_data = data(explain(log(x) * Value(float("nan"), label="n")).to_html())
    shown = [change["text"] for step in page_data["moments"] for change in step["changes"]]
    assert "−∞" in shown
    assert "nan" in shown


def test_a_page_may_ask_the_network_for_nothing() -> None:
    page = explain(survey()).to_html()
    tags = Tags(page).tags
    policy = next(
        attributes["content"] for tag, attributes in tags if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert "unsafe-inline" not in policy.partition("script-src")[2]
    assert ("html", {"lang": "en"}) in tags
    sources = [attributes[key] or "" for _, attributes in tags for key in ("src", "href") if key in attributes]
    assert all(source.startswith("data:") for source in sources)


def test_without_a_script_the_picture_and_all_steps_are_there() -> None:
    explained = explain(survey())
    static = explained.to_html().partition("<script")[0]
    picture = re.search(r"data:image/svg\+xml,([^']+)", static)
    assert picture
    assert "+5.5" in unquote(unescape(picture[1]))
    assert "dL/dx₁ = 5 + 0.5 = 5.5" in static
    assert static.count('scope="row"') == len(explained_steps(explained.record))
    notebook = explained._repr_mimebundle_()["text/html"]
    assert r"= 5 + 0.5 = 5.5$" in notebook


def test_without_a_script_no_step_of_gradient_descent_is_left_out() -> None:
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    explained = explain(a * b, learning_rate=0.1, steps=3)
    steps = re.findall(r'<th scope="row">(\d+)</th>', explained.to_html())
    assert list(map(int, steps)) == list(range(1, len(explained_steps(explained.record)) + 1))


def test_the_finished_picture_shows_the_gradients_of_the_record_not_those_of_the_nodes() -> None:
    output = survey()
    output.backward()
    output.backward()
    bundle = explain(output)._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}  # the picture is in the page, and would stand twice in a notebook
    assert ">+5.5<" in bundle["text/html"]
    assert ">+11<" not in bundle["text/html"]


def test_a_closed_composition_is_one_step_and_opened_several() -> None:
    output = sigmoid(Value(0.5, label="x"))
    closed, opened = (data(explain(output, open=choice).to_html()) for choice in ((), "all"))
    assert len(closed["moments"]) == 4
    assert "stands for 1 / (1 + exp(−x))" in closed["moments"][1]["words"]
    assert closed["moments"][1]["formulas"][0][0] == "stands for"
    assert len(opened["moments"]) > len(closed["moments"])


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "handout.html"
    assert explain(survey()).to_html(target) == target.read_text(encoding="utf-8")
    with pytest.raises(FileNotFoundError):
        explain(survey()).to_html(tmp_path / "missing" / "handout.html")
    assert [path.name for path in tmp_path.iterdir()] == ["handout.html"]


def test_an_explanation_without_a_page_says_what_to_do() -> None:
    with pytest.raises(DrawingError, match="reverse mode"):
        explain(survey(), mode="forward").to_html()
    x = total = Value(1.0, label="x")
    for _ in range(401):
        total = total + x
    with pytest.raises(DrawingError, match="scope"):
        explain(total, your_turn=True).to_html()


def test_a_large_graph_has_the_page_whose_boxes_open() -> None:
    x = total = Value(1.0, label="x")
    for _ in range(401):
        total = total + x
    explanation = explain(total)
    assert explanation.to_html() == draw(total, depth=2).to_html()
    chain = Value(2.0, label="x")
    for _ in range(2000):
        chain = chain * 1.01 + 0.1
    assert explain(chain).to_html() == draw(chain, depth=1).to_html(), "two levels deep it has 170 boxes in a line"
    bundle = explanation._repr_mimebundle_()
    assert "data-autograd-fold" in bundle["text/html"]
    assert "steps, which .to_text() and .steps hold" in bundle["text/plain"]


def neurons() -> Value:
    inputs = [Value(0.1 * i, label=f"x{i}") for i in range(1, 5)]
    rows = [[Value(0.3 * i - 0.2 * j, label=f"w{i}{j}") for j in range(4)] for i in range(3)]
    hidden = [tanh(sum((w * x for w, x in zip(row, inputs, strict=True)), Value(0.0))) for row in rows]
    return (hidden[0] + hidden[1] + hidden[2] - 1.0) ** 2


def chain(function: Callable[[Any], Any]) -> Value:
    y = Value(0.3, label="x")
    for _ in range(49):
        y = function(y)
    return y


@pytest.mark.parametrize("output", [neurons(), chain(sigmoid), chain(sin), chain(lambda y: y * 1.5)])
def test_the_page_of_fifty_nodes_is_small(output: Value) -> None:
    explained = explain(output)
    assert len(explained.record.nodes) >= 48
    assert len(explained.to_html().encode()) < 390_000, "45,000 of them are the font of mathematics"


def test_a_notebook_output_is_computed_and_laid_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def count(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *arguments: calls.append(name) or function(*arguments)

    monkeypatch.setattr(final_picture, "lay_out", count("layout", final_picture.lay_out))
    monkeypatch.setattr(step_through, "explained_steps", count("steps", step_through.explained_steps))
    monkeypatch.setattr(Box, "_compute_partials", count("partials", Box._compute_partials))
    explained = explain(sigmoid(Value(1.0, label="x") * 2.0))
    assert explained._repr_mimebundle_()["text/html"]
    assert explained.to_html()
    assert sorted(calls) == ["layout", "partials", "partials", "steps"], "two boxes have partials"


@pytest.mark.parametrize("label", [HOSTILE, "a_b", "100% $x$ {y} #1 & ~ ^", "\\frac{1}{2}", "läbel → ж", "loss'"])
def test_a_label_is_typeset_as_it_is_written(label: str) -> None:
    typesetter = Typesetter()
    typesetter.typeset(Formula(label, name_latex(label)))
    (piece,) = typesetter.pieces
    assert ElementTree.fromstring(piece).text == label.replace(" ", "\N{NO-BREAK SPACE}")


def test_a_name_alone_after_an_equals_sign_keeps_its_space() -> None:
    typesetter = Typesetter()
    for latex in (r"x = \text{nan}", r"x = \text{h1[0]}"):
        assert [typesetter.pieces[number] for number in typesetter.typeset(Formula("", latex))][-1].startswith("<mi>")

"""The page of an exercise as text: what it shows, that nothing in it gives a blank away, and that labels stay data."""

from __future__ import annotations

import html
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from autograd_core import Value, gelu, log, relu, sigmoid, sin
from autograd_core.errors import DrawingError
from autograd_core.mistakes.answers import agrees
from autograd_core.practice.quiz import answer_hashes
from autograd_core.practice.quiz.answer_hashes import MOST_ROUNDS, NOTE
from autograd_core.practice.quiz.exercise import Quiz
from autograd_core.practice.quiz.quiz import quiz

HOSTILE = "</script><img src=x onerror=alert(1)>"


def survey(ask: Any = None) -> Quiz:
    x1, x2 = Value(2.0, "x1"), Value(5.0, "x2")
    return quiz(log(x1) + x1 * x2 - sin(x2), ask)


class Text(HTMLParser):
    """The tags of a page, and everything in it that a person could read: texts, attributes, the embedded data."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.read: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("path", "svg"):
            drawn = ("x", "y", "font-size", "stroke-width", "src")
            self.read += [text for name, text in attrs if text and name not in drawn]

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] != "style" and not data.startswith("// "):
            self.read.append(data)


def picture(page: str) -> str:
    found = re.search(r"src='data:image/svg\+xml,([^']+)'", page)
    assert found
    return unquote(html.unescape(found[1]))


def data(page: str) -> Any:
    found = re.search(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def numbers(page: str) -> set[float]:
    """Every number that can be read in the page or its picture, hashes aside."""
    read = " ".join(Text(page).read + Text(picture(page)).read)
    read = re.sub(r'"[0-9a-f]{32,}"', "", read)
    return {float(text) for text in re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e-?\d+)?", read)}


def test_no_number_in_the_page_gives_a_blank_away() -> None:
    # Partials and contributions of this graph: 0.5, 0.2837; gradients 5.5 and 1.716. The rest is given anyway.
    exercise = survey(["x1", "x2", "v1/x1", "v1->x1", "v4/x2", "v4->x2"])
    assert {round(abs(number), 4) for number in exercise.key().values()} == {5.5, 1.7163, 0.5, 0.2837}
    exercise.check(exercise.key())
    for page in (exercise.to_html(), exercise._repr_mimebundle_()["text/html"]):
        found = numbers(page)
        assert {2.0, 5.0, 0.693147, 10.6931} <= found
        for blank, answer in exercise.key().items():
            assert not [number for number in found if agrees(abs(number), abs(answer))], blank


def test_the_script_contains_only_hashes_and_words() -> None:
    assert data(survey().to_html())["blanks"][0].keys() == {
        "key", "hint", "salt", "answers", "mistakes", "mark", "words", "nodes",
    }  # fmt: skip


def test_gradients_of_an_earlier_backward_are_not_in_the_picture() -> None:
    x1, x2 = Value(2.0, "x1"), Value(5.0, "x2")
    output = log(x1) + x1 * x2 - sin(x2)
    output.backward()
    drawn = picture(quiz(output).to_html())
    assert "5.5" not in re.sub(r'="[^"]*"', "", drawn)
    assert "gradient" not in drawn
    assert "∂" not in drawn


def test_neither_a_closed_gate_nor_a_textbook_derivative_is_revealed() -> None:
    x, z = Value(-2.0, "x"), Value(0.5, "z")
    drawn = picture(quiz(relu(x) * 3 + sigmoid(z) + gelu(z), ["x", "z"]).to_html())
    assert "closed" not in drawn
    assert "∂" not in drawn
    assert "1 / (1 + exp(−z))" in drawn


def test_each_blank_is_drawn_once_where_it_belongs_and_listed_once() -> None:
    page = survey(["x1", "v2/x1", "v2->x1", "v3"]).to_html()
    drawn = picture(page)
    for number in range(4):
        assert len(re.findall(rf">\?{number + 1}<", drawn)) == 1
        assert page.count(f'<span data-mark="">?{number + 1}</span>') == 1
    assert drawn.count(">grad<") == 2
    assert "7 boxes, 4 blanks" in drawn
    words = [blank["words"] for blank in data(page)["blanks"]]
    assert words == [
        "gradient of out with respect to x₁",
        "partial derivative of v₂ with respect to x₁",
        "contribution of v₂ to the gradient of x₁",
        "gradient of out with respect to v₃",
    ]


def test_two_edges_between_the_same_nodes_have_a_blank_each() -> None:
    x = Value(3.0, "x")
    page = quiz(x * x, "contributions").to_html()
    assert [blank["words"] for blank in data(page)["blanks"]] == [
        "contribution of out to the gradient of x (input 1)",
        "contribution of out to the gradient of x (input 2)",
    ]
    assert picture(page).count(">sends<") == 2


def test_the_page_states_the_limits_of_hashes_and_its_variant() -> None:
    page = quiz.generate(seed="Ada & <b>", level=2).to_html()
    assert NOTE in page
    assert "<h1>Exercise on L: gradients · Ada &amp; &lt;b&gt;, level 2</h1>" in page
    assert "Name:" not in page
    assert "Name:" in survey().to_html()
    assert quiz.generate(seed="Ada").to_html() != quiz.generate(seed="Emmy").to_html()


def test_labels_are_data_in_every_part() -> None:
    output = relu(Value(1.0, HOSTILE) * Value(2.0, "a & <b> \u2028 $x$ {y}\\frac"))
    exercise = quiz(output, ["∂v1/∂" + HOSTILE, HOSTILE])
    for page in (exercise.to_html(), exercise._repr_mimebundle_()["text/html"]):
        images = [attributes for tag, attributes in Text(page).tags if tag == "img"]
        assert len(images) == 1
        assert "onerror" not in images[0]
        assert "\u2028" not in page
        assert data(page)["blanks"][1]["key"] == HOSTILE


def test_a_page_may_ask_the_network_for_nothing() -> None:
    tags = Text(survey().to_html()).tags
    policy = (
        next(
            attributes["content"]
            for tag, attributes in tags
            if attributes.get("http-equiv") == "Content-Security-Policy"
        )
        or ""
    )
    assert policy.startswith("default-src 'none'")
    assert "unsafe-inline" not in policy.partition("script-src")[2]
    sources = [attributes[key] or "" for _, attributes in tags for key in ("src", "href") if key in attributes]
    assert all(source.startswith("data:") for source in sources)


def test_a_notebook_shows_the_same_and_a_site_without_scripts_can_typeset_it() -> None:
    bundle = survey()._repr_mimebundle_()
    static = html.unescape(bundle["text/html"].partition("<script")[0])
    assert r"$\frac{\mathrm{d} L}{\mathrm{d} x_{1}}$" in static
    assert "quiz.check(x1=..., x2=...)" in static
    assert bundle["text/plain"] == repr(survey())


def test_an_exercise_without_a_page_gives_the_reason_and_breaks_no_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    x = total = Value(1.0, "x")
    for _ in range(401):
        total = total + x
    with pytest.raises(DrawingError, match="scope"):
        quiz(total).to_html()
    plain = quiz(total)._repr_mimebundle_()
    assert set(plain) == {"text/plain"}
    assert "No page: 402 boxes" in plain["text/plain"]
    strict = quiz(x * x, tolerance=0.001)
    with pytest.raises(ValueError, match="rounded to 3 digits"):
        strict.to_html()
    assert "No page: a page compares numbers" in strict._repr_mimebundle_()["text/plain"]
    monkeypatch.setattr("autograd_core.practice.quiz.exercise.notebook_output", lambda *arguments: 1 / 0)
    assert "by a fault of ours: ZeroDivisionError" in survey()._repr_mimebundle_()["text/plain"]


def test_a_large_exercise_has_fewer_rounds_a_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_hashes, "ROUNDS", 20_000)
    monkeypatch.setattr(answer_hashes, "MOST_ROUNDS", MOST_ROUNDS // 4)
    inputs = [Value(0.1 * i, f"x{i}") for i in range(1, 5)]
    total = inputs[0] * 1.0
    for number in inputs:
        total = total * number + number
    page = quiz(total).to_html()
    handout = data(page)
    count = sum(len(blank["answers"]) + len(blank["mistakes"]) for blank in handout["blanks"])
    rounds = handout["rounds"]
    assert 1000 < rounds < 20_000
    assert rounds * count <= MOST_ROUNDS // 4


def test_a_page_of_an_exercise_with_sixty_blanks_is_below_a_megabyte() -> None:
    inputs = [Value(0.1 * i, f"x{i}") for i in range(1, 30)]
    total = inputs[0] * 1.0
    for number in inputs:
        total = total * number + number
    assert len(quiz(total).to_html().encode()) < 900_000


def test_a_tolerance_is_stated_and_accepts_more_answers() -> None:
    x1, x2 = Value(2.0, "x1"), Value(5.0, "x2")
    page = quiz(log(x1) + x1 * x2 - sin(x2), tolerance=0.02).to_html()
    assert "Fill in the blanks (within 2%)" in page
    assert len(data(page)["blanks"][0]["answers"]) == 23  # 5.39 to 5.61
    assert "(3 significant digits)" in survey().to_html()


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "exercise.html"
    assert survey().to_html(target) == target.read_text(encoding="utf-8")
    assert len(target.read_bytes()) < 140_000
    with pytest.raises(FileNotFoundError):
        survey().to_html(tmp_path / "missing" / "exercise.html")
    assert [path.name for path in tmp_path.iterdir()] == ["exercise.html"]

"""Labels of any characters: nothing in them reaches a terminal, a page or a formula, and tables stay aligned."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from autograd_core import (
    AutogradError,
    NonFiniteError,
    Value,
    compare,
    compile,  # noqa: A004
    custom_primitive,
    detect_anomaly,
    draw,
    explain,
    gradcheck,
    log,
    matrix_view,
    quiz,
    scope,
    sigmoid,
    summary,
)
from autograd_core.formulas.aligned_table import AlignedTable
from autograd_core.formulas.labels import display_width, visible_lines, visible_sentence, visible_text
from autograd_core.formulas.notation import name_latex

HOSTILE = "a\n\x1b[31mb\u202ec\u2028d\ud800e\x9b31m\x85\u2066f\u200fg\r\x00\x7f"
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def graph(label: str) -> Value:
    """A graph in which every name is `label` and a letter."""
    w, x, b = (Value(2.0, label=f"{label}{letter}") for letter in ("w", "", "b"))
    with scope(f"{label}s", formula=f"{label}f"):
        y = sigmoid(w * x + b)
    z = y * x
    z.label = f"{label}z"
    return z


def test_hostile_labels_of_inputs_and_parameters_reach_no_report() -> None:
    x, w = Value(2.0, label=HOSTILE), nn.Parameter(3.0, label=HOSTILE)
    assert_harmless(repr(gradcheck(lambda a: a * a, x)))
    assert_harmless(str(compile(lambda a: w * a, example=(1.0,)).explain()))
    with pytest.raises(NonFiniteError) as error, detect_anomaly():
        log(Value(-1.0, label=HOSTILE))
    assert_harmless(str(error.value))


def texts(root: Value) -> list[str]:
    """Every text that a prompt, a terminal or a file shows of a graph."""
    explanation, exercise, matrices = explain(root, learning_rate=0.1), quiz(root), matrix_view(root)
    name = explanation.record.nodes[0].name
    leaf = next(node for node in root.inputs if isinstance(node, Value))
    return [
        *map(str, (explanation, explain(root, mode="forward"), explanation.order(), explanation.paths(name))),
        *(explanation.to_latex(), explanation.to_json(), explanation.to_html()),
        *map(str, (draw(root), draw(root, depth=1), draw(root, form="textbook"), summary(root), matrices)),
        *(draw(root).svg, draw(root).dot, matrices.to_latex(), matrices.to_html()),
        *(str(exercise), str(exercise.check({exercise.blanks[0].key: 1.0})), exercise.to_json()),
        *(str(compare({name: 1.0}, of=root)), str(nn.why_gradient(root, leaf)), repr(root)),
    ]


def assert_harmless(text: str) -> None:
    text.encode()
    found = [c for c in text.replace("\n", "") if unicodedata.category(c) in ("Cc", "Zl", "Zp") or c in BIDI[:-2]]
    assert not found, (found, text[:300])
    assert text.count("\u2068") == text.count("\u2069")


def test_hostile_labels_reach_no_text() -> None:
    for text in texts(graph(HOSTILE)):
        assert_harmless(text)


@settings(max_examples=4, deadline=None)
@given(st.text(st.characters(exclude_categories=[]), min_size=1, max_size=8))
def test_labels_of_any_characters_reach_no_text(label: str) -> None:
    for text in texts(graph(label)):
        assert_harmless(text)


class Named(nn.Module):
    """A module whose attributes, parameter and layer, have a name of any characters."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        setattr(self, f"{name}l", nn.MLP(2, 2, 1, activation="relu", rng=0))
        setattr(self, f"{name}p", nn.Parameter(1.0, label=name))

    def forward(self, x: Any) -> Any:
        return getattr(self, f"{self.name}l")(x)[0] * getattr(self, f"{self.name}p")


def texts_of_training(name: str) -> list[str]:
    """Every text of a model with such names, of its training, and of errors that tell them."""
    model, rows, targets = Named(name), [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [1.0, 0.0, 1.0]
    recording = nn.record(0)
    options: dict[str, Any] = {"epochs": 2, "progress": False, "callbacks": recording}
    history = nn.fit(model, rows, targets, loss=nn.mse_loss, metrics={f"{name}m": lambda a, b: 1.0}, **options)
    classes = [f"{name}a", f"{name}b", f"{name}a"]
    of_classes = nn.fit(nn.MLP(2, 2, 1, rng=0), rows, classes, loss=nn.hinge_loss, epochs=1, progress=False)
    health = nn.gradient_health(model, rows, targets, nn.mse_loss)
    representation = nn.representation(getattr(model, f"{name}l"), rows, classes)
    found = [*map(str, (model, summary(model), history, health, recording, representation, of_classes))]
    found += [history.to_json(), of_classes.to_json(), recording.to_html(), repr(scope(name))]
    parameter, outside = getattr(model, f"{name}p"), Value(2.0, label=name) * 3.0
    for fail in (
        lambda: model.load_state_dict({f"{name}q": 1.0}),
        lambda: model.load_state_dict({**model.state_dict(), f"{name}p": [1.0]}),
        lambda: model.load_state_dict({**model.state_dict(), f"{name}p": name}),
        lambda: compile(lambda a: a * outside, example=1.0),
        lambda: compile(lambda a: a + parameter.data, example=1.0),
        lambda: gradcheck(custom_primitive("off", lambda a: a * a, [5.0]), Value(2.0, label=name)),
        lambda: setattr(parameter, "data", name),
        lambda: nn.fit(model, rows, [name] * 3, loss=nn.hinge_loss),
        lambda: nn.fit(model, rows, targets, loss=nn.mse_loss, metrics=[name]),
        lambda: nn.fit(model, [[name, 1.0]] * 3, targets, loss=nn.mse_loss),
        lambda: nn.SGD([nan_gradient(parameter)], 0.1).step(),
        lambda: compare({f"{name}q": 1.0}, of=outside),
        lambda: draw(outside, open=name),
        lambda: draw(outside, fold=name),
        lambda: explain(outside).paths(f"{name}q"),
    ):
        with pytest.raises((AutogradError, ValueError, TypeError, KeyError)) as error:
            fail()  # type: ignore[no-untyped-call]
        found.append(str(error.value))
    return found


def nan_gradient(parameter: Value) -> Value:
    parameter.grad = float("nan")
    return parameter


@pytest.mark.parametrize("name", [HOSTILE, "\u202eab[0].c", "$x$ & \x1b]0;title\x07"])
def test_hostile_names_in_a_model_reach_no_text(name: str) -> None:
    for text in texts_of_training(name):
        assert_harmless(text)


@given(st.text(st.characters(exclude_categories=[])))
def test_visible_text_is_one_harmless_line(label: str) -> None:
    assert_harmless(visible_text(label))
    assert visible_text(visible_text(label)) == visible_text(label)
    assert_harmless(visible_sentence(label))
    assert visible_text(visible_sentence(label)) == visible_text(label)
    assert_harmless(visible_lines(label))
    assert_harmless(name_latex(label))


def test_words_of_a_label_with_line_breaks_stay_apart() -> None:
    assert name_latex("first\nsecond\u2028third") == r"\text{first second third}"


def test_labels_that_look_the_same_have_different_names() -> None:
    root = Value(2.0, label="a\x07") * Value(3.0, label="a") + Value(1.0, label="\x07")
    assert [node.name for node in explain(root).record.nodes] == ["a", "a#2", "v1", "v2", "out"]


def test_a_node_is_found_by_its_label_as_written() -> None:
    x = Value(3.0, label="x\n1")
    assert explain(x * x).paths("x\n1").count == 2
    assert compare({"x\n1": 6}, of=x * x).agrees
    assert quiz(x * x, ask="x\n1").check({"x\n1": 6}).passed


def test_right_to_left_names_are_isolated_in_sentences() -> None:
    root = Value(2.0, label="אב") * Value(3.0, label="x")
    data = re.search(r'<script type="application/json">(.*?)</script>', explain(root).to_html(), re.DOTALL)
    assert data
    sentences = [step[4] for step in json.loads(data[1])["moments"]]
    assert any("\u2068אב\u2069" in sentence for sentence in sentences)
    assert all(not re.search("(?<!\u2068)א", sentence) for sentence in sentences)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        *(("x1", 2), ("誤差", 4), ("ﾊﾝ", 2), ("e\u0301", 1), ("각", 2)),
        *(("👩\u200d👩\u200d👧", 2), ("❤\ufe0f", 2), ("👍🏽", 2), ("🇩🇪", 2)),
    ],
)
def test_display_width(text: str, columns: int) -> None:
    assert display_width(text) == columns


def test_tables_are_aligned_by_what_a_terminal_shows() -> None:
    rows = [("誤差", "1"), ("e\u0301", "22"), ("loss", "333")]
    assert AlignedTable(rows, right=[1]).lines() == ["誤差    1", "e\u0301      22", "loss  333"]


def test_the_command_line_prints_no_control_characters() -> None:
    for arguments in (
        ["explain", "x*\x1b[31my", "x=2"],
        ["explain", "x*x", "x=2", "--html", "\x1b[31m.svg"],
        ["quiz", "--seed", HOSTILE.replace("\0", "")],
        ["quiz", "--seed", "\udcff"],
    ):
        command = [sys.executable, "-m", "autograd_core", *arguments]
        result = subprocess.run([word.replace("\ud800", "") for word in command], capture_output=True, check=False)
        assert_harmless(result.stdout.decode())
        assert_harmless(result.stderr.decode())
        assert b"codec" not in result.stderr

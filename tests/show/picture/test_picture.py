"""What a picture says, in every format and from every engine: structure, never bytes."""

import math
import os
import re
import subprocess
import sys
from contextlib import nullcontext
from xml.etree import ElementTree

import pytest

from autograd_core import (
    COMPOSITIONS,
    DrawingError,
    Value,
    backward_steps,
    custom_primitive,
    exp,
    gelu,
    leaky_relu,
    log,
    maximum,
    no_grad,
    relu,
    scope,
    sigmoid,
    sin,
    softplus,
    swish,
    threshold,
    topological_order,
    where,
)
from autograd_core.formulas.labels import visible_text
from autograd_core.show.drawing import graphviz as engine
from autograd_core.show.picture.picture import draw
from autograd_core.show.record.textbook_graph import textbook_graph
from autograd_core.show.theme import COLOURS, SMALL, text_width

SVG = "{http://www.w3.org/2000/svg}"
ENGINES = ["graphviz-pure", "own"]
needs_graphviz = pytest.mark.skipif(engine.program("graphviz-pure") is None, reason="graphviz-pure is not installed")


class Parameter(Value):
    __slots__ = ()
    role = "parameter"


def baydin():
    x1, x2 = Value(2.0, label="x1"), Value(5.0, label="x2")
    f = log(x1) + x1 * x2 - sin(x2)
    f.label = "f"
    return f


def groups(picture, kind):
    root = ElementTree.fromstring(picture.svg)
    return [group for group in root.iter(f"{SVG}g") if kind in group.get("class").split()]


def texts(element):
    return [text.text for text in element.iter(f"{SVG}text")]


def card(picture, name):
    (found,) = [group for group in groups(picture, "card") if group.get("data-name") == name]
    return found


@needs_graphviz
def test_the_graphviz_package_can_take_over() -> None:
    x = Value(3.0, label="x")
    source = draw(x * x).to_graphviz()
    assert "multiply" in source.source or "×" in source.source
    assert "<svg" in source.pipe(format="svg").decode()


# ------------------------------------------------------------------------------------------------- what it says


@pytest.mark.parametrize("engine_name", ENGINES)
@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_one_box_a_node_with_operation_name_value_and_gradient(engine_name, direction):
    f = baydin()
    f.backward()
    picture = draw(f, engine=engine_name, direction=direction)
    assert len(groups(picture, "card")) == 7 == len(topological_order(f))
    assert len(groups(picture, "link")) == 8
    assert texts(card(picture, "x1")) == ["x₁", "input", "value", "2", "grad", "+5.5"]
    assert texts(card(picture, "v2")) == ["×", "v₂", "value", "10", "grad", "+1"]
    assert texts(card(picture, "v4")) == ["sin", "v₄", "value", "−0.9589", "grad", "−1"]
    assert texts(card(picture, "f")) == ["−", "f", "output", "value", "11.65", "grad", "+1"]


def test_a_gradient_is_a_dash_before_backward_and_zero_only_when_it_is():
    x = Value(2.0, label="x")
    y = x * 0.0
    assert texts(card(draw(y), "x"))[-1] == "–"
    y.backward()
    assert texts(card(draw(y), "x"))[-1] == "0"


def test_a_picture_stays_as_it_was_when_drawn():
    x = Value(2.0, label="x")
    picture = draw(x * 3.0)
    x.data = 7.0
    assert texts(card(picture, "x"))[3] == "2"


def test_parallel_edges_are_two_and_every_plain_number_has_its_own_box():
    x = Value(3.0, label="x")
    picture = draw(x * x + 2.0 + 2.0)
    assert len({path.get("d") for link in groups(picture, "link") for path in link.iter(f"{SVG}path")}) == 12
    assert [texts(group) for group in groups(picture, "constant")] == [["2"], ["2"]]


def test_kinds_differ_in_shape_border_and_colour():
    x, w = Value(2.0, label="x"), Parameter(3.0, label="w")
    picture = draw(sigmoid(x * w + 1.0) * 2.0)
    looks = {}
    for kind in ("input", "parameter", "constant", "operation", "composition", "output"):
        path = groups(picture, kind)[0].find(f"{SVG}path")
        points = re.sub(r"[-\d., ]+", " ", path.get("d")), len(re.findall(r"[-\d.]+", path.get("d")))
        looks[kind] = (points, path.get("stroke-dasharray"), path.get("stroke-width"), path.get("stroke"))
    assert len({look[3] for look in looks.values()}) == 6
    assert looks["input"][0] != looks["parameter"][0] != looks["operation"][0]
    assert looks["constant"][1] is not None
    assert float(looks["output"][2]) > float(looks["operation"][2])


def test_a_closed_composition_is_one_box_with_formula_and_derivative():
    n = Value(0.5, label="n")
    picture = draw(sigmoid(n))
    words = texts(card(picture, "out"))
    assert words[:5] == ["σ", "sigmoid", "out", "1 / (1 + exp(−n))", "∂L/∂n = L · (1 − L)"]
    assert len(groups(picture, "card")) == 2


def test_opened_compositions_are_framed_with_the_reason():
    y = gelu(sigmoid(Value(0.5, label="n")))
    opened = draw(y, open=["sigmoid"])
    title, *why = texts(groups(opened, "caption")[0])
    assert (title, " ".join(why)) == ("sigmoid", COMPOSITIONS["sigmoid"].why)
    assert len(groups(opened, "composition")) == 1
    whole = draw(y, open="all")
    assert [texts(caption)[0] for caption in groups(whole, "caption")] == ["sigmoid", "gelu", "normal_cdf"]
    assert not groups(whole, "composition")
    assert len([group for group in groups(whole, "card") if "constant" not in group.get("class").split()]) == len(
        topological_order(y)
    )


def test_a_scope_is_framed():
    with scope("neuron 1", formula="w * x"):
        y = Value(2.0, label="w") * Value(3.0, label="x")
    assert texts(groups(draw(y), "caption")[0]) == ["neuron 1", "w · x"]


def test_inputs_are_named_where_their_order_matters():
    a, b = Value(1.0, label="a"), Value(2.0, label="b")
    assert [texts(note) for note in groups(draw(a - b), "note")] == [["left"], ["right"]]
    assert [texts(note) for note in groups(draw(a + b), "note")] == []
    assert [texts(note) for note in groups(draw(leaky_relu(a)), "note")] == [["x"], ["slope"]]


def test_closed_gates_are_dashed_and_labelled():
    x, y = Value(-2.0, label="x"), Value(3.0, label="y")
    picture = draw(relu(x) + relu(y))
    assert len(groups(picture, "closed")) == 1
    assert groups(picture, "closed")[0].find(f"{SVG}path").get("stroke-dasharray")
    assert [texts(note) for note in groups(picture, "note")] == [["closed"]]
    chosen = draw(where(x > 0.0, x, y))
    assert ["then: closed"] in [texts(note) for note in groups(chosen, "note")]
    assert "passes no gradient" in texts(card(chosen, "v1"))
    assert "passes no gradient" in texts(card(draw(threshold(x)), "out"))
    with no_grad():
        again = draw(relu(y))
    assert not groups(again, "closed")


def test_numbers_that_are_not_finite_are_marked_by_form_and_word():
    y = log(Value(-1.0, label="x")) + 1.0
    y.backward()
    picture = draw(y)
    assert "! nan" in texts(card(picture, "out"))
    assert "first nan here" in texts(card(picture, "v1"))
    assert len(groups(picture, "nonfinite")) == 1
    outline = groups(picture, "nonfinite")[0].find(f"{SVG}path").get("d")
    assert len(re.findall(r"[\d.]+,[\d.]+", outline)) == 8  # an octagon
    assert "shape=doubleoctagon" in picture.dot
    assert "! ∞" in texts(card(draw(exp(Value(1000.0))), "out"))


def test_an_operation_with_a_forward_rule_only_is_drawn():
    triple = custom_primitive("triple", lambda a: 3 * a)
    assert texts(card(draw(triple(Value(2.0))), "out"))[0] == "triple"


# ------------------------------------------------------------------------------------------------- labels are data

STRANGE = [
    "</script><img onerror=1>",
    '"\\N\\l<b>&amp;',
    "\\",
    "two\nlines\x00\x1b",
    "emoji 😀 漢字 θ₁",
    "long " * 40,
    "\ud800\u202e]]>",
    "<TABLE>{|}[a=b];",
]


@pytest.mark.parametrize("label", STRANGE)
def test_any_label_is_shown_as_text_in_every_format(label, tmp_path):
    x = Value(1.0, label=label)
    y = sigmoid(x) * 2.0
    picture = draw(y)
    node = groups(picture, "input")[0]
    assert visible_text(label) in node.find(f"{SVG}title").text
    assert "".join(texts(node)[:-4]).replace("input", "", 1).replace(" ", "") == visible_text(label).replace(" ", "")
    with pytest.warns(UserWarning, match="字") if "字" in label else nullcontext():
        assert picture.save(tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
    if engine.program("graphviz-pure"):
        with pytest.warns(UserWarning, match="字") if "字" in label else nullcontext():
            assert picture.png.startswith(b"\x89PNG")
        drawn = graphviz(picture.dot, "svg").decode()
        words = "".join("".join(text.itertext()) for text in ElementTree.fromstring(drawn).iter(f"{SVG}text"))
        squeezed = re.sub(r"\s", "", words)
        assert re.sub(r"\s", "", "".join(texts(node)[:-4]))[:40] in squeezed


def graphviz(source, form):
    found = engine.program("graphviz-pure")
    return subprocess.run([found, f"-T{form}"], input=source.encode(), capture_output=True, check=True).stdout


@needs_graphviz
def test_the_dot_source_is_read_back_with_every_box_edge_and_frame():
    picture = draw(gelu(baydin()), open=["gelu"])
    read = graphviz(picture.dot, "dot").decode()
    assert len(re.findall(r"^\s*n\d+\s+\[", read, re.M)) == len(groups(picture, "card"))
    assert read.count("->") == len(groups(picture, "link"))
    assert "cluster_0" in read


# ------------------------------------------------------------------------------------------------- how it looks


def test_nothing_is_smaller_than_twelve_pixels_and_all_words_are_inside_their_box():
    picture = draw(gelu(baydin()) + leaky_relu(Value(-1.0, label="h")))
    for text in ElementTree.fromstring(picture.svg).iter(f"{SVG}text"):
        assert float(text.get("font-size")) >= SMALL >= 12
    for group in groups(picture, "card"):
        across = [float(x) for path in group.iter(f"{SVG}path") for x in re.findall(r"([-\d.]+),", path.get("d"))]
        for text in group.iter(f"{SVG}text"):
            width = text_width(text.text, float(text.get("font-size")), text.get("font-weight") == "bold")
            shift = {None: 0.0, "middle": 0.5, "end": 1.0}[text.get("text-anchor")]
            left = float(text.get("x")) - shift * width
            assert min(across) <= left
            assert left + width <= max(across)


def test_it_follows_the_theme_of_its_page_and_disturbs_no_neighbour():
    first, second = draw(baydin()), draw(baydin() * 2.0)
    name = re.search(r'class="autograd-picture (\S+)"', first.svg)[1]
    assert name not in second.svg
    assert draw(baydin()).svg == first.svg
    style = ElementTree.fromstring(first.svg).find(f"{SVG}style").text
    assert "prefers-color-scheme:dark" in style
    assert "[data-jp-theme-light=false]" in style
    selectors = re.findall(r"([^{}]+)\{", re.sub(r"@media[^{]*\{", "", style))
    assert all(f".{name}" in selector for selector in selectors)
    assert COLOURS["dark"]["ink"] not in draw(baydin(), theme="light").svg
    root = ElementTree.fromstring(first.svg)
    assert root.get("role") == "img"
    assert root.get("aria-label") == "computation graph of f = 11.65, 7 boxes" == root.find(f"{SVG}title").text


def luminance(colour):
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_are_readable_on_every_paper(theme):
    colours = COLOURS[theme]
    for paper in [role for role in colours if role.endswith("-fill")] + ["page"]:
        for ink in ("ink", "muted", "positive", "negative", "nonfinite"):
            dark, light = sorted((luminance(colours[ink]), luminance(colours[paper])))
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, paper)


# ------------------------------------------------------------------------------------------- engines and formats


def test_the_tooltips_of_a_folded_picture_tell_each_convention_at_a_kink_once():
    x = Value(0.0, label="x")
    with scope("layer"):
        hidden = relu(x) + relu(2.0 * x)
    tips = [part.tooltip for part in draw(hidden + maximum(x, 0.0), depth=1)._scene.parts if "kink" in part.tooltip]
    assert [tip.splitlines()[-1] for tip in tips] == [
        "relu is at its kink here, so its convention holds: derivative 0 at 0.",
        "maximum is at its kink here, so its convention holds: a tie is split 1/2 to 1/2.",
    ]
    assert all(tip.count("kink") == 1 for tip in tips)


def test_without_a_layout_program_there_is_still_a_picture(monkeypatch, tmp_path):
    monkeypatch.setattr(engine, "program", lambda name: None)
    picture = draw(baydin())
    assert len(groups(picture, "card")) == 7
    bundle = picture._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "image/svg+xml", "text/html"}
    assert picture.save(tmp_path / "f.pdf").exists()
    with pytest.raises(DrawingError, match=r"save the picture with the suffix \.svg or \.pdf"):
        picture.save(tmp_path / "f.png")
    assert not (tmp_path / "f.png").exists()


def test_a_program_that_fails_or_hangs_is_passed_over(monkeypatch):
    monkeypatch.setattr(engine, "program", lambda name: sys.executable)  # no layout program: fails at once
    assert len(groups(draw(baydin()), "card")) == 7

    def hang(*arguments, **options):
        raise subprocess.TimeoutExpired("dot", options["timeout"])

    monkeypatch.setattr(subprocess, "run", hang)
    assert len(groups(draw(baydin()), "card")) == 7


@needs_graphviz
@pytest.mark.parametrize("engine_name", [None, "graphviz-pure", "dot", "own"])
def test_a_notebook_gets_svg_html_and_text(engine_name):
    bundle = draw(baydin(), engine=engine_name)._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "image/svg+xml", "text/html"}
    assert "<img " in bundle["text/html"].partition("<script>")[0], "an untrusted notebook runs no script"
    assert bundle["text/plain"].splitlines()[1].split() == ["x₁", "input", "value", "2", "grad", "–"]


def test_large_graphs_are_laid_out_by_ourselves_and_their_text_is_cut(monkeypatch):
    node = Value(1.0, label="x")
    for _ in range(1600):
        node = sin(node)
    monkeypatch.setattr(engine, "program", lambda name: pytest.fail("a layout program was asked"))
    picture = draw(node)
    assert len(groups(picture, "card")) == 1601
    assert "1,541 more" in str(picture)


@needs_graphviz
def test_files_by_suffix(tmp_path):
    picture = draw(baydin())
    assert picture.save(tmp_path / "f.svg").read_text("utf-8") == picture.svg
    assert picture.save(tmp_path / "f.dot").read_text("utf-8") == picture.dot
    assert picture.save(str(tmp_path / "f.gv")).read_text("utf-8") == picture.dot
    assert picture.save(tmp_path / "f.PNG").read_bytes().startswith(b"\x89PNG")
    assert picture.save(tmp_path / "f.pdf").read_bytes().startswith(b"%PDF")
    assert len(list(tmp_path.iterdir())) == 5
    for name in ("f.gif", "f"):
        with pytest.raises(DrawingError, match=r"one of \.svg \.png \.pdf \.dot \.gv"):
            picture.save(tmp_path / name)
    with pytest.raises(OSError, match="nowhere"):
        picture.save(tmp_path / "nowhere" / "f.svg")


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    target = tmp_path / "f.svg"
    target.write_text("old")

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", fail)
    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        draw(baydin()).save(target)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_the_pdf_has_the_words_as_text(tmp_path):
    pdfium = pytest.importorskip("pypdfium2", reason="pypdfium2, which reads a PDF back, is not installed")
    document = pdfium.PdfDocument(draw(sigmoid(Value(0.5, label="θ"))).save(tmp_path / "f.pdf"))
    text = document[0].get_textpage().get_text_bounded()
    document.close()
    assert "0.6225" in text
    assert "θ" in text
    assert "σ" in text


def test_unknown_options_are_refused_by_name():
    with pytest.raises(TypeError, match="got float"):
        draw(3.0)
    for option, wrong in {"form": "x", "direction": "RL", "engine": "neato", "theme": "blue"}.items():
        with pytest.raises(ValueError, match=f"{option}='{wrong}' is not known"):
            draw(Value(1.0), **{option: wrong})


# ------------------------------------------------------------------------------------------------- the textbook form


def test_the_textbook_form_has_the_formulas_operations_and_the_same_numbers():
    x, w = Value(0.7, label="x"), Parameter(-1.2, label="w")
    y = swish(sigmoid(x * w) + softplus(w)) * gelu(x) + threshold(x)
    y.label = "y"
    y.backward()
    before = [(node, node.data, node.grad, node.label) for node in topological_order(y)]
    again = textbook_graph(y)
    assert [(node, node.data, node.grad, node.label) for node in topological_order(y)] == before
    order = topological_order(again)
    assert "where" in {node.op for node in order}  # of threshold alone
    assert not {node.op for node in order} & {"expm1", "log1p", "erfc"}
    assert again.data == pytest.approx(y.data, rel=1e-12)
    leaves = {node.label: node for node in order if not node.op}
    assert type(leaves["w"]) is Parameter
    assert (leaves["x"].grad, leaves["w"].grad) == (x.grad, w.grad)
    # Inside a formula the gradients are those of the formula.
    for step in backward_steps(again):
        assert step.node.grad == pytest.approx(step.upstream, rel=1e-12)
    picture = draw(y, form="textbook")
    assert not groups(picture, "composition")
    assert ["sigmoid", "1 / (1 + exp(−v₁))"] in [texts(caption) for caption in groups(picture, "caption")]


def test_the_textbook_form_shows_where_its_formula_fails():
    y = softplus(Value(1000.0, label="x"))
    assert math.isfinite(y.data)
    assert "! ∞" in texts(card(draw(y, form="textbook"), "out"))


def test_the_textbook_form_has_the_numbers_of_the_forward_pass():
    x = Value(2.0, label="x")
    y = sigmoid(x) * x
    x.data = 5.0
    assert textbook_graph(y).data == pytest.approx(y.output_number, rel=1e-14)


def test_a_program_in_the_current_folder_is_never_started(tmp_path, monkeypatch):
    for name in ("dot", "dot.exe", "dot.bat", "graphviz-pure", "graphviz-pure.exe", "graphviz-pure.bat"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(engine.sysconfig, "get_path", lambda name: str(tmp_path / "nowhere"))
    for system in ("linux", "win32"):
        monkeypatch.setattr(engine.sys, "platform", system)
        for path in ("", ".", os.pathsep, f".{os.pathsep}"):
            monkeypatch.setenv("PATH", path)
            assert engine.program("dot") is engine.program("graphviz-pure") is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert engine.program("dot") == str(tmp_path / "dot.exe")

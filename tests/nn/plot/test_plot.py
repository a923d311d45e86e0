"""Plots and portraits: what a figure contains, that it disturbs nothing, and the zones of each activation."""

from __future__ import annotations

import io
import math
import re
import subprocess
import sys
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_core import look, mean, relu, sigmoid, swish, threshold, where
from autograd_core.formulas.labels import visible_text
from autograd_core.show.theme import DARK_PAGES
from nn import ACTIVATIONS, MLP, Dropout, Epoch, History, Linear, PReLU, Sequential, Sigmoid, softmax
from nn.batched import outputs, stage_values
from nn.data.datasets import two_moons
from nn.diagnosis.activation_portrait import portrait, portraits
from nn.diagnosis.slopes import curve_and_slope, zones
from nn.plot import decision_boundary, loss_curves, loss_surface
from nn.plot.canvas import plain_text
from nn.plot.figure_svg import figure_svg
from nn.plot.surface import heights_of

ROOT = Path(__file__).parents[3]
X, y = two_moons(40, seed=0)


RECORDED = History(
    [
        Epoch(number, loss, validation_loss, {"accuracy": accuracy, "validation_accuracy": accuracy - 0.1})
        for number, (loss, validation_loss, accuracy) in enumerate(
            [(1.0, 1.1, 0.5), (0.5, 0.6, 0.75), (0.25, 0.7, 1.0)], 1
        )
    ]
)


@pytest.fixture(autouse=True)
def needs_matplotlib(request: pytest.FixtureRequest) -> None:
    if "figure" in request.node.name:
        pytest.importorskip("matplotlib")


def texts(axes: Any) -> str:
    return " ".join(text.get_text() for text in axes.texts)


# ------------------------------------------------------------------------------------------------------ the plots


def test_figure_of_losses_has_both_curves_the_lowest_point_and_the_metrics() -> None:
    above, below = RECORDED.plot().axes
    assert [list(line.get_ydata()) for line in above.lines[:2]] == [RECORDED.losses, RECORDED.validation_losses]
    assert [line.get_linestyle() for line in above.lines[:2]] == ["-", "--"]
    assert "lowest 0.6\nepoch 2" in texts(above)
    assert (above.get_ylabel(), below.get_xlabel()) == ("loss", "epoch")
    assert "validation accuracy" in texts(below)


def test_figure_of_several_losses_distinguishes_them_by_dash_too() -> None:
    (axes,) = loss_curves({"a": [3.0, 2.0], "b": [3.0, 1.0]}, log=True).axes
    assert axes.get_yscale() == "log"
    assert len({(line.get_linestyle(), line.get_color()) for line in axes.lines}) == 2
    assert len({line.get_linestyle() for line in axes.lines}) == 2
    assert {"a", "b"} <= set(texts(axes).split())


def test_figure_of_no_losses_is_refused() -> None:
    with pytest.raises(ValueError, match="no epochs"):
        loss_curves([])


def test_figure_of_a_boundary_marks_wrong_rows_and_shows_the_accuracy() -> None:
    model = MLP(2, 4, 1, rng=0)
    found = outputs(model, X)[:, 0] > 0.0
    share = float(np.mean(found == (y == 1)))
    (axes,) = decision_boundary(model, X, y).axes
    assert axes.get_title(loc="left") == f"{share:.1%} of 40 rows right"
    points = [collection for collection in axes.collections if type(collection).__name__ == "PathCollection"]
    drawn = [collection for collection in points if len(collection.get_offsets())]
    of_class: dict[int, Any] = {}
    for collection in drawn:
        of_class.setdefault(len(collection.get_paths()[0].vertices), []).append(len(collection.get_offsets()))
    assert [sum(counts) for counts in of_class.values()] == [20, 20], "classes must differ by marker, not colour alone"
    heavy = [len(collection.get_offsets()) for collection in drawn if collection.get_linewidth()[0] > 1.0]
    assert sum(heavy) == round((1.0 - share) * 40)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["0", "1", "wrong"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("x1", "x2")


def test_figure_of_a_boundary_takes_probabilities_and_several_classes() -> None:
    score = MLP(2, 3, 1, rng=1)
    probability = MLP(2, 3, 1, rng=1, output="sigmoid")
    titles = {decision_boundary(model, X, y).axes[0].get_title(loc="left") for model in (score, probability)}
    assert len(titles) == 1, "sigmoid(s) > 1/2 where s > 0"
    sequence = Sequential(Linear(2, 1, rng=0), Sigmoid())
    same = decision_boundary(Sequential(Linear(2, 1, rng=0)), X, y).axes[0].get_title(loc="left")
    assert decision_boundary(sequence, X, y).axes[0].get_title(loc="left") == same
    three = MLP(2, 3, rng=0)
    labels = outputs(three, X).argmax(axis=1)
    assert decision_boundary(three, X, labels).axes[0].get_title(loc="left") == "100.0% of 40 rows right"


@pytest.mark.parametrize("name", ["two\nlines", "\x1b[31mred", "a\u202eb", "$x^2$ and $", "x_1 & {"])
def test_the_names_of_classes_reach_the_legend_of_a_figure_as_labels_do(name: str) -> None:
    figure = decision_boundary(MLP(2, 2, 1, rng=0), [[0.0, 0.0], [1.0, 1.0]], np.array([name, "zz"]))
    words = {text.get_text() for text in figure.axes[0].get_legend().get_texts()} - {"zz", "wrong", "class"}
    assert words == {plain_text(name)}
    from matplotlib import rc_context

    content = io.BytesIO()
    with rc_context({"svg.fonttype": "none"}):
        figure.savefig(content, format="svg")
    assert f">{escape(visible_text(name))}<" in content.getvalue().decode()


def test_a_boundary_needs_two_inputs_and_a_class_a_row() -> None:
    with pytest.raises(ValueError, match="two inputs, and these rows have 3"):
        decision_boundary(MLP(3, 1, rng=0), np.zeros((4, 3)), [0, 1, 0, 1])
    with pytest.raises(ValueError, match="40 rows, y has 3 targets"):
        decision_boundary(MLP(2, 1, rng=0), X, [0, 1, 0])


def test_figure_of_a_surface_holds_the_paths() -> None:
    path = [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0)]
    figure = loss_surface(lambda w, b: (w - 1) ** 2 + (b - 1) ** 2, (-1, 2), (-1, 3), {"way": path}, names=("u", "v"))
    (axes,) = figure.axes
    assert [line.get_xydata().tolist() for line in axes.lines if line.get_label() == "way"] == [[[*p] for p in path]]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("u", "v")
    assert axes.get_xlim() == (-1, 2)
    with pytest.raises(ValueError, match="the range of v"):
        loss_surface(lambda w, b: w, (0, 1), (1, 1), names=("u", "v"))


def test_heights_of_a_loss_that_cannot_be_compiled_are_computed_one_by_one() -> None:
    def steps(w: Any, b: Any) -> Any:
        return 1.0 if w > b else w * b

    assert heights_of(steps, [2.0, 1.0], [1.0, 3.0]).tolist() == [1.0, 3.0]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_figure_is_painted_in_the_colours_of_its_theme(theme: look.Theme) -> None:
    from matplotlib.colors import to_hex

    figure = loss_curves([2.0, 1.0], theme=theme)
    assert to_hex(figure.get_facecolor()) == look.COLOURS[theme]["page"].lower()
    figure.savefig(io.BytesIO(), format="svg")  # ticks are made now, and must not fall back to the reader's settings
    for tick in figure.axes[0].get_xticklabels():
        assert to_hex(tick.get_color()) == look.COLOURS[theme]["muted"].lower()


def test_an_unknown_theme_is_named() -> None:
    with pytest.raises(ValueError, match='theme is "light" or "dark", got \'sepia\''):
        loss_curves([1.0], theme="sepia")


def test_figure_disturbs_nothing_and_needs_no_display(tmp_path: Path) -> None:
    program = (
        "import sys, warnings, matplotlib\n"
        "warnings.simplefilter('error')\n"
        "import nn\n"
        "before = matplotlib.rcParams.copy()\n"
        "from nn.plot import loss_curves\n"
        "for suffix in ('png', 'svg', 'pdf'):\n"
        f"    loss_curves([2.0, 1.0]).savefig({str(tmp_path)!r} + '/curve.' + suffix)\n"
        "assert matplotlib.rcParams.copy() == before\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={"HOME": str(tmp_path)},
    )
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
    assert "epoch" in (tmp_path / "curve.svg").read_text()


def test_nn_is_imported_without_matplotlib() -> None:
    program = "import sys; sys.modules['matplotlib'] = None; import nn, nn.plot, nn.lessons; nn.portrait"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT)
    assert run.returncode == 0, run.stderr


# ------------------------------------------------------------------------------------------- rows, slopes, zones


def test_outputs_of_many_rows_are_those_of_each() -> None:
    model = MLP(2, 5, 3, rng=0, activation="gelu")
    assert outputs(model, X) == pytest.approx(
        np.array([[float(number) for number in model(row)] for row in X]), abs=1e-14
    )
    with pytest.raises(ValueError, match=r"shape \(2,\)"):
        outputs(model, [1.0, 2.0])


def test_stages_end_in_the_output_and_dropout_is_left_out() -> None:
    model = Sequential(Linear(2, 4, rng=0), Sigmoid(), Dropout(0.5, rng=0), Linear(4, 1, rng=0))
    names, values = zip(*stage_values(model, X), strict=True)
    assert names == ("layer 1", "output")
    assert [array.shape for array in values] == [(40, 4), (40, 1)]
    model.eval()
    assert values[1] == pytest.approx(np.array([[float(model(row)[0])] for row in X]), abs=1e-14)
    model.train()
    outputs(model, X)
    assert all(module.training for module in model.modules()), "the modes are given back"


def test_slopes_are_derivatives() -> None:
    x = np.array([-2.0, 0.0, 3.0])
    values, slopes = curve_and_slope(sigmoid, x)
    assert values == pytest.approx(1 / (1 + np.exp(-x)), rel=1e-14)
    assert slopes == pytest.approx(values * (1 - values), rel=1e-13)


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "softmax"])
def test_zones_are_where_the_slope_is_small(name: str) -> None:
    activation = portrait(name)
    steepest = np.abs(activation.slope).max()
    for x, slope in zip(activation.x[::7], activation.slope[::7], strict=True):
        kinds = [zone.kind for zone in activation.zones if float(x) in zone]
        assert len(kinds) <= 1
        if kinds == ["dead"]:
            assert slope == 0.0
        elif kinds:
            assert abs(slope) <= 0.05 * steepest


def test_the_zones_of_the_lecture() -> None:
    assert [str(zone) for zone in zones(relu)] == ["dead for x ≤ 0"]
    assert [str(zone) for zone in zones(threshold)] == ["dead everywhere"]
    left, right = zones(sigmoid)
    edge = math.log((0.5 + math.sqrt(0.25 - 0.0125)) / (0.5 - math.sqrt(0.25 - 0.0125)))  # where y (1 - y) = .05 / 4
    assert (left.end, right.start) == (pytest.approx(-edge, abs=1e-9), pytest.approx(edge, abs=1e-9))
    assert zones(portrait("leaky_relu").function) == ()
    assert [zone.kind for zone in zones(swish)] == ["saturated"]


# --------------------------------------------------------------------------------------------------- the portraits


def test_a_portrait_takes_names_functions_and_modules() -> None:
    assert portrait("relu").name == portrait(relu).name == "relu"
    assert portrait(PReLU(0.5)).slope[0] == 0.5

    def hat(x: Any) -> Any:
        return where(x > 0.0, 1.0 - x, 1.0 + x)

    own = portrait(hat)
    assert (own.name, own.note, own.zones) == ("hat", None, ())
    for wrong in ("softmax", softmax, mean, "rellu"):
        with pytest.raises(ValueError, match="no activation"):
            portrait(wrong)
    with pytest.raises(ValueError, match="above 0, got 0"):
        portrait("relu", reach=0)


def test_the_graph_of_a_portrait_shows_its_primitives() -> None:
    text = str(portrait("sigmoid").graph())
    assert "exp" in text
    assert "+0.1966" in portrait("sigmoid").graph().svg


def test_no_edge_is_labelled_on_the_words_above_an_operation() -> None:
    svg = portrait("threshold").graph().svg
    words, label = (float(re.findall(rf' y="([\d.]+)"[^>]*>{text}', svg)[0]) for text in ("passes no", "left"))
    assert label > words + 12


def test_figure_of_a_portrait_is_as_wide_as_its_graph_and_says_over_which_x_the_slope_is_taken() -> None:
    figure = portrait("softplus").figure()
    _, _, slope = figure.axes
    assert slope.get_title(loc="left") == "slope, at most 0.9975 from x = -6 to 6"
    width = float(re.findall(r' width="([\d.]+)"', portrait("softplus").graph().svg)[0])
    assert figure.get_size_inches()[0] * 96 >= width


@pytest.mark.parametrize("name", ["threshold", "gelu"])
def test_figure_of_a_portrait_has_graph_curve_slope_and_zones(name: str) -> None:
    activation = portrait(name)
    figure = activation.figure("dark")
    above, curve, slope = figure.axes
    assert activation.formula in figure.get_suptitle().replace("\n", " ")
    assert above.images
    assert (curve.get_ylabel(), slope.get_ylabel(), slope.get_xlabel()) == ("y", "dy/dx", "x")
    drawn = np.asarray(slope.lines[0].get_ydata(), dtype=float)
    assert drawn[~np.isnan(drawn)].tolist() == activation.slope.tolist()
    for zone in activation.zones:
        assert zone.kind in texts(slope)


def test_the_table_of_portraits_is_complete() -> None:
    gallery = portraits()
    assert [row["name"] for row in gallery.table()] == list(ACTIVATIONS)
    for row in gallery.table():
        assert all(row[key] for key in ("formula", "range", "kink", "reason", "weakness", "zones"))
        assert row["name"] in str(gallery)
        assert row["weakness"] in str(gallery)


def test_figure_of_all_portraits_names_each_and_explains_its_signs() -> None:
    gallery = portraits()
    figure = gallery.figure()
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles[: len(gallery.portraits)] == [portrait.name for portrait in gallery.portraits]
    key = [text.get_text() for text in figure.axes[-1].get_legend().get_texts()]
    assert "dead: slope 0" in key


def colours_in(markup: str) -> set[str]:
    return set(re.findall(r"#[\da-f]{6}", re.sub("<style>.*?</style>", "", markup, flags=re.DOTALL)))


def test_figure_in_a_notebook_follows_its_theme_in_the_type_and_marks_of_the_pages() -> None:
    figure = decision_boundary(MLP(2, 4, 1, rng=0), X, y)
    output = figure._repr_mimebundle_()["text/html"]  # type: ignore[attr-defined]
    assert f":is({DARK_PAGES}) .autograd-" in output
    markup = figure_svg(figure, "light")
    assert colours_in(markup) == set(), "each is a role"
    marks = re.findall(r'<use [^>]* y="[\d.]+"( [^>]*)>', markup)
    assert all(mark.startswith(' class="') for mark in marks)
    assert look.FONT_FAMILY.replace('"', "'") in markup
    assert ">x1</text>" in markup, "letters stay letters"
    assert "font-family" not in re.sub("<style>.*?</style>", "", markup, flags=re.DOTALL)
    dark = figure_svg(decision_boundary(MLP(2, 4, 1, rng=0), X, y, theme="dark"), "dark")
    assert "prefers-color-scheme" not in dark


def test_figures_on_one_page_do_not_share_identifiers() -> None:
    first, second = (figure_svg(RECORDED.plot(), "light"), figure_svg(loss_curves([3.0, 1.0]), "light"))
    names = [set(re.findall(r' id="([^"]+)"', markup)) for markup in (first, second)]
    assert all(names)
    assert names[0].isdisjoint(names[1])
    for markup, known in zip((first, second), names, strict=True):
        assert set(re.findall(r'(?:href="|url\()#([^")]+)', markup)) <= known


def test_figure_of_a_portrait_has_its_graph_as_letters() -> None:
    markup = figure_svg(portrait("gelu").figure(), "light")
    assert "<image" not in markup
    assert ">grad</text>" in markup

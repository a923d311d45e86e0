"""The lessons: their numbers hold what the mathematics says, and their pictures show them."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest

from autograd_core import relu, sigmoid
from nn.lessons import (
    cost_of,
    dying_relu,
    fastest_activation,
    gradient_descent_and_sgd,
    learning_rates,
    linear_collapse,
    saturation,
    tanh_and_sigmoid,
    universal_approximation,
    vanishing_gradients,
    zero_centred,
)
from nn.lessons.rates import line_data
from nn.lessons.vanishing import chain
from tests.nn.lessons import test_drift, test_features, test_generalisation, test_landscape, test_linear_networks

COLLAPSE = linear_collapse(hidden=(3,), seed=1)
RATES = learning_rates()
CENTRED = zero_centred()
PATHS = gradient_descent_and_sgd()


@pytest.fixture(scope="module")
def vanishing() -> Any:
    return vanishing_gradients(activations=("sigmoid", "tanh", "relu"), depth=6, width=6, seeds=(0, 1, 2))


@pytest.fixture(scope="module")
def approximation() -> Any:
    return universal_approximation(widths=(1, 8), seeds=(0, 1, 2), steps=400)


@pytest.fixture(scope="module")
def dying() -> Any:
    return dying_relu(steps=120, every=20, seeds=(0, 1, 2))


@pytest.fixture(scope="module")
def saturated() -> Any:
    return saturation(scales=(1.0, 32.0), activations=("tanh", "relu"), steps=20, seeds=(0, 1, 2))


@pytest.fixture(scope="module")
def race() -> Any:
    return fastest_activation(activations=("sigmoid", "relu"), rates=(0.5, 1.0), steps=120, seeds=(0, 1, 2))


def test_two_linear_layers_are_the_one_of_w2_w1_and_w2_b1_plus_b2() -> None:
    from nn import Linear
    from nn.modules.initialise import generator

    assert COLLAPSE.largest_difference < 1e-12
    assert COLLAPSE.bent > 0.01
    # By the formula, on layers of which the weights are known.
    first, second = Linear(2, 2, rng=generator(0)), Linear(2, 1, rng=generator(0))
    first.load_state_dict({"weight": [[1.0, 2.0], [3.0, 4.0]], "bias": [5.0, 6.0]})
    second.load_state_dict({"weight": [[7.0, 8.0]], "bias": [9.0]})
    assert float(second(first([1.0, -1.0]))[0]) == (7 * 1 + 8 * 3) - (7 * 2 + 8 * 4) + (7 * 5 + 8 * 6 + 9)


def test_a_stack_of_more_layers_collapses_too() -> None:
    lesson = linear_collapse(hidden=(4, 3, 5), seed=3)
    assert lesson.largest_difference < 1e-12
    assert np.shape(lesson.weight) == (1, 2)


def test_tanh_is_a_scaled_and_shifted_sigmoid() -> None:
    lesson = tanh_and_sigmoid()
    assert lesson.largest_difference < 1e-15
    assert lesson.largest_slope_difference < 1e-15
    assert lesson.of_tanh == pytest.approx(np.tanh(lesson.x), abs=1e-15)
    assert lesson.steepest == (1.0, 0.25)
    pytest.importorskip("matplotlib", reason="draws: pip install -e '.[plot]'")
    (axes,) = lesson.figure("dark").axes
    assert axes.get_xlabel() == "x"
    assert [text.get_text() for text in axes.texts] == ["σ(x)", "tanh(x)"]


def test_chains_of_activations_have_the_gradients_of_the_worked_examples() -> None:
    value, gradient = chain("sigmoid", 10, 0.0)
    assert value == pytest.approx(0.659045828835, abs=1e-12)
    assert gradient == pytest.approx(3.87522023208e-7, rel=1e-11)
    assert gradient < 0.25**10
    assert chain("tanh", 10, 0.5)[1] == pytest.approx(0.222759530264, abs=1e-12)
    assert chain(relu, 10, 0.5) == (0.5, 1.0)
    assert chain("relu", 3, -0.5) == (0.0, 0.0)


def test_gradients_of_sigmoids_vanish_with_depth_and_those_of_relu_do_not(vanishing: Any) -> None:
    assert all(found < bound for found, bound in zip(vanishing.chains["sigmoid"], vanishing.bound, strict=True))
    assert vanishing.chains["relu"] == [1.0] * 20
    assert vanishing.shrinkage["sigmoid"] < 0.01
    assert vanishing.shrinkage["relu"] > 0.1
    assert vanishing.shrinkage["tanh"] > 0.1
    assert all(len(sizes) == 7 for sizes in vanishing.layers.values())


def test_an_unknown_activation_is_named() -> None:
    with pytest.raises(ValueError, match="no activation 'rellu'"):
        vanishing_gradients(activations=("rellu",))


def test_more_units_fit_a_curve_better(approximation: Any) -> None:
    assert approximation.medians[8] < approximation.medians[1] / 2
    assert all(len(errors) == 3 for errors in approximation.errors.values())
    residual = approximation.fits[1] - approximation.target
    assert float(np.sqrt(np.mean(residual**2))) in approximation.errors[1]


def test_relu_units_die_under_too_large_a_rate_and_leaky_relu_revives_some(dying: Any) -> None:
    at_switch = dying.at.index(dying.switch)
    assert dying.off["relu"][at_switch] >= dying.off["relu"][0] + 0.2
    assert dying.off["leaky_relu"][at_switch] < dying.off["relu"][at_switch]
    rescued = dying.off["relu, then leaky_relu"]
    assert rescued[: at_switch + 1] == dying.off["relu"][: at_switch + 1]
    assert dying.revived == rescued[at_switch] - rescued[-1] > 0.1


def test_the_switch_must_be_measured() -> None:
    with pytest.raises(ValueError, match="every = 30 must divide half of the steps, 100 / 2"):
        dying_relu(steps=100, every=30)


def test_large_weights_saturate_tanh_and_shrink_its_gradient_but_not_relu(saturated: Any) -> None:
    small, large = saturated.saturated["tanh"]
    assert small < 0.05
    assert large > 0.5
    assert saturated.gradients["tanh"][1] < saturated.gradients["tanh"][0] / 2
    # Scaling the weights of a unit without bias does not move its sign.
    assert saturated.saturated["relu"][0] == saturated.saturated["relu"][1]


def test_inputs_centred_on_zero_are_descended_faster() -> None:
    lesson = CENTRED
    assert lesson.same_sign["sigmoid"] == 1.0
    assert 0.3 < lesson.same_sign["tanh"] < 0.7
    assert lesson.condition["tanh"] < lesson.condition["sigmoid"] / 3
    assert lesson.steps["tanh"] < lesson.steps["sigmoid"]
    assert np.allclose(lesson.rows["tanh"], 2.0 * lesson.rows["sigmoid"] - 1.0, rtol=0, atol=1e-14)
    signs = np.sign(lesson.rows["sigmoid"])
    assert (signs == 1.0).all()


def test_the_limit_of_the_learning_rate_separates_convergence_from_divergence() -> None:
    x = np.array(line_data(30, 0)[0])
    design = np.column_stack([x, np.ones(30)])
    assert RATES.curvature == pytest.approx(np.linalg.eigvalsh(2.0 * design.T @ design / 30)[-1], rel=1e-12)
    small, right, large = (RATES.losses[rate] for rate in RATES.losses)
    assert small[-1] - RATES.lowest > 0.3 * (small[0] - RATES.lowest)
    assert right[-1] - RATES.lowest < 1e-4
    assert large[-1] > large[-10] > RATES.lowest
    assert "diverges" in str(RATES)


def test_few_rows_a_step_approach_the_minimum_with_fewer_rows_and_fluctuate() -> None:
    by_rows = PATHS.losses
    assert by_rows[1][150] < by_rows[5][30] < by_rows[30][5]
    assert PATHS.spread[1] > PATHS.spread[5]
    assert {len(path) for path in PATHS.paths.values()} == {21, 121, 601}
    assert all(loss >= PATHS.lowest - 1e-12 for losses in by_rows.values() for loss in losses)
    with pytest.raises(ValueError, match="4 rows a step do not divide 30"):
        gradient_descent_and_sgd(batches=(4,))


def test_the_race_reports_what_was_measured(race: Any) -> None:
    relu_curve, sigmoid_curve = race.curves["relu"], race.curves["sigmoid"]
    assert len(relu_curve) == len(sigmoid_curve) == 121
    assert list(race.medians) == sorted(race.medians, key=race.medians.__getitem__)
    assert relu_curve[-1] < sigmoid_curve[-1] < sigmoid_curve[0]
    for name, steps in race.steps.items():
        reached = [step for step in steps if step is not None]
        if len(reached) < 2:
            assert math.isinf(race.medians[name])
    assert "not reached" in str(race)


def test_costs_count_the_operations_of_the_graph() -> None:
    cheap, dear = cost_of("relu", count=200, repeats=1), cost_of("swish", count=200, repeats=1)
    assert cheap.operations == 2  # a comparison and a choice
    assert cheap.backward_operations < dear.backward_operations
    assert dear.operations == cost_of(sigmoid.name, count=200, repeats=1).operations + 1
    assert min(cheap.eager, cheap.vectors) > 0.0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_lesson_has_a_picture_with_named_axes(
    theme: str, vanishing: Any, approximation: Any, dying: Any, saturated: Any, race: Any
) -> None:
    pytest.importorskip("matplotlib")
    from autograd_core import look

    new = (test_features, test_linear_networks, test_drift, test_landscape, test_generalisation)
    others = [module.lesson() for module in new]
    for lesson in (COLLAPSE, RATES, PATHS, vanishing, approximation, dying, saturated, race, CENTRED, *others):
        figure = lesson.figure(theme)
        assert look.COLOURS[theme]["page"].lower() == _hexadecimal(figure.get_facecolor())  # type: ignore[index]
        for axes in figure.axes:
            assert axes.get_xlabel() or axes.get_shared_x_axes().get_siblings(axes) != [axes] or axes.get_ylabel()
            assert axes.lines or axes.collections or axes.patches
        assert any(axes.get_xlabel() for axes in figure.axes)
        assert any(axes.get_ylabel() for axes in figure.axes)


def test_the_pictures_hold_the_numbers(vanishing: Any, dying: Any) -> None:
    pytest.importorskip("matplotlib")
    left, _ = vanishing.figure().axes
    drawn = {line.get_label(): list(line.get_ydata()) for line in left.lines}
    assert drawn["sigmoid"] == vanishing.chains["sigmoid"]
    top, below = dying.figure().axes
    assert list(top.lines[0].get_ydata()) == dying.off["relu"]
    assert list(below.lines[0].get_ydata()) == dying.losses["relu"]


def test_the_text_has_four_digits() -> None:
    assert not re.search(r"[1-9]\d{4}", str(COLLAPSE))
    assert f"{COLLAPSE.weight[0][0]:.4g}" in str(COLLAPSE)


def test_a_notebook_shows_the_picture_beside_the_numbers() -> None:
    pytest.importorskip("matplotlib")
    data = COLLAPSE._repr_mimebundle_()
    assert data["text/html"].startswith("<img data-autograd-drawing alt=")
    assert 'width="1080"' in data["text/html"]
    assert "<summary>The numbers</summary>" in data["text/html"]
    assert data["text/plain"] == str(COLLAPSE) == repr(COLLAPSE)


def test_without_matplotlib_there_are_still_the_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    assert COLLAPSE._repr_mimebundle_() == {"text/plain": str(COLLAPSE)}
    with pytest.raises(ImportError, match=r'pip install -e "\.\[plot\]" in the clone'):
        COLLAPSE.figure()


def _hexadecimal(colour: Any) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in colour[:3])

"""Gradient health, why a gradient died, and representations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_core import SATURATED_BELOW, Value, choose, grad, relu, sigmoid, tanh, topological_order
from nn import (
    MLP,
    Adam,
    Linear,
    Module,
    Sequential,
    Tanh,
    Threshold,
    binary_cross_entropy_with_logits,
    hinge_loss,
    mse_loss,
    swish,
)
from nn.data.datasets import circles, two_moons
from nn.diagnosis.activation_uses import activation_uses
from nn.diagnosis.hidden_layers import representation, separable
from nn.diagnosis.unit_health import gradient_health
from nn.diagnosis.why_gradient import why_gradient
from nn.lessons.experiment import descend, objective

X, y = two_moons(20, seed=0)


@pytest.fixture(autouse=True)
def needs_matplotlib(request: pytest.FixtureRequest) -> None:
    if "figure" in request.node.name:
        pytest.importorskip("matplotlib")


def ailing() -> MLP:
    """2-3-2-1 of relu: unit 1 of layer 1 is off on every row."""
    model = MLP(2, 3, 2, 1, rng=0)
    model.layers[0].bias[1].data = -50.0
    return model


# ---------------------------------------------------------------------------------------------------------- health


def test_a_unit_that_is_off_on_every_row_is_dead() -> None:
    model = ailing()
    found = gradient_health(model, X, y, binary_cross_entropy_with_logits)
    first, second = found.layers
    assert (first.name, first.activation, second.name) == ("layer 1", "relu", "layer 2")
    assert first.states[1] == "dead"
    z = np.array([[float(number) for number in model.layers[0](row)] for row in X])
    assert first.z == pytest.approx(z, abs=0)
    assert [state == "dead" for state in first.states] == (z <= 0).all(axis=0).tolist()
    assert first.share("dead") + first.share("saturated") + first.share("healthy") == pytest.approx(1.0)


def test_on_a_single_row_a_unit_is_off_not_dead() -> None:
    found = gradient_health(ailing(), X[:1], y[:1], binary_cross_entropy_with_logits)
    assert found.layers[0].states[1] == "off"
    assert found.layers[0].share("dead") == 0.0
    assert "off" in str(found)
    assert "dead" not in str(found)


def test_gradients_are_those_of_the_mean_loss_and_nothing_is_changed() -> None:
    model = ailing()
    before = model.state_dict()
    found = gradient_health(model, X, y, binary_cross_entropy_with_logits)
    assert model.state_dict() == before
    assert all(parameter.grad is None for parameter in model.parameters())
    assert model.training
    binary_cross_entropy_with_logits([model(row) for row in X], y).backward()
    for name, layer in zip(found.parameters, model.layers, strict=True):
        gradients = [parameter.grad or 0.0 for parameter in layer.parameters()]
        assert found.parameters[name] == pytest.approx(float(np.sqrt(np.mean(np.square(gradients)))), rel=1e-12)


def test_large_weights_saturate_sigmoids_and_a_threshold_is_dead_everywhere() -> None:
    model = MLP(2, 6, 1, activation="sigmoid", rng=0)
    assert gradient_health(model, X, y, mse_loss).layers[0].share("healthy") == 1.0
    for parameter in model.layers[0].parameters():
        parameter.data *= 1000.0
    layer = gradient_health(model, X, y, mse_loss).layers[0]
    assert layer.share("saturated") == 1.0
    flat = sigmoid(layer.z.ravel()[0])
    assert flat * (1 - flat) < SATURATED_BELOW * 0.25
    steps = Sequential(Linear(2, 3, rng=0), Threshold(), Linear(3, 2, rng=1), Tanh(), Linear(2, 1, rng=0))
    found = gradient_health(steps, X, y, mse_loss)
    assert [(layer.name, layer.share("dead")) for layer in found.layers] == [("1: Threshold", 1.0), ("3: Tanh", 0.0)]
    assert found.parameters["0"] == 0.0
    assert found.parameters["4"] > 0.0


def test_a_custom_model_is_examined_too() -> None:
    class Own(Module):
        def __init__(self) -> None:
            self.part = Linear(2, 2, rng=0)

        def forward(self, x: Any) -> Any:
            h = self.part(x)
            return swish(h[0]) + tanh(h[1])

    found = gradient_health(Own(), X, y, mse_loss)
    assert {layer.activation for layer in found.layers} == {"swish", "tanh"}
    assert [len(layer.states) for layer in found.layers] == [1, 1]
    assert "swish" in str(found)


def test_one_activation_inside_another_is_part_of_it() -> None:
    x = Value(1.0)
    (use,) = activation_uses(topological_order(swish(x) * 2.0))
    assert (use.name, use.input, use.state) == ("swish", x, "healthy")
    assert use.slope == pytest.approx(0.9276705118714867, rel=1e-14)


def test_lengths_names_and_rows_are_checked() -> None:
    model = ailing()
    with pytest.raises(ValueError, match="20 rows, y has 2 targets"):
        gradient_health(model, X, [0, 1], mse_loss)
    found = gradient_health(model, X, y, mse_loss)
    with pytest.raises(ValueError, match="no parameter 'w'"):
        found.why("w")
    with pytest.raises(ValueError, match="rows 0 to 19, asked for 20"):
        found.why("layers.0.bias[0]", row=20)


# ------------------------------------------------------------------------------------------------------------- why


def test_a_closed_gate_is_named_with_its_number() -> None:
    why = gradient_health(ailing(), X, y, binary_cross_entropy_with_logits).why("layers.0.weight[1][0]")
    assert why.gradient == 0.0
    (reason,) = why.reasons
    assert reason.cause == "closed gate"
    assert "layer 1 / neuron 2 has z = −5" in reason.words
    assert why.path[0] == ("loss", 1.0)
    assert why.path[-1][1] == 0.0


def test_every_cause_has_its_own_name() -> None:
    w, v, x = Value(0.0, label="w"), Value(2.0, label="v"), Value(3.0, label="x")
    parameter = MLP(1, 1, rng=0).layers[0].weight[0][0]
    parameter.data = 0.0
    assert [reason.cause for reason in why_gradient(parameter * v, v).reasons] == ["zero weight"]
    assert [reason.cause for reason in why_gradient(w * v, v).reasons] == ["zero input"]
    assert [reason.cause for reason in why_gradient((w * x) * v, v).reasons] == ["zero factor"]
    assert [reason.cause for reason in why_gradient(relu(v - 5.0) * x, v).reasons] == ["closed gate"]
    assert [reason.cause for reason in why_gradient(Threshold()(v) * x, v).reasons] == ["flat operation"]
    assert [reason.cause for reason in why_gradient(hinge_loss([v], [1.0]), v).reasons] == ["closed gate"]
    (starved,) = why_gradient(sigmoid(v * 4.0), v).reasons
    assert starved.cause == "saturation"
    assert "z = 8" in starved.words
    assert why_gradient(v * x, v).reasons == ()


def test_all_stopped_paths_are_named_and_one_open_path_is_enough() -> None:
    x = Value(1.0, label="x")
    both = why_gradient(relu(x - 2.0) + relu(x - 3.0), x)
    assert both.gradient == 0.0
    assert len(both.reasons) == 2
    assert why_gradient(relu(x - 2.0) + x, x).reasons == ()
    cancelled = why_gradient(x * 2.0 - x * 2.0, x)
    assert (cancelled.gradient, cancelled.reasons) == (0.0, ())
    assert "cancel" in str(cancelled)


def test_a_cause_above_is_found_from_far_below() -> None:
    x, w = Value(2.0, label="x"), Value(0.5, label="w")
    why = why_gradient(relu(swish(tanh(w * x)) - 3.0) * 2.0, w)
    (reason,) = why.reasons
    assert reason.cause == "closed gate"
    assert [name for name, _ in why.path][:2] == ["loss", "× 2"]


def test_the_path_has_the_gradients_of_the_sweep() -> None:
    x = Value(0.3, label="x")
    why = why_gradient(tanh(sigmoid(x) * 2.0), x)
    assert why.gradient == pytest.approx(grad(lambda x: tanh(sigmoid(x) * 2.0))(0.3), rel=1e-14)
    assert [name.split(" ")[0] for name, _ in why.path] == ["loss", "tanh", "×", "sigmoid"]
    assert why.path[-1][1] == why.gradient


def test_a_node_the_loss_does_not_depend_on_is_refused() -> None:
    with pytest.raises(ValueError, match="does not depend on z"):
        why_gradient(Value(1.0) * 2.0, Value(0.0, label="z"))


# --------------------------------------------------------------------------------------------------- representation


def test_training_makes_the_classes_linearly_separable_from_layer_to_layer() -> None:
    rows, classes = circles(60, seed=0)
    model = MLP(2, 6, 2, 1, activation="tanh", rng=1)
    before = representation(model, rows, classes)
    program = objective(model, lambda out, wanted: binary_cross_entropy_with_logits(out[0], wanted), rows)
    descend(program, Adam(model.parameters(), learning_rate=0.05), rows, classes, 200)
    after = representation(model, rows, classes)
    assert [layer.name for layer in after.layers] == ["input", "layer 1", "layer 2", "output"]
    assert before.layers[0].separable == after.layers[0].separable < 0.7
    assert max(layer.separable for layer in before.layers) < 0.9
    assert min(layer.separable for layer in after.layers[1:]) > 0.97
    wide, two, output = after.layers[1:]
    assert (wide.points.shape, two.points.tolist(), output.points.shape) == ((60, 2), two.values.tolist(), (60, 2))
    assert 0.0 < wide.variance_share < 1.0
    assert wide.maps is not None
    assert wide.maps.shape[0] == 6


def test_a_map_is_the_unit_over_the_plane() -> None:
    model = MLP(2, 3, 1, activation="tanh", rng=0)
    view = representation(model, X, y)
    left, right, low, high = view.extent
    maps = view.layers[1].maps
    assert maps is not None
    corner = [float(tanh(z)) for z in model.layers[0]([right, low])]
    assert maps[:, 0, -1].tolist() == pytest.approx(corner, rel=1e-12)
    assert (left, high) == (pytest.approx(X[:, 0].min() - 0.12 * np.ptp(X[:, 0])), view.extent[3])


def test_more_inputs_than_two_have_no_maps_and_xor_is_not_separable() -> None:
    view = representation(MLP(3, 4, 1, rng=0), np.random.default_rng(0).normal(size=(10, 3)), [0, 1] * 5)
    assert all(layer.maps is None for layer in view.layers)
    assert separable(np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0, 1, 1, 0])) < 1.0
    assert separable(np.eye(3), np.array([0, 1, 2])) == 1.0
    with pytest.raises(TypeError, match="layers of a Linear are not known"):
        representation(Linear(2, 1, rng=0), X, y)
    with pytest.raises(ValueError, match="20 rows, y has 1 targets"):
        representation(MLP(2, 1, rng=0), X, [1])


# ---------------------------------------------------------------------------------------------------------- figures


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_figure_of_health_shows_states_and_gradients(theme: str) -> None:
    found = gradient_health(ailing(), X, y, binary_cross_entropy_with_logits)
    left, right = found.figure(theme).axes
    written = [text.get_text() for text in left.texts]
    assert f"{found.layers[0].states.count('dead')} dead" in written
    assert sum(bar.get_width() for bar in left.patches) == pytest.approx(len(found.layers))
    assert len({bar.get_hatch() for bar in left.patches}) > 1, "states must differ by hatching, not colour alone"
    assert [label.get_text() for label in right.get_yticklabels()] == list(found.parameters)
    assert left.get_xlabel()
    assert right.get_xlabel()


def test_figure_of_why_marks_where_the_gradient_ends() -> None:
    why = gradient_health(ailing(), X, y, binary_cross_entropy_with_logits).why("layers.0.weight[1][0]")
    (axes,) = why.figure().axes
    assert "closed gate" in axes.get_title(loc="left")
    assert "X" in {line.get_marker() for line in axes.lines}
    assert any("relu" in label.get_text() for label in axes.get_xticklabels())
    assert axes.get_yscale() == "log"


def test_figure_of_representations_has_every_layer_before_and_after() -> None:
    view = representation(MLP(2, 8, 2, 1, rng=0), X, y)
    figure = view.figure(before=view)
    titles = [axes.get_title(loc="left") for axes in figure.axes if axes.get_title(loc="left")]
    assert len(titles) == 8
    assert sum("a linear cut gets" in title for title in titles) == 8
    assert any("before training" in axes.get_ylabel() for axes in figure.axes)
    assert len(view.figure("dark").axes) == 8
    three = representation(MLP(3, 2, 1, rng=0), np.eye(3), [0, 1, 1])
    assert len(three.figure().axes) == 3


def test_a_row_that_was_not_chosen_is_named() -> None:
    index, rows = Value(2.0, label="i"), [Value(float(k), label=f"E[{k}]") for k in range(4)]
    loss = tanh(choose(index, rows))
    assert [str(reason) for reason in why_gradient(loss, rows[1]).reasons] == [
        "closed gate: choose chose row 2, not row 1"
    ]
    assert [str(reason) for reason in why_gradient(loss, index).reasons] == [
        "flat operation: choose has no derivative with respect to its index"
    ]

"""Gradient descent in an explanation: theta, gradient, rate x gradient, new theta; predicted and actual change."""

from __future__ import annotations

import math

import pytest

from autograd_core import Value, exp, explain, log, relu, sigmoid, sin
from autograd_core.show.record.steps import explained_steps


def descend_by_loop(rate: float, steps: int) -> tuple[list[float], list[float]]:
    """The parameters and the output after each step, by the plain loop a student writes."""
    w, b = Value(0.5), Value(-1.0)
    outputs = []
    for _ in range(steps):
        w.grad = b.grad = None
        (sigmoid(w * 3.0 + b) * exp(w) - sin(b)).backward()
        w.data, b.data = w.data - rate * w.grad, b.data - rate * b.grad
        outputs.append((sigmoid(w * 3.0 + b) * exp(w) - sin(b)).data)
    return [w.data, b.data], outputs


@pytest.mark.parametrize("steps", [1, 3, 10])
def test_the_steps_are_those_of_the_plain_loop(steps: int) -> None:
    w, b = Value(0.5, label="w"), Value(-1.0, label="b")
    updates = explain(sigmoid(w * 3.0 + b) * exp(w) - sin(b), learning_rate=0.1, steps=steps).record.updates
    parameters, outputs = descend_by_loop(0.1, steps)
    assert [parameter.after for parameter in updates[-1].parameters] == pytest.approx(parameters, rel=1e-13)
    assert [update.output_after for update in updates] == pytest.approx(outputs, rel=1e-13)
    assert (w.data, b.data, w.grad) == (0.5, -1.0, None), "an explanation changes nothing"


def test_the_first_prediction_is_minus_rate_times_the_gradient_squared() -> None:
    x1, x2 = Value(2.0, label="x1"), Value(5.0, label="x2")
    explained = explain(log(x1) + x1 * x2 - sin(x2), learning_rate=0.01)
    (update,) = explained.record.updates
    squares = sum(gradient.value**2 for gradient in explained.record.gradient)
    assert update.predicted == pytest.approx(-0.01 * squares, rel=1e-14)
    assert update.output_after - update.output_before == pytest.approx(update.predicted, rel=0.01)


def test_parameters_move_and_inputs_stay() -> None:
    class Parameter(Value):
        __slots__ = ()
        role = "parameter"

    x, w = Value(2.0, label="x"), Parameter(3.0, label="w")
    (update,) = explain(x * w, learning_rate=0.1).record.updates
    assert [(parameter.name, parameter.after) for parameter in update.parameters] == [("w", 3.0 - 0.1 * 2.0)]


def test_a_gate_may_close_on_the_way() -> None:
    x = Value(1.0, label="x")
    updates = explain(relu(x * 2.0), learning_rate=1.0, steps=3).record.updates
    assert [update.output_after for update in updates] == [0.0, 0.0, 0.0]
    assert [update.parameters[0].gradient for update in updates] == [2.0, 0.0, 0.0]


def test_a_step_that_is_too_long_is_reported() -> None:
    x = Value(1.0, label="x")
    explained = explain(x * x, learning_rate=1.5)
    assert "It rose" in explained_steps(explained.record)[-1].words
    assert "Update 1 of 1" in explained.to_text()
    assert "predicted from the gradient: out = 1 − 6 = −5" in explained.to_text()
    assert "actual:                      out = 1 + 3 = 4" in explained.to_text()
    assert r"x & = 1 - 3 = -2" in explained.to_latex()


def test_every_update_is_a_step_of_its_own() -> None:
    x = Value(1.0, label="x")
    steps = [
        step for step in explained_steps(explain(x * x, learning_rate=0.1, steps=2).record) if step.phase == "update"
    ]
    assert [step.formulas[-1].label for step in steps] == [
        "new value",
        "actual",
        "gradient",
        "new value",
        "actual",
    ]
    assert steps[0].formulas[-1].formula.text == "x = 1 − 0.2 = 0.8"


@pytest.mark.parametrize("rate", [0, -1.0, math.inf, math.nan])
def test_a_learning_rate_is_positive(rate: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        explain(Value(1.0) * 2, learning_rate=rate)


@pytest.mark.parametrize("steps", [0, -1, 1.5, True, 1000])
def test_steps_are_counted(steps: int) -> None:
    with pytest.raises(ValueError, match="whole number"):
        explain(Value(1.0) * 2, learning_rate=0.1, steps=steps)


def test_a_graph_without_anything_to_update_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing to update"):
        explain(Value(1.0), learning_rate=0.1)
    with pytest.raises(ValueError, match="reverse mode"):
        explain(Value(1.0) * 2, mode="forward", learning_rate=0.1)


def test_film_and_slides_show_the_update_too() -> None:
    explained = explain(Value(3.0, label="x") ** 2, learning_rate=0.1, steps=2)
    assert len(explained.to_png(-1)) > 1000
    assert explained.to_pdf().startswith(b"%PDF")

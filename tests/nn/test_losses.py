"""Losses: against mpmath in value and gradient, tails included; their textbook forms; what they refuse."""

from __future__ import annotations

import math
import pickle
from itertools import product
from typing import Any

import numpy as np
import pytest
from mpmath import mp

from autograd_core import Composition, Value, compile, nth_derivative  # noqa: A004  the field's name for it
from autograd_core.formulas.notation import evaluate_formula
from autograd_core.graph.boxes import view
from nn import (
    MLP,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    hinge_loss,
    huber_loss,
    l2_penalty,
    mse_loss,
)
from nn.losses import huber_error, log_loss, log_loss_of_score, missing_margin, softmax_log_loss, squared_error
from tests.support.backends import INSTALLED

NUMBERS = [0.0, *(sign * x for x in (1e-9, 0.3, 1.0, 2.5, 40.0, 700.0, 1000.0) for sign in (1, -1))]


def assert_exact(computed: Any, true: Any) -> None:
    assert abs(mp.mpf(computed or 0.0) - true) <= 1e-13 * abs(true) + 2e-323, f"{computed}, truth {mp.nstr(true, 20)}"


def slopes(loss: Any, inputs: list[Value]) -> list[Any]:
    loss.backward()
    return [source.grad for source in inputs]


@pytest.mark.parametrize("label", [0.0, 1.0, 0.25])
@pytest.mark.parametrize("score", NUMBERS)
def test_binary_cross_entropy_from_scores_is_exact_in_both_tails(score: float, label: float) -> None:
    z = Value(score)
    loss = binary_cross_entropy_with_logits(z, label)
    with mp.workdps(1000):
        p = 1 / (1 + mp.exp(-mp.mpf(score)))
        assert_exact(loss.data, -(label * mp.log(p) + (1 - label) * mp.log(1 - p)))
        (slope,) = slopes(loss, [z])
        bound = 1e-15 if label == 0.25 else 0.0  # terms of opposite sign: p - 1/4 has a zero of its own
        assert abs(slope - (p - label)) <= 1e-13 * abs(p - label) + 2e-323 + bound


@pytest.mark.parametrize("scores", [[1.0, 2.0, 3.0], [1000.0, -1000.0], [40.0, 0.0, -40.0], [-1000.0] * 3, [5.0]])
def test_cross_entropy_is_exact_in_every_tail(scores: list[float]) -> None:
    for label in range(len(scores)):
        inputs = [Value(number) for number in scores]
        loss = cross_entropy(inputs, label)
        with mp.workdps(1000):
            shares = [mp.exp(number) for number in scores]
            total = mp.fsum(shares)
            assert_exact(loss.data, mp.log(total / shares[label]))
            others = mp.fsum(number for i, number in enumerate(shares) if i != label)
            for i, slope in enumerate(slopes(loss, inputs)):
                assert_exact(slope, -others / total if i == label else shares[i] / total)


def test_cross_entropy_of_a_class_that_is_masked_is_infinite_with_finite_slopes() -> None:
    inputs = [Value(-math.inf), Value(0.0), Value(math.log(3.0))]
    loss = cross_entropy(inputs, 0)
    assert loss.data == math.inf
    assert slopes(loss, inputs) == pytest.approx([-1.0, 0.25, 0.75], rel=1e-15)
    assert cross_entropy(inputs, 1).data == pytest.approx(math.log(4.0), rel=1e-15)
    scores = [node.data for node in inputs]
    for backend in INSTALLED:
        program = compile(cross_entropy, example=([0.0] * 3, 0.0), backend=backend)
        value, _, (slope, _) = program.value_and_grad([scores], [0.0], inputs=True)
        assert value == math.inf
        assert slope[0] == pytest.approx([-1.0, 0.25, 0.75], rel=1e-15)
        assert program([scores] * 2, [1.0, 2.0]).tolist() == pytest.approx(
            [math.log(4.0), math.log(4.0 / 3.0)], rel=1e-15
        )


def test_cross_entropy_of_a_label_that_is_text_says_which_labels_there_are() -> None:
    with pytest.raises(ValueError, match="classes 0 to 1, got the label 'cat'"):
        cross_entropy([Value(1.0), Value(2.0)], "cat")


@pytest.mark.parametrize("label", [0.0, 1.0, 0.25])
@pytest.mark.parametrize("p", [1e-300, 1e-40, 1e-9, 0.3, 0.5, 1.0 - 1e-9])
def test_binary_cross_entropy_of_probabilities(p: float, label: float) -> None:
    probability = Value(p)
    loss = binary_cross_entropy(probability, label)
    with mp.workdps(400):
        logarithm, slope = mp.log(p), 1 / mp.mpf(p)
        if logarithm < -100:
            logarithm, slope = mp.mpf(-100), mp.mpf(0)
        rest = mp.mpf(1) - mp.mpf(p)
        assert_exact(loss.data, -(label * logarithm + (1 - label) * mp.log(rest)))
        assert_exact(slopes(loss, [probability])[0], -label * slope + (1 - label) / rest)


def test_certain_answers_cost_nothing_or_a_hundred() -> None:
    assert binary_cross_entropy([0.0, 1.0], [0, 1]) == 0.0
    assert binary_cross_entropy([0.0, 1.0], [1, 0]) == 100.0
    wrong = Value(0.0)
    binary_cross_entropy(wrong, 1).backward()
    assert not wrong.grad, "the logarithm is held at -100, so it is flat there"
    assert math.isnan(binary_cross_entropy(1.5, 1))


@pytest.mark.parametrize("delta", [0.5, 1.0, 2.0])
def test_huber_is_a_parabola_with_lines_beyond(delta: float) -> None:
    for prediction, target in product(NUMBERS, [0.0, 0.3, -2.0]):
        p = Value(prediction)
        loss = huber_loss(p, target, delta)
        with mp.workdps(60):
            error = mp.mpf(prediction) - mp.mpf(target)
            true = error**2 / 2 if abs(error) <= delta else delta * (abs(error) - mp.mpf(delta) / 2)
            assert_exact(loss.data, true)
            assert_exact(slopes(loss, [p])[0], max(min(error, mp.mpf(delta)), -mp.mpf(delta)))
    assert nth_derivative(lambda x: huber_loss(x, 0.0), 2)(0.0) == 1.0
    assert huber_loss(1e200, -1e200) == 2e200


def test_hinge_costs_the_missing_margin() -> None:
    assert [hinge_loss(score, 1) for score in (2.0, 1.0, 0.25, -1000.0)] == [0.0, 0.0, 0.75, 1001.0]
    score = Value(1.0)
    hinge_loss(score, 1).backward()
    assert not score.grad, "at the margin the derivative is 0"


def test_squares_and_penalties() -> None:
    predictions = [Value(1.0), Value(3.0)]
    loss = mse_loss(predictions, [0.0, 5.0])
    assert (loss.data, slopes(loss, predictions)) == (2.5, [1.0, -2.0])
    weights = [[Value(3.0)], [Value(4.0)]]
    penalty = l2_penalty(weights, 0.25)
    assert (penalty.data, slopes(penalty, [weights[0][0]])) == (6.25, [1.5])
    assert mse_loss(1000.0, -1000.0) == 4e6


# ------------------------------------------------------------------------------------------- shapes and kinds


def test_rows_of_one_number_pair_with_numbers() -> None:
    assert mse_loss([[1.0], [2.0]], [0.0, 4.0]) == mse_loss([1.0, 2.0], [0.0, 4.0]) == 2.5
    assert mse_loss([[1.0, 2.0], [3.0, 4.0]], [[1.0, 2.0], [3.0, 8.0]]) == 4.0
    assert mse_loss(np.array([1.0, 2.0]), np.array([[0.0], [4.0]])) == 2.5
    assert cross_entropy(np.zeros((3, 2)), np.array([0, 1, 1])) == pytest.approx(math.log(2.0), rel=1e-15)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mse_loss([1.0, 2.0], [1.0]), r"mse_loss takes .* in the same shape, got \(2,\) and \(1,\)"),
        (lambda: mse_loss([[1.0, 2.0]], [1.0, 2.0]), r"got \(1, 2\) and \(2,\)"),
        (lambda: mse_loss([], []), "mse_loss of no predictions"),
        (lambda: binary_cross_entropy([0.5], [-1]), r"takes labels 0 and 1 \(or between\), got -1"),
        (lambda: binary_cross_entropy_with_logits(0.5, 2), "For -1 and 1 use hinge_loss"),
        (lambda: hinge_loss([0.5], [0]), r"labels -1 and 1, got 0\. For labels 0 and 1 give 2 \* label - 1"),
        (lambda: huber_loss(1.0, 0.0, 0.0), "above 0, got 0.0"),
        (lambda: huber_loss(1.0, 0.0, math.nan), "above 0, got nan"),
        (lambda: cross_entropy([1.0, 2.0], 2), "classes 0 to 1, got the label 2"),
        (lambda: cross_entropy([1.0, 2.0], -1), "classes 0 to 1, got the label -1"),
        (lambda: cross_entropy([[1.0, 2.0]], [0, 1]), "one label for each row of scores, got 1 rows, 2"),
        (lambda: cross_entropy([1.0, 2.0], [0, 2]), "a target has 2, which is not from 0 to 1"),
        (lambda: cross_entropy([[1.0, 2.0]], [[0.5, 0.6]]), r"has the sum 1\.1, not 1: \[0\.5, 0\.6\]\. Divide each"),
        (lambda: cross_entropy([[1.0, 2.0]], [[0, 0, 1]]), "each of the 2 classes, but a target has 3 numbers"),
        (lambda: cross_entropy([[1.0, 2.0]], [[-0.5, 1.5]]), r"has -0\.5, which is not from 0 to 1"),
        (lambda: cross_entropy([[1.0, 2.0]], [[math.nan, 1.0]]), "has nan, which is not from 0 to 1"),
        (lambda: cross_entropy([], 0), "takes a list of scores"),
        (lambda: cross_entropy(1.0, 0), "takes a list of scores"),
    ],
)
def test_inputs_that_do_not_fit_are_rejected(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("scores", [[1000.0, 980.0, 979.0], [0.0, 40.0, -3.0], [1.0, -math.inf, 3.0]])
def test_a_one_hot_target_is_the_label_it_stands_for(scores: list[float]) -> None:
    for label in (0, 2):
        target = [float(place == label) for place in range(3)]
        assert cross_entropy(scores, target) == cross_entropy([scores], [target]) == cross_entropy(scores, label)
        for backend in INSTALLED:
            program = compile(lambda s, t: cross_entropy([s], [t]), example=(scores, target), backend=backend)
            assert program([scores], [target])[0] == pytest.approx(cross_entropy(scores, label), rel=1e-13)


def test_labels_are_whole_numbers() -> None:
    assert cross_entropy([1.0, 2.0], 1.0) == cross_entropy([1.0, 2.0], np.int64(1)) == cross_entropy([1.0, 2.0], 1)
    with pytest.raises(ValueError, match=r"classes 0 to 1, got the label 0\.5"):
        cross_entropy([1.0, 2.0], 0.5)


@pytest.mark.parametrize("scores", [[1.0, 2.0, 3.0], [1000.0, -1000.0], [40.0, 0.0, -40.0], [0.5]])
def test_a_label_that_is_a_value_gives_the_same_loss_and_slopes(scores: list[float]) -> None:
    for label in range(len(scores)):
        plain, chosen = [Value(number) for number in scores], [Value(number) for number in scores]
        loss, same = cross_entropy(plain, label), cross_entropy(chosen, Value(label))
        assert same.data == pytest.approx(loss.data, rel=1e-14)
        assert [value or 0.0 for value in slopes(same, chosen)] == pytest.approx(slopes(loss, plain), rel=1e-14)
    with pytest.raises(ValueError, match="choose among 2 values takes a whole number from 0 to 1"):
        cross_entropy([Value(1.0), 2.0], Value(7.0))


def test_losses_of_a_model_compile_with_labels_as_data() -> None:
    model = MLP(2, 3, 3, activation="tanh", rng=0)

    def loss(x: Any, t: Any) -> Any:
        scores = model(x)
        one_of_two = binary_cross_entropy_with_logits(scores[0], t) + hinge_loss(scores[1], 2.0 * t - 1.0)
        return cross_entropy(scores, t) + one_of_two + huber_loss(scores[2], t) + mse_loss(scores, [t, t, 0.0])

    rows, labels = [[0.5, -1.0], [2.0, 0.3], [-0.7, 0.1]], [0.0, 1.0, 1.0]
    program = compile(loss, example=(rows[0], labels[0]))
    expected = [loss(row, label) for row, label in zip(rows, [0, 1, 1], strict=True)]
    assert [float(number) for number in program(rows, labels)] == pytest.approx(
        [number.data for number in expected], rel=1e-12
    )
    program.backward(rows, labels)
    compiled = [parameter.grad for parameter in model.parameters()]
    model.zero_grad()
    for number in expected:
        number.backward(1 / 3)
    assert compiled == pytest.approx([parameter.grad for parameter in model.parameters()], rel=1e-12, abs=1e-15)


# ------------------------------------------------------------------------------------------ boxes and formulas

BOXES: list[tuple[Composition, list[float]]] = [
    (squared_error, [0.7, -0.4]),
    (log_loss, [0.3, 1.0]),
    (log_loss, [0.3, 0.25]),
    (log_loss_of_score, [0.7, 0.0]),
    (log_loss_of_score, [-1.3, 0.25]),
    (softmax_log_loss, [0.5]),
    (softmax_log_loss, [0.5, -1.0, 2.0]),
    (missing_margin, [0.3, -1.0]),
    (missing_margin, [3.0, 1.0]),
    (huber_error, [0.3, 0.1, 0.5]),
    (huber_error, [2.3, 0.1, 0.5]),
    (huber_error, [-2.3, 0.1, 0.5]),
]


@pytest.mark.parametrize(("box", "numbers"), BOXES, ids=str)
def test_the_textbook_form_is_what_is_computed(box: Composition, numbers: list[float]) -> None:
    inputs = [Value(number) for number in numbers]
    output = Value(0.0) + box.of_flat(inputs)
    output.backward()
    count = len(numbers)
    known = dict(zip(box.input_names(count), numbers, strict=True))
    assert evaluate_formula(box.formula(count), known) == pytest.approx(output.data, rel=1e-12, abs=1e-15)
    for source, derivative in zip(inputs, box.derivatives(count), strict=True):
        expected = evaluate_formula(derivative, {**known, "y": output.data})
        assert (source.grad or 0.0) == pytest.approx(expected, rel=1e-12, abs=1e-15), derivative
    assert pickle.loads(pickle.dumps(box)) is box


def test_a_loss_is_drawn_as_boxes_in_its_scope() -> None:
    loss = cross_entropy([[Value(1.0, label="a"), Value(2.0, label="b")], [0.0, Value(3.0, label="c")]], [1, 0])
    boxes = [box for box in view(loss).boxes if box.entry is not None]
    assert [box.textbook() for box in boxes] == [
        "ln(exp(b) + exp(a)) − b",
        "ln(exp(0) + exp(c)) − 0",
        "(v₁ + v₂) / 2",
    ]
    assert all([scope.name for scope in box.enclosing()] == ["cross_entropy"] for box in boxes)

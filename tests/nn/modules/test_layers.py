"""Layers: what they compute, what they refuse, and that the same seed gives the same bits."""

from __future__ import annotations

import math
import random
import statistics
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_core import CompileError, Value, compile, no_grad, sigmoid  # noqa: A004  the field's name for it
from nn import (
    MLP,
    Dropout,
    Embedding,
    Linear,
    Module,
    Neuron,
    Sequential,
    Softmax,
    he_normal,
    he_uniform,
    relu,
    standard_normal,
    tanh,
    uniform,
    xavier_normal,
    xavier_uniform,
    zeros,
)

NUMBERS = st.floats(-3.0, 3.0, allow_subnormal=False)


@settings(max_examples=30, deadline=None)
@given(row=st.lists(NUMBERS, min_size=3, max_size=3), seed=st.integers(0, 9), bias=st.booleans())
def test_linear_is_w_x_plus_b(row: list[float], seed: int, bias: bool) -> None:
    layer = Linear(3, 2, bias, rng=seed)
    weight, start = np.array(layer.state_dict()["weight"]), np.array(layer.state_dict().get("bias", [0.0, 0.0]))
    expected = weight @ np.array(row) + start
    for given_row in (row, tuple(row), [Value(number) for number in row], np.array(row)):
        assert [number.data for number in layer(given_row)] == pytest.approx(expected.tolist(), rel=1e-12, abs=1e-12)


def test_rows_of_other_kinds() -> None:
    layer = Linear(2, 1, rng=0)
    expected = layer([1.0, 2.0])[0].data
    assert layer(np.array([1, 2], dtype=np.int32))[0].data == expected
    assert layer([np.float64(1.0), 2])[0].data == expected
    assert layer(np.array([Value(1.0), 2.0], dtype=object))[0].data == expected


@pytest.mark.parametrize("model", [Linear(2, 3, rng=0), Neuron(2, rng=0), MLP(2, 3, 1, rng=0)], ids=repr)
def test_wrong_rows_are_refused_with_both_numbers(model: Module) -> None:
    with pytest.raises(ValueError, match=r"takes rows of 2 numbers, got 3\."):
        model([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match=r"takes rows of 2 numbers, got 0\."):
        model([])
    for batch in ([[1.0, 2.0], [3.0, 4.0]], np.zeros((2, 2))):
        with pytest.raises(TypeError, match=r"one row at a time, got a list of 2 rows\. Write \[model\(row\) for"):
            model(batch)
    with pytest.raises(TypeError, match="takes a list of 2 numbers, got one float"):
        model(1.0)
    with pytest.raises(TypeError, match="takes a list of 2 numbers, got one Value"):
        model(Value(1.0))
    for odd in ("ab", {1.0: 2.0, 3.0: 4.0}, {1.0, 2.0}):
        with pytest.raises(TypeError, match=f"takes a list of 2 numbers, got a {type(odd).__name__}"):
            model(odd)


def test_a_neuron_with_sigmoid_is_logistic_regression() -> None:
    neuron = Neuron(2, activation="sigmoid", rng=3)
    (w1, w2), b = (parameter.data for parameter in neuron.weight), neuron.bias.data
    output = neuron([0.5, -2.0])
    assert output.data == sigmoid(w1 * 0.5 + w2 * -2.0 + b)
    assert neuron.formula == "sigmoid(w · x + b)"
    assert Neuron(2, rng=0).formula == "w · x + b"
    assert repr(neuron).startswith("Neuron(2, sigmoid): 3 parameters")


def test_a_perceptron_is_its_layers_in_a_row() -> None:
    model = MLP(2, 3, 2, activation=tanh, output="sigmoid", rng=5)
    first, second = model.layers
    by_hand = [sigmoid(value) for value in second([tanh(value) for value in first([0.3, -0.8])])]
    assert [value.data for value in model([0.3, -0.8])] == [value.data for value in by_hand]
    twin = Sequential(*(part for pair in zip(model.layers, model.activations, strict=True) for part in pair))
    assert [value.data for value in twin([0.3, -0.8])] == [value.data for value in by_hand]


def test_exclusive_or_by_a_perceptron_with_weights_set_by_hand() -> None:
    model = MLP(2, 2, 1, activation=relu, rng=0)
    model.load_state_dict(
        {
            "layers.0.weight": [[1, 1], [1, 1]],
            "layers.0.bias": [0, -1],
            "layers.1.weight": [[1, -2]],
            "layers.1.bias": [0],
        }
    )
    rows = [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert [model(row)[0].data for row in rows] == [0.0, 1.0, 1.0, 0.0]


def test_a_stack_of_linear_layers_numbers_its_parameters() -> None:
    model = Sequential(Linear(1, 1, rng=0), tanh, Linear(1, 1, rng=0))
    assert [parameter.label for parameter in model.parameters()] == ["W1[0][0]", "b1[0]", "W2[0][0]", "b2[0]"]
    assert len(model) == 3
    assert model[2].name == "2: Linear"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Linear(0, 1, rng=0), "in_features is a whole number, at least 1, got 0"),
        (lambda: Linear(1, 0, rng=0), "out_features is a whole number, at least 1, got 0"),
        (lambda: Embedding(0, 1, rng=0), "num_embeddings is a whole number, at least 1"),
        (lambda: Linear(2.5, 1, rng=0), "in_features is a whole number, at least 1, got 2.5"),
        (lambda: MLP(2, rng=0), r"MLP takes the sizes of two or more layers, as MLP\(2, 16, 1, rng=0\), got \(2,\)"),
        (lambda: Sequential([Linear(1, 1, rng=0)]), r"not a list: Sequential\(\*modules\)"),
        (lambda: MLP(3, [4, 1], rng=0), "MLP takes the sizes of two or more layers"),
        (lambda: MLP(2, 1, 1, activation="rleu", rng=0), "no activation 'rleu' of one number; known are threshold, "),
        (lambda: MLP(2, 1, 1, activation=math.tanh, rng=0), "there is no activation"),
        (lambda: MLP(2, 1, 1, activation=Softmax(), rng=0), "there is no activation"),
        (lambda: Dropout(1.5, rng=0), "p is the probability to drop a number, from 0 to 1, got 1.5"),
        (lambda: Linear(1, 1, rng="0"), "rng is a seed such as 0, or a random.Random, got '0'"),
        (lambda: Linear(1, 1, rng=True), "rng is a seed"),
    ],
)
def test_wrong_settings_are_refused(make: Any, message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        make()


# -------------------------------------------------------------------------------------------------- embedding


def test_an_embedding_gives_its_own_parameters() -> None:
    table = Embedding(5, 2, rng=0)
    vector = table(3)
    assert vector == table.weight[3]
    first, second = table([4, np.int64(0)])
    assert (first, second) == (table.weight[4], table.weight[0])
    (vector[0] * 2.0).backward()
    assert table.weight[3][0].grad == 2.0
    assert table.weight[2][0].grad is None
    assert vector[0].label == "E[3][0]"


def test_a_value_as_index_chooses_from_each_column() -> None:
    table = Embedding(5, 2, rng=0)
    index = Value(3)
    vector = table(index)
    assert [number.data for number in vector] == [number.data for number in table.weight[3]]
    assert [number.op for number in vector] == ["choose", "choose"]
    (vector[0] * 2.0 + vector[1] + table([index, 1])[1][1]).backward()
    assert [[number.grad for number in row] for row in table.weight] == [[0, 0], [0, 1], [0, 0], [2, 1], [0, 0]]
    for outside in (Value(5), Value(1.5)):
        with pytest.raises(ValueError, match="choose among 5 values"):
            table(outside)


def test_a_gradient_is_completed_as_that_of_a_value_as_index() -> None:
    plain, chosen = Embedding(5, 2, rng=0), Embedding(5, 2, rng=0)
    plain.complete_gradient()
    assert plain.weight[0][0].grad is None
    for table, index in ((plain, 3), (chosen, Value(3))):
        (table(index)[0] * table(index)[1]).backward()
    plain.complete_gradient()
    assert [[x.grad for x in row] for row in plain.weight] == [[x.grad for x in row] for row in chosen.weight]


@pytest.mark.parametrize("index", [-1, 5, 1.5, "word"])
def test_an_embedding_rejects_an_index_outside_its_table(index: Any) -> None:
    with pytest.raises(ValueError, match=f"Embedding has vectors 0 to 4, asked for {index!r}"):
        Embedding(5, 2, rng=0)(index)


# ---------------------------------------------------------------------------------------------------- dropout


def test_dropout_keeps_the_expected_output_and_changes_nothing_in_evaluation() -> None:
    layer = Dropout(0.25, rng=1)
    ones = [1.0] * 4000
    outputs = layer(ones)
    assert set(outputs) == {0.0, 1.0 / 0.75}
    assert statistics.fmean(outputs) == pytest.approx(1.0, abs=0.05)  # five standard deviations are 0.046
    assert layer.eval()(ones) is ones
    assert Dropout(0.25, rng=1)(ones) == outputs, "same seed, same units dropped"


def test_no_gradient_flows_through_dropped_numbers() -> None:
    inputs = [Value(2.0) for _ in range(20)]
    outputs = Dropout(0.5, rng=0)(inputs)
    sum(outputs, Value(0.0)).backward()
    assert {source.grad for source in inputs} == {None, 2.0}
    assert Dropout(1.0, rng=0)([3.0]) == [0.0]
    assert Dropout(0.0, rng=0)([3.0]) == [3.0]


def test_a_compiled_function_never_freezes_the_draw_of_dropout() -> None:
    model = Sequential(Linear(2, 1, rng=0), Dropout(0.5, rng=0))
    for _ in range(5):
        with pytest.raises(CompileError, match=r"Dropout draws at random.*\n.*model\.eval\(\)"):
            compile(lambda x: model(x)[0], example=([1.0, 2.0],))
    model.eval()
    rows = [[1.0, 2.0], [3.0, -4.0]]
    found = compile(lambda x: model(x)[0], example=(rows[0],))(rows)
    assert [float(value) for value in found] == pytest.approx([model(row)[0].data for row in rows], rel=1e-12)


# ----------------------------------------------------------------------------------------------- initialisers


@pytest.mark.parametrize(
    ("initialise", "variance", "bound"),
    [
        (uniform, 1 / (3 * 12), 1 / math.sqrt(12)),
        (xavier_uniform, 2 / 20, math.sqrt(6 / 20)),
        (xavier_normal, 2 / 20, math.inf),
        (he_uniform, 2 / 12, math.sqrt(6 / 12)),
        (he_normal, 2 / 12, math.inf),
        (standard_normal, 1.0, math.inf),
        (zeros, 0.0, 0.0),
    ],
)
def test_initialisers_have_the_variance_of_their_papers(initialise: Any, variance: float, bound: float) -> None:
    rng = random.Random(0)
    numbers = [initialise(12, 8, rng) for _ in range(20_000)]
    assert statistics.pvariance(numbers, 0.0) == pytest.approx(variance, rel=0.05)  # five standard deviations
    assert max(map(abs, numbers)) <= bound
    if math.isfinite(bound):
        assert max(map(abs, numbers)) >= 0.99 * bound


def test_the_same_seed_gives_the_same_bits() -> None:
    def draw_weights(rng: Any) -> list[Any]:
        parts = [MLP(3, 4, 2, rng=rng), Linear(2, 2, rng=rng), Neuron(3, rng=rng), Embedding(3, 2, rng=rng)]
        return [part.state_dict() for part in parts]

    assert draw_weights(7) == draw_weights(7) != draw_weights(8)
    assert draw_weights(random.Random(7)) == draw_weights(random.Random(7))
    # The generator is Python's own, whose sequence for a seed is fixed: these are PyTorch's bounds 1/sqrt(4).
    source = random.Random(7)
    expected = [[source.uniform(-0.5, 0.5) for _ in range(4)] for _ in range(2)]
    assert Linear(4, 2, rng=7).state_dict()["weight"] == expected


def test_a_perceptron_is_initialised_for_its_activation() -> None:
    def widest(model: MLP) -> float:
        return max(abs(number) for row in model.state_dict()["layers.0.weight"] for number in row)

    he, xavier = math.sqrt(6 / 100), math.sqrt(6 / 150)
    assert 0.99 * he < widest(MLP(100, 50, 1, activation="relu", rng=0)) <= he
    assert 0.99 * xavier < widest(MLP(100, 50, 1, activation="tanh", rng=0)) <= xavier
    assert widest(MLP(100, 50, 1, rng=0, initialise=zeros)) == 0.0
    assert set(MLP(3, 4, 1, rng=0).state_dict()["layers.0.bias"]) == {0.0}


def test_nothing_is_recorded_without_recording() -> None:
    with no_grad():
        (output,) = MLP(2, 3, 1, rng=0)([1.0, 2.0])
    assert output.inputs == ()

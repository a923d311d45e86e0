"""Published worked examples, made of this layer's modules, losses and optimisers; and what the package needs."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from typing import Any

import pytest

import nn
from autograd_core import Value
from nn import (
    MLP,
    SGD,
    Linear,
    Neuron,
    Sequential,
    Sigmoid,
    binary_cross_entropy_with_logits,
    cross_entropy,
    mse_loss,
)


def close(expected: Any, rel: float = 1e-9) -> Any:
    return pytest.approx(expected, rel=rel)


def test_one_step_of_the_two_two_two_net() -> None:
    """Mazur's example: two sigmoid layers, half the sum of squares (the mean of two), the biases not trained."""
    model = MLP(2, 2, 2, activation="sigmoid", output="sigmoid", rng=0)
    model.load_state_dict(
        {
            "layers.0.weight": [[0.15, 0.20], [0.25, 0.30]],
            "layers.0.bias": [0.35, 0.35],
            "layers.1.weight": [[0.40, 0.45], [0.50, 0.55]],
            "layers.1.bias": [0.60, 0.60],
        }
    )

    def loss() -> Any:
        return mse_loss(model([0.05, 0.10]), [0.01, 0.99])

    assert [value.data for value in model([0.05, 0.10])] == close([0.75136507, 0.772928465])
    first = loss()
    assert first.data == close(0.29837110876000269, rel=1e-14)
    first.backward()
    weights = [weight for layer in model.layers for row in layer.weight for weight in row]
    assert [parameter.grad for parameter in weights] == close(
        [
            0.00043856773447434673,
            0.00087713546894869345,
            0.00049771273526086007,
            0.00099542547052172014,
            0.082167040564230779,
            0.082667627847533255,
            -0.02260254047747506,
            -0.022740242215978211,
        ],
        rel=1e-13,
    )
    SGD(weights, learning_rate=0.5).step()
    assert [parameter.data for parameter in weights] == close(
        [0.149780716, 0.199561432, 0.249751144, 0.299502287, 0.358916480, 0.408666186, 0.511301270, 0.561370121], 3e-9
    )
    # The article prints 0.291027924 for the loss after the step: a misprint, its own weights give this.
    assert loss().data == close(0.29102777369359935, rel=1e-14)


def test_a_sigmoid_neuron() -> None:
    """CS231n: w = (2, -3), b = -3, x = (-1, -2)."""
    neuron = Neuron(2, "sigmoid", rng=0)
    neuron.load_state_dict({"weight": [2.0, -3.0], "bias": -3.0})
    x = [Value(-1.0), Value(-2.0)]
    output = neuron(x)
    output.backward()
    assert output.data == close(0.7310585786300049, rel=1e-15)
    slopes = [-0.19661193324148185, -0.3932238664829637, 0.19661193324148185]
    assert [parameter.grad for parameter in neuron.parameters()] == close(slopes, rel=1e-14)
    assert [value.grad for value in x] == close([0.3932238664829637, -0.5898357997244456], rel=1e-14)


def test_a_tanh_neuron() -> None:
    """The micrograd lecture's neuron, whose published numbers are rounded."""
    neuron = Neuron(2, "tanh", rng=0)
    neuron.load_state_dict({"weight": [-3.0, 1.0], "bias": 6.8813735870195432})
    x = [Value(2.0), Value(0.0)]
    output = neuron(x)
    output.backward()
    assert output.data == close(0.7071067811865476)
    assert [parameter.grad for parameter in (*x, *neuron.weight)] == pytest.approx(
        [-1.5, 0.5, 1.0, 0.0], rel=1e-9, abs=1e-12
    )


def test_the_window_classifier() -> None:
    """CS224N: s = u . f(W x + b), and the loss of a positive window."""
    model = Sequential(Linear(3, 2, rng=0), Sigmoid(), Linear(2, 1, bias=False, rng=0))
    model.load_state_dict(
        {"0.weight": [[0.1, -0.2, 0.3], [0.4, 0.5, -0.6]], "0.bias": [0.05, -0.1], "2.weight": [[1.0, -2.0]]}
    )
    x = [Value(1.0), Value(2.0), Value(-1.0)]
    (score,) = model(x)
    score.backward()
    delta = [0.232007643224, -0.226360518524]
    hidden = model[0]
    assert isinstance(hidden, Linear)
    assert score.data == close(-1.37391864228, rel=1e-11)
    assert [parameter.grad for parameter in hidden.bias or []] == close(delta, rel=1e-11)
    for row, d in zip(hidden.weight, delta, strict=True):
        assert [number.grad for number in row] == close([d * value.data for value in x], rel=1e-11)
    assert [value.grad for value in x] == close([-0.0673434430871, -0.159581787907, 0.205418604082], rel=1e-11)
    assert binary_cross_entropy_with_logits(score, 1).data == close(1.59954962037, rel=1e-11)


def test_softmax_cross_entropy() -> None:
    scores = [Value(1.0), Value(2.0), Value(3.0)]
    loss = cross_entropy(scores, 2)
    loss.backward()
    assert loss.data == close(0.407605964444, rel=1e-11)
    assert [number.grad for number in scores] == close([0.0900305731704, 0.244728471055, -0.334759044225], rel=1e-11)


def test_ten_sigmoids_in_a_row_let_the_gradient_vanish() -> None:
    x = Value(0.0)
    output = Sequential(*["sigmoid"] * 10)(x)
    output.backward()
    assert output.data == close(0.659045828835, rel=1e-11)
    assert x.grad == close(3.87522023208e-7, rel=1e-11)


@pytest.mark.parametrize("activation", ["tanh", "relu", "prelu", "gelu"])
def test_moons_like_arcs_are_learnt(activation: str) -> None:
    """Two rows of points, one above a parabola, one below: no line parts them, a small net does."""
    xs = [k / 4 - 1.5 for k in range(13)]
    points = [[x, x * x + side] for x in xs for side in (0.4, -0.4)]
    y = [1.0, 0.0] * len(xs)
    model = MLP(2, 6, 1, activation=activation, rng=0)
    optimiser = nn.Adam(model.parameters(), learning_rate=0.1)
    for _ in range(60):
        model.zero_grad()
        binary_cross_entropy_with_logits([model(row) for row in points], y).backward()
        optimiser.step()
    assert [float(model(row)[0] > 0.0) for row in points] == y


def test_importing_it_needs_neither_numpy_nor_safetensors() -> None:
    program = "import sys, nn; assert not {'numpy', 'safetensors', 'torch'} & set(sys.modules), sorted(sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_every_public_name_exists_and_is_documented() -> None:
    estimators = {"Classifier", "Regressor"} if find_spec("sklearn") is None else set()
    for name in set(nn.__all__) - estimators:
        assert getattr(nn, name).__doc__, name


def test_a_function_with_the_name_of_its_module_is_the_function_whichever_comes_first() -> None:
    program = "import nn; from nn import fit, portrait; assert callable(portrait) and callable(nn.portrait)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert {"fit", "portrait"} <= set(dir(nn))
    with pytest.raises(AttributeError, match="has no 'fitt'"):
        _ = nn.fitt

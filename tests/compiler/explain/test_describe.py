"""The explanation of a program: matrices, activations and derivatives by their textbook names."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from autograd_core import (
    Value,
    compile,  # noqa: A004
    dot,
    elu,
    logsumexp,
    relu,
    sigmoid,
    softplus,
    swish,
    tanh,
)
from tests.support.programs import apply_units, layer

Function = Callable[..., Any]


def test_a_net_is_explained_in_matrices() -> None:
    generator = random.Random(3)
    layers = [layer(generator, *shape) for shape in pairwise((3, 8, 5, 1))]

    def fn(x: list[Any], y: Any) -> Any:
        for units in layers[:-1]:
            x = [relu(z) for z in apply_units(units, x)]
        return (apply_units(layers[-1], x)[0] - y) ** 2

    program = compile(fn, example=([0.1, 0.2, 0.3], 1.0))
    lines = [" ".join(line.split()) for line in program.explain().splitlines()]
    for wanted in (
        "z1 = W1 x + b1 8x3 from",
        "h1 = relu(z1) 8 from",
        "z2 = W2 h1 + b2 5x8 from",
        "h2 = relu(z2) 5 from",
        "z3 = W3 h2 + b3 1x5 from",
        "dJ/dW3 = delta3 h2^T 1x5 from",
        "dJ/dW2 = delta2 h1^T 5x8 from",
        "dJ/dW1 = delta1 x^T 8x3 from",
    ):
        assert any(line.startswith(wanted) for line in lines), (wanted, lines)
    assert any("= W2^T delta2" in line for line in lines)
    (first,) = [line for line in lines if line.startswith("z3 = ")]
    assert re.search(rf"^{first.split(' from ')[1]} = (add|subtract)\(", str(program), re.MULTILINE)


def explained_lines(fn: Function, example: Any) -> list[str]:
    """The lines of the explanation of a function, without sizes and registers."""
    return [
        re.sub(r" +\d[\dx ]* +from .*$", "", line.strip())
        for line in compile(fn, example=example).explain().splitlines()
    ]


@pytest.mark.parametrize(
    ("activation", "derivative"),
    [
        (sigmoid, "h1 * (1 - h1)"),
        (tanh, "(1 - h1**2)"),
        (softplus, "sigmoid(z1)"),
        (elu, "where(z1 <= 0, h1 + 1, 1)"),
        (swish, "(sigmoid(z1) + h1 * (1 - sigmoid(z1)))"),
    ],
)
def test_an_activation_and_its_derivative_read_as_in_a_textbook(activation: Any, derivative: str) -> None:
    generator = random.Random(3)
    first, second = layer(generator, 3, 8), layer(generator, 8, 1)

    def fn(x: list[Any], y: Any) -> Any:
        return (apply_units(second, [activation(z) for z in apply_units(first, x)])[0] - y) ** 2

    lines = explained_lines(fn, ([0.1, 0.2, 0.3], 1.0))
    name = "elu(z1, 1)" if activation is elu else f"{activation.name}(z1)"
    assert lines[1:4] == ["z1 = W1 x + b1", f"h1 = {name}", "z2 = W2 h1 + b2"]
    (delta,) = [line for line in lines if line.startswith("delta1 = ")]
    assert re.fullmatch(r"delta1 = v\d+ \* " + re.escape(derivative), delta)
    assert len(lines) <= 20


def test_cross_entropy_is_explained_by_its_gradient() -> None:
    generator = random.Random(3)
    units = layer(generator, 3, 5)

    def fn(x: list[Any], y: list[Any]) -> Any:
        scores = apply_units(units, x)
        return logsumexp(scores) - dot(y, scores)

    lines = explained_lines(fn, ([0.1, 0.2, 0.3], [0.0] * 5))
    (value,) = [line.partition(" = ")[0] for line in lines if line.endswith("= logsumexp(z1)")]
    assert any(line.endswith(f"= exp(z1 - {value})") for line in lines)
    assert len(lines) <= 15  # the value is summed and divided by itself


def test_a_list_without_a_textbook_form_is_explained_step_by_step() -> None:
    lines = explained_lines(lambda x: logsumexp([x[0], 0.0, x[1], x[0] * x[1], 1.0]), [0.1, 0.2])
    assert any("= larger(" in line for line in lines)
    assert not [line for line in lines if line.endswith("=")]


def test_two_uses_of_the_same_weights_have_names_of_their_own() -> None:
    units, last = layer(random.Random(3), 4, 4), layer(random.Random(4), 4, 1)

    def fn(x: list[Any], y: Any) -> Any:
        for _ in range(2):
            x = [sigmoid(z) for z in apply_units(units, x)]
        return (apply_units(last, x)[0] - y) ** 2

    lines = explained_lines(fn, ([0.1] * 4, 1.0))
    assert {"z1 = W1 x + b1", "h1 = sigmoid(z1)", "z1(2) = W1 h1 + b1", "h1(2) = sigmoid(z1(2))"} <= set(lines)
    assert "z2 = W2 h1(2) + b2" in lines


def test_layers_with_the_same_input_keep_their_derivatives_apart() -> None:
    generator = random.Random(1)
    gates, candidates, last = layer(generator, 3, 4), layer(generator, 3, 4), layer(generator, 4, 1)

    def fn(x: list[Any], y: Any) -> Any:
        opened, proposed = [sigmoid(z) for z in apply_units(gates, x)], [tanh(z) for z in apply_units(candidates, x)]
        return (apply_units(last, [a * b for a, b in zip(opened, proposed, strict=True)])[0] - y) ** 2

    lines = explained_lines(fn, ([0.1] * 3, 1.0))
    names = {line.split(" = ")[1]: line.split(" = ")[0] for line in lines if " = " in line}
    h, g = names["tanh(4 of z1)"], names["sigmoid(4 of z1)"]
    derivatives = [line for line in lines if line.startswith("delta1")]
    assert any(line.endswith(f" * (1 - {h}**2)") for line in derivatives), derivatives
    assert any(line.endswith(f" * {g} * (1 - {g})") for line in derivatives), derivatives
    assert {"dJ/dW1 = delta1 x^T", "dJ/dW1(2) = delta1(2) x^T"} <= set(lines)
    assert not [line for line in lines if "sums of products" in line]


def test_a_constant_upstream_is_a_factor_of_the_derivative() -> None:
    w, b = Value(1.3, label="w"), Value(0.2, label="b")
    assert "v5 = 3 * v3 * (1 - v3)" in explained_lines(lambda x: 3.0 * sigmoid(w * x + b), 0.5)


def test_a_chain_through_a_logsumexp_reads_as_in_a_textbook() -> None:
    generator = random.Random(1)
    first, last = layer(generator, 3, 4), layer(generator, 4, 1)

    def fn(x: list[Any], y: Any) -> Any:
        pooled = [logsumexp([z, 2 * z, x[0], x[1]]) for z in apply_units(first, x)]
        return (apply_units(last, [sigmoid(value) for value in pooled])[0] - y) ** 2

    lines = explained_lines(fn, ([0.1] * 3, 1.0))
    (h,) = [line.partition(" = ")[0] for line in lines if "= sigmoid(" in line]
    assert any(line.endswith(f" * {h} * (1 - {h})") for line in lines)
    assert len([line for line in lines if re.search(r" \* exp\((z1|v\d+) - v\d+\)$", line)]) == 2


def test_positions_are_the_rows_of_a_matrix() -> None:
    units, last = layer(random.Random(4), 16, 8), layer(random.Random(5), 8, 1)

    def fn(x: list[list[Any]]) -> Any:
        return sum([apply_units(last, [relu(z) for z in apply_units(units, row)])[0] ** 2 for row in x])

    text = compile(fn, example=([[0.1] * 16] * 7,)).explain()
    assert re.search(r"Z1 = x W1\^T \+ b1 +7x16 8x16 ", text), text
    assert "H1 = relu(Z1)" in text
    assert re.search(r"Z2 = H1 W2\^T \+ b2 +7x8 1x8 ", text), text
    assert re.search(r"dJ/dW1 = \w+\^T x +8x16 ", text), text


def test_windows_of_a_convolution_are_named() -> None:
    units = layer(random.Random(4), 5, 3)

    def fn(x: list[Any]) -> Any:
        return sum([sum([tanh(z) for z in apply_units(units, x[i : i + 5])]) for i in range(28)])

    assert re.search(r"Z1 = windows\(x\) W1\^T \+ b1 +28x5 3x5 ", compile(fn, example=([0.1] * 32,)).explain())


def test_the_steps_of_a_recurrence_are_a_loop() -> None:
    units = layer(random.Random(4), 7, 4)

    def fn(x: list[list[Any]]) -> Any:
        h: list[Any] = [0.0] * 4
        for step in x:
            h = [tanh(z) for z in apply_units(units, [*step, *h])]
        return sum([a * a for a in h])

    lines = compile(fn, example=([[0.1] * 3] * 20,)).explain().splitlines()
    start = next(i for i, line in enumerate(lines) if "for t = 2..19" in line)
    loop = [re.sub(r"  +.*", "", line.strip(" ├└─│")) for line in lines[start + 1 : start + 3]]
    assert loop == ["h1(t) = tanh(z1(t))", "z1(t+1) = W1 x[3t:3t+3] + W2 h1(t) + b1"], lines
    assert any("for t = 1..19" in line for line in lines[start + 3 :])  # the way back
    assert len(lines) < 35

"""The explanation of a program: matrices, activations and derivatives by their textbook names."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings

import nn
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
from autograd_core.errors import CompileError
from tests.support.programs import KINKED, SMOOTH, apply_units, layer, programs

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
    assert "v2 = 3 * h * (1 - h)" in explained_lines(lambda x: 3.0 * sigmoid(w * x + b), 0.5)


def test_a_chain_through_a_logsumexp_reads_as_in_a_textbook() -> None:
    generator = random.Random(1)
    first, last = layer(generator, 3, 4), layer(generator, 4, 1)

    def fn(x: list[Any], y: Any) -> Any:
        pooled = [logsumexp([z, 2 * z, x[0], x[1]]) for z in apply_units(first, x)]
        return (apply_units(last, [sigmoid(value) for value in pooled])[0] - y) ** 2

    lines = explained_lines(fn, ([0.1] * 3, 1.0))
    (h,) = [line.partition(" = ")[0] for line in lines if "= sigmoid(" in line]
    assert any(line.endswith(f" * {h} * (1 - {h})") for line in lines)
    assert len([line for line in lines if re.search(r" \* exp\((z1|v\d+) - z\)$", line)]) == 2


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


def test_the_windows_of_an_image_are_the_rows_of_a_matrix() -> None:
    convolution = nn.Conv2d(1, 4, 3, rng=0)

    def fn(x: list[list[Any]]) -> Any:
        return sum([relu(z) for channel in convolution([x]) for row in channel for z in row])

    text = compile(fn, example=([[0.1] * 8] * 8,), parameters=list(convolution.parameters())).explain()
    assert re.search(r"Z1 = windows\(x\) W1\^T \+ b1 +36x9 4x9 ", text), text
    assert re.search(r"dJ/dW1 = \w+\^T windows\(x\) +4x9 ", text), text


def test_the_steps_of_a_recurrence_are_a_loop() -> None:
    units = layer(random.Random(4), 7, 4)

    def fn(x: list[list[Any]]) -> Any:
        h: list[Any] = [0.0] * 4
        for step in x:
            h = [tanh(z) for z in apply_units(units, [*step, *h])]
        return sum([a * a for a in h])

    text = compile(fn, example=([[0.1] * 3] * 20,)).explain()
    assert loops_in(text) == [
        ("2..20", ["z(t) = W1 x[3t-3:3t] + W2 h(t-1) + b1", "h(t) = tanh(z(t))"]),
        ("19..1", ["v3(t) = W2^T delta2(t+1)", "delta2(t) = v3(t) * (1 - h(t)**2)"]),
    ]
    assert "dJ/dW2 = sum over t = 20..2 of delta2(t) h(t-1)^T" in text
    assert len(text.splitlines()) < 28


@settings(max_examples=15, deadline=None)
@given(programs(SMOOTH + KINKED))
def test_every_program_is_explained_by_names_that_stand_above(program: tuple[Function, list[Value]]) -> None:
    """What a line outside of a loop reads has been computed before it."""
    fn, parameters = program
    try:
        text = compile(fn, example=(0.3, 1.0), parameters=parameters).explain()
    except CompileError:
        return
    known: set[str] = set()
    for line in (line.strip() for line in text.splitlines() if "for t" not in text):
        name, _, formula = re.sub(r"  .*", "", line).partition(" = ")
        assert set(re.findall(r"\b[vzh]\d+\b", formula)) <= known, text
        known.add(name)


def loops_in(text: str) -> list[tuple[str, list[str]]]:
    """(the turns, the formulas) of the loops of a description."""
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if "for t = " in line:
            found.append((line.partition("for t = ")[2].strip(), []))
        elif line.strip()[:1] in "├└":
            found[-1][1].append(re.sub(r"  +.*", "", line.strip(" ├└─│")))
    return found


@pytest.mark.parametrize("steps", [4, 20])
def test_a_recurrence_of_numbers_is_a_loop_with_its_way_back(steps: int) -> None:
    w, u, b = Value(0.5, label="w"), Value(0.3, label="u"), Value(0.1, label="b")

    def fn(xs: list[Any], y: Any) -> Any:
        h: Any = 0.0
        for x in xs:
            h = tanh(w * x + u * h + b)
        return (h - y) ** 2

    text = compile(fn, example=([0.1] * steps, 0.3)).explain()
    forward, back, *_ = loops_in(text)
    assert forward == (f"2..{steps}", ["z(t) = w * xs[t-1] + u * h(t-1) + b", "h(t) = tanh(z(t))"])
    assert back == (f"{steps - 1}..1", ["v4(t) = delta(t+1) * u", "delta(t) = v4(t) * (1 - h(t)**2)"])
    assert f"sum over t = {steps}..2 of delta(t) h(t-1)^T" in text
    assert "exp(" not in text  # the exact slope of tanh is not shown


@pytest.mark.parametrize("cell", [nn.RNNCell, nn.LSTMCell])
def test_the_cells_of_a_sequence_read_as_in_a_textbook(cell: Any) -> None:
    made = cell(3, 8, rng=0)

    def fn(xs: list[list[Any]]) -> Any:
        state: Any = [0.0] * 8 if cell is nn.RNNCell else ([0.0] * 8, [0.0] * 8)
        for x in xs:
            state = made(x, state)
        return sum([h * h for h in (state if cell is nn.RNNCell else state[0])])

    text = compile(fn, example=([[0.1] * 3] * 20,), parameters=list(made.parameters())).explain()
    _, lines = next(found for found in loops_in(text) if found[0] == "2..20")
    if cell is nn.RNNCell:
        assert lines == ["z1(t) = W1 xs[3t-3:3t] + W2 h1(t-1) + b2 + c", "h1(t) = tanh(z1(t))"]
    else:
        assert lines[1:] == [
            "v5(t) = tanh(z1(t)[16:24])",
            "v6(t) = sigmoid(z1(t)[0:16, 24:32])",
            "z(t) = v6(t)[8:16] * z(t-1) + v6(t)[0:8] * v5(t)",
            "h(t) = tanh(z(t))",
            "v7(t) = v6(t)[16:24] * h(t)",
        ]
    assert len(text.splitlines()) < 100

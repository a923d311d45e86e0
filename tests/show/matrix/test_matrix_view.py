"""The matrix view: layers found whatever loop made them, numbers against NumPy, shares that add up, labels as data."""

from __future__ import annotations

import itertools
import json
import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_core import (
    DrawingError,
    Value,
    backward_steps,
    custom_primitive,
    dot,
    draw,
    matrix_view,
    relu,
    scope,
    sigmoid,
    tanh,
)
from autograd_core.formulas.labels import display_width
from autograd_core.graph.affine.affine_layers import affine_layers
from autograd_core.graph.columns import columns
from autograd_core.show.matrix.page import overview
from autograd_core.show.matrix.record import MatrixRecord
from nn import MLP, Dropout, Embedding, Linear, Neuron, Parameter, Sequential, mse_loss

Matrix = list[list[Value]]
CLOSE = {"rtol": 1e-12, "atol": 1e-14}


def cs224n() -> Value:
    """The window classifier of CS224N, whose numbers are published."""
    layer = Linear(3, 2, rng=0)
    layer.load_state_dict({"weight": [[0.1, -0.2, 0.3], [0.4, 0.5, -0.6]], "bias": [0.05, -0.1]})
    z = layer([Value(number, label=f"x{j}") for j, number in enumerate([1.0, 2.0, -1.0])])
    for i, unit in enumerate(z):
        unit.label = f"z{i}"
    s: Value = dot([Parameter(1.0, label="u[0]"), Parameter(-2.0, label="u[1]")], [sigmoid(unit) for unit in z])
    s.label = "s"
    return s


def row_by_row(weights: Matrix, b: list[Value], x: list[Value]) -> list[Value]:
    return [sum((weights[i][j] * x[j] for j in range(len(x))), b[i]) for i in range(len(weights))]


def column_by_column(weights: Matrix, b: list[Value], x: list[Value]) -> list[Value]:
    totals: list[Any] = [0.0] * len(weights)
    for j in range(len(x)):
        for i in range(len(weights)):
            totals[i] = totals[i] + x[j] * weights[i][j]
    return [total + bias for total, bias in zip(totals, b, strict=True)]


def backwards(weights: Matrix, b: list[Value], x: list[Value]) -> list[Value]:
    z = []
    for i in reversed(range(len(weights))):
        total = b[i]
        for j in reversed(range(len(x))):
            total = x[j] * weights[i][j] + total
        z.append(total)
    return z[::-1]


def in_pairs(weights: Matrix, b: list[Value], x: list[Value]) -> list[Value]:
    """Added up as a tree, as a parallel machine would."""
    z = []
    for row, bias in zip(weights, b, strict=True):
        terms = [bias, *(weight * number for weight, number in zip(row, x, strict=True))]
        while len(terms) > 1:
            terms = [sum(terms[at + 1 : at + 2], terms[at]) for at in range(0, len(terms), 2)]
        z.append(terms[0])
    return z


LOOPS = [row_by_row, column_by_column, backwards, in_pairs]


def arrays(layer: MatrixRecord) -> dict[str, Any]:
    return {
        "W": np.array([[entry.value for entry in row] for row in layer.W]),
        "x": np.array([entry.value for entry in layer.x]),
        "b": np.array([entry.value if entry else 0.0 for entry in layer.b]),
        "z": np.array([entry.value for entry in layer.z]),
        "delta": np.array(layer.delta),
        "dW": np.array([[entry.share for entry in row] for row in layer.W], dtype=float),
        "db": np.array([entry.share if entry else np.nan for entry in layer.b], dtype=float),
        "dx": np.array([entry.share for entry in layer.x], dtype=float),
    }


def holds(layer: MatrixRecord) -> None:
    """Every number shown is what NumPy's matrices give."""
    n = arrays(layer)
    np.testing.assert_allclose(n["z"], n["W"] @ n["x"] + n["b"], **CLOSE)
    np.testing.assert_allclose(layer.product, n["W"] * n["x"], **CLOSE)
    np.testing.assert_allclose(n["dW"], np.outer(n["delta"], n["x"]), **CLOSE)
    if layer.has_bias:
        np.testing.assert_allclose(n["db"], n["delta"], **CLOSE)
    if layer.reaches_inputs:
        np.testing.assert_allclose(n["dx"], n["W"].T @ n["delta"], **CLOSE)
        np.testing.assert_allclose(layer.contributions, n["W"] * n["delta"][:, None], **CLOSE)


# ------------------------------------------------------------------------------------------------------ finding


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("labelled", [True, False])
def test_a_layer_is_found_in_any_loop(loop: Callable[..., list[Value]], labelled: bool) -> None:
    source = random.Random(3)

    def number(label: str) -> Value:
        return Value(source.gauss(0, 1), label=label if labelled else "")

    weights = [[number(f"W[{i}][{j}]") for j in range(4)] for i in range(3)]
    b, x = [number(f"b[{i}]") for i in range(3)], [number(f"x[{j}]") for j in range(4)]
    z = loop(weights, b, x)
    v = [Value(source.gauss(0, 1)) for _ in range(3)]
    loss = sum((weight * tanh(unit) for weight, unit in zip(v, z, strict=True)), Value(0.0)) ** 2
    first, second = matrix_view(loss).layers
    assert (first.shape, second.shape) == ((3, 4), (1, 3))
    holds(first)
    holds(second)
    ours = arrays(first)["W"]
    assert {frozenset(row) for row in ours} == {frozenset(weight.data for weight in row) for row in weights}
    if labelled:
        assert ours.tolist() == [[weight.data for weight in row] for row in weights]
        assert [entry.name for entry in first.x] == ["x[0]", "x[1]", "x[2]", "x[3]"]


@pytest.mark.parametrize("seed", range(6))
def test_a_random_net_gives_what_numpy_gives(seed: int) -> None:
    source = random.Random(seed)
    sizes = [source.randint(1, 6) for _ in range(source.randint(2, 4))] + [source.randint(2, 3)]
    activation = source.choice(["tanh", "relu", "sigmoid", "gelu"])
    model = MLP(*sizes, rng=seed, activation=activation)
    for parameter in model.parameters():
        parameter.data = source.gauss(0, 1)
    x = [Value(source.gauss(0, 1)) for _ in range(sizes[0])]
    loss = mse_loss(model(x), [source.gauss(0, 1) for _ in range(sizes[-1])])
    layers = matrix_view(loss).layers
    assert [layer.title for layer in layers] == [f"layer {number}" for number in range(1, len(sizes))]
    assert [layer.shape for layer in layers] == [(after, before) for before, after in itertools.pairwise(sizes)]
    for layer in layers:
        holds(layer)
    loss.backward()
    for layer, linear in zip(layers, model.layers, strict=True):
        assert [[entry.share for entry in row] for row in layer.W] == [
            [entry.grad for entry in row] for row in linear.weight
        ]
    assert [entry.share for entry in layers[0].x] == [entry.grad for entry in x]


def test_the_published_numbers() -> None:
    layer, score = matrix_view(cs224n()).layers
    n = arrays(layer)
    np.testing.assert_allclose(n["z"], [-0.55, 1.9], rtol=1e-12)
    np.testing.assert_allclose(n["delta"], [0.232007643224, -0.226360518524], rtol=1e-11)
    np.testing.assert_allclose(n["dW"][0], [0.232007643224, 0.464015286448, -0.232007643224], rtol=1e-11)
    np.testing.assert_allclose(n["dx"], [-0.0673434430871, -0.159581787907, 0.205418604082], rtol=1e-11)
    assert (score.symbols["W"], score.has_bias) == ("u", False)
    holds(score)


@pytest.mark.parametrize(
    "graph",
    [
        lambda x, y: 2 * x + 3 * y,
        lambda x, y: Value(2.0, label="w0") * x + Value(3.0, label="w1") * x,
        lambda x, y: x * x + y * y,
        lambda x, y: x * tanh(x) * y + y * x,
        lambda x, y: 0.5 * tanh(x) + 0.5 * tanh(y),
        lambda x, y: (x + y) * (x - y),
        lambda x, y: sigmoid(x) / tanh(y) + 1.0,
    ],
)
def test_sums_that_are_not_layers_are_not_found(graph: Callable[..., Value]) -> None:
    view = matrix_view(graph(Value(1.5, label="x"), Value(-2.0, label="y")))
    assert view.layers == []
    assert "no affine layer was found" in str(view)
    assert "text/html" not in view._repr_mimebundle_()
    with pytest.raises(DrawingError, match="no affine layer"):
        view.to_html()


def test_an_error_is_not_mistaken_for_a_bias() -> None:
    neuron = Neuron(2, rng=0)
    with_scope = matrix_view((neuron([Value(1.0), Value(2.0)]) - Value(3.0, label="target")) ** 2)
    w, b = Parameter(2.0, label="w"), Parameter(0.5, label="b")
    bare = matrix_view((w * Value(3.0, label="x") + b - Value(1.0, label="target")) ** 2)
    assert [layer.b[0].name for layer in with_scope.layers + bare.layers if layer.b[0]] == ["b", "b"]
    for layer in with_scope.layers + bare.layers:
        holds(layer)


def test_a_subtracted_term_has_its_sign() -> None:
    """A threshold is a bias with a minus: the matrix holds the opposite of the number named."""
    w = [Value(2.0, label="w0"), Value(-1.5, label="w1")]
    x, theta = [Value(3.0, label="x0"), Value(0.5, label="x1")], Value(0.25, label="theta")
    z = w[0] * x[0] - w[1] * x[1] - theta
    (layer,) = matrix_view(tanh(z)).layers
    holds(layer)
    assert (layer.minus, layer.minus_b) == ([[False, True]], [True])
    tanh(z).backward()
    assert [entry.share for entry in layer.W[0]] == pytest.approx([w[0].grad, -w[1].grad])
    text = str(matrix_view(tanh(z)))
    assert text.endswith("the program subtracts: the entries, and their gradients, are those of −w₁, −theta")
    assert "subtracts" not in str(matrix_view(tanh(w[0] * x[0] + w[1] * x[1] + theta)))


# ------------------------------------------------------------------------------------------------------ sharing


def test_an_input_that_feeds_more_has_a_share_here() -> None:
    layer, x = Linear(2, 2, rng=0), [Value(1.0, label="x0"), Value(2.0, label="x1")]
    z = layer(x)
    loss = (z[0] * z[0] + tanh(z[1])) * x[0]
    (layer,) = matrix_view(loss).layers
    holds(layer)
    loss.backward()
    assert layer.shared_inputs
    assert not layer.shared_weights
    for entry, value in zip(layer.x, x, strict=True):
        assert entry.share is not None
        assert entry.grad == value.grad
        assert entry.share + (entry.elsewhere or 0.0) == pytest.approx(value.grad, rel=1e-14)
    assert layer.x[0].others == 1
    assert "elsewhere" in str(matrix_view(loss))


def test_each_row_of_a_batch_is_another_use_of_its_layer() -> None:
    model = MLP(2, 3, 1, rng=0, activation="tanh")
    rows = [[1.0, 2.0], [-1.0, 0.5], [0.3, -0.7]]
    loss = mse_loss([model(row)[0] for row in rows], [1.0, 0.0, -1.0])
    layers = matrix_view(loss).layers
    assert [layer.title for layer in layers[:2]] == ["layer 1, use 1 of 3", "layer 2, use 1 of 3"]
    first = [layer for layer in layers if layer.title.startswith("layer 1")]
    for layer in layers:
        holds(layer)
    loss.backward()
    for i, j in itertools.product(range(3), range(2)):
        entries = [layer.W[i][j] for layer in first]
        weight = model.layers[0].weight[i][j]
        assert sum(entry.share or 0.0 for entry in entries) == pytest.approx(weight.grad, rel=1e-13)
        for entry in entries:
            assert entry.grad == weight.grad
            assert (entry.share or 0.0) + (entry.elsewhere or 0.0) == pytest.approx(weight.grad, rel=1e-13)
    assert "the share of" in str(matrix_view(loss, layer="layer 1"))


def test_a_recurrent_net_is_one_layer_a_time_step() -> None:
    source = random.Random(0)
    weights = [[Parameter(source.gauss(0, 1), label=f"W[{i}][{j}]") for j in range(2)] for i in range(2)]
    recurrent = [[Parameter(source.gauss(0, 1), label=f"U[{i}][{j}]") for j in range(2)] for i in range(2)]
    h = [Value(0.1), Value(-0.2)]
    for number in (0.5, -1.0, 2.0):
        x = [Value(number), Value(1.0)]
        h = [tanh(dot(weights[i], x) + dot(recurrent[i], h)) for i in range(2)]
    loss = h[0] * h[1]
    layers = matrix_view(loss).layers
    assert [layer.shape for layer in layers] == [(2, 4)] * 3
    assert [layer.title for layer in layers] == [f"affine 1, use {number} of 3" for number in (1, 2, 3)]
    loss.backward()
    for layer in layers:
        holds(layer)
    shares = sum(arrays(layer)["dW"] for layer in layers)
    grads = [[*(weight.grad for weight in weights[i]), *(weight.grad for weight in recurrent[i])] for i in range(2)]
    np.testing.assert_allclose(np.sort(shares, axis=1), np.sort(grads, axis=1), rtol=1e-12)


def test_weights_without_names_meet_rows_of_plain_numbers() -> None:
    rng = random.Random(5)
    weights = [[Value(rng.gauss(0, 1)) for _ in range(2)] for _ in range(3)]
    biases, v = [[Value(rng.gauss(0, 1)) for _ in range(3)] for _ in range(2)]
    rows = [[rng.gauss(0, 1) for _ in range(2)] for _ in range(4)]
    loss = Value(0.0)
    for row in rows:
        h = [tanh(sum((w * x for w, x in zip(ws, row, strict=True)), b)) for ws, b in zip(weights, biases, strict=True)]
        loss = loss + (sum((a * b for a, b in zip(v, h, strict=True)), Value(0.0)) - 1.0) ** 2
    hidden = [layer for layer in matrix_view(loss).layers if layer.shape == (3, 2)]
    assert [layer.uses for layer in hidden] == [4] * 4
    assert sorted([entry.value for entry in layer.x] for layer in hidden) == sorted(rows)
    for layer in hidden:
        holds(layer)


@pytest.mark.parametrize("labelled", [True, False])
def test_a_loop_over_time_without_scopes_is_one_layer_a_time_step(labelled: bool) -> None:
    rng = random.Random(6)

    def matrix(name: str, columns: int) -> list[list[Value]]:
        labels = [[f"{name}[{i}][{j}]" if labelled else "" for j in range(columns)] for i in range(3)]
        return [[Value(rng.gauss(0, 1), label=label) for label in row] for row in labels]

    into, back, h = matrix("W", 2), matrix("U", 3), [Value(0.0) for _ in range(3)]
    for _ in range(4):
        x, former = [rng.gauss(0, 1) for _ in range(2)], h
        h = []
        for w, u in zip(into, back, strict=True):
            pairs: list[tuple[Value, Value | float]] = [*zip(w, x, strict=True), *zip(u, former, strict=True)]
            h.append(tanh(sum((number * other for number, other in pairs), Value(0.1))))
    layers = matrix_view(h[0] * h[1] + h[2]).layers
    assert [(layer.shape, layer.uses) for layer in layers] == [((3, 5), 4)] * 4
    for layer in layers:
        n = arrays(layer)
        np.testing.assert_allclose(n["z"], n["W"] @ n["x"] + n["b"], **CLOSE)
        np.testing.assert_allclose(n["dW"], np.outer(n["delta"], n["x"]), **CLOSE)
        if labelled:
            assert [entry.name for entry in layer.W[1]] == ["W[1][0]", "W[1][1]", "U[1][0]", "U[1][1]", "U[1][2]"]
    if labelled:
        assert str(matrix_view(h[0] * h[1] + h[2])).count("z = [W U] [x h]") == 3  # what begins is no h yet
        assert [entry.name for entry in layers[1].x] == ["x[0]", "x[1]", "h[0]", "h[1]", "h[2]"]


def test_matrices_of_two_names_are_two_layers_on_the_same_inputs() -> None:
    x = [Value(0.5, label="x[0]"), Value(-1.0, label="x[1]")]
    q, k = (
        [sum((Value(0.1 * i + j, label=f"{name}[{i}][{j}]") * x[j] for j in range(2)), Value(0.0)) for i in range(2)]
        for name in ("Wq", "Wk")
    )
    layers = matrix_view(q[0] * k[0] + q[1] * k[1]).layers
    assert [[row[0].name for row in layer.W] for layer in layers] == [
        ["Wq[0][0]", "Wq[1][0]"],
        ["Wk[0][0]", "Wk[1][0]"],
    ]


def test_a_filter_slid_along_shares_its_weights() -> None:
    w = [Parameter(0.5, label="w[0]"), Parameter(-1.0, label="w[1]")]
    x = [Value(float(j), label=f"x[{j}]") for j in range(4)]
    loss = sum((relu(w[0] * x[j] + w[1] * x[j + 1]) for j in range(3)), Value(0.0)) + (x[1] - 3) ** 2
    layers = matrix_view(loss).layers
    assert [layer.uses for layer in layers] == [3, 3, 3]
    for layer in layers:
        holds(layer)


def test_a_weight_that_occurs_twice_in_a_matrix() -> None:
    """A circulant matrix: each place has its share, and the shares make up the gradient."""
    v, w = Parameter(0.5, label="v"), Parameter(-1.0, label="w")
    x = [Value(2.0, label="x0"), Value(3.0, label="x1")]
    loss = tanh(w * x[0] + v * x[1]) * tanh(v * x[0] + w * x[1])
    (layer,) = matrix_view(loss).layers
    holds(layer)
    loss.backward()
    for number, weight in ((0.5, v), (-1.0, w)):
        places = [entry for row in layer.W for entry in row if entry.value == number]
        assert [entry.others for entry in places] == [1, 1]
        assert sum(entry.share or 0.0 for entry in places) == pytest.approx(weight.grad, rel=1e-14)


def test_equal_plain_inputs_keep_their_columns() -> None:
    weights = [[Parameter(10.0 * i + j, label=f"W[{i}][{j}]") for j in range(3)] for i in range(2)]
    orders = ((0, 1, 2), (2, 0, 1))
    z = [sum((weights[i][j] * 1.0 for j in order), Parameter(0.0)) for i, order in enumerate(orders)]
    (layer,) = matrix_view(tanh(z[0]) * tanh(z[1])).layers
    assert arrays(layer)["W"].tolist() == [[0.0, 1.0, 2.0], [10.0, 11.0, 12.0]]


def test_neurons_side_by_side_are_one_layer() -> None:
    x = [Value(1.0, label="x0"), Value(-1.0, label="x1")]
    hidden = [Neuron(2, "tanh", rng=number)(x) for number in range(3)]
    first, second = matrix_view(Neuron(3, rng=9)(hidden)).layers
    assert (first.shape, second.shape) == ((3, 2), (1, 3))
    assert (first.title, second.title) == ("affine 1", "Neuron")
    holds(first)


def test_a_bias_of_two_units_gets_both_deltas() -> None:
    """One b a layer, as in Mazur's example."""
    w, x, b = [Value(0.15, label="w1"), Value(0.2, label="w2")], Value(0.05, label="x"), Value(0.35, label="b")
    loss = sigmoid(w[0] * x + b) * sigmoid(w[1] * x + b)
    (layer,) = matrix_view(loss).layers
    holds(layer)
    loss.backward()
    assert layer.shared_biases
    assert [entry.grad for entry in layer.b if entry] == [b.grad, b.grad]
    assert sum(entry.share or 0.0 for entry in layer.b if entry) == pytest.approx(b.grad, rel=1e-14)


def test_units_that_dropout_left_out_keep_the_numbers_of_the_others() -> None:
    model = Sequential(Linear(3, 6, rng=0), "gelu", Dropout(0.5, rng=1), Linear(6, 1, rng=2))
    first, second = matrix_view(model([1.0, 2.0, 3.0])[0]).layers
    assert 0 < len(first.rows) < 6
    assert [entry.name for entry in first.z] == [f"z1[{row}]" for row in first.rows]
    assert [row[0].name for row in first.W] == [f"W1[{row}][0]" for row in first.rows]
    assert second.shape == (1, 6)
    holds(first)


def test_a_dead_unit_has_delta_zero() -> None:
    layer = Linear(2, 2, rng=0)
    layer.load_state_dict({"weight": [[1.0, 1.0], [-1.0, -1.0]], "bias": [0.0, 0.0]})
    h = [relu(unit) for unit in layer([Value(1.0), Value(2.0)])]
    (record,) = matrix_view(h[0] + 2 * h[1]).layers
    assert (record.delta, record.closed) == ([1.0, 0.0], [False, True])
    holds(record)


def test_plain_numbers_have_no_gradient() -> None:
    layer = Linear(2, 2, rng=0)
    assert layer.bias is not None
    units = [dot(weights, [1.0, 2.0]) + bias for weights, bias in zip(layer.weight, layer.bias, strict=True)]
    (record,) = matrix_view(mse_loss(units, [0.0, 1.0])).layers
    assert [entry.share for entry in record.x] == [None, None]
    assert not record.reaches_inputs
    weights = [[1.0, 2.0], [3.0, 4.0]]
    x = [Value(0.5, label="x0"), Value(-1.0, label="x1")]
    z = [dot(row, x) for row in weights]
    (record,) = matrix_view(tanh(z[0]) * tanh(z[1])).layers
    assert arrays(record)["W"].tolist() == weights
    assert not any(entry.has_gradient for row in record.W for entry in row)
    assert "delta x^T" not in str(matrix_view(tanh(z[0]) * tanh(z[1])))


def test_without_gradients_the_forward_half_is_shown() -> None:
    rounded = custom_primitive("rounded", lambda a: float(round(a)))
    view = matrix_view(rounded(Neuron(2, rng=0)([Value(1.0), Value(2.0)])))
    (layer,) = view.layers
    np.testing.assert_allclose(arrays(layer)["z"], arrays(layer)["W"] @ arrays(layer)["x"] + arrays(layer)["b"])
    assert "no gradients: 'rounded' has a forward rule only" in str(view)
    assert data_of(view.to_html())["layers"][0]["backward"] == []
    assert "\\delta" not in view.to_latex()


def test_an_embedding_is_an_input_of_the_layer_above() -> None:
    table, layer = Embedding(5, 3, rng=0), Linear(3, 2, rng=1)
    loss = mse_loss(layer(table(2)), [0.0, 1.0])
    (layer,) = matrix_view(loss).layers
    assert layer.W[0][0].name == "W[0][0]"
    assert layer.x[0].role == "parameter"
    holds(layer)


# ------------------------------------------------------------------------------------------------------ the view


def test_it_prints_the_matrices() -> None:
    text = str(matrix_view(cs224n(), layer="Linear"))
    assert text.splitlines()[0] == "Linear: z = W x + b   (W 2×3, x 3, b 2, z 2)"
    assert "  [ −0.55 ]     [ 0.1  −0.2   0.3 ]  [  1 ]     [ 0.05 ]" in text
    assert "ds/dx = Wᵀ δ" in text
    assert "ds/dW = δ xᵀ" in text
    assert "ds/du = δ hᵀ" in str(matrix_view(cs224n(), layer="affine 1"))
    assert repr(matrix_view(cs224n(), layer="Linear")) == text
    root = cs224n()
    root.label = "score"
    assert "δ = dL/dz   (L is score)" in str(matrix_view(root))


@pytest.mark.parametrize("width", [80, 100, 120])
@pytest.mark.parametrize("sizes", [(3, 16, 16, 4), (30, 2), (2, 30, 1)])
def test_it_fits_the_terminal(width: int, sizes: Sequence[int], monkeypatch: pytest.MonkeyPatch) -> None:
    outputs = MLP(*sizes, rng=0)([0.1 * i for i in range(sizes[0])])
    shown = matrix_view(mse_loss(outputs, [1.0] * len(outputs)))
    monkeypatch.setenv("COLUMNS", str(width))
    lines = str(shown).splitlines()
    assert max(map(display_width, lines)) <= width
    assert all(re.search(r"\[ .* \]", line) for line in lines if "[" in line)  # no matrix is broken
    monkeypatch.delenv("COLUMNS")
    assert str(shown) == shown.to_text()  # into a pipe


def test_the_moments_are_in_the_engines_order() -> None:
    (layer,) = matrix_view(cs224n(), layer="Linear").layers
    assert layer.forward[:4] == [("product", 0, 0), ("product", 0, 1), ("product", 0, 2), ("z", 0, 0)]
    assert sorted(layer.backward) == sorted(
        [("delta", i, 0) for i in range(2)]
        + [("b", i, 0) for i in range(2)]
        + [(kind, i, j) for kind in ("W", "x") for i in range(2) for j in range(3)]
    )
    steps = list(backward_steps(cs224n()))  # the same graph built again: the same order
    places = {kind: [i for key, i, _ in layer.backward if key == kind] for kind in ("delta", "W", "x")}
    outputs = [step.node.label for step in steps if step.node.label.startswith("z")]
    assert [f"z{i}" for i in places["delta"]] == outputs
    weights = [
        source.label
        for step in steps
        for source in step.inputs
        if isinstance(source, Value) and source.label[:1] == "W"
    ]
    assert [f"W[{i}][{j}]" for kind, i, j in layer.backward if kind == "W"] == weights
    delta = {i: layer.backward.index(("delta", i, 0)) for i in range(2)}
    assert all(at >= delta[i] for at, (_, i, _) in enumerate(layer.backward))


def test_latex_holds_the_matrices() -> None:
    latex = matrix_view(cs224n(), layer="Linear").to_latex()
    assert r"\begin{pmatrix} 0.1 & -0.2 & 0.3 \\ 0.4 & 0.5 & -0.6 \end{pmatrix}" in latex
    assert r"W^\top \delta &= " in latex


def test_what_it_refuses() -> None:
    with pytest.raises(TypeError, match="got float"):
        matrix_view(3.0)  # type: ignore[arg-type]
    with pytest.raises(
        ValueError, match="there is no affine layer 'layer 7'; those of this graph are: 'Linear', 'affine 1'"
    ):
        matrix_view(cs224n(), layer="layer 7")


def data_of(page: str) -> Any:
    found = re.search(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def test_the_page_is_written_and_asks_no_network(tmp_path: Path) -> None:
    view = matrix_view(cs224n())
    page = view.to_html(tmp_path / "matrices.html")
    assert (tmp_path / "matrices.html").read_text(encoding="utf-8") == page
    assert "default-src 'none'" in page
    assert not re.search(r"https?://(?!www\.w3\.org/)", page)
    assert "data-autograd-matrix" in view._repr_mimebundle_()["text/html"]


def test_labels_are_data() -> None:
    evil = '</script><img src=x onerror="alert(1)">'
    x = [Value(1.0, label=evil), Value(2.0, label="b & <b>")]
    weights = [[Parameter(0.5, label=f"{evil}{i}{j}") for j in range(2)] for i in range(2)]
    with scope(evil):
        z = [dot(weights[i], x) + Parameter(0.1, label="'\"") for i in range(2)]
    loss = tanh(z[0]) * tanh(z[1])
    loss.label = evil
    view = matrix_view(loss)
    page = view.to_html()
    assert "<img src=x" not in page
    assert page.count("</script>") == 2
    (layer,) = data_of(page)["layers"]
    assert layer["x"][0][0] == evil
    assert layer["symbols"]["x"] == "x"
    assert evil in str(view)


def test_a_large_layer_is_shown_by_its_corner_and_small_enough() -> None:
    model = MLP(300, 20, 3, rng=0)
    source = random.Random(0)
    loss = mse_loss(model([source.random() for _ in range(300)]), [0.0] * 3)
    page = matrix_view(loss).to_html()
    assert len(page.encode()) < 600_000
    first = data_of(page)["layers"][0]
    assert (first["shape"], first["kept"], first["picture"]) == ([20, 300], [8, 8], [4, 4])
    assert len(first["overview"]["W"]) == 20
    many = Sequential(*(Linear(16, 16, rng=number) for number in range(12)))
    page = matrix_view(mse_loss(many([Value(1.0)] * 16), [0.0] * 16)).to_html()
    assert len(page.encode()) < 600_000
    assert "of 12 affine layers are on this page" in page


def test_the_overview_keeps_the_largest_of_a_block() -> None:
    rows: list[Sequence[float]] = [[0.0] * 300 for _ in range(200)]
    rows[130] = [*rows[130][:250], -8.0, *rows[130][251:]]
    strip = overview(rows)
    assert len(strip) <= 64
    assert max(map(len, strip)) <= 256
    assert [line.count("-9") for line in strip if "-" in line] == [1]


def test_finding_them_changes_nothing_and_takes_large_graphs() -> None:
    x = [Value(0.1)] * 3
    many = MLP(3, 20, 20, 1, rng=0)
    loss = mse_loss(many(x), [1.0])
    before = str(draw(loss, depth=1))
    assert [layer.shape for layer in affine_layers(columns(loss))] == [(20, 3), (20, 20), (1, 20)]
    matrix_view(loss)
    assert all(parameter.grad is None for parameter in many.parameters())
    assert str(draw(loss, depth=1)) == before

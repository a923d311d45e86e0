"""The summary: its totals are those of the graph, its norms those of the gradients, its tree the program's scopes."""

from __future__ import annotations

import math
from collections import Counter

import pytest

from autograd_core import Value, no_grad, scope, summary, topological_order
from nn import MLP, Linear, Module, Neuron, Parameter, Sequential, mse_loss


def loss_of(rows: int = 5) -> tuple[MLP, Value]:
    model = MLP(2, 16, 16, 1, rng=0)
    points = [[Value(row * 1.0, label="x[0]"), Value(-1.0, label="x[1]")] for row in range(rows)]
    return model, mse_loss([model(point)[0] for point in points], [1.0] * rows)


def test_the_totals_are_those_of_the_graph() -> None:
    _, loss = loss_of()
    result = summary(loss)
    order = topological_order(loss)
    assert result.nodes == len(order)
    assert result.edges == sum(isinstance(source, Value) for node in order for source in node.inputs)
    assert result.parameters == 337
    assert dict(result.operations) == dict(Counter(node.op for node in order if node.op))
    level: dict[Value, int] = {}
    for node in order:
        level[node] = max((1 + level[source] for source in node.inputs if isinstance(source, Value)), default=0)
    assert result.depth == level[loss]
    assert result.widest == max(Counter(level.values()).values())
    assert result.bytes > 100 * len(order)


def test_the_tree_is_that_of_the_scopes_with_one_of_several_equal_boxes() -> None:
    _, loss = loss_of()
    names = [line.split("─ ")[1].split("  ")[0] for line in str(summary(loss)).splitlines()[3:] if "─ " in line]
    assert names == [
        "MLP ×5",
        "MLP #1",
        "layer 1: h⁽¹⁾ = ReLU(W⁽¹⁾ x + b⁽¹⁾)",
        "layer 2: h⁽²⁾ = ReLU(W⁽²⁾ h⁽¹⁾ + b⁽²⁾)",
        "layer 3: o = W⁽³⁾ h⁽²⁾ + b⁽³⁾",
        "mse_loss: mean((p − t)²)",
        "squared_error #1: (o₀ − 1)²",
        "squared_error #2: (o₀#2 − 1)²",
        "squared_error #3: (o₀#3 − 1)²",
        "squared_error #4: (o₀#4 − 1)²",
        "squared_error #5: (o₀#5 − 1)²",
        "mean: (v₆₆ + v₁₃₂ + v₁₉₈ + v₂₆₄ + v₃₃₀) / 5",
    ]


def test_of_very_many_equal_boxes_the_first_is_listed() -> None:
    _, loss = loss_of(60)
    lines = str(summary(loss, 2)).splitlines()
    assert "MLP ×60" in lines[3]
    assert "MLP #1 " in lines[4]
    assert "337 → 1" not in lines[4]
    assert "339 → 1" in lines[4], "two numbers of its own sample besides the parameters"


def test_norms_are_those_of_the_outputs_of_a_box() -> None:
    a, b = Value(3.0, label="a"), Value(4.0, label="b")
    with scope("pair"):
        first, second = a * 1.0, b * 1.0
    root = first * 2.0 + second * 2.0
    (row,) = [line.split() for line in str(summary(root)).splitlines() if "pair" in line]
    assert row[-6:-3] == ["2", "→", "2"]
    assert row[-2:] == ["5", f"{math.hypot(2, 2):.4g}"]
    assert a.grad is None


def test_a_model_lists_its_parameters_with_norms_and_a_dash_before_backward() -> None:
    model, loss = loss_of()
    before = str(summary(model))
    assert "layers.1: Linear(16 → 16)" in before
    assert "16 × 16" in before
    assert all(line.endswith("–") for line in before.splitlines()[2:])
    loss.backward()
    every = math.sqrt(sum(parameter.grad**2 for parameter in model.parameters()))
    assert str(summary(model)).splitlines()[2].endswith(f" {every:.4g}")
    assert summary(model).parameters == 337


def test_models_of_models_are_a_tree_cut_at_a_depth() -> None:
    class Two(Module):
        def __init__(self) -> None:
            self.first = Sequential(Linear(2, 3, rng=0), "tanh")
            self.second = Neuron(3, rng=1)

    text = str(summary(Two()))
    for line in ("├─ first: Sequential()", "│  └─ first.0: Linear(2 → 3)", "│     ├─ weight", "└─ second: Neuron(3)"):
        assert line in text
    shallow = str(summary(Two(), depth=1))
    assert "first" in shallow
    assert "weight" not in shallow
    assert len(text.splitlines()) == 10


def test_the_names_of_a_model_may_have_brackets() -> None:
    model = Module()
    setattr(model, "a[b", Linear(2, 1, rng=0))
    setattr(model, "c[", [Parameter(1.0), Parameter(2.0)])
    rows = [row.split() for row in str(summary(model)).splitlines()]
    assert ["├─", "a[b:", "Linear(2", "→", "1)", "3"] in [row[:6] for row in rows]
    assert ["│", "├─", "weight", "1", "×", "2", "2"] in [row[:7] for row in rows]
    assert ["└─", "c[", "2", "2"] in [row[:4] for row in rows]


def test_graphs_without_scopes_or_history() -> None:
    x = Value(2.0, label="x")
    assert str(summary(x)).splitlines() == [
        "x = 2",
        "1 node, 0 edges, 0 parameters",
        "operations: none",
        "longest path 0 edges, widest level 1 node, 0.1 kB of memory",
    ]
    with no_grad():
        y = x * 2
    assert "no gradients" not in str(summary(y * 3))


@pytest.mark.parametrize(("wrong", "problem"), [(3.0, "takes a Value"), ([Value(1.0)], "or a model")])
def test_neither_a_value_nor_a_model_is_refused(wrong: object, problem: str) -> None:
    with pytest.raises(TypeError, match=problem):
        summary(wrong)


@pytest.mark.parametrize("depth", [0, True, "2"])
def test_an_invalid_depth_is_refused(depth: object) -> None:
    with pytest.raises(ValueError, match="1 or more"):
        summary(Value(1.0), depth)  # type: ignore[arg-type]

"""Paths: the sum of the products over all of them is the gradient, and too many are counted, not listed."""

from __future__ import annotations

import math

import pytest

from autograd_core import Value, explain, log, maximum, relu, sigmoid, sin
from autograd_core.show.record.paths import paths


def test_the_paths_of_baydin() -> None:
    x1, x2 = Value(2.0, label="x1"), Value(5.0, label="x2")
    found = explain(log(x1) + x1 * x2 - sin(x2)).paths("x1")
    assert {(path.nodes, path.partials) for path in found.paths} == {
        (("x1", "v1", "v3", "out"), (0.5, 1.0, 1.0)),
        (("x1", "v2", "v3", "out"), (5.0, 1.0, 1.0)),
    }
    shown = str(found)
    assert "2 paths from x₁ to out" in shown
    assert "x₁ → v₂ → v₃ → out  5 · 1 · 1 = 5" in shown
    assert shown.endswith("= 5.5")


def test_two_edges_of_a_square_are_two_paths() -> None:
    x = Value(3.0, label="x")
    found = explain(x * x).paths("x")
    assert [path.product for path in found.paths] == [3.0, 3.0]


def test_products_add_up_to_the_gradient() -> None:
    x, w = Value(0.7, label="x"), Value(-1.3, label="w")
    h = sigmoid(w * x) + x
    y = h * h * x + maximum(h, w)
    explanation = explain(y)
    y.backward()
    for leaf in (x, w):
        found = explanation.paths(leaf.label)
        assert len(found.paths) == found.count
        assert math.fsum(path.product for path in found.paths) == pytest.approx(leaf.grad, rel=1e-13)
        assert found.gradient == leaf.grad


def test_a_closed_gate_is_not_a_path() -> None:
    x = Value(-1.0, label="x")
    found = explain(relu(x)).paths("x")
    assert (found.count, found.paths, found.gradient) == (0, (), 0.0)
    assert "no edge is open" in str(found)


def test_too_many_are_counted() -> None:
    y = x = Value(1.0, label="x")
    for _ in range(100):
        y = y + y
    found = explain(y).paths("x")
    assert found.count == 2**100
    assert found.paths == ()
    assert found.gradient == 2.0**100
    assert "too many to list" in str(found)
    assert explain(y).paths("out").count == 1
    assert len(paths(explain(x + x).record, "x", most=2).paths) == 2


def test_an_unknown_name_and_forward_mode_are_refused() -> None:
    x = Value(1.0, label="x")
    with pytest.raises(KeyError, match="no node 'z'; the names are x, out"):
        explain(x + 1).paths("z")
    with pytest.raises(ValueError, match="reverse mode"):
        explain(x + 1, mode="forward").paths("x")

"""Why this order: who waits for whom, and the numbers that another way gives on this very graph."""

from __future__ import annotations

import pytest

from autograd_core import Value, exp, explain, log, sin


def test_a_node_used_twice_waits_for_both() -> None:
    x1, x2 = Value(2.0, label="x1"), Value(5.0, label="x2")
    order = explain(log(x1) + x1 * x2 - sin(x2)).order()
    assert order.nodes[0] == "out"
    assert dict(order.waits) == {"x2": ("v4", "v2"), "x1": ("v2", "v1")}
    for name, users in order.waits:
        assert all(order.nodes.index(user) < order.nodes.index(name) for user in users)


def test_another_way_gives_the_numbers_worked_out_by_hand() -> None:
    # out = (b + a) * b * a with b = a*a at 3: dout/da = 5a^4 + 4a^3 = 513. When b hands on before the contribution of
    # b + a has come, that path (1 * ba * 2a = 162) is missing.
    a = Value(3.0, label="a")
    b = a * a
    order = explain((b + a) * b * a).order()
    gradients = {mistake.gradients for mistake in order.wrong}
    assert (("a", 351.0, 513.0),) in gradients
    assert "dL/da would be 351 instead of 513" in str(order)
    assert "v₁ waits for v₃ and v₂." in str(order)


def test_a_chain_cannot_go_wrong_this_way() -> None:
    order = explain(sin(log(Value(2.0, label="x")))).order()
    assert (order.waits, order.wrong) == ((), ())


def test_two_overflows_are_not_a_difference() -> None:
    x, y = Value(1000.0, label="x"), Value(2.0, label="y")
    order = explain(exp(x) + y * y).order()
    assert [mistake.gradients for mistake in order.wrong] == [(("y", 2.0, 4.0),)]


def test_a_large_graph_has_the_order_only() -> None:
    y = x = Value(0.5, label="x")
    for _ in range(100):
        y = y * x + 1.0
    order = explain(y).order()
    assert len(order.nodes) == 201
    assert order.wrong == ()
    assert "…" in str(order)


def test_forward_mode_has_no_such_order() -> None:
    with pytest.raises(ValueError, match="reverse mode"):
        explain(Value(1.0) * 2, mode="forward").order()

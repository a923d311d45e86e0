"""Why this order: who waits for whom, and the numbers that another way gives on this very graph."""

from __future__ import annotations

import pytest

from autograd_core import Value, exp, explain, log, sin


def test_a_node_used_twice_waits_for_both() -> None:
    x1, x2 = Value(2.0, label="x1"), Value(5.0, label="x2")
    told = explain(log(x1) + x1 * x2 - sin(x2)).order()
    assert told.nodes[0] == "out"
    assert dict(told.waits) == {"x2": ("v4", "v2"), "x1": ("v2", "v1")}
    for name, users in told.waits:
        assert all(told.nodes.index(user) < told.nodes.index(name) for user in users)


def test_another_way_gives_the_numbers_worked_out_by_hand() -> None:
    # out = (b + a) * b * a with b = a*a at 3: dout/da = 5a^4 + 4a^3 = 513. When b hands on before the contribution of
    # b + a has come, that path (1 * ba * 2a = 162) is missing.
    a = Value(3.0, label="a")
    b = a * a
    told = explain((b + a) * b * a).order()
    gradients = {one.gradients for one in told.wrong}
    assert (("a", 351.0, 513.0),) in gradients
    assert "dout/da would be 351 instead of 513" in str(told)
    assert "v1 waits for v3 and v2." in str(told)


def test_a_chain_cannot_go_wrong_this_way() -> None:
    told = explain(sin(log(Value(2.0, label="x")))).order()
    assert (told.waits, told.wrong) == ((), ())


def test_what_overflows_either_way_is_not_told_as_a_difference() -> None:
    x, y = Value(1000.0, label="x"), Value(2.0, label="y")
    told = explain(exp(x) + y * y).order()
    assert [one.gradients for one in told.wrong] == [(("y", 2.0, 4.0),)]


def test_a_large_graph_tells_the_order_alone() -> None:
    y = x = Value(0.5, label="x")
    for _ in range(100):
        y = y * x + 1.0
    told = explain(y).order()
    assert len(told.nodes) == 201
    assert told.wrong == ()
    assert "..." in str(told)


def test_forward_mode_has_no_such_order() -> None:
    with pytest.raises(ValueError, match="reverse mode"):
        explain(Value(1.0) * 2, mode="forward").order()

"""The view: its boxes and their names, and the numbers of a closed box."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_core import COMPOSITIONS, Value, dot, gelu, leaky_relu, no_grad, relu, scope, sigmoid, sin, softplus
from autograd_core.engine.backward import adjoints
from autograd_core.graph.boxes import view
from autograd_core.graph.folding.fold import fold


def test_names_follow_the_order_of_computation_and_keep_labels() -> None:
    a, v1 = Value(2.0, label="a"), Value(3.0, label="v1")
    c = a * v1
    c.label = "c"
    assert [box.name for box in view(sin(c) + c).boxes] == ["a", "v1", "c", "v2", "out"]


def test_the_root_goes_by_its_label_else_out() -> None:
    x = Value(2.0, label="out")
    assert view(x * x).boxes[-1].name == "v1", "out is taken by an input"
    loss = Value(2.0) * 2
    loss.label = "L"
    assert view(loss).boxes[-1].name == "L"


def test_two_nodes_with_one_label_are_distinguished() -> None:
    x, other = Value(2.0, label="x"), Value(3.0, label="x")
    assert [box.name for box in view(x * other).boxes] == ["x", "x#2", "out"]
    numbered = Value(3.0, label="x#2")
    assert [box.name for box in view(x * other * numbered).boxes] == ["x", "x#3", "v1", "x#2", "out"]


def test_numbers_are_those_of_the_computation_even_if_data_was_set_since() -> None:
    x = Value(0.5, label="x")
    y = sigmoid(x) * x
    x.data = 7.0
    numbers = {box.name: box.number for box in view(y).boxes}
    assert numbers["x"] == 0.5
    assert numbers["out"] == y.output_number


def test_leaves_are_in_the_order_of_their_use() -> None:
    a, b = Value(1.0, label="a"), Value(2.0, label="b")
    assert [box.name for box in view(dot([a], [b]) + 1.0).boxes] == ["a", "b", "v1", "out"]


def test_a_leaf_alone_is_a_view() -> None:
    (box,) = view(Value(2.0, label="x")).boxes
    assert (box.kind, box.is_root, box.written()) == ("input", True, "")


def test_two_edges_of_a_square_stay_two() -> None:
    x = Value(3.0, label="x")
    *_, square = view(x * x).boxes
    assert [operand.box.name for operand in square.operands if operand.box] == ["x", "x"]
    assert square.partials() == (3.0, 3.0)


def test_constants_are_not_boxes_and_detached_values_are_constants() -> None:
    x = Value(3.0, label="x")
    with no_grad():
        frozen = x * 2
    boxes = view(x * 2.0 + frozen).boxes
    assert [box.kind for box in boxes] == ["input", "operation", "constant", "operation"]
    assert boxes[1].operands[1].box is None
    assert boxes[1].operands[1].number == 2.0


@pytest.mark.parametrize("name", sorted(COMPOSITIONS))
def test_every_composition_is_one_box_closed_and_several_opened(name: str) -> None:
    composition = COMPOSITIONS[name]
    if composition.takes_lists:
        inputs = [Value(0.5), Value(-0.7), Value(1.5), Value(0.3)]
    else:
        inputs = [Value(0.5 + place / 4) for place in range(len(composition.arguments))]
    output = composition.of_flat(inputs)
    closed, opened = view(output).boxes, view(output, open="all").boxes
    assert [box.operation for box in closed if box.entry] == [name]
    assert len(opened) > len(closed) or name == "threshold"
    assert closed[-1].number == opened[-1].number == output.data
    exact = adjoints(output)
    for source, partial in zip(inputs, closed[-1].partials(), strict=True):
        assert (partial or 0.0) == pytest.approx(exact[source] or 0.0, rel=1e-13)


def test_one_value_fed_twice_has_its_own_partial_at_each_place() -> None:
    x = Value(0.5, label="x")
    (*_, box) = view(dot([x, 2.0], [x, x])).boxes
    assert box.partials() == (0.5, None, 0.5, 2.0)


def test_only_the_named_compositions_are_opened() -> None:
    x = Value(0.5, label="x")
    y = gelu(x) + sigmoid(x)
    operations = {box.operation for box in view(y, open=["gelu"]).boxes}
    assert {"normal_cdf", "sigmoid"} <= operations
    assert "gelu" not in operations


def test_a_root_inside_a_composition_does_not_have_its_name() -> None:
    x = Value(0.5, label="x")
    inner = sigmoid(x).inputs[1]
    assert isinstance(inner, Value)
    boxes = view(inner).boxes
    assert all(box.kind != "composition" for box in boxes)
    assert boxes[-1].number == inner.data


def test_the_graph_of_a_gradient_can_be_viewed() -> None:
    x = Value(0.5, label="x")
    y = sigmoid(x)
    slope = adjoints(y, create_graph=True)[x]
    assert isinstance(slope, Value)
    boxes = view(slope).boxes
    assert boxes[-1].number == slope.data
    assert len({box.name for box in boxes}) == len(boxes)


def test_scopes_of_the_user_hide_nothing_yet_keep_compositions_closed() -> None:
    x = Value(0.5, label="x")
    with scope("neuron"):
        y = relu(x * 2)
    assert [box.operation for box in view(y).boxes] == ["", "multiply", "relu"]


def test_a_closed_gate_has_no_partial() -> None:
    (*_, box) = view(relu(Value(-1.0))).boxes
    assert box.partials() == (None,)
    (*_, box) = view(leaky_relu(Value(-1.0))).boxes
    assert box.partials() == (0.01, None)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(["+", "*", "sigmoid", "relu", "dot"]), min_size=1, max_size=12))
def test_names_are_unique_and_operands_come_first(operations: list[str]) -> None:
    nodes = [Value(0.5, label="x"), Value(-1.5)]
    for place, operation in enumerate(operations):
        a, b = nodes[-1 - place % len(nodes)], nodes[-1]
        node = {
            "+": lambda a, b: a + b,
            "*": lambda a, b: a * b,
            "sigmoid": lambda a, b: sigmoid(a),
            "relu": lambda a, b: relu(b),
            "dot": lambda a, b: dot([a, b], [b, 2.0]),
        }[operation](a, b)
        nodes.append(node)
    for open_names in ((), ("sigmoid",), "all"):
        boxes = view(nodes[-1], open=open_names).boxes
        assert len({box.name for box in boxes}) == len(boxes)
        earlier = set()
        for box in boxes:
            assert all(operand.box is None or operand.box in earlier for operand in box.operands)
            earlier.add(box)
        assert boxes[-1].node is nodes[-1]


def test_the_option_open_is_checked() -> None:
    y = leaky_relu(relu(Value(0.5)))
    assert next(box.operation for box in view(y, open="leaky_relu").boxes if box.entry) == "relu"
    assert view(y, open=["gelu"]).boxes, "a composition that is not in this graph is no mistake"
    with pytest.raises(ValueError, match="no composition 'rellu' to open; those of this graph are: leaky_relu, relu"):
        view(y, open=["rellu"])
    with pytest.raises(TypeError, match="got True"):
        view(y, open=True)  # type: ignore[arg-type]


# ---------------------------------------------------------------------------------------------------------- names


def test_opening_or_folding_renames_nothing() -> None:
    x = Value(0.5, label="x")
    out = sigmoid(x * 2.0 + softplus(x)) * gelu(x)
    closed, opened = view(out), view(out, open="all")
    named = {box.node: box.name for box in opened.boxes}
    assert all(named[box.node] == box.name for box in closed.boxes)
    assert [box.name for box in closed.boxes] == ["x", "v1", "v2", "v3", "v4", "v5", "out"]
    folded = fold(out)
    assert dict(zip(folded.columns.order, folded.names(), strict=True)) == named
    assert len(set(named.values())) == len(named)
    inside = [name for name in named.values() if name.startswith("v4.")]
    assert inside == [f"v4.{number}" for number in range(1, len(inside) + 1)]

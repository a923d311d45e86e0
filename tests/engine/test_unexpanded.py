"""`dot` and `relu` are one node until something looks inside; then they are the operations that they always were."""

import copy
import math
import pickle
import threading
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_core import (
    NumberError,
    Value,
    backward_steps,
    custom_primitive,
    detect_anomaly,
    dot,
    explain,
    grad,
    no_grad,
    relu,
    scope,
    topological_order,
    where,
)
from autograd_core.engine.unexpanded import UNEXPANDED
from nn import Linear

NUMBERS = st.one_of(
    st.floats(min_value=-2.0, max_value=2.0), st.sampled_from([0.0, -0.0, math.inf, -math.inf, math.nan, 1e-320, 1e300])
)


def bits(number):
    return "nan" if number != number else number.hex()


def is_one_node(node):
    return node._primitive in UNEXPANDED


@st.composite
def programs(draw):
    """A list of steps from which `run` makes the same graph again and again: dots of whatever is there, and others."""
    leaves = draw(st.lists(NUMBERS, min_size=2, max_size=5))
    steps = []
    for size in range(len(leaves), len(leaves) + draw(st.integers(1, 8))):
        place = st.one_of(st.integers(0, size - 1), st.integers(max(0, size - 3), size - 1))
        factor = st.one_of(place, place, place, NUMBERS)
        if draw(st.integers(0, 3)):
            width = draw(st.integers(1, 6))
            left = draw(st.lists(factor, min_size=width, max_size=width))
            steps.append((left, [draw(place), *draw(st.lists(factor, min_size=width - 1, max_size=width - 1))]))
        else:
            steps.append((draw(place), draw(place)))
    return leaves, steps


def run(program, product_sum=dot, gate=relu):
    numbers, steps = program
    leaves = [Value(number) for number in numbers]
    nodes = list(leaves)
    for left, right in steps:
        if isinstance(left, list):
            a, b = ([nodes[part] if type(part) is int else part for part in side] for side in (left, right))
            nodes.append(product_sum(a, b))
        else:
            nodes.append(gate(nodes[left]) * nodes[right])
    return leaves, nodes[-1]


def sum_of_operations(a, b):
    """What `dot` means, operation by operation."""
    with scope("dot"):
        products = [x * y for x, y in zip(a, b, strict=True)]
        total = products[0]
        for product in products[1:]:
            total = total + product
    return total if isinstance(total, Value) else Value(total)


def relu_of_operations(x):
    with scope("relu"):
        return where(x <= 0.0, 0.0, x)


@settings(max_examples=300, deadline=None)
@given(programs())
def test_the_sweep_through_sums_of_one_node_gives_the_bits_of_the_steps(program):
    leaves, root = run(program)
    root.backward()
    swept = [leaf.grad for leaf in leaves]
    found = {root: 1.0}
    for step in backward_steps(root):
        for source, adjoint in zip(step.inputs, step.adjoints, strict=True):
            if adjoint is not None:
                found[source] = adjoint
    order = topological_order(root)
    assert not any(map(is_one_node, order))
    for node in order:
        assert bits(node.grad) == bits(found.get(node, 0.0))
    again, other = run(program)
    topological_order(other)
    other.backward()
    for leaf, grad_then in zip(again, swept, strict=True):
        assert (leaf.grad, grad_then) == (None, None) or bits(leaf.grad) == bits(grad_then)


@settings(max_examples=200, deadline=None)
@given(programs())
def test_expanded_it_is_the_graph_of_its_operations(program):
    (_, one), (_, other) = run(program), run(program, sum_of_operations, relu_of_operations)
    orders = [topological_order(root) for root in (one, other)]
    places = [{node: place for place, node in enumerate(order)} for order in orders]
    described = [
        [
            (
                node.op,
                bits(node.output_number),
                [bits(number) for number in node.input_numbers],
                [source if type(source) is float else place[source] for source in node.inputs],
                node.scope and node.scope.name,
            )
            for node in order
        ]
        for order, place in zip(orders, places, strict=True)
    ]
    assert repr(described[0]) == repr(described[1])


def weighted(count=3):
    w = [Value(0.5 + i, label=f"w{i}") for i in range(count)]
    x = [Value(1.5 - i, label=f"x{i}") for i in range(count)]
    return w, x, dot(w, x)


@pytest.mark.parametrize(
    "look",
    [
        lambda node: node.op,
        lambda node: node.primitive,
        lambda node: node.inputs,
        lambda node: node.input_numbers,
        lambda node: topological_order(node * 2.0),
        lambda node: copy.copy(node),
        lambda node: copy.deepcopy(node),
        lambda node: pickle.dumps(node * 2.0),
        lambda node: node.backward(create_graph=True),
        lambda node: str(explain(node)),
    ],
)
def test_whatever_reads_it_finds_its_operations(look):
    _, _, node = weighted()
    assert is_one_node(node)
    node.label = "z"
    look(node)
    assert not is_one_node(node)
    assert [inner.op for inner in topological_order(node) if inner.op] == ["multiply"] * 2 + ["add", "multiply", "add"]
    assert [inner.scope.name for inner in topological_order(node) if inner.op] == ["dot"] * 5
    assert (node.label, node.data) == ("z", 0.5 * 1.5 + 1.5 * 0.5 + 2.5 * -0.5)


def test_copies_and_pickles_have_its_operations():
    _, _, node = weighted()
    node.backward()
    expected = [(inner.op, inner.data, inner.grad) for inner in topological_order(node)]
    for make in (copy.copy, copy.deepcopy, lambda root: pickle.loads(pickle.dumps(root))):
        _, _, fresh = weighted()
        fresh.backward()
        assert [(inner.op, inner.data, inner.grad) for inner in topological_order(make(fresh))] == expected


def test_it_keeps_the_numbers_it_was_computed_from():
    w, x, node = weighted()
    w[0].data = 100.0
    node.backward()
    assert x[0].grad == 0.5
    assert topological_order(node)[2].input_numbers == (0.5, 1.5)
    assert node.data == 0.5 * 1.5 + 1.5 * 0.5 + 2.5 * -0.5


def test_a_second_sweep_adds_to_the_leaves_alone():
    w, _, node = weighted()
    loss = node * node
    loss.backward()
    first = w[1].grad
    loss.backward()
    assert (w[1].grad, node.grad) == (2.0 * first, 2.0 * node.data)
    assert {inner.grad for inner in topological_order(node) if inner.op} == {2.0 * node.data}


def test_where_no_gradient_arrives_its_operations_have_gradient_zero():
    w, _, node = weighted()
    relu(node * 0.0 - 1.0).backward()
    assert {inner.grad for inner in topological_order(node)} == {0.0}
    assert w[0].grad == 0.0


def test_it_may_be_expanded_while_a_sweep_is_on_its_way():
    w, _, node = weighted()
    ask = custom_primitive("ask", lambda a: a, [lambda y, a: 1.0 + 0.0 * len(topological_order(node))])
    ask(node).backward()
    assert [weight.grad for weight in w] == [1.5, 0.5, -0.5]
    assert {inner.grad for inner in topological_order(node) if inner.op} == {1.0}


def test_threads_that_expand_and_sweep_it_meet_one_graph():
    for _ in range(20):
        w, _, node = weighted(40)
        orders = []
        threads = [threading.Thread(target=lambda: orders.append(topological_order(node))) for _ in range(4)]  # noqa: B023
        threads += [threading.Thread(target=node.backward) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(list(map(id, order)) == list(map(id, orders[0])) for order in orders)
        assert w[3].grad == 2.0 * (1.5 - 3.0)
        assert {inner.grad for inner in topological_order(node) if inner.op} == {1.0}


def test_a_relu_of_one_node_is_its_comparison_and_its_choice():
    for number, closed, slope in ((2.0, 0.0, 1.0), (-2.0, 1.0, 0.0), (-0.0, 1.0, 0.0), (math.nan, 0.0, 1.0)):
        x = Value(number)
        y = x.relu()
        assert is_one_node(y)
        y.backward()
        assert is_one_node(y)
        assert x.grad == slope
        _, comparison, choice = topological_order(y)
        assert choice is y
        assert (comparison.op, choice.op) == ("less_equal", "where")
        assert choice.inputs[:2] == (comparison, 0.0)
        assert choice.inputs[2] is x
        assert (comparison.data, comparison.grad, choice.grad) == (closed, 0.0, 1.0)
        assert choice.scope.definition is relu
        assert choice.scope.inputs[0] is x
    x = Value(1.0)
    y = relu(x)
    ask = custom_primitive("ask", lambda a: a, [lambda y_, a: 1.0 + 0.0 * len(topological_order(y))])
    ask(y).backward()
    assert (x.grad, y.grad) == (1.0, 1.0)


def test_other_modes_record_each_operation():
    w, x, _ = weighted()
    with detect_anomaly():
        assert not is_one_node(dot(w, x))
    with no_grad():
        assert dot(w, x).inputs == ()
    assert grad(lambda a: dot([a, 2.0], [a, a]))(3.0) == 8.0
    assert not is_one_node(dot([2.0, w[0]], [3.0, x[0]]))  # as where its first two numbers are plain ones


def test_numbers_of_other_kinds_are_constants_and_what_is_none_is_refused():
    w, _, _ = weighted()
    node = dot(w, (1, Fraction(1, 2), True))
    assert is_one_node(node)
    assert node.scope.inputs == (*w, 1.0, 0.5, 1.0)
    assert [inner.inputs for inner in topological_order(node)[1:4:2]] == [(w[0], 1.0), (w[1], 0.5)]
    with pytest.raises(NumberError, match="dot needs one real number, got the text 'a'"):
        dot(w, [1.0, 2.0, "a"])
    with pytest.raises(ValueError, match="two lists of the same length, got 3 and 2"):
        dot(w, w[:2])
    assert [float(number) for number in (dot(iter(w), w), dot(w, b=w))] == [8.75, 8.75]


def test_a_layer_is_one_node_a_unit_until_it_is_read():
    layer = Linear(3, 2, bias=False, rng=0)
    layer([1.0, 2.0, 3.0])  # the first call looks which parameters it reaches
    outputs = layer([1.0, 2.0, 3.0])
    assert all(map(is_one_node, outputs))
    sum(outputs).backward()
    assert all(map(is_one_node, outputs))
    assert [weight.grad for weight in layer.weight[1]] == [1.0, 2.0, 3.0]

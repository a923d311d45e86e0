"""`choose`: the value at an index, against plain indexing and PyTorch; what is refused; what it costs."""

from __future__ import annotations

import copy
import math
import pickle
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_core import (
    NonFiniteError,
    Value,
    backward_steps,
    choose,
    detect_anomaly,
    exp,
    forward_steps,
    grad,
    gradcheck,
    hessian,
    jacobian,
    jvp,
    log,
    nth_derivative,
    where,
)
from autograd_core.engine.backward import adjoints
from autograd_core.engine.choose import choose_among

numbers = st.floats(-3, 3).map(lambda x: round(x, 3))


@st.composite
def tables(draw: Any) -> tuple[list[list[float]], list[int]]:
    """A table of rows, and some indices into it, equal ones among them."""
    rows, width = draw(st.integers(1, 12)), draw(st.integers(1, 3))
    table = draw(st.lists(st.lists(numbers, min_size=width, max_size=width), min_size=rows, max_size=rows))
    return table, draw(st.lists(st.integers(0, rows - 1), min_size=1, max_size=6))


def loss(indices: list[Any], table: list[list[Any]], tanh: Any, pick: Any) -> Any:
    """A scalar of the rows at `indices`, not linear in them, in which every pair of numbers meets."""
    total: Any = 0.0
    for place, index in enumerate(indices):
        for column in zip(*table, strict=True):
            total = 0.5 * total + (place + 1.0) * tanh(0.3 * total + pick(index, column))
    return total


def near(tensor: Any) -> Any:
    """Its numbers, to nine digits of the largest."""
    expected = tensor.flatten().tolist()
    return pytest.approx(expected, rel=1e-9, abs=1e-9 * max(1.0, *map(abs, expected)))


@settings(deadline=None, max_examples=40)
@given(tables())
def test_an_embedding_agrees_with_pytorch_to_second_order(case: tuple[list[list[float]], list[int]]) -> None:
    torch = pytest.importorskip("torch")
    table, indices = case
    leaves = [[Value(number) for number in row] for row in table]
    places = [Value(index) for index in indices]
    ours = loss(places, leaves, lambda x: Value.tanh(x), choose)
    flat = [leaf for row in leaves for leaf in row]
    tensor = torch.tensor(table, dtype=torch.float64, requires_grad=True)
    theirs = loss(indices, tensor, torch.tanh, lambda index, column: column[index])
    (first,) = torch.autograd.grad(theirs, tensor, create_graph=True)
    assert ours.data == pytest.approx(theirs.item(), rel=1e-12, abs=1e-12)
    computed = adjoints(ours, create_graph=True)
    assert [float(computed[leaf] or 0.0) for leaf in flat] == near(first)
    assert all(computed[place] is None for place in places)
    slope = sum((weight * computed[leaf] for weight, leaf in enumerate(flat) if computed[leaf] is not None), Value(0.0))
    weights = torch.arange(len(flat), dtype=torch.float64).reshape(first.shape)
    (second,) = torch.autograd.grad((weights * first).sum(), tensor, allow_unused=True, materialize_grads=True)
    again = adjoints(slope)
    assert [again.get(leaf) or 0.0 for leaf in flat] == near(second)


@given(st.lists(st.floats(), min_size=1, max_size=40), st.data())
def test_the_value_is_the_entry_to_the_last_bit(values: list[float], data: Any) -> None:
    index = data.draw(st.integers(0, len(values) - 1))
    assert choose(index, values).hex() == values[index].hex()
    node = choose(Value(index), [Value(number) for number in values])
    assert node.data.hex() == values[index].hex()
    assert choose(index, np.array(values)).hex() == values[index].hex()


@pytest.mark.parametrize("count", [1, 2, 3, 30, 10_000])
def test_the_chosen_edge_alone_carries_a_gradient(count: int) -> None:
    index, values = Value(count - 1), [Value(k) for k in range(count)]
    y = choose(index, values)
    (step,) = backward_steps(y)
    assert [k for k, contribution in enumerate(step.contributions) if contribution is not None] == [count]
    y.backward()
    assert [v.grad for v in values[-3:]] == [0.0, 0.0, 1.0][-count:]
    assert index.grad == 0.0
    (forward,) = forward_steps(y, dict.fromkeys(values, 1.0))
    assert forward.tangent == 1.0


def test_a_choice_among_many_visits_one_edge() -> None:
    """Neither gates nor partials of the closed edges are asked for."""
    y = choose(Value(7), [Value(k) for k in range(30)])
    primitive = y.primitive
    assert primitive is not None
    assert [rule[0] for rule in primitive.open_rules((y.data, *y.input_numbers))] == [8]


def test_the_same_index_twice_adds() -> None:
    row = [Value(2.0), Value(3.0)]
    (choose(Value(1), row) * choose(1, row)).backward()
    assert [v.grad for v in row] == [0.0, 6.0]
    twice = Value(5.0)
    choose(0, [twice, twice]).backward()
    assert twice.grad == 1.0


def test_derivatives_of_every_kind() -> None:
    def f(values: list[Any]) -> Any:
        return choose(Value(2), values) ** 2 * values[0]

    at = [2.0, 5.0, 3.0]
    assert grad(f)(at) == [9.0, 0.0, 12.0]
    assert hessian(f)(at) == [[0.0, 0.0, 6.0], [0.0, 0.0, 0.0], [6.0, 0.0, 4.0]]
    assert jacobian(lambda values: [choose(i, values) for i in (2, 0, 2)])(at) == [[0, 0, 1], [1, 0, 0], [0, 0, 1]]
    assert jvp(f, at, [1.0, 1.0, 1.0]) == (18.0, 21.0)
    assert nth_derivative(lambda x: choose(1, [x, x**3]), 3)(2.0) == 6.0
    assert {entry.verdict for entry in gradcheck(f, (at,), order=2).entries} == {"right"}
    index, *values = gradcheck(choose, (1.0, at), order=1).entries
    assert (index.verdict, index.analytic) == ("at a kink", 0.0)
    assert {entry.verdict for entry in values} == {"right"}


BAD = [-1, 3, 1.5, -0.5, math.nan, math.inf, -math.inf, 1e300, Fraction(1, 3)]


@pytest.mark.parametrize("index", BAD, ids=str)
def test_an_index_that_is_no_place_is_refused(index: Any) -> None:
    values = [Value(k) for k in range(3)]
    for given_index in (index, Value(index)):
        with pytest.raises(
            ValueError, match="choose among 3 values takes a whole number from 0 to 2 as its index, got"
        ):
            choose(given_index, values)
        with pytest.raises(ValueError, match="takes a whole number"):
            choose(given_index, [1.0, 2.0, 3.0])


def test_what_is_no_list_of_numbers_is_refused_with_what_to_write() -> None:
    with pytest.raises(ValueError, match="the list is empty"):
        choose(0, [])
    with pytest.raises(TypeError, match=r"got one float. Write choose\(i, \[\.\.\.\]\)"):
        choose(0, 3.0)
    for rows in ([[1.0], [2.0]], np.ones((2, 2)), [(1.0,)]):
        with pytest.raises(TypeError, match=r"\[choose\(i, column\) for column in zip\(\*table\)\]"):
            choose(0, rows)
    with pytest.raises(TypeError, match="got a dict"):
        choose(0, {1: 2})
    with pytest.raises(TypeError, match=r"write choose\(x, numbers\)"):
        [1.0, 2.0][Value(1)]
    with pytest.raises(TypeError, match="choose needs one real number"):
        choose([0], [1.0])


def test_closed_edges_stop_inf_and_nan() -> None:
    x = Value(0.0)
    y = choose(1, [log(x), x + 1.0, exp(800.0 + x) * x])
    y.backward()
    assert x.grad == 1.0
    with detect_anomaly():
        choose(1, [log(x), x + 1.0]).backward()
    with pytest.raises(NonFiniteError, match="log"), detect_anomaly():
        choose(0, [log(x), x + 1.0]).backward()


def test_choices_are_pickled_and_copied() -> None:
    y = choose(Value(2), [Value(k) for k in range(9)])
    for other in (pickle.loads(pickle.dumps(y)), copy.deepcopy(y)):
        assert other.primitive is choose_among(9)
        assert other.data == 2.0


@given(st.integers(0, 4), st.lists(numbers, min_size=5, max_size=5))
def test_it_is_a_chain_of_where(index: int, at: list[float]) -> None:
    chosen, chained = [Value(x) for x in at], [Value(x) for x in at]
    i = Value(index)
    chain: Any = math.nan
    for k in reversed(range(5)):
        chain = where(i == k, chained[k], chain)
    (choose(i, chosen) * chosen[0]).backward()
    (chain * chained[0]).backward()
    assert [v.grad for v in chosen] == [v.grad for v in chained]

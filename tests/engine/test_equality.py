"""`==` and `!=` of Values: comparisons of numbers, as `<` is, beside an identity that is asked with `is`."""

from __future__ import annotations

import copy
import dataclasses
import importlib
import math
import operator
import pickle
import pkgutil
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest

import autograd_core
import nn
from autograd_core import CompileError, Value, compile, draw, equal, explain, no_grad, where  # noqa: A004
from autograd_core.engine.backward import adjoints
from autograd_core.formulas.expression import Expression
from autograd_core.graph.tape import Tape, append_gradients, append_graph

NUMBERS = [0.0, -0.0, 1.0, 3.0, -2.5, 1e300, 5e-324, math.inf, -math.inf, math.nan]


def test_equality_and_inequality_are_those_of_the_numbers() -> None:
    for a in NUMBERS:
        for b in NUMBERS:
            for left, right in ((Value(a), Value(b)), (Value(a), b), (a, Value(b))):
                for compare in (operator.eq, operator.ne):
                    result = compare(left, right)
                    assert isinstance(result, Value)
                    assert result.data == float(compare(a, b)), (a, b)


def test_the_node_is_that_of_equal_and_unequal_is_equal_of_it_and_zero() -> None:
    x, y = Value(2.0, label="x"), Value(3.0)
    assert ((x == y).op, (x == y).inputs) == (equal(x, y).op, (x, y))
    unequal = x != y
    assert (unequal.op, unequal.inputs[1]) == ("equal", 0.0)
    inner = unequal.inputs[0]
    assert isinstance(inner, Value)
    assert inner.inputs[0] is x
    with no_grad():
        assert (x == y).inputs == ()


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (3, 1.0),
        (True, 0.0),
        (np.float64(3), 1.0),
        (np.float32(3), 1.0),
        (np.int64(3), 1.0),
        (np.bool_(True), 0.0),
        (np.float64(2), 0.0),
        (Fraction(3), 1.0),
        (Decimal(3), 1.0),
        (mpmath.mpf(3), 1.0),
        (mpmath.mpf(2), 0.0),
        (10**15, 0.0),
    ],
)
def test_every_kind_of_number_is_compared_from_both_sides(number: Any, expected: float) -> None:
    x = Value(3.0)
    for left, right in ((x, number), (number, x)):
        for result, wanted in ((left == right, expected), (left != right, 1.0 - expected)):
            assert isinstance(result, Value), type(result)
            assert result.data == wanted


def test_a_numpy_scalar_leaves_every_operator_to_the_value() -> None:
    x = Value(3.0)
    for kind in (np.float64, np.float32, np.int64):
        for operate in (operator.lt, operator.le, operator.gt, operator.ge, operator.add, operator.mul, operator.pow):
            result = operate(kind(2), x)
            assert isinstance(result, Value)
            assert result.data == float(operate(2.0, 3.0))
            result.backward()


@pytest.mark.parametrize("other", [None, "3.0", b"3", 3 + 0j, [3.0], (3.0,), object(), Ellipsis])
def test_what_is_not_a_number_is_unequal(other: Any) -> None:
    x = Value(3.0)
    assert (x == other) is False
    assert (other == x) is False
    assert (x != other) is True
    assert (other != x) is True
    assert x.__eq__(other) is NotImplemented
    assert x.__ne__(other) is NotImplemented


@pytest.mark.parametrize("huge", [10**400, -(10**400), Fraction(10**400, 3)])
def test_a_number_past_the_range_of_float64_equals_no_value(huge: Any) -> None:
    for x in (Value(3.0), Value(math.inf), Value(-math.inf), Value(math.nan)):
        assert (x == huge) is False
        assert (huge == x) is False
        assert (x != huge) is True


def test_arrays_are_compared_element_by_element() -> None:
    x = Value(2.0)
    array = np.array([1.0, 2.0, 3.0])
    for result in (array == x, x == array, np.array([Value(1.0), Value(2.0), Value(3.0)]) == x):
        assert result.tolist() == [False, True, False]
    assert (array != x).tolist() == [True, False, True]
    assert [element.data for element in array * x] == [2.0, 4.0, 6.0]


def test_hash_sets_and_dictionary_keys_go_by_identity() -> None:
    twins = [Value(1.0) for _ in range(1000)]
    assert len(set(twins)) == len(dict.fromkeys(twins)) == 1000
    numbers = {twin: place for place, twin in enumerate(twins)}
    assert all(numbers[twin] == place for place, twin in enumerate(twins))
    assert Value(1.0) not in numbers
    x = Value(math.nan)
    assert x in {x}
    assert hash(x) == object.__hash__(x)
    for twin in (copy.copy(x), copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        assert twin not in {x}


def test_membership_and_the_equality_of_containers_compare_numbers() -> None:
    one, other, two = Value(1.0), Value(1.0), Value(2.0)
    assert other in [one]
    assert two not in [one]
    assert [two, one].index(other) == 1
    assert [one, two, other].count(one) == 2
    remaining = [two, one]
    remaining.remove(other)
    assert remaining[0] is two
    assert [one] == [other] == [1.0]
    assert (one, two) != (two, one)


def test_no_gradient_flows_and_a_branch_is_taken_as_written() -> None:
    x, y = Value(2.0), Value(2.0)
    (x == y).backward()
    assert (x.grad, y.grad) == (0.0, 0.0)
    assert adjoints(x != y)[x] is None

    def sinc(z: Value) -> Any:
        return 1.0 if z == 0 else z.sin() / z

    assert sinc(Value(0.0)) == 1.0
    assert float(sinc(Value(1.0))) == math.sin(1.0)


def test_a_traced_comparison_is_recorded_and_its_truth_is_refused() -> None:
    program = compile(lambda x: where(x == 2, x * 10.0, where(x != 3, x, -x)), example=2.0, backend="numpy")
    assert list(program([1.0, 2.0, 3.0, math.nan])[:3]) == [1.0, 20.0, -3.0]
    for function in (
        lambda x: 1.0 if x == 0 else x,
        lambda x: 1.0 if x != 0 else x,
        lambda x: x if x in [1.0, 2.0] else -x,
        lambda x: x if [x] == [2.0] else -x,
    ):
        with pytest.raises(CompileError, match="a number that changes with the data"):
            compile(function, example=2.0)
    assert list(compile(lambda x: x if x is not None else 0.0, example=2.0, backend="numpy")([4.0])) == [4.0]
    assert list(compile(lambda x: x if x != "text" else 0.0, example=2.0, backend="numpy")([4.0])) == [4.0]


def test_a_partial_may_compare_on_a_tape_too() -> None:
    step = autograd_core.custom_primitive("step", lambda a: a, [lambda y, a: where(a == 2.0, 5.0, where(a != 3, 1, 7))])
    x = Value(2.0)
    y = step(x)
    tape, numbers = Tape(), {}
    order = append_graph(tape, y, numbers)
    slope = tape.register(append_gradients(order, numbers)[x].number)
    for number, expected in ((2.0, 5.0), (3.0, 7.0), (4.0, 1.0)):
        assert tape.run([number])[slope.index] == expected
        assert adjoints(step(leaf := Value(number)))[leaf] == expected


def test_pictures_tables_and_formulas_write_it_with_two_signs() -> None:
    x, y = Value(2.0, label="x"), Value(3.0, label="y")
    output = where(x == y, x, y) * x
    assert "x ≟ y" in str(explain(output))
    assert r"x \overset{?}{=} y" in explain(output).to_latex()
    assert "≟" in draw(output).svg
    for text in ("x == 2", "equal(x, 2)"):
        assert Expression(text)({"x": 2.0}) == 1.0
    with pytest.raises(autograd_core.ExpressionError, match=r"for a != b write \(a == b\) == 0"):
        Expression("x != 2")
    with pytest.raises(autograd_core.ExpressionError, match="one comparison at a time, with < <= > >= =="):
        Expression("x == 2 == 3")


# ---------------------------------------------------------------------- both packages ask for identity with `is`


def classes() -> Iterator[type]:
    for package in (autograd_core, nn):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name.endswith("__main__"):
                continue
            try:
                contents = vars(importlib.import_module(module.name)).values()
            except ImportError:  # of a library that is an extra
                continue
            for content in contents:
                if isinstance(content, type) and content.__module__ == module.name:
                    yield content


def test_no_record_of_either_package_that_holds_values_is_compared_by_its_fields() -> None:
    holding = ("Value", "Node", "Number", "Nested", "Parameter")
    checked = 0
    for kind in classes():
        if dataclasses.is_dataclass(kind):
            fields = {field.name: str(field.type) for field in dataclasses.fields(kind) if field.compare}
        elif issubclass(kind, tuple) and hasattr(kind, "_fields"):
            fields = {name: str(note) for name, note in kind.__annotations__.items()}
        else:
            continue
        checked += 1
        held = [name for name, note in fields.items() if set(holding) & set(words(note))]
        assert not held or kind.__eq__ is object.__eq__, f"{kind.__name__} holds Values ({held}): give it eq=False"
    assert checked > 80


def words(annotation: str) -> list[str]:
    return "".join(letter if letter.isalnum() or letter == "_" else " " for letter in annotation).split()


@pytest.mark.parametrize(
    "compare",
    [
        lambda nodes: nodes[0] == nodes[1],
        lambda nodes: nodes[0] != nodes[1],
        lambda nodes: nodes[0] in nodes[1:],
        lambda nodes: nodes.index(nodes[1]),
        lambda nodes: nodes[:1] == nodes[1:],
    ],
)
def test_the_suite_refuses_such_a_comparison_inside_the_packages(compare: Callable[..., Any]) -> None:
    inside = type(compare)(compare.__code__, {"__name__": "nn.some_module"})
    with pytest.raises(AssertionError, match="compares a node by its number"):
        inside([Value(1.0), Value(2.0)])

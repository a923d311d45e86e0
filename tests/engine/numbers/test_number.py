"""What goes in as a number, what is refused and in which words, and what a Value does among Python's own functions."""

import math
import operator
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from autograd_core import (
    NumberError,
    Value,
    exp,
    maximum,
    mean,
    relu,
    sigmoid,
    sqrt,
    where,
)
from autograd_core import abs as absolute

TWOS = [2, 2.0, np.float16(2), np.float32(2), np.float64(2), np.int64(2), np.uint8(2), Fraction(2), Decimal(2)]
ONES = [True, np.bool_(True)]
OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]
COMPARISONS = [operator.lt, operator.le, operator.gt, operator.ge]


def kind(candidate):
    return type(candidate).__name__


# ------------------------------------------------------------------------------------- numbers on either side


@pytest.mark.parametrize("number", TWOS + ONES, ids=kind)
@pytest.mark.parametrize("operate", OPERATORS + COMPARISONS, ids=lambda operate: operate.__name__)
def test_any_number_on_either_side_of_any_operator(number, operate):
    value, plain = Value(3.0), float(number)
    for result, expected in (
        (operate(value, number), operate(3.0, plain)),
        (operate(number, value), operate(plain, 3.0)),
        (operate(value, Value(number)), operate(3.0, plain)),
    ):
        assert isinstance(result, Value)
        assert type(result.data) is float
        assert result.data == expected


@pytest.mark.parametrize("number", TWOS, ids=kind)
def test_gradients_do_not_depend_on_the_kind_of_number(number):
    x = Value(3.0)
    y = number * x**2 + number / x - x / number + number**x + (x - number)
    y.backward()
    assert x.grad == pytest.approx(12 - 2 / 9 - 0.5 + 8 * math.log(2) + 1, rel=1e-15)


@pytest.mark.parametrize("number", TWOS, ids=kind)
def test_functions_and_compositions_take_any_number(number):
    for function in (
        exp,
        sqrt,
        sigmoid,
        relu,
        lambda x: maximum(x, 1),
        lambda x: where(x, x, 0),
        lambda x: mean([x, 2]),
    ):
        result = function(number)
        assert type(result) is float
        assert result == function(2.0)
    v = Value(0.0)
    v.data = number
    assert type(v.data) is float
    assert v.data == 2.0


def test_a_number_keeps_the_digits_it_came_with():
    assert Value(Fraction(1, 3)).data == 1 / 3
    assert Value(Decimal("0.1")).data == 0.1
    assert Value(np.float32(0.1)).data == float(np.float32(0.1)) != 0.1
    assert Value(2**53 + 1).data == 2.0**53


def test_value_to_a_value_and_a_number_to_a_value():
    a, b = Value(2.0), Value(3.0)
    (a**b).backward()
    assert a.grad == 12.0
    assert b.grad == 8.0 * math.log(2.0)
    c = Value(3.0)
    (2**c).backward()
    assert c.grad == 8.0 * math.log(2.0)


# --------------------------------------------------------------------- among Python's and NumPy's own functions


def test_pythons_own_functions_take_values():
    values = [Value(3.0), Value(1.0), Value(2.0)]
    total, product = sum(values), math.prod(values)
    assert (total.data, product.data) == (6.0, 6.0)
    product.backward()
    assert [value.grad for value in values] == [2.0, 6.0, 3.0]
    assert max(values) is values[0]
    assert min(values) is values[1]
    assert sorted(values) == [values[1], values[2], values[0]]
    assert abs(Value(-2.0)).data == 2.0
    assert absolute(Value(-2.0)).data == 2.0
    assert (+values[0]) is values[0]
    assert pow(values[2], 2).data == 4.0
    assert math.isclose(Value(1.0), 1.0)


def test_numpy_object_arrays():
    a = np.array([Value(1.0), Value(2.0)])
    assert a.dtype == object
    inner = a @ np.array([3.0, 4.0])
    assert isinstance(inner, Value)
    inner.backward()
    assert [value.grad for value in a] == [3.0, 4.0]
    assert (a @ a).data == 5.0
    assert a.sum().data == 3.0
    assert a.mean().data == 1.5
    assert [value.data for value in np.array([[1.0, 2.0], [3.0, 4.0]]) @ a] == [5.0, 11.0]
    for name in ("exp", "log", "log1p", "expm1", "sqrt", "sin", "cos", "tan", "tanh"):
        results = getattr(np, name)(a)
        assert all(isinstance(value, Value) and value.op == name for value in results)
        assert [value.data for value in results] == pytest.approx(getattr(np, name)([1.0, 2.0]), rel=1e-15)
    assert [value.data for value in np.abs(-a)] == [1.0, 2.0]
    assert [value.data for value in a**2] == [1.0, 4.0]
    assert [value.data for value in 2**a] == [2.0, 4.0]


@pytest.mark.parametrize("operate", OPERATORS, ids=lambda operate: operate.__name__)
def test_a_plain_array_with_a_value_gives_an_array_of_values(operate):
    array, value = np.array([1.0, 2.0]), Value(3.0)
    for results, expected in (
        (operate(array, value), operate(array, 3.0)),
        (operate(value, array), operate(3.0, array)),
    ):
        assert results.shape == (2,)
        assert all(isinstance(value, Value) for value in results)
        assert [value.data for value in results] == list(expected)


# ---------------------------------------------------------------------------------------------- what is refused

REFUSED = [
    ("3", "the text '3' (str). Convert it first: float(text)."),
    (b"3", "the text b'3' (bytes)"),
    (None, "None. Did a function return nothing?"),
    ([1.0], "an object of type list. Make one Value per number"),
    ((1.0,), "an object of type tuple. Make one Value per number"),
    ({1.0}, "an object of type set."),
    (1j, "the complex number 1j. Only real numbers are accepted"),
    (np.complex128(1), "the complex number (1+0j)."),
    (np.array([1.0, 2.0]), "an array of shape (2,) (ndarray). Make one Value per number"),
    (np.array(1.0), "an array of shape () (ndarray)."),
    (10**400, "a number that fits float64 (about 1.8e308 at most); this int is larger."),
    (Fraction(10**400), "this Fraction is larger."),
    (object(), "an object of type object."),
]


@pytest.mark.parametrize(
    ("candidate", "words"), REFUSED, ids=lambda item: kind(item) if not isinstance(item, str) else item[:12]
)
def test_what_is_not_one_real_number_is_refused_by_name(candidate, words):
    def assign():
        Value(1.0, "w").data = candidate

    for attempt, role in (
        (lambda: Value(candidate), "Value needs "),
        (assign, "the data of 'w' (leaf, 1.0) needs "),
        (lambda: exp(candidate), "exp needs "),
        (lambda: sigmoid(candidate), "sigmoid needs "),
        (lambda: maximum(Value(1.0), candidate), "maximum needs "),
        (lambda: mean([1.0, candidate]), "mean needs "),
        (lambda: Value(1.0).backward(candidate), "upstream needs "),
    ):
        with pytest.raises(NumberError) as caught:
            attempt()
        assert str(caught.value).startswith(role)
        assert words in str(caught.value)


@pytest.mark.parametrize("candidate", ["3", b"3", None, [1.0], (1.0,), {1.0}, 1j, 10**400, object()], ids=kind)
@pytest.mark.parametrize("operate", OPERATORS + COMPARISONS, ids=lambda operate: operate.__name__)
def test_operators_refuse_with_a_type_error(operate, candidate):
    for pair in ((Value(1.0), candidate), (candidate, Value(1.0))):
        with pytest.raises(TypeError):
            operate(*pair)


def test_a_value_is_not_accepted_as_the_data_of_another():
    with pytest.raises(NumberError, match=r"got a Value\. It is a Value already"):
        Value(Value(1.0))
    v = Value(1.0)
    with pytest.raises(NumberError, match="got a Value"):
        v.data = Value(2.0)


# ------------------------------------------------------------------------------------------- reading the number


def test_reading_a_value():
    v = Value(2.5, label="v")
    assert (float(v), v.item(), v.data) == (2.5, 2.5, 2.5)
    assert f"{v:.3f}|{v:8.1e}|{v}" == "2.500| 2.5e+00|Value(2.5, label='v')"
    assert format(v, "") == repr(v) == str(v)
    v.grad = 1.0
    assert repr(v) == "Value(2.5, label='v', grad=1.0)"
    assert repr(Value(-0.0)) == "Value(-0.0)"


@pytest.mark.parametrize(("number", "truth"), [(0.0, False), (-0.0, False), (1e-300, True), (math.nan, True)])
def test_truth_is_of_the_number(number, truth):
    assert bool(Value(number)) is truth


def test_equality_is_that_of_the_numbers_and_hash_is_identity():
    a, b = Value(1.0), Value(1.0)
    assert a == b
    assert a == 1.0
    assert np.float64(1.0) == a
    assert a != 2.0
    assert len({a, b, a}) == 2
    assert hash(a) != hash(b)
    before = hash(a)
    a.data = 7.0
    assert hash(a) == before
    assert a in {a: 1}


def test_a_leaf_and_a_node_have_their_origin():
    a = Value(2.0)
    y = a * a + 1
    assert (a.op, a.inputs, a.primitive) == ("", (), None)
    assert (y.op, y.inputs[1], y.input_numbers) == ("add", 1.0, (4.0, 1.0))
    assert y.inputs[0].inputs == (a, a)
    assert where(a, y, 3).inputs == (a, y, 3.0)

"""An operation of one's own: what it computes and differentiates, and what is said where it cannot work."""

import math
import re
from fractions import Fraction

import pytest

from autograd_core import (
    GraphError,
    NumberError,
    Value,
    cos,
    custom_primitive,
    exp,
    explain,
    gradcheck,
    maximum,
    no_grad,
)
from autograd_core.engine.backward import adjoints


def kind(candidate):
    return type(candidate).__name__


# -------------------------------------------------------------------------------------------- custom primitives

cube = custom_primitive("cube", lambda a: a * a * a, [lambda y, a: 3 * a**2])
forward_only = custom_primitive("rounded", lambda a: float(round(a)))


def test_a_custom_primitive_computes_records_and_differentiates_to_any_order():
    assert cube(2) == 8.0
    x = Value(2.0)
    y = cube(x)
    assert (y.op, y.data, y.inputs) == ("cube", 8.0, (x,))
    found = []
    for _ in range(3):
        y = adjoints(y, create_graph=True)[x]
        found.append(y.data)
    assert found == [12.0, 12.0, 6.0]


def test_a_custom_primitive_of_two_inputs_with_a_constant_partial():
    shifted = custom_primitive("shifted", lambda a, b: a + 2 * b, [1, Fraction(2)])
    a, b = Value(1.0), Value(2.0)
    shifted(a, b).backward()
    assert (a.grad, b.grad) == (1.0, 2.0)
    c = Value(5.0)
    shifted(c, 7).backward()
    assert c.grad == 1.0


def test_a_primitive_without_partials_raises_only_at_backward():
    x = Value(2.4)
    y = forward_only(x)
    assert y.data == 2.0
    with pytest.raises(GraphError, match=r"'rounded' has a forward rule only.*custom_primitive its partials.*detach"):
        y.backward()
    assert x.grad is None
    (x * forward_only(3.4)).backward()  # of a plain number: no gradient is asked of it
    assert x.grad == 3.0
    (x * forward_only(x).detach()).backward()
    assert x.grad == 5.0
    with no_grad():
        assert forward_only(x).data == 2.0


def test_a_partial_is_evaluated_only_where_a_gradient_is_needed():
    def unwanted(y, a, b):
        raise AssertionError("nobody needs this one")

    product = custom_primitive("product", lambda a, b: a * b, [lambda y, a, b: b, unwanted])
    x = Value(2.0)
    product(x, 5.0).backward()
    assert x.grad == 5.0


@pytest.mark.parametrize(
    ("result", "words"),
    [(None, "got None"), ("1", "got the text '1'"), (1j, "got the complex number 1j"), ([1.0], "type list")],
    ids=kind,
)
def test_a_rule_that_gives_no_real_number_is_named(result, words):
    x = Value(2.0)
    broken = custom_primitive("broken", lambda a: a, [lambda y, a: result])
    with pytest.raises(NumberError, match=r"^broken: the partial with respect to a needs one real number") as caught:
        broken(x).backward()
    assert words in str(caught.value)
    assert x.grad is None
    broken_forward = custom_primitive("broken", lambda a: result)
    for number in (2.0, x):
        with pytest.raises(NumberError, match=r"^broken: forward needs one real number"):
            broken_forward(number)


def test_a_partial_in_floats_works_once_and_says_why_not_twice():
    by_math = custom_primitive("my_sin", math.sin, [lambda y, a: math.cos(a)])
    by_us = custom_primitive("my_sin", math.sin, [lambda y, a: cos(a)])
    x = Value(1.0)
    by_math(x).backward()
    assert x.grad == math.cos(1.0)
    with pytest.raises(GraphError, match=r"plain float while the derivative itself was being.*autograd_core\.cos"):
        by_math(x).backward(create_graph=True)
    first = adjoints(by_us(x), create_graph=True)[x]
    assert adjoints(first)[x] == -math.sin(1.0)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (("f", lambda a, b: a, [1.0]), ValueError, "f has 2 input(s) (a, b) but 1 partials"),
        (("f", lambda a: a, [1.0, 2.0]), ValueError, "f has 1 input(s) (a) but 2 partials"),
        (("f", lambda a: a, lambda y, a: 1.0), TypeError, "partials must be a list"),
        (("f", lambda a: a, [None]), NumberError, "f: the partial with respect to a needs one real number, got None"),
        (("f", lambda a: a, [lambda a: 1.0]), TypeError, "must take the output and then the inputs: lambda y, a: ..."),
        (("f", lambda *a: 1.0), TypeError, "a fixed number of inputs"),
        (("f", lambda: 1.0), TypeError, "a fixed number of inputs"),
        (("f", lambda a, *, b=1: a), TypeError, "a fixed number of inputs"),
        (("f", 3.0), TypeError, "forward must be a function of numbers, got float"),
        (("two words", lambda a: a), ValueError, "'two words' must be an identifier"),
        ((3, lambda a: a), ValueError, "3 must be an identifier"),
    ],
)
def test_a_custom_primitive_that_cannot_work_is_refused_at_once(arguments, error, words):
    with pytest.raises(error, match=re.escape(words)):
        custom_primitive(*arguments)


@pytest.mark.parametrize(
    ("function", "inputs"), [(exp, ()), (exp, (1.0, 2.0)), (maximum, (Value(1.0),)), (cube, (1, 2))]
)
def test_a_primitive_given_the_wrong_count_names_its_arguments(function, inputs):
    with pytest.raises(TypeError, match=rf"^{function.name}\(a(, b)?\) takes \d number\(s\), got {len(inputs)}\.$"):
        function(*inputs)


def test_a_rule_that_divides_by_zero_is_named_with_the_numbers_it_was_given():
    root = custom_primitive("cube_root", lambda a: math.cbrt(a), [lambda y, a: 1 / (3 * y * y)])
    named = (
        r"cube_root: the partial with respect to a failed at y = 0\.0, a = 0\.0: .*division by zero\..*float\('inf'\)"
    )
    x = Value(0.0)
    for use in (root(x).backward, lambda: gradcheck(root, 0.0), lambda: explain(root(x))):
        with pytest.raises(NumberError, match=named) as caught:
            use()
        assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert x.grad is None
    with pytest.raises(NumberError, match=r"mylog: forward failed at a = -1\.0: "):
        custom_primitive("mylog", lambda a: math.log(a))(Value(-1.0))
    with pytest.raises(NumberError, match=r"myexp: forward failed at a = 1000\.0: "):
        custom_primitive("myexp", lambda a: math.exp(a))(1000)


def test_an_error_raised_by_a_rule_is_reported_too():
    def forward(a):
        if a < 0:
            raise ValueError("lengths are positive")
        return a

    with pytest.raises(NumberError, match=r"length: forward failed at a = -2\.0: lengths are positive"):
        custom_primitive("length", forward, [1])(-2)

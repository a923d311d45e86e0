"""IEEE float64 as NumPy has it, the conventions at kinks, and gates that pass nothing when closed."""

import math
from itertools import product

import numpy as np
import pytest

from autograd_core import (
    COMPOSITIONS,
    PRIMITIVES,
    Value,
    elu,
    equal,
    exp,
    leaky_relu,
    log,
    log1p,
    maximum,
    minimum,
    prelu,
    relu,
    sin,
    sqrt,
    tanh,
    threshold,
    topological_order,
    where,
)
from autograd_core import abs as absolute
from autograd_core.engine.backward import adjoints
from autograd_core.graph.tape import Tape, append_graph
from autograd_core.show.record.textbook_graph import textbook_graph

INF, NAN = math.inf, math.nan
SPECIAL = [0.0, 1.0, 2.0, 3.0, 0.5, 1 / 3, 8.0, 1e-9, 1e16, 1000.0, 1e300, 1.7976931348623157e308, 1e-300, 5e-324, INF]
SPECIAL = [*SPECIAL, *(-x for x in SPECIAL), NAN]

NOT_IN_NUMPY = {"erf", "erfc"}
# np.power takes sqrt for an exponent 0.5, which gives (-0.0)**0.5 = -0.0.
IN_OTHER_WORDS = {
    "power": np.float_power,
    "atan": np.arctan,
    "choose": lambda i, *values: np.choose(int(i), values) if i in range(len(values)) else NAN,
}
AS_NUMPY = {name: IN_OTHER_WORDS.get(name) or getattr(np, name) for name in PRIMITIVES if name not in NOT_IN_NUMPY}
# NumPy leaves open which of +0 and -0 is the larger.
SIGN_OF_ZERO_IS_OPEN = {"maximum", "minimum"}


def same(ours, theirs, sign_of_zero=True):
    """Equal in kind (nan, inf, zero, signs) and, where finite, but for the last digits of a different library."""
    if math.isnan(theirs) or math.isinf(theirs) or theirs == 0.0:
        return (
            math.isnan(ours)
            if math.isnan(theirs)
            else ours == theirs and (not sign_of_zero or math.copysign(1.0, ours) == math.copysign(1.0, theirs))
        )
    return abs(ours - theirs) <= max(1e-14 * abs(theirs), 5e-324)


def gradient(output, *inputs):
    total = adjoints(output)
    return tuple(total.get(leaf) for leaf in inputs)


def test_every_primitive_is_compared_or_named_as_missing_in_numpy():
    assert set(PRIMITIVES) == set(AS_NUMPY) | NOT_IN_NUMPY


@pytest.mark.parametrize("name", AS_NUMPY)
def test_forward_is_numpys_on_special_values(name):
    primitive, numpys = PRIMITIVES[name], AS_NUMPY[name]
    many = {"where": product(SPECIAL, SPECIAL, (1.5, NAN)), "choose": product((*SPECIAL, 2.0), SPECIAL, (1.5,), (NAN,))}
    for numbers in many.get(name) or product(SPECIAL, repeat=len(primitive.arguments)):
        with np.errstate(all="ignore"):
            theirs = float(numpys(*(np.float64(number) for number in numbers)))
        ours = primitive(*numbers)
        assert type(ours) is float
        assert same(ours, theirs, name not in SIGN_OF_ZERO_IS_OPEN), f"{name}{numbers}: {ours}, NumPy {theirs}"


@pytest.mark.parametrize(
    ("name", "at_zero", "at_infinity", "below"), [("erf", 0.0, 1.0, -1.0), ("erfc", 1.0, 0.0, 2.0)]
)
def test_erf_and_erfc_on_special_values(name, at_zero, at_infinity, below):
    function = PRIMITIVES[name]
    assert function(0.0) == at_zero
    assert function(INF) == at_infinity
    assert function(-INF) == below
    assert math.isnan(function(NAN))


@pytest.mark.parametrize("name", [*PRIMITIVES, *COMPOSITIONS])
def test_nothing_raises_or_turns_complex_forward_or_backward(name):
    function = {**PRIMITIVES, **COMPOSITIONS}[name]
    count = len(function.arguments)
    few = SPECIAL if count == 1 else [0.0, -0.0, 1.0, -8.0, 1 / 3, 1e300, -1e300, 5e-324, INF, -INF, NAN]
    for numbers in product(few, repeat=count):
        inputs = [Value(number) for number in numbers]
        lists = getattr(function, "takes_lists", False)
        output = function(*([leaf, 1.0] for leaf in inputs)) if lists else function(*inputs)
        assert type(output.data) is float
        for upstream in (1.0, INF, NAN):
            assert all(type(adjoint) in (float, type(None)) for adjoint in adjoints(output, upstream).values())
        plain, first = adjoints(output), adjoints(output, create_graph=True)
        for leaf in inputs:
            assert same(*(math.nan if each.get(leaf) is None else float(each[leaf]) for each in (plain, first)))
            if isinstance(first.get(leaf), Value):
                adjoints(first[leaf], create_graph=True)


@pytest.mark.parametrize(
    ("compute", "expected"),
    [
        (lambda: exp(1000.0), INF),
        (lambda: log(0.0), -INF),
        (lambda: log(-0.0), -INF),
        (lambda: log(-1.0), NAN),
        (lambda: log1p(-1.0), -INF),
        (lambda: sqrt(-1.0), NAN),
        (lambda: sin(INF), NAN),
        (lambda: Value(1.0) / 0, INF),
        (lambda: 1 / Value(0.0), INF),
        (lambda: 1 / Value(-0.0), -INF),
        (lambda: -1 / Value(0.0), -INF),
        (lambda: Value(0.0) / 0, NAN),
        (lambda: Value(-8.0) ** (1 / 3), NAN),
        (lambda: (-8) ** Value(1 / 3), NAN),
        (lambda: Value(0.0) ** 0, 1.0),
        (lambda: Value(NAN) ** 0, 1.0),
        (lambda: Value(0.0) ** -1, INF),
        (lambda: Value(-0.0) ** -1, -INF),
        (lambda: Value(-0.0) ** -2, INF),
        (lambda: Value(-0.0) ** 3, -0.0),
        (lambda: Value(1e200) * 1e200, INF),
        (lambda: Value(1e200) ** 2, INF),
        (lambda: Value(-1e200) ** 3, -INF),
        (lambda: Value(-1e200) ** 2, INF),
        (lambda: Value(INF) - INF, NAN),
        (lambda: Value(0.0) * INF, NAN),
        (lambda: Value(0.0) + -0.0, 0.0),
        (lambda: -Value(0.0), -0.0),
    ],
)
def test_decided_results(compute, expected):
    result = float(compute())
    assert same(result, expected), result


# --------------------------------------------------------------------------------------------------------- kinks


@pytest.mark.parametrize(
    ("function", "below", "at", "above"),
    [
        (relu, 0.0, 0.0, 1.0),
        (absolute, -1.0, 0.0, 1.0),
        (lambda x: leaky_relu(x, 0.25), 0.25, 0.25, 1.0),
        (lambda x: prelu(x, 0.25), 0.25, 0.25, 1.0),
        (lambda x: elu(x, 2.0), 2.0, 2.0, 1.0),
        (threshold, 0.0, 0.0, 0.0),
        (lambda x: maximum(x, 0.0), 0.0, 0.5, 1.0),
        (lambda x: maximum(0.0, x), 0.0, 0.5, 1.0),
        (lambda x: minimum(x, 0.0), 1.0, 0.5, 0.0),
        (lambda x: minimum(0.0, x), 1.0, 0.5, 0.0),
    ],
)
def test_the_derivative_at_a_kink(function, below, at, above):
    for number, expected in ((-1e-30, below), (0.0, at), (-0.0, at), (1e-30, above)):
        x = Value(number)
        (got,) = gradient(function(x), x)
        assert (got or 0.0) == pytest.approx(expected, rel=1e-15), number


@pytest.mark.parametrize(
    ("function", "slope"),
    [
        (relu, 1.0),
        (leaky_relu, 1.0),
        (lambda x: prelu(x, 0.25), 1.0),
        (lambda x: elu(x, 2.0), 1.0),
        (threshold, None),
        (lambda x: threshold(0.5, x), None),
    ],
)
def test_nan_stays_nan_with_the_slope_of_the_open_branch(function, slope):
    assert math.isnan(float(function(NAN)))
    x = Value(NAN)
    y = function(x)
    for form in (y, textbook_graph(y)):
        assert math.isnan(form.data)
        assert gradient(form, *(leaf for leaf in topological_order(form) if not leaf.op)) == (slope,)
    tape, numbers = Tape(), {}
    append_graph(tape, y, numbers)
    assert math.isnan(tape.run([NAN])[numbers[y].index])
    assert not math.isnan(tape.run([0.25])[numbers[y].index])


@pytest.mark.parametrize("choose", [maximum, minimum])
def test_a_tie_is_split_in_halves_and_a_node_against_itself_gets_both(choose):
    a, b = Value(2.0), Value(2.0)
    assert gradient(choose(a, b), a, b) == (0.5, 0.5)
    assert gradient(choose(a, a), a) == (1.0,)
    zero, minus_zero = Value(0.0), Value(-0.0)
    assert gradient(choose(zero, minus_zero), zero, minus_zero) == (0.5, 0.5)
    largest, same_one = Value(INF), Value(INF)
    assert gradient(choose(largest, same_one), largest, same_one) == (0.5, 0.5)


@pytest.mark.parametrize("choose", [maximum, minimum])
def test_maximum_and_minimum_pass_nan_on_and_both_inputs_get_a_gradient(choose):
    for numbers in ((NAN, 1.0), (1.0, NAN), (NAN, NAN)):
        a, b = (Value(number) for number in numbers)
        output = choose(a, b)
        assert math.isnan(output.data)
        assert gradient(output, a, b) == (1.0, 1.0)


@pytest.mark.parametrize("upstream", [1.0, INF, -INF, NAN])
def test_a_closed_gate_passes_nothing_for_any_upstream(upstream):
    closed, open_ = Value(-1.0), Value(2.0)
    for output in (
        relu(closed),
        maximum(closed, 2.0),
        minimum(open_, -1.0),
        where(0.0, closed, open_),
        threshold(closed),
    ):
        total = adjoints(output, upstream)
        assert total.get(closed if closed in total else open_) is None
    a, b = Value(1.0), Value(2.0)
    passed = adjoints(where(a > 0, a, b), upstream)
    assert passed[b] is None
    assert same(passed[a], upstream)


def test_a_closed_gate_passes_nothing_where_the_other_branch_is_not_finite():
    for function in (log, sqrt, lambda x: 1 / x, lambda x: x**-0.5, lambda x: exp(1 / x)):
        x = Value(0.0)
        y = where(x > 0, function(x), x * 3)
        assert y.data == 0.0
        assert gradient(y, x) == (3.0,)
        first = adjoints(y, create_graph=True)[x]
        assert float(first) == 3.0
    x = Value(-1.0)
    assert gradient(where(x > 0, log(x), 2 * x), x) == (2.0,)


def test_a_closed_gate_closes_second_derivatives_too():
    x = Value(0.0)
    first = adjoints(where(x > 0, sqrt(x), x * x * x + x * x), create_graph=True)[x]
    assert float(first) == 0.0
    assert float(adjoints(first, create_graph=True)[x]) == 2.0


def test_a_nan_condition_counts_as_true_like_numpys_where():
    c, a, b = Value(NAN), Value(1.0), Value(2.0)
    y = where(c, a, b)
    assert y.data == float(np.where(np.nan, 1.0, 2.0)) == 1.0
    assert gradient(y, c, a, b) == (None, 1.0, None)


def test_comparisons_are_values_and_pass_no_gradient():
    a, b = Value(1.0), Value(2.0)
    for compared, expected in ((a < b, 1.0), (a <= b, 1.0), (a > b, 0.0), (a >= b, 0.0), (equal(a, b), 0.0)):
        assert isinstance(compared, Value)
        assert compared.data == expected
        assert gradient(compared, a, b) == (None, None)


# ------------------------------------------------------------------------------------------------------- powers


def tower(function, number, orders):
    """[f, f', f'' ...] at a number, each from the graph of the one before."""
    x = Value(number)
    y = function(x)
    found = [y.data]
    for _ in range(orders):
        reached = adjoints(y, create_graph=True).get(x) if isinstance(y, Value) else None
        y = 0.0 if reached is None else reached
        found.append(float(y))
    return found


@pytest.mark.parametrize(
    ("exponent", "expected"),
    [
        (0, [1.0, 0.0, 0.0, 0.0]),
        (1, [0.0, 1.0, 0.0, 0.0]),
        (2, [0.0, 0.0, 2.0, 0.0]),
        (3, [0.0, 0.0, 0.0, 6.0]),
        (4, [0.0, 0.0, 0.0, 0.0]),
        (0.5, [0.0, INF]),
        (1.5, [0.0, 0.0, INF]),
        (-1, [INF, -INF, INF]),
    ],
)
@pytest.mark.parametrize("as_value", [False, True])
def test_powers_at_zero(exponent, expected, as_value):
    b = Value(exponent) if as_value else exponent
    assert tower(lambda x: x**b, 0.0, len(expected) - 1) == expected


@pytest.mark.parametrize("a", [0.3, 1.0, 2.5])
def test_mixed_second_derivative_of_a_power_at_exponent_zero_is_one_over_a(a):
    base, exponent = Value(a), Value(0.0)
    first = adjoints(base**exponent, create_graph=True)
    by_base, by_exponent = first[base], first[exponent]
    assert float(by_base) == 0.0
    assert float(by_exponent) == math.log(a)
    assert adjoints(by_base)[exponent] == pytest.approx(1 / a, rel=1e-15)
    assert adjoints(by_exponent)[base] == pytest.approx(1 / a, rel=1e-15)
    assert adjoints(by_base)[base] == 0.0
    assert adjoints(by_exponent)[exponent] == pytest.approx(math.log(a) ** 2, rel=1e-15)


@pytest.mark.parametrize(("exponent", "expected"), [(0.0, 0.0), (0.5, 0.0), (2.0, 0.0), (-1.0, -INF)])
def test_derivative_of_zero_to_the_b_with_respect_to_b(exponent, expected):
    b = Value(exponent)
    assert gradient(0.0**b, b) == (expected,)


def test_a_constant_exponent_needs_no_logarithm_of_a_negative_base():
    x, exponent = Value(-2.0), Value(3.0)
    assert gradient(x**3, x) == (12.0,)
    by_base, by_exponent = gradient(x**exponent, x, exponent)
    assert by_base == 12.0
    assert math.isnan(by_exponent)


# ------------------------------------------------------------------------------------------- infinities, by hand


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("sigmoid", 0.0, 1.0),
        ("tanh", -1.0, 1.0),
        ("relu", 0.0, INF),
        ("elu", -1.0, INF),
        ("softplus", 0.0, INF),
        ("normal_cdf", 0.0, 1.0),
        ("threshold", 0.0, 1.0),
        ("swish", NAN, INF),  # -inf * 0: the IEEE result of x * sigmoid(x)
        ("gelu", NAN, INF),
    ],
)
def test_activations_at_infinity_give_the_ieee_result_of_the_composition(name, low, high):
    function = {**PRIMITIVES, **COMPOSITIONS}[name]
    assert same(function(-INF), low)
    assert same(function(INF), high)


def test_saturated_slopes_are_zero_not_nan():
    for function in (tanh, COMPOSITIONS["sigmoid"], COMPOSITIONS["softplus"], COMPOSITIONS["normal_cdf"]):
        for number in (-INF, -1000.0):
            x = Value(number)
            assert (gradient(function(x), x)[0] or 0.0) == 0.0


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (2, 0, 1)])
def test_logsumexp_takes_masked_terms_in_any_order(order):
    inputs = [Value(-INF), Value(-INF), Value(1.5)]
    output = COMPOSITIONS["logsumexp"]([inputs[index] for index in order])
    assert output.data == 1.5
    assert gradient(output, *inputs) == (0.0, 0.0, 1.0)


def test_logsumexp_of_nothing_but_masked_terms_is_minus_infinity():
    assert COMPOSITIONS["logsumexp"]([-INF, -INF, -INF]) == -INF

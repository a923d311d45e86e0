"""Every entry of both tables against mpmath at 50 digits: the value, the derivative the engine computes, the tails.

The bound is 1e-13 relative wherever the result, and what it is computed from, are normal numbers. The exceptions are
few and each is written where it is made: near a result's own zero (1e-15 absolute), among the subnormals (a few units
of the smallest), and far in the tails of the normal distribution (3e-13, since exp(-x*x/2) magnifies the rounding of
its argument x*x times) and of its approximation by tanh (2e-13, for the same reason).
"""

import math
import random
from itertools import product

import pytest
from mpmath import mp

from autograd_core import COMPOSITIONS, PRIMITIVES, Value, dot, logsumexp, mean
from autograd_core.engine.backward import adjoints

RELATIVE = 1e-13
SMALLEST, SMALLEST_NORMAL, LARGEST = 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308
LISTS = [name for name, entry in COMPOSITIONS.items() if entry.takes_lists]
SCALARS = [*PRIMITIVES, *(name for name in COMPOSITIONS if name not in LISTS)]
TABLE = {**PRIMITIVES, **COMPOSITIONS}

half = mp.mpf(1) / 2


def zero(*_):
    return mp.mpf(0)


def one(*_):
    return mp.mpf(1)


def normal(x):
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def erfc(x):
    if x > 1e9:  # past what mpmath takes: the first term of the asymptotic series, right to 1e-18
        return mp.exp(-x * x) / (x * mp.sqrt(mp.pi))
    return mp.mpf(2) if x < -1e9 else mp.erfc(x)


def normal_cdf(x):
    return erfc(-x / mp.sqrt(2)) / 2


def logistic(x):
    return 1 / (1 + mp.exp(-x))


def logistic_slope(x):
    return mp.exp(-abs(x)) / (1 + mp.exp(-abs(x))) ** 2


def softplus(x):
    return mp.log1p(mp.exp(-abs(x))) + max(x, 0)


def inner(x):
    return mp.sqrt(8 / mp.pi) * (x + mp.mpf("0.044715") * x**3)


def inner_slope(x):
    return mp.sqrt(8 / mp.pi) * (1 + 3 * mp.mpf("0.044715") * x**2)


LEAKY = (
    lambda x, slope: x if x > 0 else slope * x,
    lambda x, slope: mp.mpf(1) if x > 0 else slope,
    lambda x, slope: zero() if x > 0 else x,
)

# The truth, from outside: value, then the derivative with respect to each input.
TRUTH = {
    "less": (lambda a, b: mp.mpf(a < b), zero, zero),
    "less_equal": (lambda a, b: mp.mpf(a <= b), zero, zero),
    "greater": (lambda a, b: mp.mpf(a > b), zero, zero),
    "greater_equal": (lambda a, b: mp.mpf(a >= b), zero, zero),
    "equal": (lambda a, b: mp.mpf(a == b), zero, zero),
    "where": (
        lambda c, a, b: a if c != 0 else b,
        zero,
        lambda c, a, b: mp.mpf(c != 0),
        lambda c, a, b: mp.mpf(c == 0),
    ),
    "choose": (
        lambda i, *v: v[int(mp.nint(i))],
        zero,
        *[lambda i, *v, k=k: mp.mpf(mp.nint(i) == k) for k in range(3)],
    ),
    "add": (lambda a, b: a + b, one, one),
    "subtract": (lambda a, b: a - b, one, lambda a, b: -mp.mpf(1)),
    "multiply": (lambda a, b: a * b, lambda a, b: b, lambda a, b: a),
    "divide": (lambda a, b: a / b, lambda a, b: 1 / b, lambda a, b: -a / b**2),
    "negative": (lambda a: -a, lambda a: -mp.mpf(1)),
    "power": (mp.power, lambda a, b: b * mp.power(a, b - 1), lambda a, b: mp.power(a, b) * mp.log(a)),
    "exp": (mp.exp, mp.exp),
    "expm1": (mp.expm1, mp.exp),
    "log": (mp.log, lambda a: 1 / a),
    "log1p": (mp.log1p, lambda a: 1 / (1 + a)),
    "sqrt": (mp.sqrt, lambda a: half / mp.sqrt(a)),
    "sin": (mp.sin, mp.cos),
    "cos": (mp.cos, lambda a: -mp.sin(a)),
    "tan": (mp.tan, lambda a: mp.sec(a) ** 2),
    "atan": (mp.atan, lambda a: 1 / (1 + a * a)),
    "tanh": (mp.tanh, lambda a: mp.sech(a) ** 2),
    "erf": (lambda a: 1 - erfc(a) if abs(a) > 1e9 else mp.erf(a), lambda a: 2 / mp.sqrt(mp.pi) * mp.exp(-a * a)),
    "erfc": (erfc, lambda a: -2 / mp.sqrt(mp.pi) * mp.exp(-a * a)),
    "abs": (abs, mp.sign),
    "floor": (mp.floor, zero),
    "maximum": (max, lambda a, b: (1 + mp.sign(a - b)) / 2, lambda a, b: (1 + mp.sign(b - a)) / 2),
    "minimum": (min, lambda a, b: (1 + mp.sign(b - a)) / 2, lambda a, b: (1 + mp.sign(a - b)) / 2),
    "threshold": (lambda x, theta: mp.mpf(x > theta), zero, zero),
    "sigmoid": (logistic, logistic_slope),
    "relu": (lambda x: max(x, 0), lambda x: mp.mpf(x > 0)),
    "leaky_relu": LEAKY,
    "prelu": LEAKY,
    "elu": (
        lambda x, alpha: x if x > 0 else alpha * mp.expm1(x),
        lambda x, alpha: mp.mpf(1) if x > 0 else alpha * mp.exp(x),
        lambda x, alpha: zero() if x > 0 else mp.expm1(x),
    ),
    "swish": (lambda x: x * logistic(x), lambda x: logistic(x) + x * logistic_slope(x)),
    "normal_cdf": (normal_cdf, normal),
    "gelu": (lambda x: x * normal_cdf(x), lambda x: normal_cdf(x) + x * normal(x)),
    "gelu_tanh": (
        lambda x: x * logistic(inner(x)),
        lambda x: logistic(inner(x)) + x * inner_slope(x) * logistic_slope(inner(x)),
    ),
    "softplus": (softplus, logistic),
    "logsumexp": (
        lambda *v: mp.log(mp.fsum(mp.exp(each) for each in v)),
        lambda i, *v: mp.exp(v[i]) / mp.fsum(mp.exp(each) for each in v),
    ),
    "dot": (
        lambda *ab: mp.fdot(ab[: len(ab) // 2], ab[len(ab) // 2 :]),
        lambda i, *ab: ab[(i + len(ab) // 2) % len(ab)],
    ),
    "mean": (lambda *v: mp.fsum(v) / len(v), lambda i, *v: mp.mpf(1) / len(v)),
}

# Derivatives that change sign: near that zero the terms cancel, and 1e-15 absolute is what can be had.
OWN_ZERO = {("swish", 1): -1.2784645427610738, ("gelu", 1): -0.7517915247, ("gelu_tanh", 1): -0.7524614220710163}
# Results that are a number times a tail: where the tail is subnormal, its rounding is multiplied too.
FACTOR_OF_A_TAIL = {"swish": lambda x: x, "gelu": lambda x: x, "gelu_tanh": lambda x: x, "elu": lambda x, alpha: alpha}

LOGARITHMIC = [sign * 10.0**k for k in (-300, -200, -100, -20, -9, -3, 0, 3, 9, 20, 100, 200, 300) for sign in (1, -1)]
TAILS = [0.0, *LOGARITHMIC] + [
    s * x for x in (6.0, 20.0, 25.0, 26.5, 37.0, 700.0, 745.0, 800.0, 1000.0) for s in (1, -1)
]
FEW = [0.0] + [s * x for x in (1e-300, 1e-9, 0.3, 1.0, 2.5, 20.0, 1000.0, 1e300) for s in (1, -1)]
POSITIVE = [x for x in TAILS if x > 0]
SPECIFIC_TAILS = {
    "log": [(x,) for x in POSITIVE],
    "sqrt": [(x,) for x in POSITIVE],
    "log1p": [(x,) for x in TAILS if x > -1.0] + [(-1.0 + 1e-15,)],
    "divide": [(a, b) for a, b in product(FEW, FEW) if b != 0.0],
    "power": [
        *product([x for x in FEW if x > 0] + [1 - 1e-9, 1 + 1e-9], FEW),
        *product([x for x in FEW if x < 0], (-3.0, -2.0, 2.0, 3.0)),
    ],
    "gelu_tanh": [(x,) for x in (*TAILS, -20.879797996473695)],
    "where": list(product((0.0, 1.0, -2.0), FEW, (-1.0, 1e300))),
    "choose": list(product((0.0, 1.0, 2.0), FEW, (-1.0, 1e300), (0.5,))),
}


def points(name):
    """Numbers for each input: spread over the domain, random inside it, and far outside."""
    entry = TABLE[name]
    shuffle = random.Random(name)
    inside = [tuple(low + (high - low) * k / 40 for low, high in entry.domain) for k in range(41)]
    inside += [tuple(shuffle.uniform(*interval) for interval in entry.domain) for _ in range(80)]
    count = len(entry.arguments)
    return inside + SPECIFIC_TAILS.get(name, list(product(TAILS if count == 1 else FEW, repeat=count)))


def tolerance(name, order, numbers, truth):
    """How far the computed number may be from the truth."""
    bound = RELATIVE * abs(truth)
    if name in ("normal_cdf", "gelu") and abs(numbers[0]) > 23:
        bound = 3e-13 * abs(truth)
    if name == "gelu_tanh" and numbers[0] < -15:
        bound = 2e-13 * abs(truth)
    if abs(numbers[0] - OWN_ZERO.get((name, order), math.inf)) < 0.1:
        bound = max(bound, 1e-15)
    factor = abs(FACTOR_OF_A_TAIL[name](*numbers)) if name in FACTOR_OF_A_TAIL else 1.0
    return max(bound, 4 * SMALLEST * max(1.0, factor))


def assert_close(computed, truth, bound, what):
    if math.isinf(computed):
        assert abs(truth) > LARGEST, f"{what}: {computed}, truth {mp.nstr(truth, 20)}"
        assert mp.sign(truth) == math.copysign(1.0, computed), f"{what}: {computed}, truth {mp.nstr(truth, 20)}"
        return
    error = abs(mp.mpf(computed) - truth)
    relative = mp.nstr(error / abs(truth), 3) if truth else "inf"
    assert error <= bound, f"{what}: {computed!r}, truth {mp.nstr(truth, 20)}, relative error {relative}"


def test_every_entry_of_both_tables_has_a_truth():
    assert set(TRUTH) == set(TABLE)


def test_the_truths_agree_with_themselves():
    # The derivatives above were typed by hand: differentiate the values numerically at 50 digits beyond doubt.
    with mp.workdps(50):
        for name in SCALARS:
            value, *derivatives = TRUTH[name]
            numbers = [mp.mpf(low) + (high - low) * mp.mpf(0.37) for low, high in TABLE[name].domain]
            numbers[0] -= mp.mpf(0.01)  # away from the diagonal, where maximum and the comparisons have their kink
            for i, derivative in enumerate(derivatives):
                numeric = mp.diff(value, tuple(numbers), tuple(int(i == k) for k in range(len(numbers))))
                assert mp.almosteq(numeric, derivative(*numbers), 1e-25, 1e-25), (name, i)


@pytest.mark.parametrize("name", SCALARS)
def test_value_and_first_derivative(name):
    function = TABLE[name]
    with mp.workdps(50):
        for numbers in points(name):
            inputs = [Value(number) for number in numbers]
            output = function(*inputs)
            assert output.data == function(*numbers), f"{name}{numbers}: numbers and Values part"
            total = adjoints(output)
            computed = [output.data, *(total.get(leaf) or 0.0 for leaf in inputs)]  # None: nothing flows
            exact = [mp.mpf(number) for number in numbers]
            for order, (number, truth) in enumerate(zip(computed, TRUTH[name], strict=True)):
                if order == 2 and name == "power" and numbers[0] < 0:
                    assert math.isnan(number)  # log of a negative base
                    continue
                true = truth(*exact)
                assert_close(number, true, tolerance(name, order, numbers, true), f"{name}{numbers} [{order}]")


FIVE = [0.3, -1.2, 2.5, 0.3, 1.9]
VECTORS = [
    [0.7],
    [-1000.0],
    [1000.0],
    [0.3, 0.3],
    [-0.6931471805599453, -0.6931471805599453],  # logsumexp is 0 here
    [1000.0, 1000.0],
    [-1000.0, -1000.0],
    [1000.0, -1000.0],
    [-1000.0, 1000.0],
    [-20.0, 17.3],
    FIVE,
    sorted(FIVE),
    sorted(FIVE, reverse=True),
    [1000.0, -1000.0, 0.1, 1000.0, -1000.0],
    [-1000.0, 0.1, 999.9, 1000.0, 1000.0],
    [1e-9, -1e-9, 0.0, 1e-300, -800.0],
    [1e300, 1e-300, -1e299, 3.0, 1e300],
]


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("numbers", VECTORS, ids=str)
def test_functions_of_lists(name, numbers):
    weights = [1.5, -0.25, 3.0, 1e-9, 1000.0][: len(numbers)]
    flat = [*numbers, *weights] if name == "dot" else numbers
    inputs = [Value(number) for number in flat]
    lists = (inputs[: len(numbers)], inputs[len(numbers) :]) if name == "dot" else (inputs,)
    output = TABLE[name](*lists)
    total = adjoints(output)
    value, derivative = TRUTH[name]
    with mp.workdps(1000):
        exact = [mp.mpf(number) for number in flat]
        true = value(*exact)
        # A sum is as exact as its largest term lets it be.
        terms = {"dot": [a * b for a, b in zip(numbers, weights, strict=True)], "mean": numbers}.get(name, [true])
        scale = sum(abs(mp.mpf(term)) for term in terms)
        assert_close(output.data, true, max(RELATIVE * scale, 1e-15 if name == "logsumexp" else 0), name)
        for i, leaf in enumerate(inputs):
            true = derivative(i, *exact)
            assert_close(total[leaf] or 0.0, true, max(RELATIVE * abs(true), 4 * SMALLEST), f"{name} by input {i}")


# --------------------------------------------------------------------------------------- derivatives of higher order

HIGHER = {
    name: (TABLE[name], TRUTH[name][1]) for name in SCALARS if len(TABLE[name].arguments) == 1 and not TABLE[name].kink
}
HIGHER |= {
    "x**2": (lambda x: x**2, lambda x: 2 * x),
    "x**3": (lambda x: x**3, lambda x: 3 * x * x),
    "x*x*x": (lambda x: x * x * x, lambda x: 3 * x * x),
    "2**x": (lambda x: 2**x, lambda x: 2**x * mp.log(2)),
    "1/x": (lambda x: 1 / x, lambda x: -1 / (x * x)),
    "x**1.5": (lambda x: x**1.5, lambda x: 1.5 * mp.sqrt(x)),
    "logsumexp([x, 0])": (lambda x: logsumexp([x, 0.0]), logistic),
    "logsumexp([0, x])": (lambda x: logsumexp([0.0, x]), logistic),
    "mean([x, 1])**2": (lambda x: mean([x, 1.0]) ** 2, lambda x: (x + 1) / 2),
    "dot([x, x], [x, 1])": (lambda x: dot([x, x], [x, 1.0]), lambda x: 2 * x + 1),
}
LEAST = {"log": 1e-9, "sqrt": 1e-9, "1/x": 1e-9, "x**1.5": 1e-9, "log1p": 0.0}
POINTS = (0.0, 1e-9, -1e-9, 0.5, -0.5, 30.0, -30.0, 800.0, -800.0, 1000.0, -1000.0)


@pytest.mark.parametrize("name", HIGHER)
def test_derivatives_of_order_two_and_three(name):
    """The bound of the first order, 1e-13 relative, holds for orders 2 and 3 as well: each branch is analytic and has
    one way to compute it. Near 0 the odd and even ones pass through a zero of their own (tanh'' = -2x), where terms
    of size 1 cancel: 1e-15 absolute. 400 digits, so that a result below the smallest number differs from zero noise.
    """
    function, slope = HIGHER[name]
    with mp.workdps(400):
        for x in POINTS:
            if x < LEAST.get(name, -math.inf):
                continue
            variable = Value(x)
            derivative = function(variable)
            for order in (1, 2, 3):
                reached = None
                if isinstance(derivative, Value):  # a plain float is a constant, whose own derivative is 0
                    reached = adjoints(derivative, create_graph=True).get(variable)
                derivative = 0.0 if reached is None else reached
                true = slope(mp.mpf(x)) if order == 1 else mp.diff(slope, mp.mpf(x), order - 1)
                near_zero = 1e-15 if abs(x) <= 1e-9 else 0.0
                bound = max(RELATIVE * abs(true), near_zero, 4 * SMALLEST * max(1.0, x * x))
                assert_close(float(derivative), true, bound, f"{name} at {x}, order {order}")

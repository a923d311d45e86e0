"""The checker must be able to fail: planted faults are caught with the right input named, right functions pass."""

import functools
import itertools
import math
import random

import pytest

from autograd_core import (
    COMPOSITIONS,
    PRIMITIVES,
    GradCheckError,
    Value,
    cos,
    custom_primitive,
    exp,
    leaky_relu,
    log,
    maximum,
    relu,
    sin,
    softplus,
    sqrt,
    tanh,
    threshold,
    where,
)
from autograd_core import abs as absolute
from autograd_core.derivatives.finite_differences import differences
from autograd_core.derivatives.gradcheck import gradcheck
from tests.campaigns import checker

# ------------------------------------------------------------------------------------------------ right functions


@pytest.mark.parametrize("name", [*PRIMITIVES, *COMPOSITIONS])
def test_every_entry_of_both_tables_is_right_to_second_order(name):
    f = {**PRIMITIVES, **COMPOSITIONS}[name]
    rng = random.Random(name)
    domains = (f.domain * len(f.arguments))[: len(f.arguments)]
    for _ in range(8):
        if getattr(f, "takes_lists", False):
            at = tuple([rng.uniform(*domain) for _ in range(3)] for domain in domains)
        else:
            at = tuple(rng.uniform(*domain) for domain in domains)
        if name == "choose":  # the index is no number to differentiate with respect to
            report = gradcheck(functools.partial(f, at[0]), at[1:], order=2)
        else:
            report = gradcheck(f, at, order=2)
        assert {entry.verdict for entry in report.entries} == {"right"}, str(report)


def test_a_whole_network_is_right():
    def loss(weights, bias, x):
        h = [tanh(sum(w * v for w, v in zip(row, x, strict=True)) + b) for row, b in zip(weights, bias, strict=True)]
        return (h[0] * h[1] - 0.5) ** 2

    report = gradcheck(loss, ([[0.1, -0.4], [0.7, 0.2]], [0.3, -0.2], [1.0, 2.0]), order=2)
    assert {entry.verdict for entry in report.entries} == {"right"}
    assert len(report.entries) == 8 + 64


def test_functions_that_are_hard_for_one_fixed_step():
    for f, x in (
        (lambda x: sin(1e6 * x), 1.0),
        (lambda x: log(x), 1e-12),
        (lambda x: x**3, 1e8),
        (lambda x: exp(x), 700.0),
        (lambda x: 1e6 + 1e-2 * sin(x), 1.0),
        (lambda x: sqrt(x), 1e-300),
        (lambda x: x * x, 1e-9),
        (lambda x: relu(x), 1e-7),
    ):
        (entry,) = gradcheck(f, x).entries
        assert entry.verdict == "right"
        assert entry.relative_error < 1e-6


def test_differences_know_their_own_error():
    for f, x, truth in ((math.exp, 1.0, math.e), (math.sin, 2.0, math.cos(2.0)), (log, 0.3, 1 / 0.3)):
        (difference,) = (
            differences(lambda number, f=f: [f(number)], x)
            if f is not math.log
            else differences(lambda number: [math.log(number) if number > 0 else math.nan], x)
        )
        assert difference.numeric == pytest.approx(truth, rel=1e-9)
        assert abs(difference.numeric - truth) <= 10 * difference.error
        assert difference.error <= 1e-8 * abs(truth)


@pytest.mark.parametrize(
    ("f", "x", "truth"),
    [
        (sin, 1e10, 0.873119622676856),
        (lambda x: 1 / (1 - x), 1 - 1e-9, 1.0000000565638653e18),
        (lambda x: exp(-((x - 100) ** 2)), 100.5, -0.7788007830714049),  # narrower than the first steps
        (lambda x: x + exp(-((x / 1e-9) ** 2)) * 1e-9, 1e-9, 1 - 2 * math.exp(-1)),
        (lambda x: x + 1e-15 * tanh(x / 1e-12), 0.0, 1.001),
        (lambda x: tanh(1e200 * x), 0.0, 1e200),
    ],
)
def test_the_steps_follow_the_scale_on_which_the_function_changes(f, x, truth):
    (entry,) = gradcheck(f, x).entries
    assert entry.verdict == "right", entry
    assert entry.numeric == pytest.approx(truth, rel=1e-7)
    off = custom_primitive("off", lambda a: a, [1.001])  # the same functions, each with a derivative 0.1% off
    (entry,) = gradcheck(lambda x: f(off(x)), x, raise_wrong=False).entries
    assert entry.verdict == "wrong", entry


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (sin, 1e15),  # its neighbours are further apart than its waves are long
        (lambda x: (x + 1e16) - 1e16, 0.3),
        (lambda x: x + sin(3.0 * x), 1e15),
        (lambda x: log(1 - (1 - exp(-x))), 30.0),
        (sqrt, 0.0),
        (lambda x: 1 / x, 1e-200),
        (lambda x: exp(x) * exp(-x), 700.0),
        (lambda x: (-1e-300 * x) / x, -1e-200),  # 1e-500 is 0
        (lambda x: 1e16 - absolute(cos(x)), -108678733289.9356),
        (lambda x: sin(softplus(x)), 1093114955256313.2),
    ],
)
def test_where_no_difference_can_decide_nothing_is_called_wrong(f, x):
    for entry in gradcheck(f, x).entries:
        assert entry.verdict in ("right", "suspicious")
        assert entry.note or entry.verdict == "right"


def test_ten_thousand_right_functions_in_part():
    wrong, verdicts = checker.accusations(checker.FUNCTIONS // 100, seed=1)
    assert wrong == []
    assert verdicts["right"] > 80
    missed, verdicts = checker.missed_faults(checker.FUNCTIONS // 200, seed=1)
    assert missed == []
    assert verdicts["wrong"] > 40


def test_a_custom_domain_is_kept_to():
    asked = []

    def forward(a):
        asked.append(a)
        return math.sqrt(a) if 0 < a < 1 else 1e9 * a

    root = custom_primitive("root", forward, [lambda y, a: 0.5 / y], domain=[(0.0, 1.0)])
    assert gradcheck(root, 0.999).entries[0].verdict == "right"
    assert gradcheck(lambda x: root(2 * x) + x, 0.4999).entries[0].verdict == "right"
    strict = custom_primitive("strict", lambda a: math.sqrt(a), [lambda y, a: 0.5 / y], domain=[(0.0, math.inf)])
    assert gradcheck(lambda x: strict(x - 1), 1.0001).entries[0].verdict == "right"
    with pytest.raises(GradCheckError, match=r"root is defined for a from 0\.0 to 1\.0, and f gives it a = 1\.5"):
        gradcheck(root, 1.5)


# --------------------------------------------------------------------------------------------------- planted faults


def stale():
    """A product whose partials read what its last call was given, not what this node was given."""
    latest = {}

    def forward(a, b):
        latest.update(a=a, b=b)
        return a * b

    return custom_primitive("stale", forward, [lambda y, a, b: latest["b"], lambda y, a, b: a])


def unsteady(*factors):
    """exp whose partial is multiplied by another factor each time it is asked: right at first, then not."""
    factor = itertools.chain(factors, itertools.repeat(factors[-1]))
    return custom_primitive("unsteady", lambda a: math.exp(a), [lambda y, a: y * next(factor)])


square_01_percent_off = custom_primitive("square", lambda a: a * a, [lambda y, a: 2.002 * a])
sine_wrong_sign = custom_primitive("sine", lambda a: math.sin(a), [lambda y, a: -cos(a)])
dropped_upstream = custom_primitive("exp_sin", lambda a: math.exp(math.sin(a)), [lambda y, a: cos(a)])
dropped_inner = custom_primitive("exp_sin", lambda a: math.exp(math.sin(a)), [lambda y, a: y])
added_constant = custom_primitive("cube", lambda a: a**3, [lambda y, a: 3 * a * a + 1e-3])
gives_nan = custom_primitive("root", lambda a: math.sqrt(a), [lambda y, a: (y - y) * math.inf])
gives_inf = custom_primitive("root", lambda a: math.sqrt(a), [lambda y, a: math.inf])
wrong_right_of_0 = custom_primitive("cube", lambda a: a**3, [lambda y, a: where(a > 0, 2 * a * a, 3 * a * a)])
one_of_many = custom_primitive(
    "blend", lambda a, b, c: a * b + c, [lambda y, a, b, c: b, lambda y, a, b, c: a * 1.01, lambda y, a, b, c: 1.0]
)
swapped = custom_primitive("product", lambda a, b: a * b, [lambda y, a, b: a, lambda y, a, b: b])
zero_where_tiny = custom_primitive("tiny", lambda a: 1.0 + 1e-6 * a, [0.0])
not_zero_where_zero = custom_primitive("flat", lambda a: 1.0, [1e-6])
outside_the_kink = custom_primitive("ramp", lambda a: max(a, 0.0), [lambda y, a: where(a >= 0, 1.5, 0.0)])
wrong_cosine = custom_primitive("wrong_cosine", lambda a: math.cos(a), [lambda y, a: -1.01 * sin(a)])
second_only = custom_primitive("sine", lambda a: math.sin(a), [lambda y, a: wrong_cosine(a)])

FAULTS = {
    "0.1% off": (square_01_percent_off, (1.5,), "df/da"),
    "wrong sign": (sine_wrong_sign, (0.4,), "df/da"),
    "dropped upstream": (dropped_upstream, (0.4,), "df/da"),
    "dropped inner factor": (dropped_inner, (0.4,), "df/da"),
    "added constant": (added_constant, (0.9,), "df/da"),
    "nan": (gives_nan, (2.0,), "df/da"),
    "inf": (gives_inf, (2.0,), "df/da"),
    "wrong for x > 0 only": (wrong_right_of_0, (0.8,), "df/da"),
    "one of many inputs": (one_of_many, (2.0, 3.0, 4.0), "df/db"),
    "zero where tiny": (zero_where_tiny, (0.3,), "df/da"),
    "tiny where zero": (not_zero_where_zero, (0.3,), "df/da"),
    "outside a kink's two sides": (outside_the_kink, (0.0,), "df/da"),
    "stale value": (lambda p, q, r: stale_product(p, q) + stale_product(r, r), (2.0, 3.0, 5.0), "df/dp"),
    "detached factor": (lambda p, q: p * q.detach(), (2.0, 3.0), "df/dq"),
    "number read out of a Value": (lambda p: p * math.sin(p), (2.0,), "df/dp"),
    "number read out of an element": (lambda p, v: p * v[0] * float(v[1]), (2.0, [3.0, 5.0]), "df/dv[1]"),
    "in one output of two": (lambda p: [p * p, sine_wrong_sign(p)], (0.7,), "df[1]/dp"),
    "one small step off": (lambda p: p * 1.0 + 1e-5 * p.detach(), (3.0,), "df/dp"),
}
stale_product = stale()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_caught_and_its_input_named(fault):
    f, at, derivative = FAULTS[fault]
    with pytest.raises(GradCheckError, match="is wrong") as caught:
        gradcheck(f, at)
    report = gradcheck(f, at, raise_wrong=False)
    assert [entry.derivative for entry in report.wrong] == [derivative]
    (entry,) = report.wrong
    first_line = str(caught.value).splitlines()[0]
    for part in (derivative, entry.input, repr(entry.analytic), repr(entry.numeric), f"{entry.relative_error:.1e}"):
        assert part in first_line
    assert not report


def test_swapped_factors_are_wrong_in_both_inputs():
    report = gradcheck(swapped, (2.0, 3.0), raise_wrong=False)
    assert [(entry.input, entry.analytic) for entry in report.wrong] == [("a", 2.0), ("b", 3.0)]
    assert [entry.numeric for entry in report.wrong] == pytest.approx([3.0, 2.0])


def test_a_fault_on_one_side_is_not_blamed_on_the_other():
    assert gradcheck(wrong_right_of_0, -0.8)


def test_a_wrong_second_derivative_only():
    assert gradcheck(second_only, 0.4)
    report = gradcheck(second_only, 0.4, order=2, raise_wrong=False)
    assert [(entry.derivative, entry.input) for entry in report.wrong] == [("d²f/da da", "a, a")]
    assert report.wrong[0].relative_error == pytest.approx(0.01 / 1.01, rel=1e-6)

    def mixed(p, q):
        return p * p * q + second_only(q)

    report = gradcheck(mixed, (0.3, 0.4), order=2, raise_wrong=False)
    assert [entry.derivative for entry in report.wrong] == ["d²f/dq dq"]


@pytest.mark.parametrize(
    ("factors", "why"),
    [
        ((1.0, math.inf), "an upstream of 0 gives nan instead of 0"),
        ((1.0, 1.0, 1.0, 1.0, 1.5), "an upstream of 2 gives"),
        ((1.0, 1.5, 1.0), r"2 \* f has the derivative"),
    ],
)
def test_a_vjp_that_is_not_linear_in_the_upstream(factors, why):
    with pytest.raises(GradCheckError, match=f"not linear in the upstream: {why}"):
        gradcheck(unsteady(*factors), 0.5)
    assert gradcheck(unsteady(1.0), 0.5)


@pytest.mark.parametrize("scale", [1e-150, 1e-12, 1e12, 1e150])
def test_the_checker_is_right_at_every_scale(scale):
    assert {entry.verdict for entry in gradcheck(lambda p: scale * sin(p), 0.4, order=2).entries} == {"right"}
    for f, at in ((square_01_percent_off, 1.5), (sine_wrong_sign, 0.4), (added_constant, 0.9), (zero_where_tiny, 0.3)):
        assert len(gradcheck(lambda p, f=f: scale * f(p), at, raise_wrong=False).wrong) == 1
    assert len(gradcheck(lambda p: square_01_percent_off(p * scale), 1.5, raise_wrong=False).wrong) == 1
    wrong = gradcheck(lambda p: scale * second_only(p), 0.4, order=2, raise_wrong=False).wrong
    assert [entry.derivative for entry in wrong] == ["d²f/dp dp"]


def test_a_tiny_term_beside_a_large_one_is_not_lost():
    def f(p, q):
        return exp(p) + zero_where_tiny(q)

    assert [entry.input for entry in gradcheck(f, (5.0, 1.0), raise_wrong=False).wrong] == ["q"]


# ------------------------------------------------------------------------------------------ kinks and what is unsure


def test_a_kink_is_reported_with_both_sides_and_not_raised():
    for f, at, left, right, analytic in (
        (relu, 0.0, 0.0, 1.0, 0.0),
        (absolute, 0.0, -1.0, 1.0, 0.0),
        (lambda p: leaky_relu(p, 0.1), 0.0, 0.1, 1.0, 0.1),
        (lambda p: maximum(p, 2 * p - 1), 1.0, 1.0, 2.0, 1.5),
    ):
        (entry,) = gradcheck(f, at).entries
        assert entry.verdict == "at a kink"
        assert (entry.left, entry.right, entry.analytic) == pytest.approx((left, right, analytic), abs=1e-6)
    assert "at a kink: left 0, right 1" in str(gradcheck(relu, 0.0))
    first, second = gradcheck(lambda p: relu(p) ** 2 + p, 0.0, order=2).entries
    assert first.verdict == "right"
    assert (second.verdict, second.left, second.right) == ("at a kink", 0.0, pytest.approx(2.0))


def test_a_convention_at_a_kink_is_reported_also_where_kinks_cancel_and_in_second_order():
    (entry,) = gradcheck(lambda p: relu(p) - relu(-p), 0.0).entries  # x itself, whose two gates are both closed at 0
    assert (entry.verdict, entry.analytic, entry.numeric) == ("at a kink", 0.0, pytest.approx(1.0))
    assert entry.note == "relu is at its kink here, so its convention decides"
    first, second = gradcheck(lambda p: absolute(p) ** 2, 0.0, order=2).entries
    assert (first.verdict, first.analytic) == ("right", 0.0)
    assert (second.verdict, second.analytic) == ("at a kink", 0.0)
    assert second.note == "abs is at its kink here, so its convention decides"


def test_a_jump_and_the_edge_of_a_domain():
    (jump,) = gradcheck(lambda p: threshold(p), 0.0).entries
    assert (jump.verdict, jump.left, jump.right) == ("at a kink", 0.0, math.inf)
    (edge,) = gradcheck(lambda p: p * sqrt(p) * sqrt(p), 0.0, raise_wrong=False).entries
    assert (edge.verdict, edge.note) == (
        "suspicious",
        "the analytic derivative is nan by the rules of IEEE 754",
    )  # 0 * inf
    (edge,) = gradcheck(lambda p: p**2 + 3 * p + 0.0 * log(p + 1e-300), 0.0).entries
    assert edge.verdict == "at a kink"
    assert math.isnan(edge.left)
    assert (edge.analytic, edge.right) == (3.0, pytest.approx(3.0))


def test_differences_that_cannot_decide_are_reported():
    lost = custom_primitive("lost", lambda a: 1.0 + 1e-18 * a, [0.0])
    small = custom_primitive("small", lambda a: 1e12 + 1e-6 * a, [1e-6])
    (entry,) = gradcheck(small, 0.3).entries
    assert entry.verdict == "suspicious"
    assert "cannot decide" in entry.note
    (entry,) = gradcheck(lambda p: lost(p) + 1e-18 * p, 0.3).entries
    assert entry.verdict == "suspicious"
    (entry,) = gradcheck(custom_primitive("digits", lambda a: a * a, [lambda y, a: 2.0000002 * a]), 1.5).entries
    assert entry.verdict == "suspicious"
    assert "six digits" in entry.note


# -------------------------------------------------------------------------------------------------------- the report


def test_the_report_prints_as_an_aligned_table():
    report = gradcheck(lambda a, b: a * b**2, (Value(2.0, label="mass"), 3.0), order=2)
    title, *lines = str(report).splitlines()
    assert title == "6 derivatives: 6 right"
    assert lines[0].split() == ["derivative", "analytic", "numeric", "relative", "error", "verdict"]
    assert [line.split()[0] for line in lines[2:4]] == ["df/dmass", "df/db"]
    column = lines[0].index("verdict")
    assert {line[column:] for line in lines[2:]} == {"right"}
    assert {line[column - 1] for line in lines[2:]} == {" "}
    assert bool(report)
    assert [entry.input for entry in report.entries] == ["mass", "b", "mass, mass", "mass, b", "b, mass", "b, b"]


def test_names_come_from_labels_arguments_and_places():
    w = [Value(1.0, label="w1"), 2.0]
    entries = gradcheck(lambda w, m: w[0] * w[1] * m[1][0], (w, [[1.0], [4.0]])).entries
    assert [entry.input for entry in entries] == ["w1", "w[1]", "m[0][0]", "m[1][0]"]
    assert [entry.input for entry in gradcheck(lambda *all: all[0] * all[1], (2.0, 3.0)).entries] == [
        "input1",
        "input2",
    ]


def test_inputs_and_captured_parameters_are_left_as_they_were():
    w = Value(3.0, label="w")
    w.grad = 7.0
    p = Value(2.0, label="p")
    assert gradcheck(lambda p: w * p**2, p, order=2)
    assert (w.data, w.grad, p.data, p.grad) == (3.0, 7.0, 2.0, None)


def test_a_long_list_of_faults_is_cut_and_counted():
    with pytest.raises(GradCheckError, match=r"and 2 more\.") as caught:
        gradcheck(lambda v: sum(square_01_percent_off(p) for p in v), [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7])
    assert "df/dv[4] is wrong" in str(caught.value)
    assert "df/dv[6]" in str(caught.value)  # in the table


def test_wrong_use():
    with pytest.raises(GradCheckError, match=r"f is nan at p = -1\.0"):
        gradcheck(lambda p: log(p), -1.0)
    with pytest.raises(GradCheckError, match=r"output 1 of f is -inf"):
        gradcheck(lambda p: [p, log(p)], 0.0)
    with pytest.raises(ValueError, match="order 1 or 2, not 3"):
        gradcheck(sin, 1.0, order=3)
    with pytest.raises(TypeError, match="p needs one real number, got the text"):
        gradcheck(lambda p: p, "1")

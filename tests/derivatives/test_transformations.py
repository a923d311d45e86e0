"""Derivatives of any order: published numbers, mpmath, and the two modes against each other on random graphs."""

import itertools
import math
import random

import mpmath
import numpy as np
import pytest

import autograd_core
from autograd_core import (
    GraphError,
    NumberError,
    Value,
    cos,
    custom_primitive,
    erf,
    exp,
    gelu,
    log,
    logsumexp,
    maximum,
    no_grad,
    relu,
    sigmoid,
    sin,
    softplus,
    sqrt,
    swish,
    tanh,
    topological_order,
    where,
)
from autograd_core.derivatives.taylor import nth_derivative
from autograd_core.derivatives.transformations import (
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    value_and_grad,
    vjp,
)
from autograd_core.engine.forward import forward_steps


def baydin(x1, x2):
    return log(x1) + x1 * x2 - sin(x2)


def numbers(nested):
    """Every float of nested lists and tuples, in order; a Value by its number."""
    if isinstance(nested, (list, tuple)):
        return [number for part in nested for number in numbers(part)]
    return [float(nested)]


# ------------------------------------------------------------------------------------------------ published numbers


def test_baydin_value_gradient_and_hessian():
    value, gradient = value_and_grad(baydin)(2.0, 5.0)
    assert value == pytest.approx(11.652071455223084, rel=1e-15)
    assert gradient == pytest.approx((5.5, 1.7163378145367737), rel=1e-15)
    second = hessian(baydin)(2.0, 5.0)
    assert second[0] == [-0.25, 1.0]
    assert second[1] == pytest.approx([1.0, -0.9589242746631385], rel=1e-15)


def test_baydin_forward_mode():
    assert jvp(baydin, (2.0, 5.0), (1.0, 0.0))[1] == 5.5
    x1, x2 = Value(2.0, label="x1"), Value(5.0, label="x2")
    steps = list(forward_steps(baydin(x1, x2), {x1: 1.0}))
    assert [step.node.op for step in steps] == ["log", "multiply", "add", "subtract"]  # sin(x2) has no seed below
    assert [step.tangent for step in steps] == [0.5, 5.0, 5.5, 5.5]
    assert steps[1].partials == (5.0, None)
    assert steps[1].tangents == (1.0, None)
    assert steps[1].contributions == (5.0, None)
    assert steps[0].inputs == (x1,)
    assert x1.grad is None


def test_derivatives_of_tanh_at_1():
    published = [0.419974341614026, -0.6397000084492245, 0.6216266807712963, 0.6650910447505017]
    for n, expected in enumerate(published, start=1):
        assert nth_derivative(tanh, n)(1.0) == pytest.approx(expected, rel=1e-13)


FUNCTIONS = {
    "exp(sin x)": (lambda x: exp(sin(x)), lambda x: mpmath.exp(mpmath.sin(x)), 0.7),
    "x log x": (lambda x: x * log(x), lambda x: x * mpmath.log(x), 1.3),
    "sqrt(1 + x**2)": (lambda x: sqrt(1 + x**2), lambda x: mpmath.sqrt(1 + x**2), -0.4),
    "x**2.5": (lambda x: x**2.5, lambda x: x ** mpmath.mpf(2.5), 1.7),
    "x**x": (lambda x: x**x, lambda x: x**x, 1.2),
    "2**x": (lambda x: 2**x, lambda x: mpmath.mpf(2) ** x, 0.6),
    "1/(1 + x**2)": (lambda x: 1 / (1 + x**2), lambda x: 1 / (1 + x**2), 0.9),
    "tanh": (tanh, mpmath.tanh, -0.8),
    "sigmoid": (sigmoid, lambda x: 1 / (1 + mpmath.exp(-x)), 1.1),
    "softplus": (softplus, lambda x: mpmath.log(1 + mpmath.exp(x)), -1.1),
    "swish": (swish, lambda x: x / (1 + mpmath.exp(-x)), 0.3),
    "gelu": (gelu, lambda x: x * mpmath.ncdf(x), 0.9),
    "erf": (erf, mpmath.erf, 0.4),
    "cos(x)/x": (lambda x: cos(x) / x, lambda x: mpmath.cos(x) / x, 1.9),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_orders_0_to_4_against_mpmath(name):
    f, truth, x = FUNCTIONS[name]
    with mpmath.workdps(50):
        for n in range(5):
            expected = float(mpmath.diff(truth, mpmath.mpf(x), n))
            assert nth_derivative(f, n)(x) == pytest.approx(expected, rel=2e-12, abs=1e-14)


def test_second_derivatives_of_a_power_at_exponent_0():
    for a in (0.5, 2.0, 3.0):
        (d2_aa, d2_ab), (d2_ba, d2_bb) = hessian(lambda a, b: a**b)(a, 0.0)
        assert d2_aa == 0.0
        assert d2_ab == d2_ba == pytest.approx(1 / a, rel=1e-15)
        assert d2_bb == pytest.approx(math.log(a) ** 2, rel=1e-15)


def test_a_square_at_0_has_derivatives_0_2_0():
    assert [nth_derivative(lambda x: x**2, n)(0.0) for n in (1, 2, 3)] == [0.0, 2.0, 0.0]
    assert [nth_derivative(lambda x: x * x, n)(0.0) for n in (1, 2, 3)] == [0.0, 2.0, 0.0]


@pytest.mark.parametrize("kinked", [autograd_core.abs, lambda x: maximum(x, -x), lambda x: where(x > 0, x, -x)])
def test_second_derivatives_at_a_kink_follow_the_conventions_of_the_table(kinked):
    # |x|**2 is x**2, whose second derivative is 2; with abs'(0) = 0 it is 2 abs'(0)**2 + 2 |x| abs''(0) = 0.
    slope = grad(kinked)(0.0)
    square = 2 * slope**2
    assert nth_derivative(lambda x: kinked(x) ** 2, 2)(0.0) == square
    assert hessian(lambda x, y: kinked(x) ** 2 * y)(0.0, 3.0) == [[3 * square, 0.0], [0.0, 0.0]]
    report = autograd_core.gradcheck(lambda x: kinked(x) ** 2, 0.0, order=2)
    assert report.entries[1].verdict == ("at a kink" if square != 2 else "right")
    assert report.entries[1].analytic == square


# --------------------------------------------------------------------------------------------------- composition


def test_grad_of_grad_of_grad():
    third = grad(grad(grad(lambda x: x**4)))
    assert third(2.0) == 48.0
    assert grad(lambda x: grad(sin)(x))(0.3) == -math.sin(0.3)


def test_no_perturbation_confusion():
    assert grad(lambda x: x * grad(lambda y: x + y)(x))(3.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(3.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y)(x))(3.0) == 6.0
    assert grad(lambda x: x * jvp(lambda y: x * y, x, 1.0)[1])(3.0) == 6.0
    assert jvp(lambda x: x * jvp(lambda y: x + y, x, 1.0)[1], 3.0, 1.0) == (3.0, 1.0)
    assert jvp(lambda x: x * grad(lambda y: x * y)(x), 3.0, 1.0) == (9.0, 6.0)
    assert grad(lambda x: x * nth_derivative(lambda y: x * y**2, 2)(x))(3.0) == 12.0


def test_results_are_values_where_f_computes_with_values():
    w = Value(3.0, label="w")
    assert type(grad(lambda x: x * x)(2.0)) is float
    assert type(grad(lambda x: Value(2.0) * x)(2.0)) is float  # a constant f makes itself
    through_a_parameter = grad(lambda x: w * w * x)(2.0)
    assert isinstance(through_a_parameter, Value)
    through_a_parameter.backward()
    assert w.grad == 6.0
    constant = grad(lambda x: 3 * x)(Value(2.0))
    assert isinstance(constant, Value)
    constant.backward()
    with no_grad():
        assert type(grad(lambda x: w * x)(Value(2.0))) is float
        assert nth_derivative(lambda x: w * x**3, 2)(2.0) == 36.0
        assert hvp(lambda x: w * x**3, Value(2.0), 1.0) == (24.0, 36.0)
        assert vjp(lambda x: w * x**3, Value(2.0), Value(2.0)) == (24.0, 72.0)


def test_values_in_give_values_with_a_graph_to_their_own_inputs():
    x = Value(0.5, label="x")
    slope = grad(sin)(x * 2)
    assert x in topological_order(slope)
    slope.backward()
    assert x.grad == pytest.approx(-2 * math.sin(1.0), rel=1e-15)
    t = Value(4.0)
    value, tangent = jvp(lambda x: x**2, 3.0, t)
    tangent.backward()
    assert (value.data, tangent.data, t.grad) == (9.0, 24.0, 6.0)
    u = Value(4.0)
    vjp(lambda x: x**2, 3.0, u)[1].backward()
    assert u.grad == 6.0


def test_grad_fields_are_left_alone():
    x, w = Value(2.0), Value(3.0)
    x.grad = w.grad = 7.0
    for transformation in (grad, jacobian, hessian):
        transformation(lambda x: x**2 * w)(x)
    jvp(lambda x: x * w, x, 1.0)
    hvp(lambda x: x**2 * w, x, 1.0)
    assert (x.grad, w.grad) == (7.0, 7.0)


def test_create_graph_through_backward():
    x, y = Value(2.0), Value(5.0)
    baydin(x, y).backward(create_graph=True)
    first = x.grad
    assert first.data == 5.5
    x.grad = y.grad = None
    first.backward()
    assert (x.grad, y.grad) == (-0.25, 1.0)


def test_jvp_of_vjp_and_jacobian_of_jvp():
    def f(v):
        return [v[0] * v[1] ** 2, sin(v[0])]

    at, u, t = [0.4, 1.3], [2.0, -1.0], [0.5, 0.25]
    _, change = jvp(lambda v: vjp(f, v, u)[1], at, t)
    combined = hessian(lambda v: u[0] * f(v)[0] + u[1] * f(v)[1])(at)
    assert change == pytest.approx([sum(h * d for h, d in zip(row, t, strict=True)) for row in combined], rel=1e-13)
    rows = jacobian(lambda v: jvp(f, v, t)[1])(at)
    by_rows = jacobian(lambda v: [sum(j * d for j, d in zip(row, t, strict=True)) for row in jacobian(f)(v)])(at)
    assert numbers(rows) == pytest.approx(numbers(by_rows), rel=1e-13)


# ------------------------------------------------------------------------------------------------------ structure


def test_a_gradient_has_its_parameters_shape():
    def f(x, w, pair):
        return x * w[0][0] + w[1][1] ** 2 + pair[0] * pair[1]

    given = (2.0, np.array([[3.0, 0.0], [0.0, 4.0]]), (5, Value(6.0)))
    gx, gw, gpair = grad(f)(*given)
    assert [float(gx), numbers(gw), numbers(gpair)] == [3.0, [2.0, 0.0, 0.0, 8.0], [6.0, 5.0]]
    assert type(gw) is list
    assert type(gw[0]) is list
    assert type(gpair) is list
    assert grad(lambda v: v[0] * 2)([3.0, 1.0]) == [2.0, 0.0]


def test_arrays_work_inside_f():
    w = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert jacobian(lambda x: w @ x)(np.array([1.0, 1.0])) == w.tolist()
    assert grad(lambda m: (m @ np.array([1.0, 2.0])).sum())(w) == [[1.0, 2.0], [1.0, 2.0]]


def test_jacobian_and_hessian_shapes():
    assert jacobian(lambda x, y: [x * y, x - y, y])(2.0, 3.0) == [(3.0, 2.0), (1.0, -1.0), (0.0, 1.0)]
    assert jacobian(lambda x: [x, x**2])(3.0) == [1.0, 6.0]
    assert jacobian(lambda x: x**2)(3.0) == 6.0
    assert hessian(lambda x: x**3)(2.0) == 12.0
    assert hessian(lambda v: v[0] ** 2 * v[1])([2.0, 3.0]) == [[6.0, 4.0], [4.0, 0.0]]
    assert hessian(lambda x, v: x * v[0] * v[1])(2.0, [3.0, 5.0]) == [
        [0.0, [5.0, 3.0]],
        [[5.0, [0.0, 2.0]], [3.0, [2.0, 0.0]]],
    ]
    assert hessian(lambda x, y: x)(2.0, 3.0) == [[0.0, 0.0], [0.0, 0.0]]


def test_products_mirror_their_inputs():
    assert jvp(lambda x: x**2, 3.0, 1.0) == (9.0, 6.0)
    assert jvp(lambda x: x**2, (3.0,), (1.0,)) == (9.0, 6.0)
    assert jvp(lambda x, y: [x * y, y], (2.0, 3.0), (1.0, 10.0)) == ([6.0, 3.0], [23.0, 10.0])
    assert vjp(lambda x: x**2, (3.0,), 2.0) == (9.0, (12.0,))
    assert vjp(lambda v: [v[0] * v[1], 7.0], [2.0, 3.0], [1.0, 5.0]) == ([6.0, 7.0], [3.0, 2.0])
    assert hvp(lambda x: x**3, (2.0,), (1.0,)) == (8.0, (12.0,))
    assert hvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 0.0)) == (6.0, (0.0, 1.0))


def test_constants_have_derivative_0():
    assert grad(lambda x: 5)(2.0) == 0.0
    assert value_and_grad(lambda x, y: y)(2.0, 3.0) == (3.0, (0.0, 1.0))
    assert jvp(lambda x: 5, 2.0, 1.0) == (5.0, 0.0)
    assert nth_derivative(lambda x: x, 3)(2.0) == 0.0
    assert nth_derivative(lambda x: 5, 1)(2.0) == 0.0


def test_minus_zero_enters_exactly():
    x = Value(-0.0)
    value, _ = value_and_grad(lambda x: x)(x)
    assert math.copysign(1.0, value.data) == -1.0


def test_a_closed_gate_carries_no_tangent():
    x = Value(0.0)
    y = where(x > 0, log(x), 2 * x)  # log has the partial inf at 0, behind a closed gate
    (last,) = [step for step in forward_steps(y, {x: 1.0}) if step.node is y]
    assert last.partials == (None, None, 1.0)
    assert last.tangent == 2.0
    assert jvp(lambda x: relu(x) + maximum(x, 1.0), -2.0, 1.0) == (1.0, 0.0)


# -------------------------------------------------------------------------------------------------- random graphs

UNARY = (sin, cos, tanh, sigmoid, softplus, swish, relu, lambda a: exp(-(a * a)), lambda a: a**2, lambda a: -a)
BINARY = (
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b,
    lambda a, b: a / (1.5 + b * b),
    maximum,
    lambda a, b: logsumexp([a, b]),
    lambda a, b: where(a > b, a * b, b),
)


def random_function(seed, inputs=3, operations=12):
    rng = random.Random(seed)
    plan = []
    for count in range(inputs, inputs + operations):
        if rng.random() < 0.4:
            plan.append((rng.choice(UNARY), (rng.randrange(count),)))
        else:
            plan.append((rng.choice(BINARY), (rng.randrange(count), rng.randrange(count))))

    def f(v):
        nodes = list(v)
        for operation, operands in plan:
            nodes.append(operation(*(nodes[i] for i in operands)))
        return tanh(nodes[-1]) + nodes[-2] * 0.5 + nodes[-3]

    at = [rng.uniform(-1.5, 1.5) for _ in range(inputs)]
    vector = [rng.uniform(-1.0, 1.0) for _ in range(inputs)]
    return f, at, vector


def dot(a, b):
    return math.fsum(x * y for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize("seed", range(40))
def test_both_modes_and_both_orders_agree_on_random_graphs(seed):
    f, at, vector = random_function(seed)
    value, gradient = value_and_grad(f)(at)
    assert jvp(f, at, vector) == pytest.approx((value, dot(gradient, vector)), rel=1e-12, abs=1e-12)
    second = hessian(f)(at)
    for i, j in itertools.combinations(range(3), 2):
        assert second[i][j] == pytest.approx(second[j][i], rel=1e-11, abs=1e-11)
    assert hvp(f, at, vector)[1] == pytest.approx([dot(row, vector) for row in second], rel=1e-11, abs=1e-11)
    columns = [jvp(grad(f), at, [float(i == j) for i in range(3)])[1] for j in range(3)]
    assert numbers([list(row) for row in zip(*columns, strict=True)]) == pytest.approx(numbers(second), abs=1e-11)


@pytest.mark.parametrize("seed", range(5))
def test_forward_mode_of_forward_mode_on_random_graphs(seed):
    f, at, vector = random_function(100 + seed)
    _, curvature = jvp(lambda v: jvp(f, v, vector)[1], at, vector)
    assert curvature == pytest.approx(dot(vector, hvp(f, at, vector)[1]), rel=1e-11, abs=1e-11)


# --------------------------------------------------------------------------------------------------------- wrong use


def test_a_value_instead_of_a_function():
    y = Value(2.0, label="y") * 3
    for transformation in (grad, value_and_grad, jacobian, hessian):
        with pytest.raises(TypeError, match=r"takes a function.*y\.backward\(\).*\(f\)\(x\)"):
            transformation(y)
    with pytest.raises(TypeError, match="takes a function, got float"):
        grad(2.0)


def test_a_list_where_one_number_is_needed():
    with pytest.raises(TypeError, match=r"returned a list of 2 numbers.*jacobian"):
        grad(lambda x: [x, x])(2.0)
    with pytest.raises(TypeError, match="one number"):
        nth_derivative(lambda x: x[0], 2)([1.0, 2.0])


def test_shapes_are_named():
    with pytest.raises(ValueError, match=r"input 2 is a list of 3 numbers, but the input is a list of 2 numbers"):
        jvp(lambda x, v: x * v[0], (1.0, [1.0, 2.0]), (1.0, [1.0, 2.0, 3.0]))
    with pytest.raises(ValueError, match=r"a list of 1 numbers.*a list of 2 numbers"):
        jvp(lambda x, y: x * y, (1.0, 2.0), (1.0,))
    with pytest.raises(ValueError, match=r"one number.*a list of 2 lists of 3 numbers"):
        jvp(lambda w: w[0][0], [[1.0] * 3] * 2, 1.0)
    with pytest.raises(ValueError, match=r"upstream is one number, but the output of f is a list of 2 numbers"):
        vjp(lambda x: [x, x], 1.0, 1.0)


def test_an_input_that_is_not_a_number_is_refused_by_name():
    with pytest.raises(NumberError, match="input 2 needs one real number, got the text '3'"):
        grad(lambda x, y: x * y)(2.0, "3")
    with pytest.raises(NumberError, match=r"the result of f .* got None"):
        grad(lambda x: None)(2.0)
    with pytest.raises(NumberError, match="the tangent needs one real number, got the text"):
        jvp(lambda x: x, 2.0, "1")
    with pytest.raises(TypeError, match="no input was passed"):
        grad(lambda x: x)()


def test_orders_that_do_not_exist():
    with pytest.raises(ValueError, match="no derivative of order -1"):
        nth_derivative(sin, -1)
    for n in (1.5, True):
        with pytest.raises(TypeError, match="whole number"):
            nth_derivative(sin, n)


def test_undifferentiable_functions_are_refused_with_the_reason():
    blind = custom_primitive("blind", lambda a: a * a)
    with pytest.raises(GraphError, match="forward rule only"):
        grad(blind)(2.0)
    with pytest.raises(GraphError, match="forward rule only"):
        jvp(blind, 2.0, 1.0)
    cut = custom_primitive("cut", lambda a: math.sin(a), [lambda y, a: math.cos(a)])
    assert grad(cut)(2.0) == math.cos(2.0)
    with pytest.raises(GraphError, match="plain float"):
        grad(grad(cut))(2.0)
    with pytest.raises(GraphError, match="plain float"):
        jvp(lambda x: jvp(cut, x, 1.0)[1], 2.0, 1.0)

"""Worked examples from publications, with their numbers. A misprint in a source is marked."""

import math

import pytest

from autograd_core import (
    Value,
    dot,
    elu,
    exp,
    gelu,
    log,
    logsumexp,
    maximum,
    relu,
    sigmoid,
    sin,
    swish,
    tanh,
)
from autograd_core.engine.backward import adjoints, backward_steps


def close(expected, rel=1e-12):
    return pytest.approx(expected, rel=rel, abs=1e-15)


def values(numbers):
    return [Value(number) for number in numbers]


def grads(inputs):
    return [value.grad for value in inputs]


# ------------------------------------------------------------------------------------------------------- traces


def test_two_paths_where_the_order_matters():
    a, b = Value(2.0), Value(3.0)
    c, d = a + b, a * b
    e, f = c + d, c * d
    y = e + f
    y.backward()
    assert y.data == 41.0
    # `=` instead of `+=` gives (1, 1), revisiting (29, 22), upstream only (4, 4), local only (4, 3), swapped (20, 27).
    assert (a.grad, b.grad) == (25.0, 19.0)
    assert (c.grad, d.grad, e.grad, f.grad, y.grad) == (7.0, 6.0, 1.0, 1.0, 1.0)


def test_depth_first_visits_differ_from_upstream_only():
    # The graph above gives (4, 3) for both mistakes. Here they differ: c is reached twice before it is complete.
    x = Value(3.0)
    c = 2 * x
    y = c * c * c + 5 * c
    y.backward()
    assert (y.data, c.grad, x.grad) == (246.0, 113.0, 226.0)


def test_baydin_survey_tables_2_and_3():
    x1, x2 = Value(2.0, "x1"), Value(5.0, "x2")
    v1, v2, v3 = log(x1), x1 * x2, sin(x2)
    v4 = v1 + v2
    v5 = v4 - v3
    assert [v.data for v in (v1, v2, v3, v4, v5)] == close(
        [0.6931471805599453, 10.0, -0.9589242746631385, 10.693147180559945, 11.652071455223084]
    )
    v5.backward()
    assert grads([v5, v4, v3, v2, v1]) == [1.0, 1.0, -1.0, 1.0, 1.0]
    assert grads([x1, x2]) == close([5.5, 1.7163378145367737])
    by_x1, by_x2 = (adjoints(v5, create_graph=True)[x] for x in (x1, x2))
    hessian = [adjoints(g)[x] for g in (by_x1, by_x2) for x in (x1, x2)]
    assert hessian == close([-0.25, 1.0, 1.0, -0.9589242746631385])


def test_cs231n_circuits():
    x, y, z = values((-2.0, 5.0, -4.0))
    q = x + y
    f = q * z
    f.backward()
    assert (q.data, f.data) == (3.0, -12.0)
    assert grads([x, y, z]) == [-4.0, -4.0, 3.0]

    x, y, z, w = values((3.0, -4.0, 2.0, -1.0))
    f = (x * y + maximum(z, w)) * 2
    f.backward()
    assert f.data == -20.0
    assert grads([x, y, z]) == [-8.0, 6.0, 2.0]
    assert w.grad == 0.0  # the smaller input of a maximum: nothing reached it


@pytest.mark.parametrize("form", [sigmoid, lambda s: 1 / (1 + exp(-s))], ids=["stable", "textbook"])
def test_cs231n_sigmoid_neuron(form):
    w, x = values((2.0, -3.0, -3.0)), values((-1.0, -2.0))
    f = form(w[0] * x[0] + w[1] * x[1] + w[2])
    f.backward()
    assert f.data == close(0.7310585786300049)
    assert grads(w) == close([-0.19661193324148185, -0.3932238664829637, 0.19661193324148185])
    assert grads(x) == close([0.3932238664829637, -0.5898357997244456])


def test_cs224n_circuit():
    x, y, z = values((1.0, 2.0, 0.0))
    f = (x + y) * maximum(y, z)
    f.backward()
    assert f.data == 6.0
    assert grads([x, y, z]) == [2.0, 5.0, 0.0]


def test_cs224n_window_classifier():
    weights = [values((0.1, -0.2, 0.3)), values((0.4, 0.5, -0.6))]
    biases, u, x = values((0.05, -0.1)), values((1.0, -2.0)), values((1.0, 2.0, -1.0))
    z = [dot(row, x) + bias for row, bias in zip(weights, biases, strict=True)]
    s = dot(u, [sigmoid(score) for score in z])
    s.backward()
    assert [score.data for score in z] == close([-0.55, 1.9])
    assert s.data == close(-1.37391864228, rel=1e-11)
    assert grads(z) == close([0.232007643224, -0.226360518524], rel=1e-11)  # delta = u * f'(z)
    assert grads(biases) == grads(z)
    assert grads(weights[0]) == close([0.232007643224, 0.464015286448, -0.232007643224], rel=1e-11)
    assert grads(weights[1]) == close([-0.226360518524, -0.452721037048, 0.226360518524], rel=1e-11)
    assert grads(x) == close([-0.0673434430871, -0.159581787907, 0.205418604082], rel=1e-11)
    p = sigmoid(s)
    assert p.data == close(0.201987468553, rel=1e-11)
    assert -log(p).data == close(1.59954962037, rel=1e-11)


def test_micrograd_lecture_expression():
    a, b, c, f = values((2.0, -3.0, 10.0, -2.0))
    loss = (a * b + c) * f
    loss.backward()
    assert loss.data == -8.0
    assert grads([a, b, c, f]) == [6.0, -4.0, -2.0, 4.0]


def test_micrograd_lecture_neuron():
    x1, x2, w1, w2, b = values((2.0, 0.0, -3.0, 1.0, 6.8813735870195432))
    n = x1 * w1 + x2 * w2 + b
    o = n.tanh()
    o.backward()
    assert n.data == close(0.8813735870195432)
    assert o.data == close(0.7071067811865476)
    assert grads([n, x1, w1, x2, w2]) == close([0.5, -1.5, 1.0, 0.5, 0.0])
    # The lecture builds the same tanh from exp afterwards, to the same gradients.
    e = (2 * n).exp()
    again = adjoints((e - 1) / (e + 1))
    assert [again[value] for value in (x1, w1, x2, w2)] == close([-1.5, 1.0, 0.5, 0.0])


def test_repeated_backward_adds_to_leaves_and_renews_inner_nodes():
    a, b, d = values((3.0, 2.0, 1.0))
    c = a + b
    e = c * d
    e.backward()
    assert grads([a, b, c, d]) == [1.0, 1.0, 1.0, 5.0]
    e.backward()
    assert grads([a, b, d]) == [2.0, 2.0, 10.0]
    assert c.grad == 1.0


# --------------------------------------------------------------------- a whole step by hand: Mazur's 2-2-2 network

START = (0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55)


def mazur(w):
    """(h, o, loss); w[0], w[1] into h1, w[2], w[3] into h2, w[4], w[5] into o1, w[6], w[7] into o2; biases fixed."""
    i1, i2, target1, target2 = 0.05, 0.10, 0.01, 0.99
    h1, h2 = sigmoid(w[0] * i1 + w[1] * i2 + 0.35), sigmoid(w[2] * i1 + w[3] * i2 + 0.35)
    o1, o2 = sigmoid(w[4] * h1 + w[5] * h2 + 0.60), sigmoid(w[6] * h1 + w[7] * h2 + 0.60)
    return (h1, h2), (o1, o2), 0.5 * (target1 - o1) ** 2 + 0.5 * (target2 - o2) ** 2


def mazur_step(w):
    for weight in w:
        weight.grad = None
    loss = mazur(w)[2]
    loss.backward()
    for weight in w:
        weight.data -= 0.5 * weight.grad
    return loss.data


def test_mazur_one_step():
    w = values(START)
    hidden, outputs, loss = mazur(w)
    assert [unit.data for unit in hidden] == close([0.593269992, 0.596884378], rel=1e-9)
    assert [unit.data for unit in outputs] == close([0.75136507, 0.772928465], rel=2e-9)
    assert loss.data == close(0.29837110876000269)
    mazur_step(w)
    assert grads(w) == close(
        [
            0.00043856773447434673,
            0.00087713546894869345,
            0.00049771273526086007,
            0.00099542547052172014,
            0.082167040564230779,
            0.082667627847533255,
            -0.02260254047747506,
            -0.022740242215978211,
        ]
    )
    assert [weight.data for weight in w] == close(
        [0.149780716, 0.199561432, 0.249751144, 0.299502287, 0.358916480, 0.408666186, 0.511301270, 0.561370121],
        rel=3e-9,
    )
    # The article prints 0.291027924 for the loss after the step: a misprint, its own weights give this.
    assert mazur(w)[2].data == close(0.29102777369359935)


def test_mazur_ten_thousand_steps():
    w = values(START)
    for _ in range(10_000):
        before = mazur_step(w)
    after = mazur(w)[2].data
    assert after == close(3.510188e-05, rel=1e-6)
    # The article prints the loss of one step earlier, 0.0000351085.
    assert before == close(3.51085e-05, rel=2e-6)
    assert before > after


# -------------------------------------------------------------------------------------------------- activations


def slope(function, number):
    x = Value(number)
    return adjoints(function(x))[x]


@pytest.mark.parametrize(
    ("function", "number", "value", "derivative"),
    [
        (sigmoid, 1.0, 0.7310585786300049, 0.19661193324148185),
        (swish, 1.0, 0.7310585786300049, 0.9276705118714867),
        (swish, -1.2784645427610738, -0.2784645427610738, 0.0),
        (gelu, 1.0, 0.8413447460685429, 1.0833154705876863),
        (gelu, -1.0, -0.15865525393145705, -0.08331547058768629),
        (elu, -1.0, -0.6321205588285577, 0.36787944117144233),
    ],
)
def test_activation_and_its_slope(function, number, value, derivative):
    assert function(number) == close(value, rel=1e-15)
    assert slope(function, number) == pytest.approx(derivative, rel=1e-14, abs=1e-15)


def test_gelu_minimum():
    assert gelu(-0.7517915247) == close(-0.1699712075, rel=1e-9)
    assert slope(gelu, -0.7517915247) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("number", [-2.0, -0.3, 0.0, 0.7, 3.0])
def test_tanh_is_a_scaled_sigmoid(number):
    assert tanh(number) == close(2 * sigmoid(2 * number) - 1)


def test_vanishing_gradients():
    x = Value(0.0)
    y = x
    for _ in range(10):
        y = sigmoid(y)
    y.backward()
    assert y.data == close(0.659045828835, rel=1e-11)
    assert x.grad == close(3.87522023208e-7, rel=1e-11)
    assert x.grad < 0.25**10  # the bound: no slope of sigmoid exceeds 1/4

    x = Value(0.5)
    y = x
    for _ in range(10):
        y = tanh(y)
    y.backward()
    assert x.grad == close(0.222759530264, rel=1e-11)


def test_softmax_cross_entropy():
    logits = values((1.0, 2.0, 3.0))
    loss = logsumexp(logits) - logits[2]
    loss.backward()
    assert loss.data == close(0.407605964444, rel=1e-11)
    assert grads(logits) == close([0.0900305731704, 0.244728471055, -0.334759044225], rel=1e-11)
    assert math.fsum(grads(logits)) == pytest.approx(0.0, abs=1e-15)


@pytest.mark.parametrize(("x1", "x2", "expected"), [(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_exclusive_or_by_hand(x1, x2, expected):
    a, b = Value(x1), Value(x2)
    assert (relu(a + b) - 2 * relu(a + b - 1)).data == expected


def test_derivatives_one_to_four_of_tanh_at_one():
    x = Value(1.0)
    y = tanh(x)
    found = []
    for _ in range(4):
        y = adjoints(y, create_graph=True)[x]
        found.append(y.data)
    assert found == close([0.419974341614026, -0.6397000084492245, 0.6216266807712963, 0.6650910447505017], rel=1e-13)


def test_the_steps_of_the_survey_trace_have_the_same_numbers():
    x1, x2 = Value(2.0), Value(5.0)
    y = log(x1) + x1 * x2 - sin(x2)
    steps = [(step.node.op, step.upstream, step.partials, step.contributions) for step in backward_steps(y)]
    assert steps == [
        ("subtract", 1.0, (1.0, -1.0), (1.0, -1.0)),
        ("sin", -1.0, (math.cos(5.0),), (-math.cos(5.0),)),
        ("add", 1.0, (1.0, 1.0), (1.0, 1.0)),
        ("multiply", 1.0, (5.0, 2.0), (5.0, 2.0)),
        ("log", 1.0, (0.5,), (0.5,)),
    ]

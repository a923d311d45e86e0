"""`detect_anomaly`: what reaches the result is named, with its operation and line; what a gate holds back is not."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import pytest

import nn
from autograd_core import (
    NonFiniteError,
    Value,
    backward_steps,
    detect_anomaly,
    exp,
    floor,
    grad,
    hessian,
    hvp,
    jvp,
    log,
    logsumexp,
    maximum,
    minimum,
    no_grad,
    nth_derivative,
    sqrt,
    threshold,
    where,
)
from tests.campaigns import anomalies

INF = math.inf


def test_a_hundredth_of_the_campaign() -> None:
    found, verdicts = anomalies.faults(anomalies.GRAPHS // 100, seed=7)
    assert not found
    assert min(verdicts.values()) > 20


@pytest.mark.parametrize(
    ("loss", "inputs"),
    [
        (lambda p: nn.binary_cross_entropy([p], [0]), [0.0]),
        (lambda p: nn.binary_cross_entropy([p], [1]), [1.0]),
        (lambda x: where(x > 0.0, log(x), x * 2.0), [0.0]),
        (lambda x: where(x <= 0.0, x, sqrt(x)), [0.0]),
        (lambda x: maximum(log(x), -100.0) + x, [0.0]),
        (lambda x: minimum(1.0 / x, 5.0) * x, [0.0]),
        (lambda x, y: logsumexp([x, y, Value(-INF)]), [1.0, 2.0]),
        (lambda x, y: logsumexp([x + -INF, y]), [1.0, 2.0]),
        (lambda x, y: nn.softmax([x, y + -INF, x * y])[0], [1.0, 2.0]),
        (lambda x, y: log(nn.softmax([x, y + -INF, x * y])[2]), [1.0, 2.0]),
        (lambda x, y: nn.cross_entropy([[x, y, x + -INF]], [1]), [1.0, 2.0]),
        (lambda x: x * 2.0 + threshold(log(x)), [0.0]),
        (lambda x: x + where(log(x) > -5.0, 1.0, 2.0), [0.0]),
        (lambda x: 1.0 / (1.0 + exp(x)), [-1000.0]),
        (lambda x: x + exp(-(1.0 / x.detach())), [0.0]),
    ],
)
def test_what_is_held_back_is_no_anomaly(loss: Callable[..., Any], inputs: list[float]) -> None:
    plain = [Value(number) for number in inputs]
    expected = loss(*plain)
    expected.backward()
    watched = [Value(number) for number in inputs]
    with detect_anomaly():
        result = loss(*watched)
        result.backward()
        grad(loss)(*inputs)
        jvp(loss, tuple(inputs), (1.0,) * len(inputs))
        list(backward_steps(loss(*watched)))
    assert result.data == expected.data
    assert [leaf.grad for leaf in watched] == [leaf.grad for leaf in plain]
    with detect_anomaly():
        loss(*watched) * 1.0
        grad(loss)(*inputs)


def test_binary_cross_entropy_of_a_certain_and_right_answer() -> None:
    p = Value(0.0)
    with detect_anomaly():
        loss = nn.binary_cross_entropy([p], [0])
        loss.backward()
    assert (loss.data, p.grad) == (0.0, 1.0)


def raised(function: Callable[[], Any]) -> NonFiniteError:
    with pytest.raises(NonFiniteError) as caught, detect_anomaly():
        function()
    return caught.value


def line_of(text: str) -> int:
    with open(__file__, encoding="utf-8") as source:
        return next(number for number, line in enumerate(source, 1) if f"# {text}" in line)


def test_the_culprit_is_named_whatever_was_held_back_before_it() -> None:
    def loss(x: Value, y: Value) -> Value:
        masked = logsumexp([x, log(y * 0.0)])  # a mask: no anomaly
        held = where(y > 0.0, y, log(-y))
        broken = log(x - 2.0)  # the culprit
        return masked + held * broken * 2.0

    x, y = Value(1.0, label="x"), Value(2.0, label="y")
    for function in (
        lambda: loss(x, y).backward(),
        lambda: loss(x, y),
        lambda: grad(loss)(1.0, 2.0),
        lambda: jvp(loss, (1.0, 2.0), (0.0, 1.0)),
        lambda: list(backward_steps(loss(x, y))),
    ):
        message = str(raised(function))
        assert message.startswith("log gave nan, the first value that is not finite.")
        assert f"{__file__}:{line_of('the culprit')}" in message
        assert "(subtract, -1.0)" in message
    assert x.grad is y.grad is None


def test_without_a_history_too() -> None:
    def compute() -> Value:
        with no_grad():
            return exp(log(Value(-1.0)) * 2.0) + 1.0  # unrecorded

    message = str(raised(compute))
    assert message.startswith("log gave nan")
    assert f"{__file__}:{line_of('unrecorded')}" in message


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (lambda x: threshold(log(x)), "log gave nan"),
        (lambda x: floor(log(x)) * 2.0, "log gave nan"),
        (lambda x: maximum(0.0, log(x)), "log gave nan"),
        (lambda x: threshold(log(x)) * x, "log gave nan"),
        (lambda x: nn.relu(log(x)), "log gave nan"),
    ],
)
def test_a_nan_is_followed_through_comparisons_and_gates(function: Callable[[Any], Any], name: str) -> None:
    assert str(raised(lambda: function(Value(-1.0)))).startswith(name)
    outside = function(Value(-1.0))
    assert str(raised(outside.backward)).startswith(name)


def test_an_input_that_is_not_finite_is_said_to_be_the_input() -> None:
    x = Value(math.nan, label="x")
    message = str(raised(lambda: (x * 2.0).backward()))
    assert message.startswith("multiply gave nan, from an input that was not finite.")
    assert "'x' (leaf, nan)" in message


def test_adjoints_behind_closed_gates_and_dead_ends_are_no_anomaly() -> None:
    x = Value(0.0)
    with detect_anomaly():
        (floor(sqrt(x)) + x).backward()
        (threshold(sqrt(x)) + x).backward()
        where(x > 0.0, sqrt(x), x).backward()
    assert x.grad == 3.0
    assert "upstream 1.0 x partial inf" in str(raised(lambda: sqrt(x).backward()))


def test_an_adjoint_names_the_value_that_made_its_partial_infinite() -> None:
    def compute() -> None:
        huge = exp(Value(1000.0))  # too large
        (1.0 / (huge + 1.0)).backward()

    error = raised(compute)
    assert "exp gave inf" in str(error)
    assert f"{__file__}:{line_of('too large')}" in str(error)


def test_second_derivatives_and_forward_mode() -> None:
    with detect_anomaly():
        assert nth_derivative(lambda x: where(x > 0.0, sqrt(x), x * x), 2)(0.0) == 2.0
        assert hessian(lambda x: maximum(log(x), -100.0) + x * x)(0.0) == 2.0
        assert jvp(lambda x: where(x > 0.0, sqrt(x), x * 3.0), 0.0, 1.0) == (0.0, 3.0)
        assert hvp(lambda x: where(x > 0.0, sqrt(x), x**3), 0.0, 1.0) == (0.0, 0.0)
    assert "became inf" in str(raised(lambda: nth_derivative(lambda x: x**1.5, 2)(0.0)))
    assert "the tangent of a node (sqrt, 0.0) became inf" in str(raised(lambda: jvp(sqrt, 0.0, 1.0)))


def test_only_what_is_asked_for_is_the_result() -> None:
    w = Value(0.0, label="w")
    with detect_anomaly():
        assert float(grad(lambda x: x * sqrt(w))(2.0)) == 0.0
    assert "'w'" in str(raised(lambda: (Value(2.0) * sqrt(w)).backward()))


def test_blocks_end_with_an_error_of_their_own_and_nest() -> None:
    with pytest.raises(KeyError), detect_anomaly():
        {}[log(Value(-1.0))]
    with detect_anomaly():
        x = Value(2.0)
        with pytest.raises(NonFiniteError), detect_anomaly():
            log(Value(-1.0))
        (x * x).backward()
    assert log(Value(-1.0)).op == "log"


def test_the_scope_of_the_operation_is_known() -> None:
    model = nn.Sequential(nn.Linear(1, 1, rng=0), "relu")
    model[0].weight[0][0].data = 1e308
    error = raised(lambda: model([1e10]))
    assert error.scope is not None
    assert re.search(r"(multiply|add) gave inf", str(error))

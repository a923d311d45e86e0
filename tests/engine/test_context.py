"""The switches and groups around a computation: detach, no_grad, detect_anomaly, scopes and compositions."""

import math
import re

import pytest

from autograd_core import (
    GraphError,
    NonFiniteError,
    NumberError,
    Value,
    detect_anomaly,
    dot,
    leaky_relu,
    log,
    logsumexp,
    mean,
    no_grad,
    prelu,
    relu,
    scope,
    sigmoid,
    sqrt,
)

# ----------------------------------------------------------------------------------------- detach and no_grad


def test_detach_stops_the_gradient():
    x = Value(3.0)
    y = x * x.detach()
    y.backward()
    assert x.grad == 3.0
    cut = (x * x).detach()
    assert (cut.data, cut.inputs) == (9.0, ())
    with pytest.raises(GraphError, match="no history"):
        cut.backward()


def test_no_grad_as_block_as_decorator_and_nested():
    x = Value(3.0)

    @no_grad()
    def squared(v):
        return v * v

    with no_grad():
        y = x * 2
        with no_grad():
            z = sigmoid(x)
        still = x + 1
    for cut in (y, z, still, squared(x)):
        assert cut.inputs == ()
        with pytest.raises(GraphError, match=re.escape("computed with recording off (no_grad or detach)")):
            cut.backward()
    recorded = x * y
    assert recorded.inputs == (x, y)
    recorded.backward()
    assert x.grad == 6.0


def test_no_grad_ends_with_an_exception_too():
    x = Value(3.0)
    with pytest.raises(KeyError), no_grad():
        raise KeyError
    assert (x * x).inputs == (x, x)


# ---------------------------------------------------------------------------------------------- detect_anomaly


def line_of(text):
    with open(__file__, encoding="utf-8") as source:
        return next(number for number, line in enumerate(source, 1) if text in line)


def test_the_first_value_that_is_not_finite_is_named():
    a, b = Value(2.0, "a"), Value(2.0, "b")
    difference = a - b
    difference.label = "gap"

    @detect_anomaly()
    def compute():
        return [a * 3, log(difference)]  # the anomaly

    with pytest.raises(NonFiniteError) as caught:
        compute()
    message = str(caught.value)
    assert message.startswith("log gave -inf, the first value that is not finite")
    assert f"{__file__}:{line_of('# the anomaly')}" in message
    assert "'gap' (subtract, 0.0)" in message
    assert log(difference).data == -math.inf  # outside the block: IEEE


def test_the_line_is_the_users_even_inside_a_composition():
    @detect_anomaly()
    def compute():
        return leaky_relu(Value(-1e300), Value(1e300))  # composed

    with pytest.raises(NonFiniteError, match=f"{re.escape(__file__)}:{line_of('# composed')}"):
        compute()


def test_the_first_adjoint_that_is_not_finite_is_named_and_nothing_is_deposited():
    w = Value(0.0, "w")

    @detect_anomaly()
    def compute():
        root = sqrt(w)  # the root
        root.label = "r"
        root.backward()

    with pytest.raises(NonFiniteError) as caught:
        compute()
    message = str(caught.value)
    assert "the adjoint of 'w' (leaf, 0.0) became inf" in message
    assert "back through 'r' (sqrt, 0.0): upstream 1.0 x partial inf" in message
    assert f"It was computed at {__file__}:{line_of('# the root')}." in message
    assert w.grad is None


def test_a_node_made_outside_the_block_says_that_its_line_is_unknown():
    root = sqrt(Value(0.0))
    with pytest.raises(NonFiniteError, match=r"outside detect_anomaly\(\), so its line is unknown"), detect_anomaly():
        root.backward()


def test_detect_anomaly_changes_no_number():
    def compute():
        x = Value(0.3)
        y = sigmoid(x * 2) / (x + 1) + relu(x)
        y.backward()
        return y.data, x.grad

    with detect_anomaly():
        watched = compute()
    assert watched == compute()


# ------------------------------------------------------------------------------------- scopes and compositions


def names(node):
    return [] if node.scope is None else [group.name for group in node.scope.chain()]


def test_scopes_nest_and_end():
    x = Value(2.0)
    with scope("layer 1"):
        outer = x * 2
        with scope("neuron 3", formula="sigmoid(w x)"):
            inner = x * 3
            activated = sigmoid(inner)
        again = x * 4
    after = x * 5
    assert names(x) == names(after) == []
    assert names(outer) == names(again) == ["layer 1"]
    assert names(inner) == ["neuron 3", "layer 1"]
    assert names(activated) == ["sigmoid", "neuron 3", "layer 1"]
    assert activated.scope.definition is sigmoid
    assert activated.scope.inputs == (inner,)
    assert repr(activated.scope) == "<scope 'layer 1/neuron 3/sigmoid'>"
    assert inner.scope.definition == "sigmoid(w x)"


def test_a_scope_ends_with_an_exception_and_needs_a_name():
    with pytest.raises(KeyError), scope("doomed"):
        raise KeyError
    with pytest.raises(NumberError):
        sigmoid("text")
    assert names(Value(1.0) * 2) == []
    with pytest.raises(ValueError, match="needs a name"), scope(""):
        pass


def test_each_call_of_a_composition_is_its_own_group():
    x = Value(2.0)
    first, second = sigmoid(x), sigmoid(x)
    assert first.scope is not second.scope


def test_compositions_take_named_arguments_and_defaults():
    assert leaky_relu(-1.0) == -0.01
    assert leaky_relu(-1.0, slope=0.5) == leaky_relu(x=-1.0, slope=0.5) == -0.5
    assert mean(x for x in (1, 2)) == 1.5


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (relu, TypeError, "relu(x): missing a required argument: 'x'."),
        (lambda: relu(1.0, 2.0), TypeError, "relu(x): too many positional arguments."),
        (
            lambda: leaky_relu(1.0, angle=2.0),
            TypeError,
            "leaky_relu(x, slope): got an unexpected keyword argument 'angle'.",
        ),
        (lambda: prelu(1.0), TypeError, "prelu(x, slope): missing a required argument: 'slope'."),
        (lambda: dot([1.0]), TypeError, "dot(a, b): missing a required argument: 'b'."),
        (lambda: dot([1.0, 2.0], [1.0]), ValueError, "two lists of the same length, got 2 and 1 numbers."),
        (lambda: dot([], []), ValueError, "dot of no numbers is not defined"),
        (lambda: mean([]), ValueError, "mean of no numbers is not defined"),
        (lambda: logsumexp([]), ValueError, "logsumexp of no numbers is not defined"),
        (
            lambda: logsumexp(Value(1.0)),
            TypeError,
            "logsumexp takes a list of numbers, got one Value. Write logsumexp([...]).",
        ),
        (lambda: mean(1.0), TypeError, "mean takes a list of numbers, got one float. Write mean([...])."),
        (lambda: mean("12"), NumberError, "mean needs one real number, got the text '1'"),
    ],
)
def test_compositions_given_wrong_arguments_say_what_they_take(call, error, words):
    with pytest.raises(error, match=re.escape(words)):
        call()

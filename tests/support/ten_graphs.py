"""Ten graphs, from one unit to a head of attention: every page and picture is looked at and measured with them."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

import nn
from autograd_core import Value, dot, exp, explain, logsumexp, sigmoid, sin, tanh
from autograd_core.show.stepper.explain import Explanation


def _leaves(**numbers: float) -> list[Value]:
    return [Value(number, name) for name, number in numbers.items()]


def unit() -> Value:
    w, x, b = _leaves(w=-2.0, x=0.5, b=0.25)
    return sigmoid(w * x + b)


def neuron() -> Value:
    w1, x1, w2, x2, b = _leaves(w1=-3.0, x1=2.0, w2=1.0, x2=0.5, b=6.5)
    return tanh(w1 * x1 + w2 * x2 + b)


def three_products() -> Value:
    a, b, c, d, e, f = _leaves(a=2.0, b=-3.0, c=0.5, d=4.0, e=-1.5, f=1.25)
    return a * b + c * d + e * f


def cube_and_exponential() -> Value:
    x = Value(1.5, "x")
    return x * x * x + exp(x)


def cross_entropy_of_three_logits() -> Value:
    return nn.cross_entropy(_leaves(z1=1.0, z2=-0.5, z3=2.0), 1)


def opened_sigmoid() -> Value:
    return sigmoid(Value(0.75, "x"))


def loss_of_a_small_net() -> Value:
    return _loss(nn.MLP(2, 2, 1, activation="tanh", rng=0), [0.5, -1.0])


def loss_of_a_deep_net() -> Value:
    return _loss(nn.MLP(2, 8, 4, 1, activation="tanh", rng=0), [0.5, -1.0])


def chain() -> Value:
    y = Value(0.9, "x")
    for _ in range(30):
        y = sin(y) * 1.1
    return y


def attention() -> Value:
    """The loss of one head of causal attention over 4 tokens of width 4, with one target a number."""
    draw = random.Random(0)
    width = count = 4
    tokens = [[Value(draw.gauss(0, 1), f"x{t}{i}") for i in range(width)] for t in range(count)]
    query, key, value, output = (
        [[Value(draw.gauss(0, 0.5), f"{name}{i}{j}") for j in range(width)] for i in range(width)] for name in "qkvo"
    )

    def project(weights: Sequence[Sequence[Value]]) -> list[list[Value]]:
        return [[dot(row, token) for row in weights] for token in tokens]

    queries, keys, values = project(query), project(key), project(value)
    outputs: list[Value] = []
    for t in range(count):
        scores = [dot(queries[t], keys[s]) / math.sqrt(width) for s in range(t + 1)]
        total = logsumexp(scores)
        shares = [exp(score - total) for score in scores]
        mixed = [dot(shares, [values[s][i] for s in range(t + 1)]) for i in range(width)]
        outputs += [dot(row, mixed) for row in output]
    targets = [Value(draw.gauss(0, 1), f"t{t}{i}") for t in range(count) for i in range(width)]
    squares = [(guess - target) ** 2 for guess, target in zip(outputs, targets, strict=True)]
    loss = sum(squares[1:], squares[0]) / len(squares)
    loss.label = "loss"
    return loss


def _loss(model: nn.MLP, row: list[float]) -> Value:
    return nn.mse_loss(model(row), 1.0)


def explain_graph(name: str) -> Explanation:
    """The step-through of the graph of this name; the opened sigmoid is opened."""
    return explain(TEN_GRAPHS[name](), open="all" if name == "opened sigmoid" else ())


TEN_GRAPHS: dict[str, Callable[[], Value]] = {
    "unit": unit,
    "neuron": neuron,
    "three products": three_products,
    "cube and exponential": cube_and_exponential,
    "cross-entropy of three logits": cross_entropy_of_three_logits,
    "opened sigmoid": opened_sigmoid,
    "loss of a small net": loss_of_a_small_net,
    "loss of a deep net": loss_of_a_deep_net,
    "chain": chain,
    "attention": attention,
}

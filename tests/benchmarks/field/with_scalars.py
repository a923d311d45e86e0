"""W2: a graph of scalars, forward and backward without compilation."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from autograd_core import Value
from autograd_core import tanh as our_tanh
from tests.benchmarks.field.contender import TOLERANCE, Missing

NODES = 1000
LEAVES = 32

Plan = list[tuple[str, int, int]]  # an operation and the places of its inputs; tanh reads the first


@dataclass
class Scalars:
    """An engine: how to make a leaf, to compute tanh, and to read the gradient of a leaf."""

    name: str
    leaf: Callable[[float], Any]
    tanh: Callable[[Any], Any]
    gradient: Callable[[Any], float]

    def build(self, numbers: list[float], plan: Plan) -> tuple[list[Any], Any]:
        """The leaves and the last node of the graph of `plan`, which begins with those leaves."""
        nodes = [self.leaf(number) for number in numbers]
        leaves = nodes[:]
        for operation, a, b in plan:
            if operation == "tanh":
                nodes.append(self.tanh(nodes[a]))
            else:
                nodes.append(nodes[a] + nodes[b] if operation == "add" else nodes[a] * nodes[b])
        return leaves, nodes[-1]

    def sweep(self, numbers: list[float], plan: Plan) -> list[Any]:
        """The same, with the backward pass; returns the leaves."""
        leaves, root = self.build(numbers, plan)
        root.backward()
        return leaves


def graph() -> tuple[list[float], Plan]:
    """A random graph in which every node is used: each reads the node before it and any other."""
    generator = random.Random(7)
    numbers = [generator.uniform(-1.0, 1.0) for _ in range(LEAVES)]
    plan = [
        (generator.choice(("add", "multiply", "tanh", "tanh")), LEAVES + i - 1, generator.randrange(LEAVES + i))
        for i in range(NODES)
    ]
    return numbers, plan


def ours() -> Scalars:
    """This engine."""
    return Scalars("autograd_core", Value, our_tanh, lambda leaf: leaf.grad or 0.0)


def micrograd() -> Scalars:
    """micrograd, with a tanh in the form of its operations, because it has none."""
    try:
        from micrograd.engine import Value as Micrograd
    except ImportError as reason:
        raise Missing(str(reason)) from None

    def tanh(a: Any) -> Any:
        out = Micrograd(math.tanh(a.data), (a,), "tanh")

        def _backward() -> None:
            a.grad += (1.0 - out.data * out.data) * out.grad

        out._backward = _backward
        return out

    return Scalars("micrograd", Micrograd, tanh, lambda leaf: float(leaf.grad))


def torch() -> Scalars:
    """PyTorch, with a tensor for each number."""
    try:
        import torch
    except ImportError as reason:
        raise Missing(str(reason)) from None
    return Scalars(
        "torch eager",
        lambda number: torch.tensor(number, dtype=torch.float64, requires_grad=True),
        torch.tanh,
        lambda leaf: 0.0 if leaf.grad is None else leaf.grad.item(),
    )


def calls() -> tuple[float, dict[str, Callable[[], Any]], dict[str, Callable[[], Any]]]:
    """(the largest relative difference of the gradients, the calls that build, those that build and sweep), by engine.

    Raises AssertionError if the engines disagree.
    """
    numbers, plan = graph()
    engines = []
    for make in (ours, micrograd, torch):
        try:
            engines.append(make())
        except Missing as reason:
            print(f"  {make.__name__} is left out: {reason}", flush=True)
    found = [[engine.gradient(leaf) for leaf in engine.sweep(numbers, plan)] for engine in engines]
    largest = max(map(abs, found[0]))
    assert largest > 0.0
    worst = max(abs(a - b) / largest for other in found for a, b in zip(found[0], other, strict=True))
    assert worst < TOLERANCE, f"the gradients of the scalar graph differ by {worst:.1e}"
    build = {engine.name: partial(engine.build, numbers, plan) for engine in engines}
    both = {engine.name: partial(engine.sweep, numbers, plan) for engine in engines}
    return worst, build, both

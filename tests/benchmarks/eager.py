"""How fast a graph is built and swept, against micrograd and PyTorch scalars: `python -m tests.benchmarks.eager`.

All contenders take turns in one process, on the same data and weights. A round times several steps of each in a row, as
in training; the garbage collector runs between contenders, outside the timing. Differences under 1.3x are noise.
"""

from __future__ import annotations

import gc
import math
import platform
import random
import statistics
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from autograd_core import Value, dot, topological_order

ROUNDS = 5
GRAPH_NODES = 100_000
CHAIN = 1_000_000
TOLERANCE = 1e-12


def sum_of_products(weights: list[Any], row: list[Any], bias: Any) -> Any:
    """The sum of a unit as micrograd's neuron writes it."""
    return sum((w * x for w, x in zip(weights, row, strict=True)), bias)


@dataclass
class Contender:
    """An engine: how to make a leaf and to read its number and gradient; steps: how many it runs in a round; unit: how
    the sum of a unit is written."""

    name: str
    leaf: Callable[[float], Any]
    number: Callable[[Any], float]
    gradient: Callable[[Any], float]
    steps: int
    unit: Callable[[list[Any], list[Any], Any], Any] = sum_of_products
    seconds: dict[tuple[str, bool], list[float]] = field(default_factory=dict)


def ours() -> Contender:
    """The engine of this package."""
    return Contender("autograd_core", Value, lambda v: v.data, lambda v: v.grad or 0.0, steps=4)


def ours_with_dot() -> Contender:
    """The same engine for a program that says `dot`."""
    return replace(ours(), name="the same, dot", unit=lambda weights, row, bias: dot(weights, row) + bias, seconds={})


def contenders() -> list[Contender]:
    """This engine, then those of the others that are installed."""
    found = [ours()]
    try:
        from micrograd.engine import Value as Micrograd
    except ImportError:
        print('micrograd is not installed, so its column is missing: pip install ".[benchmark]"')
    else:
        found.append(Contender("micrograd", Micrograd, lambda v: float(v.data), lambda v: float(v.grad), steps=2))
    try:
        import torch
    except ImportError:
        print('PyTorch is not installed, so its column is missing: pip install ".[torch]"')
    else:
        torch.set_num_threads(1)
        found.append(
            Contender(
                "torch scalars",
                lambda number: torch.tensor(number, dtype=torch.float64, requires_grad=True),
                lambda v: v.item(),
                lambda v: 0.0 if v.grad is None else v.grad.item(),
                steps=1,
            )
        )
    return found


# ------------------------------------------------------------------------------------------------------ workloads


def two_moons(rows: int, generator: random.Random) -> tuple[list[list[float]], list[float]]:
    """Two interleaved half circles with some noise, and their labels -1 and 1."""
    points, labels = [], []
    for row in range(rows):
        angle = generator.uniform(0.0, math.pi)
        upper = row % 2 == 0
        point = (math.cos(angle), math.sin(angle)) if upper else (1.0 - math.cos(angle), 0.5 - math.sin(angle))
        points.append([coordinate + generator.gauss(0.0, 0.1) for coordinate in point])
        labels.append(-1.0 if upper else 1.0)
    return points, labels


class TrainingStep:
    """W1: 100 rows, a net 2-16-16-1 of relu units, hinge loss + 1e-4 * sum of squares; forward and backward."""

    name = "W1 training step"

    def __init__(self, contender: Contender) -> None:
        generator = random.Random(1337)
        rows, self.labels = two_moons(100, generator)
        leaf = self.leaf = contender.leaf
        self.unit = contender.unit
        self.rows = rows
        sizes = (2, 16, 16, 1)
        self.layers = [
            [([leaf(generator.uniform(-1.0, 1.0)) for _ in range(width)], leaf(0.0)) for _ in range(height)]
            for width, height in pairwise(sizes)
        ]
        self.leaves = [leaf for layer in self.layers for weights, bias in layer for leaf in (*weights, bias)]

    def score(self, row: list[Any]) -> Any:
        for layer in self.layers:
            row = [self.unit(weights, row, bias) for weights, bias in layer]
            if layer is not self.layers[-1]:
                row = [unit.relu() for unit in row]
        return row[0]

    def __call__(self) -> Any:
        scores = [self.score([self.leaf(number) for number in row]) for row in self.rows]
        losses = [(1.0 + -label * score).relu() for label, score in zip(self.labels, scores, strict=True)]
        loss = sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in self.leaves)
        loss.backward()
        return loss


class RandomGraph:
    """W2: 1e5 nodes, forward and backward. Half of them are +, * and relu of recent nodes, half are the sum over those,
    so that all are reached. The leaves are below 1/2 in size, which keeps the numbers from growing or vanishing."""

    name = "random graph, 1e5 nodes"
    width = 64

    def __init__(self, contender: Contender) -> None:
        generator = random.Random(7)
        self.leaves = [contender.leaf(generator.uniform(-0.5, 0.5)) for _ in range(self.width)]
        kinds = ("a + b", "a * leaf", "a * leaf", "a + leaf", "relu")
        self.choices = [
            (generator.choice(kinds), generator.randrange(self.width), generator.randrange(self.width))
            for _ in range(GRAPH_NODES // 2)
        ]

    def __call__(self) -> Any:
        leaves = self.leaves
        recent = list(leaves)
        total = leaves[0]
        for position, (kind, first, second) in enumerate(self.choices):
            a = recent[first]
            if kind == "a + b":
                node = a + recent[second]
            elif kind == "a * leaf":
                node = a * leaves[second]
            elif kind == "a + leaf":
                node = a + leaves[second]
            else:
                node = a.relu()
            recent[position % self.width] = node
            total = total + node
        total.backward()
        return total


WORKLOADS: tuple[type[TrainingStep] | type[RandomGraph], ...] = (TrainingStep, RandomGraph)

# -------------------------------------------------------------------------------------------------- measurements


def clear(leaves: list[Any]) -> None:
    """Reset every gradient, as each engine expects it."""
    for leaf in leaves:
        leaf.grad = 0 if type(leaf).__module__.startswith("micrograd") else None


def agreement(work: type[Any], entrants: list[Contender]) -> str:
    """Run each contender once and compare with the first; raises AssertionError if loss or gradients differ."""
    results = {}
    for contender in entrants:
        task = work(contender)
        loss = task()
        results[contender.name] = [contender.number(loss), *map(contender.gradient, task.leaves)]
    first, *others = results.values()
    assert all(map(math.isfinite, first)), f"{work.name}: its numbers must be finite to be compared"
    assert sum(number != 0.0 for number in first) > len(first) / 2, f"{work.name}: most gradients must not be 0"
    worst = 0.0
    for other in others:
        for ours, theirs in zip(first, other, strict=True):
            worst = max(worst, abs(ours - theirs) / max(1.0, abs(ours)))
    assert worst <= TOLERANCE, f"{work.name}: results differ by {worst:.1e}"
    return f"loss and {len(first) - 1} gradients agree to {worst:.0e}" if others else "nothing to compare with"


def time_one_round(work: str, tasks: list[tuple[Contender, Any]], collecting: bool) -> None:
    for contender, task in tasks:
        gc.collect()
        (gc.enable if collecting else gc.disable)()
        for _ in range(contender.steps):
            clear(task.leaves)
            start = time.perf_counter()
            result = task()
            contender.seconds.setdefault((work, collecting), []).append(time.perf_counter() - start)
            del result
        gc.enable()


def print_table(work: str, entrants: list[Contender]) -> None:
    print(f"  {'':16}{'collector on: min':>20}{'median':>12}{'ratio':>14}{'off: min':>14}{'median':>12}{'ratio':>14}")
    engine = entrants[0].seconds
    for contender in entrants:
        line = f"  {contender.name:16}"
        for collecting, width in ((True, 20), (False, 14)):
            times, reference = contender.seconds[work, collecting], engine[work, collecting]
            least, median = min(times), statistics.median(times)
            ratio = f"{least / min(reference):.1f} / {median / statistics.median(reference):.1f}"
            line += f"{least * 1e3:>{width - 3}.1f} ms{median * 1e3:>9.1f} ms{ratio:>14}"
        print(line)


def bytes_a_node() -> float:
    """Memory a node of the W1 graph takes after backward, everything it holds included."""
    task = TrainingStep(ours())
    task()
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    loss = task()
    gc.collect()
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return taken / len(topological_order(loss))


def chain(leaf: Callable[[float], Any]) -> str:
    """A sum of a million terms built one by one, swept and freed: the seconds it takes, or how it failed."""
    gc.collect()
    start = time.perf_counter()
    x = y = leaf(1.0)
    for _ in range(CHAIN):
        y = y + x
    try:
        y.backward()
    except RecursionError as problem:
        return f"RecursionError in backward(): {problem}"
    del y
    return f"{time.perf_counter() - start:.2f} s, gradient {x.grad:.0f}"


def main() -> None:
    """Print the table for the interpreter that runs it."""
    print(f"Python {platform.python_version()} on {platform.machine()}, {ROUNDS} rounds")
    print("ratio: how many times as long as autograd_core, minimums / medians")
    others = contenders()
    for work in WORKLOADS:
        entrants = [*others, ours_with_dot()] if work is TrainingStep else others
        print(f"\n{work.name}: {agreement(work, entrants)}")
        tasks = [(contender, work(contender)) for contender in entrants]
        gc.collect()
        gc.freeze()  # what the imports made (PyTorch's above all) would be walked in everybody's collections
        for _ in range(ROUNDS):
            for collecting in (True, False):
                time_one_round(work.name, tasks, collecting)
        print_table(work.name, entrants)
    print(f"\nmemory after backward: {bytes_a_node():.0f} bytes a node")
    print("\na chain of 1e6 additions, built, swept and freed:")
    for contender in others[:2]:
        print(f"  {contender.name:16}{chain(contender.leaf)}")


if __name__ == "__main__":
    # micrograd goes back by recursion, one call a node of a path. The limit and the stack let it survive the random
    # graph; with Python's own limit of 1000 it would not.
    sys.setrecursionlimit(200_000)
    threading.stack_size(1 << 30)
    thread = threading.Thread(target=main)
    thread.start()
    thread.join()

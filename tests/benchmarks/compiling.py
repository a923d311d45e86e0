"""How long compiling takes: `python -m tests.benchmarks.compiling`.

From the call of `compile` to the first value and gradient, in wall-clock time, with a process for each graph: first
with an empty cache, then with the machine code on disk. The smaller of two rounds is shown, which depends least on
other work.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from tests.benchmarks.compiled import Net, program_of

NODES = 100_000
ROUNDS = 2
LEAVES = 64

Seconds = tuple[float, float]  # to the end of tracing, and to the first value and gradient


def random_graph() -> tuple[Callable[..., Any], Any]:
    """+, * and tanh of random recent nodes; the last ones are added up."""
    from autograd_core import Value, tanh

    generator = random.Random(7)
    leaves = [Value(generator.uniform(-0.5, 0.5)) for _ in range(LEAVES)]
    choices = [(generator.randrange(3), generator.randrange(LEAVES), generator.randrange(LEAVES)) for _ in range(NODES)]

    def graph(x: Any) -> Any:
        recent = [leaf * x for leaf in leaves]
        for position, (kind, first, second) in enumerate(choices):
            a, b = recent[first], recent[second]
            recent[position % LEAVES] = 0.5 * a * b if kind == 0 else a + b if kind == 1 else tanh(a)
        return sum(recent)

    return graph, 0.5


def chain() -> tuple[Callable[..., Any], Any]:
    """One node after the other: tanh(w x + b) of tanh(w x + b) of ..."""
    from autograd_core import Value, tanh

    w, b = Value(0.5), Value(0.1)

    def graph(x: Any) -> Any:
        for _ in range(NODES // 3):
            x = tanh(w * x + b)
        return x

    return graph, 0.5


def wide_graph() -> tuple[Callable[..., Any], Any]:
    """Thousands of terms side by side, no two of which share their parameters in the same way."""
    from autograd_core import Value, relu, sigmoid, tanh

    generator = random.Random(3)
    parameters = [Value(generator.uniform(-1.0, 1.0)) for _ in range(200)]
    choices = [(generator.randrange(4), *(generator.choice(parameters) for _ in range(3))) for _ in range(NODES // 8)]
    functions = (tanh, relu, sigmoid, lambda u: u * u)

    def graph(row: Any) -> Any:
        total: Any = 0.0
        for position, (kind, a, b, c) in enumerate(choices):
            total = total + c * functions[kind](a * row[position % len(row)] + b)
        return total

    return graph, [0.1] * 8


GRAPHS = {"random graph, 1e5 nodes": random_graph, "chain, 1e5 nodes": chain, "wide graph, 1e5 nodes": wide_graph}
NETS = {"W1: 2-16-16-1": (2, 16, 16, 1), "64-32-10": (64, 32, 10), "64-256-256-10": (64, 256, 256, 10)}


def measure(name: str) -> Seconds:
    """The seconds for a graph or net; call it in a new process."""
    import numpy as np

    from autograd_core import compile  # noqa: A004

    if name in NETS:
        net = Net(name, NETS[name], 8)
        start = time.perf_counter()
        program = program_of(net, "auto")
        traced = time.perf_counter()
        program.value_and_grad(net.data, net.targets)
    else:
        graph, example = GRAPHS[name]()
        data = np.array([example])
        start = time.perf_counter()
        program = compile(graph, example=(example,))
        traced = time.perf_counter()
        program.value_and_grad(data)
    return traced - start, time.perf_counter() - start


def main() -> None:
    """Print the table."""
    spawned = multiprocessing.get_context("spawn")
    print(f"{'seconds, least of ' + str(ROUNDS):26}{'traced':>10}{'first call':>12}{'code on disk':>14}")
    for name in (*NETS, *GRAPHS):
        found: list[Seconds] = []
        for _ in range(ROUNDS):
            with tempfile.TemporaryDirectory() as folder:
                os.environ["AUTOGRAD_CORE_CACHE"] = folder
                for _ in ("empty cache", "machine code on disk"):
                    with ProcessPoolExecutor(1, mp_context=spawned) as pool:
                        found.append(pool.submit(measure, name).result())
        traced = min(tracing for tracing, _ in found)
        cold, warm = (min(total for _, total in found[start::2]) for start in (0, 1))
        print(f"{name:26}{traced:>10.2f}{cold:>12.2f}{warm:>14.2f}", flush=True)


if __name__ == "__main__":
    main()

"""How long compiling takes: `python -m tests.benchmarks.compiling`.

From the call of `compile` to the first value and gradient, by the clock, every graph in a process of its own; first
with nothing on disk, then with the machine code kept there. The least of two rounds is shown: on a busy machine that
says most.
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

Seconds = tuple[float, float]  # until it is traced, and until the first value and gradient are there


def random_graph() -> tuple[Callable[..., Any], Any]:
    """+, * and tanh of recent nodes, in no order; what is left at the end is added up."""
    from autograd_core import Value, tanh

    chosen = random.Random(7)
    leaves = [Value(chosen.uniform(-0.5, 0.5)) for _ in range(LEAVES)]
    choices = [(chosen.randrange(3), chosen.randrange(LEAVES), chosen.randrange(LEAVES)) for _ in range(NODES)]

    def graph(x: Any) -> Any:
        recent = [leaf * x for leaf in leaves]
        for position, (kind, one, other) in enumerate(choices):
            a, b = recent[one], recent[other]
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

    chosen = random.Random(3)
    parameters = [Value(chosen.uniform(-1.0, 1.0)) for _ in range(200)]
    choices = [(chosen.randrange(4), *(chosen.choice(parameters) for _ in range(3))) for _ in range(NODES // 8)]
    functions = (tanh, relu, sigmoid, lambda u: u * u)

    def graph(row: Any) -> Any:
        total: Any = 0.0
        for position, (kind, a, b, c) in enumerate(choices):
            total = total + c * functions[kind](a * row[position % len(row)] + b)
        return total

    return graph, [0.1] * 8


GRAPHS = {"random graph, 1e5 nodes": random_graph, "chain, 1e5 nodes": chain, "wide graph, 1e5 nodes": wide_graph}
NETS = {"W1: 2-16-16-1": (2, 16, 16, 1), "64-32-10": (64, 32, 10), "64-256-256-10": (64, 256, 256, 10)}


def measured(name: str) -> Seconds:
    """The seconds for one of the graphs or nets; to be called in a fresh process."""
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
                for _ in ("nothing kept", "machine code kept"):
                    with ProcessPoolExecutor(1, mp_context=spawned) as pool:
                        found.append(pool.submit(measured, name).result())
        traced = min(one for one, _ in found)
        cold, warm = (min(total for _, total in found[start::2]) for start in (0, 1))
        print(f"{name:26}{traced:>10.2f}{cold:>12.2f}{warm:>14.2f}", flush=True)


if __name__ == "__main__":
    main()

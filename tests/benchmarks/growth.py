"""How time and memory grow with rows, nodes and width: `python -m tests.benchmarks.growth --plot growth.svg`.

Every point is measured in a new process. Memory is the maximum of the process less its memory at the start: the data,
the graph, the program and the compiler. The time is the least of several calls.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from tests.benchmarks.compiled import LIBRARIES

CHUNK = 100_000  # rows that are in memory at once
COMPILED = 100_000  # nodes; an irregular graph of more is run eagerly
LEAVES = 64

Point = dict[str, float]  # by what was measured: seconds, or MB of memory


def _least(call: Callable[[], Any], seconds: float = 0.5) -> float:
    times: list[float] = []
    until = time.perf_counter() + seconds
    while not times or time.perf_counter() < until:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def by_rows(rows: int) -> Point:
    """Loss and gradient of the net 2-16-16-1 over rows in chunks, as from a file too large for memory."""
    import numpy as np

    from tests.benchmarks.compiled import program_of
    from tests.benchmarks.field.contender import moons

    net = moons(1)
    program = program_of(net, "auto")
    program.value_and_grad(net.data, net.targets)
    generator = np.random.default_rng(1)
    sums, spent, done = np.zeros(len(program.parameters) + 1), 0.0, 0
    while done < rows:
        count = min(CHUNK, rows - done)
        data = generator.standard_normal((count, 2))
        targets = np.where(data[:, 0] > 0.0, 1.0, -1.0)
        start = time.perf_counter()
        value, gradient = program.value_and_grad(data, targets)
        sums += np.append(gradient, value) * (count / rows)
        spent += time.perf_counter() - start
        done += count
    assert np.isfinite(sums).all()
    if rows <= CHUNK:
        spent = _least(lambda: program.value_and_grad(data, targets))
    return {"compiled": spent}


def by_nodes(nodes: int) -> Point:
    """A random graph of +, * and relu with a sum over all of it: eager forward and backward, and compiled."""
    from autograd_core import Value, compile, relu  # noqa: A004

    generator = random.Random(7)
    leaves = [Value(generator.uniform(-0.5, 0.5)) for _ in range(LEAVES)]
    choices = [
        (generator.randrange(3), generator.randrange(LEAVES), generator.randrange(LEAVES)) for _ in range(nodes // 2)
    ]

    def graph(x: Any) -> Any:
        recent, total = list(leaves), x
        for position, (kind, first, second) in enumerate(choices):
            a = recent[first]
            node = a * leaves[second] if kind == 0 else a + leaves[second] if kind == 1 else relu(a)
            recent[position % LEAVES] = node
            total = total + node
        return total

    found = {"eager": _least(lambda: graph(Value(0.5)).backward())}
    if nodes <= COMPILED:
        start = time.perf_counter()
        program = compile(graph, example=0.5)
        program.value_and_grad([0.5])
        found["compiling"] = time.perf_counter() - start
        found["compiled"] = _least(lambda: program.value_and_grad([0.5]))
    return found


def by_width(width: int) -> Point:
    """Loss and gradient of the net 64-width-width-10 for 256 rows, and NumPy by hand."""
    from tests.benchmarks.compiled import Net, numpy_by_hand, program_of
    from tests.benchmarks.field.contender import flat_parameters

    net = Net("width", (64, width, width, 10), 256)
    start = time.perf_counter()
    program = program_of(net, "auto")
    program.value_and_grad(net.data, net.targets)
    spent = time.perf_counter() - start
    numbers = flat_parameters(net)
    return {
        "compiling": spent,
        "compiled": _least(lambda: program.value_and_grad(net.data, net.targets, parameters=numbers)),
        "NumPy by hand": _least(numpy_by_hand(net)),
    }


SERIES: dict[str, tuple[Callable[[int], Point], list[int]]] = {
    "rows": (by_rows, [10**power for power in range(8)]),
    "nodes": (by_nodes, [10**power for power in range(2, 7)]),
    "width": (by_width, [8, 16, 32, 64, 128, 256, 512]),
}
TITLES = {"rows": "net 2-16-16-1", "nodes": "random graph", "width": "net 64-width-width-10, 256 rows"}


def measure_point(measure: Callable[[int], Point], size: int) -> Point:
    """A point, with its memory in MB where the system reports it; call it in a new process."""
    from autograd_core import compile  # noqa: A004

    compile(lambda x: x * x, example=1.0).value_and_grad([1.0])  # to load NumPy and LLVM first
    before = _peak()
    point = measure(size)
    return point if before is None else {**point, "memory": (_peak() or 0.0) - before}


def _peak() -> float | None:
    """The maximum memory of this process so far, in MB; None on Windows."""
    try:
        import resource
    except ImportError:
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def with_unit(name: str, number: float) -> str:
    """A measurement with its unit."""
    if name == "memory":
        return f"{number:.0f} MB"
    for unit, size in (("us", 1e-6), ("ms", 1e-3)):
        if number < 999.5 * size:
            return f"{number / size:.3g} {unit}"
    return f"{number:.3g} s"


def draw(found: dict[str, dict[int, Point]], path: Path, theme: str) -> None:
    """Time above memory for each series, on logarithmic axes."""
    from nn.plot.canvas import DASHES, MARKERS, sheet

    names = list(dict.fromkeys(name for points in found.values() for point in points.values() for name in point))
    timed = [name for name in names if name != "memory"]
    with sheet(theme, 2, len(found), width=340 * len(found), height=560, sharex="col") as page:
        for column, (series, points) in enumerate(found.items()):
            time_axes, memory_axes = page.axes[column], page.axes[len(found) + column]
            for number, name in enumerate(timed):
                line = [(size, point[name]) for size, point in points.items() if name in point]
                if line:
                    style = {"marker": MARKERS[number], "linestyle": DASHES[number], "color": page.series(number)}
                    time_axes.plot(*zip(*line, strict=True), label=name, **style)
            time_axes.set(xscale="log", yscale="log", title=TITLES[series])
            time_axes.legend()
            memory = [(size, point["memory"]) for size, point in points.items() if "memory" in point]
            if memory:
                memory_axes.plot(*zip(*memory, strict=True), marker="o", color=page.colour("ink"))
            memory_axes.set(xscale="log", xlabel=series)
            memory_axes.set_ylim(bottom=0)
            memory_axes.set_xticks(
                list(points), [f"{size}" if size < 10_000 else f"{size:.0e}".replace("+0", "") for size in points]
            )
            memory_axes.minorticks_off()
        page.axes[0].set_ylabel("seconds")
        page.axes[len(found)].set_ylabel("memory, MB")
        page.figure.savefig(path)


def main() -> None:
    """Print the tables, and draw them where asked."""
    arguments = argparse.ArgumentParser(prog="python -m tests.benchmarks.growth", description=__doc__)
    arguments.add_argument("--plot", type=Path, metavar="PATH", help="where to write the picture (svg, png, pdf)")
    arguments.add_argument("--theme", default="light", choices=("light", "dark"), help="of the picture (light)")
    arguments.add_argument("--only", nargs="+", choices=SERIES, help="series to measure (all)")
    arguments.add_argument("--most", type=int, metavar="N", help="leave out sizes above this")
    chosen = arguments.parse_args()
    # The new processes read these, and compile with an empty cache.
    empty = tempfile.TemporaryDirectory()
    os.environ.update({f"{library}_NUM_THREADS": "1" for library in LIBRARIES} | {"AUTOGRAD_CORE_CACHE": empty.name})
    found: dict[str, dict[int, Point]] = {}
    for name in chosen.only or SERIES:
        measure, sizes = SERIES[name]
        print(f"\n{measure.__doc__}", flush=True)
        found[name] = {}
        for size in sizes:
            if chosen.most and size > chosen.most:
                continue
            with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
                point = found[name][size] = process.submit(measure_point, measure, size).result()
            cells = "".join(f"   {what} {with_unit(what, number):>8}" for what, number in point.items())
            print(f"  {name} {size:>10,}{cells}", flush=True)
    empty.cleanup()
    if chosen.plot:
        draw(found, chosen.plot, chosen.theme)
        print(f"\nwritten: {chosen.plot}")


if __name__ == "__main__":
    main()

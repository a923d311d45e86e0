"""The compiled program compared with other tools, in one run: `python -m tests.benchmarks.field`.

It creates an environment in the user's cache, installs the other tools there and prints two tables: the times, and
these compared with the targets. All use the same data and weights, float64, one thread and, where the system allows it,
one processor. Losses, gradients and steps are compared before they are timed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from tests.benchmarks.field.environment import ROOT, prepare

ONE_THREAD = {
    **{f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "MKL", "OMP")},
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_PLATFORMS": "cpu",
}


def main() -> int:
    """Prepare the environment and measure in it; with --here, measure in this one."""
    arguments = argparse.ArgumentParser(prog="python -m tests.benchmarks.field", description=__doc__)
    arguments.add_argument("--rounds", type=int, default=5, help="rounds in which all take turns (5)")
    arguments.add_argument("--seconds", type=float, default=0.3, help="that each runs in a round (0.3)")
    arguments.add_argument("--only", nargs="+", metavar="W", help="w1 w2 w3row w3 digits wide; names of programs (all)")
    arguments.add_argument("--rows", nargs="+", type=int, metavar="N", help="numbers of rows of the programs (all)")
    arguments.add_argument("--calls", action="store_true", help="do not time how programs are compiled")
    arguments.add_argument("--skip", nargs="+", default=[], metavar="TOOL", help="such as torch.compile, which is slow")
    arguments.add_argument("--variants", action="store_true", help="ours with two threads, in float32 and on NumPy")
    arguments.add_argument("--index", metavar="URL", help="a further package index, such as PyTorch's for CPU builds")
    arguments.add_argument("--here", action="store_true", help="measure what this Python has, and install nothing")
    options = arguments.parse_args()
    os.environ.pop("OPENBLAS_CORETYPE", None)  # where it is set, NumPy leaves vectors of the machine unused
    if not options.here:
        python = prepare(options.index)
        command = [str(python), "-m", "tests.benchmarks.field", "--here", *sys.argv[1:]]
        return subprocess.run(command, cwd=ROOT, env={**os.environ, **ONE_THREAD}).returncode
    if any(os.environ.get(name) != value for name, value in ONE_THREAD.items()):  # read when the libraries are loaded
        os.environ.update(ONE_THREAD)
        return subprocess.run([sys.executable, "-m", "tests.benchmarks.field", *sys.argv[1:]]).returncode
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    from tests.benchmarks.field.grid import measure_grid
    from tests.benchmarks.field.table import measure  # which loads NumPy, after the number of threads is set

    def grid(names: list[str]) -> None:
        times = options.rows, options.rounds, options.seconds
        measure_grid(names, *times, not options.calls, options.variants, options.skip)

    measure(options.only or [], grid, options.rounds, options.seconds)
    return 0


if __name__ == "__main__":
    sys.exit(main())

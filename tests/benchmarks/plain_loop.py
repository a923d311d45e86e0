"""A GPT trained on names, one a step: the plain loop on scalars beside the compiled program, and their difference.

    python -m tests.benchmarks.plain_loop --steps 100 --names names.txt

Without --names the list that AUTOGRAD_CORE_NAMES names is read, else the names of this package. A step of the plain
loop takes a fifth of a second or so.
"""

from __future__ import annotations

import argparse
import os
import time
from itertools import islice

from autograd_core.micrograd import Value
from nn.data import first_names, read_lines
from tests.support.gpt_on_names import compiled_losses
from tests.support.gpt_on_scalars import losses

SHOWN = (1, 2, 5)  # times a power of ten


def main() -> None:
    """Train both, and print the losses of some steps with the largest difference so far."""
    parser = argparse.ArgumentParser(description="A GPT on names: the plain loop beside the compiled program.")
    parser.add_argument("--steps", type=int, default=100, help="of 1,000")
    parser.add_argument("--names", default=os.environ.get("AUTOGRAD_CORE_NAMES", ""), metavar="FILE")
    options = parser.parse_args()
    names = read_lines(options.names) if options.names else first_names()
    started = time.perf_counter()
    compiled = compiled_losses(names, options.steps)
    middle = time.perf_counter()
    print(f"compiled: {middle - started:.1f} s with recording and compiling; the plain loop runs ...", flush=True)
    print(f"{'step':>6} {'plain loop':>20} {'compiled':>20} {'largest difference':>20}")
    largest = 0.0
    for step, (one, other) in enumerate(zip(islice(losses(Value, names), options.steps), compiled, strict=True), 1):
        largest = max(largest, abs(one - other))
        if step == options.steps or step in {digit * 10**power for digit in SHOWN for power in range(4)}:
            print(f"{step:>6} {one:>20.15f} {other:>20.15f} {largest:>20.2g}", flush=True)
    print(f"plain loop: {time.perf_counter() - middle:.1f} s")


if __name__ == "__main__":
    main()

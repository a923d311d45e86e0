"""How fast a compiled function runs, against NumPy by hand and PyTorch: `python -m tests.benchmarks.compiled`.

The same nets, data and weights for all; values and gradients are compared before anything is timed. All contenders take
turns in one process, with one thread. Differences under 1.3x are noise.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from autograd_core import (
    Value,
    compile,  # noqa: A004
    dot,
    logsumexp,
    relu,
)
from autograd_core.compiler.program import Program

ROUNDS = 7
SECONDS = 0.15  # for each contender in a round
PENALTY = 1e-4
LIBRARIES = ("OPENBLAS", "MKL", "OMP")

Result = tuple[float, Any]  # the loss, and the gradient: a flat array or (of weights, of biases) for each layer
Contender = Callable[[], Result]


@dataclass
class Net:
    """A net of relu units. One output: hinge loss and a weight penalty; several: cross-entropy."""

    name: str
    sizes: tuple[int, ...]
    rows: int

    def __post_init__(self) -> None:
        generator = np.random.default_rng(1)
        self.weights = [generator.uniform(-1, 1, (m, n)) / n**0.5 for n, m in pairwise(self.sizes)]
        self.biases = [np.full(m, 0.1) for m in self.sizes[1:]]
        self.data = generator.standard_normal((self.rows, self.sizes[0]))
        labels = generator.integers(0, max(2, self.sizes[-1]), self.rows)
        self.hinge = self.sizes[-1] == 1
        self.targets = labels * 2.0 - 1.0 if self.hinge else np.eye(self.sizes[-1])[labels]


def program_of(net: Net, backend: str, threads: int = 1) -> Program:
    """The loss of a net in loops over scalars, compiled for a backend."""
    layers = [
        [([Value(w) for w in row], Value(b)) for row, b in zip(weights.tolist(), biases.tolist(), strict=True)]
        for weights, biases in zip(net.weights, net.biases, strict=True)
    ]
    parameters = [number for units in layers for weights, bias in units for number in (*weights, bias)]

    def loss(row: list[Any], target: Any) -> Any:
        for units in layers:
            row = [sum((w * x for w, x in zip(weights, row, strict=True)), bias) for weights, bias in units]
            if units is not layers[-1]:
                row = [relu(number) for number in row]
        if net.hinge:
            return relu(1.0 - target * row[0]) + PENALTY * sum(p * p for p in parameters)
        return logsumexp(row) - dot(target, row)

    example = ([0.0] * net.sizes[0], 1.0 if net.hinge else [0.0] * net.sizes[-1])
    return compile(loss, example=example, backend=backend, parameters=parameters, threads=threads)


def ours(net: Net, backend: str, as_array: bool = False) -> Contender:
    """This package: loops over scalars, compiled. Parameters read one by one, or given as an array."""
    start = time.perf_counter()
    program = program_of(net, backend)
    program.value_and_grad(net.data[:1], net.targets[:1])
    print(f"  compiled for {backend} in {time.perf_counter() - start:.2f} s, {len(program.vectorised().steps())} steps")
    if not as_array:
        return lambda: program.value_and_grad(net.data, net.targets)  # type: ignore[return-value]
    numbers = np.array([parameter.data for parameter in program.parameters])
    return lambda: program.value_and_grad(net.data, net.targets, parameters=numbers)  # type: ignore[return-value]


def numpy_by_hand(net: Net) -> Contender:
    """The usual program with arrays."""
    weights, biases, rows = net.weights, net.biases, net.rows

    def step() -> Result:
        activations = [net.data]
        for w, b in zip(weights, biases, strict=True):
            z = activations[-1] @ w.T + b
            activations.append(np.maximum(z, 0.0) if w is not weights[-1] else z)
        z = activations.pop()
        if net.hinge:
            margins = 1.0 - net.targets * z[:, 0]
            value = np.maximum(margins, 0.0).mean()
            value += PENALTY * sum((w * w).sum() + (b * b).sum() for w, b in zip(weights, biases, strict=True))
            delta = ((margins > 0.0) * -net.targets / rows)[:, None]
        else:
            shifted = z - z.max(axis=1, keepdims=True)
            e = np.exp(shifted)
            total = e.sum(axis=1, keepdims=True)
            value = (np.log(total[:, 0]) - (net.targets * shifted).sum(axis=1)).mean()
            delta = (e / total - net.targets) / rows
        weight_gradients: list[Any] = []
        bias_gradients: list[Any] = []
        for w, b, h in zip(reversed(weights), reversed(biases), reversed(activations), strict=True):
            weight_gradients.append(delta.T @ h + (2 * PENALTY * w if net.hinge else 0.0))
            bias_gradients.append(delta.sum(axis=0) + (2 * PENALTY * b if net.hinge else 0.0))
            if h is not net.data:
                delta = (delta @ w) * (h > 0.0)
        return float(value), list(zip(weight_gradients, bias_gradients, strict=True))[::-1]

    return step


def torch_eager(net: Net) -> Contender | None:
    """PyTorch as in its tutorials; None if it is not installed."""
    try:
        import torch
    except ImportError:
        print('  PyTorch is not installed, so its row is missing: pip install ".[torch]"')
        return None
    torch.set_num_threads(1)
    weights = [torch.tensor(w, requires_grad=True) for w in net.weights]
    biases = [torch.tensor(b, requires_grad=True) for b in net.biases]
    data, targets = torch.tensor(net.data), torch.tensor(net.targets)

    def step() -> Result:
        for tensor in (*weights, *biases):
            tensor.grad = None
        h = data
        for w, b in zip(weights, biases, strict=True):
            h = h @ w.T + b
            if w is not weights[-1]:
                h = h.relu()
        if net.hinge:
            loss = (1.0 - targets * h[:, 0]).relu().mean()
            loss = loss + PENALTY * sum((p * p).sum() for p in (*weights, *biases))
        else:
            loss = (h.logsumexp(1) - (targets * h).sum(1)).mean()
        loss.backward()
        return loss.item(), [(w.grad.numpy(), b.grad.numpy()) for w, b in zip(weights, biases, strict=True)]

    return step


def flat(gradient: Any) -> Any:
    """A gradient in the order of our parameters: the weights of a unit, then its bias."""
    if isinstance(gradient, np.ndarray):
        return gradient
    return np.concatenate([np.column_stack(layer).ravel() for layer in gradient])


def agreement(results: dict[str, Result]) -> float:
    """The largest difference between the first result and another; raises AssertionError if it is too large."""
    (value, gradient), *others = [(value, flat(gradient)) for value, gradient in results.values()]
    assert np.isfinite(value)
    assert np.count_nonzero(gradient) > len(gradient) / 2, "most gradients must not be 0"
    worst = max(max(abs(value - loss), float(np.abs(gradient - other).max())) for loss, other in others)
    assert worst < 1e-12, f"results differ by {worst:.1e}"
    return worst


def main() -> None:
    """Print the table."""
    if any(os.environ.get(f"{library}_NUM_THREADS") != "1" for library in LIBRARIES):  # read when NumPy is loaded
        os.environ.update({f"{library}_NUM_THREADS": "1" for library in LIBRARIES})
        os.execv(sys.executable, [sys.executable, "-m", "tests.benchmarks.compiled"])
    nets = [
        Net("W1, one step: 2-16-16-1, 100 rows", (2, 16, 16, 1), 100),
        Net("W3: the same net, 1 row", (2, 16, 16, 1), 1),
        Net("W3: the same net, 100,000 rows", (2, 16, 16, 1), 100_000),
        Net("digits: 64-32-10, 128 rows", (64, 32, 10), 128),
        Net("64-128-128-10, 256 rows", (64, 128, 128, 10), 256),
    ]
    for net in nets:
        print(f"\n{net.name}")
        contenders = {
            "ours, numpy": ours(net, "numpy"),
            "ours, from array": ours(net, "numpy", as_array=True),
            "NumPy by hand": numpy_by_hand(net),
        }
        if (eager := torch_eager(net)) is not None:
            contenders["PyTorch eager"] = eager
        print(f"  agree to {agreement({name: step() for name, step in contenders.items()}):.0e}")
        seconds: dict[str, list[float]] = {name: [] for name in contenders}
        for _ in range(ROUNDS):
            for name, step in contenders.items():
                times = seconds[name]
                until = time.perf_counter() + SECONDS
                while (start := time.perf_counter()) < until:
                    step()
                    times.append(time.perf_counter() - start)
        base = statistics.median(seconds["ours, numpy"])
        for name, times in seconds.items():
            least, median = min(times) * 1e6, statistics.median(times) * 1e6
            print(f"  {name:18}min {least:>11.1f} us   median {median:>11.1f} us   {median / 1e6 / base:>6.2f} x ours")


if __name__ == "__main__":
    main()

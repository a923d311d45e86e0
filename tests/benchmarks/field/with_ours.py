"""This package: loops over scalars, compiled."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from autograd_core import Value, compile, dot, logsumexp, relu  # noqa: A004
from autograd_core.compiler.program import Program
from tests.benchmarks.compiled import PENALTY, Net
from tests.benchmarks.field.contender import RATE, Contender, Missing


def program_of(net: Net, backend: str) -> Program:
    """The loss of a net as a student writes it, compiled for a backend."""
    layers = [
        [([Value(w) for w in row], Value(b)) for row, b in zip(weights.tolist(), biases.tolist(), strict=True)]
        for weights, biases in zip(net.weights, net.biases, strict=True)
    ]
    parameters = [one for units in layers for weights, bias in units for one in (*weights, bias)]

    def loss(row: list[Any], target: Any) -> Any:
        for units in layers:
            row = [sum((w * x for w, x in zip(weights, row, strict=True)), bias) for weights, bias in units]
            if units is not layers[-1]:
                row = [relu(one) for one in row]
        if net.hinge:
            return relu(1.0 - target * row[0]) + PENALTY * sum(p * p for p in parameters)
        return logsumexp(row) - dot(target, row)

    example = ([0.0] * net.sizes[0], 1.0 if net.hinge else [0.0] * net.sizes[-1])
    return compile(loss, example=example, backend=backend, parameters=parameters)


def contender(net: Net, backend: str) -> Contender:
    """The parameters are an array between calls, as for the other contenders."""
    start = time.perf_counter()
    try:
        program = program_of(net, backend)
    except ImportError as reason:
        raise Missing(str(reason)) from None
    program.value_and_grad(net.data[:1], net.targets[:1])
    print(f"  ours, {backend}: traced and compiled in {time.perf_counter() - start:.2f} s", flush=True)
    data, targets = net.data, net.targets
    numbers = np.array([one.data for one in program.parameters])
    moving = numbers.copy()

    def gradient() -> tuple[float, Any]:
        return program.value_and_grad(data, targets, parameters=numbers)  # type: ignore[return-value]

    def step() -> Any:
        _, by_parameters = program.value_and_grad(data, targets, parameters=moving)
        by_parameters *= RATE
        np.subtract(moving, by_parameters, moving)
        return moving

    def loop(steps: int) -> Any:
        program.train(data, targets, steps=steps, learning_rate=RATE)
        return np.array([one.data for one in program.parameters])

    return Contender(f"ours, {backend}", gradient, step, loop)

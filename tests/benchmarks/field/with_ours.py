"""This package: loops over scalars, compiled."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from tests.benchmarks.compiled import Net, program_of
from tests.benchmarks.field.contender import RATE, Contender, Missing


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
    numbers = np.array([parameter.data for parameter in program.parameters])
    moving = numbers.copy()

    def gradient() -> tuple[float, Any]:
        return program.value_and_grad(data, targets, parameters=numbers)  # type: ignore[return-value]

    def step() -> Any:
        program.train(data, targets, steps=1, learning_rate=RATE, parameters=moving)
        return moving

    def loop(steps: int) -> Any:
        program.train(data, targets, steps=steps, learning_rate=RATE)
        return np.array([parameter.data for parameter in program.parameters])

    return Contender(f"ours, {backend}", gradient, step, loop)

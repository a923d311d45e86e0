"""micrograd: W1 only, because a step takes more than a second."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.benchmarks.compiled import PENALTY, Net
from tests.benchmarks.field.contender import RATE, Contender, Missing


def contender(net: Net) -> Contender:
    """As in its demo."""
    try:
        from micrograd.engine import Value
    except ImportError as reason:
        raise Missing(str(reason)) from None

    def layers() -> Any:
        return [
            [([Value(w) for w in row], Value(b)) for row, b in zip(weights.tolist(), biases.tolist(), strict=True)]
            for weights, biases in zip(net.weights, net.biases, strict=True)
        ]

    def parameters_of(net_layers: Any) -> list[Any]:
        return [number for units in net_layers for weights, bias in units for number in (*weights, bias)]

    def result(net_layers: Any) -> Any:
        parameters = parameters_of(net_layers)
        losses = []
        for row, target in zip(net.data.tolist(), net.targets.tolist(), strict=True):
            h = [Value(x) for x in row]
            for units in net_layers:
                h = [sum((w * x for w, x in zip(weights, h, strict=True)), bias) for weights, bias in units]
                if units is not net_layers[-1]:
                    h = [unit.relu() for unit in h]
            losses.append((1.0 + -target * h[0]).relu())
        loss = sum(losses) * (1.0 / len(losses)) + PENALTY * sum(p * p for p in parameters)
        for parameter in parameters:
            parameter.grad = 0.0
        loss.backward()
        return loss

    still, moving = layers(), layers()

    def gradient() -> tuple[float, Any]:
        return result(still).data, np.array([parameter.grad for parameter in parameters_of(still)])

    def step() -> Any:
        result(moving)
        for parameter in parameters_of(moving):
            parameter.data -= RATE * parameter.grad
        return np.array([parameter.data for parameter in parameters_of(moving)])

    return Contender("micrograd", gradient, step, slow=True)

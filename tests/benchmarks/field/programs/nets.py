"""Nets of full layers, and logistic regression."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from tests.benchmarks.field.programs.program import Array, FieldProgram, dense, uniform

SIZES = (16, 64, 64, 8)


def net(activation: str) -> FieldProgram:
    """Three layers with an activation between, and the squared error."""
    generator = np.random.default_rng(116)
    last = 2 * (len(SIZES) - 2)

    def scalars(ag: Any, parameters: Any, x: Any, target: Any) -> Any:
        function = getattr(ag, activation)
        for place in range(0, last + 2, 2):
            x = dense(parameters[place], parameters[place + 1], x)
            if place < last:
                x = list(map(function, x))
        return sum((a - b) ** 2 for a, b in zip(x, target, strict=True))

    def with_jax(jax: Any, jnp: Any, parameters: Any, x: Any, target: Any) -> Any:
        exact_gelu = lambda a: jax.nn.gelu(a, approximate=False)  # noqa: E731
        function = {"tanh": jnp.tanh, "gelu": exact_gelu, "softplus": jax.nn.softplus}[activation]
        for place in range(0, last + 2, 2):
            x = parameters[place] @ x + parameters[place + 1]
            if place < last:
                x = function(x)
        return ((x - target) ** 2).sum()

    def with_torch(torch: Any, parameters: Any, x: Any, target: Any) -> Any:
        softplus = lambda a: torch.logaddexp(a, torch.zeros((), dtype=a.dtype))  # noqa: E731  F.softplus is cut at 20
        function = {"tanh": torch.tanh, "gelu": torch.nn.functional.gelu, "softplus": softplus}[activation]
        for place in range(0, last + 2, 2):
            x = torch.nn.functional.linear(x, parameters[place], parameters[place + 1])
            if place < last:
                x = function(x)
        return ((x - target) ** 2).sum(1).mean()

    def with_numpy(parameters: Any, x: Array, target: Array) -> tuple[float, list[Array]]:
        layers = [x]
        for place in range(0, last + 2, 2):
            z = layers[-1] @ parameters[place].T + parameters[place + 1]
            layers.append(np.tanh(z) if place < last else z)
        error = layers[-1] - target
        to_z, gradients = 2 / len(x) * error, []
        for place in range(last, -1, -2):
            below = layers[place // 2]
            gradients += [to_z.sum(0), to_z.T @ below]
            if place:
                to_z = (to_z @ parameters[place]) * (1 - below**2)
        return (error * error).sum() / len(x), gradients[::-1]

    def data(rows: int) -> tuple[Array, ...]:
        drawn = np.random.default_rng(117)
        return drawn.normal(size=(rows, SIZES[0])), drawn.normal(size=(rows, SIZES[-1]))

    arrays = []
    for inputs, outputs in pairwise(SIZES):
        arrays += [uniform(generator, outputs, inputs), 0.1 * generator.normal(size=outputs)]
    by_hand = with_numpy if activation == "tanh" else None
    title = f"{activation} net {'-'.join(map(str, SIZES))}"
    return FieldProgram(title, arrays, data, scalars, with_jax, None, with_torch, by_hand)


def logistic(inputs: int = 100) -> FieldProgram:
    """The cross-entropy of logistic regression."""

    def scalars(ag: Any, parameters: Any, x: Any, target: Any) -> Any:
        z = sum((w * a for w, a in zip(parameters[0], x, strict=True)), parameters[1][0])
        return ag.softplus(z) - target * z

    def with_jax(jax: Any, jnp: Any, parameters: Any, x: Any, target: Any) -> Any:
        z = parameters[0] @ x + parameters[1][0]
        return jax.nn.softplus(z) - target * z

    def with_torch(torch: Any, parameters: Any, x: Any, target: Any) -> Any:
        z = x @ parameters[0] + parameters[1][0]
        return torch.nn.functional.binary_cross_entropy_with_logits(z, target)

    def with_numpy(parameters: Any, x: Array, target: Array) -> tuple[float, list[Array]]:
        z = x @ parameters[0] + parameters[1][0]
        tail = np.exp(-np.abs(z))
        to_z = (np.where(z > 0, 1, tail) / (1 + tail) - target) / len(target)
        loss = (np.maximum(z, 0) + np.log1p(tail) - target * z).mean()
        return loss, [to_z @ x, np.array([to_z.sum()])]

    def data(rows: int) -> tuple[Array, ...]:
        drawn = np.random.default_rng(121)
        return drawn.normal(size=(rows, inputs)), (drawn.uniform(size=rows) > 0.5) * 1.0

    arrays = [uniform(np.random.default_rng(120), inputs), np.array([0.1])]
    title = f"logistic regression, {inputs} inputs"
    return FieldProgram(title, arrays, data, scalars, with_jax, None, with_torch, with_numpy)

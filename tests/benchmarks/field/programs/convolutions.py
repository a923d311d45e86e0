"""Convolutions: the same few weights on every window."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.benchmarks.field.programs.program import Array, FieldProgram, dense, dot, uniform


def conv1d(length: int = 32, kernel: int = 5, channels: int = 8) -> FieldProgram:
    """The mean over the places of tanh of each channel, and the squared error of a number read off them."""
    generator = np.random.default_rng(107)
    places = length - kernel + 1

    def scalars(ag: Any, parameters: Any, x: Any, target: Any) -> Any:
        weights, biases, v = parameters
        means = []
        for line, bias in zip(weights, biases, strict=True):
            z = [sum((line[j] * x[i + j] for j in range(kernel)), bias) for i in range(places)]
            means.append(sum(map(ag.tanh, z)) / float(places))
        return (dot(v, means) - target) ** 2

    def with_jax(jax: Any, jnp: Any, parameters: Any, x: Any, target: Any) -> Any:
        weights, biases, v = parameters
        windows = jnp.stack([x[j : j + places] for j in range(kernel)])
        return (v @ jnp.tanh(weights @ windows + biases[:, None]).mean(1) - target) ** 2

    def with_torch(torch: Any, parameters: Any, x: Any, target: Any) -> Any:
        weights, biases, v = parameters
        z = torch.nn.functional.conv1d(x[:, None], weights[:, None], biases)
        return ((torch.tanh(z).mean(2) @ v - target) ** 2).mean()

    def with_numpy(parameters: Any, x: Array, target: Array) -> tuple[float, list[Array]]:
        weights, biases, v = parameters
        windows = np.lib.stride_tricks.sliding_window_view(x, kernel, 1).reshape(-1, kernel)
        h = np.tanh(windows @ weights.T + biases).reshape(len(x), places, channels)
        means = h.mean(1)
        error = means @ v - target
        from_error = 2 / len(x) * error
        to_z = ((from_error[:, None] * v / places)[:, None] * (1 - h * h)).reshape(-1, channels)
        return (error * error).mean(), [to_z.T @ windows, to_z.sum(0), from_error @ means]

    def data(rows: int) -> tuple[Array, ...]:
        drawn = np.random.default_rng(108)
        return drawn.normal(size=(rows, length)), drawn.normal(size=rows)

    arrays = [uniform(generator, channels, kernel), uniform(generator, channels), uniform(generator, channels)]
    title = f"conv1d {length}, {kernel}, {channels}"
    return FieldProgram(title, arrays, data, scalars, with_jax, None, with_torch, with_numpy)


def conv2d(side: int = 8, channels: int = 4, kernel: int = 3, classes: int = 10) -> FieldProgram:
    """relu of a convolution, then one layer and the cross-entropy of a class given as 0s and a 1."""
    generator = np.random.default_rng(109)
    places = side - kernel + 1
    hidden = channels * places * places

    def scalars(ag: Any, parameters: Any, x: Any, target: Any) -> Any:
        weights, biases, matrix, offsets = parameters
        window = [(a, q) for a in range(kernel) for q in range(kernel)]
        h = [
            ag.relu(sum((weights[k][a][q] * x[i + a][j + q] for a, q in window), biases[k]))
            for k in range(channels)
            for i in range(places)
            for j in range(places)
        ]
        z = dense(matrix, offsets, h)
        return ag.logsumexp(z) - ag.dot(target, z)

    def with_jax(jax: Any, jnp: Any, parameters: Any, x: Any, target: Any) -> Any:
        weights, biases, matrix, offsets = parameters
        found = jax.lax.conv_general_dilated(x[None, None], weights[:, None], (1, 1), "VALID")[0]
        z = matrix @ jax.nn.relu(found + biases[:, None, None]).reshape(-1) + offsets
        return jax.nn.logsumexp(z) - target @ z

    def with_torch(torch: Any, parameters: Any, x: Any, target: Any) -> Any:
        weights, biases, matrix, offsets = parameters
        found = torch.nn.functional.conv2d(x[:, None], weights[:, None], biases)
        z = torch.relu(found).flatten(1) @ matrix.T + offsets
        return (z.logsumexp(1) - (target * z).sum(1)).mean()

    def with_numpy(parameters: Any, x: Array, target: Array) -> tuple[float, list[Array]]:
        weights, biases, matrix, offsets = parameters
        rows, area = len(x), places * places
        windows = np.lib.stride_tricks.sliding_window_view(x, (kernel, kernel), (1, 2)).reshape(rows * area, -1)
        found = windows @ weights.reshape(channels, -1).T + biases
        h = np.maximum(found, 0).reshape(rows, area, channels).transpose(0, 2, 1).reshape(rows, hidden)
        z = h @ matrix.T + offsets
        most = z.max(1, keepdims=True)
        shares = np.exp(z - most)
        total = shares.sum(1, keepdims=True)
        loss = (np.log(total[:, 0]) + most[:, 0] - (target * z).sum(1)).mean()
        to_z = (shares / total - target) / rows
        to_h = (to_z @ matrix).reshape(rows, channels, area).transpose(0, 2, 1).reshape(-1, channels) * (found > 0)
        to_weights = (to_h.T @ windows).reshape(weights.shape)
        return loss, [to_weights, to_h.sum(0), to_z.T @ h, to_z.sum(0)]

    def data(rows: int) -> tuple[Array, ...]:
        drawn = np.random.default_rng(110)
        return drawn.normal(size=(rows, side, side)), np.eye(classes)[drawn.integers(0, classes, rows)]

    shapes = ((channels, kernel, kernel), (channels,), (classes, hidden), (classes,))
    arrays = [uniform(generator, *shape) for shape in shapes]
    title = f"conv2d {side}x{side}, {channels} of {kernel}x{kernel}, {classes} classes"
    return FieldProgram(title, arrays, data, scalars, with_jax, None, with_torch, with_numpy)

"""Recurrent nets: the same step again and again, each on the state before."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.benchmarks.field.programs.program import Array, FieldProgram, dense, dot, times, uniform


def _sequences(seed: int, steps: int, inputs: int) -> Any:
    def data(rows: int) -> tuple[Array, ...]:
        drawn = np.random.default_rng(seed)
        return drawn.normal(size=(rows, steps, inputs)), drawn.normal(size=rows)

    return data


def rnn(steps: int, size: int = 16, inputs: int = 4) -> FieldProgram:
    """h = tanh(W x + b + U h), and the squared error of a number read off the last h."""
    generator = np.random.default_rng(101)
    shapes = ((size, size), (size, inputs), (size,), (size,))

    def scalars(ag: Any, parameters: Any, xs: Any, target: Any) -> Any:
        u, w, b, v = parameters
        h: list[Any] = []
        for x in xs:
            z = dense(w, b, x)
            if h:
                z = [a + q for a, q in zip(z, times(u, h), strict=True)]
            h = [ag.tanh(a) for a in z]
        return (dot(v, h) - target) ** 2

    def with_jax(jax: Any, jnp: Any, parameters: Any, xs: Any, target: Any) -> Any:
        u, w, b, v = parameters
        h = jnp.zeros(size)
        for x in xs:
            h = jnp.tanh(u @ h + w @ x + b)
        return (v @ h - target) ** 2

    def with_scan(jax: Any, jnp: Any, parameters: Any, xs: Any, target: Any) -> Any:
        u, w, b, v = parameters
        h, _ = jax.lax.scan(lambda h, x: (jnp.tanh(u @ h + w @ x + b), None), jnp.zeros(size), xs)
        return (v @ h - target) ** 2

    def with_torch(torch: Any, parameters: Any, xs: Any, target: Any) -> Any:
        u, w, b, v = parameters
        h = torch.zeros(len(xs), size, dtype=torch.float64)
        for step in range(steps):
            h = torch.tanh(h @ u.T + xs[:, step] @ w.T + b)
        return ((h @ v - target) ** 2).mean()

    def with_numpy(parameters: Any, xs: Array, target: Array) -> tuple[float, list[Array]]:
        u, w, b, v = parameters
        states = [np.zeros((len(xs), size))]
        for step in range(steps):
            states.append(np.tanh(states[-1] @ u.T + xs[:, step] @ w.T + b))
        error = states[-1] @ v - target
        from_error = 2 / len(xs) * error
        to_v, to_h = from_error @ states[-1], from_error[:, None] * v
        to_u, to_w, to_b = np.zeros_like(u), np.zeros_like(w), np.zeros_like(b)
        for step in range(steps - 1, -1, -1):
            to_z = to_h * (1 - states[step + 1] ** 2)
            to_u += to_z.T @ states[step]
            to_w += to_z.T @ xs[:, step]
            to_b += to_z.sum(0)
            to_h = to_z @ u
        return (error * error).mean(), [to_u, to_w, to_b, to_v]

    return FieldProgram(
        f"RNN {size} x {steps} steps",
        [uniform(generator, *shape) for shape in shapes],
        _sequences(102, steps, inputs),
        scalars,
        with_jax if steps < 100 else None,  # which would take seconds to unroll
        with_scan,
        with_torch,
        with_numpy,
    )


def lstm(steps: int = 10, size: int = 16, inputs: int = 4) -> FieldProgram:
    """A long short-term memory, and the squared error of a number read off the last h."""
    generator = np.random.default_rng(103)
    shapes = ((4 * size, inputs), (4 * size, size), (4 * size,), (size,))

    def scalars(ag: Any, parameters: Any, xs: Any, target: Any) -> Any:
        w, u, b, v = parameters
        h: list[Any] = []
        c: list[Any] = []
        for x in xs:
            z = dense(w, b, x)
            if h:
                z = [a + q for a, q in zip(z, times(u, h), strict=True)]
            gate_in, gate_keep = list(map(ag.sigmoid, z[:size])), list(map(ag.sigmoid, z[size : 2 * size]))
            new, gate_out = list(map(ag.tanh, z[2 * size : 3 * size])), list(map(ag.sigmoid, z[3 * size :]))
            added = [i * g for i, g in zip(gate_in, new, strict=True)]
            c = [f * old + a for f, old, a in zip(gate_keep, c, added, strict=True)] if c else added
            h = [o * ag.tanh(q) for o, q in zip(gate_out, c, strict=True)]
        return (dot(v, h) - target) ** 2

    def step(sigmoid: Any, tanh: Any, z: Any, c: Any) -> tuple[Any, Any]:
        c = sigmoid(z[..., size : 2 * size]) * c + sigmoid(z[..., :size]) * tanh(z[..., 2 * size : 3 * size])
        return sigmoid(z[..., 3 * size :]) * tanh(c), c

    def with_jax(jax: Any, jnp: Any, parameters: Any, xs: Any, target: Any) -> Any:
        w, u, b, v = parameters
        h = c = jnp.zeros(size)
        for x in xs:
            h, c = step(jax.nn.sigmoid, jnp.tanh, w @ x + u @ h + b, c)
        return (v @ h - target) ** 2

    def with_scan(jax: Any, jnp: Any, parameters: Any, xs: Any, target: Any) -> Any:
        w, u, b, v = parameters
        start = jnp.zeros(size), jnp.zeros(size)
        turn = lambda state, x: (step(jax.nn.sigmoid, jnp.tanh, w @ x + u @ state[0] + b, state[1]), None)  # noqa: E731
        (h, _), _ = jax.lax.scan(turn, start, xs)
        return (v @ h - target) ** 2

    def with_torch(torch: Any, parameters: Any, xs: Any, target: Any) -> Any:
        w, u, b, v = parameters
        h = c = torch.zeros(len(xs), size, dtype=torch.float64)
        for number in range(steps):
            h, c = step(torch.sigmoid, torch.tanh, xs[:, number] @ w.T + h @ u.T + b, c)
        return ((h @ v - target) ** 2).mean()

    arrays = [uniform(generator, *shape) for shape in shapes]
    data = _sequences(104, steps, inputs)
    return FieldProgram(f"LSTM {size} x {steps} steps", arrays, data, scalars, with_jax, with_scan, with_torch)

"""JAX: a compiled step, and many of them in a fori_loop."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.compiled import PENALTY, Net
from tests.benchmarks.field.contender import RATE, Contender, Missing


def contender(net: Net) -> Contender:
    """As in its tutorials, in float64."""
    try:
        import jax
        import jax.numpy as jnp
    except ImportError as reason:
        raise Missing(str(reason)) from None
    jax.config.update("jax_enable_x64", True)
    start = [(jnp.array(w), jnp.array(b)) for w, b in zip(net.weights, net.biases, strict=True)]
    data, targets = jnp.array(net.data), jnp.array(net.targets)

    def loss(parameters: Any, x: Any, y: Any) -> Any:
        for number, (w, b) in enumerate(parameters):
            x = x @ w.T + b
            if number < len(parameters) - 1:
                x = jax.nn.relu(x)
        if net.hinge:
            penalty = sum((leaf * leaf).sum() for leaf in jax.tree.leaves(parameters))
            return jax.nn.relu(1.0 - y * x[:, 0]).mean() + PENALTY * penalty
        return (jax.nn.logsumexp(x, axis=1) - (y * x).sum(1)).mean()

    loss_and_gradient = jax.value_and_grad(loss)

    def moved(parameters: Any, x: Any, y: Any) -> Any:
        _, gradient = loss_and_gradient(parameters, x, y)
        return jax.tree.map(lambda p, g: p - RATE * g, parameters, gradient)

    of_call = jax.jit(loss_and_gradient)
    one_step = jax.jit(moved)
    many = jax.jit(lambda p, x, y, n: jax.lax.fori_loop(0, n, lambda _, q: moved(q, x, y), p))
    moving = {"step": start, "loop": start}

    def gradient() -> tuple[float, Any]:
        return jax.block_until_ready(of_call(start, data, targets))  # type: ignore[no-any-return]

    def step() -> Any:
        moving["step"] = jax.block_until_ready(one_step(moving["step"], data, targets))
        return moving["step"]

    def loop(steps: int) -> Any:
        moving["loop"] = jax.block_until_ready(many(moving["loop"], data, targets, steps))
        return moving["loop"]

    return Contender("JAX jit, fori_loop", gradient, step, loop)

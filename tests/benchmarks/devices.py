"""Rows a second of a net on JAX: our program on one device and shared among several, and the same net written for JAX.

    python -m tests.benchmarks.devices [--rows 100000] [--devices 2]

On one machine the devices are virtual: parts of one processor, so that no more than its cores can be gained. Each
figure is the median of five rounds; in each round all contenders take their turn.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from typing import Any


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--devices", type=int, default=2)
    options = parser.parse_args()
    os.environ["XLA_FLAGS"] = f"--xla_force_host_platform_device_count={options.devices}"
    import jax
    import numpy as np

    import nn
    from autograd_core import compile  # noqa: A004

    jnp, widths = jax.numpy, (8, 32, 32, 1)
    model = nn.MLP(*widths, rng=0)
    generator = np.random.default_rng(0)
    X, y = generator.normal(size=(options.rows, widths[0])), generator.choice([0.0, 1.0], options.rows)

    def loss(x: Any, t: Any) -> Any:
        return nn.binary_cross_entropy_with_logits([model(x)], [t])

    def by_hand(parameters: Any, X: Any, y: Any) -> Any:
        h = X
        for i, (weights, bias) in enumerate(parameters):
            h = h @ weights.T + bias
            h = jnp.maximum(h, 0.0) if i < len(parameters) - 1 else h
        return jnp.mean(jax.nn.softplus(h[:, 0]) - y * h[:, 0])

    def arrays() -> Any:
        layers = [module for module in model.modules() if isinstance(module, nn.Linear)]
        return [
            (np.array([[w.data for w in row] for row in layer.weight]), np.array([b.data for b in layer.bias]))
            for layer in layers
        ]

    example = (X[0].tolist(), 1.0)
    programs = {count: compile(loss, example=example, backend="jax", devices=count) for count in (1, options.devices)}
    native = compile(loss, example=example)
    with jax.enable_x64(True):
        graded, parameters = jax.jit(jax.value_and_grad(by_hand)), arrays()
        contenders: dict[str, Any] = {
            "JAX by hand, one device": lambda: jax.block_until_ready(graded(parameters, X, y))[0],
            "ours on JAX, one device": lambda: programs[1].value_and_grad(X, y)[0],
            f"ours on JAX, {options.devices} devices": lambda: programs[options.devices].value_and_grad(X, y)[0],
            "ours, native": lambda: native.value_and_grad(X, y)[0],
        }
        values = [float(run()) for run in contenders.values()]
        assert np.allclose(values, values[0], rtol=1e-10), values
        seconds: dict[str, list[float]] = {name: [] for name in contenders}
        for _ in range(5):
            for name, run in contenders.items():
                started = time.perf_counter()
                run()
                seconds[name].append(time.perf_counter() - started)
    print(f"loss and gradient of MLP{widths}, {options.rows:,} rows, float64")
    for name, times in seconds.items():
        print(f"  {name:28} {options.rows / statistics.median(times) / 1e6:8.2f} million rows a second")


if __name__ == "__main__":
    main()

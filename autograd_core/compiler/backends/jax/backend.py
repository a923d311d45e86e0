"""The vectorised program on JAX: one function, compiled for each number of rows, on one device or shared among many.

With several devices each has an equal share of the rows, and JAX adds up their sums; the few rows that are left over
are computed by all of them. Where a program runs on several hosts (`jax.distributed.initialize()` in each, before the
first program), every process is given all rows, and computes those of its own devices.

JAX takes a subnormal number (below 2.2e-308) as 0.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from autograd_core.compiler.backends.jax.vector_function import run
from autograd_core.compiler.backends.runner import OptimiserStep, Results, Runner
from autograd_core.compiler.vectorise.vector_program import VectorProgram

Array = npt.NDArray[Any]

_MOST_STEPS = 4096  # of an optimiser, whose values wait on the device


class JaxRunner(Runner):
    """Runs one `VectorProgram` on JAX. devices: how many of `jax.devices()` share the rows."""

    def __init__(self, program: VectorProgram, dtype: npt.DTypeLike, devices: int = 1) -> None:
        self.program, self.dtype = program, np.dtype(dtype)
        chosen = jax.devices()[:devices] if devices > 1 else jax.local_devices()[:1]
        mesh = Mesh(np.array(chosen), ("rows",))
        self._shares = devices
        self._everywhere = NamedSharding(mesh, PartitionSpec())
        self._by_rows = NamedSharding(mesh, PartitionSpec("rows"))
        self._run = jax.jit(self._results, static_argnums=2, out_shardings=self._everywhere)
        self._step: tuple[VectorProgram, Callable[..., Any]] | None = None

    def run(self, given: Array, data: Sequence[Array], count: int) -> Results:
        """See `Runner`; whether the values are finite is not checked."""
        with jax.enable_x64(True):
            values, by_row = self._run(self._put(given), self._put_rows(data), count)
        return Results(np.asarray(values), np.asarray(by_row), finite=False)

    def train_steps(
        self, given: Array, data: Sequence[Array], count: int, update: OptimiserStep, steps: int, batch: int, start: int
    ) -> tuple[Array, int, int]:
        """See `Runner`."""
        own = len(update.columns[0])
        with jax.enable_x64(True):
            state = [self._put(update.given, np.float64), [self._put(column, np.float64) for column in update.columns]]
            fixed, alive = self._put(given[own:-2]), self._put(np.array(True), np.bool_)
            step = self._step_of(update.program, own)
            losses, starts, placed = [], [start], {}
            for _ in range(min(steps, _MOST_STEPS)):
                stop = min(start + batch, count)
                if (start, stop) not in placed:
                    placed = {(start, stop): self._put_rows([part[start:stop] for part in data])}
                loss, alive, *state = step(state, fixed, alive, placed[start, stop], stop - start)
                losses.append((loss, alive))
                start = stop % count
                starts.append(start)
            found = np.array([[float(loss), float(alive)] for loss, alive in jax.device_get(losses)])
            done = int(found[:, 1].sum())
            shared, columns = jax.device_get(state)
        update.given[:] = shared
        for column, numbers in zip(update.columns, columns, strict=True):
            column[:] = numbers
        return found[:done, 0].astype(self.dtype), done, starts[done]

    def _step_of(self, update: VectorProgram, own: int) -> Callable[..., Any]:
        """A step of an optimiser: (its numbers, whether all were finite so far) become those after it."""
        if self._step is None or self._step[0] is not update:

            def step(state: Any, fixed: Any, alive: Any, data: Any, count: int) -> Any:
                shared, (parameters, *rest) = state
                scale = jnp.array([count, 1.0 / count], self.dtype)
                given = jnp.concatenate([parameters.astype(self.dtype), fixed, scale])
                values, _ = self._results(given, data, count)
                alive = alive & jnp.isfinite(values).all()
                gradient = values[1:].astype(np.float64)
                columns = [column[:, None] for column in (parameters, gradient, *rest)]
                new, (moved,) = run(update, shared, [(columns, own)])
                kept = [jnp.where(alive, now, before) for now, before in zip(moved, (parameters, *rest), strict=True)]
                shared = shared.at[: len(new)].set(jnp.where(alive, new, shared[: len(new)]))
                return values[0], alive, shared, kept

            compiled = jax.jit(step, static_argnums=4, out_shardings=self._everywhere, donate_argnums=0)
            self._step = update, compiled
        return self._step[1]

    def _results(self, given: Any, data: Sequence[Sequence[Any]], count: int) -> tuple[Any, Any]:
        """(the values, the results by row), for the rows that are shared and those left over."""
        shared = count - count % self._shares
        sizes = [size for size in (shared, count - shared) if size]
        values, by_row = run(self.program, given, list(zip(data, sizes, strict=True)))
        return values, jnp.concatenate(by_row, 1) if by_row else jnp.zeros((len(self.program.by_row), 0), self.dtype)

    def _put(self, numbers: Array, dtype: Any = None) -> Any:
        return self._place(numbers.astype(dtype or self.dtype), self._everywhere)

    def _put_rows(self, data: Sequence[Array]) -> list[list[Any]]:
        """The rows that are shared and those left over, if there are any."""
        count = len(data[0]) if data else 1
        shared = count - count % self._shares
        parts = ((slice(0, shared), self._by_rows), (slice(shared, count), self._everywhere))
        return [
            [self._place(np.asarray(array[part], self.dtype), sharding) for array in data]
            for part, sharding in parts
            if part.stop > part.start
        ]

    def _place(self, numbers: Array, sharding: NamedSharding) -> Any:
        if jax.process_count() == 1:
            return jax.device_put(numbers, sharding)
        return jax.make_array_from_callback(numbers.shape, sharding, functools.partial(numbers.__getitem__))

"""A file of a vectorised program as JAX keeps it: not one array that is written to, but the arrays written so far."""

from __future__ import annotations

import copy
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from autograd_core.compiler.vectorise.vector_program import Operand, Span

_RUNS = 4  # parts of arrays that are put side by side; more are gathered


class NumberedFile:
    """The numbers of one file, by place. tail: the shape of each number, () or (rows,). dtype: of the numbers."""

    def __init__(self, size: int, dtype: Any, tail: tuple[int, ...] = ()) -> None:
        self._array = np.zeros(size, np.int64)  # which array holds a place: a place never written is 0
        self._position = np.zeros(size, np.int64)
        self._tail, self.dtype = tail, np.dtype(dtype)
        self._arrays: list[Any] = [jnp.zeros((1, *tail), dtype)]

    def copy(self) -> NumberedFile:
        """A file with the same numbers, to be written to by itself."""
        other = copy.copy(self)
        other._array, other._position = self._array.copy(), self._position.copy()
        other._arrays = list(self._arrays)
        return other

    def write(self, places: Operand, numbers: Any) -> None:
        """Put numbers at places, a number alone at each of them."""
        where = _numbers_of(places).ravel()
        self._array[where] = len(self._arrays)
        self._position[where] = np.arange(len(where))
        self._arrays.append(jnp.broadcast_to(numbers, (len(where), *self._tail)))

    def read(self, places: Operand) -> Any:
        """The numbers at places, in an array of their shape."""
        numbers = _numbers_of(places)
        flat = numbers.ravel()
        owners, positions = self._array[flat], self._position[flat]
        if len(owners) > 1 and len(set(flat.tolist())) == 1:
            array = self._arrays[owners[0]][positions[0]]
            return jnp.broadcast_to(array, (*numbers.shape, *self._tail))
        if not len(flat):
            return jnp.zeros((*numbers.shape, *self._tail), self.dtype)
        breaks = np.flatnonzero((np.diff(owners) != 0) | (np.diff(positions) != 1)) + 1
        if len(breaks) < _RUNS:
            starts, stops = [0, *breaks.tolist()], [*breaks.tolist(), len(flat)]
            parts = [self._part(owners[i], positions[i], j - i) for i, j in zip(starts, stops, strict=True)]
            found = parts[0] if len(parts) == 1 else jnp.concatenate(parts)
        else:
            used = sorted(set(owners.tolist()))
            first = dict(zip(used, np.cumsum([0, *[len(self._arrays[k]) for k in used]]).tolist(), strict=False))
            whole = jnp.concatenate([self._arrays[k] for k in used]) if len(used) > 1 else self._arrays[used[0]]
            found = whole[positions + np.array([first[k] for k in owners.tolist()])]
        return found.reshape(*numbers.shape, *self._tail)

    def _part(self, owner: int, start: int, size: int) -> Any:
        array = self._arrays[owner]
        return array if size == len(array) else jax.lax.slice_in_dim(array, start, start + size)


def _numbers_of(places: Operand) -> npt.NDArray[np.int64]:
    return np.arange(places.start, places.stop) if isinstance(places, Span) else np.array(places, np.int64)

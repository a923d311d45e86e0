"""Rows of data for a compiled function: checked against the example row, and laid out as columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core.engine.nested import Nested, as_lists, is_leaf, leaves, paths, shape
from autograd_core.engine.number import as_number, is_number

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a compiled function, as its example was: its `name`, `structure` as nested lists, how many
    numbers (`columns`) it has, and the `dimensions` of an array of that structure, None where its lists differ in
    length."""

    name: str
    structure: Nested
    columns: int
    dimensions: tuple[int, ...] | None

    @classmethod
    def of(cls, name: str, example: Nested) -> Argument:
        """The argument `name`, given the numbers of `example` in one row."""
        return cls(name, as_lists(example), len(leaves(example)), _dimensions(example))

    def shaped(self, array: Array) -> Array:
        """An array of shape (rows, columns) in the shape the data is given in."""
        return array if self.dimensions is None else array.reshape(len(array), *self.dimensions)

    def rows(self, data: Any) -> Array:
        """`data`, one entry a row, as an array of shape (rows, columns); a view of an array where that is possible.

        Raises ValueError for another number of columns or rows of different lengths, TypeError for what is no number.
        """
        if not hasattr(data, "__len__") or isinstance(data, (str, bytes)):
            raise TypeError(f"{self.name} is one entry for each row, such as a list of rows, got {_short(data)}.")
        if self.dimensions is None:
            return self._irregular(data)
        if isinstance(data, np.ma.MaskedArray) and np.ma.is_masked(data):
            raise ValueError(
                f"{self.name} has masked numbers, and what stands behind a mask is no number to compute with: leave "
                f"such rows out, or say what stands for them, {self.name}.filled(...)."
            )
        try:
            array = np.asarray(data)
        except ValueError:
            array = np.empty(0, np.object_)
        if array.dtype.kind not in "biuf" or array.shape != (len(data), *self.dimensions):
            if len(data) == 0:
                return np.empty((0, self.columns))
            self._check(data)
            array = np.array([[as_number(one, self.name) for one in leaves(row)] for row in data])
        return array.reshape(len(data), self.columns)

    def _irregular(self, data: Any) -> Array:
        self._check(data)
        return np.array([[as_number(one, self.name) for one in leaves(row)] for row in data]).reshape(
            len(data), self.columns
        )

    def _check(self, data: Any) -> None:
        wanted = shape(self.structure)
        for number, row in enumerate(data):
            for path, one in zip(paths(row), leaves(row), strict=True):
                if not is_number(one):
                    raise TypeError(f"row {number} of {self.name} needs numbers, got {_short(one)} at {path or 'it'}.")
            found = shape(row)
            if found != wanted:
                raise ValueError(
                    f"row {number} of {self.name} is {found}, but the function was compiled for {wanted}, as in its "
                    "example. Give every row that structure, or compile with another example."
                )


def laid_out(known: Sequence[Argument], data: Sequence[Any]) -> tuple[list[Array], int]:
    """(the data of every argument as an array of shape (rows, columns), the number of rows), checked."""
    if len(data) != len(known):
        wanted = ", ".join(one.name for one in known) or "none"
        raise TypeError(f"the program takes {len(known)} argument(s) ({wanted}), got {len(data)}.")
    arrays = [one.rows(given) for one, given in zip(known, data, strict=True)]
    counts = {one.name: len(array) for one, array in zip(known, arrays, strict=True)}
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{name} {count}" for name, count in counts.items())
        raise ValueError(f"all arguments need the same number of rows, got {told}.")
    return arrays, next(iter(counts.values()), 1)


def _dimensions(nested: Nested) -> tuple[int, ...] | None:
    if is_leaf(nested):
        return ()
    parts = list(nested)
    inner = {_dimensions(part) for part in parts}
    if not parts or len(inner) > 1 or None in inner:
        return None
    (only,) = inner
    assert only is not None
    return (len(parts), *only)


def _short(thing: Any) -> str:
    text = repr(thing)
    return f"{text if len(text) <= 40 else text[:37] + '...'} ({type(thing).__name__})"

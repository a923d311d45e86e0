"""Rows of data for a compiled function: checked against the example row, and laid out as columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core.engine.choose import refusal
from autograd_core.engine.nested import Nested, as_lists, is_leaf, leaves, paths, shape
from autograd_core.engine.numbers.number import as_number, is_number

Array = npt.NDArray[Any]

_CHECKED = 1 << 16  # indices that are checked at once


@dataclass(frozen=True, slots=True, eq=False)
class Argument:
    """One argument of a compiled function, as in its example: its `name`, its `structure` as nested lists, how many
    numbers it has (`columns`), and the `dimensions` of an array of that structure, None where its lists differ in
    length. indices: the columns that are indices of `choose`, each with the number of values."""

    name: str
    structure: Nested
    columns: int
    dimensions: tuple[int, ...] | None
    indices: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, name: str, example: Nested) -> Argument:
        """The argument `name`, which has the structure of `example` in each row."""
        return cls(name, as_lists(example), len(leaves(example)), _dimensions(example))

    def restore_shape(self, array: Array) -> Array:
        """An array of shape (rows, columns), in the shape of the data."""
        return array if self.dimensions is None else array.reshape(len(array), *self.dimensions)

    def rows(self, data: Any) -> Array:
        """`data`, one entry a row, as an array of shape (rows, columns): a view of it where possible.

        Raises ValueError for another number of columns or rows of different lengths, and for an index that is no place;
        TypeError for an entry that is not a number.
        """
        array = self._rows(data)
        names = paths(self.structure) if self.indices else []  # which takes longer than a small program
        for column, count in self.indices:
            require_places(array[:, column], count, f"{self.name}{names[column]}")
        return array

    def _rows(self, data: Any) -> Array:
        if type(data) is np.ndarray and data.dtype.kind in "biuf" and data.shape[1:] == self.dimensions:
            return data.reshape(len(data), self.columns)
        if not hasattr(data, "__len__") or isinstance(data, (str, bytes, Mapping, Set)):
            raise TypeError(f"{self.name} is one entry for each row, such as a list of rows, got {_abbreviate(data)}.")
        if self.dimensions is None:
            return self._array_of(data).reshape(len(data), self.columns)
        if isinstance(data, np.ma.MaskedArray) and np.ma.is_masked(data):
            raise ValueError(
                f"{self.name} has masked numbers, which cannot be computed with: leave such rows out, or put "
                f"numbers there instead, {self.name}.filled(...)."
            )
        try:
            array = np.asarray(data)
        except ValueError:
            array = np.empty(0, np.object_)
        if array.dtype.kind not in "biuf" or array.shape != (len(data), *self.dimensions):
            if len(data) == 0:
                return np.empty((0, self.columns))
            array = self._array_of(data)
        return array.reshape(len(data), self.columns)

    def _array_of(self, data: Any) -> Array:
        """Nested lists as an array. Raises an error that names the first row that does not fit."""
        expected = shape(self.structure)
        for number, row in enumerate(data):
            for path, leaf in zip(paths(row), leaves(row), strict=True):
                if not is_number(leaf):
                    place = f" at {path}" if path else ""
                    raise TypeError(f"row {number} of {self.name} needs numbers, got {_abbreviate(leaf)}{place}.")
            found = shape(row)
            if found != expected:
                raise ValueError(
                    f"row {number} of {self.name} is {found}, but the function was compiled for {expected}, as in its "
                    "example. Give every row that structure, or compile with another example."
                )
        return np.array([[as_number(leaf, self.name) for leaf in leaves(row)] for row in data])


def lay_out(arguments: Sequence[Argument], data: Sequence[Any]) -> tuple[list[Array], int]:
    """(the data of every argument as an array of shape (rows, columns), the number of rows), checked."""
    if len(data) != len(arguments):
        names = ", ".join(argument.name for argument in arguments) or "none"
        raise TypeError(f"the program takes {len(arguments)} argument(s) ({names}), got {len(data)}.")
    arrays = [argument.rows(part) for argument, part in zip(arguments, data, strict=True)]
    count = len(arrays[0]) if arrays else 1
    if any(len(array) != count for array in arrays):
        listed = ", ".join(f"{argument.name} {len(array)}" for argument, array in zip(arguments, arrays, strict=True))
        raise ValueError(f"all arguments need the same number of rows, got {listed}.")
    return arrays, count


def require_places(indices: Array, count: int, name: str = "", first: int = 0) -> None:
    """Raise ValueError for the first index that is no place among `count` values. name: of the column; first: the
    number of the first row."""
    for start in range(0, len(indices), _CHECKED):
        part = indices[start : start + _CHECKED]
        with np.errstate(invalid="ignore"):
            wrong = ~((part >= 0) & (part < count) & (part == np.floor(part)))
        if wrong.any():
            row = int(wrong.argmax())
            of = f" of {name}" if name else ""
            raise refusal(float(part[row]), count, f" in row {first + start + row}{of}")


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


def _abbreviate(value: Any) -> str:
    text = repr(value)
    return f"{text if len(text) <= 40 else text[:37] + '...'} ({type(value).__name__})"

"""Nested lists, tuples and NumPy arrays of numbers: flattened, rebuilt, and their shape in words.

NumPy is never imported: an array is recognised by its methods, so the engine runs without NumPy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

Nested = Any  # a number or Value, or a list, tuple or array of Nested


def leaves(nested: Nested) -> list[Any]:
    """The numbers and Values of `nested`, from left to right.

    >>> leaves([1, (2, [3])])
    [1, 2, 3]
    """
    parts = _parts(nested)
    return [nested] if parts is None else [leaf for part in parts for leaf in leaves(part)]


def is_leaf(nested: Nested) -> bool:
    """Whether it is not a list, tuple or array."""
    return _parts(nested) is None


def rebuild(nested: Nested, replacements: Iterable[Any], keep_arrays: bool = False) -> Nested:
    """`nested` with its leaves replaced in order. Tuples stay tuples; arrays become lists, or arrays of objects.

    >>> rebuild([1, (2, 3)], "abc")
    ['a', ('b', 'c')]
    """
    return _rebuild(nested, iter(replacements), keep_arrays)


def _rebuild(nested: Nested, replacements: Iterator[Any], keep_arrays: bool) -> Nested:
    parts = _parts(nested)
    if parts is None:
        return next(replacements)
    if keep_arrays and hasattr(nested, "astype"):
        array = nested.astype(object)
        for index in range(array.size):
            array.flat[index] = next(replacements)
        return array
    items = [_rebuild(part, replacements, keep_arrays) for part in parts]
    return getattr(type(nested), "_make", tuple)(items) if isinstance(nested, tuple) else items


def as_lists(nested: Nested) -> Nested:
    """`nested` with every tuple and array as a plain list.

    >>> as_lists([(1, 2), (3, 4)])
    [[1, 2], [3, 4]]
    """
    parts = _parts(nested)
    return nested if parts is None else [as_lists(part) for part in parts]


def shape(nested: Nested) -> str:
    """The shape in words, for errors and comparison; lists, tuples and arrays count as the same.

    >>> shape([[1, 2, 3], [4, 5, 6]])
    'a list of 2 lists of 3 numbers'
    """
    parts = _parts(nested)
    if parts is None:
        return "one number"
    shapes = [shape(part) for part in parts]
    if len(set(shapes)) > 1:
        return f"[{', '.join(shapes)}]"
    kind = shapes[0] if shapes else "one number"
    if kind.startswith("["):
        return f"a list of {len(parts)} times {kind}"
    return f"a list of {len(parts)} {'numbers' if kind == 'one number' else 'lists' + kind.removeprefix('a list')}"


def paths(nested: Nested) -> list[str]:
    """Where each leaf is: "" for a number itself, "[0]", "[1][2]" inside lists, in the order of `leaves`."""
    parts = _parts(nested)
    if parts is None:
        return [""]
    return [f"[{index}]{path}" for index, part in enumerate(parts) for path in paths(part)]


def _parts(nested: Nested) -> list[Any] | None:
    """The parts of a list, tuple or array; None for a leaf."""
    if isinstance(nested, (list, tuple)):
        return list(nested)
    if getattr(nested, "ndim", 0) > 0 and hasattr(nested, "tolist"):
        parts: list[Any] = nested.tolist()
        return parts
    return None

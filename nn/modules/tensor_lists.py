"""Nested lists of numbers or parameters in the layout of PyTorch's tensors: their shape, leaves and places."""

from __future__ import annotations

from typing import Any

NestedList = Any  # a number, Value or Parameter, or a list, tuple or array of NestedList


def as_lists(nested: NestedList) -> NestedList:
    """`nested` with a plain list instead of every tuple and every array (any object with `tolist`).

    >>> as_lists(((1, 2), [3]))
    [[1, 2], [3]]
    """
    if hasattr(nested, "tolist"):
        nested = nested.tolist()
    return [as_lists(part) for part in nested] if isinstance(nested, (list, tuple)) else nested


def leaves(nested: NestedList) -> list[Any]:
    """The numbers of nested lists, from left to right.

    >>> leaves([[1, 2], [3]])
    [1, 2, 3]
    """
    if not isinstance(nested, (list, tuple)):
        return [nested]
    return [leaf for part in nested for leaf in leaves(part)]


def places(nested: NestedList) -> list[str]:
    """The index of each leaf as text, in the order of `leaves`: "[0][1]"; "" for a plain number.

    >>> places([[1, 2], [3]])
    ['[0][0]', '[0][1]', '[1][0]']
    """
    if not isinstance(nested, (list, tuple)):
        return [""]
    return [f"[{index}]{place}" for index, part in enumerate(nested) for place in places(part)]


def shape(nested: NestedList) -> tuple[Any, ...]:
    """The shape as PyTorch writes it; where rows differ in length, their own shapes follow the number of rows.

    >>> shape([[1, 2, 3], [4, 5, 6]]), shape(7.0), shape([[1, 2], [3]])
    ((2, 3), (), (2, [(2,), (1,)]))
    """
    if not isinstance(nested, (list, tuple)):
        return ()
    shapes = [shape(part) for part in nested]
    if any(other != shapes[0] for other in shapes):
        return (len(nested), shapes)
    return (len(nested), *(shapes[0] if shapes else ()))


def is_rectangular(nested: NestedList) -> bool:
    """Whether all rows have the same length, at every depth.

    >>> is_rectangular([[1, 2], [3, 4]]), is_rectangular([[1, 2], [3]])
    (True, False)
    """
    return all(isinstance(length, int) for length in shape(nested))


def map_leaves(nested: NestedList, function: Any) -> NestedList:
    """Apply `function` to every leaf; returns lists of the same shape.

    >>> map_leaves([[1, 2], [3]], float)
    [[1.0, 2.0], [3.0]]
    """
    return [map_leaves(part, function) for part in nested] if isinstance(nested, (list, tuple)) else function(nested)

"""Sums of weights times inputs plus a bias. The matrix view and the compiler both find their layers with this reader.

A sum is read through additions, subtractions and minus signs, in any order, down to its terms. Sums with the same
inputs are the rows of one matrix.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from autograd_core.engine import primitives
from autograd_core.graph.tape import Instruction

SUMS = frozenset({primitives.add, primitives.subtract, primitives.negative})
SignedTerm = tuple[bool, int]  # whether it is subtracted, and its index
AnySum = TypeVar("AnySum")
InputKey = TypeVar("InputKey")


@dataclass(slots=True)
class AffineSum:
    """The terms of a sum. products: (input, weight, whether it is subtracted, index of the product). biases: terms that
    do not vary. others: all further terms."""

    products: list[tuple[int, int, bool, int]] = field(default_factory=list)
    biases: list[SignedTerm] = field(default_factory=list)
    others: list[SignedTerm] = field(default_factory=list)


def signed_terms(instructions: Sequence[Instruction], root: int, inside: Callable[[int], bool]) -> list[SignedTerm]:
    """The terms of the sum `root` from left to right; a sum among them is read too where it is `inside`."""
    found: list[SignedTerm] = []
    waiting: list[SignedTerm] = [(False, root)]
    while waiting:
        minus, index = waiting.pop()
        primitive, inputs = instructions[index][:2]
        if primitive not in SUMS or not (index == root or inside(index)):
            found.append((minus, index))
        elif primitive is primitives.negative:
            waiting.append((not minus, inputs[0]))
        else:
            waiting.append((minus is not (primitive is primitives.subtract), inputs[1]))
            waiting.append((minus, inputs[0]))
    return found


def affine_sum(
    instructions: Sequence[Instruction],
    root: int,
    inside: Callable[[int], bool],
    varies: Sequence[bool],
    factors: Callable[[int], tuple[int, int] | None],
) -> AffineSum:
    """The sum `root` as products, biases and other terms.

    varies: for each index whether it depends on the inputs of the layer. factors: (input, weight) of a product, None
    where it is not one of a weight and an input.
    """
    found = AffineSum()
    for minus, index in signed_terms(instructions, root, inside):
        if not varies[index]:
            found.biases.append((minus, index))
        elif instructions[index][0] is primitives.multiply and (pair := factors(index)) is not None:
            found.products.append((*pair, minus, index))
        else:
            found.others.append((minus, index))
    return found


def group_by_inputs(rows: Iterable[tuple[InputKey, AnySum]]) -> dict[InputKey, list[AnySum]]:
    """The sums of each layer, from (inputs, sum): those with equal inputs are the rows of one matrix."""
    groups: dict[InputKey, list[AnySum]] = {}
    for inputs, row in rows:
        groups.setdefault(inputs, []).append(row)
    return groups

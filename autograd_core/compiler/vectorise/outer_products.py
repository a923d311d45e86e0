"""The outer products in a tape: sums over the rows, and over turns, of products that form a matrix.

A gradient of a weight is the sum of what every use of the weight contributes. Where the uses are the turns of one
product, its gradient is one outer product, summed over the rows and the turns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from autograd_core.compiler.frontend.sums_of_products import MOST_SMALL, SMALL
from autograd_core.graph.affine.affine_sums import SignedTerm


@dataclass(slots=True)
class OuterProduct:
    """Sums of products: sums[i][j] of left[i] * right[j] for every (left, right) of `turns`."""

    turns: list[tuple[list[int], list[int]]]
    sums: list[list[int]]


def find_outer_products(pairs: dict[int, tuple[int, int]]) -> list[OuterProduct]:
    """Matrices among sums over the rows of products: (left registers, right registers, the sum of each pair).

    pairs: {register of the sum: (left, right)}.
    """
    partners: dict[int, list[tuple[int, int]]] = {}
    for index, (left, right) in pairs.items():
        partners.setdefault(left, []).append((right, index))
    groups: dict[tuple[int, ...], list[int]] = {}
    for left, found in partners.items():
        found.sort()
        groups.setdefault(tuple([right for right, _ in found]), []).append(left)
    small = sum(len(key) * len(lefts) < SMALL for key, lefts in groups.items())
    return [
        OuterProduct([(sorted(lefts), list(key))], [[index for _, index in partners[left]] for left in sorted(lefts)])
        for key, lefts in groups.items()
        if len(key) * len(lefts) >= (SMALL if small > MOST_SMALL else 2)
    ]


def merge_turns(
    found: Iterable[OuterProduct], parts: Mapping[int, Iterable[SignedTerm]], needed: Iterable[int]
) -> tuple[list[OuterProduct], set[int]]:
    """(the outer products, with those of which the sums are added up as one, the sums that they compute then).

    parts: {sum over the rows: the sums over the rows that are its terms}. needed: sums that are needed by themselves.
    """
    # The sum that a part belongs to; 0 where it is needed for another one, or subtracted.
    whole = dict.fromkeys(needed, 0)
    size: dict[int, int] = {}
    for index, terms in parts.items():
        listed = list(terms)
        size[index] = len(listed)
        for minus, term in listed:
            whole[term] = 0 if minus or term in whole else index
    groups: dict[tuple[tuple[int, ...], ...], list[OuterProduct]] = {}
    merged: list[OuterProduct] = []
    for outer in found:
        table = [[whole.get(index, 0) for index in line] for line in outer.sums]
        if len({index for line in table for index in line if index}) < len(table) * len(table[0]):
            merged.append(outer)
            continue
        for part, wholes in _split_by_size(outer, table, size):
            groups.setdefault(wholes, []).append(part)
    computed: set[int] = set()
    for key, turns in groups.items():
        if len(turns) > 1 and all(size[index] == len(turns) for line in key for index in line):
            merged.append(OuterProduct([outer.turns[0] for outer in turns], list(map(list, key))))
            computed.update(index for line in key for index in line)
        else:
            merged += turns
    return merged, computed


def _split_by_size(
    outer: OuterProduct, table: list[list[int]], size: Mapping[int, int]
) -> Iterator[tuple[OuterProduct, tuple[tuple[int, ...], ...]]]:
    """The parts of an outer product, each with the sums that its sums belong to, in a fixed order: columns whose sums
    have equally many terms. The weights of a state are used one time less than those of an input beside it."""
    (lefts, rights), sums = outer.turns[0], outer.sums
    down = sorted(range(len(table)), key=lambda i: min(table[i]))
    columns: dict[tuple[int, ...], list[int]] = {}
    for j in sorted(range(len(rights)), key=table[down[0]].__getitem__):
        columns.setdefault(tuple([size[table[i][j]] for i in down]), []).append(j)
    for along in columns.values():
        turn = [lefts[i] for i in down], [rights[j] for j in along]
        wholes = tuple([tuple([table[i][j] for j in along]) for i in down])
        yield OuterProduct([turn], [[sums[i][j] for j in along] for i in down]), wholes

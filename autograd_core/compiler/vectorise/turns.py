"""The turns of a matrix: groups of sums that have the same weights over other lists of inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograd_core.compiler.vectorise.affine import MatrixRow


@dataclass(slots=True)
class Product:
    """A matrix times one vector of inputs after the other. weights: the registers of the matrix, row by row. For each
    turn: the registers of the inputs, one for each column, and those of the sums, one for each row."""

    weights: list[tuple[int, ...]]
    inputs: list[list[int]]
    rows: list[list[int]]

    @classmethod
    def of(cls, inputs: Sequence[int], rows: list[int], units: Mapping[int, MatrixRow]) -> Product:
        """The product with one vector."""
        return cls([units[root].coefficients for root in rows], [list(inputs)], [rows])


def merge_turns(
    groups: Mapping[tuple[int, ...], list[int]], units: Mapping[int, MatrixRow], place_of: Mapping[int, int]
) -> list[Product]:
    """The products that `groups`, sums by their inputs, are turns of. place_of: the place of each input, by which
    columns are told apart that are equal in the matrix."""
    alike: dict[object, list[tuple[tuple[int, ...], list[int]]]] = {}
    for inputs, rows in groups.items():
        weights = sorted([_weights(units[root]) for root in rows])
        alike.setdefault((len(inputs), tuple(weights)), []).append((inputs, rows))
    products: list[Product] = []
    for members in alike.values():
        if len(members) == 1:
            products += [Product.of(inputs, rows, units) for inputs, rows in members]
            continue
        same: dict[object, Product] = {}
        for inputs, rows in members:
            rows = sorted(rows, key=lambda root: (_weights(units[root]), units[root].bias is not None, root))
            columns = list(zip(*[units[root].coefficients for root in rows], strict=True))
            order = sorted(range(len(inputs)), key=lambda i: (columns[i], place_of[inputs[i]]))
            key = tuple([columns[i] for i in order])
            product = same.setdefault(key, Product(list(zip(*key, strict=True)), [], []))
            product.inputs.append([inputs[i] for i in order])
            product.rows.append(rows)
        products += same.values()
    return products


def _weights(unit: MatrixRow) -> tuple[int, ...]:
    return tuple(sorted(unit.coefficients))


def order_of_columns(turns: Sequence[Sequence[int]], place: Mapping[int, int] | Sequence[int]) -> list[int]:
    """The columns of the inputs in the order of the places of the first turn in memory, in whatever order the turns are
    listed: a product and its gradient then read the same copies."""
    first = min(turns, key=lambda turn: min([place[source] for source in turn]))
    return sorted(range(len(first)), key=lambda i: place[first[i]])


def regular_distance(places: Sequence[Sequence[int]]) -> int | None:
    """The distance of the lists of places from turn to turn, if each is of neighbours, and all distances are equal. It
    is negative where the turns lie in reverse order."""
    first, size = places[0][0], len(places[0])
    apart = places[1][0] - first
    if apart == 0:
        return None
    wanted = [list(range(start, start + size)) for start in range(first, first + apart * len(places), apart)]
    return apart if wanted == list(map(list, places)) else None

"""The matrices in a tape: sums of products with the same inputs, and sums over the rows that form a matrix.

In a matrix the products may be added in any order, each with one rounding less: the result is within
n * eps * sum |a * b| of the exact sum. Whatever is no matrix is computed as it is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from autograd_core.compiler.frontend.instructions import SUM_OVER_ROWS
from autograd_core.compiler.vectorise.dependence import Uses
from autograd_core.engine import primitives
from autograd_core.engine.gates import Number
from autograd_core.graph.affine_sums import SUMS, AffineSum, SignedTerm, affine_sum, group_by_inputs, signed_terms
from autograd_core.graph.tape import Register, Tape

_SMALL = 16  # entries of a small matrix
_MOST_SMALL = 64  # with more small matrices the graph is irregular: its sums are scheduled level by level instead
MANY = 4  # from so many products on, a sum may be added up in any order, and one of squares is a row of ones

OuterProduct = tuple[list[int], list[int], list[list[int]]]  # left and right registers, that of the sum of each pair


@dataclass(slots=True)
class MatrixRow:
    """One sum: coefficients[i] times variables[i], plus the register `bias`, plus or minus the terms `extras`."""

    variables: tuple[int, ...]
    coefficients: tuple[int, ...]
    bias: int | None
    extras: list[SignedTerm]


def find_matrix_rows(
    tape: Tape, members: Sequence[int], uses: Uses, is_variable: Sequence[bool]
) -> dict[int, MatrixRow]:
    """The sums among `members` (ascending) that are rows of a matrix, by the register of the whole sum.

    Only a sum of products, with one other term at most, is put in another order. It has to recur with the same inputs,
    or to have at least four products. Any other sum keeps its order, and its products are rounded.

    is_variable: for each register whether it changes where the members do; any other may be a coefficient. New
    coefficients (negated ones) are appended to the tape.
    """
    instructions = tape.instructions

    def factors(index: int) -> tuple[int, int] | None:
        left, right = instructions[index][1]
        if is_variable[left] is is_variable[right]:
            return None
        return (left, right) if is_variable[left] else (right, left)

    inner, roots = _sums_of_products(tape, members, uses, is_variable)
    candidates: dict[int, AffineSum] = {}
    for root in roots:
        found = affine_sum(instructions, root, inner.__contains__, is_variable, factors)
        squares = [term for term in found.others if is_product(tape, term[1])]  # and products of two variables
        if not found.products and len(squares) >= MANY:
            unity = tape.constant(1.0).index
            found.products = [(index, unity, minus, index) for minus, index in squares]
            found.others = [term for term in found.others if term not in squares]
        products = found.products
        if len(products) + bool(found.biases) < 2:
            continue
        products.sort()
        if len(products) > 1 and products[0][0] == products[-1][0]:  # a single variable, as in the derivative of p * p
            continue
        candidates[root] = found
    groups = group_by_inputs(
        (tuple([product[0] for product in found.products]), root) for root, found in candidates.items()
    )
    accepted = _members_of_matrices(groups)
    return {root: _make_row(tape, candidates[root]) for root in sorted(accepted)}


def is_product(tape: Tape, index: int) -> bool:
    """Whether a register is the product of two others, or a square."""
    primitive, inputs = tape.instructions[index][:2]
    if primitive is primitives.power:
        return tape.instructions[inputs[1]].constant == 2.0
    return primitive is primitives.multiply


def _sums_of_products(
    tape: Tape, members: Sequence[int], uses: Uses, is_variable: Sequence[bool]
) -> tuple[set[int], list[int]]:
    """(the sums that are read as a part of another, the whole sums): with one term at most that is not a product."""
    instructions, count = tape.instructions, uses.count

    def is_bare(index: int) -> bool:
        if is_variable[index]:
            return not is_product(tape, index)
        return instructions[index].constant != 0.0  # as `sum` begins with

    bare: dict[int, int] = {}  # how many such terms each sum has
    inner: set[int] = set()
    for index in members:
        primitive, inputs = instructions[index][:2]
        if primitive not in SUMS:
            continue
        parts = [source for source in inputs if count[source] == 1 and bare.get(source, MANY) <= 1]
        bare[index] = sum([bare[source] if source in parts else is_bare(source) for source in inputs])
        if bare[index] <= 1:
            inner.update(parts)
    return inner, [index for index, terms in bare.items() if terms <= 1 and index not in inner]


def _members_of_matrices(groups: dict[tuple[int, ...], list[int]]) -> list[int]:
    """The members of the groups that are matrices, and worth the work."""
    small = [key for key, roots in groups.items() if len(key) * len(roots) < _SMALL]
    left_out = set(small) if len(small) > _MOST_SMALL else set()
    left_out.update(key for key, roots in groups.items() if len(roots) == 1 and len(key) < MANY)
    return [root for key, roots in groups.items() if key not in left_out for root in roots]


def _make_row(tape: Tape, found: AffineSum) -> MatrixRow:
    coefficients = [negate(tape, weight) if minus else weight for _, weight, minus, _ in found.products]
    total = add_terms(tape, [term for term in found.biases if tape.instructions[term[1]].constant != 0.0])
    return MatrixRow(tuple([product[0] for product in found.products]), tuple(coefficients), total, found.others)


def negate(tape: Tape, index: int) -> int:
    """The register of the opposite number."""
    return tape.register(-tape.number(index)).index


def add_terms(tape: Tape, terms: Iterable[SignedTerm]) -> int | None:
    """The register of the sum of the terms; None where there are none."""
    total: Number | None = None
    for minus, index in terms:
        number = tape.number(index)
        signed = -number if minus else number
        total = signed if total is None else total + signed
    return None if total is None else tape.register(total).index


def split_sums_over_rows(
    tape: Tape, sums: Iterable[int], uses: Uses, factors: Callable[[int], tuple[int, int] | None]
) -> dict[int, list[SignedTerm]]:
    """For each sum over the rows of a sum of products, the terms of which it may be the sum: the sums over the rows of
    each product. Of an opposite number, the sum over the rows of the number. factors: of a product of two numbers of
    the row."""
    count = uses.count
    found: dict[int, list[SignedTerm]] = {}
    for index in sums:
        operand = tape.instructions[index].inputs[0]
        if tape.instructions[operand].primitive in SUMS and count[operand] == 1:
            terms = signed_terms(tape.instructions, operand, lambda inner: count[inner] == 1)
            if len(terms) == 1 or all(factors(term) is not None for _, term in terms):
                found[index] = [(minus, _sum_over_rows(tape, term)) for minus, term in terms]
    return found


def _sum_over_rows(tape: Tape, index: int) -> int:
    number = tape.append(SUM_OVER_ROWS, (Register(tape, index),))
    return tape.register(number).index


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
    small = sum(len(key) * len(lefts) < _SMALL for key, lefts in groups.items())
    return [
        (sorted(lefts), list(key), [[index for _, index in partners[left]] for left in sorted(lefts)])
        for key, lefts in groups.items()
        if len(key) * len(lefts) >= (_SMALL if small > _MOST_SMALL else 2)
    ]

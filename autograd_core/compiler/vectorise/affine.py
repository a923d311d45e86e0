"""The matrices in a tape: sums of products with the same inputs, and sums over the rows that form a matrix."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograd_core.compiler.frontend.gradient import ROW
from autograd_core.compiler.frontend.instructions import SUM_OVER_ROWS
from autograd_core.compiler.vectorise.dependence import Uses
from autograd_core.engine.gates import Number
from autograd_core.graph.affine_sums import SUMS, AffineSum, SignedTerm, affine_sum, group_by_inputs, signed_terms
from autograd_core.graph.tape import Register, Tape

_SMALL = 16  # entries of a small matrix
_MOST_SMALL = 64  # with more small matrices the graph is irregular: its sums are scheduled level by level instead
_MANY = 4  # from so many terms on, a plain sum is a row of ones

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

    is_variable: for each register whether it changes where the members do; any other may be a coefficient. New
    coefficients (negated ones, and sums of biases) are appended to the tape.
    """
    instructions, count, last = tape.instructions, uses.count, uses.last

    def is_inner(index: int) -> bool:
        if count[index] != 1 or last[index] < 0 or not is_variable[index]:
            return False
        return instructions[last[index]][0] in SUMS

    def factors(index: int) -> tuple[int, int] | None:
        left, right = instructions[index][1]
        if is_variable[left] is is_variable[right]:
            return None
        return (left, right) if is_variable[left] else (right, left)

    candidates: dict[int, AffineSum] = {}
    for root in members:
        if instructions[root][0] not in SUMS or is_inner(root):
            continue
        found = affine_sum(instructions, root, is_inner, is_variable, factors)
        if not found.products and len(found.others) >= _MANY:
            unity = tape.constant(1.0).index
            found.products = [(index, unity, minus, index) for minus, index in found.others]
            found.others = []
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


def _members_of_matrices(groups: dict[tuple[int, ...], list[int]]) -> list[int]:
    """The members of the groups that are worth a matrix."""
    small = [key for key, roots in groups.items() if len(key) * len(roots) < _SMALL]
    left_out = set(small) if len(small) > _MOST_SMALL else set()
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


def split_sums_over_rows(tape: Tape, sums: Iterable[int], uses: Uses, when: Sequence[int]) -> dict[int, int]:
    """Split the sums over the rows whose operand is itself a sum, of terms that all change with the row.

    Returns {register of such a sum: register of the sum of the sums over the rows of each term}.
    """
    count = uses.count

    def is_inner(index: int) -> bool:
        return count[index] == 1

    replaced: dict[int, int] = {}
    for index in sums:
        operand = tape.instructions[index].inputs[0]
        if tape.instructions[operand].primitive not in SUMS or not is_inner(operand):
            continue
        terms = signed_terms(tape.instructions, operand, is_inner)
        if not all(when[term] == ROW for _, term in terms):
            continue
        total = add_terms(tape, [(minus, _sum_over_rows(tape, term)) for minus, term in terms])
        assert total is not None
        replaced[index] = total
    return replaced


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

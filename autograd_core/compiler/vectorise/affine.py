"""The matrices in a tape: sums of products with the same inputs, and sums over the rows that form a matrix.

A sum is split into its terms through additions, subtractions and minus signs, in whatever order they were written.
Terms of the form coefficient times variable make the sum a unit. Units with the same variables are the rows of one
matrix.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from autograd_core.compiler.frontend.gradient import ROW
from autograd_core.compiler.frontend.instructions import SUM_OVER_ROWS
from autograd_core.compiler.vectorise.dependence import Uses
from autograd_core.engine import primitives
from autograd_core.graph.tape import Number, Register, Tape

_SUMS = frozenset({primitives.add, primitives.subtract, primitives.negative})
_SMALL = 16  # entries of a small matrix
_MOST_SMALL = 64  # with more small matrices the graph is irregular: its sums are scheduled level by level instead
_MANY = 4  # from so many terms on, a plain sum is a row of ones

Term = tuple[bool, int]  # whether it is subtracted, and its register
OuterProduct = tuple[list[int], list[int], list[list[int]]]  # left and right registers, that of the sum of each pair


@dataclass(slots=True)
class AffineUnit:
    """One sum: coefficients[i] times variables[i], plus the register `bias`, plus or minus the terms `extras`."""

    variables: tuple[int, ...]
    coefficients: tuple[int, ...]
    bias: int | None
    extras: list[Term]


def split_sum(tape: Tape, root: int, is_inner: Callable[[int], bool]) -> list[Term]:
    """The terms whose sum is `root`, from left to right. Sums for which `is_inner` holds are split too."""
    found: list[Term] = []
    waiting: list[Term] = [(False, root)]
    while waiting:
        minus, index = waiting.pop()
        primitive, inputs = tape.instructions[index][:2]
        if primitive not in _SUMS or not (index == root or is_inner(index)):
            found.append((minus, index))
        elif primitive is primitives.negative:
            waiting.append((not minus, inputs[0]))
        else:
            waiting.append((minus is not (primitive is primitives.subtract), inputs[1]))
            waiting.append((minus, inputs[0]))
    return found


def find_units(tape: Tape, members: Sequence[int], uses: Uses, is_variable: Sequence[bool]) -> dict[int, AffineUnit]:
    """The sums among `members` (ascending) that are rows of a matrix, by the register of the whole sum.

    is_variable: for each register whether it changes where the members do; any other may be a coefficient. New
    coefficients (negated ones, and sums of biases) are appended to the tape.
    """
    instructions, count, last = tape.instructions, uses.count, uses.last

    def is_inner(index: int) -> bool:
        if count[index] != 1 or last[index] < 0 or not is_variable[index]:
            return False
        return instructions[last[index]][0] in _SUMS

    candidates: dict[int, tuple[list[tuple[int, int, bool]], list[Term], list[Term]]] = {}
    groups: dict[tuple[int, ...], list[int]] = {}
    for root in members:
        if instructions[root][0] not in _SUMS or is_inner(root):
            continue
        weighted: list[tuple[int, int, bool]] = []
        bias: list[Term] = []
        extras: list[Term] = []
        for minus, index in split_sum(tape, root, is_inner):
            primitive, inputs = instructions[index][:2]
            if not is_variable[index]:
                bias.append((minus, index))
            elif primitive is primitives.multiply and is_variable[inputs[0]] is not is_variable[inputs[1]]:
                variable, coefficient = inputs if is_variable[inputs[0]] else inputs[::-1]
                weighted.append((variable, coefficient, minus))
            else:
                extras.append((minus, index))
        if not weighted and len(extras) >= _MANY:
            unity = tape.constant(1.0).index
            weighted = [(index, unity, minus) for minus, index in extras]
            extras = []
        if len(weighted) + bool(bias) < 2:
            continue
        weighted.sort()
        if len(weighted) > 1 and weighted[0][0] == weighted[-1][0]:  # a single variable, as in the derivative of p * p
            continue
        candidates[root] = weighted, bias, extras
        groups.setdefault(tuple([variable for variable, _, _ in weighted]), []).append(root)
    accepted = _members_of_matrices(groups)
    return {root: _make_unit(tape, *candidates[root]) for root in sorted(accepted)}


def _members_of_matrices(groups: dict[tuple[int, ...], list[int]]) -> list[int]:
    """The members of the groups that are worth a matrix."""
    small = [key for key, roots in groups.items() if len(key) * len(roots) < _SMALL]
    left_out = set(small) if len(small) > _MOST_SMALL else set()
    return [root for key, roots in groups.items() if key not in left_out for root in roots]


def _make_unit(tape: Tape, weighted: list[tuple[int, int, bool]], bias: list[Term], extras: list[Term]) -> AffineUnit:
    coefficients = [negate(tape, coefficient) if minus else coefficient for _, coefficient, minus in weighted]
    total = add_terms(tape, [term for term in bias if tape.instructions[term[1]].constant != 0.0])
    return AffineUnit(tuple([variable for variable, _, _ in weighted]), tuple(coefficients), total, extras)


def negate(tape: Tape, index: int) -> int:
    """The register of the opposite number."""
    return tape.register(-tape.number(index)).index


def add_terms(tape: Tape, terms: Iterable[Term]) -> int | None:
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
        if tape.instructions[operand].primitive not in _SUMS or not is_inner(operand):
            continue
        terms = split_sum(tape, operand, is_inner)
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

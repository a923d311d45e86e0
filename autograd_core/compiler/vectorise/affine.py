"""The matrices in a tape: sums of products with the same inputs, see `frontend/sums_of_products.py`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograd_core.compiler.frontend.instructions import SumLayout
from autograd_core.compiler.frontend.sums_of_products import factors, is_product
from autograd_core.engine.gates import Number
from autograd_core.graph.affine.affine_sums import AffineSum, SignedTerm
from autograd_core.graph.tape import Tape


@dataclass(slots=True)
class MatrixRow:
    """One sum: coefficients[i] times variables[i], plus the register `bias`, plus or minus the terms `extras`."""

    variables: tuple[int, ...]
    coefficients: tuple[int, ...]
    bias: int | None
    extras: list[SignedTerm]


@dataclass(slots=True)
class DotRow:
    """One sum of products of two numbers that change: of pairs[i][0] times pairs[i][1], where the last `minus` products
    are subtracted, plus or minus the terms `extras`."""

    pairs: tuple[tuple[int, int], ...]
    minus: int
    extras: list[SignedTerm]


def unit_of_sum(tape: Tape, found: AffineSum) -> MatrixRow | DotRow:
    """The unit of a sum that is written out in scalars. New coefficients (negated ones) are appended to the tape."""
    if found.products:
        coefficients = [negate(tape, weight) if minus else weight for _, weight, minus, _ in found.products]
        total = add_terms(tape, [term for term in found.biases if tape.instructions[term[1]].constant != 0.0])
        return MatrixRow(tuple([product[0] for product in found.products]), tuple(coefficients), total, found.others)
    squares = [term for term in found.others if is_product(tape, term[1])]
    subtracted = [index for minus, index in squares if minus]
    pairs = [factors(tape, index) for index in [*[index for minus, index in squares if not minus], *subtracted]]
    extras = [term for term in found.others if not is_product(tape, term[1])]
    extras += [term for term in found.biases if tape.instructions[term[1]].constant != 0.0]
    return DotRow(tuple(pairs), len(subtracted), extras)


def unit_of_instruction(
    tape: Tape, layout: SumLayout, inputs: Sequence[int], is_variable: Sequence[bool]
) -> MatrixRow | DotRow:
    """The unit of a sum that is one instruction. New coefficients (negated ones) are appended to the tape."""
    end = 2 * layout.products
    left, right = inputs[0:end:2], inputs[1:end:2]
    first_minus = layout.terms - layout.minus_terms
    terms = [(i >= first_minus, term) for i, term in enumerate(inputs[end:])]
    if is_variable[right[0]]:
        return DotRow(tuple(zip(left, right, strict=True)), layout.minus, terms)
    if layout.minus:
        kept = layout.products - layout.minus
        right = (*right[:kept], *[negate(tape, weight) for weight in right[kept:]])
    rows = sorted(zip(left, right, strict=True))
    extras = [term for term in terms if is_variable[term[1]]]
    bias = add_terms(tape, [term for term in terms if not is_variable[term[1]]]) if len(extras) < len(terms) else None
    return MatrixRow(tuple([row[0] for row in rows]), tuple([row[1] for row in rows]), bias, extras)


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

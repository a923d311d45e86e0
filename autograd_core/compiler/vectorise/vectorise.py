"""From scalars back to vectors and matrices: a tape becomes a `VectorProgram`.

Sums of products that share their inputs become rows of a matrix (`affine.py`). Everything else is scheduled level by
level (`scheduling.py`), so that equal operations on neighbours stay neighbours. What is irregular ends up in small
vectors, down to single numbers. README.md says why it is done this way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from autograd_core.compiler.frontend.gradient import AFTER, CONSTANT, ONCE, ROW
from autograd_core.compiler.frontend.instructions import SUM_OVER_ROWS
from autograd_core.compiler.vectorise.affine import (
    MANY,
    MatrixRow,
    OuterProduct,
    add_terms,
    find_matrix_rows,
    find_outer_products,
    split_sums_over_rows,
)
from autograd_core.compiler.vectorise.dependence import Dependence
from autograd_core.compiler.vectorise.scheduling import Scheduler
from autograd_core.compiler.vectorise.vector_program import VectorProgram
from autograd_core.engine import primitives
from autograd_core.engine.garbage_collection import without_gc
from autograd_core.graph.tape import Tape


@without_gc
def vectorise(
    tape: Tape,
    columns: Sequence[Sequence[int]],
    given: Sequence[int],
    values: Sequence[int],
    by_row: Sequence[int] = (),
) -> VectorProgram:
    """The program that computes the registers `values` (the same for all rows) and `by_row` (one number a row).

    columns: the registers of a row's numbers, argument by argument. given: the registers filled at each call. New
    registers may be appended to the tape: sums of coefficients, and the parts of sums over the rows.
    """
    dependence = Dependence(tape, [index for part in columns for index in part], [*values, *by_row])
    outer_products = _replace_products(dependence)
    units = _replace_affine_sums(dependence)
    scheduler = Scheduler(dependence, given, units, _find_conditions(dependence))
    scheduler.add_columns(columns)
    scheduler.add_phase(ONCE)
    scheduler.add_phase(ROW)
    scheduler.add_sums(outer_products)
    scheduler.add_phase(AFTER)
    results = dependence.results()
    scheduler.add_results(results[: len(values)], results[len(values) :])
    return scheduler.program


def _replace_products(dependence: Dependence) -> list[OuterProduct]:
    """Find the matrices among the sums over the rows, and let them be computed from the factors alone.

    A sum over the rows of a sum of products is split into sums over the rows of each, if it has at least four products
    or all of them are in matrices.
    """
    tape, instructions = dependence.tape, dependence.tape.instructions
    sums = [index for index in dependence.sums() if instructions[index].primitive is SUM_OVER_ROWS]

    def factors(product: int) -> tuple[int, int] | None:
        if product >= len(dependence.when) or instructions[product].primitive is not primitives.multiply:
            return None
        left, right = dependence.inputs[product]
        return (left, right) if dependence.when[left] == dependence.when[right] == ROW else None

    parts = split_sums_over_rows(tape, sums, dependence.needed()[1], factors)
    while True:
        products = dict.fromkeys(index for index in sums if index not in parts)
        products.update(dict.fromkeys(term for terms in parts.values() for _, term in terms))
        found = {index: factors(dependence.resolve(instructions[index].inputs[0])) for index in products}
        pairs = {index: pair for index, pair in found.items() if pair is not None}
        outer_products = find_outer_products(pairs)
        in_matrices = {index for _, _, rows in outer_products for row in rows for index in row}
        fitting = {
            index: terms
            for index, terms in parts.items()
            if len(terms) == 1
            or in_matrices.issuperset(term for _, term in terms)
            or (len(terms) >= MANY and not in_matrices.isdisjoint(term for _, term in terms))
        }
        if len(fitting) == len(parts):
            break
        parts = fitting
    replaced = {index: total for index, terms in parts.items() if (total := add_terms(tape, terms)) is not None}
    dependence.replace(replaced)
    for index in in_matrices:
        dependence.rewire(index, pairs[index])
    return outer_products


def _replace_affine_sums(dependence: Dependence) -> dict[int, MatrixRow]:
    """Find the sums that are rows of matrices, in every phase, and let them be computed from their terms."""
    found: dict[int, MatrixRow] = {}
    for phase in (ROW, ONCE, AFTER):
        is_variable = [when == ROW if phase == ROW else when != CONSTANT for when in dependence.when]
        units = find_matrix_rows(dependence.tape, dependence.members(phase), dependence.needed()[1], is_variable)
        dependence.catch_up()
        resolve = dependence.resolve
        for index, unit in units.items():
            unit.variables = tuple(map(resolve, unit.variables))
            unit.coefficients = tuple(map(resolve, unit.coefficients))
            unit.extras = [(minus, resolve(extra)) for minus, extra in unit.extras]
            unit.bias = None if unit.bias is None else resolve(unit.bias)
            others = [extra for _, extra in unit.extras] + ([] if unit.bias is None else [unit.bias])
            dependence.rewire(index, [*unit.variables, *unit.coefficients, *others])
        found |= units
    return found


def _find_conditions(dependence: Dependence) -> set[int]:
    """The comparisons in the rows that serve as conditions of `where` and for nothing else."""
    instructions, inputs, when = dependence.tape.instructions, dependence.inputs, dependence.when
    needed, uses = dependence.needed()
    conditions = Counter([inputs[index][0] for index in needed if instructions[index][0] is primitives.where])
    return {
        index
        for index, count in conditions.items()
        if count == uses.count[index]
        and when[index] == ROW
        and (primitive := instructions[index].primitive) is not None
        and primitive.comparison
    }

"""From scalars back to vectors and matrices: a tape becomes a `VectorProgram`.

Sums of products that share their inputs become rows of a matrix (`affine.py`). Everything else is scheduled level by
level (`scheduling.py`), so that equal operations on neighbours stay neighbours. What is irregular ends up in small
vectors, down to single numbers. README.md says why it is done this way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from autograd_core.compiler.frontend.gradient import AFTER, CONSTANT, ONCE, ROW
from autograd_core.compiler.vectorise.affine import (
    MatrixRow,
    OuterProduct,
    find_matrix_rows,
    find_outer_products,
    split_sums_over_rows,
)
from autograd_core.compiler.vectorise.dependence import Dependence
from autograd_core.compiler.vectorise.scheduling import Scheduler
from autograd_core.compiler.vectorise.vector_program import VectorProgram
from autograd_core.engine import primitives
from autograd_core.engine.garbage_collection import gc_paused
from autograd_core.graph.tape import Tape


@gc_paused
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
    """Find the matrices among the sums over the rows, and let them be computed from the factors alone."""
    parts = split_sums_over_rows(dependence.tape, dependence.sums(), dependence.needed()[1], dependence.when)
    if parts:
        dependence.replace(parts)
    pairs = {index: pair for index in dependence.sums() if (pair := _factors(dependence, index)) is not None}
    outer_products = find_outer_products(pairs)
    for _, _, rows in outer_products:
        for row in rows:
            for index in row:
                dependence.rewire(index, pairs[index])
    return outer_products


def _factors(dependence: Dependence, index: int) -> tuple[int, int] | None:
    """The two factors of the product that is summed; None where it is not a product of two numbers of the row."""
    (product,) = dependence.inputs[index]
    if dependence.tape.instructions[product].primitive is not primitives.multiply:
        return None
    left, right = dependence.inputs[product]
    when = dependence.when
    return (left, right) if when[left] == when[right] == ROW else None


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

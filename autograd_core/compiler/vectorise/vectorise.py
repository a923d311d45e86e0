"""From scalars back to vectors and matrices: a tape becomes a `VectorProgram`.

Sums of products that share their inputs become rows of a matrix (`affine.py`). What is left is taken level by level
(`placement.py`), so that equal operations on neighbours stay neighbours; whatever is irregular ends up in small
vectors, down to single numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from autograd_core.compiler.frontend.gradient import AFTER, CONSTANT, ONCE, ROW
from autograd_core.compiler.vectorise.affine import AffineUnit, OuterProduct, outer_products, single_sums, units
from autograd_core.compiler.vectorise.dependence import Dependence
from autograd_core.compiler.vectorise.scheduling import Placement
from autograd_core.compiler.vectorise.vector_program import VectorProgram
from autograd_core.engine import primitives
from autograd_core.engine.garbage_collection import gc_paused
from autograd_core.graph.tape import Tape

_COMPARISONS = frozenset(
    {primitives.less, primitives.less_equal, primitives.greater, primitives.greater_equal, primitives.equal}
)


@gc_paused
def vectorise(
    tape: Tape,
    columns: Sequence[Sequence[int]],
    given: Sequence[int],
    values: Sequence[int],
    by_row: Sequence[int] = (),
) -> VectorProgram:
    """The program that computes the registers `values` (the same for all rows) and `by_row` (one number a row).

    columns: the registers of a row's numbers, argument by argument. given: those filled at each call. New registers may
    be appended to the tape: sums of coefficients, and the parts of sums over rows.
    """
    dependence = Dependence(tape, [index for part in columns for index in part], [*values, *by_row])
    outer = _reductions(dependence)
    found = _matrices(dependence)
    placement = Placement(dependence, given, found, _only_asked(dependence))
    placement.place_columns(columns)
    placement.place_phase(ONCE)
    placement.place_phase(ROW)
    placement.place_sums(outer)
    placement.place_phase(AFTER)
    results = dependence.results()
    placement.place_results(results[: len(values)], results[len(values) :])
    return placement.program


def _reductions(dependence: Dependence) -> list[OuterProduct]:
    """The matrices among the sums over rows, which are then computed from the factors alone."""
    if apart := single_sums(dependence.tape, dependence.sums(), dependence.needed()[1], dependence.when):
        dependence.replace(apart)
    pairs = {index: pair for index in dependence.sums() if (pair := _factors(dependence, index)) is not None}
    outer = outer_products(pairs)
    for _, _, rows in outer:
        for row in rows:
            for index in row:
                dependence.rewire(index, pairs[index])
    return outer


def _factors(dependence: Dependence, index: int) -> tuple[int, int] | None:
    """The two factors, both of the row, of the product that is summed; None where it is no such product."""
    (product,) = dependence.inputs[index]
    if dependence.tape.instructions[product].primitive is not primitives.multiply:
        return None
    left, right = dependence.inputs[product]
    when = dependence.when
    return (left, right) if when[left] == when[right] == ROW else None


def _matrices(dependence: Dependence) -> dict[int, AffineUnit]:
    """The sums that are rows of matrices, in the rows and outside of them; they are computed from their terms then."""
    found: dict[int, AffineUnit] = {}
    for phase in (ROW, ONCE, AFTER):
        is_variable = [when == ROW if phase == ROW else when != CONSTANT for when in dependence.when]
        made = units(dependence.tape, dependence.members(phase), dependence.needed()[1], is_variable)
        dependence.catch_up()
        at = dependence.at
        for index, unit in made.items():
            unit.variables = tuple(map(at, unit.variables))
            unit.coefficients = tuple(map(at, unit.coefficients))
            unit.extras = [(minus, at(extra)) for minus, extra in unit.extras]
            unit.bias = None if unit.bias is None else at(unit.bias)
            others = [extra for _, extra in unit.extras] + ([] if unit.bias is None else [unit.bias])
            dependence.rewire(index, [*unit.variables, *unit.coefficients, *others])
        found |= made
    return found


def _only_asked(dependence: Dependence) -> set[int]:
    """The comparisons in the rows that serve as conditions of `where` and for nothing else."""
    instructions, inputs, when = dependence.tape.instructions, dependence.inputs, dependence.when
    needed, uses = dependence.needed()
    asked = Counter([inputs[index][0] for index in needed if instructions[index][0] is primitives.where])
    return {
        index
        for index, count in asked.items()
        if count == uses.count[index] and when[index] == ROW and instructions[index][0] in _COMPARISONS
    }

"""From scalars back to vectors and matrices: a tape becomes a `VectorProgram`.

Sums of products that share their inputs become rows of a matrix (`affine.py`). Everything else is scheduled level by
level (`scheduling.py`), so that equal operations on neighbours stay neighbours. What is irregular ends up in small
vectors, down to single numbers. README.md says why it is done this way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from autograd_core.compiler.frontend.instructions import LAYOUTS
from autograd_core.compiler.frontend.phases import AFTER, CONSTANT, ONCE, ROW
from autograd_core.compiler.frontend.sums_of_products import find_sums
from autograd_core.compiler.vectorise.affine import DotRow, MatrixRow, unit_of_instruction, unit_of_sum
from autograd_core.compiler.vectorise.dependence import Dependence
from autograd_core.compiler.vectorise.folds import find_folds
from autograd_core.compiler.vectorise.gradient_sums import replace_sums_over_rows
from autograd_core.compiler.vectorise.scheduling import Scheduler
from autograd_core.compiler.vectorise.units import Unit
from autograd_core.compiler.vectorise.vector_program import VectorProgram
from autograd_core.engine import primitives
from autograd_core.engine.interpreter.garbage_collection import without_gc
from autograd_core.graph.tape import Tape


@without_gc
def vectorise(
    tape: Tape,
    columns: Sequence[Sequence[int]],
    given: Sequence[int],
    values: Sequence[int],
    by_row: Sequence[int] = (),
    primals: Mapping[int, int] = MappingProxyType({}),
) -> VectorProgram:
    """The program that computes the registers `values` (the same for all rows) and `by_row` (one number a row).

    columns: the registers of a row's numbers, argument by argument. given: the registers filled at each call. primals:
    for the derivative with respect to a register, that register. New registers may be appended to the tape: sums of
    coefficients, and the parts of sums over the rows.
    """
    dependence = Dependence(tape, [index for part in columns for index in part], [*values, *by_row])
    turn_totals, outer_products = replace_sums_over_rows(dependence)
    units = _replace_affine_sums(dependence)
    units |= find_folds(dependence, units)
    scheduler = Scheduler(dependence, given, units, _find_conditions(dependence), primals)
    scheduler.add_columns(columns)
    scheduler.add_phase(ONCE)
    scheduler.add_phase(ROW)
    scheduler.add_sums(outer_products, turn_totals)
    scheduler.add_phase(AFTER)
    results = dependence.results()
    scheduler.add_results(results[: len(values)], results[len(values) :])
    return scheduler.program


def _replace_affine_sums(dependence: Dependence) -> dict[int, Unit]:
    """Find the sums that are rows of matrices, in every phase, and let them be computed from their terms."""
    found: dict[int, Unit] = {}
    uses = dependence.needed()[1]
    members_of = {phase: dependence.members(phase) for phase in (ROW, ONCE, AFTER)}
    tape, instructions = dependence.tape, dependence.tape.instructions
    for phase, members in members_of.items():
        is_variable = [when == ROW if phase == ROW else when != CONSTANT for when in dependence.when]
        units = {
            index: unit_of_instruction(tape, LAYOUTS[primitive], dependence.inputs[index], is_variable)
            for index in members
            if (primitive := instructions[index].primitive) in LAYOUTS
        }
        sums = find_sums(tape, members, uses.count, is_variable, with_dots=phase == ROW)
        units.update((index, unit_of_sum(tape, found)) for index, found in sums.items())
        dependence.catch_up()
        resolve = dependence.resolve
        for index, unit in units.items():
            unit.extras = [(minus, resolve(extra)) for minus, extra in unit.extras]
            if isinstance(unit, DotRow):
                unit.pairs = tuple([(resolve(left), resolve(right)) for left, right in unit.pairs])
                factors = [factor for pair in unit.pairs for factor in pair]
                dependence.rewire(index, [*factors, *[extra for _, extra in unit.extras]])
                continue
            assert isinstance(unit, MatrixRow)
            unit.variables = tuple(map(resolve, unit.variables))
            unit.coefficients = tuple(map(resolve, unit.coefficients))
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

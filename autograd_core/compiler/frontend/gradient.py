"""The gradient of a reduced loss as instructions: one sweep back for each row, one for what all rows share.

The reduced value is the mean or the sum of the values of the rows, plus a number `once` that depends on the parameters
alone. The sweep of a row stops at the registers that are the same for all rows. There the adjoints are summed over the
rows, and a second sweep takes the sums, and the derivatives of `once`, on to the parameters.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from autograd_core.compiler.frontend.instructions import OPAQUE, OVER_ROWS, SUM_OF_VALUES, SUM_OVER_ROWS
from autograd_core.engine.backward import Edge, sweep
from autograd_core.engine.garbage_collection import without_gc
from autograd_core.engine.gates import GatedContribution, Number, gated_edges
from autograd_core.engine.primitive import PRIMITIVES
from autograd_core.graph.tape import Register, Tape

Reduction = Literal["mean", "sum"]

_CONSTANT_PARTIALS = frozenset(  # operations whose rules need no numbers
    primitive
    for primitive in (*PRIMITIVES.values(), OPAQUE)
    if all(isinstance(partial, float) and gate is None for _, partial, gate in primitive.rules)
)
CONSTANT, ONCE, ROW, AFTER = range(4)  # when a register is known: always, before the rows, in each row, after them


def times(tape: Tape, columns: Iterable[int]) -> list[int]:
    """When each register is known: CONSTANT, ONCE (before the rows), in each ROW, or AFTER them."""
    known: list[int] = []
    catch_up(tape, known, frozenset(columns))
    return known


def catch_up(tape: Tape, known: list[int], columns: Container[int] = ()) -> None:
    """Append to `known` the times of the registers that were appended to the tape since."""
    for index, (primitive, inputs, constant, _) in enumerate(tape.instructions[len(known) :], len(known)):
        if primitive is None:
            known.append(CONSTANT if constant is not None else ROW if index in columns else ONCE)
        elif primitive in OVER_ROWS:
            known.append(AFTER)
        elif len(inputs) == 2:
            left, right = known[inputs[0]], known[inputs[1]]
            known.append(left if left > right else right)
        else:
            known.append(max([known[source] for source in inputs]))


@dataclass(frozen=True, slots=True)
class Gradient:
    """Registers of the reduced `value` and of its derivatives with respect to each of the registers asked for, in order
    (`shared`), and to each column (`by_column`, one number a row).

    rows, scale: the leaves for the number of rows and its inverse. adjoints: for each register of the row, the
    derivative of the root with respect to it.
    """

    value: int
    shared: list[int]
    by_column: list[int]
    rows: int
    scale: int
    adjoints: dict[int, GatedContribution]


@without_gc
def differentiate(
    tape: Tape,
    root: int,
    once: int | None,
    columns: Sequence[int],
    wanted: Sequence[int],
    reduction: Reduction,
    by_column: bool = False,
    propagate_gates: bool = False,
) -> Gradient:
    """Append to `tape` the reduced value of `root`, plus `once`, and its derivatives with respect to `wanted`.

    propagate_gates: see `GatedPartial`. The gradient without it is right wherever it is not nan: what a closed gate
    stopped goes on as 0, and 0 times a partial is 0 or nan, nothing else.
    """
    rows, scale = tape.leaf("number of rows"), tape.leaf("1 / number of rows")
    when = times(tape, columns)
    recorded = len(tape.instructions)
    active = _reaching(tape, [*wanted, *(columns if by_column else ())])
    is_mean = reduction == "mean"

    def reduce(number: Number) -> Number:
        if isinstance(number, Register) and when_of(number) == ROW:
            total = tape.append(SUM_OVER_ROWS, (number,))
            return total * scale if is_mean else total
        return number if is_mean else number * rows

    def when_of(number: Register) -> int:
        if number.index >= len(when):
            catch_up(tape, when)
        return when[number.index]

    adjoints = {root: GatedContribution(1.0)}
    in_rows = [index for index in range(len(when)) if when[index] == ROW]
    sweep_back(tape, in_rows, adjoints, active, propagate_gates)
    value = reduce(tape.number(root))
    if when[root] == ROW:
        total = tape.append(SUM_OF_VALUES, (Register(tape, root),))
        value = total / rows if is_mean else total
    totals: dict[int, GatedContribution] = {}
    for index, adjoint in sorted(adjoints.items()):
        if when[index] != ROW:
            arrives = adjoint.arrives
            if isinstance(arrives, Register) and when_of(arrives) == ROW:
                arrives = tape.append(SUM_OVER_ROWS, (arrives,))  # not zero where it arrives in any row
            totals[index] = GatedContribution(reduce(adjoint.number), arrives)
    if once is not None:
        value = value + tape.number(once)
        seed, total = GatedContribution(1.0), totals.get(once)
        totals[once] = seed if total is None else total + seed
    before_rows = [index for index in range(recorded) if when[index] == ONCE]
    sweep_back(tape, before_rows, totals, active, propagate_gates)

    def register_of(adjoint: GatedContribution | None, scaled: bool = False) -> int:
        if adjoint is None:
            return tape.constant(0.0).index
        return tape.register(adjoint.number * scale if scaled else adjoint.number).index

    return Gradient(
        tape.register(value).index,
        [register_of(totals.get(index)) for index in wanted],
        [register_of(adjoints.get(index), is_mean) for index in columns] if by_column else [],
        rows.index,
        scale.index,
        adjoints,
    )


def _reaching(tape: Tape, wanted: Iterable[int]) -> set[int]:
    """The registers that depend on one of the registers `wanted`."""
    active = set(wanted)
    for index, instruction in enumerate(tape.instructions):
        if not active.isdisjoint(instruction.inputs):
            active.add(index)
    return active


def sweep_back(
    tape: Tape,
    order: Sequence[int],
    adjoints: dict[int, GatedContribution],
    active: set[int],
    propagate_gates: bool = False,
) -> None:
    """Go back through the registers in `order`, adding to `adjoints` what every edge carries to a register of `active`.

    A tape does not append what it already has, so a second sweep finds the registers that the first one made.
    """
    instructions = tape.instructions

    def edges(index: int) -> Iterable[Edge]:
        primitive, inputs, _, _ = instructions[index]
        if index not in adjoints or primitive is None:
            return ()
        numbers: tuple[Number, ...] = ()
        if primitive not in _CONSTANT_PARTIALS:
            numbers = (Register(tape, index), *[tape.number(source) for source in inputs])
        return gated_edges(index, primitive, inputs, numbers, active, propagate_gates)

    sweep(reversed(order), adjoints, edges)

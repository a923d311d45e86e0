"""The gradient of a reduced loss as instructions: one sweep back for each row, one for what all rows share.

The reduced value is the mean or the sum of the values of the rows, plus a number `once` that depends on the parameters
alone. The sweep of a row stops at the registers that are the same for all rows. There the adjoints are summed over the
rows, and a second sweep takes the sums, and the derivatives of `once`, on to the parameters.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from autograd_core.compiler.frontend.gathered_adjoints import Contributions, Gathered
from autograd_core.compiler.frontend.instructions import (
    LAYOUTS,
    OPAQUE,
    SUM_OF_VALUES,
    SUM_OVER_ROWS,
    products_over_rows,
    sum_chosen,
)
from autograd_core.compiler.frontend.phases import ONCE, ROW, catch_up, times
from autograd_core.engine.backward import Edge, sweep
from autograd_core.engine.gates import GatedContribution, Number, gated_edges
from autograd_core.engine.interpreter.garbage_collection import without_gc
from autograd_core.engine.primitive import PRIMITIVES
from autograd_core.engine.primitives import greater_equal, negative, where
from autograd_core.graph.tape import Register, Tape

Reduction = Literal["mean", "sum"]

_CONSTANT_PARTIALS = frozenset(  # operations whose rules need no numbers
    primitive
    for primitive in (*PRIMITIVES.values(), OPAQUE)
    if all(isinstance(partial, float) and gate is None for _, partial, gate in primitive.rules)
)


FEWEST = 2  # terms of an adjoint that are summed over the rows together


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

    def primals(self) -> dict[int, int]:
        """{register of a derivative with respect to a register of the row: that register}: the last where it is that of
        several."""
        numbers = {index: adjoint.number for index, adjoint in sorted(self.adjoints.items())}
        return {number.index: index for index, number in numbers.items() if isinstance(number, Register)}


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
            primitive, inputs = tape.instructions[number.index][:2]
            if primitive is negative:
                return -reduce(Register(tape, inputs[0]))
            total = tape.append(SUM_OVER_ROWS, (number,))
            return total * scale if is_mean else total
        return number if is_mean else number * rows

    def when_of(number: Register) -> int:
        if number.index >= len(when):
            catch_up(tape, when)
        return when[number.index]

    def in_row(number: Number, place: Register) -> Number:
        """The same number, as one that is computed in each row, where the index `place` is."""
        differs = isinstance(number, Register) and when_of(number) == ROW
        return number if differs else where(greater_equal(place, 0.0), number, 0.0)

    def is_row(number: Number) -> bool:
        return isinstance(number, Register) and when_of(number) == ROW

    def total_of(adjoint: GatedContribution) -> Number:
        """The sum over the rows of an adjoint."""
        if not isinstance(adjoint, Gathered):
            return reduce(adjoint.number)
        terms = [term.index for term in adjoint.terms if is_row(term)]
        if not adjoint.products and len(terms) < FEWEST:
            return reduce(adjoint.whole(tape))
        inputs = (*itertools.chain.from_iterable(adjoint.products), *terms)
        over_rows = products_over_rows(len(adjoint.products), len(terms))
        number: Number = Register(tape, tape.append_as_it_is(over_rows, inputs))
        number = number * scale if is_mean else number
        for term in adjoint.terms:
            number = number if is_row(term) else number + reduce(term)
        return number

    adjoints = {root: GatedContribution(1.0)}
    in_rows = [index for index in range(len(when)) if when[index] == ROW]
    contributions = Contributions(tape, in_rows, adjoints, active, when, is_row)
    if not propagate_gates:
        contributions.gather(index for index in active if when[index] != ROW)
    sweep_back(tape, in_rows, adjoints, active, propagate_gates, contributions)
    value = reduce(tape.number(root))
    if when[root] == ROW:
        total = tape.append(SUM_OF_VALUES, (Register(tape, root),))
        value = total / rows if is_mean else total
    totals: dict[int, GatedContribution] = {}
    for index, adjoint in sorted(adjoints.items()):
        if isinstance(adjoint, Gathered) and adjoint.is_empty:
            del adjoints[index]
        elif when[index] != ROW:
            arrives = adjoint.arrives
            if isinstance(arrives, Register) and when_of(arrives) == ROW:
                arrives = tape.append(SUM_OVER_ROWS, (arrives,))  # not zero where it arrives in any row
            totals[index] = GatedContribution(total_of(adjoint), arrives)
        else:
            contributions.complete(index)
    for index, adjoint in _chosen(tape, in_rows, adjoints, active, in_row, propagate_gates):
        scaled = GatedContribution(adjoint.number * scale if is_mean else adjoint.number, adjoint.arrives)
        totals[index] = totals[index] + scaled if index in totals else scaled
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


def _chosen(
    tape: Tape,
    in_rows: Sequence[int],
    adjoints: Mapping[int, GatedContribution],
    active: Container[int],
    in_row: Callable[[Number, Register], Number],
    propagate_gates: bool,
) -> Iterator[tuple[int, GatedContribution]]:
    """What the values of tables receive from all rows: (register of a value, the sum of the adjoints of the choices in
    the rows where it is the chosen one)."""
    choices: dict[tuple[int, int], list[tuple[Register, Number, Number]]] = {}
    for index in reversed(in_rows):
        primitive, inputs, _, _ = tape.instructions[index]
        if primitive is not None and primitive.selects is not None and index in adjoints:
            place = Register(tape, inputs[0])
            number = in_row(adjoints[index].number, place)
            arrives = in_row(adjoints[index].arrives, place) if propagate_gates else 1.0
            for k, value in enumerate(inputs[1:]):
                if value in active:
                    choices.setdefault((value, k), []).append((place, number, arrives))
    for (value, k), found in sorted(choices.items(), key=lambda item: item[0]):
        add = sum_chosen(len(found))
        number = tape.append(add, [float(k), *[part for place, number, _ in found for part in (place, number)]])
        arrives = 1.0
        if propagate_gates:
            arrives = tape.append(add, [float(k), *[part for place, _, arrives in found for part in (place, arrives)]])
        yield value, GatedContribution(number, arrives)


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
    contributions: Contributions | None = None,
) -> None:
    """Go back through the registers in `order`, adding to `adjoints` what every edge carries to a register of `active`.

    contributions: what goes back through sums of products, where there are any.

    A tape does not append what it already has, so a second sweep finds the registers that the first one made.
    """
    instructions = tape.instructions

    def edges(index: int) -> Iterable[Edge]:
        primitive, inputs, _, _ = instructions[index]
        # The edges of a choice are those of `_chosen`.
        if index not in adjoints or primitive is None or primitive.selects is not None:
            return ()
        if contributions is not None:
            contributions.complete(index)
            if primitive in LAYOUTS:
                contributions.pass_back(LAYOUTS[primitive], inputs, adjoints[index])
                return ()
        numbers: tuple[Number, ...] = ()
        if primitive not in _CONSTANT_PARTIALS:
            numbers = (Register(tape, index), *[tape.number(source) for source in inputs])
        return gated_edges(index, primitive, inputs, numbers, active, propagate_gates)

    sweep(reversed(order), adjoints, edges)

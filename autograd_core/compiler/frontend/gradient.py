"""The gradient of a reduced loss as instructions: one sweep back for each row, one for what all rows share.

The loss of a batch is a part that depends on the row, summed over the rows, plus a part that does not. The sweep of a
row stops at the registers that are the same for all rows. There the adjoints are summed over the rows, and a second
sweep takes the sums on to the parameters.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from autograd_core.compiler.frontend.instructions import OPAQUE, SUM_OVER_ROWS
from autograd_core.engine import primitives
from autograd_core.engine.backward import Edge, sweep
from autograd_core.engine.garbage_collection import gc_paused
from autograd_core.engine.gates import GatedContribution, Number, gated_edges
from autograd_core.engine.primitive import PRIMITIVES, Primitive
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
        elif primitive is SUM_OVER_ROWS:
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


@gc_paused
def differentiate(
    tape: Tape,
    root: int,
    columns: Sequence[int],
    wanted: Sequence[int],
    reduction: Reduction,
    by_column: bool = False,
    propagate_gates: bool = False,
) -> Gradient:
    """Append to `tape` the reduced value of `root` and its derivatives with respect to the registers `wanted`.

    propagate_gates: see `GatedPartial`. The gradient without it is right wherever it is not nan: what a closed gate
    stopped goes on as 0, and 0 times a partial is 0 or nan, nothing else.
    """
    rows, scale = tape.leaf("number of rows"), tape.leaf("1 / number of rows")
    when = times(tape, columns)
    by_row, shared = split(tape, root, when)
    catch_up(tape, when)
    recorded = len(tape.instructions)
    active = _reaching(tape, [*wanted, *(columns if by_column else ())])
    factor: Number = scale if reduction == "mean" else 1.0

    def reduce(number: Number) -> Number:
        if isinstance(number, Register) and when_of(number) == ROW:
            total = tape.append(SUM_OVER_ROWS, (number,))
            return total if factor == 1.0 else tape.append(primitives.multiply, (total, factor))
        return number if reduction == "mean" else number * rows

    def when_of(number: Register) -> int:
        if number.index >= len(when):
            catch_up(tape, when)
        return when[number.index]

    adjoints: dict[int, GatedContribution] = {}
    if isinstance(by_row, Register):
        adjoints[by_row.index] = GatedContribution(1.0)
    in_rows = [index for index in range(len(when)) if when[index] == ROW]
    sweep_back(tape, in_rows, adjoints, active, propagate_gates)
    value = reduce(by_row) if by_row is not None else None
    if shared is not None:
        value = shared if value is None else value + shared
    totals: dict[int, GatedContribution] = {}
    for index, adjoint in sorted(adjoints.items()):
        if when[index] != ROW:
            arrives = adjoint.arrives
            if isinstance(arrives, Register) and when_of(arrives) == ROW:
                arrives = tape.append(SUM_OVER_ROWS, (arrives,))  # not zero where it arrives in any row
            totals[index] = GatedContribution(reduce(adjoint.number), arrives)
    if isinstance(shared, Register):
        seed, total = GatedContribution(1.0), totals.get(shared.index)
        totals[shared.index] = seed if total is None else total + seed
    once = [index for index in range(recorded) if when[index] == ONCE]
    sweep_back(tape, once, totals, active, propagate_gates)

    def register_of(adjoint: GatedContribution | None, factor: Number = 1.0) -> int:
        if adjoint is None:
            return tape.constant(0.0).index
        return tape.register(adjoint.number if factor == 1.0 else adjoint.number * factor).index

    return Gradient(
        tape.register(0.0 if value is None else value).index,
        [register_of(totals.get(index)) for index in wanted],
        [register_of(adjoints.get(index), factor) for index in columns] if by_column else [],
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


def split(tape: Tape, root: int, when: Sequence[int]) -> tuple[Number | None, Number | None]:
    """(the part of `root` that depends on the row, the part that does not), whose sum it is; None for no such part.

    Sums and differences are split, and products and quotients with constants of the program. Those with parameters are
    not: a parameter may be 0 or infinite, where (a + b) / p and a / p + b / p differ.
    """
    parts: dict[int, tuple[Number | None, Number | None]] = {}
    waiting = [root]
    while waiting:
        index = waiting[-1]
        if index in parts:
            waiting.pop()
            continue
        number = tape.number(index)
        if when[index] != ROW:
            parts[index] = (None, number)
            continue
        primitive, inputs = tape.instructions[index][:2]
        terms = _terms(tape, primitive, inputs)
        missing = [source for source in terms if source not in parts]
        if missing:
            waiting += missing
        elif all(parts[source][1] is None for source in terms):
            parts[index] = (number, None)
        else:
            assert primitive is not None
            parts[index] = _combine(tape, primitive, inputs, parts, terms)
    return parts[root]


def _terms(tape: Tape, primitive: Primitive | None, inputs: Sequence[int]) -> list[int]:
    """The inputs of a sum, or the one input that a constant scales; none where nothing can be split."""
    if primitive in (primitives.add, primitives.subtract, primitives.negative):
        return list(inputs)
    if primitive not in (primitives.multiply, primitives.divide):
        return []
    scaled = [place for place, source in enumerate(inputs) if not _scales(tape.number(source))]
    return [inputs[scaled[0]]] if len(scaled) == 1 and (scaled == [0] or primitive is primitives.multiply) else []


def _scales(number: Number) -> bool:
    return isinstance(number, float) and math.isfinite(number) and number != 0.0


def _combine(
    tape: Tape,
    primitive: Primitive,
    inputs: Sequence[int],
    parts: dict[int, tuple[Number | None, Number | None]],
    terms: Sequence[int],
) -> tuple[Number | None, Number | None]:
    """The two parts of a register, from the parts of its `terms`."""
    combined: list[Number | None] = []
    for part in (0, 1):
        numbers = [parts[source][part] if source in terms else tape.number(source) for source in inputs]
        if primitive is primitives.subtract and numbers[0] is None and numbers[1] is not None:
            combined.append(-numbers[1])
        elif primitive in (primitives.add, primitives.subtract) and None in numbers:
            combined.append(next((number for number in numbers if number is not None), None))
        else:
            combined.append(None if None in numbers else primitive(*numbers))
    return combined[0], combined[1]

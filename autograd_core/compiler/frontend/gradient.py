"""The gradient of a reduced loss as instructions: rows are swept back one by one, what they share once.

The loss of a batch is the reduced sum over the rows of what depends on the row, plus what does not. A row's sweep stops
at the registers that are the same for all rows; there the adjoints are added up over the rows, and a second sweep takes
the sums on to the parameters.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from autograd_core.compiler.frontend.instructions import SUM_OVER_ROWS
from autograd_core.engine import primitives
from autograd_core.engine.backward import Edge, sweep
from autograd_core.engine.garbage_collection import gc_paused
from autograd_core.engine.gates import GatedContribution, Number, gated_edges
from autograd_core.engine.primitive import Primitive
from autograd_core.graph.tape import Register, Tape

Reduction = Literal["mean", "sum"]

CONSTANT, ONCE, ROW, AFTER = range(4)  # when a register is known: always, before the rows, in each row, after them


def times(tape: Tape, columns: Iterable[int]) -> list[int]:
    """For each register, when it is known: CONSTANT, ONCE (before the rows), in each ROW, or AFTER them."""
    known: list[int] = []
    catch_up(tape, known, frozenset(columns))
    return known


def catch_up(tape: Tape, known: list[int], columns: Container[int] = ()) -> None:
    """Append to `known` when the registers that came to the tape since are known."""
    for index, (primitive, inputs, constant, _) in enumerate(tape.instructions[len(known) :], len(known)):
        if primitive is None:
            known.append(CONSTANT if constant is not None else ROW if index in columns else ONCE)
        elif primitive is SUM_OVER_ROWS:
            known.append(AFTER)
        elif len(inputs) == 2:
            one, other = known[inputs[0]], known[inputs[1]]
            known.append(one if one > other else other)
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
    each, shared = split(tape, root, when)
    catch_up(tape, when)
    recorded = len(tape.instructions)
    active = _reaching(tape, [*wanted, *(columns if by_column else ())])
    factor: Number = scale if reduction == "mean" else 1.0

    def reduced(number: Number) -> Number:
        if isinstance(number, Register) and when_of(number) == ROW:
            total = tape.append(SUM_OVER_ROWS, (number,))
            return total if factor == 1.0 else tape.append(primitives.multiply, (total, factor))
        return number if reduction == "mean" else number * rows

    def when_of(number: Register) -> int:
        if number.index >= len(when):
            catch_up(tape, when)
        return when[number.index]

    arrived: dict[int, GatedContribution] = {}
    if isinstance(each, Register):
        arrived[each.index] = GatedContribution(1.0)
    in_rows = [index for index in range(len(when)) if when[index] == ROW]
    sweep_back(tape, in_rows, arrived, active, propagate_gates)
    met_in_rows = {index: flow for index, flow in arrived.items() if when[index] != ROW}
    column_adjoints = [arrived.get(index) for index in columns]
    value = reduced(each) if each is not None else None
    if shared is not None:
        value = shared if value is None else value + shared
    total: dict[int, GatedContribution] = {}
    for index, flow in sorted(met_in_rows.items()):
        arrives = flow.arrives
        if isinstance(arrives, Register) and when_of(arrives) == ROW:
            arrives = tape.append(SUM_OVER_ROWS, (arrives,))  # whether it does in any row
        total[index] = GatedContribution(reduced(flow.number), arrives)
    if isinstance(shared, Register):
        seed, reached = GatedContribution(1.0), total.get(shared.index)
        total[shared.index] = seed if reached is None else reached + seed
    once = [index for index in range(recorded) if when[index] == ONCE]
    sweep_back(tape, once, total, active, propagate_gates)
    return Gradient(
        tape.register(0.0 if value is None else value).index,
        [tape.register(total[index].number if index in total else 0.0).index for index in wanted],
        [tape.register(0.0 if one is None else one.number * factor).index for one in column_adjoints]
        if by_column
        else [],
        rows.index,
        scale.index,
        arrived,
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
    arrived: dict[int, GatedContribution],
    active: set[int],
    propagate_gates: bool = False,
) -> None:
    """Go back through the registers in `order`, adding to `arrived` what every edge carries to a register of `active`.

    A tape does not append what it already has, so a second sweep finds the registers that the first one made.
    """
    instructions = tape.instructions

    def edges(index: int) -> Iterable[Edge]:
        primitive, inputs, _, _ = instructions[index]
        if index not in arrived or primitive is None:
            return ()
        numbers = (Register(tape, index), *[tape.number(source) for source in inputs])
        return gated_edges(index, primitive, inputs, numbers, active, propagate_gates)

    sweep(reversed(order), arrived, edges)


def split(tape: Tape, root: int, when: Sequence[int]) -> tuple[Number | None, Number | None]:
    """`root` as the sum of what depends on the row and what does not; None for a part that is not there.

    Sums and differences are taken apart, and products and quotients with constants of the program: a parameter may be
    0 or infinite, where (a + b) / p and a / p + b / p differ.
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
            parts[index] = _combined(tape, primitive, inputs, parts, terms)
    return parts[root]


def _terms(tape: Tape, primitive: Primitive | None, inputs: Sequence[int]) -> list[int]:
    """The inputs of a sum, or the one input that a constant scales; none where nothing can be taken apart."""
    if primitive in (primitives.add, primitives.subtract, primitives.negative):
        return list(inputs)
    if primitive not in (primitives.multiply, primitives.divide):
        return []
    scaled = [place for place, source in enumerate(inputs) if not _scales(tape.number(source))]
    return [inputs[scaled[0]]] if len(scaled) == 1 and (scaled == [0] or primitive is primitives.multiply) else []


def _scales(number: Number) -> bool:
    return isinstance(number, float) and math.isfinite(number) and number != 0.0


def _combined(
    tape: Tape,
    primitive: Primitive,
    inputs: Sequence[int],
    parts: dict[int, tuple[Number | None, Number | None]],
    terms: Sequence[int],
) -> tuple[Number | None, Number | None]:
    each: list[Number | None] = []
    for part in (0, 1):
        numbers = [parts[source][part] if source in terms else tape.number(source) for source in inputs]
        if primitive is primitives.subtract and numbers[0] is None and numbers[1] is not None:
            each.append(-numbers[1])
        elif primitive in (primitives.add, primitives.subtract) and None in numbers:
            each.append(next((one for one in numbers if one is not None), None))
        else:
            each.append(None if None in numbers else primitive(*numbers))
    return each[0], each[1]

"""When the registers of a tape are known: always, before the rows, in each row, or after them."""

from __future__ import annotations

from collections.abc import Container, Iterable

from autograd_core.compiler.frontend.instructions import OVER_ROWS
from autograd_core.graph.tape import Tape

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

"""`choose` in a program: which choices stay one gather, and the check of every index.

A choice whose index differs from row to row, among values that all rows share, is read from a table; its gradient is
added up where it was read. Any other is rewritten as a sum of `where`, one for each value: few instructions on long
vectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograd_core.compiler.frontend.instructions import SUM_OVER_ROWS
from autograd_core.compiler.frontend.logsumexp import Rewritten, in_blocks
from autograd_core.compiler.frontend.phases import ROW, times
from autograd_core.engine.gates import Number
from autograd_core.engine.primitives import add, equal, floor, less, multiply, where
from autograd_core.graph.tape import Register, Tape

NAN = float("nan")


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """The indices of a program. places: {register of an index: how many values it chooses among, at the least}.
    valid: a number that is true where every index is a place, None where the program has none."""

    places: dict[int, int]
    valid: Number | None


def rewrite_choices(before: Rewritten, columns: Sequence[int]) -> tuple[Rewritten, Choices]:
    """The tape with no choices but those that are gathers, and what is known of their indices."""
    tape = before.tape
    if not has_choices(tape):
        return before, Choices({}, None)
    needed = tape.needed([before.root, *([] if before.once is None else [before.once])])
    when, twin = times(tape, columns), tape.copy()
    moved: dict[int, int] = {}
    places: dict[int, int] = {}
    for index, (primitive, inputs, _, _) in enumerate(tape.instructions):
        if primitive is None or not needed[index]:
            continue
        is_moved = not moved.keys().isdisjoint(inputs)
        if not is_moved and not is_choice(primitive):
            continue
        numbers = [twin.number(moved.get(source, source)) for source in inputs]
        number: Number = None
        if is_choice(primitive):
            place, count = numbers[0], len(numbers) - 1
            places[place.index] = min(count, places.get(place.index, count))
            if when[inputs[0]] != ROW or any(when[source] == ROW for source in inputs[1:]):
                number = where(is_place(place, count), _chosen(place, numbers[1:]), NAN)
        if number is None and is_moved:
            number = twin.append(primitive, numbers)
        if number is not None:
            moved[index] = twin.register(number).index
    valid = in_blocks(multiply, [is_place(Register(twin, index), count) for index, count in places.items()])
    root, once = (None if root is None else moved.get(root, root) for root in (before.root, before.once))
    assert root is not None
    earlier = {index: moved.get(register, register) for index, register in before.moved.items()}
    return Rewritten(twin, root, once, {**moved, **earlier}), Choices(places, valid)


def has_choices(tape: Tape) -> bool:
    """Whether there is a choice on the tape."""
    return any(map(is_choice, {instruction[0] for instruction in tape.instructions}))


def places_of(tape: Tape, roots: Sequence[int]) -> dict[int, int]:
    """{register of an index: how many values are chosen among by it, at the least}."""
    places: dict[int, int] = {}
    if not has_choices(tape):
        return places
    needed = tape.needed(roots)
    for index, (primitive, inputs, _, _) in enumerate(tape.instructions):
        if needed[index] and is_choice(primitive):
            places[inputs[0]] = min(len(inputs) - 1, places.get(inputs[0], len(inputs)))
    return places


def is_choice(primitive: Any) -> bool:
    """Whether a primitive is that of `choose`, for any number of values."""
    return primitive is not None and primitive.selects is not None


def is_place(index: Number, count: int) -> Number:
    """True where an index is a place among `count` values."""
    return where(equal(floor(index), index), where(less(index, 0.0), 0.0, less(index, float(count))), 0.0)


def _chosen(index: Number, values: Sequence[Number]) -> Number:
    """The value at a place: the sum of all, each -0 but at its own place, which changes no number it is added to."""
    return in_blocks(add, [where(equal(index, float(k)), value, -0.0) for k, value in enumerate(values)])


def nan_unless_valid(tape: Tape, register: int, choices: Choices, columns: Sequence[int], in_all_rows: bool) -> int:
    """The register of the same number, or nan where an index is no place: in this row, or in any row."""
    valid = choices.valid
    if valid is None:
        return register
    if in_all_rows and isinstance(valid, Register) and times(tape, columns)[valid.index] == ROW:
        valid = equal(tape.append(SUM_OVER_ROWS, (equal(valid, 0.0),)), 0.0)
    return tape.register(where(valid, tape.number(register), NAN)).index

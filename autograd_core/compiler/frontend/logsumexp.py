"""The logsumexp of a list, computed from all its terms at once: same numbers, far fewer steps.

Step by step is the form that reads best. A machine with vectors is faster with all terms side by side. The gradient is
derived from this form as from any other. It need not hold for infinite numbers: where there are any, the value of the
program is nan, and the rows are computed once more, step by step.

exp(v - logsumexp(..., v, ...)), a probability, is the exponential that the logsumexp has computed, times the inverse of
their sum.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from autograd_core.compiler.frontend.instructions import LARGER, OPAQUE
from autograd_core.engine import primitives
from autograd_core.engine.functions import logsumexp
from autograd_core.engine.primitives import add, equal, exp, log1p
from autograd_core.engine.value import Value
from autograd_core.graph.tape import Tape

ENOUGH = 4  # terms for which the other form is worth it
FEWEST = 2  # terms that are computed so too beside a longer list, as in the first positions of a sequence
_BLOCK = 64  # terms that are added up one after the other, so that a long sum is as exact as a short one


class Rewritten(NamedTuple):
    """A tape with another form of some registers. moved: {register of the old tape: its register here}, where they
    differ."""

    tape: Tape
    root: int
    once: int | None
    moved: dict[int, int]


def terms_of_logsumexp(node: Value) -> tuple[Any, ...] | None:
    """What `logsumexp` was called with, if `node` is its result and it has several terms; else None."""
    scope = node._scope
    if scope.definition is not logsumexp or len(scope.inputs) < FEWEST:
        return None
    last = node._b if node._primitive is primitives.add else None
    is_result = isinstance(last, Value) and last._primitive is primitives.log1p and last._scope is scope
    return scope.inputs if is_result else None


def rewrite_logsumexp(
    tape: Tape, root: int, once: int | None, lists: Mapping[int, Sequence[int]], nan_if_infinite: bool = True
) -> Rewritten:
    """A copy of `tape` with the logsumexp of each of `lists` computed at once.

    The old instructions keep their registers; the other form, and everything that depends on it, is appended.
    nan_if_infinite: make the root nan where the largest number of a list is infinite, whatever else depends on the
    list.
    """
    twin = tape.copy()
    moved: dict[int, int] = {}
    doubts: list[Any] = []
    found: dict[int, Sum] = {}
    for index in range(min(lists, default=0), len(tape.instructions) if lists else 0):
        primitive, inputs = tape.instructions[index][:2]
        number = None
        if index in lists:
            found[index] = logsumexp_at_once([twin.number(moved.get(source, source)) for source in lists[index]])
            number = found[index].logarithm
            doubts.append(found[index].doubt)
        elif primitive is exp and nan_if_infinite and (known := _probability(tape, inputs[0], lists)) is not None:
            which, place = known
            number = found[which].exponentials[place] * found[which].inverse
        elif primitive is not None and not moved.keys().isdisjoint(inputs):
            moved[index] = twin.append_as_it_is(primitive, tuple([moved.get(source, source) for source in inputs]))
        if number is not None:
            moved[index] = twin.register(number).index
    root = moved.get(root, root)
    if doubts and nan_if_infinite:
        root = twin.register(twin.number(root) - in_blocks(add, doubts)).index
    return Rewritten(twin, root, None if once is None else moved.get(once, once), moved)


def _probability(tape: Tape, difference: int, lists: Mapping[int, Sequence[int]]) -> tuple[int, int] | None:
    """(the logsumexp, which of its terms) if a register is one of its terms less it."""
    primitive, inputs = tape.instructions[difference][:2]
    if primitive is not primitives.subtract or inputs[1] not in lists or inputs[0] not in lists[inputs[1]]:
        return None
    return inputs[1], lists[inputs[1]].index(inputs[0])


class Sum(NamedTuple):
    """The logsumexp of a list. exponentials: exp(v - m) for each value v, where m is the largest. inverse: of
    their sum. doubt: 0 if that is right, or nan if m is infinite."""

    logarithm: Any
    exponentials: list[Any]
    inverse: Any
    doubt: Any


def logsumexp_at_once(values: Sequence[Any]) -> Sum:
    """m + log1p(the sum of exp(v - m) over all but one of the largest). m is the largest value. It needs no gradient:
    the result is the same whatever m is."""
    largest = in_blocks(LARGER, values)
    ties = [equal(v, largest) for v in values]
    exponentials = [exp(v - largest) for v in values]
    # The largest, which are 1 each, are left out, and all but one of them added again.
    smaller = in_blocks(add, [OPAQUE(term - tie) for term, tie in zip(exponentials, ties, strict=True)])
    others = smaller + (in_blocks(add, ties) - 1.0)
    return Sum(OPAQUE(largest + log1p(others)), exponentials, 1.0 / (1.0 + others), OPAQUE(largest - largest))


def in_blocks(operation: Callable[[Any, Any], Any], numbers: Sequence[Any]) -> Any:
    """One number for all of them, block by block, each from left to right."""
    left = list(numbers)
    while len(left) > 1:
        left = [functools.reduce(operation, left[start : start + _BLOCK]) for start in range(0, len(left), _BLOCK)]
    return left[0]


def only_if_worth_it(lists: dict[int, list[int]]) -> dict[int, list[int]]:
    """`lists`, or none where all are short."""
    return lists if any(len(terms) >= ENOUGH for terms in lists.values()) else {}

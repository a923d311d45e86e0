"""Compositions computed in another form where all their inputs are taken at once: same numbers, far fewer steps.

Step by step is how a list is best read; a machine that has vectors does better with all terms side by side. The
gradient is derived from this form as from any other. It need not hold for infinite numbers: where there are any the
program's value is nan, at which the rows are computed once more, step by step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autograd_core.compiler.frontend.instructions import LARGER, WHOLE
from autograd_core.engine import primitives
from autograd_core.engine.functions import logsumexp
from autograd_core.engine.primitives import equal, exp, log1p
from autograd_core.engine.value import Value
from autograd_core.graph.tape import Tape

_WORTH_IT = 4  # terms


def terms_of_logsumexp(node: Value) -> tuple[Any, ...] | None:
    """What `logsumexp` was called with, if `node` is its result and it has enough terms; else None."""
    scope = node._scope
    if scope.definition is not logsumexp or len(scope.inputs) < _WORTH_IT:
        return None
    last = node._b if node._primitive is primitives.add else None
    is_result = isinstance(last, Value) and last._primitive is primitives.log1p and last._scope is scope
    return scope.inputs if is_result else None


def lowered(tape: Tape, root: int, lists: Mapping[int, Sequence[int]], doubted: bool = True) -> tuple[Tape, int]:
    """(a copy of `tape` with the logsumexp of `lists` taken at once, the register of `root` on it).

    The instructions stay where they are; what depends on the other form is appended. doubted: the root is nan where the
    largest number of a list is infinite, whatever else is made of the list.
    """
    twin = tape.copy()
    moved: dict[int, int] = {}
    doubts: list[Any] = []
    for index in range(min(lists, default=0), len(tape.instructions) if lists else 0):
        primitive, inputs = tape.instructions[index][:2]
        number = None
        if index in lists:
            number, doubt = logsumexp_at_once([twin.number(moved.get(one, one)) for one in lists[index]])
            doubts.append(doubt)
        elif primitive is not None and not moved.keys().isdisjoint(inputs):
            number = twin.append(primitive, [twin.number(moved.get(one, one)) for one in inputs])
        if number is not None:
            moved[index] = twin.register(number).index
    root = moved.get(root, root)
    return twin, twin.register(twin.number(root) - _added(doubts)).index if doubts and doubted else root


def logsumexp_at_once(values: Sequence[Any]) -> tuple[Any, Any]:
    """(m + log1p(the sum of exp(v - m) over all but one of the largest), with m the largest, through which no gradient
    need flow, since the sum is the same whatever m is; 0 if that is right, nan if m is infinite).
    """
    largest = _largest(values)
    ties = [equal(v, largest) for v in values]
    count = _added(ties)
    terms = [exp(v - largest) for v in values]
    # Of the largest terms, which are 1 each, one is to be left out: each gives up its share.
    others = _added([WHOLE(term - tie / count) for term, tie in zip(terms, ties, strict=True)])
    return WHOLE(largest + log1p(others)), WHOLE(largest - largest)


def _largest(values: Sequence[Any]) -> Any:
    """By rounds, each of which halves the list."""
    left = list(values)
    while len(left) > 1:
        half = len(left) // 2
        left = list(map(LARGER, left[:half], left[half : 2 * half])) + left[2 * half :]
    return left[0]


def _added(terms: Sequence[Any]) -> Any:
    total, *rest = terms
    for term in rest:
        total = total + term
    return total

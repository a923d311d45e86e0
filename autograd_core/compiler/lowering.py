"""Compositions computed in another form where all their inputs are taken at once: same numbers, far fewer steps.

Step by step is how a list is best read; a machine that has vectors does better with all terms side by side. The
gradient is derived from this form as from any other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from autograd_core import primitives
from autograd_core.compiler.tape import Tape
from autograd_core.functions import logsumexp
from autograd_core.primitives import equal, exp, greater, less, log1p, where
from autograd_core.value import CUT, Value

_WORTH_IT = 4  # terms


def terms_of_logsumexp(node: Value) -> tuple[Any, ...] | None:
    """What `logsumexp` was called with, if `node` is its result and it has enough terms; else None."""
    scope = node._scope
    if scope.definition is not logsumexp or len(scope.inputs) < _WORTH_IT:
        return None
    last = node._b if node._primitive is primitives.add else None
    is_result = isinstance(last, Value) and last._primitive is primitives.log1p and last._scope is scope
    return scope.inputs if is_result else None


def lowered(tape: Tape, root: int, lists: Mapping[int, Sequence[int]]) -> tuple[Tape, int]:
    """(a copy of `tape` with the logsumexp of `lists` taken at once, the register of `root` on it).

    The instructions stay where they are; what depends on the other form is appended.
    """
    twin = tape.copy()
    moved: dict[int, int] = {}
    for index in range(min(lists, default=0), len(tape.instructions) if lists else 0):
        primitive, inputs = tape.instructions[index][:2]
        number = None
        if index in lists:
            number = logsumexp_at_once([twin.number(moved.get(one, one)) for one in lists[index]])
        elif primitive is not None and not moved.keys().isdisjoint(inputs):
            number = twin.append(primitive, [twin.number(moved.get(one, one)) for one in inputs])
        if number is not None:
            moved[index] = twin.register(number).index
    return twin, moved.get(root, root)


def logsumexp_at_once(values: Sequence[Any]) -> Any:
    """m + log1p(the sum of exp(v - m) over all but one of the largest), with m the largest, through which no gradient
    need flow: the sum is the same whatever m is.

    The value is that of `functions.logsumexp` always, infinite and nan included; the gradient where the value is
    finite or inf. (Where all values are -inf there is none worth the name: this gives 1 to each, that 1 to the first.)
    """
    largest = CUT(_largest(values))
    finite = less(primitives.abs(largest), math.inf)
    base = where(greater(largest, -math.inf), largest, 0.0)
    ties = [equal(v, largest) for v in values]
    terms = [exp(v - base) for v in values]
    others = _added([where(tie, 0.0, term) for tie, term in zip(ties, terms, strict=True)])
    ones = _added([where(tie, term, 0.0) for tie, term in zip(ties, terms, strict=True)])
    count = _added([where(tie, 1.0, 0.0) for tie in ties])
    infinite = _added([where(tie, v, 0.0) for tie, v in zip(ties, values, strict=True)]) + others
    alone = where(equal(count, 1.0), 1.0, equal(largest, -math.inf))
    # Chosen, so that it is not added up in one sum with `others`, which may be far below its last digit.
    tied = where(finite, ones - 1.0, 0.0)
    return where(finite, largest + log1p(others + tied), infinite + where(alone, 0.0, largest - largest))


def _largest(values: Sequence[Any]) -> Any:
    """By rounds, each of which halves the list."""
    left = list(values)
    while len(left) > 1:
        half = len(left) // 2
        won = [where(greater(b, a), b, a) for a, b in zip(left[:half], left[half : 2 * half], strict=True)]
        left = won + left[2 * half :]
    return left[0]


def _added(terms: Sequence[Any]) -> Any:
    total, *rest = terms
    for term in rest:
        total = total + term
    return total

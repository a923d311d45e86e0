"""The probabilities of a softmax, computed from their scores together: each by itself takes as many steps as there are
scores, together they take no more than one of them.

Eager mode computes each as a function of all scores, since it is drawn so. As in `logsumexp.py`, the form here need not
hold for infinite numbers: where there are any, the value of the program is nan, and the rows are computed once more.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from autograd_core.compiler.frontend.instructions import LARGER
from autograd_core.compiler.frontend.logsumexp import ENOUGH, in_blocks
from autograd_core.compiler.frontend.trace import Trace
from autograd_core.engine.primitives import add, equal, exp, where
from autograd_core.engine.scope import Composition
from autograd_core.graph.tape import Tape

_FORMULA = "exp(v1) / (exp(v1) + exp(v2))"


@functools.cache
def is_probability(definition: Composition) -> bool:
    """Whether a composition is the probability of the first score, by the formula that it is known by."""
    return definition.takes_lists and len(definition.arguments) == 1 and definition.formula(2) == _FORMULA


def join_probabilities(trace: Trace) -> Trace:
    """The trace with the probabilities of the same scores computed together."""
    lists: dict[int, tuple[int, ...]] = {
        index: inputs for index, (definition, inputs) in trace.calls.items() if is_probability(definition)
    }
    if not any(len(scores) >= ENOUGH for scores in lists.values()):
        return trace
    tape = trace.tape
    twin = tape.copy()
    moved: dict[int, int] = {}
    together: dict[tuple[int, ...], dict[int, Any]] = {}
    doubts: list[Any] = []

    def current(index: int) -> int:
        return moved.get(index, index)

    for index in range(min(lists), len(tape.instructions)):
        primitive, inputs = tape.instructions[index][:2]
        if index in lists:
            scores = list(map(current, lists[index]))
            key = tuple(sorted(scores))
            if key not in together:
                numbers, doubt = probabilities_at_once([twin.number(score) for score in key])
                together[key] = dict(zip(key, numbers, strict=True))
                doubts.append(doubt)
            moved[index] = twin.register(together[key][scores[0]]).index
        elif primitive is not None and not moved.keys().isdisjoint(inputs):
            moved[index] = twin.append_as_it_is(primitive, tuple(map(current, inputs)))
    root = twin.register(twin.number(current(trace.root)) - in_blocks(add, doubts)).index
    return replace(
        trace,
        tape=twin,
        root=root,
        once=None if trace.once is None else current(trace.once),
        lists=_needed(twin, root, trace, {current(i): list(map(current, terms)) for i, terms in trace.lists.items()}),
        calls={},
    )


def _needed(twin: Tape, root: int, trace: Trace, lists: dict[int, list[int]]) -> dict[int, list[int]]:
    """The lists whose logsumexp is still needed."""
    needed = twin.needed([root, *([] if trace.once is None else [trace.once])])
    return {index: terms for index, terms in lists.items() if needed[index]}


def probabilities_at_once(scores: Sequence[Any]) -> tuple[list[Any], Any]:
    """(exp(v - m) / the sum of exp(v - m) for each score v, 0 if that is right or nan if the largest, m, is infinite).

    Where one score alone is the largest, its exponential is 1 and the others depend on it: so 1 - 1e-30 has the
    derivative 1e-30, and nothing cancels. Where several are, the result is the same whatever m is, and m needs no
    gradient.
    """
    largest = in_blocks(LARGER, scores)
    ties = [equal(score, largest) for score in scores]
    is_alone = equal(in_blocks(add, ties), 1.0)
    chosen = [where(is_alone, tie, 0.0) for tie in ties]
    origin = where(is_alone, in_blocks(add, [where(c, v, 0.0) for c, v in zip(chosen, scores, strict=True)]), largest)
    terms = [where(c, 1.0, exp(v - origin)) for c, v in zip(chosen, scores, strict=True)]
    total = in_blocks(add, terms)
    return [term / total for term in terms], largest - largest

"""Folds: chains of one operation, each step of which takes one number more, such as a sum from left to right.

A chain of vectors is one instruction for all its steps, so a sum of a hundred terms is no longer to compile and to call
than a sum of four. The order stays as it is written.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field

from autograd_core.compiler.frontend.instructions import LARGER
from autograd_core.compiler.frontend.phases import ROW
from autograd_core.compiler.frontend.sums_of_products import MANY
from autograd_core.compiler.vectorise.dependence import Dependence
from autograd_core.engine import primitives
from autograd_core.engine.primitive import Primitive
from autograd_core.graph.affine.affine_sums import SignedTerm

_EITHER_SIDE = frozenset({primitives.add, primitives.multiply, LARGER})  # the same number with its inputs exchanged
_FOLDED = _EITHER_SIDE | {primitives.maximum, primitives.minimum}


@dataclass(slots=True)
class FoldRow:
    """One fold of an operation over `terms`. extras: none; see `MatrixRow`."""

    primitive: Primitive
    terms: list[int]
    extras: list[SignedTerm] = field(default_factory=list)


def find_folds(dependence: Dependence, known: Container[int]) -> dict[int, FoldRow]:
    """The folds of at least four numbers of the row, by the register of the last step; its inputs are set to them.

    known: registers that are computed in another way.
    """
    instructions, inputs, when = dependence.tape.instructions, dependence.inputs, dependence.when
    members = dependence.members(ROW)
    count = dependence.needed()[1].count
    before: dict[int, int] = {}  # {step of a chain: the step before it, or -1}
    steps: dict[int, int] = {}
    inner: set[int] = set()
    for index in members:
        primitive = instructions[index].primitive
        if primitive not in _FOLDED or index in known or any(when[source] != ROW for source in inputs[index]):
            continue
        left, right = inputs[index]
        sources = (left, right) if primitive in _EITHER_SIDE else (left,)
        chains = [s for s in sources if count[s] == 1 and s in steps and instructions[s].primitive is primitive]
        before[index] = max(chains, key=steps.__getitem__, default=-1)
        steps[index] = 1 + (steps[before[index]] if chains else 0)
        if chains:
            inner.add(before[index])
    folds: dict[int, FoldRow] = {}
    for index, length in steps.items():
        if index in inner or length + 1 < MANY:
            continue
        terms: list[int] = []
        at = index
        while before[at] >= 0:
            left, right = inputs[at]
            terms.append(right if left == before[at] else left)
            at = before[at]
        terms += reversed(inputs[at])
        primitive = instructions[index].primitive
        assert primitive is not None
        folds[index] = FoldRow(primitive, terms[::-1])
    for index, fold in folds.items():
        dependence.rewire(index, fold.terms)
    return folds

"""Instructions as single operations on single places, for straight-line code: values stay in registers, and a copy is
another name for a number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from autograd_core.compiler.backends.llvm.copies import RowPlaces
from autograd_core.compiler.backends.llvm.kernels.elementwise import SumOfProducts
from autograd_core.compiler.vectorise.vector_program import (
    Affine,
    Dot,
    Elementwise,
    File,
    Fold,
    Gather,
    Operand,
    Outer,
    Span,
    Spread,
    Step,
    Total,
    flat,
)
from autograd_core.engine import primitives


class OpenPass(Protocol):
    """The pass that the operations go to: `fusion.Fusion`. A source is a number for an input or a result."""

    def source(self, operand: Operand | RowPlaces) -> int: ...
    def operation(self, primitive: Any, sources: Sequence[int]) -> int: ...
    def give(self, place: tuple[File, int, int], primitive: Any, sources: Sequence[int]) -> None: ...
    def add_up(self, place: int, source: int) -> None: ...


def length(step: Step) -> int:
    """How many single operations an instruction is; 0 for one that cannot be split."""
    if isinstance(step, Elementwise):
        return step.out.size
    if isinstance(step, Outer):
        return step.turns * step.left.size * step.right.size
    if isinstance(step, Total):
        return 0 if step.compensated else step.turns * len(step.sums)
    if isinstance(step, Affine) and step.out.file is File.ROWS:
        return step.turns * sum(len(matrix) * len(matrix[0]) for matrix, _ in step.terms)
    if isinstance(step, Dot):
        return len(flat(step.left))
    if isinstance(step, Fold):
        return len(flat(step.places))
    return step.out.size if isinstance(step, (Gather, Spread)) else 0


def split(step: Step, into: OpenPass) -> None:
    """Append the operations of an instruction to a pass."""
    if isinstance(step, Elementwise):
        for i in range(step.out.size):
            sources = [into.source(_element(operand, i)) for operand in step.operands]
            into.give((step.out.file, step.out.start + i, 1), step.primitive, sources)
    elif isinstance(step, Gather):
        for i, place in enumerate(step.places):
            source = into.source(Span(step.out.file, int(place), 1))
            into.give((step.out.file, step.out.start + i, 1), None, [source])
    elif isinstance(step, Spread):
        for i in range(step.out.size):
            into.give((File.ROWS, step.out.start + i, 1), None, [into.source(_element(step.places, i))])
    elif isinstance(step, Affine):
        _split_affine(step, into)
    elif isinstance(step, Dot):
        for i, (left, right) in enumerate(zip(step.left, step.right, strict=True)):
            factors = [_row(into, place) for pair in zip(left, right, strict=True) for place in pair]
            into.give((File.ROWS, step.out.start + i, 1), SumOfProducts(False, step.minus[i]), factors)
    elif isinstance(step, Fold):
        for i, places in enumerate(step.places):
            total = _fold(into, step.primitive, [_row(into, place) for place in places])
            into.give((File.ROWS, step.out.start + i, 1), None, [total])
    elif isinstance(step, Outer):
        _split_outer(step, into)
    elif isinstance(step, Total):
        for i, place in enumerate(step.sums):
            terms = [_row(into, step.operand.start + turn * step.apart + i) for turn in range(step.turns)]
            into.add_up(place, into.operation(None, [_fold(into, primitives.add, terms)]))


def _split_affine(step: Affine, into: OpenPass) -> None:
    height = step.out.size // step.turns
    for number in range(step.out.size):
        turn, i = divmod(number, height)
        sources = [] if step.bias is None else [into.source((step.bias[number % len(step.bias)],))]
        for term, (matrix, operand) in enumerate(step.terms):
            assert isinstance(operand, Span)
            first = operand.start + (turn * step.apart[term] if turn else 0)
            for j, place in enumerate(matrix[i]):
                sources += [into.source((place,)), _row(into, first + j)]
        products = primitives.multiply if len(sources) == 2 else SumOfProducts(step.bias is not None)
        into.give((File.ROWS, step.out.start + number, 1), products, sources)


def _split_outer(step: Outer, into: OpenPass) -> None:
    for i, row in enumerate(step.sums):
        for j, place in enumerate(row):
            factors = []
            for turn in range(step.turns):
                factors.append(_row(into, step.left.start + turn * step.apart[0] + i))
                factors.append(_row(into, step.right.start + turn * step.apart[1] + j))
            into.add_up(place, into.operation(SumOfProducts(False), factors))


def _fold(into: OpenPass, primitive: Any, sources: Sequence[int]) -> int:
    total, *others = sources
    for other in others:
        total = into.operation(primitive, [total, other])
    return total


def _row(into: OpenPass, place: int) -> int:
    return into.source(Span(File.ROWS, int(place), 1))


def _element(operand: Operand | RowPlaces, i: int) -> Operand:
    if isinstance(operand, RowPlaces):
        return Span(File.ROWS, operand.places[i], 1)
    if isinstance(operand, Span):
        return operand if operand.size == 1 else Span(operand.file, operand.start + i, 1)
    return operand if len(operand) == 1 else operand[i : i + 1]

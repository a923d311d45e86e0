"""The vectorised program: what a tape computes, in a few instructions on whole vectors. Plain data, for any backend.

Numbers are stored in three files. A file is a numbered row of places; each place is written once in a run, before it is
read.

- ONCE: one number for all rows. First the numbers given at each call (`given`: parameters, number of rows, its
  inverse). Then, in any order, `constants`, what `before` computes from them, the sums over the rows that `body`
  computes (`sums`), and what `after` computes from the sums.
- ROWS: one number for each row of the data. The row itself is in `columns`, one span for each argument. The places
  in `ones` always hold 1. Each of them directly follows a vector that goes into an `Affine` with a bias, so that a
  backend can join matrix and bias, and their gradients.
- CONDITIONS: for each row, whether a comparison holds. Only the first operand of `where` reads it.

A run fills ONCE, then does `before`, then `body` for each block of rows, then `after`. A backend may choose the size of
the blocks; it adds up the sums of the blocks in order. Within a list, an instruction reads only results of those above.

An operand is a `Span` of neighbouring places in ROWS or CONDITIONS, or an array of places in ONCE, which need not be
neighbours; a backend can look for strides in it. An operand with one place goes with every element.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from autograd_core.engine.primitive import Primitive

Places = npt.NDArray[np.int64]


class File(StrEnum):
    """The file of a number."""

    ONCE = "once"
    ROWS = "rows"
    CONDITIONS = "conditions"


class Span(NamedTuple):
    """`size` neighbouring places from `start` on."""

    file: File
    start: int
    size: int

    @property
    def stop(self) -> int:
        """The place after the last."""
        return self.start + self.size


Operand = Span | Places


@dataclass(slots=True, eq=False)
class Elementwise:
    """out[i] = primitive(operand 1 [i], ...). registers: those of the tape, one for each element, as in all steps."""

    out: Span
    primitive: Primitive
    operands: tuple[Operand, ...]
    registers: tuple[int, ...]


@dataclass(slots=True, eq=False)
class Affine:
    """out = sum over the terms of matrix @ operand, plus the bias.

    terms: pairs of a matrix, places in ONCE of shape (out.size, size of the operand), and an operand of that size.
    bias: places in ONCE, one for each element of out, or None.
    """

    out: Span
    terms: tuple[tuple[Places, Operand], ...]
    bias: Places | None
    registers: tuple[int, ...]


@dataclass(slots=True, eq=False)
class Gather:
    """out[i] = the number at places[i] of the same file; in ROWS or CONDITIONS."""

    out: Span
    places: Places
    registers: tuple[int, ...]


@dataclass(slots=True, eq=False)
class Spread:
    """out[i] = the number at places[i] of ONCE, in every row."""

    out: Span
    places: Places
    registers: tuple[int, ...]


@dataclass(slots=True, eq=False)
class Outer:
    """sums[i, j] = sum over the rows of left[i] * right[j]: the matrix left right^T. sums: places in ONCE."""

    sums: Places
    left: Span
    right: Span
    registers: tuple[int, ...]


@dataclass(slots=True, eq=False)
class Total:
    """sums[i] = sum over the rows of operand[i]. sums: places in ONCE. compensated: as good as rounded once."""

    sums: Places
    operand: Span
    registers: tuple[int, ...]
    compensated: bool = False


Step = Elementwise | Affine | Gather | Spread | Outer | Total


def operands_of(step: Step) -> Sequence[Operand]:
    """The operands of an instruction of any kind, matrices as flat arrays of places."""
    if isinstance(step, Elementwise):
        return step.operands
    if isinstance(step, Affine):
        operands = [part.ravel() if not isinstance(part, Span) else part for term in step.terms for part in term]
        return operands if step.bias is None else [*operands, step.bias]
    if isinstance(step, Gather):
        return [Span(step.out.file, place, 1) for place in step.places.tolist()]
    if isinstance(step, Spread):
        return [step.places]
    return [step.left, step.right] if isinstance(step, Outer) else [step.operand]


@dataclass(slots=True)
class VectorProgram:
    """See the top of this file. once, rows, conditions: the number of places in each file.

    given: the register of each number filled at a call; it has the same place in ONCE. constants: {place in ONCE:
    number}. values: the places in ONCE of the results that are the same for all rows. by_row: the places in ROWS of the
    results that are not. Both are in the order they were asked for. sums: the places in ONCE of the sums over the rows.
    """

    given: list[int]
    columns: list[Span]
    ones: list[int] = field(default_factory=list)
    constants: dict[int, float] = field(default_factory=dict)
    once: int = 0
    rows: int = 0
    conditions: int = 0
    before: list[Step] = field(default_factory=list)
    body: list[Step] = field(default_factory=list)
    after: list[Step] = field(default_factory=list)
    sums: Span = field(default_factory=lambda: Span(File.ONCE, 0, 0))
    values: Places = field(default_factory=lambda: np.empty(0, np.int64))
    by_row: Places = field(default_factory=lambda: np.empty(0, np.int64))

    def steps(self) -> list[Step]:
        """All instructions in the order of a run."""
        return [*self.before, *self.body, *self.after]

    def __str__(self) -> str:
        return "\n".join(
            f"{name}:\n" + "\n".join(f"  {_step_text(step)}" for step in steps)
            for name, steps in (("before", self.before), ("body", self.body), ("after", self.after))
            if steps
        )


def _step_text(step: Step) -> str:
    """One instruction as a line of text."""
    if isinstance(step, Elementwise):
        operands = ", ".join(map(_operand_text, step.operands))
        return f"{_operand_text(step.out)} = {step.primitive.name}({operands})"
    if isinstance(step, Affine):
        terms = [f"{_matrix_text(matrix)} @ {_operand_text(operand)}" for matrix, operand in step.terms]
        return f"{_operand_text(step.out)} = {' + '.join(terms)}" + (
            "" if step.bias is None else f" + {_operand_text(step.bias)}"
        )
    if isinstance(step, Gather):
        return f"{_operand_text(step.out)} = {step.out.file.value}{_places_text(step.places)}"
    if isinstance(step, Spread):
        return f"{_operand_text(step.out)} = {_operand_text(step.places)} in every row"
    if isinstance(step, Outer):
        return f"{_matrix_text(step.sums)} = sum over rows of {_operand_text(step.left)} x {_operand_text(step.right)}"
    return f"{_operand_text(step.sums)} = sum over rows of {_operand_text(step.operand)}"


def _operand_text(operand: Operand) -> str:
    if isinstance(operand, Span):
        return f"{operand.file.value}[{operand.start}:{operand.stop}]"
    return f"once{_places_text(operand)}"


def _places_text(places: Places) -> str:
    if len(places) > 1 and (np.diff(places) == 1).all():
        return f"[{places[0]}:{places[-1] + 1}]"
    shown = ", ".join(map(str, places[:6]))
    return f"[{shown}{', ...' if len(places) > 6 else ''}]"


def _matrix_text(places: Places) -> str:
    return f"once[{places.shape[0]}x{places.shape[1]} from {places.flat[0]}]"

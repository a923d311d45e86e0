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

An operand is a `Span` of neighbouring places in ROWS or CONDITIONS, or a list of places in ONCE, which need not be
neighbours; a backend can look for strides in it. An operand with one place goes with every element.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from typing import Any, NamedTuple

from autograd_core.engine.primitive import Primitive

# A tuple of places; for a matrix a tuple of its rows. A backend may put arrays of its own in their stead.
Places = Any


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
    """out = sum over the terms of matrix @ operand, plus the bias; or that for each of several turns, one after the
    other.

    terms: pairs of a matrix, places in ONCE of shape (size of out in one turn, size of the operand), and an operand of
    that size, that of the first turn. apart: for each term the distance of the operand from turn to turn. bias: places
    in ONCE, one for each element of out, or of out in one turn where all turns have the same; or None. Several turns
    are in ROWS alone.
    """

    out: Span
    terms: tuple[tuple[Places, Operand], ...]
    bias: Places | None
    registers: tuple[int, ...]
    turns: int = 1
    apart: tuple[int, ...] = ()


@dataclass(slots=True, eq=False)
class Dot:
    """out[i] = sum over j of left[i][j] * right[i][j], less the last `minus[i]` of these products: numbers of the row
    times numbers of the row. left, right: places in ROWS."""

    out: Span
    left: Places
    right: Places
    minus: tuple[int, ...]
    registers: tuple[int, ...]


@dataclass(slots=True, eq=False)
class Fold:
    """out[i] = primitive(... primitive(primitive(a, b), c) ...) of the numbers a, b, c ... at places[i] of ROWS: a sum
    from left to right."""

    out: Span
    primitive: Primitive
    places: Places
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
    """sums[i, j] = sum over the rows, and over the turns, of left[i] * right[j]: the matrix left right^T.

    sums: places in ONCE. left, right: of the first turn. apart: their distances from turn to turn.
    """

    sums: Places
    left: Span
    right: Span
    registers: tuple[int, ...]
    turns: int = 1
    apart: tuple[int, int] = (0, 0)


@dataclass(slots=True, eq=False)
class Total:
    """sums[i] = sum over the rows, and over the turns, of operand[i]. sums: places in ONCE. compensated: as good as
    rounded once. operand: of the first turn. apart: its distance from turn to turn."""

    sums: Places
    operand: Span
    registers: tuple[int, ...]
    compensated: bool = False
    turns: int = 1
    apart: int = 0


@dataclass(slots=True, eq=False)
class Choose:
    """out[i] = the number at tables[i][index[i]] of ONCE; nan where the index is no place in the table.

    index: one number for each element, or one for all. tables: for each element the places it chooses among.
    """

    out: Span
    index: Span
    tables: tuple[Places, ...]
    registers: tuple[int, ...]


@dataclass(slots=True, eq=False)
class ScatterAdd:
    """sums[k, j] = sum over the terms, and the rows in which the index of the term is k, of its operand [j]. The last
    values of a table may have no row here: constants receive no gradient.

    sums: a matrix of places in ONCE. terms: pairs of an index, one number, and an operand.
    """

    sums: Places
    terms: tuple[tuple[Span, Span], ...]
    registers: tuple[int, ...]


def flat(matrix: Places) -> Places:
    """The places of a matrix, row by row."""
    return tuple(chain.from_iterable(matrix))


Step = Elementwise | Affine | Dot | Fold | Gather | Spread | Outer | Total | Choose | ScatterAdd


def are_neighbours(places: Sequence[int]) -> bool:
    """Whether each place is followed by the next."""
    first = places[0]
    return list(places) == list(range(first, first + len(places)))


def over_turns(first: Span, turns: int, apart: int) -> Span:
    """The places from the first to the last turn of an operand."""
    all_turns = apart * (turns - 1)
    return Span(first.file, first.start + min(0, all_turns), first.size + abs(all_turns))


def operands_of(step: Step) -> Sequence[Operand]:
    """The operands of an instruction of any kind, matrices as flat arrays of places."""
    if isinstance(step, Elementwise):
        return step.operands
    if isinstance(step, Affine):
        operands = []
        for i, (matrix, operand) in enumerate(step.terms):
            operands += [flat(matrix), operand if step.turns == 1 else over_turns(operand, step.turns, step.apart[i])]
        return operands if step.bias is None else [*operands, step.bias]
    if isinstance(step, Gather):
        return [Span(step.out.file, place, 1) for place in step.places]
    if isinstance(step, Spread):
        return [step.places]
    if isinstance(step, Choose):
        return [step.index, *dict.fromkeys(step.tables)]
    if isinstance(step, ScatterAdd):
        return [part for term in step.terms for part in term]
    if isinstance(step, (Dot, Fold)):
        places = flat(step.places) if isinstance(step, Fold) else flat(step.left) + flat(step.right)
        return [Span(File.ROWS, place, 1) for place in dict.fromkeys(places)]
    if isinstance(step, Outer):
        return [
            over_turns(side, step.turns, apart) for side, apart in zip((step.left, step.right), step.apart, strict=True)
        ]
    return [over_turns(step.operand, step.turns, step.apart)]


@dataclass(slots=True)
class VectorProgram:
    """See the top of this file. once, rows, conditions: the number of places in each file.

    given: the register of each number filled at a call; it has the same place in ONCE. constants: {place in ONCE:
    number}. values: the places in ONCE of the results that are the same for all rows. by_row: the places in ROWS of the
    results that are not. Both are in the order they were asked for. sums: the places in ONCE of the sums over the rows.
    name: that it is stored under on disk, "" for none.
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
    values: Places = ()
    by_row: Places = ()
    name: str = ""

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
        bias = "" if step.bias is None else f" + {_operand_text(step.bias)}"
        return f"{_operand_text(step.out)} = {' + '.join(terms)}{bias}{_turns_text(step.turns)}"
    if isinstance(step, Dot):
        return f"{_operand_text(step.out)} = {step.out.size} sums of {len(flat(step.left))} products"
    if isinstance(step, Fold):
        text = f"{step.out.size} folds of {len(flat(step.places))} numbers"
        return f"{_operand_text(step.out)} = {step.primitive.name}: {text}"
    if isinstance(step, Gather):
        return f"{_operand_text(step.out)} = {step.out.file.value}{_places_text(step.places)}"
    if isinstance(step, Spread):
        return f"{_operand_text(step.out)} = {_operand_text(step.places)} in every row"
    if isinstance(step, Choose):
        table = f"once[{len(step.tables[0])}x{len(step.tables)} from {step.tables[0][0]}]"
        return f"{_operand_text(step.out)} = {table}[{_operand_text(step.index)}]"
    if isinstance(step, ScatterAdd):
        added = ", ".join(f"{_operand_text(operand)} at {_operand_text(index)}" for index, operand in step.terms)
        return f"{_matrix_text(step.sums)} = sum over rows of {added}"
    if isinstance(step, Outer):
        product = f"{_operand_text(step.left)} x {_operand_text(step.right)}"
        return f"{_matrix_text(step.sums)} = sum over rows of {product}{_turns_text(step.turns)}"
    return f"{_operand_text(step.sums)} = sum over rows of {_operand_text(step.operand)}{_turns_text(step.turns)}"


def _turns_text(turns: int) -> str:
    return "" if turns == 1 else f", {turns} turns"


def _operand_text(operand: Operand) -> str:
    if isinstance(operand, Span):
        return f"{operand.file.value}[{operand.start}:{operand.stop}]"
    return f"once{_places_text(operand)}"


def _places_text(places: Places) -> str:
    if len(places) > 1 and are_neighbours(places):
        return f"[{places[0]}:{places[-1] + 1}]"
    shown = ", ".join(map(str, places[:6]))
    return f"[{shown}{', ...' if len(places) > 6 else ''}]"


def _matrix_text(places: Places) -> str:
    return f"once[{len(places)}x{len(places[0])} from {places[0][0]}]"

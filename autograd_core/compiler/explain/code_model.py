"""Code that is not yet of a language, for `Program.source`: assignments of expressions to variables.

A variable is one number or a vector of them, for each row or once. An operand names the elements of variables that it
consists of. What a line computes is an expression of operations on operands; the description gives the formula.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Variable:
    """name: an identifier. shape: () for a number, (n,) or (n, m). by_row: whether each row has its own."""

    name: str
    shape: tuple[int, ...]
    by_row: bool


Element = tuple[Variable, int] | float  # a number of a variable, by its place row by row; or a constant


@dataclass(frozen=True, slots=True)
class Elements:
    """An operand of one element, or of one for each element of the result."""

    items: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Application:
    """A primitive or a helper function, by its name, on expressions."""

    name: str
    operands: tuple[Any, ...]  # Elements, Application or float


@dataclass(frozen=True, slots=True)
class MatrixProduct:
    """Sums of products of matrices and vectors, plus a bias: W x + b."""

    terms: tuple[tuple[Elements, tuple[int, int], Elements], ...]  # the matrix row by row, its shape, the vector
    bias: Elements | None


@dataclass(frozen=True, slots=True)
class SumOverRows:
    """The sum over the rows of left right^T, or of left alone."""

    left: Elements
    right: Elements | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """variable = value. formula: the same as the description writes it."""

    variable: Variable
    value: Any
    formula: str


@dataclass(frozen=True, slots=True)
class Helper:
    """A function of numbers: its formula, its lines, its result."""

    name: str
    arguments: tuple[str, ...]
    formula: str
    lines: tuple[tuple[str, Any], ...]
    result: Any


@dataclass(slots=True)
class CodeLines:
    """A program as assignments: before the rows, for each row, after the rows. columns: the arguments. parameters: each
    with the places in theta of its numbers. results: the loss, and its gradient in the order of theta."""

    columns: list[Variable]
    parameters: list[tuple[Variable, tuple[int, ...]]] = field(default_factory=list)
    helpers: dict[str, Helper] = field(default_factory=dict)
    before: list[Assignment] = field(default_factory=list)
    body: list[Assignment] = field(default_factory=list)
    after: list[Assignment] = field(default_factory=list)
    loss: Elements = Elements(())
    gradient: Elements = Elements(())


def variables_in(value: Any) -> Iterator[Variable]:
    """The variables that an expression reads."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Elements):
            yield from (item[0] for item in part.items if isinstance(item, tuple))
        elif isinstance(part, Application):
            waiting += part.operands
        elif isinstance(part, MatrixProduct):
            waiting += [each for matrix, _, vector in part.terms for each in (matrix, vector)] + [part.bias]
        elif isinstance(part, SumOverRows):
            waiting += [part.left, part.right]

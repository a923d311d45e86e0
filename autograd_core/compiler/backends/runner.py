"""A backend makes a runner from a vector program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy.typing as npt

from autograd_core.compiler.backends.rows import Argument
from autograd_core.compiler.vectorise.vector_program import VectorProgram
from autograd_core.engine.value import Value

Array = npt.NDArray[Any]


class Results(NamedTuple):
    """The numbers of one run: `values`, the same for all rows, and `by_row`, an array with one line for each result.

    finite: whether `values` are known to be finite; False where the backend does not check.
    """

    values: Array
    by_row: Array
    finite: bool


@dataclass(frozen=True, slots=True)
class OptimiserStep:
    """A step of an optimiser as a program, whose rows are the parameters.

    given: the numbers the program reads, in float64: first the state that all parameters share, then the
    learning rate. columns: the parameters, then the state of each. The program reads them with the gradient as the
    second column. Its values replace the shared state, and its results by row replace the columns.
    """

    program: VectorProgram
    given: Array
    columns: list[Array]


class Entry(Protocol):
    """A faster way to call a program. Each method returns None for data it does not take."""

    def value_and_grad(self, data: tuple[Any, ...], parameters: Any) -> tuple[float, Array] | None:
        """(the reduced value, its gradients)."""

    def step(self, data: tuple[Any, ...], parameters: Any, learning_rate: Any) -> Array | None:
        """The reduced value in an array of one element, after a step of plain SGD on an array of parameters."""

    def values(self, data: tuple[Any, ...]) -> Array | None:
        """The value for each row."""


class Runner(Protocol):
    """A `VectorProgram` that can be run, by one thread at a time."""

    def run(self, given: Array, data: Sequence[Array], count: int) -> Results:
        """The results for the numbers `given` and `count` rows of data: arrays of shape (count, columns), which
        together have the columns of the program."""

    def train_steps(
        self, given: Array, data: Sequence[Array], count: int, update: OptimiserStep, steps: int, batch: int, start: int
    ) -> tuple[Array, int, int]:
        """(the value before each step, the number of steps done, the next row): as many of the `steps` as the backend
        does by itself, on batches of rows from row `start` on. It stops at the first step whose value or gradient is
        not finite. The columns and the shared state of `update` are changed."""

    def entry(
        self,
        read: Sequence[Value],
        own: int,
        arguments: Sequence[Argument],
        plain_sgd_step: Callable[[], OptimiserStep],
    ) -> Entry | None:
        """A faster way to call a program that reads these Values, of which the first `own` receive gradients; None
        where the backend has none. plain_sgd_step: makes the step of SGD without momentum."""
        return None

"""`SequenceProgram`: a function of sequences recorded once, to be run on sequences of any length up to the example's.

A program runs sequences of unequal length at the length of the longest, with weights 0 behind the others. Programs of
half that length, of a quarter and so on save work, but making one takes as long as some thousands of rows: each is made
once it would have served so many.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from autograd_core.compiler.frontend.sequences import SequenceTrace
from autograd_core.compiler.program import Program
from autograd_core.compiler.run.training import require_counts
from autograd_core.engine.nested import Nested, as_lists
from autograd_core.engine.value import Value

ROWS_WORTH_A_PROGRAM = 10_000


class SequenceProgram:
    """A compiled function of sequences. `autograd_core.compile_sequences` makes it.

    The value of a row is the mean of the function's numbers over the positions of that row; the reduced value is the
    mean or the sum of the values of the rows. Data is one list of sequences for each argument. Raises ValueError for a
    row whose arguments differ in length, that is empty, or longer than the example. parameters, backend: as those of
    `Program`. longest: the length of the example.
    """

    def __init__(
        self,
        sequences: SequenceTrace,
        name: str,
        names: Sequence[str],
        example: Sequence[Nested],
        backend: str,
        dtype: str,
        reduce: str,
        devices: int = 1,
    ) -> None:
        self._sequences, self._names, self._example = sequences, list(names), example
        self._about = backend, dtype, reduce, 1, devices
        self.name, self.longest = name, len(sequences.totals)
        whole = self._make(self.longest)
        self._programs = {self.longest: whole}
        self._rows: dict[int, int] = {}  # that each shorter program would have served, the shortest first
        length = self.longest
        while length > 3:
            length = -(-length // 2)
            self._rows = {length: 0, **self._rows}
        self.parameters: list[Value] = whole.parameters
        self.backend = whole.backend

    def __call__(self, *data: Any) -> Any:
        """The value of each row, as an array."""
        rows, lengths = self._laid_out(data)
        program, length = self._program_for(lengths)
        return program(*_cut(rows, length))

    def value_and_grad(self, *data: Any, parameters: Any = None) -> tuple[float, Any]:
        """(the reduced value, its gradients in the order of `parameters`); see `Program.value_and_grad`."""
        rows, lengths = self._laid_out(data)
        program, length = self._program_for(lengths)
        value, gradients = program.value_and_grad(*_cut(rows, length), parameters=parameters)
        return value, gradients

    def backward(self, *data: Any) -> float:
        """Add the gradients to the `.grad` of the parameters; returns the reduced value."""
        rows, lengths = self._laid_out(data)
        program, length = self._program_for(lengths)
        return program.backward(*_cut(rows, length))

    def train(
        self,
        *data: Any,
        steps: int,
        batch_size: int | None = None,
        start: int = 0,
        state: dict[str, Any] | None = None,
        **named: Any,
    ) -> Any:
        """Do `steps` steps of gradient descent on the parameters; returns the value before each step, as an array.

        The next step takes the next rows, `batch_size` of them or what is left; see `Program.train` for this and for
        all other arguments.
        """
        require_counts(steps, batch_size, start)
        rows, lengths = self._laid_out(data)
        named |= {"batch_size": batch_size, "state": {} if state is None else state}
        batches = self._batches(lengths, steps, len(lengths) if batch_size is None else batch_size, start)
        used = {length for length, _, _ in batches} or {self.longest}
        if len(used) == 1:
            (length,) = used
            return self._programs[length].train(*_cut(rows, length), steps=steps, start=start, **named)
        losses = []
        for length, begin, stop, count in _runs(batches):
            part = [argument[begin:stop] for argument in _cut(rows, length)]
            losses.append(self._programs[length].train(*part, steps=count, **named))
            named["state"]["row"] = stop % len(lengths)
        return np.concatenate(losses)

    def explain(self) -> str:
        """The program for the longest sequences in vectors and matrices; see `Program.explain`."""
        return self._programs[self.longest].explain()

    def __repr__(self) -> str:
        return f"<SequenceProgram of {self.name}: up to {self.longest} entries, {len(self.parameters)} parameters>"

    def _batches(self, lengths: Sequence[int], steps: int, size: int, start: int) -> list[tuple[int, int, int]]:
        """For each step the length of the program that makes it, its first row, and the row behind its last."""
        batches: list[tuple[int, int, int]] = []
        for _ in range(steps if start < len(lengths) else 0):
            stop = min(start + size, len(lengths))
            batches.append((self._length_for(max(lengths[start:stop]), stop - start), start, stop))
            start = stop % len(lengths)
        return batches

    def _length_for(self, longest: int, rows: int) -> int:
        """The length of the program for some rows, the longest of which is given. A program that was worth making by
        now is made."""
        for length, served in self._rows.items():
            if length >= longest:
                self._rows[length] = served + rows
                if length not in self._programs and served + rows >= ROWS_WORTH_A_PROGRAM:
                    self._programs[length] = self._make(length)
                if length in self._programs:
                    return length
        return self.longest

    def _program_for(self, lengths: Sequence[int]) -> tuple[Program, int]:
        length = self._length_for(max(lengths, default=1), len(lengths))
        return self._programs[length], length

    def _make(self, length: int) -> Program:
        example = [*(argument[:length] for argument in self._example), [1.0] * length]
        return Program(self._sequences.at(length), self.name, self._names, example, *self._about)

    def _laid_out(self, data: Sequence[Any]) -> tuple[list[list[Any]], list[int]]:
        """(the arguments, each row as long as the longest sequences, with the weights last; the length of each row)."""
        if len(data) != len(self._example):
            names = ", ".join(self._names[:-1])
            raise ValueError(f"{self.name} takes {names}: one list of sequences for each, got {len(data)} of them.")
        arguments = [as_lists(argument) for argument in data]
        for name, argument in zip(self._names, arguments, strict=False):
            if not (isinstance(argument, list) and all(isinstance(row, list) for row in argument)):
                raise TypeError(f"{name} is a list of sequences, one for each row, such as [[1, 2], [3]].")
        lengths = [len(row) for row in arguments[0]]
        for name, argument in zip(self._names, arguments, strict=False):
            if len(argument) != len(lengths):
                raise ValueError(f"{self._names[0]} has {len(lengths)} rows, {name} has {len(argument)}.")
            for number, (row, length) in enumerate(zip(argument, lengths, strict=True)):
                if len(row) != length:
                    first = self._names[0]
                    raise ValueError(f"row {number} has {length} entries in {first} and {len(row)} in {name}.")
                if not 1 <= length <= self.longest:
                    raise ValueError(
                        f"row {number} has {length} entries, but this program takes 1 to {self.longest}, as many as "
                        "its example has. Leave the row out, cut it, or compile with a longer example."
                    )
        weights = [[1.0 / length] * length + [0.0] * (self.longest - length) for length in lengths]
        # An entry that the function has seen, so that it does not meet a number it cannot compute with.
        rows = [[row + row[-1:] * (self.longest - len(row)) for row in argument] for argument in arguments]
        return [*rows, weights], lengths


def _cut(arguments: Sequence[list[Any]], length: int) -> list[list[Any]]:
    return [[row[:length] for row in argument] for argument in arguments]


def _runs(batches: Sequence[tuple[int, int, int]]) -> Iterator[tuple[int, int, int, int]]:
    """(length, first row, row behind the last, steps) of successive batches of one program and of successive rows."""
    length, begin, stop = batches[0]
    count = 0
    for own, first, last in batches:
        if count and (own, first) != (length, stop):
            yield length, begin, stop, count
            length, begin, count = own, first, 0
        stop, count = last, count + 1
    yield length, begin, stop, count

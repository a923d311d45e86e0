"""The instructions of a vectorised program as calls of NumPy, bound to their arrays."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from autograd_core.compiler.backends.numpy import operations
from autograd_core.compiler.backends.numpy.operations import Action
from autograd_core.compiler.backends.numpy.views import strided_view
from autograd_core.compiler.vectorise.vector_program import (
    Affine,
    Choose,
    Dot,
    Elementwise,
    File,
    Fold,
    Gather,
    Operand,
    Outer,
    Places,
    ScatterAdd,
    Span,
    Spread,
    Step,
    Total,
    VectorProgram,
)
from autograd_core.engine import primitives

Array = npt.NDArray[Any]


class BlockFiles(NamedTuple):
    """ROWS and CONDITIONS for a block of rows, and {first place: array} of the arguments with an array of their own:
    of shape (places, rows) too, but row by row in memory, as data come."""

    rows: Array
    masks: Array
    arguments: dict[int, Array]


class Actions:
    """Makes the calls for the instructions of a program. once: the array of ONCE.

    prepare: the calls that gather numbers of ONCE for the rows. They come after those before the rows.
    """

    def __init__(self, program: VectorProgram, once: Array) -> None:
        self.prepare: list[Action] = []
        self._constants = program.constants
        self._once = once
        self._integer = np.dtype(f"int{8 * once.itemsize}")
        self._gathered: dict[Any, Array] = {}
        # Masks are set where `where` mostly has a number that is not 0: relu is where(x <= 0, 0, x).
        choices = [
            step for step in program.body if isinstance(step, Elementwise) and step.primitive is primitives.where
        ]
        first, second = (sum(self._is_zero(step.operands[number]) for step in choices) for number in (1, 2))
        self._inverted = first > second

    def over_rows(self, steps: Sequence[Step], files: BlockFiles) -> list[Action]:
        """The calls for a block of rows."""
        return [self._action(step, files) for step in steps]

    def outside_rows(self, steps: Sequence[Step]) -> list[Action]:
        """The calls before or after the rows. What they gather from ONCE is gathered just before its use."""
        actions: list[Action] = []
        prepare, self.prepare, gathered = self.prepare, actions, self._gathered
        for step in steps:
            self._gathered = {}
            actions.append(self._action(step, None))
        self.prepare, self._gathered = prepare, gathered
        return actions

    def _action(self, step: Step, files: BlockFiles | None) -> Action:
        """The call that does one instruction. files: None before and after the rows."""
        if isinstance(step, Elementwise):
            return self._elementwise(step, files)
        if isinstance(step, Affine):
            return self._affine(step, files)
        assert files is not None
        if isinstance(step, Dot):
            return self._dot(step, files)
        if isinstance(step, Fold):
            return self._fold(step, files)
        if isinstance(step, Gather):
            source = files.rows if step.out.file is File.ROWS else files.masks
            out = source[step.out.start : step.out.stop]
            return functools.partial(source.take, np.array(step.places), axis=0, out=out, mode="clip")
        if isinstance(step, Spread):
            column = self._read_once(step.places, True)
            return functools.partial(np.copyto, files.rows[step.out.start : step.out.stop], column)
        if isinstance(step, Outer) and step.turns > 1:
            assert files is not None
            left, right = (
                self._over_turns(side, step.turns, apart, files)
                for side, apart in zip((step.left, step.right), step.apart, strict=True)
            )
            return functools.partial(operations.outer_over_turns, left, right, self._once, np.array(step.sums))
        if isinstance(step, Outer):
            left, right = self._read(step.left, files), self._read(step.right, files)
            sums = np.array(step.sums)
            view = strided_view(self._once, sums)
            if view is not None and view.flags.c_contiguous:
                return functools.partial(operations.product_of(left), left, right.T, out=view)
            product = np.empty(sums.shape, self._once.dtype)
            if view is not None:
                return functools.partial(operations.outer_to_view, left, right.T, product, view)
            return functools.partial(operations.outer_to_places, left, right.T, product, self._once, sums)
        if isinstance(step, Choose):
            tables = list(dict.fromkeys(step.tables))
            columns = np.array([[tables.index(table)] for table in step.tables])
            rows = np.array(tables).T
            index, out = self._read(step.index, files), self.view(step.out, files)
            return functools.partial(operations.choose, self._once, rows, columns, index, out)
        if isinstance(step, ScatterAdd):
            terms = [(self._read(index, files)[0], self._read(operand, files)) for index, operand in step.terms]
            return functools.partial(operations.scatter_add, terms, self._once, np.array(step.sums))
        assert isinstance(step, Total)
        if step.turns > 1:
            turns = self._over_turns(step.operand, step.turns, step.apart, files)
            return functools.partial(operations.total_over_turns, turns, self._once, np.array(step.sums))
        operand = self._read(step.operand, files)
        additions, operand = operations.halve(operand) if step.compensated else ([], operand)
        sums = np.array(step.sums)
        view = strided_view(self._once, sums)
        if view is not None and view.flags.c_contiguous:
            total = functools.partial(np.add.reduce, operand, axis=1, out=view)
        else:
            total = functools.partial(operations.total_to_places, operand, self._once, sums)
        return functools.partial(operations.run_each, [*additions, total]) if additions else total

    def _elementwise(self, step: Elementwise, files: BlockFiles | None) -> Action:
        operands = [self._read(operand, files) for operand in step.operands]
        # NumPy's fastest loop takes a number by itself, but not an array that holds one.
        operands = [operand.reshape(()) if operand.size == 1 else operand for operand in operands]
        out = self.view(step.out, files)
        function = operations.FUNCTIONS.get(step.primitive)
        if step.out.file is File.CONDITIONS:
            a, b = operands
            holds = np.empty(out.shape, np.bool_)
            return functools.partial(operations.mask, function, a, b, holds, self._inverted, out)
        if function is not None:
            return functools.partial(function, *operands, out=out)
        if step.primitive is primitives.where:
            condition, a, b = operands
            if condition.dtype == self._integer:
                a, b, out = (array.view(self._integer) for array in (a, b, out))
                a, b = (b, a) if self._inverted else (a, b)
                if self._is_zero(step.operands[1 if self._inverted else 2]):
                    return functools.partial(np.bitwise_and, a, condition, out)
                return functools.partial(operations.where_by_bits, condition, a, b, out)
            return functools.partial(operations.where, condition, a, b, out)
        return functools.partial(operations.copy_result, operations.slow_function(step.primitive), operands, out)

    def _is_zero(self, operand: Operand) -> bool:
        """Whether every number of an operand is the constant 0, and not -0."""
        constants = self._constants
        return not isinstance(operand, Span) and all(
            place in constants and constants[place].hex() == "0x0.0p+0" for place in operand
        )

    def _dot(self, step: Dot, files: BlockFiles) -> Action:
        sizes = list(map(len, step.left))
        starts = np.cumsum([0, *sizes[:-1]])
        left, right = (np.array([place for line in side for place in line]) for side in (step.left, step.right))
        signs = np.ones((len(left), 1), files.rows.dtype)
        for start, size, minus in zip(starts.tolist(), sizes, step.minus, strict=True):
            signs[start + size - minus : start + size] = -1.0
        out = self.view(step.out, files)
        return functools.partial(operations.dots, files.rows, (left, right), signs, starts, out)

    def _fold(self, step: Fold, files: BlockFiles) -> Action:
        longest = max(map(len, step.places))
        columns = []
        for position in range(longest):
            lines = [i for i, places in enumerate(step.places) if position < len(places)]
            outs = slice(None) if len(lines) == len(step.places) else np.array(lines)
            columns.append((outs, np.array([step.places[i][position] for i in lines])))
        function = operations.FUNCTIONS[step.primitive]
        return functools.partial(operations.fold, function, files.rows, columns, self.view(step.out, files))

    def _over_turns(self, first: Operand, turns: int, apart: int, files: BlockFiles) -> Array:
        """An operand in each turn, of shape (turns, places, rows)."""
        assert isinstance(first, Span)
        rows = files.rows
        down, along = rows.strides
        numbers = rows[first.start :]
        shape, strides = (turns, first.size, rows.shape[1]), (apart * down, down, along)
        return np.lib.stride_tricks.as_strided(numbers, shape, strides)

    def _affine(self, step: Affine, files: BlockFiles | None) -> Action:
        out = self.view(step.out, files)
        if step.turns > 1:
            assert files is not None
            products = [
                (self._read_once(matrix, False), self._over_turns(operand, step.turns, apart, files))
                for (matrix, operand), apart in zip(step.terms, step.apart, strict=True)
            ]
            out = out.reshape(step.turns, -1, out.shape[1])
            bias = None if step.bias is None else self._read_once(step.bias, True)
            if bias is not None and len(bias) == step.out.size:
                bias = bias.reshape(step.turns, -1, 1)
            return functools.partial(operations.affine_over_turns, products, bias, out, np.empty_like(out))
        parts = [(self._read_once(matrix, False), self._read(operand, files)) for matrix, operand in step.terms]
        shared = None if step.bias is None else self._read_once(step.bias, files is not None)
        if len(parts) == 1:
            matrix, operand = parts[0]
            if shared is None:
                return functools.partial(operations.product_of(matrix), matrix, operand, out)
            return functools.partial(operations.affine_single, matrix, operand, shared, out)
        return functools.partial(operations.affine, parts, shared, out, np.empty_like(out))

    def _read(self, operand: Operand, files: BlockFiles | None) -> Array:
        if isinstance(operand, Span):
            return self.view(operand, files)
        return self._read_once(operand, files is not None)

    def view(self, span: Span, files: BlockFiles | None) -> Array:
        """The numbers of a span."""
        if span.file is File.ONCE:
            return self._once[span.start : span.stop]
        assert files is not None
        if span.file is File.ROWS and span.start in files.arguments:
            return files.arguments[span.start][: span.size]
        return (files.rows if span.file is File.ROWS else files.masks)[span.start : span.stop]

    def _read_once(self, places: Places, as_column: bool) -> Array:
        """The numbers at `places` of ONCE: a view where the places are regular, else a copy made once a run."""
        places = np.array(places)
        numbers = strided_view(self._once, places)
        if numbers is None:
            key = (places.shape, places.tobytes())
            if key not in self._gathered:
                self._gathered[key] = copy = self._once[places]
                if not set(places.flat) <= self._constants.keys():
                    self.prepare.append(functools.partial(self._once.take, places, out=copy, mode="clip"))
            numbers = self._gathered[key]
        return numbers[:, None] if as_column else numbers

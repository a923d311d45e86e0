"""The vectorised program on NumPy: every instruction one call into arrays that are allocated once.

The files are arrays of (places, rows): a vector is one stretch of memory, a gather copies whole stretches and a
reduction runs along them. Rows are taken in blocks that stay in cache, of a size fixed by the program alone, so that
the same data gives the same bits in every run.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core import primitives
from autograd_core.compiler.vector import (
    Affine,
    Elementwise,
    File,
    Gather,
    Operand,
    Outer,
    Places,
    Span,
    Spread,
    Step,
    Total,
    VectorProgram,
)
from autograd_core.primitive import Primitive

Array = npt.NDArray[Any]
Action = Callable[[], Any]

_CACHE = 1 << 22  # bytes that the files of one block may take, by measurement
_MOST_ROWS, _LEAST_ROWS = 4096, 16
_WIDTHS = 4  # how many widths of the last block are kept ready


def _larger(a: Array, b: Array, out: Array) -> None:
    """`ieee.larger`, whose zero is b's where a is the other one; np.maximum leaves its sign open."""
    np.copyto(out, np.where((a > b) | (a != a), a, b))


def _smaller(a: Array, b: Array, out: Array) -> None:
    np.copyto(out, np.where((a < b) | (a != a), a, b))


_FORMS: dict[Primitive, Any] = {
    primitives.less: np.less,
    primitives.less_equal: np.less_equal,
    primitives.greater: np.greater,
    primitives.greater_equal: np.greater_equal,
    primitives.equal: np.equal,
    primitives.add: np.add,
    primitives.subtract: np.subtract,
    primitives.multiply: np.multiply,
    primitives.divide: np.divide,
    primitives.negative: np.negative,
    primitives.power: np.power,
    primitives.exp: np.exp,
    primitives.expm1: np.expm1,
    primitives.log: np.log,
    primitives.log1p: np.log1p,
    primitives.sqrt: np.sqrt,
    primitives.sin: np.sin,
    primitives.cos: np.cos,
    primitives.tan: np.tan,
    primitives.atan: np.arctan,
    primitives.tanh: np.tanh,
    primitives.abs: np.absolute,
    primitives.maximum: _larger,
    primitives.minimum: _smaller,
}


class NumpyRunner:
    """Runs one `VectorProgram`. Not for two threads at once."""

    def __init__(self, program: VectorProgram, dtype: npt.DTypeLike) -> None:
        self.program = program
        self.dtype = np.dtype(dtype)
        self.once = np.zeros(program.once, self.dtype)
        for place, number in program.constants.items():
            self.once[place] = number
        room = _CACHE // max(1, self.dtype.itemsize * program.rows + program.conditions)
        self.block = min(_MOST_ROWS, max(_LEAST_ROWS, room))
        self._bits = np.dtype(f"int{8 * self.dtype.itemsize}")
        self._rows = np.empty(program.rows * self.block, self.dtype)
        self._masks = np.empty(program.conditions * self.block, self._bits)
        self._shown = 0  # the width of the block whose ones stand
        self._prepare: list[Action] = []
        self._shared: dict[Any, Array] = {}
        self._widths: dict[int, tuple[Array, list[Action]]] = {}
        self._total = np.empty(program.sums.size, self.dtype)
        self._before = self._actions_once(program.before)
        self._after = self._actions_once(program.after)
        self._values = _strided(self.once, program.values) if len(program.values) else None
        self._sums = self.once[program.sums.start : program.sums.stop]
        self._width(self.block)  # so that what is to be prepared is known

    def run(self, given: Array, data: Sequence[Array], count: int) -> tuple[Array, Array]:
        """(the values, the numbers by row) for the numbers `given` and `count` rows of data: arrays of shape
        (count, columns), which together have the columns of the program."""
        with np.errstate(all="ignore"):
            self.once[: len(given)] = given
            for action in self._before:
                action()
            for action in self._prepare:
                action()
            by_row = self._over_rows(data, count)
            for action in self._after:
                action()
        return self._values.copy() if self._values is not None else self.once[self.program.values], by_row

    def _over_rows(self, data: Sequence[Array], count: int) -> Array:
        wanted = self.program.by_row
        by_row = np.empty((len(wanted), count), self.dtype)
        for start in range(0, count, self.block):
            width = min(self.block, count - start)
            rows, actions = self._width(width)
            for span, part in zip(self.program.columns, data, strict=True):
                rows[span.start : span.stop] = part[start : start + width].T
            for action in actions:
                action()
            if len(wanted):
                by_row[:, start : start + width] = rows[wanted]
            if count > self.block:
                if start == 0:
                    self._total[:] = self._sums
                else:
                    self._total += self._sums
        if count > self.block:
            self._sums[:] = self._total
        return by_row

    def _width(self, width: int) -> tuple[Array, list[Action]]:
        """The file of rows for a block of `width` rows, and the actions on it."""
        if width not in self._widths:
            body = _with_biases(self.program)
            if len(self._widths) > _WIDTHS:
                self._widths.pop(next(one for one in self._widths if one != self.block))
            rows = self._rows[: self.program.rows * width].reshape(-1, width)
            masks = self._masks[: self.program.conditions * width].reshape(-1, width)
            self._widths[width] = rows, [self._action(one, (rows, masks)) for one in body]
        rows, actions = self._widths[width]
        if width != self._shown:
            rows[self.program.ones] = 1.0
            self._shown = width
        return rows, actions

    # ---------------------------------------------------------------------------------------------- instructions

    def _actions_once(self, steps: list[Step]) -> list[Action]:
        """The actions before or after the rows; what they gather from ONCE is gathered just before it is used."""
        actions: list[Action] = []
        outer, self._prepare, shared = self._prepare, actions, self._shared
        for one in steps:
            self._shared = {}
            actions.append(self._action(one, None))
        self._prepare, self._shared = outer, shared
        return actions

    def _action(self, step: Step, files: tuple[Array, Array] | None) -> Action:
        """The call that carries out one instruction. files: ROWS and CONDITIONS, None before and after the rows."""
        if isinstance(step, Elementwise):
            return self._elementwise(step, files)
        if isinstance(step, Affine):
            return self._affine(step, files)
        assert files is not None
        if isinstance(step, Gather):
            source = files[0] if step.out.file is File.ROWS else files[1]
            out = source[step.out.start : step.out.stop]
            return functools.partial(np.take, source, step.places, axis=0, out=out, mode="clip")
        if isinstance(step, Spread):
            column = self._once(step.places, True)
            return functools.partial(np.copyto, files[0][step.out.start : step.out.stop], column)
        if isinstance(step, Outer):
            left, right = self._read(step.left, files), self._read(step.right, files)
            into = _strided(self.once, step.sums)
            if into is not None and into.flags.c_contiguous:
                return functools.partial(_product(left), left, right.T, out=into)
            product = np.empty(step.sums.shape, self.dtype)
            if into is not None:
                return functools.partial(_outer_into, left, right.T, product, into)
            return functools.partial(_outer, left, right.T, product, self.once, step.sums)
        assert isinstance(step, Total)
        operand = self._read(step.operand, files)
        into = _strided(self.once, step.sums)
        if into is not None and into.flags.c_contiguous:
            return functools.partial(np.add.reduce, operand, axis=1, out=into)
        return functools.partial(_total, operand, self.once, step.sums)

    def _elementwise(self, step: Elementwise, files: tuple[Array, Array] | None) -> Action:
        operands = [self._read(one, files) for one in step.operands]
        out = self._written(step.out, files)
        form = _FORMS.get(step.primitive)
        if step.out.file is File.CONDITIONS:
            a, b = operands
            return functools.partial(_mask, form, a, b, np.empty(out.shape, np.bool_), out)
        if form is not None:
            return functools.partial(form, *operands, out=out)
        if step.primitive is primitives.where:
            condition, a, b = operands
            if condition.dtype == self._bits:
                bits, other, into = a.view(self._bits), b.view(self._bits), out.view(self._bits)
                if self._is_zero(step.operands[2]):
                    return functools.partial(np.bitwise_and, bits, condition, into)
                return functools.partial(_by_bits, condition, bits, other, into)
            return functools.partial(_where, condition, a, b, out)
        return functools.partial(_by_element, _vector_form(step.primitive), operands, out)

    def _is_zero(self, operand: Operand) -> bool:
        """Whether every number of an operand is the constant 0, and not -0."""
        known = self.program.constants
        return not isinstance(operand, Span) and all(
            place in known and known[place].hex() == "0x0.0p+0" for place in operand.tolist()
        )

    def _affine(self, step: Affine, files: tuple[Array, Array] | None) -> Action:
        out = self._written(step.out, files)
        parts = [(self._once(matrix, False), self._read(operand, files)) for matrix, operand in step.terms]
        bias = None if step.bias is None else self._once(step.bias, files is not None)
        if len(parts) == 1:
            matrix, operand = parts[0]
            if bias is None:
                return functools.partial(_product(matrix), matrix, operand, out)
            return functools.partial(_dot_and_bias, matrix, operand, bias, out)
        return functools.partial(_affine, parts, bias, out, np.empty_like(out))

    def _read(self, operand: Operand, files: tuple[Array, Array] | None) -> Array:
        if isinstance(operand, Span):
            return self._written(operand, files)
        return self._once(operand, files is not None)

    def _written(self, span: Span, files: tuple[Array, Array] | None) -> Array:
        if span.file is File.ONCE:
            return self.once[span.start : span.stop]
        assert files is not None
        return files[0 if span.file is File.ROWS else 1][span.start : span.stop]

    def _once(self, places: Places, as_column: bool) -> Array:
        """The numbers at `places` of ONCE: a view where they stand regularly, else a copy made once a run."""
        seen = _strided(self.once, places)
        if seen is None:
            key = (places.shape, places.tobytes())
            if key not in self._shared:
                self._shared[key] = copy = self.once[places]
                if not set(places.flat) <= self.program.constants.keys():
                    self._prepare.append(functools.partial(np.take, self.once, places, out=copy, mode="clip"))
            seen = self._shared[key]
        return seen[:, None] if as_column else seen


def _with_biases(program: VectorProgram) -> list[Step]:
    """The body with biases taken as a last column of their matrices, and their gradients as one of theirs, wherever
    the two stand beside each other."""
    ones = set(program.ones)
    totals = {one.operand: one for one in program.body if isinstance(one, Total)}
    taken: list[Total] = []
    body: list[Step] = []
    for one in program.body:
        if isinstance(one, Affine) and one.bias is not None and len(one.terms) == 1:
            ((matrix, operand),) = one.terms
            joined = np.column_stack([matrix, one.bias])
            if isinstance(operand, Span) and operand.stop in ones and _regular(joined) is not None:
                one = Affine(one.out, ((joined, _longer(operand)),), None, one.registers)
        elif isinstance(one, Outer) and one.right.stop in ones and one.left in totals:
            joined = np.column_stack([one.sums, totals[one.left].sums])
            if _regular(joined) is not None:
                taken.append(totals.pop(one.left))
                one = Outer(joined, one.left, _longer(one.right), one.registers)
        body.append(one)
    return [one for one in body if not any(one is other for other in taken)]


def _longer(span: Span) -> Span:
    return Span(span.file, span.start, span.size + 1)


def _strided(file: Array, places: Places) -> Array | None:
    """A view of `file` at `places`, where they are evenly spaced and a product can run along one direction of it."""
    steps = _regular(places)
    if steps is None:
        return None
    return np.lib.stride_tricks.as_strided(
        file[int(places.flat[0]) :], places.shape, [one * file.itemsize for one in steps]
    )


def _regular(places: Places) -> list[int] | None:
    """How far it is from one place to the next along each axis; None where that is not a view for a product."""
    steps = []
    for axis in range(places.ndim):
        if places.shape[axis] == 1:
            steps.append(0)
            continue
        differences = np.diff(places, axis=axis)
        steps.append(int(differences.flat[0]))
        if steps[-1] <= 0 or not (differences == steps[-1]).all():
            return None
    if places.ndim == 2:
        if places.shape[0] == 1 or places.shape[1] == 1:  # any stride will do there; this one suits a product
            longest = max(1, max(steps)) * places.size
            steps = [one or longest for one in steps]
        if 1 not in steps and places.size > 1:
            return None
    return steps


def _product(left: Array) -> Any:
    """np.dot, the quicker; but where it has a single number to multiply by, it takes 0 times inf for 0."""
    return np.matmul if left.shape[1] == 1 else np.dot


def _outer(left: Array, right: Array, product: Array, file: Array, places: Places) -> None:
    _product(left)(left, right, out=product)
    file[places] = product


def _outer_into(left: Array, right: Array, product: Array, into: Array) -> None:
    _product(left)(left, right, out=product)
    into[...] = product


def _total(operand: Array, file: Array, places: Places) -> None:
    file[places] = operand.sum(axis=1)


def _dot_and_bias(matrix: Array, operand: Array, bias: Array, out: Array) -> None:
    _product(matrix)(matrix, operand, out)
    np.add(out, bias, out)


def _affine(parts: list[tuple[Array, Array]], bias: Array | None, out: Array, term: Array) -> None:
    _product(parts[0][0])(*parts[0], out)
    for matrix, operand in parts[1:]:
        _product(matrix)(matrix, operand, term)
        np.add(out, term, out)
    if bias is not None:
        np.add(out, bias, out)


def _where(condition: Array, a: Array, b: Array, out: Array) -> None:
    out[...] = np.where(condition, a, b)


def _mask(compare: Any, a: Array, b: Array, holds: Array, out: Array) -> None:
    """Every bit set where the comparison holds, none where it does not: to choose with, at the price of an `and`."""
    compare(a, b, out=holds)
    np.negative(holds.view(np.int8), out=out)


def _by_bits(mask: Array, a: Array, b: Array, out: Array) -> None:
    np.bitwise_xor(a, b, out=out)
    np.bitwise_and(out, mask, out=out)
    np.bitwise_xor(out, b, out=out)


def _by_element(form: Any, operands: list[Array], out: Array) -> None:
    out[...] = form(*operands)


@functools.cache
def _vector_form(primitive: Primitive) -> Any:
    """An operation NumPy has no form of, number by number."""
    return np.frompyfunc(primitive.forward, len(primitive.arguments), 1)

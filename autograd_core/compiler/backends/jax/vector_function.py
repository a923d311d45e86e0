"""A vectorised program as a pure function of arrays, which JAX can compile, map and share among devices."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from autograd_core.compiler.backends.jax.numbered_file import NumberedFile
from autograd_core.compiler.backends.jax.operations import function_of
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

_SHORT = 8  # numbers that a fold goes through without a loop
_FEW = 32  # numbers that are summed without halving

_product = functools.partial(jnp.einsum, precision=jax.lax.Precision.HIGHEST)


def run(program: VectorProgram, given: Any, parts: Sequence[tuple[Sequence[Any], int]]) -> tuple[Any, list[Any]]:
    """(the values, for each part the results by row of shape (results, rows)).

    given: the numbers of a call. parts: of the rows, each the arrays of the arguments, of shape (rows, columns), and
    the number of rows. A sum over the rows is that of all parts.
    """
    dtype = given.dtype
    once = NumberedFile(program.once, dtype)
    once.write(tuple(range(len(program.given))), given)
    if program.constants:
        once.write(tuple(program.constants), jnp.array(list(program.constants.values()), dtype))
    for step in program.before:
        _do(step, {File.ONCE: once}, None)
    by_row, sums = [], None
    for arrays, count in parts:
        part = once.copy()
        files = {File.ONCE: part, File.ROWS: NumberedFile(program.rows, dtype, (count,))}
        files[File.CONDITIONS] = NumberedFile(program.conditions, np.bool_, (count,))
        for span, array in zip(program.columns, arrays, strict=True):
            if span.size:
                files[File.ROWS].write(span, array.T)
        if program.ones:
            files[File.ROWS].write(tuple(program.ones), jnp.ones((), dtype))
        for step in program.body:
            _do(step, files, count)
        if program.sums.size:
            totals = part.read(program.sums)
            sums = totals if sums is None else sums + totals
        by_row.append(files[File.ROWS].read(program.by_row))
    if sums is not None:
        once.write(program.sums, sums)
    for step in program.after:
        _do(step, {File.ONCE: once}, None)
    return once.read(program.values), by_row


def _do(step: Step, files: dict[File, NumberedFile], count: int | None) -> None:
    """Do one instruction. count: of the rows, None before and after them."""
    once = files[File.ONCE]

    def read(operand: Operand) -> Any:
        if isinstance(operand, Span):
            return files[operand.file].read(operand)
        numbers = once.read(operand)
        return numbers if count is None else numbers[:, None]

    if isinstance(step, Elementwise):
        numbers = function_of(step.primitive)(*map(read, step.operands))
        if step.out.file is not File.CONDITIONS and numbers.dtype == np.bool_:
            numbers = numbers.astype(once.dtype)
        files[step.out.file].write(step.out, numbers)
    elif isinstance(step, Affine):
        files[step.out.file].write(step.out, _affine(step, once, files, read))
    elif isinstance(step, (Outer, Total, ScatterAdd)):
        once.write(_flat(step.sums), _sums(step, files, read).ravel())
    else:
        files[step.out.file].write(step.out, _in_rows(step, files, read))


def _affine(step: Affine, once: NumberedFile, files: dict[File, NumberedFile], read: Any) -> Any:
    sums = []
    for i, (matrix, operand) in enumerate(step.terms):
        weights = once.read(matrix)
        if step.turns == 1:
            sums.append(_product("mn,n...->m...", weights, read(operand)))
        else:
            sums.append(_product("mn,tn...->tm...", weights, _over_turns(operand, step.turns, step.apart[i], files)))
    total = functools.reduce(jnp.add, sums)
    if step.bias is not None:
        bias = once.read(step.bias)
        if step.turns > 1 and bias.size == step.out.size:
            bias = bias.reshape(step.turns, -1)
        total = total + (bias if step.out.file is File.ONCE else bias[..., None])
    return total if step.turns == 1 else total.reshape(step.out.size, -1)


def _over_turns(first: Operand, turns: int, apart: int, files: dict[File, NumberedFile]) -> Any:
    """An operand in each turn, of shape (turns, places, rows)."""
    assert isinstance(first, Span)
    return files[first.file].read(np.arange(first.start, first.stop) + apart * np.arange(turns)[:, None])


def _in_rows(step: Step, files: dict[File, NumberedFile], read: Any) -> Any:
    rows = files[File.ROWS]
    if isinstance(step, Gather):
        return files[step.out.file].read(step.places)
    if isinstance(step, Spread):
        return read(step.places)
    if isinstance(step, Dot):
        sizes = np.array(list(map(len, step.left)))
        signs = np.concatenate([np.where(np.arange(n) < n - k, 1, -1) for n, k in zip(sizes, step.minus, strict=True)])
        products = rows.read(_flat(step.left)) * rows.read(_flat(step.right)) * signs[:, None].astype(rows.dtype)
        if len(set(sizes.tolist())) == 1:
            return products.reshape(len(sizes), -1, products.shape[1]).sum(1)
        lines = np.repeat(np.arange(len(sizes)), sizes)
        return jax.ops.segment_sum(products, lines, len(sizes), indices_are_sorted=True)
    if isinstance(step, Fold):
        return _fold(step, rows)
    assert isinstance(step, Choose)
    index, tables = read(step.index), files[File.ONCE].read(step.tables)
    place, is_place = _places_of(index, tables.shape[1])
    numbers = tables[:, place[0]] if len(index) == 1 else jnp.take_along_axis(tables, place, 1)
    return jnp.where(is_place, numbers, jnp.nan)


def _fold(step: Fold, rows: NumberedFile) -> Any:
    function, lengths = function_of(step.primitive), np.array(list(map(len, step.places)))
    if len(set(lengths.tolist())) == 1 and lengths[0] > _SHORT:
        columns = rows.read(np.array(step.places).T)
        return jax.lax.scan(lambda so_far, column: (function(so_far, column), None), columns[0], columns[1:])[0]
    total = rows.read([places[0] for places in step.places])
    for position in range(1, lengths.max()):
        lines = np.flatnonzero(lengths > position)
        column = rows.read([step.places[i][position] for i in lines])
        if len(lines) == len(total):
            total = function(total, column)
        else:
            total = total.at[lines].set(function(total[lines], column))
    return total


def _sums(step: Outer | Total | ScatterAdd, files: dict[File, NumberedFile], read: Any) -> Any:
    if isinstance(step, Outer):
        left, right = (
            _over_turns(side, step.turns, apart, files)
            for side, apart in zip((step.left, step.right), step.apart, strict=True)
        )
        return _product("tir,tjr->ij", left, right)
    if isinstance(step, Total):
        numbers = _over_turns(step.operand, step.turns, step.apart, files).sum(0)
        return _accurate_sum(numbers) if step.compensated else numbers.sum(1)
    size = len(step.sums)
    sums = jnp.zeros((size + 1, len(step.sums[0])), files[File.ROWS].dtype)
    for index, operand in step.terms:
        place, is_place = _places_of(read(index)[0], size)
        sums = sums.at[jnp.where(is_place, place, size)].add(read(operand).T)
    return sums[:size]


def _accurate_sum(numbers: Any) -> Any:
    """The sums along the second axis, of pairs of pairs: the error grows with the logarithm of their number."""
    while (count := numbers.shape[1]) > _FEW:
        half = count // 2
        sums = numbers[:, :half] + numbers[:, half : 2 * half]
        numbers = sums if count % 2 == 0 else jnp.concatenate([sums, numbers[:, -1:]], 1)
    return numbers.sum(1)


def _places_of(index: Any, count: int) -> tuple[Any, Any]:
    """An index as a whole number, 0 where it is no place among so many; and whether it is one."""
    is_place = (index >= 0.0) & (index < count) & (index == jnp.floor(index))
    return jnp.where(is_place, index, 0.0).astype(np.int32), is_place


def _flat(places: Places) -> Any:
    """The places of a list, or of a matrix row by row."""
    return np.concatenate([np.ravel(line) for line in places])

"""JAX: a compiled function as a pure function of JAX, with our gradients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from autograd_core.engine.nested import leaves
from autograd_core.errors import ExchangeError
from autograd_core.exchange.library import library

if TYPE_CHECKING:  # they load NumPy, which the engine does without
    from autograd_core.compiler.backends.rows import Argument
    from autograd_core.compiler.program import Program


def to_jax(program: Program) -> Callable[..., Any]:
    """The compiled function as one of JAX: f(parameters, *arguments), for one row, gives its number.

    parameters: an array, in the order of `program.parameters`. arguments: as in the program's example. It can be
    jitted, mapped over rows with `jax.vmap(f, (None, 0, ...))`, and differentiated with respect to all of them, forward
    and back: the first derivatives are those of the program, with its conventions at kinks, and JAX differentiates
    these once more. What `once` adds is no part of it. Raises ExchangeError for an argument of another shape, and where
    JAX would round float64 to 32 bits; ImportError without JAX.
    """
    jax = library("jax", "jax")
    import numpy as np

    from autograd_core.compiler.backends.jax.vector_function import run
    from autograd_core.compiler.run.running import Running

    arguments = program.arguments
    trace = replace(program.trace, once=None)
    row = Running(
        trace, [a.name for a in arguments], [a.structure for a in arguments], "numpy", program.dtype, "sum", 1, 1
    )
    # The programs that keep 0 from meeting inf: JAX cannot look at a result and begin again.
    for_value, for_gradient = (row.vector_program(kind, propagate_gates=True) for kind in ("value", "inputs"))
    others = np.array([value.data for value in trace.values[trace.parameter_count :]])
    ends = np.cumsum([argument.columns for argument in arguments])[:-1]

    def run_row(vector_program: Any, parameters: Any, columns: Any) -> tuple[Any, Any]:
        given = jax.numpy.concatenate([parameters, others.astype(parameters.dtype), np.ones(2, parameters.dtype)])
        data = [part[None] for part in jax.numpy.split(columns, ends)]
        values, (by_row,) = run(vector_program, given, [(data, 1)])
        return values, by_row[:, 0]

    @jax.custom_jvp
    def of_columns(parameters: Any, columns: Any) -> Any:
        return run_row(for_value, parameters, columns)[1][0]

    @of_columns.defjvp
    def tangent_of_columns(numbers: Any, tangents: Any) -> Any:
        values, slopes = run_row(for_gradient, *numbers)
        return of_columns(*numbers), values[1:] @ tangents[0] + slopes @ tangents[1]

    def function(parameters: Any, *data: Any) -> Any:
        dtype = np.dtype(program.dtype)
        if dtype == np.float64 and not jax.config.jax_enable_x64:
            raise ExchangeError(
                "JAX computes with 32 bits here, and this program with 64: set jax.config.update('jax_enable_x64', "
                "True) first, or compile(..., dtype='float32')."
            )
        if len(data) != len(arguments):
            names = ", ".join(argument.name for argument in arguments)
            raise ExchangeError(f"this function takes the parameters, then {names}; got {len(data)} arguments there.")
        numbers = _checked(jax, parameters, (trace.parameter_count,), "the parameters", dtype)
        parts = [_flat(jax, part, argument, dtype) for part, argument in zip(data, arguments, strict=True)]
        return of_columns(numbers, jax.numpy.concatenate([*parts, np.zeros(0, dtype)]))

    return function


def from_jax(fn: Callable[..., Any], *example: Any) -> Callable[..., Any]:
    """A function written for JAX, as one of Values: what it returns can be explained, drawn and differentiated.

    example: arguments of `fn`, whose structure and shapes matter. The function takes nested lists of Values or numbers
    where `fn` takes arrays, in the same dicts and tuples, and returns such lists. It does number by number what the
    jaxpr says: elementwise operations, products, sums, choices, slices, convolutions, windows, scans; in float64, where
    the jaxpr asks for fewer bits too. Derivatives at kinks are those of this package: abs has 0 at 0, where JAX has 1,
    and of three or more equal largest numbers the first ones share less. Raises ExchangeError, with its name, for an
    operation that it does not know, for a `custom_vjp` or `custom_jvp` whose rule is another derivative, and for more
    than a million operations on single numbers; ImportError without JAX.
    """
    jax = library("jax", "jax")
    from autograd_core.exchange.jax_reader import read_function

    return read_function(jax, fn, example)


def _flat(jax: Any, data: Any, argument: Argument, dtype: Any) -> Any:
    if argument.dimensions is not None:
        return _checked(jax, data, argument.dimensions, argument.name, dtype).reshape(-1)
    numbers = leaves(data)  # lists of unequal length
    return _checked(jax, jax.numpy.stack(numbers), (argument.columns,), argument.name, dtype)


def _checked(jax: Any, numbers: Any, shape: tuple[int, ...], name: str, dtype: Any) -> Any:
    array = jax.numpy.asarray(numbers, dtype)
    if array.shape != shape:
        raise ExchangeError(
            f"{name}: this function of one row takes the shape {shape}, got {array.shape}. "
            "Map it over rows: jax.vmap(f, (None, 0, ...))."
        )
    return array

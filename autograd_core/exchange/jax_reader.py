"""JAX: a function written for JAX, as a function of Values, read from its jaxpr."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_core.engine.backward import adjoints
from autograd_core.engine.value import Value
from autograd_core.errors import CompileError, ExchangeError
from autograd_core.exchange.jax_interpreter import Array, Interpreter, settled
from autograd_core.exchange.jax_operations import as_number, each

TOLERANCE = 1e-6  # of a gradient of JAX, which may compute a part with fewer bits


def read_function(jax: Any, fn: Callable[..., Any], example: tuple[Any, ...]) -> Callable[..., Any]:
    """See `from_jax`."""
    with jax.enable_x64(True):
        jaxpr, shapes = jax.make_jaxpr(fn, return_shape=True)(*example)
    inside, outside = jax.tree_util.tree_structure(example), jax.tree_util.tree_structure(shapes)

    def function(*arguments: Any) -> Any:
        given = inside.flatten_up_to(arguments)
        expected = [variable.aval.shape for variable in jaxpr.jaxpr.invars]
        arrays = [_array_of(part, shape) for part, shape in zip(given, expected, strict=True)]
        interpreter = Interpreter(jax)
        with jax.enable_x64(True):
            results = interpreter.run(jaxpr.jaxpr, jaxpr.consts, arrays)
            if interpreter.has_rules:
                _check_gradient(jax, jaxpr, arrays)
        return jax.tree_util.tree_unflatten(outside, [result.tolist() for result in results])

    return function


def _check_gradient(jax: Any, jaxpr: Any, arrays: list[Array]) -> None:
    """Compare the gradient with JAX's, where a function has a rule of its own for its derivative (custom_jvp and
    custom_vjp): what it computes says nothing about it. They are compared a little beside the numbers, for at a kink
    conventions differ."""
    try:
        given = [each(float, array).astype(float) for array in arrays]
    except CompileError:  # while a program is traced there are no numbers
        return
    numbers = [array + 1e-3 * np.cos(np.arange(1.0, array.size + 1.0)).reshape(array.shape) for array in given]
    places = [place for place, variable in enumerate(jaxpr.jaxpr.invars) if variable.aval.dtype.kind == "f"]

    def with_floats(floats: Sequence[Any]) -> list[Any]:
        rest = iter(floats)
        inputs = zip(numbers, jaxpr.jaxpr.invars, strict=True)
        return [
            next(rest) if place in places else array.astype(v.aval.dtype) for place, (array, v) in enumerate(inputs)
        ]

    def total(*floats: Any) -> Any:
        return _weighted(jax.core.eval_jaxpr(jaxpr.jaxpr, jaxpr.consts, *with_floats(floats)))

    try:
        expected = jax.grad(total, tuple(range(len(places))))(*(numbers[place] for place in places))
    except Exception:  # a loop whose length depends on numbers, for which JAX has no gradient to compare with
        return
    values = [each(Value, numbers[place]) for place in places]
    result = _weighted(Interpreter(jax).run(jaxpr.jaxpr, jaxpr.consts, with_floats(values)))
    if not isinstance(result, Value) or result.primitive is None:
        return
    found = adjoints(result, 1.0)
    for own, slopes in zip(values, expected, strict=True):
        gradient = [float(found.get(value) or 0.0) for value in own.ravel().tolist()]
        scale = max([1.0, *np.abs(np.ravel(slopes)[np.isfinite(np.ravel(slopes))])])
        if not np.allclose(gradient, np.ravel(slopes), 0.0, TOLERANCE * scale, equal_nan=True):
            raise ExchangeError(
                "this function has a rule of its own for a derivative (jax.custom_jvp or custom_vjp), which is not the "
                "derivative of what it computes. Give from_jax the function without this rule."
            )


def _weighted(results: Sequence[Any]) -> Any:
    """The sum of all results, each with another weight."""
    numbers = [number for result in results for number in result.ravel()]
    return sum(math.cos(place) * number for place, number in enumerate(numbers))


def _array_of(nested: Any, shape: tuple[int, ...]) -> Array:
    array = np.array(nested, object)
    if array.shape != shape:
        raise ExchangeError(f"an argument has the shape {array.shape}; the example of from_jax had {shape}.")
    return settled(each(as_number, array))

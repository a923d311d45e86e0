"""The instructions of a jaxpr, done on arrays of Values and numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core.engine.value import Value
from autograd_core.errors import ExchangeError
from autograd_core.exchange.jax_operations import (
    CUMULATIVE,
    ELEMENTWISE,
    ELEMENTWISE_BESIDE_TIES,
    FOLDS,
    MOVING,
    WINDOWS,
    convert,
    convolve,
    each,
    fold,
    over_windows,
    product,
    running,
    select,
)

Array = npt.NDArray[Any]

MOST_NODES = 1_000_000  # operations on single numbers
CALLS = ("jaxpr", "call_jaxpr", "fun_jaxpr")


def _is_one_maximum(jaxpr: Any) -> bool:
    """Whether a function gives the larger or the smaller of two numbers, and does nothing else."""
    while len(jaxpr.eqns) == 1:
        equation = jaxpr.eqns[0]
        inner = next((equation.params[part] for part in CALLS if part in equation.params), None)
        if inner is None:
            return equation.primitive.name in ("max", "min")
        jaxpr = getattr(inner, "jaxpr", inner)
    return False


class Interpreter:
    """Does the instructions of a jaxpr: on plain numbers by JAX, on arrays that hold Values number by number."""

    def __init__(self, jax: Any) -> None:
        self.jax, self.nodes = jax, 0
        self.elementwise = ELEMENTWISE
        self.has_rules = False  # of its own for the derivative of a function

    def run(self, jaxpr: Any, constants: Sequence[Any], arguments: Sequence[Any]) -> list[Array]:
        """The results for these arguments, as arrays."""
        known: dict[Any, Array] = dict(zip(jaxpr.constvars, map(self._array, constants), strict=True))
        known |= zip(jaxpr.invars, arguments, strict=True)

        def read(variable: Any) -> Array:
            return self._array(variable.val) if hasattr(variable, "val") else known[variable]

        for equation in jaxpr.eqns:
            results = self._do(equation, [read(variable) for variable in equation.invars])
            known |= zip(equation.outvars, map(settled, results), strict=True)
        return [read(variable) for variable in jaxpr.outvars]

    def _do(self, equation: Any, inputs: list[Array]) -> Sequence[Array]:
        name, parameters = equation.primitive.name, equation.params
        if name in ("scan", "while", "cond"):
            return getattr(self, f"_{name}")(parameters, inputs)  # type: ignore[no-any-return]
        if inner := next((parameters[part] for part in CALLS if part in parameters), None):
            return self._call(name, inner, inputs)
        if not any(array.dtype == object for array in inputs):
            results = equation.primitive.bind(*inputs, **parameters)
            return list(map(self._array, results if equation.primitive.multiple_results else [results]))
        self._count(max(variable.aval.size for variable in (*equation.invars, *equation.outvars)))
        if name in MOVING:
            return self._move(equation, inputs)
        if name in ("scatter", "scatter-add"):
            return self._scatter(equation, inputs)
        return [self._compute(name, parameters, inputs)]

    def _array(self, numbers: Any) -> Array:
        """Numbers as an array of NumPy; the keys of random numbers as they are."""
        is_key = self.jax.dtypes.issubdtype(getattr(numbers, "dtype", None), self.jax.dtypes.prng_key)
        return numbers if is_key else np.asarray(numbers)

    def _count(self, nodes: int) -> None:
        self.nodes += nodes
        if self.nodes > MOST_NODES:
            raise ExchangeError(f"this function does more than {MOST_NODES:,} operations on single numbers.")

    def _call(self, name: str, inner: Any, inputs: list[Array]) -> list[Array]:
        jaxpr, outer = getattr(inner, "jaxpr", inner), self.elementwise
        if name.startswith("custom_"):
            self.has_rules = True
            self.elementwise = ELEMENTWISE_BESIDE_TIES if _is_one_maximum(jaxpr) else outer
        results = self.run(jaxpr, getattr(inner, "consts", ()), inputs)
        self.elementwise = outer
        return results

    def _compute(self, name: str, parameters: Any, inputs: list[Array]) -> Any:
        if name in ELEMENTWISE:
            return each(self.elementwise[name], *inputs)
        if name == "integer_pow":
            return each(lambda a: a ** parameters["y"], *inputs)
        if name == "select_n":
            return each(select, *inputs)
        if name == "stop_gradient":
            return each(float, *inputs)
        if name == "convert_element_type":
            return convert(inputs[0], parameters["new_dtype"])
        if name in FOLDS:
            return fold(FOLDS[name], inputs[0], parameters["axes"])
        if name in CUMULATIVE:
            return running(CUMULATIVE[name], inputs[0], parameters["axis"], parameters["reverse"])
        if name in WINDOWS:
            return over_windows(name, parameters, inputs[0])
        if name == "conv_general_dilated":
            self._count(math.prod(inputs[1].shape) * inputs[0].size)
            return convolve(parameters, *inputs)
        if name == "dot_general":
            left, right = inputs
            (along, _), _ = parameters["dimension_numbers"]
            self._count(left.size * right.size // max(1, math.prod(left.shape[axis] for axis in along)))
            return product(left, right, parameters["dimension_numbers"])
        raise ExchangeError(
            f"JAX's operation {name} is not among those that can be read. Write it with sums, products and functions "
            "of one number, or compute it outside this function."
        )

    def _move(self, equation: Any, inputs: list[Array]) -> list[Array]:
        """What an operation does that only moves numbers, found by moving their places."""
        count = MOVING[equation.primitive.name]
        count = len(inputs) if count is None else count
        if any(array.dtype == object for array in inputs[count:]):
            raise ExchangeError(
                f"JAX's operation {equation.primitive.name} reads from an index that is computed from Values. Write "
                "it with autograd_core.choose(index, values)."
            )
        numbers = [number for array in inputs[:count] for number in array.ravel().tolist()]
        ends = np.cumsum([array.size for array in inputs[:count]])
        places = [
            np.arange(end - array.size, end).reshape(array.shape)
            for end, array in zip(ends.tolist(), inputs[:count], strict=True)
        ]
        moved = equation.primitive.bind(*places, *inputs[count:], **equation.params)
        moved = list(map(np.asarray, moved if equation.primitive.multiple_results else [moved]))
        if any(array.size and not 0 <= array.min() <= array.max() < len(numbers) for array in moved):
            raise ExchangeError(f"JAX's operation {equation.primitive.name} reads outside of an array of Values.")
        return [_filled([numbers[place] for place in array.ravel()], array.shape) for array in moved]

    def _scatter(self, equation: Any, inputs: list[Array]) -> list[Array]:
        """x.at[places].set(numbers) and .add(numbers), one number after the other."""
        target, index, numbers = inputs
        if index.dtype == object:
            raise ExchangeError(f"JAX's operation {equation.primitive.name} writes to an index computed from Values.")
        adds, result = equation.primitive.name == "scatter-add", target.astype(object).ravel()
        for place, number in enumerate(numbers.ravel().tolist()):
            alone = np.zeros(numbers.shape)
            alone.ravel()[place] = 1.0
            parameters = {**equation.params, "unique_indices": False}
            written = self.jax.lax.scatter_add_p.bind(np.zeros(target.shape), index, alone, **parameters)
            for where in np.flatnonzero(np.asarray(written)):
                result[where] = result[where] + number if adds else number
        return [_filled(result.tolist(), target.shape)]

    def _scan(self, parameters: Any, inputs: list[Array]) -> list[Array]:
        fixed, carried = parameters["num_consts"], parameters["num_carry"]
        constants, state, columns = inputs[:fixed], inputs[fixed : fixed + carried], inputs[fixed + carried :]
        body, turns = parameters["jaxpr"], range(parameters["length"])
        results = []
        for turn in reversed(turns) if parameters["reverse"] else turns:
            row = [column[turn : turn + 1].reshape(column.shape[1:]) for column in columns]
            found = self.run(body.jaxpr, body.consts, [*constants, *state, *row])
            state = found[:carried]
            results.append(found[carried:])
        if parameters["reverse"]:
            results.reverse()
        return [*state, *[_stack(part) for part in zip(*results, strict=True)]]

    def _while(self, parameters: Any, inputs: list[Array]) -> list[Array]:
        first, second = parameters["cond_nconsts"], parameters["body_nconsts"]
        test, body = parameters["cond_jaxpr"], parameters["body_jaxpr"]
        state = inputs[first + second :]
        while float(self.run(test.jaxpr, test.consts, [*inputs[:first], *state])[0].item()):
            state = self.run(body.jaxpr, body.consts, [*inputs[first : first + second], *state])
        return state

    def _cond(self, parameters: Any, inputs: list[Array]) -> list[Array]:
        branch = parameters["branches"][int(float(inputs[0].item()))]
        return self.run(branch.jaxpr, branch.consts, inputs[1:])


def _stack(arrays: Sequence[Array]) -> Array:
    return _filled([number for array in arrays for number in array.ravel().tolist()], (len(arrays), *arrays[0].shape))


def _filled(numbers: Sequence[Any], shape: tuple[int, ...]) -> Array:
    array = np.empty(len(numbers), object)
    array[:] = numbers
    return array.reshape(shape)


def settled(array: Array) -> Array:
    """An array of objects among which there is no Value as one of numbers, with which JAX computes."""
    if array.dtype != object or any(isinstance(number, Value) for number in array.ravel().tolist()):
        return array
    return np.array(array.tolist(), None if array.size else float).reshape(array.shape)

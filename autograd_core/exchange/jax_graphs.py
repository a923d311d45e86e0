"""JAX: a function written for JAX, as a function of Values, read from its jaxpr."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core.engine import primitives as p
from autograd_core.engine.functions import dot, sigmoid
from autograd_core.engine.value import Value
from autograd_core.errors import ExchangeError
from autograd_core.exchange.other_functions import cosh, sinh

Array = npt.NDArray[Any]

MOST_NODES = 1_000_000  # operations on single numbers


def _arcsine(a: Any) -> Any:
    return p.atan(a / p.sqrt((1.0 - a) * (1.0 + a)))


def _arc_hyperbolic_tangent(a: Any) -> Any:
    return 0.5 * (p.log1p(a) - p.log1p(-a))


def _cube_root(a: Any) -> Any:
    size = p.power(p.where(p.less(a, 0.0), -a, a), 1.0 / 3.0)
    return p.where(p.less(a, 0.0), -size, size)


def _is_finite(a: Any) -> Any:
    return p.less(p.abs(a), math.inf)


# What JAX calls an operation on each number, and what it is here.
ELEMENTWISE: dict[str, Callable[..., Any]] = {
    "add": p.add,
    "add_any": p.add,
    "sub": p.subtract,
    "mul": p.multiply,
    "div": p.divide,
    "neg": p.negative,
    "pow": p.power,
    "max": p.maximum,
    "min": p.minimum,
    "exp": p.exp,
    "exp2": lambda a: p.power(2.0, a),
    "expm1": p.expm1,
    "log": p.log,
    "log1p": p.log1p,
    "sqrt": p.sqrt,
    "rsqrt": lambda a: p.divide(1.0, p.sqrt(a)),
    "square": lambda a: p.multiply(a, a),
    "sin": p.sin,
    "cos": p.cos,
    "tan": p.tan,
    "atan": p.atan,
    "tanh": p.tanh,
    "sinh": sinh,
    "cosh": cosh,
    "asin": _arcsine,
    "acos": lambda a: 0.5 * math.pi - _arcsine(a),
    "atanh": _arc_hyperbolic_tangent,
    "cbrt": _cube_root,
    "is_finite": _is_finite,
    "erf": p.erf,
    "erfc": p.erfc,
    "logistic": sigmoid,
    "abs": p.abs,
    "sign": lambda a: p.where(p.greater(a, 0.0), 1.0, p.where(p.less(a, 0.0), -1.0, 0.0)),
    "floor": p.floor,
    "ceil": lambda a: -p.floor(-a),
    "lt": p.less,
    "le": p.less_equal,
    "gt": p.greater,
    "ge": p.greater_equal,
    "eq": p.equal,
    "ne": lambda a, b: p.where(p.equal(a, b), 0.0, 1.0),
    "and": lambda a, b: p.where(a, b, 0.0),
    "or": lambda a, b: p.where(a, 1.0, b),
    "not": lambda a: p.where(a, 0.0, 1.0),
    "clamp": lambda low, a, high: p.minimum(p.maximum(a, low), high),
    "copy": lambda a: a,
    "copy_p": lambda a: a,
}
# Operations that put numbers elsewhere; how many of their inputs are numbers, the rest says where.
MOVING = {
    "broadcast_in_dim": 1,
    "concatenate": None,
    "dynamic_slice": 1,
    "dynamic_update_slice": 2,
    "expand_dims": 1,
    "gather": 1,
    "pad": 2,
    "reshape": 1,
    "rev": 1,
    "slice": 1,
    "split": 1,
    "squeeze": 1,
    "stack": None,
    "tile": 1,
    "transpose": 1,
}
FOLDS = {"reduce_sum": p.add, "reduce_max": p.maximum, "reduce_min": p.minimum, "reduce_prod": p.multiply}
CUMULATIVE = {"cumsum": p.add, "cumprod": p.multiply, "cummax": p.maximum, "cummin": p.minimum}
CALLS = ("jaxpr", "call_jaxpr", "fun_jaxpr")


def read_function(jax: Any, fn: Callable[..., Any], example: tuple[Any, ...]) -> Callable[..., Any]:
    """See `from_jax`."""
    with jax.enable_x64(True):
        jaxpr, shapes = jax.make_jaxpr(fn, return_shape=True)(*example)
    inside, outside = jax.tree_util.tree_structure(example), jax.tree_util.tree_structure(shapes)

    def function(*arguments: Any) -> Any:
        given = inside.flatten_up_to(arguments)
        expected = [variable.aval.shape for variable in jaxpr.jaxpr.invars]
        arrays = [_array_of(part, shape) for part, shape in zip(given, expected, strict=True)]
        with jax.enable_x64(True):
            results = _Interpreter(jax).run(jaxpr.jaxpr, jaxpr.consts, arrays)
        return jax.tree_util.tree_unflatten(outside, [result.tolist() for result in results])

    return function


class _Interpreter:
    """Does the instructions of a jaxpr: on plain numbers by JAX, on arrays that hold Values number by number."""

    def __init__(self, jax: Any) -> None:
        self.jax, self.nodes = jax, 0

    def run(self, jaxpr: Any, constants: Sequence[Any], arguments: Sequence[Any]) -> list[Array]:
        """The results for these arguments, as arrays."""
        known: dict[Any, Array] = dict(zip(jaxpr.constvars, map(np.asarray, constants), strict=True))
        known |= zip(jaxpr.invars, arguments, strict=True)

        def read(variable: Any) -> Array:
            return np.asarray(variable.val) if hasattr(variable, "val") else known[variable]

        for equation in jaxpr.eqns:
            results = self._do(equation, [read(variable) for variable in equation.invars])
            known |= zip(equation.outvars, results, strict=True)
        return [read(variable) for variable in jaxpr.outvars]

    def _do(self, equation: Any, inputs: list[Array]) -> Sequence[Array]:
        name, parameters = equation.primitive.name, equation.params
        if name in ("scan", "while", "cond"):
            return getattr(self, f"_{name}")(parameters, inputs)  # type: ignore[no-any-return]
        if inner := next((parameters[part] for part in CALLS if part in parameters), None):
            return self.run(getattr(inner, "jaxpr", inner), getattr(inner, "consts", ()), inputs)
        if not any(array.dtype == object for array in inputs):
            results = equation.primitive.bind(*inputs, **parameters)
            return list(map(np.asarray, results if equation.primitive.multiple_results else [results]))
        self.nodes += max(variable.aval.size for variable in (*equation.invars, *equation.outvars))
        if self.nodes > MOST_NODES:
            raise ExchangeError(f"this function does more than {MOST_NODES:,} operations on single numbers.")
        if name in MOVING:
            return self._move(equation, inputs)
        if name in ("scatter", "scatter-add"):
            return self._scatter(equation, inputs)
        return [self._compute(name, parameters, inputs, equation.outvars[0].aval)]

    def _compute(self, name: str, parameters: Any, inputs: list[Array], result: Any) -> Array:
        if name in ELEMENTWISE:
            return _each(ELEMENTWISE[name], *inputs)
        if name == "integer_pow":
            return _each(lambda a: a ** parameters["y"], *inputs)
        if name == "select_n":
            return _each(lambda which, *cases: _select(which, cases), *inputs)
        if name == "stop_gradient":
            return np.array([float(number) for number in inputs[0].ravel()]).reshape(inputs[0].shape)
        if name == "convert_element_type":
            kind = np.dtype(parameters["new_dtype"]).kind
            return (
                inputs[0]
                if kind == "f"
                else _each(p.floor if kind in "iu" else lambda a: p.where(a, 1.0, 0.0), *inputs)
            )
        if name in FOLDS:
            rows = _rows(inputs[0], parameters["axes"])
            return _filled([functools.reduce(FOLDS[name], row) for row in rows], result.shape)
        if name in CUMULATIVE:
            return self._cumulative(CUMULATIVE[name], parameters, inputs[0])
        if name == "dot_general":
            left, right = inputs
            return self._product(parameters["dimension_numbers"], left, right, result.shape)
        raise ExchangeError(
            f"JAX's operation {name} is not among those that can be read: {', '.join(sorted(ELEMENTWISE))}, and those "
            "that move numbers, add them up, or multiply matrices. Compute it outside this function."
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

    def _cumulative(self, function: Any, parameters: Any, array: Array) -> Array:
        axis = parameters["axis"]
        lines = np.moveaxis(array, axis, 0)[:: -1 if parameters["reverse"] else 1]
        sums = [lines[:1]]
        for start in range(1, len(lines)):
            sums.append(_each(function, sums[-1], lines[start : start + 1]))
        return np.moveaxis(np.concatenate(sums[:: -1 if parameters["reverse"] else 1]), 0, axis)

    def _product(self, numbers: Any, left: Array, right: Array, shape: tuple[int, ...]) -> Array:
        (along_left, along_right), (batch_left, batch_right) = numbers
        self.nodes += np.prod(shape, dtype=int) * np.prod([left.shape[axis] for axis in along_left], dtype=int)
        if self.nodes > MOST_NODES:
            raise ExchangeError(f"this function does more than {MOST_NODES:,} operations on single numbers.")
        count = int(np.prod([left.shape[axis] for axis in batch_left], dtype=int))
        sides = []
        for array, along, batch in ((left, along_left, batch_left), (right, along_right, batch_right)):
            others = [axis for axis in range(array.ndim) if axis not in (*along, *batch)]
            width = int(np.prod([array.shape[axis] for axis in along], dtype=int))
            sides.append(array.transpose(*batch, *others, *along).reshape(count, -1, width).tolist())
        results = [dot(row, other) for a, b in zip(*sides, strict=True) for row in a for other in b]
        return _filled(results, shape)

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


def _each(function: Callable[..., Any], *arrays: Array) -> Array:
    shape = np.broadcast_shapes(*[array.shape for array in arrays])
    rows = zip(*[np.broadcast_to(array, shape).ravel().tolist() for array in arrays], strict=True)
    return _filled([function(*map(_number, row)) for row in rows], shape)


def _number(number: Any) -> Any:
    return number if isinstance(number, Value) else float(number)


def _select(which: Any, cases: Sequence[Any]) -> Any:
    if not isinstance(which, Value):
        return cases[int(which)]
    return functools.reduce(
        lambda so_far, k: p.where(p.equal(which, float(k)), cases[k], so_far), range(1, len(cases)), cases[0]
    )


def _rows(array: Array, axes: Sequence[int]) -> list[list[Any]]:
    """The numbers along the axes, for each place in the others."""
    others = [axis for axis in range(array.ndim) if axis not in axes]
    width = int(np.prod([array.shape[axis] for axis in axes], dtype=int))
    return array.transpose(*others, *axes).reshape(-1, width).tolist()


def _stack(arrays: Sequence[Array]) -> Array:
    return _filled([number for array in arrays for number in array.ravel().tolist()], (len(arrays), *arrays[0].shape))


def _filled(numbers: Sequence[Any], shape: tuple[int, ...]) -> Array:
    """An array of numbers; of objects where there is a Value among them."""
    if not any(isinstance(number, Value) for number in numbers):
        return np.array(numbers, None if numbers else float).reshape(shape)
    array = np.empty(len(numbers), object)
    array[:] = numbers
    return array.reshape(shape)


def _array_of(nested: Any, shape: tuple[int, ...]) -> Array:
    array = np.array(nested, object)
    if array.shape != shape:
        raise ExchangeError(f"an argument has the shape {array.shape}; the example of from_jax had {shape}.")
    return _filled([_number(number) for number in array.ravel().tolist()], shape)

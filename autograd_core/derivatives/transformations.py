"""Derivatives as transformations of functions: grad, jacobian, hessian, jvp, vjp, hvp.

Each evaluates f once on new, independent nodes, then sweeps that graph from the output back (`backward.adjoints`) or
from the inputs on (`forward.sweep_forward`). No `.grad` is read or written.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from autograd_core.derivatives.evaluated_function import Function, evaluate, require_function
from autograd_core.engine.backward import Node, Number
from autograd_core.engine.context import open_scope
from autograd_core.engine.forward import sweep_forward
from autograd_core.engine.nested import Nested, as_lists, rebuild, shape
from autograd_core.engine.value import Value

# ------------------------------------------------------------------------------------------- the transformations


def grad(f: Function) -> Function:
    """The gradient of f: a function of the same inputs, that returns df/d(input) in that input's shape.

    Inputs are numbers, Values, or nested lists, tuples and arrays of them; f gets Values in the same structure and
    returns one number. With several inputs the gradients are a tuple. Raises TypeError where f is not a function or
    returns a list, `NumberError` where an input is not a number.

    >>> grad(lambda x, w: x * w[0] + w[1] ** 2)(2.0, [3.0, 4.0])
    (3.0, [2.0, 8.0])
    """
    both = value_and_grad(f)
    return lambda *inputs: both(*inputs)[1]


def value_and_grad(f: Function) -> Function:
    """(f(inputs), its gradient), from one evaluation; see `grad`.

    >>> value_and_grad(lambda x: x**3)(2.0)
    (8.0, 12.0)
    """
    require_function(f, "grad")

    def value_and_gradient(*inputs: Nested) -> tuple[Any, Nested]:
        run = evaluate(f, inputs)
        y = run.single_output("grad")
        gradients = run.like_inputs(run.gradient(y))
        return run.as_result(y), gradients if len(inputs) > 1 else gradients[0]

    return value_and_gradient


def jacobian(f: Function) -> Function:
    """The Jacobian of f: a row for each output, in the structure f returns; each row is the gradient of that output.

    A row has the shape of the input, or is a tuple where there are several inputs. A single output is a single row.
    One reverse sweep for each output.

    >>> jacobian(lambda x: [x[0] * x[1], x[0] + x[1]])([2.0, 3.0])
    [[3.0, 2.0], [1.0, 1.0]]
    """
    require_function(f, "jacobian")

    def rows(*inputs: Nested) -> Nested:
        run = evaluate(f, inputs)
        gradients = [run.like_inputs(run.gradient(y)) for y in run.outputs]
        return rebuild(run.result, [row if len(inputs) > 1 else row[0] for row in gradients])

    return rows


def hessian(f: Function) -> Function:
    """The matrix of second derivatives, jacobian(grad(f)), as plain nested lists; a number for one number as input.

    >>> hessian(lambda x1, x2: x1**2 * x2)(2.0, 3.0)
    [[6.0, 4.0], [4.0, 0.0]]
    """
    rows = jacobian(grad(f))
    return lambda *inputs: as_lists(rows(*inputs))


def vjp(f: Function, inputs: Nested, upstream: Nested) -> tuple[Nested, Nested]:
    """(f(inputs), the vector-Jacobian product): upstream * J, in the shape of `inputs`. Reverse mode, one sweep.

    `inputs` is the tuple of f's arguments, or its single argument where that is not a tuple; `upstream` has the shape
    of the output. Raises ValueError where it has another.

    >>> vjp(lambda x, y: [x * y, x + y], (2.0, 3.0), [1.0, 10.0])
    ([6.0, 5.0], (13.0, 12.0))
    """
    require_function(f, "vjp")
    run = evaluate(f, _as_arguments(inputs), upstream)
    _require_same_shape("the upstream", upstream, "the output of f", run.result)
    with open_scope(run.inside):
        # d(sum of upstream * y)/dx is the product, so all outputs share one sweep
        total: Any = 0.0
        for weight, y in zip(run.directions(upstream, "the upstream"), run.outputs, strict=True):
            total = total + weight * y
    gradients = run.like_inputs(run.gradient(total))
    value = rebuild(run.result, [run.as_result(y) for y in run.outputs])
    return value, gradients if isinstance(inputs, tuple) else gradients[0]


def jvp(f: Function, inputs: Nested, tangents: Nested) -> tuple[Nested, Nested]:
    """(f(inputs), the Jacobian-vector product): J * tangents, in the shape of the output. Forward mode.

    `inputs` is the tuple of f's arguments, or its single argument where that is not a tuple; `tangents` has the same
    shape. Raises ValueError where it has another.

    >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 0.0))
    (6.0, 3.0)
    """
    require_function(f, "jvp")
    arguments, directions = _as_arguments(inputs), _as_arguments(tangents)
    if isinstance(inputs, tuple) is not isinstance(tangents, tuple) or len(arguments) != len(directions):
        raise ValueError(
            f"the tangents ({shape(tangents)}) do not fit the inputs ({shape(inputs)}): give one tangent for each "
            "input, both as tuples of f's arguments or both as its one argument."
        )
    for index, (argument, direction) in enumerate(zip(arguments, directions, strict=True), start=1):
        _require_same_shape(f"the tangent of input {index}", direction, "the input", argument)
    run = evaluate(f, arguments, tangents)
    known: dict[Node, Number] = dict(zip(run.variables, run.directions(tangents, "the tangent"), strict=True))
    with open_scope(run.inside):
        results = [y for y in run.outputs if isinstance(y, Value)]
        deque(sweep_forward(run.order, known, results, create_graph=run.live), maxlen=0)
    values = [run.as_result(y) for y in run.outputs]
    changes = [run.as_result(known.get(y) if isinstance(y, Value) else None) for y in run.outputs]
    return rebuild(run.result, values), rebuild(run.result, changes)


def hvp(f: Function, inputs: Nested, vector: Nested) -> tuple[Any, Nested]:
    """(f(inputs), the Hessian-vector product), forward over reverse: the whole Hessian is never formed.

    `inputs` and `vector` as in `jvp`; the product has the shape of `inputs`.

    >>> hvp(lambda x: x[0] ** 2 * x[1], [2.0, 3.0], [1.0, 0.0])
    (12.0, [6.0, 4.0])
    """
    (value, _), (_, product) = jvp(value_and_grad(f), inputs, vector)
    is_single = isinstance(inputs, tuple) and len(inputs) == 1
    return value, (product,) if is_single else product


def _as_arguments(inputs: Nested) -> tuple[Nested, ...]:
    return inputs if isinstance(inputs, tuple) else (inputs,)


def _require_same_shape(what: str, nested: Nested, of: str, wanted: Nested) -> None:
    if shape(nested) != shape(wanted):
        raise ValueError(f"{what} is {shape(nested)}, but {of} is {shape(wanted)}. Give one number for each.")

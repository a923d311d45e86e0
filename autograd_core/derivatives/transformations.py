"""Derivatives as transformations of functions: grad, jacobian, hessian, jvp, vjp, hvp.

Each evaluates f once on new, independent nodes, then sweeps that graph from the output back (`backward.adjoints`) or
from the inputs on (`forward.sweep_forward`). No `.grad` is read or written.

The results are plain numbers where f computes with plain numbers only, and always inside `no_grad()`. Where an input is
a Value, or f uses a Value from outside itself (a parameter, the variable of an enclosing transformation), they are
Values with a graph, so that transformations compose and no derivative is lost silently.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral
from typing import Any

from autograd_core.engine.anomaly import current_watch
from autograd_core.engine.backward import Node, Number, adjoints, topological_order
from autograd_core.engine.context import Scope, current_scope, open_scope
from autograd_core.engine.forward import sweep_forward
from autograd_core.engine.nested import Nested, as_lists, is_leaf, leaves, rebuild, shape
from autograd_core.engine.number import as_number
from autograd_core.engine.value import Value

Function = Callable[..., Any]

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
    _require_function(f, "grad")

    def value_and_gradient(*inputs: Nested) -> tuple[Any, Nested]:
        run = _evaluate(f, inputs)
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
    _require_function(f, "jacobian")

    def rows(*inputs: Nested) -> Nested:
        run = _evaluate(f, inputs)
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


def nth_derivative(f: Function, n: int) -> Function:
    """The n-th derivative of a function of one number; n = 0 is f itself. Raises ValueError for n < 0.

    >>> nth_derivative(lambda x: x**4, 3)(2.0)
    48.0
    """
    _require_function(f, "nth_derivative")
    if not isinstance(n, Integral) or isinstance(n, bool):
        raise TypeError(f"nth_derivative needs a whole number n, got {n!r}.")
    if n < 0:
        raise ValueError(f"there is no derivative of order {n}: n counts how often to differentiate, 0 or more.")

    def derivative(x: Any) -> Any:
        run = _evaluate(f, (x,))
        if len(run.variables) != 1:
            raise TypeError(f"nth_derivative is for a function of one number, got {shape(x)}. Use grad or hessian.")
        y = run.single_output("nth_derivative")
        for remaining in range(n, 0, -1):
            (y,) = run.adjoints(y, create_graph=run.live or remaining > 1)
        return run.as_result(y)

    return derivative


def vjp(f: Function, inputs: Nested, upstream: Nested) -> tuple[Nested, Nested]:
    """(f(inputs), the vector-Jacobian product): upstream * J, in the shape of `inputs`. Reverse mode, one sweep.

    `inputs` is the tuple of f's arguments, or its single argument where that is not a tuple; `upstream` has the shape
    of the output. Raises ValueError where it has another.

    >>> vjp(lambda x, y: [x * y, x + y], (2.0, 3.0), [1.0, 10.0])
    ([6.0, 5.0], (13.0, 12.0))
    """
    _require_function(f, "vjp")
    run = _evaluate(f, _as_arguments(inputs), upstream)
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
    _require_function(f, "jvp")
    arguments, directions = _as_arguments(inputs), _as_arguments(tangents)
    if isinstance(inputs, tuple) is not isinstance(tangents, tuple) or len(arguments) != len(directions):
        raise ValueError(
            f"the tangents ({shape(tangents)}) do not fit the inputs ({shape(inputs)}): give one tangent for each "
            "input, both as tuples of f's arguments or both as its one argument."
        )
    for index, (argument, direction) in enumerate(zip(arguments, directions, strict=True), start=1):
        _require_same_shape(f"the tangent of input {index}", direction, "the input", argument)
    run = _evaluate(f, arguments, tangents)
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


# ------------------------------------------------------------------------------------------------ one evaluation


@dataclass(frozen=True, slots=True, eq=False)
class _Evaluation:
    """f evaluated once.

    inputs: those of f. variables: the independent node of each number in them. result: of f; outputs: its numbers and
    Values. order: the nodes between. inside: the scope f ran in. live: whether derivatives are Values with a graph.
    """

    inputs: tuple[Nested, ...]
    variables: list[Value]
    result: Nested
    outputs: list[Any]
    order: list[Value]
    inside: Scope
    live: bool

    def single_output(self, transformation: str) -> Any:
        """The single number f returned; an error where it returned a list."""
        if not is_leaf(self.result):
            raise TypeError(
                f"{transformation} needs a function that returns one number, but f returned {shape(self.result)}. "
                "Use jacobian(f) for the derivatives of them all, or let f return one number."
            )
        return self.outputs[0]

    def gradient(self, y: Any) -> list[Any]:
        """dy/d(each variable), finished."""
        return [self.as_result(adjoint) for adjoint in self.adjoints(y, self.live)]

    def adjoints(self, y: Any, create_graph: bool) -> list[Number | None]:
        """dy/d(each variable), None where no gradient flowed."""
        if not isinstance(y, Value):
            return [None] * len(self.variables)
        with open_scope(self.inside):
            # Below the variables lie the nodes they were computed from. Recording their adjoints would be waste; where
            # nothing is recorded, a whole sweep is faster than a selection.
            selected = create_graph or current_watch() is not None
            total = adjoints(y, stop=dict.fromkeys(self.variables) if selected else (), create_graph=create_graph)
        return [total.get(variable) for variable in self.variables]

    def as_result(self, number: Any) -> Any:
        """A number as it is returned: a Value where derivatives are live, else a float; 0 where no gradient flowed."""
        number = 0.0 if number is None else number
        if self.live:
            return number if isinstance(number, Value) else Value(number)
        return number.data if isinstance(number, Value) else number

    def like_inputs(self, numbers: list[Any]) -> tuple[Nested, ...]:
        """One number for each variable, put in the shape of the inputs, as plain lists."""
        return tuple(as_lists(numbers) for numbers in rebuild(self.inputs, numbers))

    def directions(self, nested: Nested, role: str) -> list[Any]:
        """The numbers of tangents or upstreams; without their history where derivatives are not live."""
        numbers = [leaf if isinstance(leaf, Value) else as_number(leaf, role) for leaf in leaves(nested)]
        return numbers if self.live else [number.data if isinstance(number, Value) else number for number in numbers]


def _evaluate(f: Function, inputs: tuple[Nested, ...], directions: Nested = ()) -> _Evaluation:
    """Call f on fresh nodes that stand for `inputs`, with recording on whatever the ambient mode."""
    if not inputs:
        raise TypeError(
            "there is nothing to differentiate with respect to: no input was passed. Call it as grad(f)(x)."
        )
    now = current_scope()
    inside = Scope("", None, (), now, now.mode if now.mode.recording else now.mode._replace(recording=True))
    with open_scope(inside):
        variables = [
            _variable(leaf, f"input {index}") for index, nested in enumerate(inputs, start=1) for leaf in leaves(nested)
        ]
        result = f(*rebuild(inputs, variables, keep_arrays=True))
    outputs = [leaf if isinstance(leaf, Value) else as_number(leaf, "the result of f") for leaf in leaves(result)]
    order: list[Value] = []
    visited = dict.fromkeys(variables)
    for y in outputs:
        if isinstance(y, Value) and y not in visited:
            nodes = topological_order(y, stop=visited)
            order += nodes
            visited |= dict.fromkeys(nodes)
    live = now.mode.recording and (
        any(isinstance(leaf, Value) for leaf in leaves(inputs) + leaves(directions))
        or any(node.primitive is None and not _is_constant(node, inside) for node in order)
    )
    return _Evaluation(inputs, variables, result, outputs, order, inside, live)


def _variable(leaf: Any, role: str) -> Value:
    """A node to differentiate with respect to. For a Value it is a new node computed from it: with the Value itself,
    whatever f uses from outside that depends on it would be differentiated too (perturbation confusion)."""
    if not isinstance(leaf, Value):
        return Value(as_number(leaf, role))
    variable = leaf * 1.0  # exact, for -0.0 too
    variable.label = leaf.label
    return variable


def _is_constant(leaf: Value, inside: Scope) -> bool:
    """Whether f created this leaf itself, instead of using one from outside."""
    scope: Scope | None = leaf._scope
    while scope is not None and scope is not inside:
        scope = scope.parent
    return scope is inside


def _as_arguments(inputs: Nested) -> tuple[Nested, ...]:
    return inputs if isinstance(inputs, tuple) else (inputs,)


def _require_function(f: Any, transformation: str) -> None:
    if isinstance(f, Value):
        raise TypeError(
            f"{transformation} takes a function, got a Value: {f._title()}. For a Value that is already "
            f"computed use y.backward() and read x.grad; for a function f use {transformation}(f)(x)."
        )
    if not callable(f):
        raise TypeError(f"{transformation} takes a function, got {type(f).__name__}: call it as grad(f)(x).")


def _require_same_shape(what: str, nested: Nested, of: str, wanted: Nested) -> None:
    if shape(nested) != shape(wanted):
        raise ValueError(f"{what} is {shape(nested)}, but {of} is {shape(wanted)}. Give one number for each.")

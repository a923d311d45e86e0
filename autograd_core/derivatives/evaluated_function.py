"""A function evaluated once on independent nodes, and the adjoints of that graph, for every transformation.

The results are plain numbers where f computes with plain numbers only, and always inside `no_grad()`. Where an input is
a Value, or f uses a Value from outside itself (a parameter, the variable of an enclosing transformation), they are
Values with a graph, so that transformations compose and no derivative is lost silently.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autograd_core.engine.anomaly import current_watch
from autograd_core.engine.backward import Number, adjoints, topological_order
from autograd_core.engine.context import Scope, current_scope, open_scope
from autograd_core.engine.nested import Nested, as_lists, is_leaf, leaves, rebuild, shape
from autograd_core.engine.numbers.number import as_number
from autograd_core.engine.value import Value

Function = Callable[..., Any]


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
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


def evaluate(f: Function, inputs: tuple[Nested, ...], directions: Nested = ()) -> Evaluation:
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
    return Evaluation(inputs, variables, result, outputs, order, inside, live)


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


def require_function(f: Any, transformation: str) -> None:
    if isinstance(f, Value):
        raise TypeError(
            f"{transformation} takes a function, got a Value: {f._title()}. For a Value that is already "
            f"computed use y.backward() and read x.grad; for a function f use {transformation}(f)(x)."
        )
    if not callable(f):
        raise TypeError(f"{transformation} takes a function, got {type(f).__name__}: call it as grad(f)(x).")

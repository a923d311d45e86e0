"""What is recorded as one node until something reads how it was computed: the sum of products of `dot`, and `relu`.

`.backward()` needs no more than their inputs, and a net consists of them. Whatever else reads a graph (pictures,
tables, exercises, traces, derivatives, copies) finds its nodes by `topological_order` or the properties of `Value`;
these expand it, so that it meets the operations of the table, with the numbers and gradients that they have.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import Any

from autograd_core.engine import primitives
from autograd_core.engine.context import PLAIN, Scope, current_scope
from autograd_core.engine.interpreter.interrupts import commit
from autograd_core.engine.interpreter.locks import make_lock
from autograd_core.engine.numbers.number import as_number
from autograd_core.engine.primitive import Primitive

_OPERATION = ("_a", "_b", "_x", "_y", "_primitive")
_EXPANDING = make_lock()
_new: Any = object.__new__


def record_sum(kind: Any, definition: Any, left: Sequence[Any], right: Sequence[Any]) -> Any:
    """The node of left[0]*right[0] + left[1]*right[1] + ..., added from left to right, in the scope of `definition`.

    kind: the class of nodes. None where every operation has to be recorded: unless the mode is the plain one, and for
    factors that record in another way.
    """
    outer = current_scope()
    if outer.mode is not PLAIN:
        return None
    a: tuple[Any, ...] = tuple(left)
    b: tuple[Any, ...] = tuple(right)
    flat = a + b
    try:
        x, y = tuple([factor._data for factor in a]), tuple([factor._data for factor in b])
    except AttributeError:  # not Values alone
        if not all(isinstance(factor, kind) or not hasattr(factor, "_record") for factor in flat):
            return None
        name = definition.name
        x, y = (tuple([f._data if isinstance(f, kind) else as_number(f, name) for f in part]) for part in (a, b))
        a, b = (tuple([f if isinstance(f, kind) else None for f in part]) for part in (a, b))
        flat = tuple([number if factor is None else factor for factor, number in zip(a + b, x + y, strict=True)])
    total = -0.0  # which changes no number that is added to it
    for first, second in zip(x, y, strict=True):
        total += first * second
    return _node(kind, (a, b, x, y, SUM), total, Scope(definition.name, definition, flat, outer, PLAIN), None)


def record_relu(kind: Any, definition: Any, x: Any) -> Any:
    """The node of relu(x), in the scope of `definition`; None where its operations have to be recorded."""
    outer = current_scope()
    if outer.mode is not PLAIN:
        return None
    number = x._data
    scope = Scope(definition.name, definition, (x,), outer, PLAIN)
    return _node(kind, (x, None, number, None, RELU), 0.0 if number <= 0.0 else number, scope, None)


def _expand_sum(node: Any) -> None:
    """Make `node` the last addition of its sum."""
    kind, scope, grad = type(node), node._scope, node._grad  # no partial of an addition is other than 1
    operation: tuple[Any, ...] = ()
    for a, b, x, y in zip(node._a, node._b, node._x, node._y, strict=True):
        before, operation = operation, (a, b, x, y, primitives.multiply)
        if before:
            number, product = before[4].forward(before[2], before[3]), x * y
            total = _node(kind, before, number, scope, grad)
            term = None if a is None and b is None else _node(kind, operation, product, scope, grad)
            operation = (total, term, number, product, primitives.add)
    _become(node, operation)


def _expand_relu(node: Any) -> None:
    """Make `node` the choice of relu."""
    x, number = node._a, node._x
    closed = primitives.less_equal.forward(number, 0.0)
    grad = None if node._grad is None else 0.0  # nothing flows through a comparison
    comparison = _node(type(node), (x, None, number, 0.0, primitives.less_equal), closed, node._scope, grad)
    _become(node, ((comparison, None, x), None, (closed, 0.0, number), None, primitives.where))


def _become(node: Any, operation: tuple[Any, ...]) -> None:
    commit(map(setattr, repeat(node), _OPERATION, operation))


# The operations of such nodes; none is in the table. Of a sum `_a` and `_b` are tuples of the factors, where None is a
# constant of the program, and `_x` and `_y` tuples of their numbers.
SUM = Primitive("sum of products", lambda: 0.0, (), arguments=())
RELU = Primitive("relu", lambda: 0.0, (), arguments=())
UNEXPANDED = {SUM: _expand_sum, RELU: _expand_relu}


def expand(node: Any) -> None:
    """Make a node the last operation of what it stands for, and record those before it as if each had been recorded
    then. It stays the same object, and another thread sees it before or after."""
    with _EXPANDING:
        if (expansion := UNEXPANDED.get(node._primitive)) is not None:
            expansion(node)


def write_grad(node: Any, count: int, grad: Any) -> None:
    """Set the gradient of a sum of `count` products, and of its operations where it was expanded meanwhile."""
    with _EXPANDING:
        node._grad = grad
        if node._primitive is not SUM:
            for _ in range(count - 1):
                for inner in (node._a, node._b):
                    if inner is not None:
                        inner._grad = grad
                node = node._a


def _node(kind: type, operation: tuple[Any, ...], number: float, scope: Scope, grad: Any) -> Any:
    node: Any = _new(kind)
    node._a, node._b, node._x, node._y, node._primitive = operation
    node._output = node._data = number
    node._scope = scope
    node._grad = grad
    node._adjoint = None
    node.label = ""
    return node

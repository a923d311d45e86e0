"""The sum of products that `dot` computes: one node with many inputs, until something reads how it was computed.

`.backward()` needs its factors alone, and a layer has hundreds of such sums. Whatever else reads a graph (pictures,
tables, exercises, traces, derivatives, copies) finds its nodes by `topological_order` or the properties of `Value`;
these call `expand`, so that it meets products and additions, with the numbers and gradients that they have.
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

# The operation of a sum that is one node. `_a` and `_b` are tuples of the factors, where None is a constant of the
# program, `_x` and `_y` tuples of their numbers.
UNEXPANDED = Primitive("unexpanded", lambda: 0.0, (), arguments=())

_OPERATION = ("_a", "_b", "_x", "_y", "_primitive")
_EXPANDING = make_lock()
_new: Any = object.__new__


def record(kind: Any, definition: Any, left: Sequence[Any], right: Sequence[Any]) -> Any:
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
    return _node(kind, (a, b, x, y, UNEXPANDED), total, Scope(definition.name, definition, flat, outer, PLAIN), None)


def expand(node: Any) -> None:
    """Make `node` the last operation of its sum, and record those before it, as if each had been recorded then.

    Another thread sees the sum before or after it.
    """
    with _EXPANDING:
        if node._primitive is not UNEXPANDED:
            return
        kind, scope, grad = type(node), node._scope, node._grad  # no partial of an addition is other than 1
        operation: tuple[Any, ...] = ()
        for a, b, x, y in zip(node._a, node._b, node._x, node._y, strict=True):
            before, operation = operation, (a, b, x, y, primitives.multiply)
            if before:
                number, product = before[4].forward(before[2], before[3]), x * y
                total = _node(kind, before, number, scope, grad)
                term = None if a is None and b is None else _node(kind, operation, product, scope, grad)
                operation = (total, term, number, product, primitives.add)
        commit(map(setattr, repeat(node), _OPERATION, operation))


def write_grad(node: Any, count: int, grad: Any) -> None:
    """Set the gradient of a sum of `count` products, and of its operations where it was expanded meanwhile."""
    with _EXPANDING:
        node._grad = grad
        if node._primitive is not UNEXPANDED:
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

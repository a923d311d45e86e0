"""A Value with the habits of micrograd's, around a node of this engine: grad starts at 0, == is identity."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any, SupportsFloat

from autograd_core.engine import functions, primitives
from autograd_core.engine import value as engine
from autograd_core.engine.backward import backward_steps
from autograd_core.engine.operators import Operators
from autograd_core.engine.primitive import Primitive

_SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**", "negative": "-"}


class Value(Operators):
    """A number and its gradient. `node` is the `autograd_core.Value` to explain, draw, check or compile.

    `_children` and `_prev` are the Values it was computed from, `_op` is the sign of the operation. Raises
    `NumberError` where `data` is not a number.
    """

    __slots__ = ("_children", "_op", "node")

    def __init__(self, data: SupportsFloat, label: str = "") -> None:
        self.node = engine.Value(data, label)
        self._children: tuple[Value, ...] = ()
        self._op = ""

    @classmethod
    def _of(cls, node: Any, children: tuple[Any, ...], op: str) -> Value:
        made = cls.__new__(cls)
        made.node, made._children, made._op = node, tuple(child for child in children if isinstance(child, Value)), op
        return made

    def _record(self, primitive: Primitive, inputs: Sequence[Any]) -> Value:
        node = primitive(*(x.node if isinstance(x, Value) else x for x in inputs))
        return self._of(node, tuple(inputs), _SIGNS.get(primitive.name, primitive.name))

    @property
    def data(self) -> float:
        """The number."""
        return self.node.data

    @data.setter
    def data(self, number: SupportsFloat) -> None:
        self.node.data = number

    @property
    def grad(self) -> Any:
        """dL/d(this); 0 before `L.backward()`."""
        return 0 if self.node.grad is None else self.node.grad

    @grad.setter
    def grad(self, number: Any) -> None:
        self.node.grad = number

    @property
    def label(self) -> str:
        """The name in pictures and errors."""
        return self.node.label

    @label.setter
    def label(self, name: str) -> None:
        self.node.label = name

    @property
    def _prev(self) -> set[Value]:
        return set(self._children)

    def backward(self) -> None:
        """Add dL/dleaf to the grad of every leaf below this Value, and set the grad of those between."""
        self.node.backward()

    def _backward(self) -> None:
        """Add the contributions of this Value's gradient to those of its inputs: one step of the chain rule."""
        for step in islice(backward_steps(self.node, float(self.grad)), 1):
            for source, contribution in zip(step.inputs, step.contributions, strict=True):
                if isinstance(source, engine.Value) and contribution is not None:
                    source.grad = (source.grad or 0.0) + contribution

    def relu(self) -> Value:
        """max(0, x)."""
        return self._of(functions.relu(self.node), (self,), "ReLU")

    def tanh(self) -> Value:
        """The hyperbolic tangent."""
        return self._record(primitives.tanh, (self,))

    def exp(self) -> Value:
        """e**x."""
        return self._record(primitives.exp, (self,))

    def log(self) -> Value:
        """The natural logarithm."""
        return self._record(primitives.log, (self,))

    def _not_ordered(self, other: object) -> Any:
        return NotImplemented

    __lt__ = __le__ = __gt__ = __ge__ = _not_ordered  # as there: compare the data
    __eq__, __ne__, __hash__ = object.__eq__, object.__ne__, object.__hash__
    __array_priority__ = -1.0  # above NumPy's scalars, so that np.float64(2) * x is a Value

    def __repr__(self) -> str:
        return f"Value(data={self.data}, grad={self.grad})"

"""`Value`: one number of a graph, and how operations on it are recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal, NoReturn, SupportsFloat

from autograd_core.engine import functions, primitives
from autograd_core.engine.accumulate_grad import accumulate_grad, backward
from autograd_core.engine.anomaly import user_line
from autograd_core.engine.backward import adjoints
from autograd_core.engine.context import PLAIN, current_scope
from autograd_core.engine.graph_node import GraphNode
from autograd_core.engine.numbers.number import as_number, is_number
from autograd_core.engine.primitive import DETACHED, Primitive
from autograd_core.engine.trace_guard import refuse_sweeping
from autograd_core.errors import GraphError, NumberError


def _binary(primitive: Primitive) -> Callable[[Value, Any], Value]:
    """The operator `self (op) other`, written out for speed."""
    forward = primitive.forward

    def operate(self: Value, other: Any) -> Value:
        if isinstance(other, Value):
            y = other._data
        elif type(other) is float:
            y = other
            other = None
        elif is_number(other):
            y = as_number(other)
            other = None
        else:
            return NotImplemented  # type: ignore[no-any-return]
        node: Value = _new(Value)
        node._a = self
        node._b = other
        node._x = x = self._data
        node._y = y
        node._output = node._data = forward(x, y)
        node._primitive = primitive
        node._scope = scope = current_scope()
        node._grad = node._adjoint = None
        node.label = ""
        return node if scope.mode is PLAIN else _finish(node)

    return operate


def _reflected_operator(primitive: Primitive) -> Callable[[Value, Any], Value]:
    """The operator `other (op) self`, where other is a plain number."""

    forward = primitive.forward

    def operate(self: Value, other: Any) -> Value:
        if type(other) is not float:
            if not is_number(other):
                return NotImplemented  # type: ignore[no-any-return]
            other = as_number(other)
        node: Value = _new(Value)
        node._a = None
        node._b = self
        node._x = other
        node._y = y = self._data
        node._output = node._data = forward(other, y)
        node._primitive = primitive
        node._scope = scope = current_scope()
        node._grad = node._adjoint = None
        node.label = ""
        return node if scope.mode is PLAIN else _finish(node)

    return operate


def _equality(negated: bool) -> Callable[[Value, Any], Any]:
    """The operator `==`, or `!=`, which is equal(equal(a, b), 0)."""
    compare = _binary(primitives.equal)

    def operate(self: Value, other: Any) -> Any:
        try:
            same = compare(self, other)
        except NumberError:  # past the range of float64, where no Value is
            return NotImplemented
        return compare(same, 0.0) if negated and same is not NotImplemented else same

    return operate


def _unary(primitive: Primitive) -> Callable[[Value], Value]:
    forward = primitive.forward

    def operate(self: Value) -> Value:
        node: Value = _new(Value)
        node._a = self
        node._b = None
        node._x = x = self._data
        node._y = None
        node._output = node._data = forward(x)
        node._primitive = primitive
        node._scope = scope = current_scope()
        node._grad = node._adjoint = None
        node.label = ""
        return node if scope.mode is PLAIN else _finish(node)

    operate.__doc__ = f"{primitive.name}(self)."
    return operate


class Value(GraphNode):
    """One number in a graph: `Value(2.0)` is an input, `x * y + 1` records two operations.

    data: the number. grad: dL/d(this) after `L.backward()`, None before. label: its name in pictures and tables.
    op: the operation that computed it ("" for a leaf). inputs: the inputs of that operation, in order; a plain float
    among them is a constant of the program. scope: the innermost named group it was computed in.

    `==`, `!=`, `<`, `<=`, `>` and `>=` compare the numbers and give a Value 1.0 or 0.0; `bool` and `float` read the
    number. So do `in`, `index`, `remove` and `count`, and the equality of lists, tuples and dataclasses: write `is` for
    the same node. Sets and dictionary keys go by identity. Raises `NumberError` where `data` is not one real number.

    >>> x = Value(3.0, label="x")
    >>> y = x * x
    >>> y.backward(); x.grad
    6.0
    """

    __slots__ = ()

    __array_priority__: ClassVar[float] = -1.0  # above NumPy's scalars, which before 2.1 compare by themselves
    role: ClassVar[Literal["input", "parameter"]] = "input"  # of a leaf: an input, or a parameter to be learnt

    def __init__(self, data: SupportsFloat, label: str = "") -> None:
        self._data = self._output = data if type(data) is float else as_number(data, type(self).__name__)
        self._a = self._b = self._x = self._y = self._primitive = self._grad = self._adjoint = None
        self._scope = current_scope()
        if not isinstance(label, str):
            raise TypeError(f"the label of a {type(self).__name__} is a text, got {label!r}. Write label=str(...).")
        self.label = label

    def detach(self) -> Value:
        """A new Value with the same number and no history: no gradient flows through it."""
        if current_scope().mode.tracing:
            return _node(CUT, (self,))
        node = Value(self._data)
        node._primitive = DETACHED
        return node

    def backward(self, upstream: float = 1.0, create_graph: bool = False) -> None:
        """Add dL/dleaf to the `.grad` of every leaf below this node, and set the `.grad` of the nodes between.

        L is this node (times `upstream`). A second call adds to the leaves again, as in PyTorch; set `.grad` to None
        to start afresh. With `create_graph` the gradients are Values that can be differentiated again.
        Raises `GraphError` where there is no history to go back through, or an operation has no partials.
        """
        if self._primitive is DETACHED:
            raise GraphError(
                f"{self._title()} was computed with recording off (no_grad or detach), so it has no history to "
                "go back through. Compute it outside no_grad()."
            )
        start = as_number(upstream, "upstream")
        if not create_graph:
            if current_scope().mode.tracing:
                refuse_sweeping()
            backward(self, start)
            return
        total = adjoints(self, start, create_graph=True)
        accumulate_grad({node: grad if isinstance(grad, Value) else Value(grad or 0.0) for node, grad in total.items()})

    # ------------------------------------------------------------------------------------------ operators

    __add__ = _binary(primitives.add)
    __sub__ = _binary(primitives.subtract)
    __mul__ = _binary(primitives.multiply)
    __truediv__ = _binary(primitives.divide)
    __pow__ = _binary(primitives.power)
    __radd__ = _reflected_operator(primitives.add)
    __rsub__ = _reflected_operator(primitives.subtract)
    __rmul__ = _reflected_operator(primitives.multiply)
    __rtruediv__ = _reflected_operator(primitives.divide)
    __rpow__ = _reflected_operator(primitives.power)
    __lt__ = _binary(primitives.less)
    __le__ = _binary(primitives.less_equal)
    __gt__ = _binary(primitives.greater)
    __ge__ = _binary(primitives.greater_equal)
    __eq__ = _equality(negated=False)
    __ne__ = _equality(negated=True)
    __hash__ = object.__hash__  # identity: nodes live in sets, and are the keys of dictionaries
    __neg__ = _unary(primitives.negative)
    __abs__ = _unary(primitives.abs)
    exp = _unary(primitives.exp)
    expm1 = _unary(primitives.expm1)
    log = _unary(primitives.log)
    log1p = _unary(primitives.log1p)
    sqrt = _unary(primitives.sqrt)
    sin = _unary(primitives.sin)
    cos = _unary(primitives.cos)
    tan = _unary(primitives.tan)
    tanh = _unary(primitives.tanh)

    def __xor__(self, other: object) -> NoReturn:
        raise TypeError("^ is not a power in Python: write x**2 for the square of x, and a**b for a to the power of b.")

    __rxor__ = __xor__

    def __mod__(self, other: object) -> NoReturn:
        self._refuse_if_traced("remainder")
        raise TypeError(
            "a Value has no //, % or divmod: write floor(a / b) for a // b, a - b * floor(a / b) for a % b."
        )

    __rmod__ = __floordiv__ = __rfloordiv__ = __divmod__ = __rdivmod__ = __mod__

    def __pos__(self) -> Value:
        return self

    def relu(self) -> Value:
        """relu(self), the composition."""
        result: Value = functions.relu(self)
        return result

    def sigmoid(self) -> Value:
        """sigmoid(self), the composition."""
        result: Value = functions.sigmoid(self)
        return result

    @staticmethod
    def _record(primitive: Primitive, inputs: tuple[Any, ...]) -> Value:
        """Called by a primitive that finds a Value among its inputs."""
        return _node(primitive, inputs)

    @staticmethod
    def _record_as_one(record: Callable[..., Any], definition: Any, *inputs: Any) -> Value | None:
        """Called by a composition that finds a Value among its inputs: itself as one unexpanded node, or None."""
        node: Value | None = record(Value, definition, *inputs)
        return node


class _LocatedValue(Value):
    """A node made under `detect_anomaly()`, with the line of the user's program that computed it, and with what is said
    of the operation from which it has a number that is not finite."""

    __slots__ = ("anomaly", "location")

    anomaly: Any
    location: str

    def _line_note(self) -> str:
        return f"It was computed at {self.location}."


_new: Any = object.__new__

# In a trace, an edge without a gradient: eager mode drops the history instead.
CUT = Primitive("detach", lambda a: a, (None,), linear=(0,))


def _node(primitive: Primitive, inputs: Sequence[Any]) -> Value:
    """The node of `primitive` on any number of inputs, each a Value or a number."""
    sources: list[Value | None] = []
    numbers: list[float] = []
    for source in inputs:
        if isinstance(source, Value):
            sources.append(source)
            numbers.append(source._data)
        else:
            sources.append(None)
            numbers.append(source if type(source) is float else as_number(source, primitive.name))
    node: Value = _new(Value)
    node._output = node._data = primitive.forward(*numbers)
    if primitive.many:
        node._a, node._b, node._x, node._y = tuple(sources), None, tuple(numbers), None
    elif len(sources) == 2:
        node._a, node._b = sources
        node._x, node._y = numbers
    else:
        node._a, node._b, node._x, node._y = sources[0], None, numbers[0], None
    node._primitive = primitive
    node._scope = scope = current_scope()
    node._grad = node._adjoint = None
    node.label = ""
    return node if scope.mode is PLAIN else _finish(node)


def _finish(node: Value) -> Value:
    """A new node as its mode wants it: under detect_anomaly() or no_grad(), or while a function is traced."""
    mode = node._scope.mode
    if mode.anomaly:
        located: _LocatedValue = _new(_LocatedValue)
        for name in GraphNode.__slots__:
            setattr(located, name, getattr(node, name))
        located.location = user_line()
        mode.anomaly.add(located)
        node = located
    if not mode.recording and mode.tracing:
        return node if node._primitive is CUT else _node(CUT, (node,))
    if not mode.recording:
        node._primitive = DETACHED
        node._a = node._b = node._x = node._y = None
    return node

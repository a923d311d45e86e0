"""`GraphNode`: what a node of a graph holds, and how it is read, shown, copied and pickled."""

from __future__ import annotations

from typing import Any, NoReturn, SupportsFloat

from autograd_core.engine.context import Scope, current_scope
from autograd_core.engine.copying import copy_deeply, copy_node, reduce_node
from autograd_core.engine.numbers.number import as_number
from autograd_core.engine.primitive import Primitive
from autograd_core.engine.trace_guard import is_traced, refuse_reading
from autograd_core.engine.unexpanded import UNEXPANDED, expand
from autograd_core.errors import GraphError


class GraphNode:
    """A number and how it was computed. `Value` adds the operations on it.

    `_a` and `_b` are the inputs of the operation, None for a constant, `_x` and `_y` their numbers when it was computed
    and `_output` its own; tuples in `_a` and `_x` where it has three inputs or more.
    """

    __slots__ = ("_a", "_adjoint", "_b", "_data", "_grad", "_output", "_primitive", "_scope", "_x", "_y", "label")

    _data: float
    _output: float
    _adjoint: Any  # the sum so far during a sweep; meaningless outside it
    _primitive: Primitive | None
    _a: Any
    _b: Any
    _x: Any
    _y: Any
    _scope: Scope
    _grad: Any
    label: str

    @property
    def data(self) -> float:
        """The number. Setting it changes this node alone: nodes computed from it keep the number they had."""
        if current_scope().mode.tracing:
            refuse_reading(self)
        return self._data

    @data.setter
    def data(self, number: SupportsFloat) -> None:
        self._data = number if type(number) is float else as_number(number, f"the data of {self._title()}")

    @property
    def grad(self) -> Any:
        """dL/d(this) after `L.backward()`; None before, and where L does not depend on this."""
        if current_scope().mode.tracing:
            refuse_reading(self, "grad")
        return self._grad

    @grad.setter
    def grad(self, number: Any) -> None:
        self._grad = number

    @property
    def op(self) -> str:
        """The name of the operation that computed this node; "" for a leaf."""
        return "" if (primitive := self.primitive) is None else primitive.name

    @property
    def primitive(self) -> Primitive | None:
        """The table entry of the operation; None for a leaf."""
        if self._primitive in UNEXPANDED:
            expand(self)
        return self._primitive

    @property
    def inputs(self) -> tuple[Any, ...]:
        """The inputs of the operation, in order and with repeats; a float is a constant. () for a leaf."""
        if (primitive := self.primitive) is not None and primitive.many:
            return tuple([x if a is None else a for a, x in zip(self._a, self._x, strict=True)])
        if self._x is None:
            return ()
        a = self._x if self._a is None else self._a
        return (a,) if self._y is None else (a, self._y if self._b is None else self._b)

    @property
    def input_numbers(self) -> tuple[float, ...]:
        """The numbers of `inputs` as they were when this node was computed."""
        self._refuse_if_traced("number")
        return self._input_numbers

    @property
    def _input_numbers(self) -> tuple[float, ...]:
        if self._primitive in UNEXPANDED:
            expand(self)
        x = self._x
        if self._y is not None:
            return x, self._y
        return x if type(x) is tuple else () if x is None else (x,)

    @property
    def output_number(self) -> float:
        """The number this node had when it was computed."""
        self._refuse_if_traced("number")
        return self._output

    @property
    def scope(self) -> Scope | None:
        """The innermost named group this node was computed in, or None."""
        return next(self._scope.chain(), None)

    def item(self) -> float:
        """The number, as PyTorch spells it."""
        return self.data

    # ------------------------------------------------------------------------------------ reading the number

    def __float__(self) -> float:
        if current_scope().mode.recording_partials:
            raise GraphError(
                f"a partial turned {self._title()} into a plain float while the derivative itself was being "
                "recorded, which would cut the graph and lose a derivative. Write partials with operators and the "
                "functions of this package (autograd_core.cos, not math.cos)."
            )
        self._refuse_if_traced("float")
        return self._data

    def __int__(self) -> int:
        return int(float(self))

    __trunc__ = __int__

    def __round__(self, digits: int | None = None) -> float:
        return round(float(self), digits)

    def __index__(self) -> NoReturn:
        self._refuse_if_traced("index")
        raise TypeError("a Value is not a place in a list: write choose(x, numbers), or int(x) for its number alone.")

    def __bool__(self) -> bool:
        return self.data != 0.0

    def __format__(self, specification: str) -> str:
        self._refuse_if_traced("format")
        return format(self._data, specification) if specification else repr(self)

    def __repr__(self) -> str:
        name = f", label={self.label!r}" if self.label else ""
        grad = "" if self._grad is None else f", grad={float(self._grad)!r}"
        return f"{type(self).__name__}({'traced' if is_traced(self) else repr(self._data)}{name}{grad})"

    def _refuse_if_traced(self, reading: str) -> None:
        if current_scope().mode.tracing:
            refuse_reading(self, reading)

    def _title(self) -> str:
        """This node as an error names it."""
        kind = self.op or "leaf"
        return f"{self.label!r} ({kind}, {self._data!r})" if self.label else f"a node ({kind}, {self._data!r})"

    def _line_note(self) -> str:
        return "It was computed outside detect_anomaly(), so its line is unknown."

    # ------------------------------------------------------------------------------------ copying and pickling

    def __copy__(self) -> Any:
        self._refuse_if_traced("copy")
        return copy_node(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        self._refuse_if_traced("copy")
        return copy_deeply(self, memo)

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        self._refuse_if_traced("copy")
        return reduce_node(self, protocol)

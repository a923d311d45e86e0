"""Python's operators for numbers that record: registers of a tape, Taylor series.

`Value` has its own, which make a node in one call because they are what a forward pass consists of.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd_core.engine import primitives
from autograd_core.engine.numbers.number import is_number
from autograd_core.engine.primitive import Primitive


def _binary(primitive: Primitive) -> Callable[[Any, Any], Any]:
    return lambda self, other: self._record(primitive, (self, other))


def _reflected(primitive: Primitive) -> Callable[[Any, Any], Any]:
    return lambda self, other: self._record(primitive, (other, self))


class Operators:
    """A number whose operators are recorded by its method `_record`, which primitives call too."""

    __slots__ = ()

    def _record(self, primitive: Primitive, inputs: Sequence[Any]) -> Any:
        raise NotImplementedError(f"{type(self).__name__} has to say how an operation is recorded.")

    __add__, __radd__ = _binary(primitives.add), _reflected(primitives.add)
    __sub__, __rsub__ = _binary(primitives.subtract), _reflected(primitives.subtract)
    __mul__, __rmul__ = _binary(primitives.multiply), _reflected(primitives.multiply)
    __truediv__, __rtruediv__ = _binary(primitives.divide), _reflected(primitives.divide)
    __pow__, __rpow__ = _binary(primitives.power), _reflected(primitives.power)
    __lt__, __le__ = _binary(primitives.less), _binary(primitives.less_equal)
    __gt__, __ge__ = _binary(primitives.greater), _binary(primitives.greater_equal)

    def __neg__(self) -> Any:
        return self._record(primitives.negative, (self,))

    def __eq__(self, other: object) -> Any:
        known = isinstance(other, type(self)) or is_number(other)
        return self._record(primitives.equal, (self, other)) if known else NotImplemented

    def __ne__(self, other: object) -> Any:
        known = isinstance(other, type(self)) or is_number(other)
        return primitives.equal(primitives.equal(self, other), 0.0) if known else NotImplemented

    __hash__ = object.__hash__

"""The Taylor series of the nodes of a graph.

Along the graph of f(x + t) each node is a series y = y0 + y1 t + y2 t**2 + ... By the chain rule y' is the sum of
partial * a' over its inputs a, so m y_m is the sum of j a_j p_(m-j) over j = 1..m. The partial p is a series as well:
it is written in operators and primitives, which record series here. A partial that is met again on the same inputs is
the same series: sin needs cos, cos needs -sin, and nothing more. For n coefficients an operation takes in the order of
n**2 products, where sweeps over sweeps take 3**n.

Source: Griewank and Walther, Evaluating Derivatives, 2nd edition (2008), chapter 13.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from autograd_core.engine.backward import Node, Number, require_unchanged
from autograd_core.engine.numbers.number import as_number
from autograd_core.engine.operators import Operators
from autograd_core.engine.primitive import Primitive
from autograd_core.engine.primitives import divide, power
from autograd_core.engine.value import Value
from autograd_core.errors import GraphError


class _Edge(NamedTuple):
    """An open edge to an input that depends on x. slope: the partial. weighted: whether the m-th contribution is the
    sum of j/m a_j p_(m-j), as for a partial, or that of a_j p_(m-j)."""

    source: Any
    slope: Any
    weighted: bool = True


class Series(Operators):
    """One number as a Taylor series. Operators and primitives on it record series.

    coefficients: those known so far, None for one that nothing contributes to. primitive, inputs: what it was computed
    by, None for x itself and for a constant. varies: whether it depends on x. edges: to its inputs, once needed.
    """

    __slots__ = ("coefficients", "edges", "expansion", "inputs", "primitive", "varies")

    def __init__(self, expansion: Expansion, known: Sequence[Number], varies: bool) -> None:
        self.expansion = expansion
        self.coefficients: list[Number | None] = list(known)
        self.varies = varies
        self.primitive: Primitive | None = None
        self.inputs: Sequence[Any] = ()
        self.edges: list[_Edge] | None = None

    def _record(self, primitive: Primitive, inputs: Sequence[Any]) -> Series | float:
        return self.expansion.append(primitive, inputs)

    def __float__(self) -> float:
        raise GraphError(
            "a partial that is differentiated again turned a number into a plain float, which would lose a derivative. "
            "Write partials with operators and the functions of this package (autograd_core.cos, not math.cos)."
        )

    __bool__ = __float__


class Expansion:
    """The series of one evaluation, up to t**order. live: the coefficients are Values with a graph."""

    def __init__(self, order: int, live: bool) -> None:
        self._order = order
        self._live = live
        self._known: dict[tuple[Any, ...], Series] = {}

    def variable(self, node: Value) -> Series:
        return Series(self, (self._number(node), 1.0), varies=True)

    def of_node(self, node: Node, inputs: Sequence[Series | float]) -> Series | float:
        """The series of a node that was computed from these inputs."""
        if not any(map(_varies, inputs)):
            return self._constant(self._number(node))
        if self._live:
            require_unchanged(node, (node._output, *node._input_numbers))
        return self._enter(node._primitive, inputs, self._number(node))

    def append(self, primitive: Primitive, inputs: Sequence[Any]) -> Series | float:
        """The series of `primitive` on these inputs."""
        sources = [source if isinstance(source, Series) else as_number(source, primitive.name) for source in inputs]
        if (known := self._known.get(_key(primitive, sources))) is not None:
            return known
        number = primitive(*(_first(source) for source in sources))
        if primitive.comparison or not any(map(_varies, sources)):
            return self._constant(number)
        return self._enter(primitive, sources, number)

    def extend(self, wanted: Series) -> None:
        """Compute the next coefficient of `wanted`, after all those it needs, without recursion."""
        waiting = [(wanted, len(wanted.coefficients))]
        while waiting:
            series, m = waiting[-1]
            if len(series.coefficients) > m:
                waiting.pop()
            elif missing := list(self._missing(series, m)):
                waiting += missing
            else:
                waiting.pop()
                series.coefficients.append(_coefficient(series, m))

    def _missing(self, series: Series, m: int) -> Iterator[tuple[Series, int]]:
        """The coefficients that the m-th of `series` waits for, each as its series and its number."""
        if len(series.coefficients) < m:
            yield series, m - 1
            return
        if series.edges is None:
            series.edges = [] if series.primitive is None else list(self._open_edges(series, series.primitive))
        for source, slope, _ in series.edges:
            if len(source.coefficients) <= m:
                yield source, m
            if _varies(slope) and len(slope.coefficients) < m:
                yield slope, m - 1

    def _open_edges(self, series: Series, primitive: Primitive) -> Iterator[_Edge]:
        numbers = tuple(map(_first, (series, *series.inputs)))
        # For a first derivative the number of the partial is enough, and a rule of the user's may give no more.
        operands = numbers if self._order == 1 else (series, *series.inputs)
        own = {} if self._order == 1 else self._own_edges(series, primitive)
        for place, partial, _ in primitive.open_rules(list(map(plain, numbers))):
            if _varies(source := series.inputs[place]):
                if place in own:
                    yield own[place]
                else:
                    yield _Edge(source, partial if isinstance(partial, float) else partial(*operands))

    def _own_edges(self, series: Series, primitive: Primitive) -> dict[int, _Edge]:
        """The edges of quotients and powers, by place, with slopes that are made of the series itself.

        By the rules of the table each order would need another series, 1/b, 1/b**2, ..., which leave float64's range.
        """
        if primitive is divide and _varies(denominator := series.inputs[1]):  # y b = a
            first = self._constant(_first(denominator))
            below = _Edge(denominator, -divide(series, first), weighted=False)
            return {0: _Edge(series.inputs[0], divide(1.0, first)), 1: below}
        if primitive is power and _varies(base := series.inputs[0]):
            exponent = series.inputs[1]
            number = math.nan if _varies(exponent) else plain(_first(exponent))
            if number == 0.0:
                return {0: _Edge(base, 0.0)}
            if plain(_first(base)) != 0.0 and not (number > 0.0 and number.is_integer()):
                return {0: _Edge(base, exponent * series / base)}  # a polynomial ends by the rules of the table
        return {}

    def _enter(self, primitive: Primitive, inputs: Sequence[Series | float], number: Number) -> Series:
        series = self._known[_key(primitive, inputs)] = Series(self, (number,), varies=True)
        series.primitive, series.inputs = primitive, inputs
        return series

    def _constant(self, number: Number) -> Series | float:
        """A number that does not depend on x. A Value becomes a series, so that operators need to know series alone."""
        return Series(self, (number,), varies=False) if isinstance(number, Value) else number

    def _number(self, node: Node) -> Number:
        return node if self._live else node._output


def _varies(operand: Any) -> bool:
    return isinstance(operand, Series) and operand.varies


def _first(operand: Any) -> Any:
    """The number itself, without what it does as x changes."""
    return operand.coefficients[0] if isinstance(operand, Series) else operand


def plain(number: Number) -> float:
    return number._data if isinstance(number, Value) else number  # float(number) is refused while partials are recorded


def _key(primitive: Primitive, inputs: Sequence[Series | float]) -> tuple[Any, ...]:
    return primitive, *(id(source) if isinstance(source, Series) else source.hex() for source in inputs)


def _coefficient(series: Series, m: int) -> Number | None:
    """The m-th coefficient, from those of the inputs and of the partials."""
    total = None
    for source, slope, weighted in series.edges or ():
        if _varies(slope):
            change = _convolution(source.coefficients, slope.coefficients, m, weighted)
        else:
            change = _product(source.coefficients[m], _first(slope))
        total = _sum(total, change)
    return total


def _convolution(numbers: list[Number | None], slopes: list[Number | None], m: int, weighted: bool) -> Number | None:
    """The sum of a_j p_(m-j) over j = 1..m, each term weighted by j/m if wanted."""
    total = None
    for j in range(1, m + 1):
        term = _product(numbers[j], slopes[m - j])
        total = _sum(total, _product(term, float(j)) if weighted else term)
    return total if total is None or m == 1 or not weighted else total / float(m)


def _sum(a: Number | None, b: Number | None) -> Number | None:
    return b if a is None else a if b is None else a + b


def _product(number: Number | None, factor: Number | None) -> Number | None:
    if number is None or factor is None:
        return None
    return number if isinstance(factor, float) and factor == 1.0 else factor * number

"""The tape: a recorded graph and its gradients as numbered instructions, each of which only computes.

A register holds one number of the tape. Primitives, partials and gates called with registers append to the tape
instead of computing, so that the gradient becomes instructions like any other, and whoever runs a tape (Python, a
page, a compiled backend) knows forward rules only. What stands on the tape already is not computed again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograd_core import primitives
from autograd_core.backward import Node, topological_order
from autograd_core.number import as_number
from autograd_core.primitive import DETACHED, Primitive

Number = Any  # a Register, or a float where it is the same for all inputs


class Register:
    """One number of a tape; operators and primitives on it append instructions."""

    __slots__ = ("index", "tape")

    def __init__(self, tape: Tape, index: int) -> None:
        self.tape = tape
        self.index = index

    def _record(self, primitive: Primitive, inputs: Sequence[Number]) -> Number:
        return self.tape.append(primitive, inputs)

    def __add__(self, other: Number) -> Number:
        return primitives.add(self, other)

    def __radd__(self, other: Number) -> Number:
        return primitives.add(other, self)

    def __sub__(self, other: Number) -> Number:
        return primitives.subtract(self, other)

    def __rsub__(self, other: Number) -> Number:
        return primitives.subtract(other, self)

    def __mul__(self, other: Number) -> Number:
        return primitives.multiply(self, other)

    def __rmul__(self, other: Number) -> Number:
        return primitives.multiply(other, self)

    def __truediv__(self, other: Number) -> Number:
        return primitives.divide(self, other)

    def __rtruediv__(self, other: Number) -> Number:
        return primitives.divide(other, self)

    def __pow__(self, other: Number) -> Number:
        return primitives.power(self, other)

    def __rpow__(self, other: Number) -> Number:
        return primitives.power(other, self)

    def __neg__(self) -> Number:
        return primitives.negative(self)

    def __lt__(self, other: Number) -> Number:
        return primitives.less(self, other)

    def __le__(self, other: Number) -> Number:
        return primitives.less_equal(self, other)

    def __gt__(self, other: Number) -> Number:
        return primitives.greater(self, other)

    def __ge__(self, other: Number) -> Number:
        return primitives.greater_equal(self, other)

    def __bool__(self) -> bool:
        raise TypeError("a number on a tape has no truth yet: partials and gates choose with where(...), not with if.")

    def __repr__(self) -> str:
        return f"<register {self.index}>"


@dataclass(frozen=True, slots=True)
class Instruction:
    """One line of a tape: what computes the register of the same number. primitive None: a leaf, or the `constant`."""

    primitive: Primitive | None
    inputs: tuple[int, ...] = ()
    constant: float | None = None


class Tape:
    """Instructions in an order in which they can be run. leaves: the registers that `run` is given numbers for.

    >>> tape = Tape()
    >>> x = tape.leaf()
    >>> y = x * x + 1.0
    >>> tape.run([3.0])[y.index]
    10.0
    """

    def __init__(self) -> None:
        self.instructions: list[Instruction] = []
        self.leaves: list[int] = []
        self._known: dict[tuple[Any, ...], Register] = {}

    def leaf(self) -> Register:
        """A new register whose number is given when the tape is run."""
        self.leaves.append(len(self.instructions))
        return self._appended(Instruction(None))

    def constant(self, number: float) -> Register:
        """The register that holds `number`."""
        key = (float(number).hex(),)  # tells 0.0 from -0.0, and nan is nan
        if key not in self._known:
            self._known[key] = self._appended(Instruction(None, (), float(number)))
        return self._known[key]

    def register(self, number: Number) -> Register:
        """`number` in a register of this tape."""
        return number if isinstance(number, Register) else self.constant(as_number(number, "a tape"))

    def append(self, primitive: Primitive, inputs: Sequence[Number]) -> Number:
        """The result of `primitive` on registers and numbers; a float where it comes out the same for all inputs."""
        if primitive is primitives.multiply and 1.0 in (one for one in inputs if isinstance(one, float)):
            return next(one for one in inputs if isinstance(one, Register))
        if primitive is primitives.where and not isinstance(inputs[0], Register):
            return inputs[1] if inputs[0] else inputs[2]
        numbers = tuple(self.register(one).index for one in inputs)
        key = (primitive, *numbers)
        if key not in self._known:
            self._known[key] = self._appended(Instruction(primitive, numbers))
        return self._known[key]

    def _appended(self, instruction: Instruction) -> Register:
        self.instructions.append(instruction)
        return Register(self, len(self.instructions) - 1)

    def run(self, numbers: Sequence[float]) -> list[float]:
        """The number in every register, with `numbers` in the leaves. Raises ValueError for a wrong count of them."""
        if len(numbers) != len(self.leaves):
            raise ValueError(f"this tape has {len(self.leaves)} leaves, got {len(numbers)} numbers.")
        given = iter(numbers)
        held: list[float] = []
        for one in self.instructions:
            if one.primitive is not None:
                held.append(one.primitive.forward(*[held[index] for index in one.inputs]))
            else:
                held.append(next(given) if one.constant is None else one.constant)
        return held

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        for index, one in enumerate(self.instructions):
            if one.primitive is not None:
                yield f"r{index} = {one.primitive.name}({', '.join(f'r{i}' for i in one.inputs)})"
            else:
                yield f"r{index} = {'leaf' if one.constant is None else repr(one.constant)}"


def push(tape: Tape, root: Node, held: dict[Node, Number]) -> list[Node]:
    """Append the graph below `root`, entering in `held` which register holds each node; its nodes, inputs first.

    Nodes in `held` already are taken from there, and what is below them is left out; other leaves become leaves of the
    tape. A node whose history was cut is the constant it was.
    """
    order = topological_order(root, held.keys())
    for node in order:
        if node.primitive is None:
            held[node] = tape.leaf()
        elif node.primitive is DETACHED:
            held[node] = node.output_number
        else:
            held[node] = tape.append(node.primitive, _numbers(node, held)[1:])
    return order


@dataclass(frozen=True, slots=True)
class Flow:
    """What one edge carries, or what has arrived at a node: the `number`, and whether anything `arrives` at all.

    arrives: 1.0 where it always does, else a register whose truth says so when the tape is run; the number is then 0
    where nothing does, whatever lies beyond the closed gate. partial: of an edge, dnode/dinput.
    """

    number: Number
    arrives: Number = 1.0
    partial: Number = 1.0


def pull(
    order: Sequence[Node], held: Mapping[Node, Number], upstream: Number = 1.0
) -> tuple[dict[Node, Flow], dict[tuple[Node, int], Flow]]:
    """The sweep back from the last node of `order` as instructions: the adjoint of each node, and what each edge
    (node, number of the input) carries. Where nothing can arrive there is no entry."""
    adjoints = {order[-1]: Flow(upstream)}
    carried: dict[tuple[Node, int], Flow] = {}
    for node in reversed(order):
        adjoint = adjoints.get(node)
        if adjoint is None or node.primitive is None:
            continue
        numbers = _numbers(node, held)
        for index, partial, gate in node.primitive.rules:
            source = node.inputs[index]
            if isinstance(source, float) or source not in held:
                continue
            edge = _edge(adjoint, partial, gate, numbers)
            if edge is not None:
                carried[node, index] = edge
                adjoints[source] = _met(adjoints.get(source), edge)
    return adjoints, carried


def _numbers(node: Node, held: Mapping[Node, Number]) -> tuple[Number, ...]:
    """The node and its inputs, as the table's rules take them."""
    return (held.get(node), *(one if isinstance(one, float) else held[one] for one in node.inputs))


def _edge(adjoint: Flow, partial: Any, gate: Any, numbers: tuple[Number, ...]) -> Flow | None:
    arrives = adjoint.arrives if gate is None else _both(adjoint.arrives, gate(*numbers))
    if not isinstance(arrives, Register) and not arrives:
        return None
    if not isinstance(partial, float):
        partial = partial(*numbers)
    number = adjoint.number * partial
    if isinstance(arrives, Register):
        number = primitives.where(arrives, number, 0.0)
    return Flow(number, arrives, partial)


def _met(before: Flow | None, edge: Flow) -> Flow:
    if before is None:
        return Flow(edge.number, edge.arrives)
    return Flow(before.number + edge.number, _either(before.arrives, edge.arrives))


def _both(a: Number, b: Number) -> Number:
    return b if not isinstance(a, Register) else a if b == 1.0 else primitives.where(a, b, 0.0)


def _either(a: Number, b: Number) -> Number:
    return 1.0 if 1.0 in (a, b) else primitives.where(a, 1.0, b)

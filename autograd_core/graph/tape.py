"""The tape: a recorded graph and its gradients as numbered instructions.

A register holds one number of the tape. Primitives, partials and gates called with registers append to the tape
instead of computing, so the gradient becomes instructions like any other: what runs a tape (Python, a page, a compiled
backend) needs forward rules only. An instruction that is on the tape already is not appended again.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from autograd_core.engine import primitives
from autograd_core.engine.backward import Edge, Node, sweep, topological_order
from autograd_core.engine.gates import GatedContribution, Number, gated_edges
from autograd_core.engine.numbers.number import as_number
from autograd_core.engine.operators import Operators
from autograd_core.engine.primitive import DETACHED, Primitive
from autograd_core.formulas.labels import visible_text


class Register(Operators):
    """One number of a tape; operators and primitives on it append instructions."""

    __slots__ = ("index", "tape")

    def __init__(self, tape: Tape, index: int) -> None:
        self.tape = tape
        self.index = index

    def _record(self, primitive: Primitive, inputs: Sequence[Number]) -> Number:
        return self.tape.append(primitive, inputs)

    def __bool__(self) -> bool:
        raise TypeError("a number on a tape is not known yet: partials and gates choose with where(...), not with if.")

    def __repr__(self) -> str:
        return f"<register {self.index}>"


class Instruction(NamedTuple):
    """One line of a tape, which computes the register of the same number. primitive None: a leaf, or the `constant`."""

    primitive: Primitive | None
    inputs: tuple[int, ...] = ()
    constant: float | None = None
    label: str = ""  # of a leaf


_NEUTRAL = {primitives.divide: 1.0, primitives.power: 1.0, primitives.subtract: 0.0, primitives.add: -0.0}
_MAY_BE_SIMPLER = frozenset({primitives.where, primitives.negative})  # with no plain number among the inputs
_new_tuple: Any = tuple.__new__


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
        self._known: dict[Any, int] = {}

    def leaf(self, label: str = "") -> Register:
        """A new register whose number is given when the tape is run."""
        self.leaves.append(len(self.instructions))
        return Register(self, self._append(Instruction(None, (), None, visible_text(label))))

    def constant(self, number: float) -> Register:
        """The register that holds `number`."""
        key = float(number).hex()  # distinguishes 0.0 from -0.0, and nan is nan
        if key not in self._known:
            self._known[key] = self._append(Instruction(None, (), float(number)))
        return Register(self, self._known[key])

    def register(self, number: Number) -> Register:
        """`number` in a register of this tape."""
        return number if isinstance(number, Register) else self.constant(as_number(number, "a tape"))

    def number(self, index: int) -> Number:
        """What register `index` holds as rules take it: a float where it is a constant."""
        constant = self.instructions[index].constant
        return Register(self, index) if constant is None else constant

    def append(self, primitive: Primitive, inputs: Sequence[Number]) -> Number:
        """The result of `primitive` on registers and numbers; a float where it is the same for all inputs."""
        registers = tuple([source.index for source in inputs if type(source) is Register])
        if not registers:
            return primitive(*inputs)
        has_numbers = len(registers) < len(inputs)
        if has_numbers or primitive in _MAY_BE_SIMPLER:
            if (simpler := self._simplify(primitive, inputs)) is not None:
                return simpler
            if has_numbers:
                registers = tuple([self.register(source).index for source in inputs])
        return Register(self, self.append_as_it_is(primitive, registers))

    def append_numbered(self, primitive: Primitive, inputs: Sequence[int | float]) -> int | float:
        """`append` for registers as their numbers, ints beside floats; so is the result."""
        if primitive not in _MAY_BE_SIMPLER and float not in map(type, inputs):
            return self.append_as_it_is(primitive, tuple(inputs))  # type: ignore[arg-type]
        number = self.append(primitive, [Register(self, each) if isinstance(each, int) else each for each in inputs])
        return number.index if isinstance(number, Register) else float(number)

    def index_of(self, number: int | float) -> int:
        """The number of the register that holds a float, or of the register it is."""
        return self.constant(number).index if type(number) is float else number  # type: ignore[return-value]

    def append_as_it_is(self, primitive: Primitive, registers: tuple[int, ...]) -> int:
        """The register of `primitive` on registers, though the same number might be had by a simpler one."""
        key = (primitive, *registers)
        # The operations with gates, maximum and minimum, distinguish 0 from -0 by the order of their inputs.
        if primitive.commutative and registers[0] > registers[1] and not primitive.gates:
            key = (primitive, *registers[::-1])
        index = self._known.get(key)
        if index is None:
            index = self._known[key] = len(self.instructions)
            # As Instruction(...) does, without a function call for each of what may be millions.
            self.instructions.append(_new_tuple(Instruction, (primitive, registers, None, "")))
        return index

    def _simplify(self, primitive: Primitive, inputs: Sequence[Number]) -> Number | None:
        """The same number to the last bit without another instruction, or by a simpler one; None where there is
        neither."""
        if primitive is primitives.where:
            return self._choose(*inputs)
        if primitive.selects is not None:
            return self._selected(primitive, inputs)
        first, last = inputs[0], inputs[-1]
        if primitive is primitives.equal:
            return self._twice_negated(last, first) if isinstance(first, float) else self._twice_negated(first, last)
        if primitive is primitives.multiply:
            if isinstance(first, float):
                first, last = last, first
            if isinstance(last, float) and abs(last) == 1.0:
                return first if last == 1.0 else self.append(primitives.negative, (first,))
        elif isinstance(last, float):
            if primitive in _NEUTRAL and last.hex() == _NEUTRAL[primitive].hex():
                return first
        elif primitive is primitives.negative and self.instructions[first.index].primitive is primitives.negative:
            return self.number(self.instructions[first.index].inputs[0])
        return None

    def _selected(self, primitive: Primitive, inputs: Sequence[Number]) -> Number | None:
        """The input that `choose` gives for a constant index."""
        if isinstance(inputs[0], Register):
            return None
        rules = primitive.open_rules((math.nan, *inputs))
        return inputs[rules[0][0]] if rules else math.nan

    def _choose(self, condition: Number, a: Number, b: Number) -> Number | None:
        if not isinstance(condition, Register):
            return a if condition else b
        if a is b or (isinstance(a, Register) and isinstance(b, Register) and a.index == b.index):
            return a
        negated = self._negated(condition)  # where(c = 0, a, b) is where(c, b, a)
        return None if negated is None else self.append(primitives.where, (negated, b, a))

    def _negated(self, number: Number) -> Number | None:
        """c, if `number` is the answer to c = 0."""
        if isinstance(number, Register) and self.instructions[number.index].primitive is primitives.equal:
            inputs = self.instructions[number.index].inputs
            for c, zero in (inputs, inputs[::-1]):
                if self.instructions[zero].constant == 0.0:
                    return self.number(c)
        return None

    def _twice_negated(self, answer: Number, zero: Number) -> Number | None:
        """c, if `answer` is that to c = 0 and c is an answer itself: so no chain of negations grows."""
        negated = self._negated(answer) if zero == 0.0 else None
        if isinstance(negated, Register):
            primitive = self.instructions[negated.index].primitive
            if primitive is not None and primitive.comparison:
                return negated
        return None

    def _append(self, instruction: Instruction) -> int:
        self.instructions.append(instruction)
        return len(self.instructions) - 1

    def needed(self, results: Iterable[int]) -> list[bool]:
        """For each register, whether one of `results` is it or depends on it; the others are dead code."""
        wanted = [False] * len(self.instructions)
        for index in results:
            wanted[index] = True
        for index in range(len(wanted) - 1, -1, -1):
            if wanted[index]:
                for source in self.instructions[index].inputs:
                    wanted[source] = True
        return wanted

    def copy(self) -> Tape:
        """Another tape with the same instructions."""
        tape = Tape()
        tape.instructions = self.instructions.copy()
        tape.leaves = self.leaves.copy()
        tape._known = self._known.copy()
        return tape

    def part(self, results: Iterable[int], leaves: Collection[int]) -> tuple[Tape, dict[int, int]]:
        """(another tape with the instructions that `results` need, and with these leaves, {register: its register
        there}). Raises KeyError where the results need another leaf."""
        tape, needed, kept = Tape(), self.needed(results), set(leaves)
        moved: dict[int, Number] = {}
        for index, (primitive, inputs, constant, label) in enumerate(self.instructions):
            if primitive is not None and needed[index]:
                moved[index] = tape.append(primitive, [moved[source] for source in inputs])
            elif constant is not None and needed[index]:
                moved[index] = tape.constant(constant)
            elif index in kept:
                moved[index] = tape.leaf(label)
        return tape, {index: number.index for index, number in moved.items()}

    def run(self, numbers: Sequence[Any]) -> list[Any]:
        """The number in every register, with `numbers` in the leaves. Raises ValueError for a wrong count of them."""
        if len(numbers) != len(self.leaves):
            raise ValueError(f"this tape has {len(self.leaves)} leaves, got {len(numbers)} numbers.")
        leaves = iter(numbers)
        results: list[Any] = []
        for primitive, inputs, constant, _ in self.instructions:
            if primitive is not None:
                results.append(primitive(*[results[index] for index in inputs]))
            else:
                results.append(next(leaves) if constant is None else constant)
        return results

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> Iterator[str]:
        """One readable line for each instruction."""
        for index, (primitive, inputs, constant, label) in enumerate(self.instructions):
            if primitive is not None:
                yield f"r{index} = {primitive.name}({', '.join(f'r{i}' for i in inputs)})"
            elif constant is not None:
                yield f"r{index} = {constant!r}"
            else:
                yield f"r{index} = leaf {label}".rstrip()


def append_graph(tape: Tape, root: Node, number_of: dict[Node, Number]) -> list[Node]:
    """Append the graph below `root`, add to `number_of` the number of each node, and return its nodes, inputs first.

    Nodes that `number_of` has already, and the nodes below them, are left out; other leaves become leaves of the tape.
    A node whose history was cut becomes a constant.
    """
    order = topological_order(root, number_of.keys())
    for node in order:
        if node.primitive is None:
            number_of[node] = tape.leaf()
        elif node.primitive is DETACHED:
            number_of[node] = node.output_number
        else:
            number_of[node] = tape.append(node.primitive, numbers_on_tape(node, number_of)[1:])
    return order


def append_gradients(
    order: Sequence[Node], number_of: Mapping[Node, Number], upstream: Number = 1.0
) -> dict[Node, GatedContribution]:
    """Append the derivative of the last node of `order` with respect to each node; where it is always 0, no entry.

    upstream: the adjoint of the last node, where it is not the output itself.
    """
    adjoints = {order[-1]: GatedContribution(upstream)}

    def edges(node: Node) -> Iterable[Edge]:
        if node not in adjoints or node.primitive is None:
            return ()
        return gated_edges(node, node.primitive, node.inputs, numbers_on_tape(node, number_of), number_of)

    sweep(reversed(order), adjoints, edges)
    return adjoints


def numbers_on_tape(node: Node, number_of: Mapping[Node, Number]) -> tuple[Number, ...]:
    """The node and its inputs, as partials and gates take them."""
    return (
        number_of.get(node),
        *(source if isinstance(source, float) else number_of[source] for source in node.inputs),
    )

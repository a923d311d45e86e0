"""Writes functions in LLVM's assembly language: names, loops and addresses."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

IrValue = str  # the name of a result, "%12", or a number written out
IrInt = IrValue | int  # a whole number, known now or when the code runs


@dataclass(frozen=True, slots=True)
class VectorShape:
    """The vectors of numbers: their type, how many numbers fill a register (`lanes`), how many registers there are.

    stride: the distance from one place of ROWS to the next, in numbers.
    """

    type: str
    lanes: int
    registers: int
    stride: int

    @property
    def vector(self) -> str:
        """The type of a register full of numbers."""
        return f"<{self.lanes} x {self.type}>"

    @property
    def mask(self) -> str:
        """The type of one bit for each number of a register."""
        return f"<{self.lanes} x i1>"

    @property
    def bytes(self) -> int:
        """The size of one number."""
        return 8 if self.type == "double" else 4


@dataclass(slots=True)
class Loop:
    """A loop being written: its `index`, and the `values` it carries from round to round. At the end set `next` to the
    values for the next round. After the loop `values` are the last ones."""

    index: IrValue
    values: list[IrValue]
    next: list[IrValue] = field(default_factory=list)


class Code:
    """The lines of one function. Whole numbers are i64 throughout."""

    def __init__(self, name: str, parameters: str) -> None:
        self.name = name
        self.declared: set[str] = set()
        self._lines = [f"define void @{name}({parameters}) nounwind {{", "entry:"]
        self._block = "entry"
        self._count = 0

    def rename(self, name: str, parameters: str) -> None:
        """Give the function its name, where that depends on its text."""
        self.name = name
        self._lines[0] = f"define void @{name}({parameters}) nounwind {{"

    def text(self) -> str:
        """The whole function."""
        return "\n".join([*self._lines, "  ret void", "}", ""])

    @property
    def length(self) -> int:
        """The number of instructions so far."""
        return len(self._lines)

    def line(self, text: str) -> None:
        """One instruction without a result."""
        self._lines.append("  " + text)

    def of(self, text: str) -> IrValue:
        """The result of one instruction."""
        name = self._name()
        self._lines.append(f"  {name} = {text}")
        return name

    def _name(self) -> IrValue:
        self._count += 1
        return f"%t{self._count}"

    def _open(self, block: str) -> None:
        self._lines.append(f"{block}:")
        self._block = block

    def call(self, type_: str, function: str, *operands: tuple[str, IrValue]) -> IrValue:
        """The result of a call of another function; operands: (type, name)."""
        self.declared.add(f"declare {type_} @{function}({', '.join(kind for kind, _ in operands)})")
        return self.of(f"call {type_} @{function}({', '.join(f'{kind} {name}' for kind, name in operands)})")

    # ------------------------------------------------------------------------------------------ whole numbers

    def add(self, a: IrInt, b: IrInt) -> IrInt:
        """a + b."""
        if isinstance(a, int) and isinstance(b, int):
            return a + b
        return a if b == 0 else b if a == 0 else self.of(f"add nsw i64 {a}, {b}")

    def multiply(self, a: IrInt, b: IrInt) -> IrInt:
        """a * b."""
        if isinstance(a, int) and isinstance(b, int):
            return a * b
        return 0 if 0 in (a, b) else a if b == 1 else b if a == 1 else self.of(f"mul nsw i64 {a}, {b}")

    @contextmanager
    def loop(
        self, start: IrInt, stop: IrInt, step: int = 1, carried: Sequence[tuple[str, IrValue]] = ()
    ) -> Iterator[Loop]:
        """A loop while index + step <= stop. carried: (type, first value) of what each round passes on."""
        self._count += 1
        head, body, done = (f"b{self._count}.{part}" for part in ("head", "body", "done"))
        last = self.add(stop, 1 - step)
        came_from = self._block
        self.line(f"br label %{head}")
        self._open(head)
        at = len(self._lines)
        index, names = self._name(), [self._name() for _ in carried]
        self._lines += [""] * (1 + len(carried))
        self.line(f"br i1 {self.of(f'icmp slt i64 {index}, {last}')}, label %{body}, label %{done}")
        self._open(body)
        loop = Loop(index, names)
        yield loop
        after = self.of(f"add nsw i64 {index}, {step}")
        self._lines[at] = f"  {index} = phi i64 [ {start}, %{came_from} ], [ {after}, %{self._block} ]"
        for offset, ((type_, first), name, following) in enumerate(zip(carried, names, loop.next, strict=True)):
            self._lines[at + 1 + offset] = (
                f"  {name} = phi {type_} [ {first}, %{came_from} ], [ {following}, %{self._block} ]"
            )
        self.line(f"br label %{head}")
        self._open(done)

    # ---------------------------------------------------------------------------------------------- memory

    def argument(self, number: int, type_: str = "i64") -> IrValue:
        """The whole number or the address in slot `number` of the table of arguments, %a."""
        return self.of(f"load {type_}, ptr {self.address('%a', number, 'i64')}")

    def address(self, base: IrValue, offset: IrInt, type_: str) -> IrValue:
        """The address `offset` numbers behind `base`."""
        return base if offset == 0 else self.of(f"getelementptr inbounds {type_}, ptr {base}, i64 {offset}")

    def load(self, type_: str, address: IrValue, align: int) -> IrValue:
        """The number or vector at an address."""
        return self.of(f"load {type_}, ptr {address}, align {align}")

    def store(self, type_: str, value: IrValue, address: IrValue, align: int) -> None:
        """Put a number or vector at an address."""
        self.line(f"store {type_} {value}, ptr {address}, align {align}")

    def splat(self, shape: VectorShape, number: IrValue) -> IrValue:
        """A vector with one number in every lane."""
        first = self.of(f"insertelement {shape.vector} poison, {shape.type} {number}, i64 0")
        return self.of(
            f"shufflevector {shape.vector} {first}, {shape.vector} poison, <{shape.lanes} x i32> zeroinitializer"
        )

    def shuffle(self, shape: VectorShape, a: IrValue, b: IrValue, lanes: Sequence[int]) -> IrValue:
        """The given lanes of two vectors, the second's counted after the first's."""
        order = ", ".join(f"i32 {lane}" for lane in lanes)
        return self.of(f"shufflevector {shape.vector} {a}, {shape.vector} {b}, <{len(lanes)} x i32> <{order}>")

    def number(self, shape: VectorShape, number: float) -> IrValue:
        """A constant, exact to the last bit of float64, or rounded to float32."""
        rounded = number if shape.bytes == 8 else struct.unpack("<f", struct.pack("<f", number))[0]
        return f"0x{struct.unpack('<Q', struct.pack('<d', rounded))[0]:016X}"

    def first_lanes(self, shape: VectorShape, count: IrInt) -> IrValue:
        """The mask of the first `count` lanes."""
        wide = f"<{shape.lanes} x i64>"
        first = self.of(f"insertelement {wide} poison, i64 {count}, i64 0")
        many = self.of(f"shufflevector {wide} {first}, {wide} poison, <{shape.lanes} x i32> zeroinitializer")
        numbers = ", ".join(f"i64 {lane}" for lane in range(shape.lanes))
        return self.of(f"icmp slt {wide} <{numbers}>, {many}")

"""Vectors of floating-point numbers in code being written: operators, masks, polynomials, bits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from autograd_core.compiler.backends.llvm.ir.code import Code, IrInt, IrValue, VectorShape


@dataclass(frozen=True, slots=True)
class Format:
    """How a number is stored. bits: of all; mantissa: of its fraction; bias: of its exponent; smallest: the smallest
    normal number."""

    bits: int
    mantissa: int
    bias: int
    smallest: float

    @property
    def shift(self) -> float:
        """Added to a small number, this leaves its whole part in the last bits of the sum."""
        return 1.5 * 2.0**self.mantissa

    @property
    def shift_bits(self) -> int:
        """`shift`, read as a whole number."""
        return (self.bias + self.mantissa) << self.mantissa | 1 << self.mantissa - 1


FORMATS = {8: Format(64, 52, 1023, 2.0**-1022), 4: Format(32, 23, 127, 2.0**-126)}


@dataclass(frozen=True, slots=True)
class Vector:
    """A vector of float64 or float32 numbers in code being written."""

    code: Code
    shape: VectorShape
    name: IrValue

    @property
    def format(self) -> Format:
        """How its numbers are stored."""
        return FORMATS[self.shape.bytes]

    def of(self, number: float) -> Vector:
        """The same number in every lane."""
        return Vector(self.code, self.shape, self.code.splat(self.shape, self.code.number(self.shape, number)))

    def _with(self, operation: str, other: Vector | float) -> Vector:
        second = other if isinstance(other, Vector) else self.of(other)
        return self._apply(f"{operation} {self.shape.vector} {self.name}, {second.name}")

    def _apply(self, text: str) -> Vector:
        return Vector(self.code, self.shape, self.code.of(text))

    def __add__(self, other: Vector | float) -> Vector:
        return self._with("fadd", other)

    def __sub__(self, other: Vector | float) -> Vector:
        return self._with("fsub", other)

    def __mul__(self, other: Vector | float) -> Vector:
        return self._with("fmul", other)

    def __truediv__(self, other: Vector | float) -> Vector:
        return self._with("fdiv", other)

    def __neg__(self) -> Vector:
        return self._apply(f"fneg {self.shape.vector} {self.name}")

    def times_plus(self, factor: Vector | float, term: Vector | float) -> Vector:
        """self * factor + term, rounded once where the processor can."""
        parts = [part if isinstance(part, Vector) else self.of(part) for part in (factor, term)]
        return self._call("fmuladd", parts[0], parts[1])

    def _call(self, name: str, *others: Vector) -> Vector:
        vector, kind = self.shape.vector, f"v{self.shape.lanes}f{self.format.bits}"
        operands = [(vector, operand.name) for operand in (self, *others)]
        return Vector(self.code, self.shape, self.code.call(vector, f"llvm.{name}.{kind}", *operands))

    def absolute(self) -> Vector:
        """|self|."""
        return self._call("fabs")

    def root(self) -> Vector:
        """The square root."""
        return self._call("sqrt")

    def with_sign_of(self, other: Vector) -> Vector:
        """self with another's sign."""
        return self._call("copysign", other)

    def plus_exactly(self, other: Vector) -> tuple[Vector, Vector]:
        """(self + other, the rounding error of that): Knuth's sum of two numbers of any size."""
        total = self + other
        share = total - self
        return total, (self - (total - share)) + (other - share)

    # Choices.

    def compare(self, relation: str, other: Vector | float) -> IrValue:
        """A mask; relation as LLVM's fcmp names it."""
        second = other if isinstance(other, Vector) else self.of(other)
        return self.code.of(f"fcmp {relation} {self.shape.vector} {self.name}, {second.name}")

    def where(self, mask: IrValue, otherwise: Vector | float) -> Vector:
        """self where the mask is set."""
        second = otherwise if isinstance(otherwise, Vector) else self.of(otherwise)
        return self._apply(
            f"select {self.shape.mask} {mask}, {self.shape.vector} {self.name}, {self.shape.vector} {second.name}"
        )

    def clamp(self, low: float, high: float) -> Vector:
        """self cut to low..high; nan stays."""
        below = self.of(high).where(self.compare("ogt", high), self)
        return self.of(low).where(below.compare("olt", low), below)

    def by_library_where(self, mask: IrValue, result: Vector, function: str, *others: Vector) -> Vector:
        """`result`, but C's function of self (and others) where the mask is set. It costs little if no lane is set."""
        code, lanes = self.code, self.shape.lanes
        bits = code.of(f"bitcast {self.shape.mask} {mask} to i{lanes}")
        rounds = code.of(f"select i1 {code.of(f'icmp ne i{lanes} {bits}, 0')}, i64 {lanes}, i64 0")
        return by_library(function, self, *others, into=result.name, rounds=rounds).where(mask, result)

    # Several terms.

    def polynomial(self, terms: Sequence[float]) -> Vector:
        """terms[0] + terms[1] * self + ..., the two halves of each pair of terms at once."""
        level: list[Vector | float] = list(terms)
        power = self
        while len(level) > 1:
            paired: list[Vector | float] = []
            for i in range(0, len(level) - 1, 2):
                paired.append(power.times_plus(level[i + 1], level[i]))
            level = paired + ([level[-1]] if len(level) % 2 else [])
            power = power * power if len(level) > 1 else power
        (result,) = level
        assert isinstance(result, Vector)
        return result

    # The bits, as whole numbers.

    @property
    def whole(self) -> str:
        """The type of the bits."""
        return f"<{self.shape.lanes} x i{self.format.bits}>"

    def bits(self) -> IrValue:
        """The bits of each lane."""
        return self.code.of(f"bitcast {self.shape.vector} {self.name} to {self.whole}")

    def from_bits(self, bits: IrValue) -> Vector:
        """The vector with these bits."""
        return self._apply(f"bitcast {self.whole} {bits} to {self.shape.vector}")

    def same_bits(self, number: int) -> str:
        """The same whole number in every lane."""
        return "<" + ", ".join([f"i{self.format.bits} {number}"] * self.shape.lanes) + ">"

    def on_bits(self, operation: str, a: IrValue, number: int | IrValue) -> IrValue:
        """A whole-number operation with the same number, or another vector of bits."""
        if isinstance(number, int):
            number = self.same_bits(number)
        return self.code.of(f"{operation} {self.whole} {a}, {number}")

    def scale(self, exponent: IrValue) -> Vector:
        """self * 2**exponent, in two steps, since 2**exponent alone may overflow or be 0."""
        half = self.on_bits("ashr", exponent, 1)
        rest = self.on_bits("sub", exponent, half)
        return self * self._power_of_two(half) * self._power_of_two(rest)

    def _power_of_two(self, exponent: IrValue) -> Vector:
        biased = self.on_bits("add", exponent, self.format.bias)
        return self.from_bits(self.on_bits("shl", biased, self.format.mantissa))

    def whole_part(self, factor: float) -> tuple[Vector, IrValue]:
        """(the whole number nearest to self * factor, the same as bits)."""
        shifted = self.times_plus(factor, self.format.shift)
        return shifted - self.format.shift, self.on_bits("sub", shifted.bits(), self.format.shift_bits)

    def upper_half(self) -> Vector:
        """self without the lower half of its digits, so that its square is exact."""
        dropped = 1 << (self.format.mantissa + 2) // 2
        return self.from_bits(self.on_bits("and", self.bits(), -dropped))

    # float32 by way of float64.

    def to_float64(self) -> Vector:
        """The same numbers as float64."""
        wide = VectorShape("double", self.shape.lanes, self.shape.registers, self.shape.stride)
        return Vector(self.code, wide, self.code.of(f"fpext {self.shape.vector} {self.name} to {wide.vector}"))

    def to_float32(self) -> Vector:
        """float64 numbers rounded to float32."""
        narrow = VectorShape("float", self.shape.lanes, self.shape.registers, self.shape.stride)
        return Vector(self.code, narrow, self.code.of(f"fptrunc {self.shape.vector} {self.name} to {narrow.vector}"))


def by_library(function: str, *operands: Vector, into: IrValue = "poison", rounds: IrInt | None = None) -> Vector:
    """C's function, as in eager mode, lane by lane in float64, for the first `rounds` lanes of `into`, or all."""
    code, shape = operands[0].code, operands[0].shape
    with code.loop(0, shape.lanes if rounds is None else rounds, carried=[(shape.vector, into)]) as lane:
        taken = []
        for operand in operands:
            number = code.of(f"extractelement {shape.vector} {operand.name}, i64 {lane.index}")
            taken.append(("double", number if shape.bytes == 8 else code.of(f"fpext float {number} to double")))
        result = code.call("double", f"autograd_core_{function}", *taken)
        if shape.bytes == 4:
            result = code.of(f"fptrunc double {result} to float")
        insert = f"insertelement {shape.vector} {lane.values[0]}, {shape.type} {result}, i64 {lane.index}"
        lane.next = [code.of(insert)]
    return Vector(code, shape, lane.values[0])


VectorFunction = Callable[[Vector], Vector]

"""Exponentials and logarithms on vectors, within 2 units in the last place, with IEEE results at every special number.

The argument is reduced by a power of two, what is left goes through a polynomial; see Muller, Elementary Functions. The
logarithm's polynomial and the split of ln 2 are those of Sun's fdlibm. There are no branches: every lane takes the same
way, and special numbers are put in at the end.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from autograd_core import primitives
from autograd_core.compiler.native.code import Code, Operand, Shape
from autograd_core.primitive import Primitive

_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10  # the first has 32 bits: times k is exact
# Added to a small number, this leaves its whole part in the last bits of the sum.
_SHIFT = 1.5 * 2.0**52
_SHIFT_BITS = 0x4338000000000000
_EXP_TERMS = [1.0 / math.factorial(j) for j in range(2, 14)]
_LOG_TERMS = [
    6.666666666666735130e-01,
    3.999999999940941908e-01,
    2.857142874366239149e-01,
    2.222219843214978396e-01,
    1.818357216161805012e-01,
    1.531383769920937332e-01,
    1.479819860511658591e-01,
]


@dataclass(frozen=True, slots=True)
class Vector:
    """A vector of float64 being computed with."""

    code: Code
    shape: Shape
    name: Operand

    def of(self, number: float) -> Vector:
        """The same number in every lane."""
        return Vector(self.code, self.shape, self.code.splat(self.shape, self.code.number(self.shape, number)))

    def _with(self, operation: str, other: Vector | float) -> Vector:
        second = other if isinstance(other, Vector) else self.of(other)
        return self._made(f"{operation} {self.shape.vector} {self.name}, {second.name}")

    def _made(self, text: str) -> Vector:
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
        return self._made(f"fneg {self.shape.vector} {self.name}")

    def times_plus(self, factor: Vector | float, term: Vector | float) -> Vector:
        """self * factor + term, rounded once where the processor can."""
        parts = [one if isinstance(one, Vector) else self.of(one) for one in (factor, term)]
        return self._call("fmuladd", parts[0], parts[1])

    def _call(self, name: str, *others: Vector) -> Vector:
        vector = self.shape.vector
        operands = [(vector, one.name) for one in (self, *others)]
        return Vector(self.code, self.shape, self.code.call(vector, f"llvm.{name}.v{self.shape.lanes}f64", *operands))

    def absolute(self) -> Vector:
        """|self|."""
        return self._call("fabs")

    def with_sign_of(self, other: Vector) -> Vector:
        """self with another's sign."""
        return self._call("copysign", other)

    def compared(self, relation: str, other: Vector | float) -> Operand:
        """A mask; relation as LLVM's fcmp names it."""
        second = other if isinstance(other, Vector) else self.of(other)
        return self.code.of(f"fcmp {relation} {self.shape.vector} {self.name}, {second.name}")

    def where(self, mask: Operand, otherwise: Vector | float) -> Vector:
        """self where the mask is set."""
        second = otherwise if isinstance(otherwise, Vector) else self.of(otherwise)
        return self._made(
            f"select {self.shape.mask} {mask}, {self.shape.vector} {self.name}, {self.shape.vector} {second.name}"
        )

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
    def _whole(self) -> str:
        return f"<{self.shape.lanes} x i64>"

    def bits(self) -> Operand:
        """The bits of each lane."""
        return self.code.of(f"bitcast {self.shape.vector} {self.name} to {self._whole}")

    def from_bits(self, bits: Operand) -> Vector:
        """The vector with these bits."""
        return self._made(f"bitcast {self._whole} {bits} to {self.shape.vector}")

    def on_bits(self, operation: str, a: Operand, number: int | Operand) -> Operand:
        """A whole-number operation with the same number, or another vector of bits."""
        if isinstance(number, int):
            number = "<" + ", ".join([f"i64 {number}"] * self.shape.lanes) + ">"
        return self.code.of(f"{operation} {self._whole} {a}, {number}")

    def scaled(self, exponent: Operand) -> Vector:
        """self * 2**exponent, in two steps, since 2**exponent may be no number of its own."""
        half = self.on_bits("ashr", exponent, 1)
        rest = self.on_bits("sub", exponent, half)
        return self * self._power_of_two(half) * self._power_of_two(rest)

    def _power_of_two(self, exponent: Operand) -> Vector:
        return self.from_bits(self.on_bits("shl", self.on_bits("add", exponent, 1023), 52))


def _reduced(x: Vector) -> tuple[Vector, Operand, Vector]:
    """(k as a number, k as bits, x - k ln 2), k being the whole number nearest to x / ln 2."""
    shifted = x.times_plus(1.0 / math.log(2.0), _SHIFT)
    k = shifted - _SHIFT
    bits = x.on_bits("sub", shifted.bits(), _SHIFT_BITS)
    return k, bits, k.times_plus(-_LN2_LOW, k.times_plus(-_LN2_HIGH, x))


def _clamped(x: Vector, low: float, high: float) -> Vector:
    x = x.of(high).where(x.compared("ogt", high), x)
    return x.of(low).where(x.compared("olt", low), x)


def exp(x: Vector) -> Vector:
    """e**x."""
    _, k, r = _reduced(_clamped(x, -746.0, 710.0))
    return ((r * r).times_plus(r.polynomial(_EXP_TERMS), r) + 1.0).scaled(k)


def expm1(x: Vector) -> Vector:
    """e**x - 1: with e**r - 1 in the middle, 2**k * (e**r - 1 + (1 - 2**-k))."""
    _, k, r = _reduced(_clamped(x, -40.0, 710.0))
    middle = (r * r).times_plus(r.polynomial(_EXP_TERMS), r)
    one = x.of(1.0)
    less = one - one.scaled(x.on_bits("sub", x.on_bits("xor", k, -1), -1))
    return x.where(x.compared("oeq", 0.0), (middle + less).scaled(k))


def tanh(x: Vector) -> Vector:
    """t/2 - t**2/2 / (t + 2) with t = e**(2|x|) - 1 where that is small, else 1 - 2 / (t + 2)."""
    t = expm1(x.absolute() * 2.0)
    half, small = t * 0.5, t.compared("olt", 2.0)
    part = (t * half).where(small, 2.0) / (t + 2.0)
    return (half.where(small, 1.0) - part).with_sign_of(x)


def log(x: Vector) -> Vector:
    """The natural logarithm."""
    return _special_logarithms(x, _log_and(x, x.of(0.0)))


def log1p(x: Vector) -> Vector:
    """log(1 + x): what 1 + x loses in rounding is put back as its share of 1 + x."""
    u = x + 1.0
    lost = (x - (u - 1.0)).where(x.compared("olt", 1.0), x.of(1.0) - (u - x))
    result = _special_logarithms(u, _log_and(u, lost / u))
    return x.where(x.compared("oeq", 0.0), result)


def _log_and(x: Vector, small: Vector) -> Vector:
    """log(x) + small, for positive numbers: x = 2**k * (1 + f), f around 0, and s = f / (2 + f)."""
    tiny = x.compared("olt", 2.2250738585072014e-308)
    x = (x * 2.0**54).where(tiny, x)
    bits = x.on_bits("sub", x.bits(), 0x3FE6A09E667F3BCD)  # from sqrt(1/2) on
    k_bits = x.on_bits("ashr", bits, 52)
    k = x.from_bits(x.on_bits("add", k_bits, _SHIFT_BITS)) - _SHIFT
    k = (k - 54.0).where(tiny, k)
    f = x.from_bits(x.on_bits("sub", x.bits(), x.on_bits("shl", k_bits, 52))) - 1.0
    s = f / (f + 2.0)
    z = s * s
    half_square = f * f * 0.5
    rest = z * z.polynomial(_LOG_TERMS)
    low = s.times_plus(half_square + rest, k.times_plus(_LN2_LOW, small))
    return k.times_plus(_LN2_HIGH, f - (half_square - low))


def _special_logarithms(x: Vector, result: Vector) -> Vector:
    result = result.where(x.compared("ogt", 0.0), math.nan)
    result = x.of(-math.inf).where(x.compared("oeq", 0.0), result)
    return x.where(x.compared("oeq", math.inf), result)


FUNCTIONS: dict[Primitive, Callable[[Vector], Vector]] = {
    primitives.exp: exp,
    primitives.expm1: expm1,
    primitives.tanh: tanh,
    primitives.log: log,
    primitives.log1p: log1p,
}


def applied(code: Code, shape: Shape, primitive: Primitive, operand: Operand) -> Operand:
    """The result of one of `FUNCTIONS`; float32 goes through float64 and back."""
    function = FUNCTIONS[primitive]
    if shape.bytes == 8:
        return function(Vector(code, shape, operand)).name
    double = Shape("double", shape.lanes, shape.registers, shape.stride)
    wide = code.of(f"fpext {shape.vector} {operand} to {double.vector}")
    return code.of(f"fptrunc {double.vector} {function(Vector(code, double, wide)).name} to {shape.vector}")

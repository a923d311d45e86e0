"""exp, expm1, tanh, log and log1p on vectors.

The argument is reduced by a power of two, and a polynomial is evaluated at the remainder; see Muller, Elementary
Functions. There are no branches: every lane runs the same instructions, and special numbers are inserted at the end.
"""

from __future__ import annotations

import math

from autograd_core.compiler.backends.llvm.functions.coefficients import TERMS
from autograd_core.compiler.backends.llvm.ir.code import IrValue
from autograd_core.compiler.backends.llvm.ir.vectors import Vector

# ln 2 in two parts, the first with so few digits that its product with an exponent is exact.
LN2 = {8: (0.6931471806019545, -4.2009150726810846e-11), 4: (0.693145751953125, 1.428606765330187e-06)}
# Beyond these exp is inf or 0.
_LARGEST, _LEAST = {8: 710.0, 4: 89.0}, {8: -746.0, 4: -104.0}
_ROOT_HALF = {8: 0x3FE6A09E667F3BCD, 4: 0x3F3504F3}  # sqrt(1/2), read as a whole number


def _reduce(x: Vector) -> tuple[IrValue, Vector]:
    """(k as bits, x - k ln 2), k being the whole number nearest to x / ln 2."""
    high, low = LN2[x.shape.bytes]
    number, k = x.whole_part(1.0 / math.log(2.0))
    return k, number.times_plus(-low, number.times_plus(-high, x))


def _rise(r: Vector) -> Vector:
    """e**r - 1 for |r| up to ln 2 / 2."""
    return (r * r).times_plus(r.polynomial(TERMS["exp", r.shape.bytes]), r)


def exp(x: Vector) -> Vector:
    """e**x."""
    k, r = _reduce(x.clamp(_LEAST[x.shape.bytes], _LARGEST[x.shape.bytes]))
    return (_rise(r) + 1.0).scale(k)


def expm1(x: Vector) -> Vector:
    """e**x - 1."""
    return expm1_and_exp(x)[0]


def expm1_and_exp(x: Vector) -> tuple[Vector, Vector]:
    """e**x - 1, with e**r - 1 in the middle: 2**k * (e**r - 1 + (1 - 2**-k)); and e**x."""
    k, r = _reduce(x.clamp(_LEAST[x.shape.bytes], _LARGEST[x.shape.bytes]))
    rise, unit, least = _rise(r), x.of(1.0), -60
    # 1 - 2**-k overflows for the least k, where the first is -1.
    is_low = x.code.of(f"icmp slt {x.whole} {k}, {x.same_bits(least)}")
    near = x.code.of(f"select {x.shape.mask} {is_low}, {x.whole} {x.same_bits(least)}, {x.whole} {k}")
    less = unit - unit.scale(x.on_bits("sub", x.on_bits("xor", near, -1), -1))
    return x.where(x.compare("oeq", 0.0), (rise + less).scale(near)), (rise + unit).scale(k)


def decay(x: Vector) -> Vector:
    """e**(-2|x|)."""
    return exp(x.absolute() * -2.0)


def tanh_and_decay(x: Vector) -> tuple[Vector, Vector]:
    """tanh and d = e**(-2|x|), the number that its slope is made of. With s = 1 - d the first is s/2 + s**2/2 / (2 - s)
    where s is small, else 1 - 2d / (2 - s)."""
    k, r = _reduce((x.absolute() * -2.0).clamp(_LEAST[x.shape.bytes], 0.0))
    rise = _rise(r)
    # 1 - 2**-k overflows for the least k, where it is no longer needed.
    is_low = x.code.of(f"icmp slt {x.whole} {k}, {x.same_bits(-8)}")
    near = x.code.of(f"select {x.shape.mask} {is_low}, {x.whole} {x.same_bits(-8)}, {x.whole} {k}")
    unit = x.of(1.0)
    more = unit.scale(x.on_bits("sub", x.on_bits("xor", near, -1), -1)) - 1.0
    scaled = more - rise
    lost = (more - scaled) - rise  # where it matters, k is -1 and s about 1/2, so this counts 1 / (2 - s) times
    s = scaled.scale(near)
    falling = (rise + 1.0).scale(k)
    half, small = s * 0.5, s.compare("olt", 2.0 / 3.0)
    part = half.times_plus(s, lost * 0.625).where(small, falling * -2.0) / (falling + 1.0)
    return (half.where(small, 1.0) + part).with_sign_of(x), falling


def tanh(x: Vector) -> Vector:
    """The hyperbolic tangent."""
    return tanh_and_decay(x)[0]


def log(x: Vector) -> Vector:
    """The natural logarithm."""
    return _special_logarithms(x, _log_and(x, x.of(0.0)))


def log1p(x: Vector) -> Vector:
    """log(1 + x), corrected by the rounding error of 1 + x."""
    u = x + 1.0
    lost = (x - (u - 1.0)).where(x.compare("olt", 1.0), x.of(1.0) - (u - x))
    result = _special_logarithms(u, _log_and(u, lost / u))
    return x.where(x.compare("oeq", 0.0), result)


def split(x: Vector) -> tuple[Vector, Vector]:
    """(k, f) with x = 2**k * (1 + f), f around 0, for positive numbers."""
    layout = x.format
    tiny = x.compare("olt", layout.smallest)
    x = (x * 2.0 ** (layout.mantissa + 2)).where(tiny, x)
    k_bits = x.on_bits("ashr", x.on_bits("sub", x.bits(), _ROOT_HALF[x.shape.bytes]), layout.mantissa)
    k = x.from_bits(x.on_bits("add", k_bits, layout.shift_bits)) - layout.shift
    k = (k - (layout.mantissa + 2.0)).where(tiny, k)
    return k, x.from_bits(x.on_bits("sub", x.bits(), x.on_bits("shl", k_bits, layout.mantissa))) - 1.0


def _log_and(x: Vector, small: Vector) -> Vector:
    """log(x) + small, for positive numbers: log(1 + f) = f - f*f/2 + s * (f*f/2 + the series in z), s = f / (2 + f)."""
    high, low = LN2[x.shape.bytes]
    k, f = split(x)
    s = f / (f + 2.0)
    z = s * s
    half_square = f * f * 0.5
    rest = z * z.polynomial(TERMS["log", x.shape.bytes])
    last = s.times_plus(half_square + rest, k.times_plus(low, small))
    return k.times_plus(high, f - (half_square - last))


def _special_logarithms(x: Vector, result: Vector) -> Vector:
    result = result.where(x.compare("ogt", 0.0), math.nan)
    result = x.of(-math.inf).where(x.compare("oeq", 0.0), result)
    return x.where(x.compare("oeq", math.inf), result)

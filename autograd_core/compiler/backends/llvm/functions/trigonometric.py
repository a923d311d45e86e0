"""sin, cos, tan and atan on vectors.

A multiple of pi/2 is subtracted in parts whose products are exact, so that the remainder has all its digits however
near the argument is to that multiple (Cody and Waite's reduction). Lanes beyond a million use C's library.
"""

from __future__ import annotations

import math

from autograd_core.compiler.backends.llvm.functions.coefficients import TERMS
from autograd_core.compiler.backends.llvm.ir.code import IrValue
from autograd_core.compiler.backends.llvm.ir.vectors import Vector

# pi/2 in parts with 33 bits, the last one with all its bits: times a whole number below 2**20 they are exact.
_PARTS = 1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32
_PARTS_FOR_SINGLE = 1.5707963267341256, 6.077100506506192e-11
_FARTHEST = 1e6
# pi/4 and pi/2, each as a number and its rounding error.
_QUARTER = {8: (0.7853981633974483, 3.061616997868383e-17), 4: (0.7853981852531433, -2.1855694143368964e-08)}


def _reduce(x: Vector) -> tuple[IrValue, Vector, Vector]:
    """(k as bits, r, the rounding error of r): x - k pi/2, k being the whole number nearest to x / (pi/2)."""
    if x.shape.bytes == 4:
        return _reduce_single(x)
    number, k = x.whole_part(2.0 / math.pi)
    first, second, third, fourth = (number * -part for part in _PARTS)
    r, lost = (x + first).plus_exactly(second)
    r, lost_too = r.plus_exactly(third)
    low = lost + lost_too + fourth
    total = r + low
    return k, total, (r - total) + low


def _reduce_single(x: Vector) -> tuple[IrValue, Vector, Vector]:
    """The same for float32, in float64: its digits suffice without the rounding error."""
    wide = x.to_float64()
    number, k = wide.whole_part(2.0 / math.pi)
    first, second = (number * -part for part in _PARTS_FOR_SINGLE)
    exact = wide + first + second
    r = exact.to_float32()
    low = (exact - r.to_float64()).to_float32()
    return x.code.of(f"trunc <{x.shape.lanes} x i64> {k} to <{x.shape.lanes} x i32>"), r, low


def _both(x: Vector) -> tuple[IrValue, Vector, Vector]:
    """(k as bits, the sine and the cosine of x - k pi/2)."""
    k, r, low = _reduce(x)
    z = r * r
    half = z * 0.5
    one_less = x.of(1.0) - half
    past = z * z * z.polynomial(TERMS["cos", x.shape.bytes]) - r * low
    cosine = one_less + (((x.of(1.0) - one_less) - half) + past)
    sine = r + (z * r).times_plus(z.polynomial(TERMS["sin", x.shape.bytes]), low * one_less)
    return k, sine, cosine


def _is_set(x: Vector, k: IrValue, bit: int) -> IrValue:
    """The mask of the lanes where a bit of k is set."""
    return x.code.of(f"trunc <{x.shape.lanes} x i{x.format.bits}> {x.on_bits('lshr', k, bit)} to {x.shape.mask}")


def _with_large(x: Vector, result: Vector, name: str) -> Vector:
    return x.by_library_where(x.absolute().compare("ogt", _FARTHEST), result, name)


def _wave(x: Vector, k: IrValue, sine: Vector, cosine: Vector, name: str) -> Vector:
    """The sine or the cosine of x from those of x - k pi/2."""
    if name == "cos":
        k = x.on_bits("add", k, 1)
    result = cosine.where(_is_set(x, k, 0), sine)
    result = (-result).where(_is_set(x, k, 1), result)
    if name == "sin":
        result = x.where(x.compare("oeq", 0.0), result)  # -0
    return _with_large(x, result, name)


def sin(x: Vector) -> Vector:
    """The sine."""
    return _wave(x, *_both(x), "sin")


def cos(x: Vector) -> Vector:
    """The cosine."""
    return _wave(x, *_both(x), "cos")


def sin_and_cos(x: Vector) -> tuple[Vector, Vector]:
    """Both, which share the reduction and the two polynomials."""
    parts = _both(x)
    return _wave(x, *parts, "sin"), _wave(x, *parts, "cos")


def tan(x: Vector) -> Vector:
    """The sine through the cosine, or minus the cosine through the sine."""
    k, sine, cosine = _both(x)
    odd = _is_set(x, k, 0)
    result = cosine.where(odd, sine) / (-sine).where(odd, cosine)
    return _with_large(x, x.where(x.compare("oeq", 0.0), result), "tan")


def atan(x: Vector) -> Vector:
    """pi/2 + atan(-1/|x|) above 3, pi/4 + atan((|x| - 1) / (|x| + 1)) from 1/2 on, and x + x**3 times a polynomial."""
    number, lack = _QUARTER[x.shape.bytes]
    a = x.absolute()
    middle, far = a.compare("ogt", 0.5), a.compare("ogt", 3.0)
    above = a.of(-1.0).where(far, (a - 1.0).where(middle, a))
    below = a.where(far, (a + 1.0).where(middle, 1.0))
    t = above / below
    z = t * t
    base = a.of(2 * number).where(far, a.of(number).where(middle, 0.0))
    little = a.of(2 * lack).where(far, a.of(lack).where(middle, 0.0))
    past = (z * t).times_plus(z.polynomial(TERMS["atan", x.shape.bytes]), little)
    return (base + (t + past)).with_sign_of(x)

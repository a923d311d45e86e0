"""erf and erfc on vectors: near 0 erf is a polynomial, farther out erfc is e**(-x*x) / (x + 1/2) times another one.

x*x is needed to more digits than a number has, since the exponential magnifies its rounding x*x times: x is split in
two, the square of its upper half is exact, and the rest is added to the remainder of the exponent.
"""

from __future__ import annotations

import math

from autograd_core.compiler.backends.llvm.functions.coefficients import TERMS
from autograd_core.compiler.backends.llvm.functions.exponential import LN2
from autograd_core.compiler.backends.llvm.ir.code import IrValue
from autograd_core.compiler.backends.llvm.ir.vectors import Vector

_CENTRE = {8: 3.5, 4: 2.0}
_FARTHEST = {8: 28.0, 4: 11.0}  # erfc is 0 beyond it


def erf(x: Vector) -> Vector:
    """x + x * a polynomial up to 13/16, from there on 1 - erfc |x| with the sign of x."""
    return (x + _lack(x)).where(_is_near(x), (x.of(1.0) - _far(x)).with_sign_of(x))


def erfc(x: Vector) -> Vector:
    """1 - erf x up to 13/16, and 2 - erfc |x| below -13/16."""
    far, unit = _far(x), x.of(1.0)
    far = (x.of(2.0) - far).where(x.compare("olt", 0.0), far)
    # 1 - x is exact from 1/2 on, where the difference is small.
    return ((unit - x) - _lack(x)).where(_is_near(x), far)


def _is_near(x: Vector) -> IrValue:
    return x.absolute().compare("ole", 0.8125)


def _lack(x: Vector) -> Vector:
    """erf x - x for |x| up to 13/16."""
    return x * (x * x).polynomial(TERMS["erf", x.shape.bytes])


def _far(x: Vector) -> Vector:
    """erfc |x| from 13/16 on."""
    centre, (first, *rest) = _CENTRE[x.shape.bytes], TERMS["erfc", x.shape.bytes]
    a = x.absolute().clamp(0.0, _FARTHEST[x.shape.bytes])
    upper = a.upper_half()
    number, k = (upper * upper).whole_part(-1.0 / math.log(2.0))
    high, low = LN2[x.shape.bytes]
    exact, little = -(upper * upper) - number * high, number.times_plus(low, (a - upper) * (a + upper))
    r = exact - little
    lost_of_r = (exact - r) - little
    below = a + 0.5
    lost = (a - below) + 0.5
    inverse = a.of(1.0) / (below * (a + centre))
    t = (a - centre) * below * inverse
    # (first + small) * e**r, first being most of it and added last: only that sum is rounded visibly.
    small = t * t.polynomial(rest)
    whole = small + first
    curve = r * r * r.polynomial(TERMS["exp", x.shape.bytes]) + (lost_of_r - lost * (inverse * (a + centre)))
    above = whole.times_plus(r, whole.times_plus(curve, small)) + first
    return (above / below).scale(k)

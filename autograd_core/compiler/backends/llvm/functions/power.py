"""a**b on vectors: products, quotients and roots for common exponents, C's library for all others.

In general a**b = e**(b log a) magnifies the logarithm's error up to 700 times: within 2 units in the last place it
takes a logarithm with 10 bits more than a number has. The library has one, but it is too slow for x**2 in a loss.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from autograd_core.compiler.backends.llvm.ir.vectors import Vector

# Each rounds three times at most, and has the library's results for zeros, infinities and nan.
_WRITTEN: dict[float, Callable[[Vector], Vector]] = {
    2.0: lambda a: a * a,
    3.0: lambda a: a * a * a,
    4.0: lambda a: (a * a) * (a * a),
    -1.0: lambda a: a.of(1.0) / a,
    -2.0: lambda a: (a.of(1.0) / a) * (a.of(1.0) / a),
    0.5: lambda a: _root(a),
    -0.5: lambda a: a.of(1.0) / _root(a),
    1.5: lambda a: a.absolute() * _root(a),
    -1.5: lambda a: (a.of(1.0) / a.absolute()) / _root(a),  # the slope of a**-0.5; a * root(a) may be subnormal
}


def power(a: Vector, b: Vector) -> Vector:
    """a**b."""
    result, shape = a, a.shape
    other = b.compare("une", 1.0)
    for exponent, form in _WRITTEN.items():
        is_it = b.compare("oeq", exponent)
        result = form(a).where(is_it, result)
        other = a.code.of(f"select {shape.mask} {is_it}, {shape.mask} zeroinitializer, {shape.mask} {other}")
    return a.by_library_where(other, result, "pow", b)


def _root(a: Vector) -> Vector:
    """The square root, but 0 of -0 and inf of -inf, as C's pow."""
    return a.of(math.inf).where(a.compare("oeq", -math.inf), (a + 0.0).root())

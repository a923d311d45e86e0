"""The source of the numbers in `llvm/functions/coefficients.py`: `python -m tests.support.minimax`

Each function is approximated by the polynomial with the smallest maximum of the weighted error, by the Remez exchange
algorithm: solve for the polynomial of n terms whose error at n + 1 points is e, -e, e ..., move the points to the
largest errors, and repeat. Then the terms are rounded.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mpmath import mp

Function = Callable[[Any], Any]

POINTS = 600  # at which the error is computed
SMALL = mp.mpf(10) ** -20  # below it the formulas of the functions cancel


@dataclass(frozen=True, slots=True)
class Wanted:
    """A function on an interval, and the number of terms. weight: the relative error of the result for an error of 1.
    bound: a power of two above the error of the rounded terms."""

    function: Function
    weight: Function
    low: float
    high: float
    terms: int
    bound: float


def _square_root(function: Function) -> Function:
    """The function of x as one of z = x * x, where x is not 0."""
    return lambda z: function(mp.sqrt(max(z, SMALL)))


def _away(r: Any) -> Any:
    return r if abs(r) > SMALL else SMALL


def _exponential(terms: int, bound: float) -> Wanted:
    """e**r = 1 + r + r*r * p(r)."""
    return Wanted(
        lambda r: (mp.expm1(_away(r)) - _away(r)) / _away(r) ** 2,
        lambda r: mp.mpf("0.05") + abs(r),  # for e**r - 1; more than enough for so small an r
        -0.3468,
        0.3468,
        terms,
        bound,
    )


def _odd(function: Function, factor: int, high: float, terms: int, bound: float) -> Wanted:
    """f(r) = factor * r + r * z * p(z), z = r*r."""
    return Wanted(
        _square_root(lambda r: (function(r) - factor * r) / r**3),
        _square_root(lambda r: r**3 / function(r)),
        0.0,
        high,
        terms,
        bound,
    )


def _cosine(terms: int, bound: float) -> Wanted:
    """cos r = 1 - z/2 + z*z * p(z), z = r*r."""
    return Wanted(
        _square_root(lambda r: (mp.cos(r) - 1 + r * r / 2) / r**4),
        _square_root(lambda r: r**4 / mp.cos(r)),
        0.0,
        0.6170,
        terms,
        bound,
    )


def _error_function(terms: int, bound: float) -> Wanted:
    """erf x = x + x * p(z), z = x*x."""
    return Wanted(
        _square_root(lambda x: mp.erf(x) / x - 1), _square_root(lambda x: x / mp.erf(x)), 0.0, 0.6602, terms, bound
    )


def _complementary(centre: float, high: float, terms: int, bound: float) -> Wanted:
    """erfc x = e**(-x*x) * p(t) / (x + 0.5), t = (x - centre) / (x + centre): all from 13/16 on at once, and p nearly
    constant (Shepherd and Laframboise, Mathematics of Computation 36, 1981). Of many centres this one has the
    smallest error after rounding.
    """

    def function(t: Any) -> Any:
        x = centre * (1 + t) / (1 - t)
        return (x + 0.5) * mp.exp(x * x) * mp.erfc(x)

    low, last = ((x - centre) / (x + centre) for x in (0.8124, high))
    return Wanted(function, lambda t: 1 / function(t), low, last, terms, bound)


def _atanh(s: Any) -> Any:
    return 2 * mp.atanh(s)


# By the name of the table and the bytes of a number.
WANTED: dict[tuple[str, int], Wanted] = {
    ("exp", 8): _exponential(11, -58.9),
    ("exp", 4): _exponential(6, -28.6),
    ("log", 8): _odd(_atanh, 2, 0.02945, 7, -59.0),
    ("log", 4): _odd(_atanh, 2, 0.02945, 3, -30.0),
    ("sin", 8): _odd(mp.sin, 1, 0.6170, 6, -56.3),
    ("sin", 4): _odd(mp.sin, 1, 0.6170, 3, -26.8),
    ("cos", 8): _cosine(6, -59.5),
    ("cos", 4): _cosine(3, -32.5),
    ("atan", 8): _odd(mp.atan, 1, 0.2501, 13, -56.8),
    ("atan", 4): _odd(mp.atan, 1, 0.2501, 6, -27.8),
    ("erf", 8): _error_function(13, -56.2),
    ("erf", 4): _error_function(7, -28.9),
    ("erfc", 8): _complementary(3.5, 27.3, 21, -56.4),
    ("erfc", 4): _complementary(2.0, 10.1, 9, -26.7),
}


def polynomial(terms: Sequence[Any], x: Any) -> Any:
    """terms[0] + terms[1] * x + ..."""
    result = mp.mpf(0)
    for term in reversed(terms):
        result = result * x + term
    return result


def error(wanted: Wanted, terms: Sequence[float], points: int = POINTS) -> Any:
    """The largest weighted error of a polynomial."""
    with mp.workdps(60):
        return max(abs((polynomial(terms, x) - wanted.function(x)) * wanted.weight(x)) for x in _spread(wanted, points))


def _spread(wanted: Wanted, count: int) -> list[Any]:
    """Chebyshev's points, which lie closer at the ends."""
    low, high = mp.mpf(wanted.low), mp.mpf(wanted.high)
    return [(low + high) / 2 - (high - low) / 2 * mp.cos(mp.pi * k / (count - 1)) for k in range(count)]


def minimax(wanted: Wanted, count: int) -> list[Any]:
    """The `count` terms of least error."""
    grid = _spread(wanted, POINTS)
    weights = [wanted.weight(x) for x in grid]
    targets = [wanted.function(x) for x in grid]
    at = [round((POINTS - 1) * (1 - mp.cos(mp.pi * k / count)) / 2) for k in range(count + 1)]
    for _ in range(20):
        rows = [[grid[i] ** j for j in range(count)] + [(-1) ** k / weights[i]] for k, i in enumerate(at)]
        *terms, levelled = mp.lu_solve(mp.matrix(rows), mp.matrix([targets[i] for i in at]))
        errors = [(polynomial(terms, x) - y) * weight for x, y, weight in zip(grid, targets, weights, strict=True)]
        if max(map(abs, errors)) < abs(levelled) * mp.mpf("1.01"):
            return terms
        at = _extremes(errors, count + 1)
    raise ArithmeticError(f"no best polynomial of {count} terms was found: does the weight vanish?")


def _extremes(errors: list[Any], count: int) -> list[int]:
    """The largest errors between changes of sign: `count` neighbours, the largest of all among them."""
    best: list[int] = []
    for i, error_there in enumerate(errors):
        if best and (errors[best[-1]] > 0) == (error_there > 0):
            if abs(error_there) > abs(errors[best[-1]]):
                best[-1] = i
        else:
            best.append(i)
    while len(best) > count:
        best.pop(0 if abs(errors[best[0]]) < abs(errors[best[-1]]) else -1)
    assert len(best) == count, "fewer changes of sign than terms: the weight vanishes, or there are too few points"
    return best


def round_to(number: Any, bytes_: int) -> float:
    """A number of float64 or float32."""
    return float(number) if bytes_ == 8 else float(struct.unpack("<f", struct.pack("<f", float(number)))[0])


def derive(name: str, bytes_: int) -> list[float]:
    """The terms, rounded."""
    wanted = WANTED[name, bytes_]
    with mp.workdps(60):
        return [round_to(term, bytes_) for term in minimax(wanted, wanted.terms)]


def parts(number: Any, bits: Sequence[int]) -> list[float]:
    """A number as a sum of parts with these numbers of bits."""
    found = []
    with mp.workdps(100):
        rest = mp.mpf(number)
        for count in bits:
            _, exponent = mp.frexp(rest)
            part = mp.ldexp(mp.nint(mp.ldexp(rest, count - exponent)), exponent - count)
            found.append(float(part))
            rest -= part
    return found


def main() -> None:
    """Print the tables."""
    for (name, bytes_), wanted in WANTED.items():
        terms = derive(name, bytes_)
        print(f"    # 2**{float(mp.log(error(wanted, terms), 2)):.1f}")
        print(f"    ({name!r}, {bytes_}): (", *(f"        {term!r}," for term in terms), "    ),", sep="\n")
    with mp.workdps(100):
        for name, number, bits in (
            ("ln 2", mp.log(2), ((32, 53), (15, 24))),
            ("pi / 2", mp.pi / 2, ((33, 33, 33, 53), (33, 53), (53, 53), (24, 24))),
        ):
            for counts in bits:
                print(f"# {name} in parts of {counts} bits: {parts(number, counts)}")


if __name__ == "__main__":
    main()

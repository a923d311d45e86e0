"""Right functions at hostile points: the checker must call none of them wrong."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from autograd_core import COMPOSITIONS, PRIMITIVES, GradCheckError, Value, custom_primitive, gradcheck

FUNCTIONS = 10_000
OFF = custom_primitive("off", lambda a: a, [1.001])
CONSTANTS = (0.0, 1.0, -1.0, 2.0, 0.5, 3.7, -0.3, 1e-9, 1e9, 1e16, -1e-300, 1e-12, 700.0)
POINTS = (0.0, 1.0, -1.0, 1e10, 1e15, -1e8, 1 - 1e-9, 1 + 1e-12, 1e-300, -1e-200, 1e-9, -1e-9, 30.0, 709.0, -745.0, 1e5)
UNARY = [
    entry
    for entry in (*PRIMITIVES.values(), *COMPOSITIONS.values())
    if entry.arguments == ("a",) or len(entry.arguments) == 1
]
UNARY = [entry for entry in UNARY if not getattr(entry, "takes_lists", False)]
BINARY = [PRIMITIVES[name] for name in ("add", "subtract", "multiply", "divide", "power", "maximum", "minimum")]


def random_function(rng: random.Random) -> tuple[Callable[[Any], Any], str]:
    """A function of one number, composed of the table's entries, and its text."""

    def grow(depth: int) -> tuple[Callable[[Any], Any], str]:
        kind = rng.random()
        if depth == 0 or kind < 0.15:
            return (lambda x: x), "x"
        inner, text = grow(depth - 1)
        if kind < 0.6:
            entry = rng.choice(UNARY)
            return (lambda x: entry(inner(x))), f"{entry.name}({text})"
        entry = rng.choice(BINARY)
        if rng.random() < 0.6:
            constant = rng.choice(CONSTANTS) * rng.choice((1.0, 1.0, rng.uniform(0.5, 2.0)))
            if rng.random() < 0.5:
                return (lambda x: entry(inner(x), constant)), f"{entry.name}({text}, {constant!r})"
            return (lambda x: entry(constant, inner(x))), f"{entry.name}({constant!r}, {text})"
        other, other_text = grow(depth - 1)
        return (lambda x: entry(inner(x), other(x))), f"{entry.name}({text}, {other_text})"

    return grow(rng.randint(1, 4))


def random_point(rng: random.Random) -> float:
    point = rng.choice(POINTS)
    kind = rng.random()
    if kind < 0.3:
        return point
    if kind < 0.6:
        return point * rng.uniform(0.9, 1.1)
    return rng.choice((-1.0, 1.0)) * 10.0 ** rng.uniform(-12, 12)


def random_cases(seed: int) -> Iterator[tuple[Callable[[Any], Any], str, float]]:
    """Functions with their texts, each with a point where it is finite, without end."""
    rng = random.Random(seed)
    while True:
        function, text = random_function(rng)
        point = random_point(rng)
        result = function(Value(point))
        if isinstance(result, Value) and math.isfinite(result.data):
            yield function, text, point


def accusations(count: int, seed: int) -> tuple[list[str], Counter[str]]:
    """The right functions that were called wrong, and how often each verdict was given."""
    wrong, verdicts = [], Counter[str]()
    for function, text, point in random_cases(seed):
        if verdicts.total() >= count:
            break
        try:
            (entry,) = gradcheck(function, point, raise_wrong=False).entries
        except GradCheckError:
            continue
        verdicts[entry.verdict] += 1
        if entry.verdict == "wrong":
            wrong.append(
                f"{text} at x = {point!r}: analytic {entry.analytic!r}, numeric {entry.numeric!r} ({entry.note})"
            )
    return wrong, verdicts


def missed_faults(count: int, seed: int) -> tuple[list[str], Counter[str]]:
    """The functions called right although their derivative is 0.1% off, and how often each verdict was given."""
    missed, verdicts = [], Counter[str]()
    for function, text, point in random_cases(seed):
        if verdicts.total() >= count:
            break
        try:
            (right,) = gradcheck(function, point, raise_wrong=False).entries
            (off,) = gradcheck(lambda x, f=function: f(OFF(x)), point, raise_wrong=False).entries
        except GradCheckError:
            continue
        if right.verdict == "right" and right.analytic != off.analytic:
            verdicts[off.verdict] += 1
            if off.verdict == "right":
                missed.append(f"{text} at x = {point!r}: analytic {off.analytic!r}, numeric {off.numeric!r}")
    return missed, verdicts


def run(part: float) -> str:
    wrong, verdicts = accusations(round(FUNCTIONS * part), seed=2026)
    print(*wrong, sep="\n")
    missed, found = missed_faults(round(FUNCTIONS * part / 10), seed=2027)
    print(*missed, sep="\n")
    return (
        f"right functions: {count_text(verdicts)}; {len(wrong)} accused; "
        f"functions 0.1% off: {count_text(found)}; {len(missed)} missed"
    )


def count_text(verdicts: Counter[str]) -> str:
    return ", ".join(f"{number:,} {verdict}" for verdict, number in verdicts.most_common())

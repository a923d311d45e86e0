"""Is a derivative right? Each is compared with differences of the function itself, and the verdict put in words.

right: they agree. wrong: they differ by more than the differences can be off, or one is not finite. suspicious: the
differences cannot decide, because rounding in f is as large as the derivative, or they agree to six digits but not
to eight. at a kink: left and right differ, so there is no derivative; a value between the two is a convention and
passes, another is wrong. All errors are relative to the derivative itself: 0 never passes for a small number.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from autograd_core.derivatives.finite_differences import SAFETY, Difference, differences
from autograd_core.derivatives.transformations import jacobian, vjp
from autograd_core.engine.nested import Nested, leaves, paths, rebuilt
from autograd_core.engine.number import as_number
from autograd_core.engine.primitive import Primitive
from autograd_core.engine.value import Value
from autograd_core.errors import GradCheckError
from autograd_core.formulas.aligned_table import text_table

RIGHT, SUSPICIOUS, WRONG, KINK = "right", "suspicious", "wrong", "at a kink"
EXACT = 1e-8  # a relative difference below this needs no explanation


@dataclass(frozen=True, slots=True)
class GradCheckEntry:
    """One derivative, checked.

    derivative: as written, df/dx. input: the name of the input (both, for a second derivative). analytic: what the
    engine says. numeric: what differences say, off by about `error` at most. left, right: the one-sided differences.
    verdict: right, suspicious, wrong or at a kink; note: why, where there is something to say.
    """

    derivative: str
    input: str
    analytic: float
    numeric: float
    error: float
    left: float
    right: float
    verdict: str
    note: str = ""

    @property
    def relative_error(self) -> float:
        """|analytic - numeric| / the larger of the two; 0 where both are 0, nan where one is not finite."""
        if self.analytic == self.numeric:
            return 0.0
        gap = abs(self.analytic - self.numeric)
        return gap / max(abs(self.analytic), abs(self.numeric)) if math.isfinite(gap) else math.nan


@dataclass(frozen=True, slots=True, repr=False)
class GradCheckReport:
    """Every derivative that was checked; prints as a table, and is true where none is wrong."""

    entries: tuple[GradCheckEntry, ...]

    @property
    def wrong(self) -> tuple[GradCheckEntry, ...]:
        """The entries that are wrong."""
        return tuple(entry for entry in self.entries if entry.verdict == WRONG)

    def __bool__(self) -> bool:
        return not self.wrong

    def __repr__(self) -> str:
        rows = [("derivative", "analytic", "numeric", "relative error", "verdict")]
        for entry in self.entries:
            numbers = f"{entry.analytic:.10g}", f"{entry.numeric:.10g}", f"{entry.relative_error:.1e}"
            verdict = f"{entry.verdict}: {entry.note}" if entry.note else entry.verdict
            rows.append((entry.derivative, *numbers, verdict))
        lines = text_table(rows, right=(1, 2, 3))
        return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])


def gradcheck(
    f: Callable[..., Any], inputs: Nested, order: int = 1, *, tolerance: float = 1e-6, raise_wrong: bool = True
) -> GradCheckReport:
    """Check every derivative of f at `inputs` against differences; the second ones too with `order=2`.

    `inputs` is the tuple of f's arguments, or its single argument where that is no tuple: numbers, Values (whose
    labels name them), lists. Also checked: that the gradient is linear in the upstream, and that 2 * f has twice the
    gradient of f. No `.grad` and no `.data` is touched. Raises `GradCheckError` naming the input, both numbers, the
    relative error and the verdict where a derivative is wrong (unless `raise_wrong` is False), and where f itself is
    not finite.

    >>> gradcheck(lambda x, y: x * y**2, (2.0, 3.0)).entries[1].verdict
    'right'
    """
    if order not in (1, 2):
        raise ValueError(f"gradcheck checks derivatives of order 1 or 2, not {order!r}.")
    if not callable(f):
        raise TypeError(f"gradcheck needs the function to be checked, got {type(f).__name__}.")
    arguments = inputs if isinstance(inputs, tuple) else (inputs,)
    names = _input_names(f, arguments)
    given = [leaf if isinstance(leaf, Value) else as_number(leaf, name) for leaf, name in _pairs(arguments, names)]
    numbers = [float(leaf) for leaf in given]
    if not numbers:
        raise ValueError("there is nothing to differentiate by: gradcheck needs at least one input number.")

    def flat(values: list[Any]) -> list[Any]:
        return leaves(f(*rebuilt(arguments, values, keep_arrays=True)))

    def flat_gradient(values: list[Any]) -> list[Any]:
        return leaves(jacobian(flat)(values))

    outputs = _numbers(flat([Value(number) for number in numbers]))
    for index, output in enumerate(outputs):
        if not math.isfinite(output):
            which = f"output {index} of f" if len(outputs) > 1 else "f"
            point = ", ".join(f"{name} = {number!r}" for name, number in zip(names, numbers, strict=True))
            raise GradCheckError(f"{which} is {output!r} at {point}: nothing to compare. Check it where it is finite.")
    f_names = [f"f[{index}]" for index in range(len(outputs))] if len(outputs) > 1 else ["f"]
    columns = [(f"d{f_name}/d{{}}", "{}") for f_name in f_names]
    entries = list(_compared(flat, numbers, names, columns, tolerance))
    entries = _with_linearity(flat, numbers, len(outputs), entries)
    if order == 2:
        columns = [(f"d²{f_name}/d{name} d{{}}", f"{name}, {{}}") for f_name in f_names for name in names]
        entries += _compared(flat_gradient, numbers, names, columns, tolerance)
    report = GradCheckReport(tuple(entries))
    if report.wrong and raise_wrong:
        raise GradCheckError(_message(report))
    return report


def _compared(
    f: Callable[[list[Any]], list[Any]],
    numbers: list[float],
    names: list[str],
    columns: list[tuple[str, str]],
    tolerance: float,
) -> Iterator[GradCheckEntry]:
    """An entry for every output of f (with its two names in `columns`) by every number."""
    rows = [_numbers(row) for row in jacobian(f)(numbers)]
    by_input = [differences(_along(f, numbers, index), number) for index, number in enumerate(numbers)]
    for output, (derivative, entry_input) in enumerate(columns):
        for index, name in enumerate(names):
            analytic, difference = rows[output][index], by_input[index][output]
            verdict, note = _judged(analytic, difference, tolerance)
            yield GradCheckEntry(
                derivative.format(name),
                entry_input.format(name),
                analytic,
                difference.numeric,
                difference.error,
                difference.left,
                difference.right,
                verdict,
                note,
            )


def _along(f: Callable[[list[Any]], list[Any]], numbers: list[float], index: int) -> Callable[[float], list[float]]:
    """f as a function of one of its numbers."""

    def along(number: float) -> list[float]:
        return _numbers(f([Value(number if i == index else one) for i, one in enumerate(numbers)]))

    return along


def _judged(analytic: float, difference: Difference, tolerance: float) -> tuple[str, str]:
    """The verdict and the reason for it."""
    left, right = difference.left, difference.right
    if not math.isfinite(analytic):
        return WRONG, "the analytic derivative is not finite"
    if not difference.smooth and not (math.isnan(left) and math.isnan(right)):
        sides = f"left {left:.6g}, right {right:.6g}"
        if math.isinf(left) or math.isinf(right):
            return KINK, f"f jumps; {sides}"
        low, high = (right, right) if math.isnan(left) else (left, left) if math.isnan(right) else sorted((left, right))
        outside = max(low - analytic, analytic - high)
        if outside <= tolerance * max(abs(low), abs(high)):
            return KINK, sides
        if outside <= SAFETY * difference.side_error:
            return SUSPICIOUS, f"at a kink whose sides are only sure to {difference.side_error:.1e}: {sides}"
        return WRONG, f"not between the two sides of the kink: {sides}"
    if not math.isfinite(difference.numeric):
        return SUSPICIOUS, "f is not finite around this point, so no difference can be taken"
    gap = abs(analytic - difference.numeric)
    scale = max(abs(analytic), abs(difference.numeric))
    explained = gap <= SAFETY * difference.error
    if gap <= EXACT * scale or (gap <= tolerance * scale and explained):
        return RIGHT, ""
    if gap <= tolerance * scale:
        return SUSPICIOUS, "they agree to six digits, but differ by more than rounding explains"
    if explained:
        return SUSPICIOUS, f"differences are only sure to {difference.error:.1e} here, so they cannot decide"
    return WRONG, ""


def _with_linearity(
    f: Callable[[list[Any]], list[Any]], numbers: list[float], outputs: int, entries: list[GradCheckEntry]
) -> list[GradCheckEntry]:
    """The entries, wrong where a gradient does not follow its upstream: 0 to 0, twice to twice, and 2 * f to twice."""

    def doubled_f(values: list[Any]) -> list[Any]:
        return [2.0 * y for y in f(values)]

    twice_f = jacobian(doubled_f)(numbers)
    checked = []
    for output in range(outputs):
        unit = [1.0 if index == output else 0.0 for index in range(outputs)]
        none = _numbers(vjp(f, numbers, [0.0] * outputs)[1])
        once = _numbers(vjp(f, numbers, unit)[1])
        twice = _numbers(vjp(f, numbers, [2.0 * one for one in unit])[1])
        for index in range(len(numbers)):
            entry = entries[output * len(numbers) + index]
            problem = ""
            if none[index] != 0.0:
                problem = f"an upstream of 0 gives {none[index]:.6g} instead of 0"
            elif not math.isclose(twice[index], 2.0 * once[index]):
                problem = f"an upstream of 2 gives {twice[index]:.6g}, not twice {once[index]:.6g}"
            elif not math.isclose(float(twice_f[output][index]), 2.0 * entry.analytic):
                problem = f"2 * f has the derivative {float(twice_f[output][index]):.6g}, not twice that of f"
            if problem and entry.verdict != WRONG:
                entry = replace(entry, verdict=WRONG, note=f"not linear in the upstream: {problem}")
            checked.append(entry)
    return checked


def _message(report: GradCheckReport) -> str:
    wrong = report.wrong
    lines = [
        f"{entry.derivative} is wrong (input {entry.input}): analytic {entry.analytic!r}, numeric {entry.numeric!r}, "
        f"relative error {entry.relative_error:.1e}."
        + (f" {entry.note[0].upper()}{entry.note[1:]}." if entry.note else "")
        for entry in wrong[:5]
    ]
    if len(wrong) > 5:
        lines.append(f"... and {len(wrong) - 5} more.")
    lines.append("Look at the partials of the operations this input goes through, and for .data, float() or detach().")
    return "\n".join([*lines, "", str(report)])


def _numbers(things: list[Any]) -> list[float]:
    return [thing.data if isinstance(thing, Value) else as_number(thing, "the result of f") for thing in things]


def _pairs(arguments: tuple[Nested, ...], names: list[str]) -> Iterator[tuple[Any, str]]:
    return zip((leaf for argument in arguments for leaf in leaves(argument)), names, strict=True)


def _input_names(f: Callable[..., Any], arguments: tuple[Nested, ...]) -> list[str]:
    """A name for every number: its Value's label, else f's argument and the place in it."""
    named: Sequence[str] = ()
    if isinstance(f, Primitive):
        named = f.arguments
    else:
        with suppress(TypeError, ValueError):  # some functions written in C tell no signature
            parameters = inspect.signature(f).parameters.values()
            named = [one.name for one in parameters if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]
    names = []
    for index, argument in enumerate(arguments):
        base = named[index] if index < len(named) else f"input{index + 1}"
        for leaf, path in zip(leaves(argument), paths(argument), strict=True):
            names.append(getattr(leaf, "label", "") or f"{base}{path}")
    return names

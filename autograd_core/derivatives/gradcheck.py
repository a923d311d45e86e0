"""Is a derivative right? Each is compared with differences of the function itself, and the verdict put in words.

right: they agree. wrong: the differences converge, and to another number. suspicious: the differences cannot decide
(they do not converge, or rounding may explain the gap), or they agree to six digits but not to eight. at a kink: left
and right differ, or an operation inside is at its kink, so that a convention decides; a value outside the two sides is
wrong. All errors are relative to the derivative itself: 0 never passes for a small number.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from autograd_core.derivatives.finite_differences import differences
from autograd_core.derivatives.judgement import (
    KINK,
    SUSPICIOUS,
    WRONG,
    is_index,
    judge,
    operations_below,
    outside_a_domain,
    reconsider,
)
from autograd_core.derivatives.report import GradCheckEntry, GradCheckReport, error_message
from autograd_core.derivatives.rounding import value_error, what_rounding_hides
from autograd_core.derivatives.transformations import jacobian, vjp
from autograd_core.engine.nested import Nested, leaves, paths, rebuild
from autograd_core.engine.numbers.number import as_number
from autograd_core.engine.primitive import Primitive
from autograd_core.engine.value import Value
from autograd_core.errors import AutogradError, GradCheckError
from autograd_core.formulas.notation import number_text


def gradcheck(
    f: Callable[..., Any], inputs: Nested, order: int = 1, *, tolerance: float = 1e-6, raise_wrong: bool = True
) -> GradCheckReport:
    """Check every derivative of f at `inputs` against differences; the second ones too with `order=2`.

    `inputs` is the tuple of f's arguments, or its single argument where that is not a tuple: numbers, Values (whose
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
        raise ValueError(
            "there is nothing to differentiate with respect to: gradcheck needs at least one input number."
        )

    def flat(values: list[Any]) -> list[Any]:
        return leaves(f(*rebuild(arguments, values, keep_arrays=True)))

    def flat_gradient(values: list[Any]) -> list[Any]:
        return leaves(jacobian(flat)(values))

    results = flat([Value(number) for number in numbers])
    for result in results:
        if outside := outside_a_domain(result):
            raise GradCheckError(f"{outside}: nothing to compare. Check it inside its domain.")
    outputs = _numbers(results)
    for index, output in enumerate(outputs):
        if not math.isfinite(output):
            which = f"output {index} of f" if len(outputs) > 1 else "f"
            point = ", ".join(f"{name} = {number!r}" for name, number in zip(names, numbers, strict=True))
            raise GradCheckError(f"{which} is {output!r} at {point}: nothing to compare. Check it where it is finite.")
    f_names = [f"f[{index}]" for index in range(len(outputs))] if len(outputs) > 1 else ["f"]
    columns = [(f"d{f_name}/d{{}}", "{}") for f_name in f_names]
    entries = list(_compare(flat, numbers, names, columns, tolerance))
    entries = _with_linearity(flat, numbers, len(outputs), entries)
    if order == 2:
        columns = [(f"d²{f_name}/d{name} d{{}}", f"{name}, {{}}") for f_name in f_names for name in names]
        entries += _compare(flat_gradient, numbers, names, columns, tolerance)
    report = GradCheckReport(tuple(entries))
    if report.wrong and raise_wrong:
        raise GradCheckError(error_message(report))
    return report


def _compare(
    f: Callable[[list[Any]], list[Any]],
    numbers: list[float],
    names: list[str],
    columns: list[tuple[str, str]],
    tolerance: float,
) -> Iterator[GradCheckEntry]:
    """An entry for every output of f (with its two names in `columns`) and every number."""
    rows = [_numbers(row) for row in jacobian(f)(numbers)]
    inputs = [Value(number) for number in numbers]
    results = f(inputs)

    def errors() -> list[float]:
        return [value_error(result) for result in results]

    by_input = [
        differences(_along(f, numbers, index), number, [row[index] for row in rows], errors)
        for index, number in enumerate(numbers)
    ]
    for output, (derivative, entry_input) in enumerate(columns):
        for index, name in enumerate(names):
            analytic, difference = rows[output][index], by_input[index][output]
            verdict, note = judge(analytic, difference, tolerance)
            if verdict == SUSPICIOUS and is_index(results[output], inputs[index]):
                verdict, note = KINK, "an index is a whole number, so nothing flows to it"
            if verdict == WRONG:
                verdict, note = reconsider(results[output], inputs[index], analytic, difference, note)
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
    """f as a function of one of its numbers; nan where f, or an operation in it, is outside its domain."""
    centre = f([Value(number) for number in numbers])
    is_bounded = any(primitive.is_bounded for result in centre for _, primitive in operations_below(result))

    def along(number: float) -> list[float]:
        try:
            results = f([Value(number if i == index else other) for i, other in enumerate(numbers)])
        except (AutogradError, ArithmeticError, ValueError):
            return [math.nan] * len(centre)
        if is_bounded and any(map(outside_a_domain, results)):
            return [math.nan] * len(centre)
        return _numbers(results)

    return along


def _with_linearity(
    f: Callable[[list[Any]], list[Any]], numbers: list[float], outputs: int, entries: list[GradCheckEntry]
) -> list[GradCheckEntry]:
    """The entries, wrong where a gradient does not follow its upstream: 0 to 0, twice to twice, and 2 * f to twice."""

    def doubled_f(values: list[Any]) -> list[Any]:
        return [2.0 * y for y in f(values)]

    twice_f = jacobian(doubled_f)(numbers)
    checked = list(entries)
    inputs = [Value(number) for number in numbers]
    results = f(inputs)
    for output in range(outputs):
        unit = [1.0 if index == output else 0.0 for index in range(outputs)]
        none = _numbers(vjp(f, numbers, [0.0] * outputs)[1])
        once = _numbers(vjp(f, numbers, unit)[1])
        twice = _numbers(vjp(f, numbers, [2.0 * upstream for upstream in unit])[1])
        for index in range(len(numbers)):
            place = output * len(numbers) + index
            entry = entries[place]
            problem = ""
            nothing, single, double = (number_text(numbers[index], 6) for numbers in (none, once, twice))
            if none[index] != 0.0:
                problem = f"an upstream of 0 gives {nothing} instead of 0"
            elif not math.isclose(twice[index], 2.0 * once[index]):
                problem = f"an upstream of 2 gives {double}, not twice {single}"
            elif not math.isclose(float(twice_f[output][index]), 2.0 * entry.analytic):
                derivative = number_text(float(twice_f[output][index]), 6)
                problem = f"2 * f has the derivative {derivative}, not twice that of f"
            if (
                problem
                and entry.verdict != WRONG
                and math.isfinite(entry.analytic)
                and not what_rounding_hides(results[output], inputs[index], 0.0)
            ):
                note = f"not linear in the upstream: {problem}"
                checked[place] = replace(entry, verdict=WRONG, note=note)
    return checked


def _numbers(results: list[Any]) -> list[float]:
    return [result.data if isinstance(result, Value) else as_number(result, "the result of f") for result in results]


def _pairs(arguments: tuple[Nested, ...], names: list[str]) -> Iterator[tuple[Any, str]]:
    return zip((leaf for argument in arguments for leaf in leaves(argument)), names, strict=True)


def _input_names(f: Callable[..., Any], arguments: tuple[Nested, ...]) -> list[str]:
    """A name for every number: its Value's label, else f's argument and the place in it."""
    named: Sequence[str] = ()
    if isinstance(f, Primitive):
        named = f.arguments
    else:
        with suppress(TypeError, ValueError):  # some functions written in C have no signature
            parameters = inspect.signature(f).parameters.values()
            kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
            named = [parameter.name for parameter in parameters if parameter.kind in kinds]
    names = []
    for index, argument in enumerate(arguments):
        base = named[index] if index < len(named) else f"input{index + 1}"
        for leaf, path in zip(leaves(argument), paths(argument), strict=True):
            names.append(getattr(leaf, "label", "") or f"{base}{path}")
    return names

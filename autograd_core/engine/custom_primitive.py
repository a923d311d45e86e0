"""Operations of the user's own, checked when they are defined and at every use."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from autograd_core.engine.numbers.number import as_number
from autograd_core.engine.primitive import Interval, Partial, Primitive, split_rules
from autograd_core.errors import AutogradError, NumberError


def custom_primitive(
    name: str,
    forward: Callable[..., Any],
    partials: Sequence[Partial | float] | None = None,
    *,
    formula: str = "",
    derivatives: Sequence[str] = (),
    wrong_rules: str = "",
    domain: Sequence[Interval] | None = None,
) -> Primitive:
    """An operation of your own: a function that computes with numbers and records with Values.

    forward(a, b, ...) gives the number. partials: for each input a function of (y, a, b, ...), y being the output, or
    a number where it is constant; write them with operators and functions of this package, and second derivatives
    work too. Without partials, `.backward()` raises `GraphError`. formula, derivatives: how pictures print them.
    wrong_rules: the derivatives that people write instead, as "1; a**2", with several inputs "1 | b; a | ".
    Raises TypeError or ValueError where the counts do not fit; a rule that fails or gives no real number raises
    `NumberError` when it is used, with its inputs.

    >>> from autograd_core import Value
    >>> cube = custom_primitive("cube", lambda a: a * a * a, [lambda y, a: 3 * a**2])
    >>> x = Value(2.0); cube(x).backward(); x.grad
    12.0
    """
    if not isinstance(name, str) or not name.isidentifier():
        raise ValueError(f"the name of a primitive is written like a function, so {name!r} must be an identifier.")
    if not callable(forward):
        raise TypeError(f"{name}: forward must be a function of numbers, got {type(forward).__name__}.")
    arguments = _positional_names(name, forward)
    for rules, what in ((partials, "partials"), (derivatives or None, "derivatives"), (domain, "domain")):
        if rules is None:
            continue
        if not isinstance(rules, (list, tuple)):
            raise TypeError(f"{name}: {what} must be a list with one for each input, got {type(rules).__name__}.")
        if len(rules) != len(arguments):
            raise ValueError(
                f"{name} has {len(arguments)} input(s) ({', '.join(arguments)}) but {len(rules)} {what}. "
                "Give exactly one for each input, in order."
            )
    for rule in split_rules(wrong_rules):
        if len(rule) != len(arguments):
            raise ValueError(
                f"{name} has {len(arguments)} input(s) but the wrong rule {' | '.join(rule)!r} has {len(rule)}. Write "
                "one expression for each input, with | between them."
            )
    return Primitive(
        name,
        _check_rule(name, "forward", forward, arguments),
        None
        if partials is None
        else tuple(_check_partial(name, arguments, *pair) for pair in zip(arguments, partials, strict=True)),
        arguments=arguments,
        formula=formula,
        derivatives=tuple(derivatives),
        wrong_rules=wrong_rules,
        domain=tuple(domain or ()),
        is_bounded=domain is not None,
    )


def _positional_names(name: str, forward: Callable[..., Any]) -> tuple[str, ...]:
    try:
        parameters = inspect.signature(forward).parameters.values()
    except ValueError:  # some functions written in C have no signature
        raise TypeError(
            f"{name}: the signature of forward is unknown; wrap it, such as lambda a, b: f(a, b)."
        ) from None
    names = tuple(item.name for item in parameters if item.kind in (item.POSITIONAL_ONLY, item.POSITIONAL_OR_KEYWORD))
    if not names or len(names) != len(parameters):
        raise TypeError(f"{name}: forward must take a fixed number of inputs by position, such as lambda a, b: ...")
    return names


def _check_partial(name: str, arguments: tuple[str, ...], argument: str, partial: Partial | float) -> Partial | float:
    if callable(partial):
        try:
            inspect.signature(partial).bind("y", *arguments)
        except TypeError:
            raise TypeError(
                f"{name}: the partial with respect to {argument} must take the output and then the inputs: "
                f"lambda y, {', '.join(arguments)}: ..."
            ) from None
        except ValueError:  # written in C, without a signature: its own error must suffice
            pass
        return _check_rule(name, f"the partial with respect to {argument}", partial, ("y", *arguments))
    return as_number(partial, f"{name}: the partial with respect to {argument}")


def _check_rule(name: str, role: str, rule: Callable[..., Any], arguments: Sequence[str]) -> Callable[..., Any]:
    def call_rule(*numbers: Any) -> Any:
        try:
            result = rule(*numbers)
        except AutogradError:
            raise
        except (ArithmeticError, ValueError) as problem:  # Python's own division and math functions raise at a pole
            point = ", ".join(
                f"{argument} = {float(number)!r}" for argument, number in zip(arguments, numbers, strict=True)
            )
            raise NumberError(
                f"{name}: {role} failed at {point}: {problem}. Let it give a number there too, as IEEE 754 does: "
                "float('inf') at a pole, float('nan') outside the domain. The functions of this package do."
            ) from problem
        return result if hasattr(result, "_record") else as_number(result, f"{name}: {role}")

    return call_rule

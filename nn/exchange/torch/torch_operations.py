"""The operations of PyTorch by name, on arrays of Values: what a forward calls, as functions and as methods."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from functools import partial, reduce
from typing import Any

from autograd_core import ExchangeError, logsumexp, maximum, minimum, sqrt
from autograd_core.exchange.arrays.array_layers import largest
from autograd_core.exchange.arrays.array_operations import (
    average,
    by_entry,
    choice,
    clipped,
    detached,
    equals,
    inverted,
    over_axes,
    total,
    variance,
)
from nn.exchange.torch.torch_activations import ACTIVATIONS
from nn.exchange.torch.torch_layers import LAYERS
from nn.exchange.torch.torch_shapes import SHAPES

# ------------------------------------------------------------------------------------------------- sums and choices


def _added(a: Any, b: Any, alpha: float = 1.0) -> Any:
    return a + (b if alpha == 1.0 else b * alpha)


def _subtracted(a: Any, b: Any, alpha: float = 1.0) -> Any:
    return a - (b if alpha == 1.0 else b * alpha)


def _reduced(function: Callable[..., Any]) -> Callable[..., Any]:
    def apply(x: Any, dim: Any = None, keepdim: bool = False, **_: Any) -> Any:
        return function(x, dim, keepdim)

    return apply


def _by_row(function: Callable[[list[Any]], Any]) -> Callable[..., Any]:
    """A function of a list to a number, over one axis or all."""
    return _reduced(partial(over_axes, function))


class Extremes:
    """What `max` and `min` along an axis give: the numbers, of which the first of equal ones has the gradient. Their
    places are not read."""

    def __init__(self, values: Any) -> None:
        self.values = values

    def __getitem__(self, place: int) -> Any:
        if place != 0:
            raise ExchangeError("the places of the largest or smallest numbers are not read: they have no gradient.")
        return self.values


def _extreme(function: Callable[[Any, Any], Any], first: Callable[[list[Any]], Any]) -> Callable[..., Any]:
    """PyTorch's max or min: over all, along an axis, or of two arrays."""

    def apply(x: Any, dim: Any = None, keepdim: bool = False) -> Any:
        if dim is None:
            return over_axes(partial(reduce, function), x)
        return Extremes(over_axes(first, x, dim, keepdim)) if isinstance(dim, int) else by_entry(function)(x, dim)

    return apply


def _smallest(row: list[Any]) -> Any:
    return -largest([-number for number in row])


def _variance(x: Any, dim: Any = None, unbiased: bool = True, keepdim: bool = False, correction: Any = None) -> Any:
    return variance(x, dim, keepdim, float(unbiased if correction is None else correction))


def _norm(x: Any, p: Any = 2, dim: Any = None, keepdim: bool = False, **_: Any) -> Any:
    if p not in (2, 2.0, "fro"):
        raise ExchangeError(f"of norms there is that of the squares here, not p={p!r}.")
    return by_entry(sqrt)(total(x * x, dim, keepdim))


def _unit_norm(x: Any, p: float = 2.0, dim: int = 1, eps: float = 1e-12, **_: Any) -> Any:
    return x / by_entry(lambda number: clipped(number, eps))(_norm(x, p, dim, True))


def _cosine_similarity(a: Any, b: Any, dim: int = 1, eps: float = 1e-8) -> Any:
    sizes = [by_entry(lambda number: clipped(number, eps))(_norm(each, 2, dim)) for each in (a, b)]
    return total(a * b, dim) / (sizes[0] * sizes[1])


def _running_total(x: Any, dim: int, **_: Any) -> Any:
    return x.cumsum(axis=dim)


def _clamped(x: Any, min: Any = None, max: Any = None) -> Any:  # noqa: A002  the names of PyTorch
    return by_entry(lambda number: clipped(number, min, max))(x)


def _divided(a: Any, b: Any, rounding_mode: str | None = None) -> Any:
    if rounding_mode is not None:
        raise ExchangeError("a division that rounds has no gradient, and is not read.")
    return a / b


def _compared(function: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def of_numbers(a: Any, b: Any) -> Any:
        return function(a, b)  # of plain numbers a bool, of Values a Value

    return by_entry(of_numbers)


def _filled(x: Any, mask: Any, value: Any) -> Any:
    return by_entry(choice)(mask, value, x)


def _chosen(condition: Any, a: Any, b: Any) -> Any:
    return by_entry(choice)(condition, a, b)


OPERATIONS: dict[str, Callable[..., Any]] = {
    **ACTIVATIONS,
    **LAYERS,
    **SHAPES,
    **dict.fromkeys(("invert", "logical_not"), by_entry(inverted)),
    # arithmetic
    **dict.fromkeys(("add", "iadd", "add_"), _added),
    **dict.fromkeys(("sub", "isub", "subtract"), _subtracted),
    "rsub": lambda a, b: b - a,
    **dict.fromkeys(("mul", "imul", "multiply", "mul_"), operator.mul),
    **dict.fromkeys(("div", "truediv", "itruediv", "divide"), _divided),
    "floordiv": operator.floordiv,
    "mod": operator.mod,
    "pow": operator.pow,
    "max": _extreme(maximum, largest),
    "min": _extreme(minimum, _smallest),
    "maximum": by_entry(maximum),
    "minimum": by_entry(minimum),
    **dict.fromkeys(("clamp", "clip"), _clamped),
    "lt": _compared(operator.lt),
    "le": _compared(operator.le),
    "gt": _compared(operator.gt),
    "ge": _compared(operator.ge),
    "eq": by_entry(equals),
    "ne": by_entry(lambda a, b: inverted(equals(a, b))),
    **dict.fromkeys(("and_", "logical_and"), by_entry(lambda a, b: choice(a, b, False))),
    **dict.fromkeys(("or_", "logical_or"), by_entry(lambda a, b: choice(a, True, b))),
    "where": _chosen,
    "masked_fill": _filled,
    "masked_fill_": _filled,
    # over axes
    "sum": _reduced(total),
    "mean": _reduced(average),
    "var": _variance,
    "std": lambda x, *given, **named: by_entry(sqrt)(_variance(x, *given, **named)),
    "norm": _norm,
    "normalize": _unit_norm,
    "cosine_similarity": _cosine_similarity,
    "logsumexp": _by_row(logsumexp),
    "prod": _by_row(math.prod),
    "amax": _by_row(partial(reduce, maximum)),
    "amin": _by_row(partial(reduce, minimum)),
    "cumsum": _running_total,
    "detach": by_entry(detached),
}

"""`choose`: where for many. A family of primitives, one for each number of values.

All of them have the name "choose". The table of primitives lists the one of three values, which takes any number.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

from autograd_core.engine.numbers.number import as_number
from autograd_core.engine.primitive import PRIMITIVES, Gate, Primitive, function_latex
from autograd_core.engine.primitives import equal
from autograd_core.engine.trace_guard import is_traced

NAME = "choose"
_LISTED = 3  # the values of the entry in the table
_SHOWN = 8  # with more values, notation leaves out those in the middle


def choose(index: Any, values: Any) -> Any:
    """The value at `index` of a list of numbers, counted from 0: values[index]. The other values receive no gradient.

    index: a whole number or a Value that holds one; it has no partial. Of a table of rows choose from each column:
    [choose(index, column) for column in zip(*table)] is an embedding. Raises ValueError for an index that is negative,
    fractional, nan or too large, and for an empty list, TypeError for values that are not a list of numbers.

    >>> choose(2, [5.0, 6.0, 7.0])
    7.0
    """
    try:
        listed = list(values)
    except TypeError:
        kind = type(values).__name__
        raise TypeError(
            f"choose takes an index and a list of numbers, got one {kind}. Write choose(i, [...])."
        ) from None
    if not listed:
        raise ValueError("choose needs at least one value to choose from: the list is empty.")
    if isinstance(values, (str, bytes, dict, set)):
        raise TypeError(f"choose takes a list of numbers, got a {type(values).__name__}. Write choose(i, [...]).")
    if isinstance(listed[0], (list, tuple)) or getattr(listed[0], "shape", None):
        raise TypeError(
            "choose takes a list of numbers, got a list of rows. Choose from each column: "
            "[choose(i, column) for column in zip(*table)]."
        )
    require_place(index, len(listed))
    return choose_among(len(listed))(index, *listed)


def shown_among(primitive: Primitive, numbers: Sequence[float]) -> tuple[Primitive, tuple[int, ...]] | None:
    """How a choice among many values is shown, and the places of the inputs that are: the index and the chosen value.

    numbers: of its inputs. None for another operation, for a few values, and for an index that is no place.
    """
    count = len(numbers) - 1
    if primitive.family is not _with_inputs or count <= _SHOWN or (k := place(numbers[0], count)) is None:
        return None
    return chosen_among(k, count), (0, k + 1)


def place(index: float, count: int) -> int | None:
    """An index as a place among `count` values; None where it is none.

    >>> place(1.0, 3), place(1.5, 3), place(3.0, 3)
    (1, None, None)
    """
    return int(index) if 0.0 <= index < count and index == index // 1.0 else None


def require_place(index: Any, count: int, where: str = "") -> None:
    """Raise ValueError for an index that is no place among `count` values. where: the row it comes from.

    While a function is traced, a Value holds the number of an example; compiled, every index is checked.
    """
    if hasattr(index, "_record") and (not hasattr(index, "_data") or is_traced(index)):
        return
    number = index._data if hasattr(index, "_record") else as_number(index, NAME)
    if place(number, count) is None:
        raise refusal(number, count, where)


def refusal(index: float, count: int, where: str = "") -> ValueError:
    """The error that says why `index` is no place among `count` values. where: the row and column it comes from."""
    wanted = "the whole number 0" if count == 1 else f"a whole number from 0 to {count - 1}"
    reason = "Places are counted from 0."
    if not math.isfinite(index):
        reason = "Look where it comes from."
    elif index != index // 1.0:
        reason = "If it was computed, round it: floor(i + 0.5)."
    values = "value" if count == 1 else "values"
    return ValueError(f"choose among {count:,} {values} takes {wanted} as its index, got {index!r}{where}. {reason}")


@functools.cache
def choose_among(count: int) -> Primitive:
    """The primitive that chooses among `count` values. It gives nan for an index that is no place."""
    values = tuple(f"v{k}" for k in range(count))
    rows = range(count)
    inputs = [f"{{{k}}}" for k in range(count + 1)]
    if count > _SHOWN:
        inputs[3:-1] = ["…"]
    chosen = [f"where(i == {k}, 1, 0)" for k in rows]
    wrong = [["1"] * count, [f"where(i == {k + 1}, 1, 0)" for k in rows], ["0"] * count, [f"1 / {count}"] * count]
    return Primitive(
        NAME,
        lambda i, *numbers: math.nan if (k := place(i, count)) is None else numbers[k],
        (None, *[1.0] * count),
        gates=(None, *map(_gate, rows)),
        selects=lambda y, i, *numbers: place(i, count),
        family=_with_inputs,
        arguments=("i", *values),
        derivatives=("0", *chosen),
        wrong_rules=";".join(" | " + " | ".join(rule) for rule in wrong if count > 1 or rule != ["1"]),
        text=f"{NAME}({', '.join(inputs)})",
        latex=function_latex(NAME, ", ".join(part.replace("…", r"\ldots") for part in inputs)),
        domain=((1.0 if count > 1 else 0.0,) * 2, *[(-3.0, 3.0)] * count),
        kink="the edge to the chosen value alone is open; the index, a whole number from 0, has no partial",
        linear=tuple(range(1, count + 1)),
        words=("index", *(f"row {k}" for k in rows)),
    )


@functools.cache
def chosen_among(k: int, count: int) -> Primitive:
    """What a reader sees of a choice among many values: the index, row k, and how many others are closed."""
    others = f"and {count - 1:,} others, closed"
    return Primitive(
        NAME,
        lambda i, v: v if i == k else math.nan,
        (None, 1.0),
        gates=(None, _gate(k)),
        arguments=("i", "v"),
        formula="v",
        derivatives=("0", f"where(i == {k}, 1, 0)"),
        wrong_rules=f" | where(i == {k + 1}, 1, 0); | 0; | 1 / {count}",
        text=f"{NAME}({{0}}, {{1}}, {others})",
        latex=function_latex(NAME, rf"{{0}}, {{1}}, \text{{{{{others}}}}}"),
        domain=((float(k), float(k)), (-3.0, 3.0)),
        kink=CHOOSE.kink,
        linear=(1,),
        words=("index", f"row {k:,}"),
    )


def _gate(k: int) -> Gate:
    number = float(k)
    return lambda y, i, *values: equal(i, number)


def _with_inputs(count: int) -> Primitive | None:
    """The primitive of the family with so many inputs, the index among them."""
    return choose_among(count - 1) if count > 1 else None


CHOOSE = PRIMITIVES[NAME] = choose_among(_LISTED)

"""pandas and polars: the rows of a frame as Values with the names of their columns."""

from __future__ import annotations

from typing import Any

from autograd_core import ExchangeError, Value

Rows = list[list[Value]]


def from_frame(frame: Any, target: str | None = None) -> Any:
    """The rows of a frame of pandas or polars, as lists of Values that have the names of the columns as labels.

    target: the column to predict; the result is then (rows, its numbers or texts), without that column among the rows.
    `nn.fit(model, frame, column)` takes frames as they are; this is for pictures, which show the names.
    Raises ExchangeError, with row and column, for a gap or an entry that is not a number; TypeError where `frame` is
    not a frame.
    """
    if not hasattr(frame, "to_dict") or not hasattr(frame, "columns"):
        raise TypeError(f"from_frame takes a frame of pandas or polars, got a {type(frame).__name__}.")
    names = [str(name) for name in frame.columns]
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise ExchangeError(f"the frame has two columns {repeated!r}. Rename one of them.")
    if target is not None and str(target) not in names:
        raise ExchangeError(f"the frame has no column {target!r}; it has {', '.join(names)}.")
    columns = {name: frame[label].to_list() for name, label in zip(names, frame.columns, strict=True)}
    for name, entries in columns.items():
        for row, entry in enumerate(entries):
            is_number = hasattr(entry, "__float__") or (target is not None and name == str(target))
            if not is_number or _is_missing(entry):
                what = "is missing" if _is_missing(entry) else f"is {entry!r}, which is not a number"
                raise ExchangeError(
                    f"row {row} of the column {name!r} {what}. Leave such rows out, or turn them into numbers."
                )
    targets = columns.pop(str(target)) if target is not None else None
    if target is not None and not columns:
        raise ExchangeError(f"the frame has no column but {target!r}, which is to be predicted.")
    rows = [
        [Value(number, name) for name, number in zip(columns, numbers, strict=True)]
        for numbers in zip(*columns.values(), strict=True)
    ]
    return rows if target is None else (rows, targets)


def _is_missing(entry: Any) -> bool:
    """None, nan and their like, which are not equal to themselves or answer nothing."""
    try:
        return entry is None or bool(entry != entry)
    except TypeError:  # the NA of pandas
        return True

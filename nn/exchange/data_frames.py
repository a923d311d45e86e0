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
    if not hasattr(frame, "columns") or not hasattr(frame, "to_dict"):
        raise TypeError(f"from_frame takes a frame of pandas or polars, got a {type(frame).__name__}.")
    names = [str(name) for name in frame.columns]
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise ExchangeError(f"the frame has two columns {repeated!r}. Rename one of them.")
    if target is not None and target not in names:
        raise ExchangeError(f"the frame has no column {target!r}; it has {', '.join(names)}.")
    columns = {name: frame[label].to_list() for name, label in zip(names, frame.columns, strict=True)}
    targets = columns.pop(target) if target is not None else None
    for name, numbers in columns.items():
        for row, number in enumerate(numbers):
            if not hasattr(number, "__float__") or number != number:
                what = "is missing" if number is None or number != number else f"is {number!r}, which is not a number"
                raise ExchangeError(
                    f"row {row} of the column {name!r} {what}. Leave such rows out, or turn them into numbers."
                )
    rows = [
        [Value(number, name) for name, number in zip(columns, numbers, strict=True)]
        for numbers in zip(*columns.values(), strict=True)
    ]
    return rows if target is None else (rows, targets)

"""`explain(value)`: how a number came about and how the chain rule goes back through it, step by step."""

from __future__ import annotations

import json

from autograd_core.show.ledger import ledger
from autograd_core.show.record import Mode, Record, StepRecord, record
from autograd_core.show.view import Open, view
from autograd_core.value import Value


class Explanation:
    """What `explain` returns: it prints as the ledger. record: everything as plain data; steps: the sweep's steps."""

    def __init__(self, made: Record) -> None:
        self.record = made

    @property
    def steps(self) -> tuple[StepRecord, ...]:
        """The steps of the sweep (of all sweeps, one after the other, in forward mode)."""
        return tuple(step for sweep in self.record.sweeps for step in sweep.steps)

    def to_text(self) -> str:
        """The ledger: forward trace, backward trace, gradient."""
        return ledger(self.record)

    def to_json(self) -> str:
        """The record as JSON; inf and nan are written as texts."""
        return json.dumps(self.record.as_dict(), allow_nan=False, ensure_ascii=False, indent=2)

    def __repr__(self) -> str:
        return self.to_text()


def explain(value: Value, mode: Mode = "reverse", open: Open = ()) -> Explanation:  # noqa: A002
    """The explanation of `value`: every step of its computation and of the chain rule, with numbers put in.

    mode: "reverse" goes back from the value, "forward" carries the derivative by each input along. open: compositions
    to be stepped primitive by primitive, or "all". No `.grad` is read or written. Raises TypeError for another thing.

    >>> from autograd_core import Value
    >>> x = Value(3.0, label="x")
    >>> explain(x * x).record.gradient[0].value
    6.0
    """
    if not isinstance(value, Value):
        raise TypeError(f"explain needs the Value to be explained, got {type(value).__name__}. Build it from Values.")
    return Explanation(record(view(value, open), mode))

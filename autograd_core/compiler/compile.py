"""`compile`: a function, recorded for one row, as a `Program` that runs it on any number of rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from autograd_core.compiler.frontend.trace import argument_names, traced
from autograd_core.engine.value import Value

if TYPE_CHECKING:
    from autograd_core.compiler.program import Program


def compile(  # noqa: A001  the field's name for it; kept out of __all__
    fn: Callable[..., Any],
    *,
    example: Any,
    backend: str = "auto",
    dtype: str = "float64",
    reduce: str = "mean",
    parameters: Sequence[Value] = (),
    threads: int = 1,
) -> Program:
    """The `Program` that computes `fn` and its gradients for any number of rows.

    example: one row, the tuple of fn's arguments or its one argument, each a number or nested lists of numbers; its
    structure is fixed, its numbers don't matter. Every leaf Value that fn reaches and did not make itself is a
    parameter, shared by all rows, its data read at each call; `parameters` puts some first, reached or not. Plain
    numbers are constants. reduce: "mean" or "sum" over the rows; what does not depend on the row is added once.
    threads: 1, or 2 where the native backend may share many rows (tens of thousands for a small net) between two
    threads; the numbers are the same to the last bit. Training and data in files are computed on one.
    Raises `CompileError` where something would be frozen to what the first row did.

    >>> w = Value(2.0)
    >>> program = compile(lambda x, y: (w * x - y) ** 2, example=(1.0, 1.0))
    >>> program.value_and_grad([1.0, 2.0], [0.0, 0.0])
    (10.0, array([10.]))
    """
    if not callable(fn):
        raise TypeError(f"compile takes a function, got {type(fn).__name__}: compile(f, example=...).")
    first = list(parameters)
    if strangers := [one for one in first if not isinstance(one, Value) or one.inputs]:
        raise TypeError(f"parameters are Values that were not computed from others, got {strangers[0]!r}.")
    if len(set(first)) != len(first):
        raise ValueError("a Value stands twice among the parameters: name each once.")
    row = example if isinstance(example, tuple) else (example,)
    # NumPy is loaded with the first program, so that the engine itself runs with the standard library alone.
    from autograd_core.compiler.program import Program

    name = getattr(fn, "__name__", type(fn).__name__)
    return Program(traced(fn, row, first), name, argument_names(fn, len(row)), row, backend, dtype, reduce, threads)

"""`compile`: a function, recorded for one row, as a `Program` that runs it on any number of rows; `compile_sequences`:
the same for rows that are sequences of unequal length."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from autograd_core.compiler.frontend.sequences import trace_sequences
from autograd_core.compiler.frontend.trace import argument_names, trace_function
from autograd_core.engine.nested import as_lists, shape
from autograd_core.engine.value import Value

if TYPE_CHECKING:
    from autograd_core.compiler.program import Program
    from autograd_core.compiler.sequence_program import SequenceProgram


def compile(  # noqa: A001  the field's name for it; kept out of __all__
    fn: Callable[..., Any],
    *,
    example: Any,
    backend: str = "auto",
    dtype: str = "float64",
    reduce: str = "mean",
    once: Callable[[], Any] | None = None,
    parameters: Sequence[Value] = (),
    threads: int = 1,
    devices: int = 1,
) -> Program:
    """The `Program` that computes `fn` and its gradients for any number of rows.

    example: one row, as the tuple of fn's arguments or its one argument, each a number or nested lists of numbers. The
    structure matters, the numbers do not. Every leaf Value that fn reaches and did not create itself is a parameter:
    all rows share it, and its data is read at each call. parameters: Values to put first, reached or not. Plain numbers
    are constants. reduce: the reduced value is the "mean" or the "sum" of the values of the rows, plus `once()`. once:
    a function without arguments, of parameters alone, such as a penalty on the weights. It is added once under either
    reduction, its gradient too; it is not part of `program(X)`. threads: 2 lets the native backend share many rows
    (tens of thousands for a small net) between two threads, with the same numbers to the last bit; training and data in
    files use one. devices: with backend="jax", how many of `jax.devices()` share the rows. Raises `CompileError` where
    the program would freeze something at its state in the first row.

    >>> w = Value(2.0)
    >>> program = compile(lambda x, y: (w * x - y) ** 2, example=(1.0, 1.0))
    >>> program.value_and_grad([1.0, 2.0], [0.0, 0.0])
    (10.0, array([10.]))
    """
    _require_callable(fn, "compile")
    if once is not None and not _is_callable_alone(once):
        raise TypeError(
            f"once is a function without arguments, of parameters alone, got {once!r}: "
            "once=lambda: 0.01 * sum(w * w for w in weights)."
        )
    first = _checked_parameters(parameters)
    row = example if isinstance(example, tuple) else (example,)
    # NumPy is loaded with the first program, so that the engine itself runs with the standard library alone.
    from autograd_core.compiler.program import Program

    trace, name = trace_function(fn, row, first, once), getattr(fn, "__name__", type(fn).__name__)
    return Program(trace, name, argument_names(fn, len(row)), row, backend, dtype, reduce, threads, devices)


def compile_sequences(
    fn: Callable[..., Any],
    *,
    example: Any,
    backend: str = "auto",
    dtype: str = "float64",
    reduce: str = "mean",
    parameters: Sequence[Value] = (),
    devices: int = 1,
) -> SequenceProgram:
    """The `SequenceProgram` that computes `fn` and its gradients for rows of unequal length, up to that of the example.

    fn takes one row, a sequence for each argument, and returns a list with a number for each position, such as the loss
    of each next token. A number depends on the entries up to its position alone, as with causal attention and in a
    recurrent network. The value of a row is the mean of its numbers. example: the longest row, as the tuple of fn's
    arguments or its one argument, each a list with an entry for each position; entries are numbers or nested lists. The
    other arguments are those of `compile`. Raises `CompileError` as `compile` does, and where a number depends on a
    later entry or on the length.

    >>> w = Value(2.0)
    >>> program = compile_sequences(lambda xs: [w * x for x in xs], example=[0.0, 0.0, 0.0])
    >>> program([[1.0, 2.0, 3.0], [5.0]]), program.value_and_grad([[1.0, 2.0, 3.0], [5.0]])
    (array([ 4., 10.]), (7.0, array([3.5])))
    """
    _require_callable(fn, "compile_sequences")
    first = _checked_parameters(parameters)
    row = [as_lists(argument) for argument in (example if isinstance(example, tuple) else (example,))]
    lengths = {len(argument) if isinstance(argument, list) else 0 for argument in row}
    if len(lengths) != 1 or lengths == {0}:
        raise ValueError(
            "the example of compile_sequences is the longest row: a list for each argument of fn, all of the same "
            f"length and not empty, got {', '.join(map(shape, row))}."
        )
    from autograd_core.compiler.sequence_program import SequenceProgram

    sequences, name = trace_sequences(fn, row, first), getattr(fn, "__name__", type(fn).__name__)
    names = [*argument_names(fn, len(row)), "weights"]
    return SequenceProgram(sequences, name, names, row, backend, dtype, reduce, devices)


def _require_callable(fn: Any, name: str) -> None:
    if not callable(fn):
        raise TypeError(f"{name} takes a function, got {type(fn).__name__}: {name}(f, example=...).")


def _checked_parameters(parameters: Sequence[Value]) -> list[Value]:
    first = list(parameters)
    for parameter in first:
        if not isinstance(parameter, Value) or parameter.inputs:
            raise TypeError(f"parameters are Values that were not computed from others, got {parameter!r}.")
    if len(set(first)) != len(first):
        raise ValueError("a Value is twice among the parameters: name each once.")
    return first


def _is_callable_alone(once: Any) -> bool:
    if not callable(once):
        return False
    try:
        inspect.signature(once).bind()
    except TypeError:
        return False
    except ValueError:  # written in C, without a signature
        return True
    return True

"""A function of sequences on a tape, recorded at one length: its first part is the function at any shorter length.

The function returns a number for each position of a sequence, which depends on the entries up to there and on no later
one, as in a recurrent network or with causal attention. The tape adds the numbers up, each times a weight of the row:
1/n at the positions of a sequence of length n, and 0 behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from autograd_core.compiler.frontend.trace import Trace, trace_function
from autograd_core.engine.interpreter.garbage_collection import without_gc
from autograd_core.engine.nested import leaves
from autograd_core.engine.primitives import where
from autograd_core.engine.value import Value
from autograd_core.errors import CompileError

_SHORT = 2  # the length at which the function is recorded once more, for comparison


@dataclass(frozen=True, slots=True, eq=False)
class SequenceTrace:
    """trace: of the weighted sum over all positions of the example; its last argument is the weights. totals: the
    registers of the weighted sums over the first 1, 2, ... positions. entries: for each argument, the count of numbers
    at each position."""

    trace: Trace
    totals: list[int]
    entries: list[list[int]]

    def at(self, length: int) -> Trace:
        """The trace for sequences of that length."""
        if length == len(self.totals):
            return self.trace
        columns = iter(self.trace.columns)
        kept: list[int] = []
        for counts in self.entries:
            own = [[next(columns) for _ in range(count)] for count in counts]
            kept += [column for entry in own[:length] for column in entry]
        return first_part(self.trace, self.totals[length - 1], kept)


@without_gc
def trace_sequences(fn: Callable[..., Any], example: Sequence[Any], first: list[Value]) -> SequenceTrace:
    """Record `fn` on a row of sequences of the same length; see `trace_function` for the order of the parameters.

    Raises `CompileError` where the number of a position depends on a later entry, or `fn` computes something else for
    shorter sequences.
    """
    length = len(example[0])
    whole = _recorded(fn, example, first)
    latest = _latest_positions(whole)
    for position, total in enumerate(whole.totals):
        if latest[total] > position:
            raise CompileError(
                f"the number of position {position + 1} depends on entry {latest[total] + 1}, which a sequence of "
                f"{position + 1} entries does not have.\n"
                "  One program serves sequences of all lengths where each number depends on the entries up to its "
                "position alone: with causal attention (is_causal=True), or in a recurrent network. For any other "
                "function compile one program for each length."
            )
    if length > _SHORT:
        short = _recorded(fn, [argument[:_SHORT] for argument in example], first)
        if not _same(whole.at(_SHORT), short.at(_SHORT)):
            raise CompileError(
                f"for sequences of {_SHORT} entries this function does not compute what it computes at the first "
                f"{_SHORT} of {length} positions: it depends on the length.\n"
                "  Let the number of a position depend on the entries up to there, or compile one program for each "
                "length."
            )
    return whole


def _recorded(fn: Callable[..., Any], example: Sequence[Any], first: list[Value]) -> SequenceTrace:
    length = len(example[0])

    def weighted_sum(*row: Any) -> Any:
        numbers = fn(*row[:-1])
        if not isinstance(numbers, (list, tuple)) or len(numbers) != length:
            kind = f"{len(numbers)} numbers" if isinstance(numbers, (list, tuple)) else f"a {type(numbers).__name__}"
            raise CompileError(
                f"a compiled function of sequences returns a list with one number for each position, but for {length} "
                f"positions this one returned {kind}."
            )
        total: Any = None
        for weight, number in zip(row[-1], numbers, strict=True):
            term = where(
                weight > 0.0, weight * number, 0.0
            )  # so that nothing behind a sequence reaches it, not even nan
            total = term if total is None else total + term
        return total

    trace = trace_function(weighted_sum, (*example, [1.0] * length), first)
    totals = [trace.root]
    while len(totals) < length:
        totals.append(trace.tape.instructions[totals[-1]].inputs[0])
    entries = [[len(leaves(entry)) for entry in argument] for argument in (*example, [1.0] * length)]
    return SequenceTrace(trace, totals[::-1], entries)


def _latest_positions(sequences: SequenceTrace) -> list[int]:
    """For each register, the last position whose entries it depends on; -1 where it depends on none."""
    instructions, columns = sequences.trace.tape.instructions, iter(sequences.trace.columns)
    latest = [-1] * len(instructions)
    for counts in sequences.entries:
        for position, count in enumerate(counts):
            for _ in range(count):
                latest[next(columns)] = position
    for index, (_, inputs, _, _) in enumerate(instructions):
        if inputs:
            latest[index] = max([latest[source] for source in inputs])
    return latest


def first_part(trace: Trace, root: int, columns: Sequence[int]) -> Trace:
    """`trace` with another root, and with these columns only; the instructions that it does not need are left out."""
    needed = trace.tape.needed([root])
    lists = {index: terms for index, terms in trace.lists.items() if needed[index]}
    results = [root, *(term for terms in lists.values() for term in terms)]
    tape, moved = trace.tape.part(results, [*columns, *trace.registers])
    return Trace(
        tape,
        [moved[column] for column in columns],
        trace.values,
        [moved[register] for register in trace.registers],
        trace.parameter_count,
        moved[root],
        {moved[index]: [moved[term] for term in terms] for index, terms in lists.items()},
        None,
        {
            moved[index]: (function, tuple([moved[source] for source in inputs]))
            for index, (function, inputs) in trace.calls.items()
            if index in moved and moved.keys() >= set(inputs)
        },
    )


def _same(left: Trace, right: Trace) -> bool:
    """Whether two traces compute the same from the same columns and values."""
    twins = dict(zip(left.columns, right.columns, strict=True))
    of_value = dict(zip(right.values, right.registers, strict=True))
    twins.update(
        (register, of_value.get(value, -1)) for value, register in zip(left.values, left.registers, strict=True)
    )
    lines = [
        [(index, line) for index, line in enumerate(trace.tape.instructions) if is_needed[index]]
        for trace, is_needed in ((trace, trace.tape.needed([trace.root])) for trace in (left, right))
    ]
    computed = [[line for line in part if line[1].primitive or line[1].constant is not None] for part in lines]
    if len(computed[0]) != len(computed[1]):
        return False
    for (index, (primitive, inputs, constant, _)), (twin, (other, others, number, _)) in zip(*computed, strict=True):
        same_number = (None if constant is None else constant.hex()) == (None if number is None else number.hex())
        if primitive is not other or not same_number or [twins[source] for source in inputs] != list(others):
            return False
        twins[index] = twin
    return twins[left.root] == right.root

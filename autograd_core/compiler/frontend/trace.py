"""From a function to a tape: it is run on Values, and the recorded graph becomes the instructions for any row."""

from __future__ import annotations

import inspect
import math
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from autograd_core.compiler.frontend.logsumexp import only_if_worth_it, terms_of_logsumexp
from autograd_core.engine.backward import topological_order
from autograd_core.engine.context import Scope, current_scope, open_scope
from autograd_core.engine.functions import logsumexp
from autograd_core.engine.interpreter.garbage_collection import without_gc
from autograd_core.engine.nested import Nested, is_leaf, leaves, paths, rebuild, shape
from autograd_core.engine.numbers.number import as_number, is_number
from autograd_core.engine.primitive import DETACHED
from autograd_core.engine.scope import Composition
from autograd_core.engine.trace_guard import is_constant_of, is_made_in, lookups_refused
from autograd_core.engine.value import Value
from autograd_core.errors import CompileError
from autograd_core.formulas.labels import visible_text
from autograd_core.graph.tape import Tape

Call = tuple[Composition, tuple[int, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class _Recorded:
    """The columns of the row, the result, the scope it was computed in, and its graph, inputs before outputs."""

    columns: list[Value]
    root: Value
    scope: Scope
    order: list[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """What a function computes from one row.

    tape: the instructions. columns: the registers of the row's numbers, in order. values: the Values whose data is read
    at each call, into `registers`. The first `parameter_count` of them receive gradients; the others are detached.
    root: the register of the result. once: that of what is added once to the reduced value, or None. lists: {register:
    the registers of a list it is the logsumexp of}; logsumexp.py gives them another form. calls: {register: the
    composition it is the result of, and the registers of its inputs}; a loaded program has none.
    """

    tape: Tape
    columns: list[int]
    values: list[Value]
    registers: list[int]
    parameter_count: int
    root: int
    lists: dict[int, list[int]]
    once: int | None = None
    calls: dict[int, Call] = field(default_factory=dict)


@without_gc
def trace_function(
    fn: Callable[..., Any],
    example: tuple[Nested, ...],
    first: list[Value],
    once: Callable[[], Any] | None = None,
) -> Trace:
    """Run `fn` twice on the numbers of `example`, and `once` twice, and put their graphs on a tape.

    The parameters are those in `first`, then the other leaves that `fn` reaches, in topological order, then those that
    only `once` reaches. Raises `CompileError` where the program would freeze something that may change: a branch, a
    number read, a random draw.
    """
    trace = _on_tape(_recorded_twice(fn, example), first, None if once is None else _recorded_twice(once, ()))
    if trace.once is not None and trace.tape.needed([trace.once])[: len(trace.columns)].count(True):
        raise CompileError(
            "once= depends on a number of a row, which the compiled function has left behind.\n"
            "  It is a function of the parameters alone: once=lambda: 0.01 * sum(w * w for w in weights)."
        )
    return trace


def _recorded_twice(fn: Callable[..., Any], example: tuple[Nested, ...]) -> _Recorded:
    before = _random_states()
    recorded = _record(fn, example)
    if _random_states() != before:
        raise CompileError(
            "random numbers of Python's or NumPy's common generator were drawn while this function was run. The "
            "program would repeat those of the first row.\n"
            "  Draw them outside and pass them in as columns of the data. If another thread draws them, let it wait, "
            "or give it a generator of its own."
        )
    _require_same(recorded, _record(fn, example))
    return recorded


def _require_same(first: _Recorded, second: _Recorded) -> None:
    """Raise `CompileError` unless two recordings are the same graph with the same constants."""
    twins = dict(zip(first.columns, second.columns, strict=True))
    same = len(first.order) == len(second.order)
    for left, right in zip(first.order, second.order, strict=False):
        if (primitive := left._primitive) is not right._primitive:
            same = False
        elif primitive is None or primitive is DETACHED:
            if left is not right and left not in twins:
                if is_constant_of(left, first.scope) and is_constant_of(right, second.scope):
                    _require_same_number(left._data, right._data)
                same = same and is_made_in(left, first.scope) and is_made_in(right, second.scope)
            same = same and twins.setdefault(left, right) is right
        elif primitive.many:
            for source, twin in zip(left.inputs, right.inputs, strict=True):
                if type(source) is float and type(twin) is float:
                    _require_same_number(source, twin)
                elif twins.get(source) is not twin:
                    same = False
            twins[left] = right
        else:  # written out, since there may be millions
            if left._a is None and right._a is None:
                _require_same_number(left._x, right._x)
            elif twins.get(left._a) is not right._a:
                same = False
            if left._b is None and right._b is None:
                if left._y is not None:
                    _require_same_number(left._y, right._y)
            elif twins.get(left._b) is not right._b:
                same = False
            twins[left] = right
        if not same:
            break
    if not same:
        raise CompileError(
            "this function computes something else the second time it is run on the same row: it depends on something "
            "that changes between calls (a counter, the order of a set, the time), which the program would freeze.\n"
            "  Let it compute the same result from the same numbers."
        )


def _require_same_number(first: float, second: float) -> None:
    if first != second and not (math.isnan(first) and math.isnan(second)):
        raise CompileError(
            f"this function computes with {first!r} the first time and with {second!r} the second, on the same row: a "
            "random or changing number, which the program would freeze.\n"
            "  Draw it outside and pass it in as a column of the data."
        )


def _random_states() -> list[Any]:
    states: list[Any] = [random.getstate()]
    if (numpy := sys.modules.get("numpy")) is not None:
        name, keys, *rest = numpy.random.get_state()
        states.append((name, keys.tobytes(), *rest))
    return states


def _record(fn: Callable[..., Any], example: tuple[Nested, ...]) -> _Recorded:
    """`fn` run once on the numbers of `example`."""
    now = current_scope()
    names = argument_names(fn, len(example))
    labels = [f"{name}{path}" for name, argument in zip(names, example, strict=True) for path in paths(argument)]
    numbers = [leaf for argument in example for leaf in leaves(argument)]
    columns = [
        Value(number.data if isinstance(number, Value) else as_number(number, "the example"), label)
        for number, label in zip(numbers, labels, strict=True)
    ]
    inside = Scope("", None, (), now, now.mode._replace(recording=True, anomaly=False, tracing=True))
    with open_scope(inside), lookups_refused():
        result = fn(*rebuild(example, columns, keep_arrays=True))
        if not is_leaf(result) or not (isinstance(result, Value) or is_number(result)):
            kind = shape(result) if not is_leaf(result) else f"a {type(result).__name__}"
            raise CompileError(
                f"a compiled function returns one number for a row, but this one returned {kind}.\n"
                "  Let it return one number; for several outputs, compile one function each."
            )
        if not isinstance(result, Value):
            result = Value(result)
    return _Recorded(columns, result, inside, topological_order(result))


def _on_tape(recorded: _Recorded, first: list[Value], once: _Recorded | None) -> Trace:
    columns, root = recorded.columns, recorded.root
    tape = Tape()
    numbers: dict[Value, Any] = {}  # what holds each node on the tape: the number of a register, or a float
    for column in columns:
        numbers[column] = tape.leaf(column.label).index
    registers = [tape.leaf(value.label).index for value in first]
    values = list(first)
    numbers.update(zip(first, registers, strict=True))
    detached: list[Value] = []
    lists: dict[int, list[int]] = {}
    results: dict[Scope, Value] = {}  # the last node made in a scope is its result
    for part in (recorded, *([] if once is None else [once])):
        scope = part.scope
        for node in part.order:
            if node in numbers:
                continue
            if node._primitive is None:
                if is_constant_of(node, scope):
                    numbers[node] = node._data
                    continue
                values.append(node)
                numbers[node] = tape.leaf(node.label).index
                registers.append(numbers[node])
            elif node._primitive is DETACHED:
                detached.append(node)
                numbers[node] = tape.leaf(node.label).index
            else:
                inside = node._scope
                if inside is not scope and not is_made_in(node, scope):
                    raise CompileError(_computed_before(node))
                if node._primitive.many:
                    inputs = [source if type(source) is float else numbers[source] for source in node.inputs]
                else:
                    inputs = [node._x if node._a is None else numbers[node._a]]
                    if node._y is not None:
                        inputs.append(node._y if node._b is None else numbers[node._b])
                number = numbers[node] = tape.append_numbered(node._primitive, inputs)
                results[inside] = node
                if inside.definition is logsumexp and type(number) is int:
                    terms = terms_of_logsumexp(node)
                    if terms is not None:
                        listed = [numbers[term] if isinstance(term, Value) else float(term) for term in terms]
                        lists[number] = list(map(tape.index_of, listed))
    for node in detached:
        registers.append(numbers[node])
    return Trace(
        tape,
        tape.leaves[: len(columns)],
        values + detached,
        registers,
        len(values),
        tape.index_of(numbers[root]),
        only_if_worth_it(lists),
        None if once is None else tape.index_of(numbers[once.root]),
        _find_calls(tape, results, numbers),
    )


def _computed_before(node: Value) -> str:
    name = repr(node.label) if node.label else f"the result of {node.op!r}, {node._data:.4g},"
    leaves_below = [
        visible_text(leaf.label) for leaf in topological_order(node) if leaf._primitive is None and leaf.label
    ]
    source = f" from {', '.join(leaves_below[:3])}" if leaves_below else ""
    return (
        f"this function uses a Value that was computed before it was called: {name} was computed{source}. When these "
        "numbers change, the function would keep the old result and the program would not.\n"
        "  Compute it inside the function, or give its .detach(), whose number is read at every call."
    )


def _find_calls(tape: Tape, results: dict[Scope, Value], numbers: dict[Value, Any]) -> dict[int, Call]:
    """The outermost compositions, by the registers of their results."""
    calls: dict[int, Call] = {}
    for scope, node in results.items():
        compositions = [outer for outer in scope.chain() if isinstance(outer.definition, Composition)]
        if compositions != [scope] or type(numbers[node]) is float:
            continue
        inputs = [numbers.get(source) if isinstance(source, Value) else float(source) for source in scope.inputs]
        known = [source for source in inputs if source is not None]
        if len(known) == len(inputs):
            calls[numbers[node]] = scope.definition, tuple(map(tape.index_of, known))
    return calls


def argument_names(fn: Callable[..., Any], count: int) -> list[str]:
    """The names of the first arguments of `fn`, or "input 1" and so on where its signature does not have them."""
    try:
        names = [
            parameter.name
            for parameter in inspect.signature(fn).parameters.values()
            if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
        ]
    except (TypeError, ValueError):  # some callables written in C have no signature
        names = []
    return [names[index] if index < len(names) else f"input {index + 1}" for index in range(count)]

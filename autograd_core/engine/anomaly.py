"""`detect_anomaly()`: the operation at which a number that reaches the result stops being finite.

A value reaches the result where every value between the two is not finite either, and no gate between them is closed.
So it is known once the result is: where a sweep starts. An adjoint that is not finite stays so on its whole way, and
reaches the result of the sweep where open edges lead to a leaf.
"""

from __future__ import annotations

import math
import operator
import sys
from collections import deque
from collections.abc import Callable, Collection, Iterable
from functools import partial
from typing import Any

from autograd_core.engine.context import Scope, ScopeBlock, current_scope
from autograd_core.engine.trace_guard import user_frame
from autograd_core.errors import NonFiniteError

Node = Any
Report = tuple[str, Scope]  # what is said of an operation, and the scope it is in


def detect_anomaly() -> ScopeBlock:
    """Raise `NonFiniteError` where an inf or nan reaches the result, naming the first such operation, and its line.

    The result is what a sweep starts from inside the block (`backward`, `grad`, `jvp` ...), and what it returns: the
    gradients or tangents. Without a sweep, it is all that nothing else was computed from, and checked at the end of the
    block. What a closed gate holds back is no anomaly: the branch that `where` did not take, a logarithm that `maximum`
    bounds; nor is a mask of -inf, which exp takes to 0. It costs time.

    >>> from autograd_core import Value, log, where
    >>> x = Value(0.0)
    >>> with detect_anomaly():
    ...     where(x > 0, log(x), x).backward()
    """
    return WatchBlock(lambda outer: Scope("", None, (), outer, outer.mode._replace(anomaly=Watch())))


class WatchBlock(ScopeBlock):
    """A block of `detect_anomaly`, at whose end the values are checked that nothing was computed from."""

    def _end(self, token: Any, scope: Scope) -> Callable[[], Any]:
        steps: list[Callable[[], Any]] = [super()._end(token, scope)]
        steps.append(partial(scope.mode.anomaly.check, sys.exc_info()[1]))
        return partial(deque, map(operator.methodcaller("__call__"), steps), 0)


class Watch:
    """The nodes of one block that are not finite, and that nothing was computed from so far: `unused`.

    A sweep clears them: its root is the result, which they did not reach.
    """

    __slots__ = ("unused",)

    def __init__(self) -> None:
        self.unused: dict[Node, None] = {}

    def add(self, node: Node) -> None:
        """Note a new node, which still has its inputs. What is known of it is kept in its `anomaly`."""
        for source in node.inputs:
            if type(source) is not float:
                self.unused.pop(source, None)
        finite = math.isfinite(node._output)
        node.anomaly = _report(node) if not finite or _is_undecided(node) else None
        if not finite:
            self.unused[node] = None

    def check(self, outer: BaseException | None) -> None:
        """Raise `NonFiniteError` for an unused node, unless an error ends the block. outer: one from before it."""
        if sys.exc_info()[1] is outer:
            for node in self.unused:
                require_finite(node)


def current_watch() -> Watch | None:
    """The watch of the innermost detect_anomaly(), None outside of one."""
    watch: Watch | None = current_scope().mode.anomaly or None
    return watch


def require_finite(root: Node) -> None:
    """Raise `NonFiniteError`, which names the first operation on the way to `root`, where that is not finite."""
    if root._primitive is not None and not math.isfinite(root._output):
        raise NonFiniteError(*_report(root))


def explain_not_finite(what: str, node: Node) -> NonFiniteError:
    """The error that says `what` became of an adjoint or tangent at `node`, and from where `node` has inf or nan."""
    source = node if not math.isfinite(node._output) else _source_of_anomaly(node)
    cause, scope = ("", node._scope) if source is None or source._primitive is None else _report(source)
    return NonFiniteError(f"{what} {node._line_note()}" + (f"\n  {cause}" if cause else ""), scope)


def leading_back(order: Iterable[Node], stop: Collection[Node]) -> set[Node]:
    """The nodes of `order` (inputs first) from which open edges lead to a leaf or to a node of `stop`."""
    leading: set[Node] = set()
    for node in order:
        if node._primitive is None or node in stop or not leading.isdisjoint(_open_inputs(node)):
            leading.add(node)
    return leading


def leading_on(order: Iterable[Node], results: Iterable[Node]) -> set[Node]:
    """The nodes of `order` (outputs first) from which open edges lead to one of `results`."""
    leading = set(results)
    for node in order:
        if node in leading and node._primitive is not None:
            leading.update(_open_inputs(node))
    return leading


def user_line() -> str:
    """The line of the user's program that is running, as file:line."""
    frame = user_frame()
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def _open_inputs(node: Node) -> list[Node | float]:
    """The inputs whose edges carry a gradient."""
    inputs, numbers = node.inputs, (node._output, *node.input_numbers)
    return [inputs[index] for index, _, _ in node._primitive.open_rules(numbers)]


def _report(node: Node) -> Report:
    """The first operation on the way to `node` at which the number stopped being finite."""
    while (known := getattr(node, "anomaly", None)) is None:
        source = _source_of_anomaly(node)
        if source is None or (not source.inputs and getattr(source, "anomaly", None) is None):
            return _describe(node), node._scope
        node = source
    report: Report = known
    return report


def _source_of_anomaly(node: Node) -> Node | None:
    """The input from which `node` has its anomaly; None where it arose here."""
    inputs, primitive = node.inputs, node._primitive
    if not inputs:
        return None
    passed = _open_inputs(node) if primitive.rules else inputs  # floor, and a primitive without partials, pass all
    for source, number in zip(inputs, node.input_numbers, strict=True):
        if type(source) is float or not any(source is other for other in passed):
            continue
        if math.isnan(number) or not (primitive.comparison or math.isfinite(number)):
            return source
    return next((source for source in inputs if type(source) is not float and _is_undecided(source)), None)


def _is_undecided(node: Node) -> bool:
    """Whether it is a comparison with a nan, or of such comparisons."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if type(node) is float or node._primitive is None or not node._primitive.comparison:
            continue
        if any(map(math.isnan, node.input_numbers)):
            return True
        waiting += node.inputs
    return False


def _describe(node: Node) -> str:
    inputs = ", ".join(part._title() if type(part) is not float else repr(part) for part in node.inputs)
    first = "the first value that is" if all(map(math.isfinite, node.input_numbers)) else "from an input that was"
    return (
        f"{node.op} gave {node._output!r}, {first} not finite. {node._line_note()} "
        f"Its inputs: {inputs}. Keep them inside the domain of {node.op}, or look where they come from."
    )

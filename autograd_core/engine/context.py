"""The one ambient state: the innermost open scope, and its switches for recording and anomaly detection.

Every thread has its own: `no_grad` in one thread does not affect another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextvars import ContextVar
from functools import partial
from typing import Any, NamedTuple

from autograd_core.engine.interpreter.interrupts import UninterruptedExit


class Mode(NamedTuple):
    """The switches. recording: operations leave a graph. anomaly: the watch of detect_anomaly(), if one is
    open. recording_partials: partials are being recorded as a graph, so `float(value)` would silently cut it. tracing:
    the graph is being recorded to run again on other numbers, so nothing may depend on the present numbers."""

    recording: bool = True
    anomaly: Any = None
    recording_partials: bool = False
    tracing: bool = False


PLAIN = Mode()


class Scope:
    """One opened group of nodes.

    name: "" where only the mode changes. definition: the formula or composition it computes, or None. inputs: those of
    a composition. parent: the enclosing scope. mode: the switches inside it.
    """

    __slots__ = ("definition", "inputs", "mode", "name", "parent")

    def __init__(self, name: str, definition: Any, inputs: tuple[Any, ...], parent: Scope | None, mode: Mode) -> None:
        self.name = name
        self.definition = definition
        self.inputs = inputs
        self.parent = parent
        self.mode = mode

    def chain(self) -> Iterator[Scope]:
        """The named scopes from this one outwards."""
        scope: Scope | None = self
        while scope is not None:
            if scope.name:
                yield scope
            scope = scope.parent

    def __repr__(self) -> str:
        return f"<scope {'/'.join(reversed([outer.name for outer in self.chain()]))!r}>"


# A context variable: every thread and every asynchronous task has its own, and reading it is quick.
_SCOPE: ContextVar[Scope] = ContextVar("scope", default=Scope("", None, (), None, PLAIN))  # noqa: B039  never changed
current_scope = _SCOPE.get
enter_scope = _SCOPE.set
leave_scope = _SCOPE.reset

PICKLING_INPUTS_FIRST: ContextVar[bool] = ContextVar("pickling_inputs_first", default=False)  # only for copying.py


class ScopeBlock(UninterruptedExit):
    """A scope that is the innermost one inside a `with` block or a decorated function; it always ends with them.

    make: the scope, given the one around it.
    """

    def __init__(self, make: Callable[[Scope], Scope]) -> None:
        self._make = make

    def __enter__(self) -> Scope:  # type: ignore[override]
        if "close" in vars(self):
            raise RuntimeError("this block was entered already. Make another one for each `with`: with no_grad(): ...")
        outer = current_scope()
        scope = self._make(outer)
        try:
            self.close = self._end(enter_scope(scope), scope)
        except BaseException:  # Ctrl-C
            enter_scope(outer)
            raise
        return scope

    def _end(self, token: Any, scope: Scope) -> Callable[[], Any]:
        """What ends the block, a function in C."""
        return partial(leave_scope, token)

    def _recreate_cm(self) -> ScopeBlock:
        return type(self)(self._make)  # for each call of a decorated function


def open_scope(scope: Scope) -> ScopeBlock:
    """Make `scope` the innermost one inside the `with` block, and restore the previous one whatever happens."""
    return ScopeBlock(lambda outer: scope)


def set_mode(**switches: Any) -> ScopeBlock:
    """Change switches of the mode inside the `with` block."""
    return ScopeBlock(lambda outer: Scope("", None, (), outer, outer.mode._replace(**switches)))


def no_grad() -> ScopeBlock:
    """Compute without recording: results have no history (usable as a decorator too).

    >>> from autograd_core import Value
    >>> with no_grad():
    ...     print((Value(3.0) * 2).inputs)
    ()
    """
    return set_mode(recording=False)

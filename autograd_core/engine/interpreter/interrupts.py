"""Changes that Ctrl-C finds whole or not begun, and blocks whose end it cannot skip.

CPython raises the exception of a signal after a call, where a Python function begins and where a loop turns, but never
inside a call into C. So what has to be whole is one call into C, and so is what has to happen at the end of a block.
"""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ContextDecorator
from functools import partial
from itertools import chain, repeat
from typing import Any

from autograd_core.engine.numbers.number import as_number


def commit(*assignments: Iterable[Any]) -> None:
    """Exhaust iterators, such as map(setattr, nodes, repeat("_grad"), numbers), in one call into C.

    Neither Ctrl-C nor another thread can come in between, as long as the iterators run no Python code.
    """
    deque(chain(*assignments), maxlen=0)


def assign(nodes: Iterable[Any], numbers: Iterable[Any]) -> Iterator[None]:
    """For `commit`: set the `.data` of each node to a number. Raises NumberError, before any is set.

    >>> from autograd_core import Value
    >>> x, y = Value(0.0), Value(0.0)
    >>> commit(assign([x, y], [1.0, 2.0])); x.data, y.data
    (1.0, 2.0)
    """
    nodes, checked = list(nodes), list(numbers)
    if len(nodes) != len(checked):
        raise ValueError(f"there are {len(nodes)} Values, but {len(checked)} numbers for them.")
    if set(map(type, checked)) != {float}:
        checked = [
            as_number(number, f"the data of {node._title()}") for node, number in zip(nodes, checked, strict=True)
        ]
    return map(setattr, nodes, repeat("_data"), checked)


class UninterruptedExit(ContextDecorator, io.IOBase):
    """A base of context managers whose `__enter__` sets `close`, a function in C that returns nothing.

    `__exit__` is that of a file, which calls `close`. Written in Python, it could be interrupted before its first line.
    """

    closed = True  # so that deleting it calls nothing
    close: Callable[[], Any]


class SetInside(UninterruptedExit):
    """Sets an attribute of objects to a value inside a `with` block, and back to what it was before."""

    def __init__(self, objects: Iterable[Any], attribute: str, value: Any) -> None:
        self._objects, self._attribute, self._value = list(objects), attribute, value

    def __enter__(self) -> None:  # type: ignore[override]
        objects, name = self._objects, self._attribute
        before = [getattr(item, name) for item in objects]
        self.close = partial(deque, map(object.__setattr__, objects, repeat(name), before), 0)
        try:
            commit(map(object.__setattr__, objects, repeat(name), repeat(self._value)))
        except BaseException:  # Ctrl-C
            self.close()
            raise

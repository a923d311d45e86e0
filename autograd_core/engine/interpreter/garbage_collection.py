"""The garbage collector, paused while millions of objects are created."""

from __future__ import annotations

import functools
import gc
from collections.abc import Callable
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


def without_gc(function: Callable[_P, _T]) -> Callable[_P, _T]:
    """`function`, run without garbage collection: the millions of objects it creates all live on, and searching them
    repeatedly takes as long as creating them.

    Afterwards they count as old; otherwise the next three collections of young objects would search all of them again.
    """

    @functools.wraps(function)
    def run_paused(*positional: _P.args, **named: _P.kwargs) -> _T:
        was_on = gc.isenabled()
        try:
            gc.disable()
            return function(*positional, **named)
        finally:
            if was_on:
                gc.enable()
                if not gc.get_freeze_count():  # objects frozen by the caller stay frozen
                    try:
                        gc.freeze()
                    finally:
                        gc.unfreeze()  # into the oldest generation

    return run_paused

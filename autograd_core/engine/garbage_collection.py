"""The garbage collector, kept from searching what is only just being made."""

from __future__ import annotations

import functools
import gc
from collections.abc import Callable
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


def gc_paused(function: Callable[_P, _T]) -> Callable[_P, _T]:
    """`function`, run without searches for garbage: it makes millions of objects that all live on, and searching them
    over and over takes as long as making them.

    What it made then counts as old, or the next three searches of the young would go through all of it once more.
    """

    @functools.wraps(function)
    def quick(*positional: _P.args, **named: _P.kwargs) -> _T:
        was_on = gc.isenabled()
        gc.disable()
        try:
            return function(*positional, **named)
        finally:
            if was_on:
                if not gc.get_freeze_count():  # what somebody froze stays frozen
                    gc.freeze()
                    gc.unfreeze()  # into the oldest generation
                gc.enable()

    return quick

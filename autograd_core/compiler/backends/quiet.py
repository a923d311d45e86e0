"""Computing without NumPy's warnings."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextvars import copy_context
from typing import ParamSpec, TypeVar

import numpy as np

_P = ParamSpec("_P")
_T = TypeVar("_T")


def quiet(function: Callable[_P, _T]) -> Callable[_P, _T]:
    """`function` without NumPy's warnings, in a context of its own: not even Ctrl-C leaves them switched off."""
    ignoring = np.errstate(all="ignore")(function)

    @functools.wraps(function)
    def run_quietly(*positional: _P.args, **named: _P.kwargs) -> _T:
        return copy_context().run(ignoring, *positional, **named)

    return run_quietly

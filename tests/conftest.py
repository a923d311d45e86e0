"""Fixtures for all tests."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from autograd_core import Value
from autograd_core.graph.tape import Register


@pytest.fixture(autouse=True)
def _texts_are_as_wide_as_they_need(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables do not depend on the terminal that the tests run in."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture(scope="session", autouse=True)
def _machine_code_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Machine code goes to a temporary folder, not to that of the user, unless the environment names one."""
    with pytest.MonkeyPatch.context() as patch:
        if "AUTOGRAD_CORE_CACHE" not in os.environ:
            patch.setenv("AUTOGRAD_CORE_CACHE", str(tmp_path_factory.mktemp("cache") / "objects"))
        yield


@pytest.fixture(scope="session", autouse=True)
def _an_interrupt_arrives() -> None:
    """Ctrl-C, which some tests send and wait for, though a shell that starts pytest in the background ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _nodes_are_compared_with_is() -> Iterator[None]:
    """Both packages ask whether two nodes are the same with `is`; `==`, `in`, `index` and the like compare numbers."""
    with pytest.MonkeyPatch.context() as patch:
        for kind in (Value, Register):
            for name in ("__eq__", "__ne__"):
                patch.setattr(kind, name, _refuse_inside(getattr(kind, name)))
        yield


def _refuse_inside(compare: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def compare_outside(self: Any, other: Any) -> Any:
        frame = sys._getframe(1)
        module = frame.f_globals.get("__name__", "")
        if module.partition(".")[0] in ("autograd_core", "nn"):
            raise AssertionError(f"line {frame.f_lineno} of {module} compares a node by its number: write `is`")
        return compare(self, other)

    return compare_outside

"""Locks that are open in a forked child: the thread that held one lives on in the parent alone."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable

_LOCKS: weakref.WeakSet[threading.Lock] = weakref.WeakSet()


def make_lock() -> threading.Lock:
    """A lock that a child of `os.fork` finds open. What it guards must be right however far its holder came."""
    lock = threading.Lock()
    _LOCKS.add(lock)
    return lock


def hold_in_fork(acquire: Callable[[], object], release: Callable[[], object]) -> None:
    """Let a fork wait for a lock, so that the child finds what it guards as no thread was changing it."""
    if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
        os.register_at_fork(before=acquire, after_in_parent=release, after_in_child=release)


def _open_all() -> None:
    for lock in _LOCKS:
        lock._at_fork_reinit()  # type: ignore[attr-defined]  # as the standard library does with its own


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_open_all)

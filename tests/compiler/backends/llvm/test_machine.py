"""Texts of LLVM become functions in memory; Ctrl-C does not wait for the compiler."""

from __future__ import annotations

import ctypes
import os
import signal
import threading
from typing import Any

import pytest

pytest.importorskip("llvmlite")

from autograd_core.compiler.backends.llvm import machine

SQUARE = "define i64 @square(i64 %x) {\n  %y = mul i64 %x, %x\n  ret i64 %y\n}"


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C to a console, not to a process")
def test_an_interrupt_does_not_wait_for_the_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRAD_CORE_CACHE_BYTES", "0")
    target, is_over = machine._target, threading.Event()

    class Slow:
        def __init__(self, *arguments: Any) -> None:
            self._target = target(*arguments)

        def emit_object(self, module: Any) -> bytes:
            os.kill(os.getpid(), signal.SIGINT)
            assert is_over.wait(60.0), "the interrupt waited"
            code: bytes = self._target.emit_object(module)
            return code

    monkeypatch.setattr(machine, "_target", Slow)
    with pytest.raises(KeyboardInterrupt):
        machine.load([SQUARE], [])
    is_over.set()
    monkeypatch.setattr(machine, "_target", target)
    address = machine.load([SQUARE], []).address("square")
    assert ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64)(address)(7) == 49


def test_a_text_that_is_no_program_is_an_error_of_the_caller() -> None:
    with pytest.raises(RuntimeError, match="expected"):
        machine.load(["define nonsense"], [])

"""Writing functions for CPython: they give an object, and may be left half way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from autograd_core.compiler.backends.llvm.ir.code import Code, Loop, Number, Operand
from autograd_core.compiler.backends.llvm.machine import PREFIX


class Guarded(Code):
    """A function that goes to the block `decline` at the first condition that doesn't hold."""

    def __init__(self, name: str) -> None:
        super().__init__(name, "")
        self._lines[0] = f"define ptr @{name}(ptr %self, ptr %a, i64 %count) nounwind {{"

    def require(self, condition: str) -> None:
        """Go on only if an instruction gives true."""
        self._count += 1
        self.line(f"br i1 {self.of(condition)}, label %go{self._count}, label %decline")
        self._open(f"go{self._count}")

    def require_equal(self, a: Number, b: Number, type_: str = "i64") -> None:
        """Go on only if both are the same."""
        self.require(f"icmp eq {type_} {a}, {b}")

    @contextmanager
    def given(self, condition: Operand, *carried: tuple[str, Operand]) -> Iterator[Loop]:
        """What is done only if a condition holds; carried: (type, value otherwise) of what it sets."""
        with self.loop(0, self.of(f"zext i1 {condition} to i64"), 1, carried) as once:
            yield once

    def decline(self) -> None:
        """Begin the block."""
        self._open("decline")

    def python(self, result: str, function: str, *operands: tuple[str, Operand]) -> Operand:
        """The result of one of CPython's functions."""
        return self.call(result, PREFIX + function, *operands)

    def do(self, function: str, *operands: Operand) -> None:
        """Call one that has no result, with addresses."""
        self.declared.add(f"declare void @{PREFIX}{function}({', '.join('ptr' for _ in operands)})")
        self.line(f"call void @{PREFIX}{function}({', '.join(f'ptr {one}' for one in operands)})")

    def word(self, base: Operand, number: Number, type_: str = "i64") -> Operand:
        """What stands so many words behind an address."""
        return self.load(type_, self.address(base, number, "i64"), 8)

    def text(self) -> str:
        """The whole function."""
        return "\n".join([*self._lines, "}", ""])

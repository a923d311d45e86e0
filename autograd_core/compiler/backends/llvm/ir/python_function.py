"""Writes a function that CPython calls: it returns an object, and may decline half-way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from autograd_core.compiler.backends.llvm.ir.code import Code, IrInt, IrValue, Loop
from autograd_core.compiler.backends.llvm.machine import PREFIX


class PythonFunction(Code):
    """A function that returns a Python object, and jumps to the block `decline` at the first condition that fails."""

    def __init__(self, name: str) -> None:
        super().__init__(name, "")
        self._lines[0] = f"define ptr @{name}(ptr %self, ptr %a, i64 %count) nounwind {{"

    def require(self, condition: str) -> None:
        """Continue only if an instruction gives true."""
        self._count += 1
        self.line(f"br i1 {self.of(condition)}, label %go{self._count}, label %decline")
        self._open(f"go{self._count}")

    def require_equal(self, a: IrInt, b: IrInt, type_: str = "i64") -> None:
        """Continue only if both are the same."""
        self.require(f"icmp eq {type_} {a}, {b}")

    @contextmanager
    def only_if(self, condition: IrValue, *carried: tuple[str, IrValue]) -> Iterator[Loop]:
        """Code that runs only if a condition holds; carried: (type, value otherwise) of what it sets."""
        with self.loop(0, self.of(f"zext i1 {condition} to i64"), 1, carried) as once:
            yield once

    def decline(self) -> None:
        """Begin the block."""
        self._open("decline")

    def python(self, result: str, function: str, *operands: tuple[str, IrValue]) -> IrValue:
        """The result of a function of CPython's stable interface."""
        return self.call(result, PREFIX + function, *operands)

    def do(self, function: str, *addresses: IrValue) -> None:
        """Call one without a result."""
        self.declared.add(f"declare void @{PREFIX}{function}({', '.join('ptr' for _ in addresses)})")
        self.line(f"call void @{PREFIX}{function}({', '.join(f'ptr {address}' for address in addresses)})")

    def word(self, base: IrValue, number: IrInt, type_: str = "i64") -> IrValue:
        """The word at an offset, in words, from an address."""
        return self.load(type_, self.address(base, number, "i64"), 8)

    def text(self) -> str:
        return "\n".join([*self._lines, "}", ""])

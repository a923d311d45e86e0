"""Elementary functions as functions of their own, for code that is too long to have them written out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_core.compiler.backends.llvm.functions.table import apply_both
from autograd_core.compiler.backends.llvm.ir.code import Code, IrValue, VectorShape
from autograd_core.compiler.backends.llvm.operations import apply
from autograd_core.engine.primitive import Primitive


class CalledFunctions:
    """The functions of one program, each written once, whatever the number of calls. names: by what they compute."""

    def __init__(self) -> None:
        self.codes: list[Code] = []
        self.names: dict[Any, str] = {}

    def call(self, code: Code, shape: VectorShape, primitive: Primitive, operands: Sequence[IrValue]) -> IrValue:
        """The result of a function of vectors."""
        key = primitive, shape.lanes
        if key not in self.names:
            self.names[key] = name = f"of{shape.lanes}_{len(self.names)}"
            parameters = [f"{shape.vector} %x{i}" for i in range(len(operands))]
            written = _Returning(name, shape.vector, parameters)
            written.give(apply(written, shape, primitive, *[f"%x{i}" for i in range(len(operands))]))
            self.codes.append(written)
        given = ", ".join(f"{shape.vector} {operand}" for operand in operands)
        return code.of(f"call {shape.vector} @{self.names[key]}({given})")

    def call_both(
        self, code: Code, shape: VectorShape, pair: tuple[Primitive, Primitive], operand: IrValue
    ) -> list[IrValue]:
        """The results of two functions that share their work."""
        type_ = f"{{ {shape.vector}, {shape.vector} }}"
        key = pair, shape.lanes
        if key not in self.names:
            self.names[key] = name = f"both{shape.lanes}_{len(self.names)}"
            written = _Returning(name, type_, [f"{shape.vector} %x0"])
            first, second = apply_both(written, shape, pair, "%x0")
            half = written.of(f"insertvalue {type_} poison, {shape.vector} {first}, 0")
            written.give(written.of(f"insertvalue {type_} {half}, {shape.vector} {second}, 1"))
            self.codes.append(written)
        both = code.of(f"call {type_} @{self.names[key]}({shape.vector} {operand})")
        return [code.of(f"extractvalue {type_} {both}, {i}") for i in range(2)]


class _Returning(Code):
    """A function with a result."""

    def __init__(self, name: str, type_: str, parameters: list[str]) -> None:
        super().__init__(name, "")
        self._lines[0] = f"define internal {type_} @{name}({', '.join(parameters)}) nounwind {{"
        self._type = type_
        self._result = ""

    def give(self, result: IrValue) -> None:
        """Set the result."""
        self._result = result

    def text(self) -> str:
        return "\n".join([*self._lines, f"  ret {self._type} {self._result}", "}", ""])

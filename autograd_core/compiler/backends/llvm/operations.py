"""The primitives in LLVM's assembly language, on vectors. Each computes what eager mode computes."""

from __future__ import annotations

from collections.abc import Callable

from autograd_core.compiler.backends.llvm.functions import table
from autograd_core.compiler.backends.llvm.functions.power import power
from autograd_core.compiler.backends.llvm.ir.code import Code, IrValue, VectorShape
from autograd_core.compiler.backends.llvm.ir.vectors import Vector
from autograd_core.compiler.frontend.instructions import LARGER
from autograd_core.engine import primitives
from autograd_core.engine.primitive import Primitive

Writer = Callable[..., IrValue]  # code, shape, operands

COMPARISONS: dict[Primitive, str] = {
    primitives.less: "olt",
    primitives.less_equal: "ole",
    primitives.greater: "ogt",
    primitives.greater_equal: "oge",
    primitives.equal: "oeq",
}
_ARITHMETIC = {
    primitives.add: "fadd",
    primitives.subtract: "fsub",
    primitives.multiply: "fmul",
    primitives.divide: "fdiv",
}


def compare(code: Code, shape: VectorShape, primitive: Primitive, a: IrValue, b: IrValue) -> IrValue:
    """The mask of a comparison; false where a number is nan."""
    return code.of(f"fcmp {COMPARISONS[primitive]} {shape.vector} {a}, {b}")


def is_true(code: Code, shape: VectorShape, number: IrValue) -> IrValue:
    """The mask of the numbers that are true in Python: all but 0, nan included."""
    return code.of(f"fcmp une {shape.vector} {number}, zeroinitializer")


def select(code: Code, shape: VectorShape, mask: IrValue, a: IrValue, b: IrValue) -> IrValue:
    """a where the mask is set, else b."""
    return code.of(f"select {shape.mask} {mask}, {shape.vector} {a}, {shape.vector} {b}")


def constant(code: Code, shape: VectorShape, number: float) -> IrValue:
    """One number in every lane."""
    return code.splat(shape, code.number(shape, number))


def apply(code: Code, shape: VectorShape, primitive: Primitive, *operands: IrValue) -> IrValue:
    """The result of a primitive other than `where`."""
    if primitive in _ARITHMETIC:
        return code.of(f"{_ARITHMETIC[primitive]} {shape.vector} {operands[0]}, {operands[1]}")
    if primitive in COMPARISONS:
        holds = compare(code, shape, primitive, *operands)
        return code.of(f"uitofp {shape.mask} {holds} to {shape.vector}")
    if primitive in table.FUNCTIONS:
        return table.apply(code, shape, primitive, operands[0])
    return _FORMS[primitive](code, shape, *operands)


def has_form(primitive: Primitive) -> bool:
    """Whether it can be compiled."""
    tables = (_ARITHMETIC, COMPARISONS, table.FUNCTIONS, _FORMS)
    return primitive is primitives.where or any(primitive in known for known in tables)


def weight(primitive: Primitive) -> int:
    """About how many instructions it takes."""
    return 30 if primitive in table.FUNCTIONS or primitive is primitives.power else 1


def _larger(code: Code, shape: VectorShape, a: IrValue, b: IrValue, relation: str = "ogt") -> IrValue:
    larger = code.of(f"fcmp {relation} {shape.vector} {a}, {b}")
    is_nan = code.of(f"fcmp uno {shape.vector} {a}, {a}")
    return select(code, shape, code.of(f"or {shape.mask} {larger}, {is_nan}"), a, b)


def _smaller(code: Code, shape: VectorShape, a: IrValue, b: IrValue) -> IrValue:
    return _larger(code, shape, a, b, "olt")


def _by_llvm(name: str) -> Writer:
    def form(code: Code, shape: VectorShape, a: IrValue) -> IrValue:
        return code.call(shape.vector, f"llvm.{name}.v{shape.lanes}f{8 * shape.bytes}", (shape.vector, a))

    return form


def _negative(code: Code, shape: VectorShape, a: IrValue) -> IrValue:
    return code.of(f"fneg {shape.vector} {a}")


def _power(code: Code, shape: VectorShape, a: IrValue, b: IrValue) -> IrValue:
    return power(Vector(code, shape, a), Vector(code, shape, b)).name


_FORMS: dict[Primitive, Writer] = {
    primitives.negative: _negative,
    primitives.abs: _by_llvm("fabs"),
    primitives.floor: _by_llvm("floor"),
    primitives.sqrt: _by_llvm("sqrt"),
    primitives.maximum: _larger,
    primitives.minimum: _smaller,
    LARGER: lambda code, shape, a, b: select(code, shape, compare(code, shape, primitives.greater, a, b), a, b),
    primitives.power: _power,
}

"""The elementary functions that have a form on vectors, within 2 units in the last place of the truth, with the results
of C's library at every special number; `tests/compiler/backends/llvm/functions/test_table.py` holds them to it.

Each computes in the numbers' own format: float32 has shorter polynomials of its own, and twice the lanes.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from autograd_core.compiler.backends.llvm.functions import error_function, exponential, trigonometric
from autograd_core.compiler.backends.llvm.ir.code import Code, IrValue, VectorShape
from autograd_core.compiler.backends.llvm.ir.vectors import Vector, VectorFunction
from autograd_core.engine import primitives
from autograd_core.engine.primitive import Primitive

# exp(-2|a|), of which the slope of tanh is made; no tape has it, see `shared_reductions`.
DECAY = Primitive("decay", lambda a: math.exp(-2.0 * abs(a)), (None,))

FUNCTIONS: dict[Primitive, VectorFunction] = {
    primitives.exp: exponential.exp,
    primitives.expm1: exponential.expm1,
    primitives.tanh: exponential.tanh,
    primitives.log: exponential.log,
    primitives.log1p: exponential.log1p,
    primitives.sin: trigonometric.sin,
    primitives.cos: trigonometric.cos,
    primitives.tan: trigonometric.tan,
    primitives.atan: trigonometric.atan,
    primitives.erf: error_function.erf,
    primitives.erfc: error_function.erfc,
    DECAY: exponential.decay,
}

# Two functions of one number that share most of their work.
PAIRS: dict[tuple[Primitive, Primitive], Callable[[Vector], tuple[Vector, Vector]]] = {
    (primitives.tanh, DECAY): exponential.tanh_and_decay,
    (primitives.expm1, primitives.exp): exponential.expm1_and_exp,
    (primitives.sin, primitives.cos): trigonometric.sin_and_cos,
}
PARTNERS: dict[Primitive, tuple[Primitive, Primitive]] = {one: pair for pair in PAIRS for one in pair}


def apply_both(code: Code, shape: VectorShape, pair: tuple[Primitive, Primitive], operand: IrValue) -> list[IrValue]:
    """The results of one of `PAIRS`."""
    return [each.name for each in PAIRS[pair](Vector(code, shape, operand))]


def apply(code: Code, shape: VectorShape, primitive: Primitive, operand: IrValue) -> IrValue:
    """The result of one of `FUNCTIONS`."""
    return FUNCTIONS[primitive](Vector(code, shape, operand)).name

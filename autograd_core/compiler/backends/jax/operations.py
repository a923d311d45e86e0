"""The primitives of a vectorised program as functions of JAX, with the numbers of eager mode at every special case."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import erf, erfc

from autograd_core.compiler.frontend.instructions import LARGER, OPAQUE
from autograd_core.engine import primitives
from autograd_core.engine.primitive import Primitive


def _larger(a: Any, b: Any) -> Any:
    """`ieee.larger`: of two zeros it gives b."""
    return jnp.where((a > b) | (a != a), a, b)


def _smaller(a: Any, b: Any) -> Any:
    return jnp.where((a < b) | (a != a), a, b)


def _where(condition: Any, a: Any, b: Any) -> Any:
    return jnp.where(condition if condition.dtype == np.bool_ else condition != 0.0, a, b)


FUNCTIONS: dict[Primitive, Callable[..., Any]] = {
    primitives.less: jnp.less,
    primitives.less_equal: jnp.less_equal,
    primitives.greater: jnp.greater,
    primitives.greater_equal: jnp.greater_equal,
    primitives.equal: jnp.equal,
    primitives.add: jnp.add,
    primitives.subtract: jnp.subtract,
    primitives.multiply: jnp.multiply,
    primitives.divide: jnp.divide,
    primitives.negative: jnp.negative,
    primitives.power: jnp.power,
    primitives.exp: jnp.exp,
    primitives.expm1: jnp.expm1,
    primitives.log: jnp.log,
    primitives.log1p: jnp.log1p,
    primitives.sqrt: jnp.sqrt,
    primitives.sin: jnp.sin,
    primitives.cos: jnp.cos,
    primitives.tan: jnp.tan,
    primitives.atan: jnp.arctan,
    primitives.tanh: jnp.tanh,
    primitives.erf: erf,
    primitives.erfc: erfc,
    primitives.abs: jnp.abs,
    primitives.floor: jnp.floor,
    primitives.maximum: _larger,
    primitives.minimum: _smaller,
    primitives.where: _where,
    LARGER: jnp.maximum,
    OPAQUE: lambda a: a,
}


def function_of(primitive: Primitive) -> Callable[..., Any]:
    """The function of a primitive. A custom one is computed by Python, number by number, outside JAX's program."""
    return FUNCTIONS.get(primitive) or functools.partial(_call_python, primitive)


def _call_python(primitive: Primitive, *operands: Any) -> Any:
    shape = jnp.broadcast_shapes(*[operand.shape for operand in operands])
    forward = np.vectorize(primitive.forward, otypes=[float])
    result = jax.ShapeDtypeStruct(shape, operands[0].dtype)
    return jax.pure_callback(
        lambda *numbers: forward(*map(np.asarray, numbers)).astype(result.dtype),
        result,
        *operands,
        vmap_method="expand_dims",
    )

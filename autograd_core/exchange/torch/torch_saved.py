"""What PyTorch keeps of the numbers of a backward graph: under which names, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_core.errors import ExchangeError


def signed(number: int) -> int:
    """A dimension or an index that PyTorch keeps without a sign."""
    return number - (1 << 64) if number >= 1 << 63 else number


def axes_of(node: Any) -> tuple[int, ...] | None:
    """The axes that an operation goes over; None for all."""
    saved = getattr(node, "_saved_dim", None)
    given = (saved,) if isinstance(saved, int) else saved or ()
    return tuple(map(signed, given)) or None


def setting(node: Any, name: str) -> Any:
    """A setting of an operation, by PyTorch's name for it."""
    if not hasattr(node, f"_saved_{name}"):
        raise ExchangeError(f"PyTorch has not kept {name}")
    value = getattr(node, f"_saved_{name}")
    return value if isinstance(value, str) else float(value)


def shortest(number: float, error: float) -> float:
    """The shortest number as near as this: a constant was written, and is found from rounded results."""
    texts = (f"{number:.{digits}g}" for digits in range(1, 7))
    return next((float(text) for text in texts if abs(float(text) - number) <= error), number)


# Of a result, the input, where PyTorch has kept the result alone.
INPUT_OF_RESULT: dict[str, Callable[..., Any]] = {
    "Exp": lambda y: y.log(),
    "Reciprocal": lambda y: 1.0 / y,
    "Rsqrt": lambda y: y**-2.0,
    "Sigmoid": lambda y: y.logit(),
    "Sqrt": lambda y: y * y,
    "Tanh": lambda y: y.atanh(),
}

# Of a result and the other input, the one input that gives it.
INVERSES: dict[str, tuple[Callable[..., Any], ...]] = {
    "Add": (lambda y, other: y - other, lambda y, other: y - other),
    "Sub": (lambda y, other: y + other, lambda y, other: other - y),
    "Rsub": (lambda y, other: other - y, lambda y, other: y + other),
}

# Where PyTorch keeps the number of an input, and of the output.
SAVED_INPUTS = {
    "Addmm": (None, "_saved_mat1", "_saved_mat2"),
    "BinaryCrossEntropy": ("_saved_self",),
    "Bmm": ("_saved_self", "_saved_mat2"),
    "Convolution": ("_saved_input", "_saved_weight"),
    "Div": ("_saved_self", "_saved_other"),
    "Dot": ("_saved_self", "_saved_tensor"),
    "Maximum": ("_saved_self", "_saved_other"),
    "Minimum": ("_saved_self", "_saved_other"),
    "Mm": ("_saved_self", "_saved_mat2"),
    "Mul": ("_saved_self", "_saved_other"),
    "Mv": ("_saved_self", "_saved_vec"),
    "MseLoss": ("_saved_self", "_saved_target"),
    "HuberLoss": ("_saved_self", "_saved_target"),
    "SmoothL1Loss": ("_saved_self", "_saved_target"),
    "NativeBatchNorm": ("_saved_input", "_saved_weight"),
    "NativeGroupNorm": ("_saved_input", "_saved_weight"),
    "PreluKernel": ("_saved_self", "_saved_weight"),
    "ScaledDotProductFlashAttentionForCpu": ("_saved_query", "_saved_key", "_saved_value"),
    "NativeLayerNorm": ("_saved_input", "_saved_weight", "_saved_bias"),
    "Pow": ("_saved_self", "_saved_exponent"),
}
SCALAR_OPERATIONS = {"Add", "Div", "Mul", "Pow", "Rsub", "Sub"}  # whose second input may be a plain number
OPTIONAL_INPUTS = {
    "BinaryCrossEntropy",
    "BinaryCrossEntropyWithLogits",
    "Convolution",
    "NativeBatchNorm",
    "NativeGroupNorm",
    "NativeLayerNorm",
    "ScaledDotProductFlashAttentionForCpu",
}
INPUT = "_saved_self"  # of all others
OUTPUT = "_saved_result"

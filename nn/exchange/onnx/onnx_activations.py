"""The activations of nn as ONNX operations; in float64 most are composed, for onnxruntime has them in float32 alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from autograd_core.compiler.backends.llvm.functions.coefficients import TERMS
from nn.exchange.onnx.onnx_graph import OnnxWriter, join
from nn.modules import activations
from nn.modules.module import Module

NEAR, FAR_CENTRE = 0.8125, 3.5  # where erfc has another polynomial, and what that one is in: (x - 3.5) / (x + 3.5)


def _below_zero(writer: OnnxWriter, x: str) -> str:
    """x where x < 0, else 0."""
    return writer.node("Neg", [writer.node("Relu", [writer.node("Neg", [x])])])


def _sloped(writer: OnnxWriter, x: str, slope: str) -> str:
    return writer.node("Add", [writer.node("Relu", [x]), writer.node("Mul", [slope, _below_zero(writer, x)])])


def _leaky_relu(writer: OnnxWriter, model: activations.LeakyReLU, x: str, path: str) -> str:
    if writer.dtype == "float32":
        return writer.node("LeakyRelu", [x], alpha=model.slope)
    return _sloped(writer, x, writer.constant(model.slope))


def _prelu(writer: OnnxWriter, model: activations.PReLU, x: str, path: str) -> str:
    slope = writer.numbers([model.slope], join(path, "slope"))
    return writer.node("PRelu", [x, slope]) if writer.dtype == "float32" else _sloped(writer, x, slope)


def _elu(writer: OnnxWriter, model: activations.ELU, x: str, path: str) -> str:
    if writer.dtype == "float32":
        return writer.node("Elu", [x], alpha=model.alpha)
    change = writer.node("Sub", [writer.node("Exp", [_below_zero(writer, x)]), writer.constant(1.0)])
    below = writer.node("Mul", [writer.constant(model.alpha), change])
    return writer.node("Add", [writer.node("Relu", [x]), below])


def _softplus(writer: OnnxWriter, model: activations.Softplus, x: str, path: str) -> str:
    if writer.dtype == "float32":
        return writer.node("Softplus", [x])
    power = writer.node("Exp", [writer.node("Neg", [writer.node("Abs", [x])])])
    log = writer.node("Log", [writer.node("Add", [writer.constant(1.0), power])])
    return writer.node("Add", [writer.node("Relu", [x]), log])


def _silu(writer: OnnxWriter, model: activations.SiLU, x: str, path: str) -> str:
    if writer.dtype == "float32":
        return writer.node("Mul", [x, writer.node("Sigmoid", [x])])
    # Not as a product: onnxruntime 1.20 fuses it into an operation that it has for float32 alone.
    power = writer.node("Exp", [writer.node("Neg", [x])])
    return writer.node("Div", [x, writer.node("Add", [writer.constant(1.0), power])])


def _threshold(writer: OnnxWriter, model: activations.Threshold, x: str, path: str) -> str:
    above = writer.node("Greater", [x, writer.constant(model.theta)])
    return writer.node("Where", [above, writer.constant(1.0), writer.constant(0.0)])


def _gelu(writer: OnnxWriter, model: activations.GELU, x: str, path: str) -> str:
    half = writer.constant(0.5)
    if model.approximate == "none" and writer.dtype == "float64":
        scaled = writer.node("Mul", [x, writer.constant(-math.sqrt(0.5))])
        return writer.node("Mul", [writer.node("Mul", [half, x]), _erfc(writer, scaled)])
    if model.approximate == "none":
        inner = writer.node("Erf", [writer.node("Mul", [x, writer.constant(math.sqrt(0.5))])])
    else:
        cube = writer.node("Mul", [writer.node("Mul", [x, x]), x])
        sum_ = writer.node("Add", [x, writer.node("Mul", [writer.constant(0.044715), cube])])
        inner = writer.node("Tanh", [writer.node("Mul", [writer.constant(math.sqrt(2.0 / math.pi)), sum_])])
    return writer.node("Mul", [writer.node("Mul", [half, x]), writer.node("Add", [writer.constant(1.0), inner])])


def _erfc(writer: OnnxWriter, x: str) -> str:
    """1 - erf x, by the polynomials of machine code: onnxruntime has Erf for float32 alone."""
    one, two = writer.constant(1.0), writer.constant(2.0)
    size, square = writer.node("Abs", [x]), writer.node("Mul", [x, x])
    near = writer.node("Add", [x, writer.node("Mul", [x, _polynomial(writer, square, TERMS["erf", 8])])])
    ratio = [writer.node(sign, [size, writer.constant(FAR_CENTRE)]) for sign in ("Sub", "Add")]
    power = writer.node("Exp", [writer.node("Neg", [square])])
    curve = _polynomial(writer, writer.node("Div", ratio), TERMS["erfc", 8])
    far = writer.node("Div", [writer.node("Mul", [power, curve]), writer.node("Add", [size, writer.constant(0.5)])])
    is_below = writer.node("Less", [x, writer.constant(0.0)])
    far = writer.node("Where", [is_below, writer.node("Sub", [two, far]), far])
    is_near = writer.node("LessOrEqual", [size, writer.constant(NEAR)])
    return writer.node("Where", [is_near, writer.node("Sub", [one, near]), far])


def _polynomial(writer: OnnxWriter, x: str, terms: Sequence[float]) -> str:
    result = writer.constant(terms[-1])
    for term in reversed(terms[:-1]):
        result = writer.node("Add", [writer.node("Mul", [result, x]), writer.constant(term)])
    return result


def _plain(operation: str, **settings: Any) -> Callable[[OnnxWriter, Any, str, str], str]:
    return lambda writer, model, x, path: writer.node(operation, [x], **settings)


ACTIVATIONS: dict[type[Module], Callable[[OnnxWriter, Any, str, str], str]] = {
    activations.Threshold: _threshold,
    activations.ReLU: _plain("Relu"),
    activations.Sigmoid: _plain("Sigmoid"),
    activations.Tanh: _plain("Tanh"),
    activations.Softmax: _plain("Softmax", axis=-1),
    activations.SiLU: _silu,
    activations.GELU: _gelu,
    activations.LeakyReLU: _leaky_relu,
    activations.PReLU: _prelu,
    activations.ELU: _elu,
    activations.Softplus: _softplus,
}

"""The modules of nn as ONNX operations."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

from autograd_core import ExchangeError
from nn.exchange.onnx.onnx_activations import ACTIVATIONS
from nn.exchange.onnx.onnx_graph import OnnxWriter, join
from nn.modules.layers import Dropout, Embedding, Linear, Neuron, Sequential
from nn.modules.mlp import MLP
from nn.modules.module import Module
from nn.modules.normalisation import LayerNorm, RMSNorm
from nn.sequences.attention import MultiheadAttention, TransformerBlock
from nn.sequences.convolution import Conv1d, Conv2d
from nn.sequences.gpt import GPT


def _linear(writer: OnnxWriter, model: Linear, x: str, path: str) -> str:
    writer.takes(model.in_features)
    return writer.affine(x, model.weight, model.bias, path)


def _neuron(writer: OnnxWriter, model: Neuron, x: str, path: str) -> str:
    writer.takes(model.in_features)
    z = writer.affine(x, [model.weight], [model.bias], path)
    return z if model.activation is None else writer.write(model.activation, z, path)


def _mlp(writer: OnnxWriter, model: MLP, x: str, path: str) -> str:
    for number, (layer, activation) in enumerate(zip(model.layers, model.activations, strict=True)):
        x = writer.write(layer, x, join(path, f"layers.{number}"))
        x = x if activation is None else writer.write(activation, x, join(path, f"activations.{number}"))
    return x


def _sequential(writer: OnnxWriter, model: Sequential, x: str, path: str) -> str:
    for name, module in model.contents():
        x = writer.write(module, x, join(path, name))
    return x


def _embedding(writer: OnnxWriter, model: Embedding, x: str, path: str) -> str:
    if x != "x":
        raise ExchangeError("an Embedding takes indices, so it has to be the first module of a model for ONNX.")
    writer.takes("positions")
    writer.takes_indices = True
    return writer.node("Gather", [writer.numbers(model.weight, join(path, "weight")), x], axis=0)


def _layer_norm(writer: OnnxWriter, model: LayerNorm, x: str, path: str) -> str:
    size = model.normalized_shape
    writer.takes(size)
    if writer.dtype == "float64":  # the epsilon of a LayerNormalization is float32
        mean = writer.node("ReduceMean", [x, writer.whole_numbers([-1], "axes")], keepdims=1)
        scaled = _scaled(writer, model, writer.node("Sub", [x, mean]), path)
        return (
            scaled
            if model.bias is None
            else writer.node("Add", [scaled, writer.numbers(model.bias, join(path, "bias"))])
        )
    weight = writer.numbers(model.weight or [1.0] * size, join(path, "weight"))
    inputs = [x, weight]
    if model.bias is not None:
        inputs.append(writer.numbers(model.bias, join(path, "bias")))
    return writer.node("LayerNormalization", inputs, axis=-1, epsilon=model.eps)


def _rms_norm(writer: OnnxWriter, model: RMSNorm, x: str, path: str) -> str:
    writer.takes(model.normalized_shape)
    return _scaled(writer, model, x, path)


def _scaled(writer: OnnxWriter, model: LayerNorm | RMSNorm, x: str, path: str) -> str:
    """x / sqrt(mean of squares + eps), times the weights."""
    mean = writer.node("ReduceMean", [writer.node("Mul", [x, x]), writer.whole_numbers([-1], "axes")], keepdims=1)
    scaled = writer.node("Div", [x, writer.node("Sqrt", [writer.node("Add", [mean, writer.constant(model.eps)])])])
    if model.weight is None:
        return scaled
    return writer.node("Mul", [scaled, writer.numbers(model.weight, join(path, "weight"))])


def _attention(writer: OnnxWriter, model: MultiheadAttention, x: str, path: str) -> str:
    width, heads = model.embed_dim, model.num_heads
    writer.takes("positions", width)
    bias = model.in_proj_bias
    parts = []
    product = writer.node(
        "MatMul", [x, writer.numbers(model.in_proj_weight, join(path, "in_proj_weight"), transpose=True)]
    )
    if bias is not None:
        product = writer.node("Add", [product, writer.numbers(bias, join(path, "in_proj_bias"))])
    names = [writer.fresh(name) for name in ("queries", "keys", "values")]
    writer.nodes.append(writer.onnx.helper.make_node("Split", [product], names, axis=-1, num_outputs=3))
    by_head = writer.whole_numbers([0, 0, heads, width // heads], "by_head")
    for name, axes in zip(names, ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3]), strict=True):
        parts.append(writer.node("Transpose", [writer.node("Reshape", [name, by_head])], perm=axes))
    q, k, v = parts
    scores = writer.node("Div", [writer.node("MatMul", [q, k]), writer.constant(math.sqrt(width // heads))])
    if hidden := writer.hidden_positions(x):
        scores = writer.node("Where", [hidden, writer.constant(-math.inf), scores])
    read = writer.node("MatMul", [writer.node("Softmax", [scores], axis=-1), v])
    joined = writer.node("Transpose", [read], perm=[0, 2, 1, 3])
    joined = writer.node("Reshape", [joined, writer.whole_numbers([0, 0, width], "joined")])
    return writer.write(model.out_proj, joined, join(path, "out_proj"))


def _block(writer: OnnxWriter, model: TransformerBlock, x: str, path: str) -> str:
    writer.takes("positions", model.self_attn.embed_dim)

    def feed_forward(given: str) -> str:
        hidden = writer.write(model.linear1, given, join(path, "linear1"))
        hidden = writer.write(model.activation, hidden, join(path, "activation"))
        return writer.write(model.linear2, hidden, join(path, "linear2"))

    def attend(given: str) -> str:
        return writer.write(model.self_attn, given, join(path, "self_attn"))

    for norm, name, part in ((model.norm1, "norm1", attend), (model.norm2, "norm2", feed_forward)):
        given = writer.write(norm, x, join(path, name)) if model.norm_first else x
        x = writer.node("Add", [x, part(given)])
        x = x if model.norm_first else writer.write(norm, x, join(path, name))
    return x


def _gpt(writer: OnnxWriter, model: GPT, x: str, path: str) -> str:
    if writer.mask == "input":
        raise ExchangeError("a GPT attends to earlier positions alone, so it has no mask as an input.")
    writer.mask = "causal"
    tokens = writer.write(model.wte, x, join(path, "wte"))
    places = writer.numbers(model.wpe.weight, join(path, "wpe.weight"))
    h = writer.node("Add", [tokens, writer.node("Gather", [places, writer.positions(x)], axis=0)])
    h = writer.write(model.norm, h, join(path, "norm"))
    for number, block in enumerate(model.blocks):
        h = writer.write(block, h, join(path, f"blocks.{number}"))
    return writer.write(model.lm_head, h, join(path, "lm_head"))


def _convolution(writer: OnnxWriter, model: Conv1d | Conv2d, x: str, path: str) -> str:
    writer.takes(model.in_channels, *("height", "width")[-len(model.kernel_size) :])
    if writer.dtype == "float32":
        inputs = [x, writer.numbers(model.weight, join(path, "weight"))]
        if model.bias is not None:
            inputs.append(writer.numbers(model.bias, join(path, "bias")))
        return writer.node("Conv", inputs, strides=model.stride, pads=model.padding * 2)
    return _sum_of_products(writer, model, x, path)


def _sum_of_products(writer: OnnxWriter, model: Conv1d | Conv2d, x: str, path: str) -> str:
    """A convolution as a sum over the places of the window: onnxruntime has Conv for float32 alone."""
    axes = list(range(1, 1 + len(model.kernel_size)))
    padding = [0, *model.padding, 0] * 2
    last = len(axes) + 1
    channels_last = writer.node("Transpose", [x], perm=[0, *range(2, last + 1), 1])
    padded = writer.node("Pad", [channels_last, writer.whole_numbers(padding, "padding"), writer.constant(0.0)])
    terms = []
    for place in product(*map(range, model.kernel_size)):
        ends = [i - size + 1 or sys.maxsize for i, size in zip(place, model.kernel_size, strict=True)]
        bounds = ((place, "starts"), (ends, "ends"), (axes, "axes"), (model.stride, "steps"))
        window = writer.node("Slice", [padded, *(writer.whole_numbers(list(each), name) for each, name in bounds)])
        weights = [[_entry(channel, place) for channel in unit] for unit in model.weight]
        name = join(path, "weight" + "".join(f".{i}" for i in place))
        terms.append(writer.node("MatMul", [window, writer.numbers(weights, name, transpose=True)]))
    summed = writer.node("Sum", terms)
    if model.bias is not None:
        summed = writer.node("Add", [summed, writer.numbers(model.bias, join(path, "bias"))])
    return writer.node("Transpose", [summed], perm=[0, last, *axes])


def _entry(nested: Any, place: Sequence[int]) -> Any:
    for index in place:
        nested = nested[index]
    return nested


WRITERS: dict[type[Module], Callable[[OnnxWriter, Any, str, str], str]] = {
    **ACTIVATIONS,
    Linear: _linear,
    Neuron: _neuron,
    MLP: _mlp,
    Sequential: _sequential,
    Embedding: _embedding,
    Dropout: lambda writer, model, x, path: x,
    LayerNorm: _layer_norm,
    RMSNorm: _rms_norm,
    MultiheadAttention: _attention,
    TransformerBlock: _block,
    GPT: _gpt,
    Conv1d: _convolution,
    Conv2d: _convolution,
}

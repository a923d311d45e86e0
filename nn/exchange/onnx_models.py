"""ONNX: models of nn as ONNX graphs, and ONNX graphs as models of nn."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from autograd_core import ExchangeError
from autograd_core.atomic_write import read_whole, write_whole
from autograd_core.exchange.library import library
from nn.exchange.onnx.onnx_graph import OnnxWriter
from nn.exchange.onnx.onnx_reader import read_graph
from nn.exchange.onnx.onnx_writer import WRITERS
from nn.modules.module import Module

OPSET, IR_VERSION = 18, 9  # read by onnxruntime from 1.14 on
LARGEST_FILE = 1 << 26  # bytes that `from_onnx` reads
MOST_NUMBERS = 1 << 20  # each becomes a Value
MOST_NODES = 10_000
OLDEST_OPSET = 13  # before it, Softmax and others meant something else


def to_onnx(
    model: Module, path: str | os.PathLike[str] | None = None, *, dtype: str = "float32", mask: str | None = None
) -> Any:
    """A model of nn as an `onnx.ModelProto`, checked by onnx's checker; with `path` it is also written to that file.

    Its input `x` has an axis of any number of rows in front, and its output is `y`; attention takes (rows, positions,
    numbers), a GPT (rows, positions) of tokens. Dropout is left out, as in evaluation. The initializers have the names
    of `state_dict`. dtype: "float32" or "float64"; what onnxruntime lacks in float64 is written in simpler operations.
    mask: "causal" for attention to the positions up to the own, as with `is_causal`; "input" for a second input `mask`,
    bools of (rows, positions, positions), True where a position does not attend to another. Raises ExchangeError for a
    module that has no ONNX form here; ImportError without onnx.
    """
    onnx = library("onnx", "onnx")
    if not isinstance(model, Module):
        raise TypeError(f"to_onnx takes a model of nn, got a {type(model).__name__}.")
    if dtype not in ("float32", "float64"):
        raise ValueError(f'dtype is "float32" or "float64", got {dtype!r}.')
    if mask not in (None, "causal", "input"):
        raise ValueError(f'mask is None, "causal" or "input", got {mask!r}.')
    writer = OnnxWriter(onnx, dtype, mask, WRITERS)
    output = writer.write(model, "x", "")
    if mask is not None and not writer.hidden:
        raise ExchangeError(f"this {type(model).__name__} has no attention, so it takes no mask.")
    writer.node("Identity", [output], "y")
    opsets = [onnx.helper.make_opsetid("", OPSET)]
    proto = onnx.helper.make_model(
        writer.graph(type(model).__name__), opset_imports=opsets, ir_version=IR_VERSION, producer_name="autograd_core"
    )
    onnx.checker.check_model(proto, full_check=True)
    if path is not None:
        write_whole(Path(path), proto.SerializeToString())
    return proto


def from_onnx(source: Any) -> Module:
    """An ONNX model as a module of nn that takes one row at a time: its numbers in float64 are parameters.

    source: a file, its bytes or an `onnx.ModelProto`. The first axis of each input has to be that of the rows. A matrix
    product with a constant matrix, and the sum with its bias, become a `Linear`. Nothing in the file is executed.
    Raises ExchangeError for a damaged file, for one that is larger than 64 MB or needs other files, and for an
    operation that nn does not have; ImportError without onnx.
    """
    onnx = library("onnx", "onnx")
    if isinstance(source, (str, os.PathLike)):
        try:
            source = read_whole(source, LARGEST_FILE)
        except ValueError as problem:
            raise ExchangeError(str(problem)) from None
    if isinstance(source, bytes):
        source = _parse(onnx, source)
    if not isinstance(source, onnx.ModelProto):
        raise TypeError(f"from_onnx takes a file, bytes or an onnx.ModelProto, got a {type(source).__name__}.")
    graph = source.graph
    tensors = [*graph.initializer, *_constants(onnx, graph)]
    if any(tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data for tensor in tensors):
        raise ExchangeError("this ONNX model keeps its numbers in other files. Save it in one file.")
    if source.functions or len(graph.node) > MOST_NODES:
        raise ExchangeError(f"this ONNX model has functions of its own, or more than {MOST_NODES:,} operations.")
    opset = max((each.version for each in source.opset_import if each.domain in ("", "ai.onnx")), default=0)
    if opset < OLDEST_OPSET:
        raise ExchangeError(
            f"this ONNX model is of opset {opset}, and from {OLDEST_OPSET} on they are read. Export it anew."
        )
    count = sum(_size(tensor) for tensor in tensors)
    if count > MOST_NUMBERS:
        raise ExchangeError(
            f"this ONNX model has {count:,} numbers, and at most {MOST_NUMBERS:,} are read: each becomes a node."
        )
    try:
        onnx.checker.check_model(source)
    except Exception as problem:  # the checker raises its own error, and others for what it did not expect
        raise ExchangeError(f"onnx's checker refuses this model: {_first_line(problem)}") from None
    try:
        return read_graph(onnx, graph)
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, MemoryError) as problem:
        if isinstance(problem, ExchangeError):
            raise
        raise ExchangeError(f"this ONNX model cannot be read: {_first_line(problem)}") from problem


def _parse(onnx: Any, content: bytes) -> Any:
    proto = onnx.ModelProto()
    try:
        proto.ParseFromString(content)
    except Exception as problem:  # protobuf's own errors differ from version to version
        raise ExchangeError(f"this is not an ONNX file, or it is damaged: {_first_line(problem)}") from None
    return proto


def _constants(onnx: Any, graph: Any) -> list[Any]:
    kinds = onnx.AttributeProto
    found = [attribute for node in graph.node for attribute in node.attribute]
    if any(attribute.type in (kinds.GRAPH, kinds.GRAPHS, kinds.SPARSE_TENSOR) for attribute in found):
        raise ExchangeError("this ONNX model has graphs inside its operations (If, Loop, Scan), which are not read.")
    return [attribute.t for attribute in found if attribute.type == kinds.TENSOR]


def _size(tensor: Any) -> int:
    count = 1
    for length in tensor.dims:
        if length < 0:
            raise ExchangeError(f"the tensor {tensor.name!r} of this ONNX model has a negative size.")
        count *= length
    return count


def _first_line(problem: BaseException) -> str:
    return next(iter(str(problem).strip().splitlines()), type(problem).__name__)[:300]

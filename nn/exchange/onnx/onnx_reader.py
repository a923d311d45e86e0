"""The graph of an ONNX model, as operations on arrays of Values."""

from __future__ import annotations

from typing import Any

from autograd_core import ExchangeError
from nn.exchange.array_graph import ArrayGraph, ArrayOperation, ResultName
from nn.exchange.onnx.onnx_operations import OPERATIONS
from nn.modules.layers import Linear
from nn.modules.module import Module, Parameter
from nn.modules.normalisation import LayerNorm
from nn.modules.tensor_lists import map_leaves

HANDLED = ("Constant",)
STATISTICS = {"BatchNormalization": (3, 4)}  # inputs that are not learnt


def read_graph(onnx: Any, graph: Any) -> ArrayGraph:
    """The module of a graph that onnx's checker has passed."""
    return _OnnxGraphReader(onnx, graph).read()


class _OnnxGraphReader:
    def __init__(self, onnx: Any, graph: Any) -> None:
        self.onnx, self.graph = onnx, graph
        self.arrays = {tensor.name: self.numbers(tensor) for tensor in graph.initializer}
        self.uses: dict[str, int] = {}
        for node in graph.node:
            for name in node.input:
                self.uses[name] = self.uses.get(name, 0) + 1
        self.consumers = {name: node for node in graph.node for name in node.input if self.uses[name] == 1}
        self.constants: dict[str, Any] = {}
        self.parts: dict[str, Module] = {}
        self.done: set[str] = set()

    def numbers(self, tensor: Any) -> Any:
        array = self.onnx.numpy_helper.to_array(tensor)
        if array.dtype.kind not in "fiub":
            raise ExchangeError(f"the tensor {tensor.name!r} of this ONNX model has no numbers, but {array.dtype}.")
        return array

    def read(self) -> ArrayGraph:
        inputs = [given.name for given in self.graph.input if given.name not in self.arrays]
        for given in self.graph.input:
            sizes = given.type.tensor_type.shape.dim
            if given.name in inputs and (not sizes or (sizes[0].HasField("dim_value") and sizes[0].dim_value != 1)):
                raise ExchangeError(
                    f"the input {given.name!r} of this ONNX model has no axis of any number of rows in front. Export "
                    "it with a dynamic batch."
                )
        operations = [operation for node in self.graph.node for operation in self.operation(node)]
        outputs = [ResultName(output.name) for output in self.graph.output]
        output = outputs[0] if len(outputs) == 1 else tuple(outputs)
        name = self.graph.name if self.graph.name.isidentifier() else "OnnxModel"
        return ArrayGraph(name, inputs, operations, output, self.parts, self.constants)

    def operation(self, node: Any) -> list[ArrayOperation]:
        """The operation of a node; none where it is part of another one, or gives a constant."""
        settings = {item.name: self.setting(item) for item in node.attribute}
        kind, results = node.op_type, tuple(node.output)
        if node.domain not in ("", "ai.onnx") or (kind not in OPERATIONS and kind not in HANDLED):
            raise ExchangeError(
                f"this ONNX model has the operation {kind}, which is not among the {len(OPERATIONS)} that are read. "
                "Export the model with sums, products, choices and functions of one number instead."
            )
        if results[0] in self.done:
            return []
        if kind == "Constant":
            self.arrays[results[0]] = self.constant(settings)
            return []
        if kind == "Transpose" and node.input[0] in self.arrays:
            self.arrays[results[0]] = self.arrays[node.input[0]].transpose(settings.get("perm"))
            return []
        layer = self.linear(node, settings) if kind in ("MatMul", "Gemm") else None
        if layer is not None:
            return [layer]
        if kind == "LayerNormalization" and (norm := self.layer_norm(node, settings)) is not None:
            return [norm]
        statistics = STATISTICS.get(kind, ())
        given = [self.given(name, place not in statistics) for place, name in enumerate(node.input)]
        if kind == "Split":
            settings["parts"] = len(results)
        return [ArrayOperation(results, OPERATIONS[kind], given, settings)]

    def setting(self, attribute: Any) -> Any:
        value = self.onnx.helper.get_attribute_value(attribute)
        return self.numbers(value) if attribute.type == self.onnx.AttributeProto.TENSOR else value

    def constant(self, settings: dict[str, Any]) -> Any:
        import numpy as np

        name, value = next(iter(settings.items()))
        if name == "value":
            return value
        if name in ("value_float", "value_int", "value_floats", "value_ints"):
            return np.array(value)
        raise ExchangeError(f"a constant of this ONNX model is given as {name}, which is not read.")

    def given(self, name: str, is_learnt: bool = True) -> Any:
        """An input of an operation: a result, numbers to be learnt, or whole numbers as they are; None if left out."""
        if not name:
            return None
        if name not in self.arrays:
            return ResultName(name)
        array = self.arrays[name]
        if array.dtype.kind != "f":
            return array
        if name not in self.constants:
            make = Parameter if is_learnt and array.ndim > 0 and array.size > 1 else float
            self.constants[name] = map_leaves(array.astype(float).tolist(), make)
        return ResultName(name)

    def linear(self, node: Any, settings: dict[str, Any]) -> ArrayOperation | None:
        """A product with a constant matrix, and the sum with its bias, as a `Linear`; None for another product."""
        weight = self.arrays.get(node.input[1])
        plain = settings.get("alpha", 1.0) == 1.0 and settings.get("beta", 1.0) == 1.0 and not settings.get("transA", 0)
        if weight is None or weight.ndim != 2 or weight.dtype.kind != "f" or not plain or not weight.size:
            return None
        matrix = weight if settings.get("transB", 0) else weight.T
        result, bias = node.output[0], None
        if node.op_type == "Gemm" and len(node.input) > 2 and node.input[2]:
            bias = self.arrays.get(node.input[2])
            if bias is None or bias.shape != matrix.shape[:1]:
                return None
        after = self.consumers.get(result)
        if bias is None and after is not None and after.op_type == "Add" and result not in self.outputs():
            other = after.input[1] if after.input[0] == result else after.input[0]
            found = self.arrays.get(other)
            if found is not None and found.shape == matrix.shape[:1] and self.uses[other] == 1:
                bias, result = found, after.output[0]
                self.done.add(result)
        layer = Linear(matrix.shape[1], matrix.shape[0], bias is not None, rng=0)
        state = {"weight": matrix.astype(float).tolist()}
        if bias is not None:
            state["bias"] = bias.astype(float).tolist()
        layer.load_state_dict(state)
        name = self.part_name(node.input[1], f"linear{len(self.parts) + 1}", layer)
        return ArrayOperation((result,), name, [self.given(node.input[0])])

    def layer_norm(self, node: Any, settings: dict[str, Any]) -> ArrayOperation | None:
        """A norm over the last axis with constants as a `LayerNorm`; None for another."""
        arrays = [self.arrays[name] for name in node.input[1:] if name in self.arrays]
        is_whole = len(arrays) == sum(map(bool, node.input)) - 1
        if settings.get("axis", -1) != -1 or not is_whole or any(array.ndim != 1 for array in arrays):
            return None
        layer = LayerNorm(len(arrays[0]), settings.get("epsilon", 1e-5))
        state = [array.astype(float).tolist() for array in arrays]
        layer.load_state_dict({"weight": state[0], "bias": state[1] if len(state) > 1 else [0.0] * len(state[0])})
        name = self.part_name(node.input[1], f"norm{len(self.parts) + 1}", layer)
        return ArrayOperation(tuple(node.output), name, [self.given(node.input[0])])

    def part_name(self, initializer: str, otherwise: str, part: Module) -> str:
        """The path of a part: that of its weight, which a transpose may have renamed."""
        for node in self.graph.node:
            if node.op_type == "Transpose" and initializer in node.output:
                initializer = node.input[0]
        stem = initializer.removesuffix(".weight")
        name = stem if stem != initializer and stem not in self.parts else otherwise
        self.parts[name] = part
        return name

    def outputs(self) -> set[str]:
        return {output.name for output in self.graph.output}

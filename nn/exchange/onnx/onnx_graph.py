"""An ONNX graph while it is written: its nodes, its numbers, its names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autograd_core import ExchangeError
from nn.modules.module import Module
from nn.modules.tensor_lists import as_lists, leaves, map_leaves

Writers = Mapping[
    type[Module], Callable[..., str]
]  # function(writer, module, name of its input, path) -> of its output


class OnnxWriter:
    """Writes one graph: nodes in order, and the numbers they need.

    dtype: of all numbers. mask: what positions attend to: None for all of them, "causal" for those up to their own,
    "input" for what a second input says. writers: a function for each kind of module.
    """

    def __init__(self, onnx: Any, dtype: str, mask: str | None, writers: Writers) -> None:
        self.onnx, self.dtype, self.mask, self.writers = onnx, dtype, mask, writers
        self.hidden = ""  # the result that has True where a position does not attend to another
        self.nodes: list[Any] = []
        self.initializers: dict[str, Any] = {}
        self.names: dict[int, str] = {}  # of entries of parameters that are written
        self.taken: set[str] = {"x", "y", "mask"}
        self.input_shape: list[Any] = []
        self.takes_indices = False

    def graph(self, name: str) -> Any:
        """The finished graph."""
        helper, kinds = self.onnx.helper, self.onnx.TensorProto
        number = kinds.FLOAT if self.dtype == "float32" else kinds.DOUBLE
        given = kinds.INT64 if self.takes_indices else number
        shape = ["rows", *(self.input_shape or ["numbers"])]
        inputs = [helper.make_tensor_value_info("x", given, shape)]
        if self.mask == "input":
            inputs.append(helper.make_tensor_value_info("mask", kinds.BOOL, ["rows", "positions", "positions"]))
        y = helper.make_tensor_value_info("y", number, [*shape[:1], *[None] * (len(shape) - 1 + self.takes_indices)])
        return helper.make_graph(self.nodes, name, inputs, [y], list(self.initializers.values()))

    def write(self, model: Module, x: str, path: str) -> str:
        """The nodes of a module on the result `x`; returns the name of its output."""
        for kind, write in self.writers.items():
            if type(model) is kind:
                return write(self, model, x, path)
        raise ExchangeError(f"{path or 'the model'} is a {type(model).__name__}, which is not written to ONNX.")

    def node(self, operation: str, inputs: Sequence[str], output: str = "", **settings: Any) -> str:
        name = output or self.fresh(operation.lower())
        self.nodes.append(self.onnx.helper.make_node(operation, list(inputs), [name], **settings))
        return name

    def fresh(self, stem: str) -> str:
        """A name that no result has yet."""
        name, number = stem, 1
        while name in self.taken:
            number += 1
            name = f"{stem}_{number}"
        self.taken.add(name)
        return name

    def numbers(self, nested: Any, name: str, transpose: bool = False) -> str:
        """An initializer with these numbers or parameters; an entry that occurs twice is written once."""
        import numpy as np

        first = leaves(nested)[0]
        key = id(first)
        if key not in self.names or not hasattr(first, "grad"):
            array = np.array(map_leaves(as_lists(nested), float), self.dtype)
            made = self.fresh(name)
            self.initializers[made] = self.onnx.numpy_helper.from_array(array, made)
            self.names[key] = made
        return self.node("Transpose", [self.names[key]], perm=[1, 0]) if transpose else self.names[key]

    def whole_numbers(self, numbers: Sequence[int], name: str) -> str:
        import numpy as np

        made = self.fresh(name)
        self.initializers[made] = self.onnx.numpy_helper.from_array(np.array(numbers, np.int64), made)
        return made

    def whole_number(self, number: int) -> str:
        import numpy as np

        made = self.fresh("number")
        self.initializers[made] = self.onnx.numpy_helper.from_array(np.array(number, np.int64), made)
        return made

    def constant(self, number: float) -> str:
        return self.numbers(number, "constant")

    def takes(self, *shape: Any) -> None:
        """The shape of a row, from the first module that knows it."""
        self.input_shape = self.input_shape or list(shape)

    def positions(self, x: str) -> str:
        """0, 1, 2 ... for the second axis of x."""
        count = self.node("Squeeze", [self.node("Shape", [x], start=1, end=2), self.whole_numbers([0], "axes")])
        return self.node("Range", [self.whole_number(0), count, self.whole_number(1)])

    def hidden_positions(self, x: str) -> str:
        """True where a position does not attend to another: (rows, heads, positions, positions); "" for nowhere."""
        if self.mask is not None and not self.hidden:
            if self.mask == "input":
                self.hidden = self.node("Unsqueeze", ["mask", self.whole_numbers([1], "axes")])
            else:
                places = self.positions(x)
                rows = self.node("Unsqueeze", [places, self.whole_numbers([1], "axes")])
                self.hidden = self.node("Greater", [places, rows])
        return self.hidden

    def affine(self, x: str, weight: Any, bias: Any, path: str) -> str:
        product = self.node("MatMul", [x, self.numbers(weight, join(path, "weight"), transpose=True)])
        return product if bias is None else self.node("Add", [product, self.numbers(bias, join(path, "bias"))])


def join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name

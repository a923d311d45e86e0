"""The multi-layer perceptron: layers of neurons, each layer fully connected to the next."""

from __future__ import annotations

import operator
import random
from collections.abc import Callable
from typing import Any

from autograd_core import Value, scope
from nn.modules.activations import as_activation
from nn.modules.initialise import Initialiser, generator, he_uniform, xavier_uniform
from nn.modules.layers import Linear, as_row
from nn.modules.module import Module


class MLP(Module):
    """A multi-layer perceptron: MLP(2, 16, 16, 1) has 2 inputs, two hidden layers of 16 units, 1 output.

    activation: of the hidden layers; a name, a function of the engine, or a module. output: the activation of the last
    layer, None for plain scores. initialise: by default Xavier's for sigmoid and tanh, He's for the others; biases
    start at 0. rng: a seed or a random.Random; the same seed gives the same numbers. The output is always a list.
    Raises ValueError for fewer than two sizes.

    >>> model = MLP(2, 3, 1, activation="tanh", rng=0)
    >>> len(model([1.0, -1.0])), sum(1 for _ in model.parameters())
    (1, 13)
    """

    def __init__(
        self,
        *sizes: int,
        rng: random.Random | int,
        activation: str | Callable[[Any], Any] = "relu",
        output: str | Callable[[Any], Any] | None = None,
        initialise: Initialiser | None = None,
    ) -> None:
        if len(sizes) < 2 or any(isinstance(size, bool) or not hasattr(size, "__index__") for size in sizes):
            raise ValueError(f"MLP takes the sizes of two or more layers, as MLP(2, 16, 1, rng=0), got {sizes}.")
        self.sizes = tuple(map(operator.index, sizes))
        source = generator(rng)
        hidden = [as_activation(activation) for _ in sizes[1:-1]]
        activations = [*hidden, None if output is None else as_activation(output)]
        self.layers = []
        for number, function in enumerate(activations, 1):
            name = function.note.name if function else ""
            saturating = function is None or getattr(function.note.function, "saturating", False)
            initial = initialise or (xavier_uniform if saturating else he_uniform)
            layer = Linear(sizes[number - 1], sizes[number], rng=source, initialise=initial)
            layer.name = f"layer {number}"
            before = "x" if number == 1 else f"h{number - 1}"
            after = "o" if number == len(activations) else f"h{number}"
            affine = f"W{number} {before} + b{number}"
            layer.formula = f"{after} = {name}({affine})" if name else f"{after} = {affine}"
            layer.number_labels(number)
            self.layers.append(layer)
        self.activations = activations

    def forward(self, x: Any) -> list[Any]:
        h = as_row(x, self.sizes[0], self)
        for number, (layer, activation) in enumerate(zip(self.layers, self.activations, strict=True), 1):
            name = f"h{number}" if number < len(self.layers) else "o"
            row, h = h, []
            with scope(layer.name, layer.formula):
                for unit in range(layer.out_features):
                    with scope(f"neuron {unit + 1}"):
                        z = layer.unit(unit, row)
                        y = z if activation is None else activation.of(z)
                    if isinstance(y, Value):
                        y.label = f"{name}[{unit}]"
                    h.append(y)
        return h

    def extra_repr(self) -> str:
        *hidden, last = [activation.note.name if activation else "" for activation in self.activations]
        names = [*dict.fromkeys(hidden), *([f"output={last}"] if last else [])]
        return ", ".join([" → ".join(map(str, self.sizes)), *names])

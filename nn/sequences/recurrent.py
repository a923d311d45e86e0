"""Recurrent cells: the same weights at each step, and a state that is carried from step to step."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from autograd_core import dot, scope, sigmoid, tanh
from nn.modules.activations import as_activation
from nn.modules.initialise import generator
from nn.modules.layers import as_row
from nn.modules.module import Module, Parameter
from nn.modules.whole_numbers import whole_number


class _RecurrentCell(Module):
    """Base of the two: PyTorch's four parameters, uniform in +-1/sqrt(hidden_size)."""

    _gates: ClassVar[tuple[str, ...]] = ("",)

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, *, rng: random.Random | int) -> None:
        self.input_size = whole_number(input_size, "input_size")
        self.hidden_size = size = whole_number(hidden_size, "hidden_size")
        source, bound = generator(rng), 1.0 / math.sqrt(size)
        units = [f"{gate}[{i}]" for gate in self._gates for i in range(size)]

        def matrix(name: str, columns: int) -> list[list[Parameter]]:
            return [
                [Parameter(source.uniform(-bound, bound), label=f"{name}{unit}[{j}]") for j in range(columns)]
                for unit in units
            ]

        def vector(name: str) -> list[Parameter] | None:
            return [Parameter(source.uniform(-bound, bound), label=name + unit) for unit in units] if bias else None

        self.weight_ih, self.weight_hh = matrix("W", self.input_size), matrix("U", size)
        self.bias_ih, self.bias_hh = vector("b"), vector("c")

    def _affine(self, x: Sequence[Any], h: Sequence[Any]) -> list[Any]:
        """W x + b + U h + c of every unit."""
        with scope("affine", "W x + b + U h + c" if self.bias_ih else "W x + U h"):
            sums = [dot(w, x) + dot(u, h) for w, u in zip(self.weight_ih, self.weight_hh, strict=True)]
            if self.bias_ih is None or self.bias_hh is None:
                return sums
            return [z + b + c for z, b, c in zip(sums, self.bias_ih, self.bias_hh, strict=True)]

    def _state(self, h: Any) -> list[Any]:
        return [0.0] * self.hidden_size if h is None else as_row(h, self.hidden_size, self)

    def extra_repr(self) -> str:
        return f"{self.input_size} → {self.hidden_size}" + ("" if self.bias_ih else ", bias=False")


class RNNCell(_RecurrentCell):
    """h' = tanh(W x + b + U h + c): one step of a recurrent network. The first state is 0.

    nonlinearity: "tanh" or "relu". The parameters have PyTorch's names. Write the loop over the steps as a loop:
    `for x in sequence: h = cell(x, h)`. Raises ValueError for rows of other lengths.
    Source: Elman, Cognitive Science 14 (1990), p. 179.

    >>> cell = RNNCell(2, 3, rng=0)
    >>> h = cell([1.0, 0.0]); h = cell([0.0, 1.0], h); len(h)
    3
    """

    formula = "tanh(W x + b + U h + c)"

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        *,
        rng: random.Random | int,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f'nonlinearity is "tanh" or "relu", got {nonlinearity!r}.')
        super().__init__(input_size, hidden_size, bias, rng=rng)
        self.activation = as_activation(nonlinearity)
        self.formula = f"{nonlinearity}(W x + b + U h + c)" if bias else f"{nonlinearity}(W x + U h)"

    def forward(self, x: Any, h: Any = None) -> list[Any]:
        sums = self._affine(as_row(x, self.input_size, self), self._state(h))
        return [self.activation.of(z) for z in sums]


class LSTMCell(_RecurrentCell):
    """(h', c') = (o tanh(c'), f c + i g): one step of a long short-term memory. The first states are 0.

    i, f, o = sigmoid and g = tanh of W x + b + U h + c, in PyTorch's order i, f, g, o and under its names. Write the
    loop over the steps as a loop: `for x in sequence: h, c = cell(x, (h, c))`. Raises ValueError for rows of other
    lengths.
    Source: Hochreiter and Schmidhuber, Neural Computation 9 (1997); the forget gate f: Gers, Schmidhuber and Cummins,
    Neural Computation 12 (2000), p. 2455.

    >>> cell = LSTMCell(2, 3, rng=0)
    >>> state = cell([1.0, 0.0]); h, c = cell([0.0, 1.0], state); len(h), len(c)
    (3, 3)
    """

    formula = "h = o tanh(c), c = f c + i g"
    _gates = ("i", "f", "g", "o")

    def forward(self, x: Any, state: Any = None) -> tuple[list[Any], list[Any]]:
        if state is not None and (not isinstance(state, (list, tuple)) or len(state) != 2):
            raise TypeError("LSTMCell takes its state as (h, c), the two lists that it returned in the step before.")
        h, c = (self._state(part) for part in (state or (None, None)))
        sums, size = self._affine(as_row(x, self.input_size, self), h), self.hidden_size
        parts = [sums[k * size : (k + 1) * size] for k in range(4)]
        gates: dict[str, list[Any]] = {}
        activations: tuple[Callable[[Any], Any], ...] = (sigmoid, sigmoid, tanh, sigmoid)
        for name, activation, part in zip(self._gates, activations, parts, strict=True):
            with scope(f"gate {name}"):
                gates[name] = [activation(z) for z in part]
        with scope("memory", "c = f c + i g"):
            kept = zip(gates["f"], c, gates["i"], gates["g"], strict=True)
            memory = [f * old + i * new for f, old, i, new in kept]
        with scope("output", "h = o tanh(c)"):
            return [o * tanh(m) for o, m in zip(gates["o"], memory, strict=True)], memory

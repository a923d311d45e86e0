"""Layers: a neuron, a layer of neurons, modules in sequence, a table of vectors, and dropout.

A row is a list of numbers or Values, or a NumPy row; a batch is a loop over its rows. W[i][j] goes from input j to
unit i, as in PyTorch. The scopes are named after the structure: model > layer 1 > neuron 3 > affine.
"""

from __future__ import annotations

import operator
import random
from collections.abc import Callable, Iterator
from typing import Any, SupportsFloat

from autograd_core import CompileError, Value, choose, dot, scope
from nn.modules.activations import as_activation
from nn.modules.initialise import Initialiser, generator, standard_normal, uniform, zeros
from nn.modules.module import Module, Parameter
from nn.modules.tensor_lists import as_lists, map_leaves
from nn.modules.whole_numbers import whole_number


class Input(Value):
    """A plain number given to a layer: it lies outside the boxes of the modules, as a Value made before the call does.

    >>> Linear(1, 1, rng=0)([2.0])[0].inputs[0].inputs[1].label
    'x1'
    """

    __slots__ = ()

    def __init__(self, data: SupportsFloat, label: str) -> None:
        super().__init__(data, label)
        while self._scope.name and self._scope.parent is not None:
            self._scope = self._scope.parent


def as_row(x: Any, expected: int, owner: Module) -> list[Any]:
    """`x` as a list of `expected` Values, so that plain numbers too are inputs in every picture.

    Raises ValueError with both lengths where they differ.
    """
    row = x.tolist() if hasattr(x, "tolist") else x
    who = f"{type(owner).__name__}({owner.extra_repr()})"
    try:
        row = list(row)
    except TypeError:
        kind = type(x).__name__
        raise TypeError(f"{who} takes a list of {expected} numbers, got one {kind}. Write [x].") from None
    if isinstance(x, (str, dict, set)):
        raise TypeError(f"{who} takes a list of {expected} numbers, got a {type(x).__name__}.")
    if any(isinstance(number, (list, tuple)) or getattr(number, "shape", ()) for number in row):
        raise TypeError(
            f"{who} takes one row at a time, got a list of {len(row)} rows. Write [model(row) for row in X]."
        )
    if len(row) != expected:
        raise ValueError(f"{who} takes rows of {expected} numbers, got {len(row)}.")
    return [number if isinstance(number, Value) else Input(number, f"x{i}") for i, number in enumerate(row, 1)]


def _label_entry(entry: list[Any], name: str) -> None:
    """Label the parameters of an entry W[0][1] and so on, short enough for a picture."""
    for index, part in enumerate(entry):
        if isinstance(part, list):
            _label_entry(part, f"{name}[{index}]")
        else:
            part.label = f"{name}[{index}]"


class Linear(Module):
    """W x + b: each of `out_features` units is the sum of its weighted inputs and its bias.

    weight[i][j] goes from input j to unit i; bias is None with bias=False. initialise draws the weights; biases start
    as PyTorch's with `uniform` (the default), else at 0. rng: a seed or a random.Random.
    Raises ValueError where the length of a row is not in_features.

    >>> layer = Linear(2, 3, rng=0)
    >>> layer, len(layer([1.0, -1.0]))
    (Linear(2 → 3): 9 parameters, 3)
    """

    formula = "W x + b"

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        rng: random.Random | int,
        initialise: Initialiser = uniform,
    ) -> None:
        self.in_features = fan_in = whole_number(in_features, "in_features")
        self.out_features = fan_out = whole_number(out_features, "out_features")
        source = generator(rng)
        self.weight = [[Parameter(initialise(fan_in, fan_out, source)) for _ in range(fan_in)] for _ in range(fan_out)]
        start = uniform if initialise is uniform else zeros
        self.bias = [Parameter(start(fan_in, fan_out, source)) for _ in range(fan_out)] if bias else None
        if not bias:
            self.formula = "W x"
        self.number_labels("")

    def number_labels(self, number: int | str) -> None:
        """Label the parameters W1[0][0], b1[0] for number 1, W[0][0] and b[0] for ""."""
        _label_entry(self.weight, f"W{number}")
        _label_entry(self.bias or [], f"b{number}")

    def forward(self, x: Any) -> list[Any]:
        row = as_row(x, self.in_features, self)
        outputs = []
        for unit in range(self.out_features):
            with scope(f"neuron {unit + 1}"):
                outputs.append(self.unit(unit, row))
        return outputs

    def unit(self, unit: int, row: list[Any]) -> Any:
        """w · x + b of one unit, for a row that `as_row` has checked."""
        if self.bias is None:
            return dot(self.weight[unit], row)
        with scope("affine", "w · x + b"):
            return dot(self.weight[unit], row) + self.bias[unit]

    def extra_repr(self) -> str:
        return f"{self.in_features} → {self.out_features}" + ("" if self.bias else ", bias=False")


class Neuron(Module):
    """activation(w · x + b): one unit. With sigmoid it is logistic regression, without activation linear regression.

    weight is a list of `in_features` parameters, bias one parameter that starts at 0 or as `Linear`'s does.

    >>> neuron = Neuron(2, activation="sigmoid", rng=0)
    >>> len(list(neuron.parameters())), neuron([0.0, 0.0]).op
    (3, 'divide')
    """

    def __init__(
        self,
        in_features: int,
        activation: str | Callable[[Any], Any] | None = None,
        *,
        rng: random.Random | int,
        initialise: Initialiser = uniform,
    ) -> None:
        self.in_features = fan_in = whole_number(in_features, "in_features")
        source = generator(rng)
        self.weight = [Parameter(initialise(fan_in, 1, source), label=f"w[{i}]") for i in range(fan_in)]
        start = uniform if initialise is uniform else zeros
        self.bias = Parameter(start(fan_in, 1, source), label="b")
        self.activation = None if activation is None else as_activation(activation)
        self.formula = "w · x + b" if self.activation is None else f"{self.activation.note.name}(w · x + b)"

    def forward(self, x: Any) -> Any:
        row = as_row(x, self.in_features, self)
        with scope("affine", "w · x + b"):
            z = dot(self.weight, row) + self.bias
        return z if self.activation is None else self.activation.of(z)

    def extra_repr(self) -> str:
        return f"{self.in_features}" + (f", {self.activation.note.name}" if self.activation else "")


class Sequential(Module):
    """Modules in sequence: each takes the output of the module before it. An activation may be a name or a function.

    Entries of `state_dict` are numbered as PyTorch's are: "0.weight", "2.bias".

    >>> Sequential(Linear(2, 3, rng=0), "tanh", Linear(3, 1, rng=1))([1.0, 2.0])[0].op
    'add'
    """

    def __init__(self, *modules: Module | str | Callable[[Any], Any]) -> None:
        if any(isinstance(module, (list, tuple)) for module in modules):
            raise TypeError("Sequential takes modules one after the other, not a list: Sequential(*modules).")
        stages = [module if isinstance(module, Module) else as_activation(module) for module in modules]
        for index, module in enumerate(stages):
            module.name = module.name or f"{index}: {type(module).__name__}"
        self.stages = stages
        linear = [module for module in stages if isinstance(module, Linear)]
        if len(linear) > 1:
            for number, layer in enumerate(dict.fromkeys(linear), 1):
                layer.number_labels(number)

    def contents(self) -> Iterator[tuple[str, Any]]:
        return ((str(index), module) for index, module in enumerate(self.stages))

    def forward(self, x: Any) -> Any:
        for module in self.stages:
            x = module(x)
        return x

    def __len__(self) -> int:
        return len(self.stages)

    def __getitem__(self, index: int) -> Module:
        return self.stages[index]


class Embedding(Module):
    """A table of `num_embeddings` learnt vectors of `embedding_dim` numbers: the index of a word in, its vector out.

    A list of indices gives a list of vectors. A Value as index chooses from each column, so that a compiled program
    reads other vectors in each row. The numbers start normal with variance 1, as PyTorch's.
    Raises ValueError for an index outside the table.

    >>> table = Embedding(100, 4, rng=0)
    >>> table, len(table(7)), len(table([3, 1]))
    (Embedding(100 × 4): 400 parameters, 4, 2)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        *,
        rng: random.Random | int,
        initialise: Initialiser = standard_normal,
    ) -> None:
        self.num_embeddings = rows = whole_number(num_embeddings, "num_embeddings")
        self.embedding_dim = width = whole_number(embedding_dim, "embedding_dim")
        source = generator(rng)
        self.weight = [[Parameter(initialise(rows, width, source)) for _ in range(width)] for _ in range(rows)]
        _label_entry(self.weight, "E")

    def forward(self, index: Any) -> Any:
        return map_leaves(as_lists(index), self._vector)

    def _vector(self, index: Any) -> list[Any]:
        if isinstance(index, Value):
            return [choose(index, column) for column in zip(*self.weight, strict=True)]
        if not (hasattr(index, "__index__") and 0 <= operator.index(index) < self.num_embeddings):
            raise ValueError(f"Embedding has vectors 0 to {self.num_embeddings - 1}, asked for {index!r}.")
        return list(self.weight[index])

    def complete_gradient(self) -> None:
        """Set the gradients that are None to 0 where one of the table is not, as a Value as index leaves them.

        A plain index records its own row alone. Adam moves the other rows too once they have been moved before.
        """
        numbers = [parameter for row in self.weight for parameter in row]
        if any(parameter.grad is not None for parameter in numbers):
            for parameter in numbers:
                parameter.grad = 0.0 if parameter.grad is None else parameter.grad

    def extra_repr(self) -> str:
        return f"{self.num_embeddings} × {self.embedding_dim}"


class Dropout(Module):
    """In training, each number becomes 0 with probability p, and the others are divided by 1 - p.

    So the expected output is the input. In evaluation (`model.eval()`) every number passes unchanged. A dropped number
    is a constant 0: no gradient flows back through it. Raises CompileError while a function is compiled, since
    compiling would freeze the draw.
    Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, JMLR 15 (2014), p. 1929.

    >>> Dropout(0.5, rng=0).eval()([1.0, 2.0])
    [1.0, 2.0]
    """

    def __init__(self, p: float = 0.5, *, rng: random.Random | int) -> None:
        if not 0.0 <= p <= 1.0:
            raise ValueError(f"p is the probability to drop a number, from 0 to 1, got {p}.")
        self.p = float(p)
        self.rng = generator(rng)

    def forward(self, x: Any) -> Any:
        return map_leaves(as_lists(x), self._drop_or_scale) if self.training else x

    def _drop_or_scale(self, x: Any) -> Any:
        try:
            float(x)  # raises while a function is compiled
        except CompileError:
            raise CompileError(
                "Dropout draws at random, and compiling would freeze the draw of the first row.\n"
                "  Compile the model after model.eval(), or train it without compiling."
            ) from None
        return 0.0 if self.rng.random() < self.p else x / (1.0 - self.p)

    def extra_repr(self) -> str:
        return f"p={self.p:g}"

"""A network read as its layers: the weights into each, and the numbers of its units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from nn.modules.activations import Activation
from nn.modules.layers import Dropout, Linear, Sequential
from nn.modules.mlp import MLP
from nn.modules.module import Module

Layer = tuple[Linear, list[Module]]


def network_layers(model: Module) -> list[Layer]:
    """Each linear layer of an MLP or a Sequential with what follows it; empty for a model of other parts.

    >>> [(str(linear), len(after)) for linear, after in network_layers(MLP(2, 3, 1, rng=0))]
    [('Linear(2 → 3): 9 parameters', 1), ('Linear(3 → 1): 4 parameters', 0)]
    """
    layers: list[Layer] = []
    for stage in _stages(model):
        if type(stage) is Linear:
            layers.append((stage, []))
        elif layers and isinstance(stage, (Activation, Dropout)):
            layers[-1][1].append(stage)
        else:
            return []
    return layers


def _stages(model: Module) -> list[Module]:
    if type(model) is MLP:
        pairs = zip(model.layers, model.activations, strict=True)
        return [stage for pair in pairs for stage in pair if stage is not None]
    if type(model) is Sequential:
        return [stage for module in model.stages for stage in _stages(module)]
    return [model]


def with_hidden(layers: Sequence[Layer], then: Callable[[Any], Any]) -> Callable[[Any], list[Any]]:
    """A function of a row: the numbers of all hidden units, layer by layer, and `then` of the output."""

    def numbers(x: Any) -> list[Any]:
        found: list[Any] = []
        for number, (linear, after) in enumerate(layers, start=1):
            x = linear(x)
            for stage in after:
                x = stage(x)
            if number < len(layers):
                found += x
        last = then(x)
        return [*found, *(last if isinstance(last, list) else [last])]

    return numbers

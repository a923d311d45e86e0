"""The outputs of a model for many rows at once, and of each of its stages, for plots, diagnoses and lessons."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_core import CompileError, interrupts, no_grad
from autograd_core import compile as compiled
from nn.data.datasets import Rows
from nn.data.preparation import as_rows
from nn.modules.activations import Activation
from nn.modules.layers import Dropout, Sequential
from nn.modules.mlp import MLP
from nn.modules.module import Module

Stage = tuple[str, Callable[[Any], list[Any]]]


def outputs(model: Callable[[Any], Any], X: Any) -> Rows:
    """The output of the model for each row, an array of rows x outputs. A module runs in evaluation mode.

    >>> outputs(MLP(2, 3, rng=0), [[1.0, 2.0], [0.0, 1.0]]).shape
    (2, 3)
    """
    return reader(model, X)(X)


def reader(model: Callable[[Any], Any], X: Any) -> Callable[[Any], Rows]:
    """A function that returns `outputs` of the model for rows like those of X, also after its parameters change."""
    example = as_rows(X)[0].tolist()
    with evaluating(model):
        with no_grad():
            count = len(_as_list(model(example)))
        columns = [_column(_unit(model, unit), example) for unit in range(count)]

    def read(rows: Any) -> Rows:
        table = as_rows(rows)
        with evaluating(model):
            return np.stack([column(table) for column in columns], axis=1)

    return read


def stages(model: Module) -> list[Stage]:
    """(name, function of a row) for each layer with its activation, from the input on; the last one is the output.

    Raises TypeError for a model that is neither an MLP nor a Sequential, whose layers are not known.
    """
    if isinstance(model, MLP):
        parts: list[list[Any]] = [
            [layer, *([activation] if activation else [])]
            for layer, activation in zip(model.layers, model.activations, strict=True)
        ]
    elif isinstance(model, Sequential):
        parts = []
        for _, module in model.children():
            if parts and isinstance(module, (Activation, Dropout)):
                parts[-1].append(module)
            else:
                parts.append([module])
    else:
        raise TypeError(
            f"the layers of a {type(model).__name__} are not known: give an MLP or a Sequential of modules."
        )
    names = [f"layer {number}" for number in range(1, len(parts))] + ["output"]
    return [(name, _chain(parts[: number + 1])) for number, name in enumerate(names)]


def _chain(parts: list[list[Any]]) -> Callable[[Any], list[Any]]:
    def run(x: Any) -> list[Any]:
        for module in itertools.chain.from_iterable(parts):
            x = module(x)
        return _as_list(x)

    return run


def stage_values(model: Module, X: Any) -> list[tuple[str, Rows]]:
    """(name, array of rows x units) of every stage of the model, for the rows of X."""
    with evaluating(model):
        return [(name, outputs(run, X)) for name, run in stages(model)]


def evaluating(model: Any) -> interrupts.SetInside:
    """Put all modules of the model into evaluation mode inside the with block, and back into their own after it."""
    return interrupts.SetInside(model.modules() if isinstance(model, Module) else [], "training", False)


def _unit(model: Callable[[Any], Any], unit: int) -> Callable[[Any], Any]:
    return lambda x: _as_list(model(x))[unit]


def _column(function: Callable[[Any], Any], example: list[float]) -> Callable[[Rows], Rows]:
    """A function of rows that returns function(row) for each; eager where it cannot be compiled."""
    try:
        return compiled(function, example=example)
    except CompileError:
        return lambda rows: _one_by_one(function, rows)


def _one_by_one(function: Callable[[Any], Any], rows: Rows) -> Rows:
    with no_grad():
        return np.array([float(function(row)) for row in rows.tolist()])


def _as_list(output: Any) -> list[Any]:
    return output if isinstance(output, list) else [output]

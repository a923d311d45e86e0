"""A model run on many rows at once, and stage by stage, for the plots and lessons that look inside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_core import CompileError, no_grad
from autograd_core import compile as compiled
from nn.data.preparation import as_rows
from nn.modules.activations import Activation
from nn.modules.layers import Dropout, Sequential
from nn.modules.mlp import MLP
from nn.modules.module import Module

Rows = NDArray[np.float64]
Stage = tuple[str, Callable[[Any], list[Any]]]


def outputs(model: Callable[[Any], Any], X: Any) -> Rows:
    """What the model gives for each row, as an array of rows x outputs. A module is run in its eval mode.

    >>> outputs(MLP(2, 3, rng=0), [[1.0, 2.0], [0.0, 1.0]]).shape
    (2, 3)
    """
    return reader(model, X)(X)


def reader(model: Callable[[Any], Any], X: Any) -> Callable[[Any], Rows]:
    """`outputs` of one model, made ready once for rows like those of X, to be called again as its parameters change."""
    example = as_rows(X)[0].tolist()
    with evaluating(model):
        with no_grad():
            count = len(_listed(model(example)))
        columns = [_column(_unit(model, unit), example) for unit in range(count)]

    def read(rows: Any) -> Rows:
        table = as_rows(rows)
        with evaluating(model):
            return np.stack([column(table) for column in columns], axis=1)

    return read


def stages(model: Module) -> list[Stage]:
    """(name, function of a row) from the input on, each up to and with a layer's activation; the last is the output's.

    Raises TypeError for a model that is no MLP or Sequential, whose layers cannot be told apart.
    """
    if isinstance(model, MLP):
        count = len(model.layers)
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
        count = len(parts)
    else:
        raise TypeError(
            f"the layers of a {type(model).__name__} cannot be told apart: give an MLP or a Sequential of modules."
        )
    names = [f"layer {number}" for number in range(1, count)] + ["output"]
    return [(name, _chain(parts[: number + 1])) for number, name in enumerate(names)]


def _chain(parts: list[list[Any]]) -> Callable[[Any], list[Any]]:
    def run(x: Any) -> list[Any]:
        for module in (one for part in parts for one in part):
            x = module(x)
        return _listed(x)

    return run


def stage_values(model: Module, X: Any) -> list[tuple[str, Rows]]:
    """(name, rows x units) of every stage of the model, for the rows of X."""
    with evaluating(model):
        return [(name, outputs(run, X)) for name, run in stages(model)]


@contextmanager
def evaluating(model: Any) -> Iterator[None]:
    """The modules of the model in eval mode inside the with block, and each in its own again after it."""
    modes = [(one, one.training) for one in model.modules()] if isinstance(model, Module) else []
    for one, _ in modes:
        one.training = False
    try:
        yield
    finally:
        for one, mode in modes:
            one.training = mode


def _unit(model: Callable[[Any], Any], unit: int) -> Callable[[Any], Any]:
    return lambda x: _listed(model(x))[unit]


def _column(function: Callable[[Any], Any], example: list[float]) -> Callable[[Rows], Rows]:
    """A function of rows that gives function(row) for each; eagerly where it cannot be recorded once for all rows."""
    try:
        return compiled(function, example=example)
    except CompileError:
        return lambda rows: _one_by_one(function, rows)


def _one_by_one(function: Callable[[Any], Any], rows: Rows) -> Rows:
    with no_grad():
        return np.array([float(function(row)) for row in rows.tolist()])


def _listed(output: Any) -> list[Any]:
    return output if isinstance(output, list) else [output]

"""PyTorch: modules and losses from torch.nn to nn and back, with the same numbers."""

from __future__ import annotations

from typing import Any

from autograd_core import ExchangeError
from autograd_core.exchange.library import library
from nn.exchange.torch.torch_losses import OF_NN, loss_from, loss_name
from nn.exchange.torch.torch_reader import TorchReader
from nn.exchange.torch.torch_writer import TorchWriter
from nn.modules.module import Module


def from_torch(module: Any) -> Any:
    """A module of torch.nn as one of nn that takes one row at a time, or a loss of torch.nn as a function of nn.

    Outputs and gradients are those of `module` in float64; `state_dict` has the same names and shapes, a parameter used
    twice stays one, and training or evaluation mode is kept. What nn does not have as a module, and a `forward` of your
    own, is traced by torch.fx and computed by its operations on arrays. Raises ExchangeError, with the path of the part
    and what to write instead, for what a trace cannot follow, an operation that is not read, draws at random, and a
    batch norm in training; ImportError without PyTorch. So `draw(from_torch(module)([1.0, 2.0])[0])` is the
    picture of a small model of PyTorch.
    """
    torch = library("torch", "torch")
    if not isinstance(module, torch.nn.Module):
        raise TypeError(f"from_torch takes a module of torch.nn, got a {type(module).__name__}.")
    if isinstance(module, torch.nn.modules.loss._Loss):
        return loss_from(module)
    return TorchReader(torch).read(module, "")


def to_torch(model: Any) -> Any:
    """A module of nn, or a loss of nn, as one of torch.nn in float64, for batches as for single rows.

    Parameters have the same names, but for `MLP` and `Neuron`, which become a `Sequential`; a `Neuron` gives a row of
    one number. Raises ExchangeError for a module that torch.nn does not have, ImportError without PyTorch.
    """
    torch = library("torch", "torch")
    if isinstance(model, Module):
        return TorchWriter(torch).write(model, "").train(model.training)
    found = loss_name(model)
    if found is None:
        raise ExchangeError(
            f"to_torch takes a module or a loss of nn that torch.nn has too ({', '.join(OF_NN)}), got {model!r}."
        )
    name, settings = found[0], dict(found[1])
    weights = {
        key: torch.tensor(value, dtype=torch.float64) for key, value in settings.items() if isinstance(value, list)
    }
    return getattr(torch.nn, name)(**{**settings, **weights})

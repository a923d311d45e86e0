"""PyTorch: the backward graph of a scalar tensor as a graph of Values, with the numbers that PyTorch computed."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from autograd_core.engine.value import Value
from autograd_core.errors import ExchangeError
from autograd_core.exchange.library import library
from autograd_core.exchange.torch.torch_backward_graph import BackwardGraph
from autograd_core.show.stepper.explain import Explanation, explain


class TorchGraphWarning(UserWarning):
    """A part of a backward graph could not be read, and stands as an input."""


def explain_torch(loss: Any, names: Any = None) -> Explanation:
    """The explanation of a scalar tensor of PyTorch: `explain(graph_from_torch(loss, names))`."""
    return explain(graph_from_torch(loss, names))


def graph_from_torch(loss: Any, names: Any = None) -> Value:
    """A scalar tensor of PyTorch as a Value, from the graph that `loss.backward()` would go through.

    names: of the tensors that require gradients, as {"w": w} or as the module that owns them; others are p1, p2 ...
    Value and gradients are compared with those of PyTorch, so that no wrong number is shown. An operation that is not
    read stands as an input where PyTorch has kept its numbers, with a TorchGraphWarning that says why; where it has
    not, ExchangeError lists the operations up to there. `loss` keeps its graph. Raises ExchangeError too for a graph
    of more than 5,000 numbers and one that `backward()` has freed; ImportError without PyTorch.
    """
    torch = library("torch", "torch")
    if not isinstance(loss, torch.Tensor) or loss.numel() != 1:
        raise ExchangeError(f"this takes a tensor of one number, got {_describe(torch, loss)}.")
    if loss.grad_fn is None:
        raise ExchangeError("this tensor has no grad_fn: it was not computed from one that requires a gradient.")
    reader = BackwardGraph(torch, loss, _tensor_names(torch, names))
    root = reader.read()
    reader.check(root)
    for reason in reader.reasons:
        warnings.warn(f"{reason} It stands as an input.", TorchGraphWarning, stacklevel=2)
    return root


def _describe(torch: Any, candidate: Any) -> str:
    kind = type(candidate).__name__
    return f"one of shape {tuple(candidate.shape)}" if isinstance(candidate, torch.Tensor) else f"a {kind}"


def _tensor_names(torch: Any, names: Any) -> dict[int, str]:
    if isinstance(names, torch.nn.Module):
        names = dict(names.named_parameters())
    if not isinstance(names, Mapping | None):
        raise TypeError(f"names is a dictionary of tensors or a module, got a {type(names).__name__}.")
    return {id(tensor): name for name, tensor in (names or {}).items()}

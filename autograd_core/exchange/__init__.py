"""Into and out of the tools people move on to: one file for each tool, which is imported when it is used."""

from autograd_core.exchange.jax_functions import from_jax, to_jax
from autograd_core.exchange.sympy_reader import from_sympy
from autograd_core.exchange.sympy_writer import to_sympy
from autograd_core.exchange.torch_functions import torch_function
from autograd_core.exchange.torch_graphs import TorchGraphWarning, explain_torch, graph_from_torch

__all__ = [
    "TorchGraphWarning",
    "explain_torch",
    "from_jax",
    "from_sympy",
    "graph_from_torch",
    "to_jax",
    "to_sympy",
    "torch_function",
]

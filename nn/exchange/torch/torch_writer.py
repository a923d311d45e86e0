"""Modules of nn, written as modules of torch.nn in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_core import ExchangeError
from autograd_core.exchange.arrays.torch_numbers import EXACT_SOFTPLUS
from nn.modules import activations
from nn.modules.layers import Dropout, Embedding, Linear, Neuron, Sequential
from nn.modules.mlp import MLP
from nn.modules.module import Module
from nn.modules.normalisation import LayerNorm, RMSNorm
from nn.modules.tensor_lists import as_lists, leaves, map_leaves
from nn.sequences.attention import MultiheadAttention, TransformerBlock
from nn.sequences.convolution import Conv1d, Conv2d
from nn.sequences.recurrent import LSTMCell, RNNCell


class TorchWriter:
    """Makes modules of torch.nn; a module or a parameter that occurs twice is made once."""

    def __init__(self, torch: Any) -> None:
        self.torch = torch
        self.modules: dict[int, Any] = {}
        self.tensors: dict[int, Any] = {}

    def write(self, model: Module, path: str) -> Any:
        if id(model) not in self.modules:
            maker = next((make for kind, make in _MAKERS.items() if type(model) is kind), None)
            if maker is None:
                raise ExchangeError(
                    f"{path or 'the model'} is a {type(model).__name__}, which torch.nn does not have. Write its "
                    "forward in PyTorch, and give to_torch the parts."
                )
            made = maker(self, model)
            self.modules[id(model)] = made
        return self.modules[id(model)]

    def numbers(self, entry: Any) -> Any:
        """A nested list of parameters as a parameter of PyTorch."""
        key = id(leaves(entry)[0])
        if key not in self.tensors:
            numbers = map_leaves(as_lists(entry), lambda parameter: parameter.data)
            self.tensors[key] = self.torch.nn.Parameter(self.torch.tensor(numbers, dtype=self.torch.float64))
        return self.tensors[key]

    def fill(self, made: Any, model: Module, *names: str) -> Any:
        """`made` with the parameters of `model` that have these names."""
        for name in names:
            entry = getattr(model, name)
            if entry is not None:
                setattr(made, name, self.numbers(entry))
        return made

    def sequence(self, *modules: Module | None) -> Any:
        """Modules one after the other; None is left out."""
        made = [self.write(module, str(number)) for number, module in enumerate(modules) if module is not None]
        return self.torch.nn.Sequential(*made)


def _linear(writer: TorchWriter, model: Linear) -> Any:
    made = writer.torch.nn.Linear(model.in_features, model.out_features, model.bias is not None)
    return writer.fill(made, model, "weight", "bias")


def _neuron(writer: TorchWriter, model: Neuron) -> Any:
    made = writer.torch.nn.Linear(model.in_features, 1)
    made.weight, made.bias = writer.numbers([model.weight]), writer.numbers([model.bias])
    if model.activation is None:
        return writer.torch.nn.Sequential(made)
    return writer.torch.nn.Sequential(made, writer.write(model.activation, "activation"))


def _mlp(writer: TorchWriter, model: MLP) -> Any:
    pairs = zip(model.layers, model.activations, strict=True)
    return writer.sequence(*(stage for pair in pairs for stage in pair))


def _embedding(writer: TorchWriter, model: Embedding) -> Any:
    made = writer.torch.nn.Embedding(model.num_embeddings, model.embedding_dim)
    return writer.fill(made, model, "weight")


def _norm(writer: TorchWriter, model: LayerNorm | RMSNorm) -> Any:
    kind = getattr(writer.torch.nn, type(model).__name__)
    made = kind(model.normalized_shape, eps=model.eps, elementwise_affine=model.weight is not None)
    return writer.fill(made, model, *(("weight", "bias") if isinstance(model, LayerNorm) else ("weight",)))


def _attention(writer: TorchWriter, model: MultiheadAttention) -> Any:
    bias = model.in_proj_bias is not None
    made = writer.torch.nn.MultiheadAttention(model.embed_dim, model.num_heads, bias=bias, batch_first=True)
    writer.fill(made.out_proj, model.out_proj, "weight", "bias")
    return writer.fill(made, model, "in_proj_weight", "in_proj_bias")


def _block(writer: TorchWriter, model: TransformerBlock) -> Any:
    activation = writer.write(model.activation, "activation")
    made = writer.torch.nn.TransformerEncoderLayer(
        model.self_attn.embed_dim,
        model.self_attn.num_heads,
        model.linear1.out_features,
        dropout=0.0,
        activation=activation,
        batch_first=True,
        norm_first=model.norm_first,
        bias=model.linear1.bias is not None,
    )
    # A module as activation keeps PyTorch from its fused path, which knows LayerNorm only.
    for name in ("self_attn", "linear1", "linear2", "norm1", "norm2"):
        setattr(made, name, writer.write(getattr(model, name), name))
    return made


def _convolution(writer: TorchWriter, model: Conv1d | Conv2d) -> Any:
    kind = getattr(writer.torch.nn, type(model).__name__)
    sizes = (model.in_channels, model.out_channels, model.kernel_size, model.stride, model.padding)
    return writer.fill(kind(*sizes, bias=model.bias is not None), model, "weight", "bias")


def _cell(writer: TorchWriter, model: RNNCell | LSTMCell) -> Any:
    kind = getattr(writer.torch.nn, type(model).__name__)
    settings = {"nonlinearity": model.activation.note.name} if isinstance(model, RNNCell) else {}
    made = kind(model.input_size, model.hidden_size, bias=model.bias_ih is not None, **settings)
    return writer.fill(made, model, "weight_ih", "weight_hh", "bias_ih", "bias_hh")


def _prelu(writer: TorchWriter, model: activations.PReLU) -> Any:
    made = writer.torch.nn.PReLU()
    made.weight = writer.numbers([model.slope])
    return made


_MAKERS: dict[type[Module], Callable[[TorchWriter, Any], Any]] = {
    Sequential: lambda writer, model: writer.sequence(*model.stages),
    MLP: _mlp,
    Linear: _linear,
    Neuron: _neuron,
    Embedding: _embedding,
    LayerNorm: _norm,
    RMSNorm: _norm,
    MultiheadAttention: _attention,
    TransformerBlock: _block,
    Conv1d: _convolution,
    Conv2d: _convolution,
    RNNCell: _cell,
    LSTMCell: _cell,
    Dropout: lambda writer, model: writer.torch.nn.Dropout(model.p),
    activations.PReLU: _prelu,
    activations.ReLU: lambda writer, model: writer.torch.nn.ReLU(),
    activations.Sigmoid: lambda writer, model: writer.torch.nn.Sigmoid(),
    activations.Tanh: lambda writer, model: writer.torch.nn.Tanh(),
    activations.SiLU: lambda writer, model: writer.torch.nn.SiLU(),
    activations.LeakyReLU: lambda writer, model: writer.torch.nn.LeakyReLU(model.slope),
    activations.ELU: lambda writer, model: writer.torch.nn.ELU(model.alpha),
    activations.GELU: lambda writer, model: writer.torch.nn.GELU(model.approximate),
    activations.Softplus: lambda writer, model: writer.torch.nn.Softplus(threshold=EXACT_SOFTPLUS),
    activations.Softmax: lambda writer, model: writer.torch.nn.Softmax(dim=-1),
}

"""Modules of torch.nn, read as modules of nn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd_core import ExchangeError
from autograd_core.exchange.arrays.torch_numbers import EXACT_SOFTPLUS
from nn.exchange.array_graph import ArrayGraph, ArrayOperation, ResultName
from nn.exchange.torch.torch_operations import OPERATIONS
from nn.exchange.torch.torch_traces import order_of_axes, traced_module
from nn.modules import activations
from nn.modules.layers import Dropout, Embedding, Linear, Sequential
from nn.modules.module import Module, Parameter
from nn.modules.normalisation import LayerNorm, RMSNorm
from nn.modules.tensor_lists import leaves, map_leaves
from nn.sequences.attention import MultiheadAttention, TransformerBlock
from nn.sequences.convolution import Conv1d, Conv2d
from nn.sequences.recurrent import LSTMCell, RNNCell


def require_settings(module: Any, path: str, **wanted: Any) -> None:
    """Raise ExchangeError for a setting that nn does not have."""
    for setting, value in wanted.items():
        found = getattr(module, setting, value)
        if found != value:
            raise ExchangeError(
                f"{path or 'the module'} is a {type(module).__name__} with {setting}={found!r}, and nn has only "
                f"{setting}={value!r}. Make it with that setting."
            )


class TorchReader:
    """Reads modules of torch.nn; a module or a parameter that occurs twice is made once."""

    def __init__(self, torch: Any) -> None:
        self.torch = torch
        self.made: dict[int, Any] = {}

    def read(self, module: Any, path: str) -> Module:
        if id(module) not in self.made:
            kind = type(module).__name__ if type(module).__module__.startswith("torch.nn") else ""
            own = _MAKERS[kind](self, module, path) if kind in _MAKERS else None
            if own is None:
                own = self.trace(module, path)
            elif not isinstance(own, ArrayGraph):
                self._copy_numbers(module, own)
            object.__setattr__(own, "training", module.training)
            self.made[id(module)] = own
        return self.made[id(module)]  # type: ignore[no-any-return]

    def trace(self, module: Any, path: str) -> ArrayGraph:
        """A module by the operations of its forward: one that nn does not have."""
        return traced_module(self.torch, module, path, self.read, self.parameters)

    def parameters(self, tensor: Any, label: str) -> Any:
        """A tensor as nested lists: of parameters where it is to be learnt, else of numbers or bools as they are."""
        if id(tensor) not in self.made:
            given = tensor.detach().cpu()
            given = given.to(self.torch.float64) if tensor.is_floating_point() else given
            self.made[id(tensor)] = map_leaves(given.tolist(), Parameter) if tensor.requires_grad else given.tolist()
        return self.made[id(tensor)]

    def _copy_numbers(self, module: Any, own: Module) -> None:
        for name, tensor in module.named_parameters(recurse=False):
            if id(tensor) in self.made:  # a shared one
                setattr(own, name, self.made[id(tensor)])
                continue
            entry = own.slope if isinstance(own, activations.PReLU) else getattr(own, name)
            numbers = tensor.detach().to("cpu", self.torch.float64).tolist()
            for parameter, number in zip(leaves(entry), leaves(numbers), strict=True):
                parameter.data = number
            self.made[id(tensor)] = entry

    # --------------------- one method for each class of torch.nn; None for settings that nn does not have: it is traced

    def _sequential(self, module: Any, path: str) -> Module:
        """A Sequential of nn; a graph of arrays where a stage for one row follows one that gives several."""
        torch_stages = list(module)
        paths = [f"{path}.{number}".strip(".") for number in range(len(torch_stages))]
        stages = [self.read(*pair) for pair in zip(torch_stages, paths, strict=True)]
        gives_rows = False
        for stage in stages:
            if gives_rows and takes_one_row(stage):
                return self._chain(type(module).__name__, torch_stages, stages)
            gives_rows = gives_rows or not (takes_one_row(stage) or isinstance(stage, activations.Activation | Dropout))
        return Sequential(*stages)

    def _chain(self, name: str, torch_stages: Sequence[Any], stages: Sequence[Module]) -> ArrayGraph:
        results = [ResultName(f"stage{number}") for number in range(len(stages) + 1)]
        operations = [
            ArrayOperation((results[number + 1].name,), str(number), [results[number]], order_of_axes(part))
            for number, part in enumerate(torch_stages)
        ]
        parts = {str(number): stage for number, stage in enumerate(stages)}
        return ArrayGraph(name, [results[0].name], operations, results[-1], parts, {})

    def _transformer_encoder(self, module: Any, path: str) -> Module:
        torch_stages = [*module.layers, *([] if module.norm is None else [module.norm])]
        names = [f"layers.{number}" for number in range(len(module.layers))] + ["norm"] * (module.norm is not None)
        parts = {
            name: self.read(stage, f"{path}.{name}".strip(".")) for name, stage in zip(names, torch_stages, strict=True)
        }
        options = {name: ResultName(name) for name in ("mask", "src_key_padding_mask", "is_causal")}
        given, operations = ResultName("src"), []
        for name, stage in zip(names, torch_stages, strict=True):
            settings = {} if name == "norm" else {**options, **order_of_axes(stage)}
            operations.append(ArrayOperation((f"after_{name}",), name, [given], settings))
            given = ResultName(f"after_{name}")
        return ArrayGraph(type(module).__name__, ["src"], operations, given, parts, {}, list(options))

    def _linear(self, module: Any, path: str) -> Module:
        return Linear(module.in_features, module.out_features, module.bias is not None, rng=0)

    def _embedding(self, module: Any, path: str) -> Module | None:
        if module.padding_idx is not None or module.max_norm is not None:
            return None
        return Embedding(module.num_embeddings, module.embedding_dim, rng=0)

    def _dropout(self, module: Any, path: str) -> Module:
        return Dropout(module.p, rng=0)

    def _layer_norm(self, module: Any, path: str) -> Module | None:
        sizes = module.normalized_shape
        if len(sizes) != 1 or (module.elementwise_affine and module.bias is None):
            return None
        return LayerNorm(sizes[0], module.eps, module.elementwise_affine)

    def _rms_norm(self, module: Any, path: str) -> Module | None:
        if len(module.normalized_shape) != 1:
            return None
        kind = module.weight.dtype if module.weight is not None else self.torch.get_default_dtype()
        eps = self.torch.finfo(kind).eps if module.eps is None else module.eps
        return RMSNorm(module.normalized_shape[0], eps, module.elementwise_affine)

    def _batch_norm(self, module: Any, path: str) -> Module:
        names = ("running_mean", "running_var", "weight", "bias")
        tensors = {name: getattr(module, name) for name in names if getattr(module, name) is not None}
        if module.training or len(tensors) < (4 if module.affine else 2):
            raise ExchangeError(
                f"{path or 'the module'} is a {type(module).__name__} that takes mean and variance from all rows of a "
                "batch, and a model of nn takes one row. Call module.eval() first."
            )
        given = [ResultName(name) if name in tensors else None for name in names]
        operation = ArrayOperation(
            ("y",), OPERATIONS["batch_norm"], [ResultName("x"), *given], {"training": False, "eps": module.eps}
        )
        constants = {name: self.parameters(tensor, name) for name, tensor in tensors.items()}
        return ArrayGraph(type(module).__name__, ["x"], [operation], ResultName("y"), {}, constants)

    def _instance_norm(self, module: Any, path: str) -> Module:
        names = ("running_mean", "running_var", "weight", "bias")
        constants = {
            name: self.parameters(getattr(module, name), name) for name in names if getattr(module, name) is not None
        }
        given = [ResultName(name) if name in constants else None for name in names]
        uses_input = module.training or not module.track_running_stats
        settings = {"use_input_stats": uses_input, "eps": module.eps}
        operation = ArrayOperation(("y",), OPERATIONS["instance_norm"], [ResultName("x"), *given], settings)
        return ArrayGraph(type(module).__name__, ["x"], [operation], ResultName("y"), {}, constants)

    def _recurrent(self, module: Any, path: str) -> Module:
        raise ExchangeError(
            f"{path or 'the module'} ({type(module).__name__}) is not read: of recurrent modules nn has RNNCell and "
            "LSTMCell, for one step. Write the steps as a loop over them; explain_torch reads the loss of all of them."
        )

    def _multihead_attention(self, module: Any, path: str) -> Module:
        require_settings(module, path, _qkv_same_embed_dim=True, bias_k=None, bias_v=None, add_zero_attn=False)
        self._require_no_dropout(module, path, module.dropout)
        own = MultiheadAttention(module.embed_dim, module.num_heads, module.in_proj_bias is not None, rng=0)
        self._copy_numbers(module.out_proj, own.out_proj)
        return own

    def _transformer_encoder_layer(self, module: Any, path: str) -> Module:
        self._require_no_dropout(module, path, max(module.dropout.p, module.dropout1.p, module.dropout2.p))
        own = TransformerBlock(1, 1, norm_first=module.norm_first, rng=0)
        for name in ("self_attn", "linear1", "linear2", "norm1", "norm2"):
            setattr(own, name, self.read(getattr(module, name), f"{path}.{name}".strip(".")))
        own.linear1.number_labels(1)
        own.linear2.number_labels(2)
        own.self_attn.out_proj.number_labels("o")
        if isinstance(module.activation, self.torch.nn.Module):
            activation: Any = self.read(module.activation, f"{path}.activation".strip("."))
        else:
            activation = getattr(module.activation, "__name__", repr(module.activation))
        own.activation = activations.as_activation(activation)
        return own

    def _require_no_dropout(self, module: Any, path: str, p: float) -> None:
        if module.training and p:
            raise ExchangeError(
                f"{path or 'the module'} is a {type(module).__name__} with dropout={p:g}, and attention in nn has "
                "none. Call module.eval() first, or make it with dropout=0."
            )

    def _conv1d(self, module: Any, path: str, kind: type[Conv1d] | type[Conv2d] = Conv1d) -> Module | None:
        is_plain = module.groups == 1 and set(module.dilation) == {1} and module.padding_mode == "zeros"
        if not is_plain or isinstance(module.padding, str):
            return None
        sizes = (module.in_channels, module.out_channels, module.kernel_size, module.stride, module.padding)
        return kind(*sizes, bias=module.bias is not None, rng=0)

    def _conv2d(self, module: Any, path: str) -> Module | None:
        return self._conv1d(module, path, Conv2d)

    def _rnn_cell(self, module: Any, path: str) -> Module:
        return RNNCell(module.input_size, module.hidden_size, module.bias, module.nonlinearity, rng=0)

    def _lstm_cell(self, module: Any, path: str) -> Module:
        return LSTMCell(module.input_size, module.hidden_size, module.bias, rng=0)

    def _leaky_relu(self, module: Any, path: str) -> Module:
        return activations.LeakyReLU(module.negative_slope)

    def _prelu(self, module: Any, path: str) -> Module | None:
        return activations.PReLU() if module.num_parameters == 1 else None

    def _elu(self, module: Any, path: str) -> Module:
        return activations.ELU(module.alpha)

    def _gelu(self, module: Any, path: str) -> Module:
        return activations.GELU(module.approximate)

    def _softplus(self, module: Any, path: str) -> Module | None:
        return activations.Softplus() if module.beta == 1.0 and module.threshold >= EXACT_SOFTPLUS else None

    def _softmax(self, module: Any, path: str) -> Module | None:
        return activations.Softmax() if module.dim == -1 else None


def takes_one_row(stage: Module) -> bool:
    return isinstance(stage, Linear | LayerNorm | RMSNorm | activations.Softmax)


def _plain(kind: type[Module]) -> Callable[[TorchReader, Any, str], Module]:
    return lambda reader, module, path: kind()


_MAKERS: dict[str, Callable[[TorchReader, Any, str], Module | None]] = {
    "Identity": _plain(Sequential),
    "ReLU": _plain(activations.ReLU),
    "Sigmoid": _plain(activations.Sigmoid),
    "SiLU": _plain(activations.SiLU),
    "Tanh": _plain(activations.Tanh),
    "BatchNorm1d": TorchReader._batch_norm,
    "BatchNorm2d": TorchReader._batch_norm,
    "BatchNorm3d": TorchReader._batch_norm,
    **{f"InstanceNorm{axes}d": TorchReader._instance_norm for axes in (1, 2, 3)},
    **dict.fromkeys(("RNN", "LSTM", "GRU", "GRUCell"), TorchReader._recurrent),
    "TransformerEncoder": TorchReader._transformer_encoder,
    "Sequential": TorchReader._sequential,
    "Linear": TorchReader._linear,
    "Embedding": TorchReader._embedding,
    "Dropout": TorchReader._dropout,
    "LayerNorm": TorchReader._layer_norm,
    "RMSNorm": TorchReader._rms_norm,
    "MultiheadAttention": TorchReader._multihead_attention,
    "TransformerEncoderLayer": TorchReader._transformer_encoder_layer,
    "Conv1d": TorchReader._conv1d,
    "Conv2d": TorchReader._conv2d,
    "RNNCell": TorchReader._rnn_cell,
    "LSTMCell": TorchReader._lstm_cell,
    "LeakyReLU": TorchReader._leaky_relu,
    "PReLU": TorchReader._prelu,
    "ELU": TorchReader._elu,
    "GELU": TorchReader._gelu,
    "Softplus": TorchReader._softplus,
    "Softmax": TorchReader._softmax,
}

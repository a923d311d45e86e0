"""A neural-net layer on the public names of autograd_core, with PyTorch's names and habits.

>>> from nn import MLP, SGD, mse_loss
>>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
>>> model = MLP(2, 4, 1, activation="tanh", rng=1)
>>> optimiser = SGD(model.parameters(), learning_rate=0.5)
>>> for _ in range(300):
...     model.zero_grad()
...     mse_loss([model(row) for row in X], y).backward()
...     optimiser.step()
>>> [round(model(row)[0].item()) for row in X]
[0, 1, 1, 0]

`fit(model, X, y, loss=mse_loss)` is that loop with minibatches, validation, early stopping and a progress bar; it
compiles the loss where it can. These modules are imported on their own: `nn.data` (data sets, splitting,
standardising, names), `nn.metrics`, `nn.lessons` (the lecture's claims, measured), `nn.practice` (networks to repair),
`nn.locations` and `nn.corpus` (words that are places). `python -m nn train` trains from the command line.
"""

import importlib
import sys
from typing import TYPE_CHECKING

from autograd_core import (
    elu,
    gelu,
    gelu_tanh,
    leaky_relu,
    prelu,
    relu,
    sigmoid,
    silu,
    softplus,
    swish,
    tanh,
    threshold,
)
from nn import exchange
from nn.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    hinge_loss,
    huber_loss,
    l2_penalty,
    mse_loss,
)
from nn.modules.activation_notes import ACTIVATIONS, ActivationNote
from nn.modules.activations import (
    ELU,
    GELU,
    Activation,
    LeakyReLU,
    PReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Swish,
    Tanh,
    Threshold,
)
from nn.modules.initialise import he_normal, he_uniform, standard_normal, uniform, xavier_normal, xavier_uniform, zeros
from nn.modules.layers import Dropout, Embedding, Linear, Neuron, Sequential
from nn.modules.mlp import MLP
from nn.modules.module import Module, Parameter
from nn.modules.normalisation import LayerNorm, RMSNorm
from nn.modules.saving import load, save
from nn.modules.softmax import softmax
from nn.modules.unreachable import NothingLearntWarning
from nn.optim import SGD, Adam, AdamW, Optimiser, clip_grad_norm, clip_grad_value
from nn.schedules import Schedule, cosine_decay, exponential_decay, linear_decay, step_decay, warm_up
from nn.sequences.attention import MultiheadAttention, TransformerBlock
from nn.sequences.convolution import Conv1d, Conv2d
from nn.sequences.gpt import GPT
from nn.sequences.recurrent import LSTMCell, RNNCell
from nn.training.checkpoints import Checkpoints, CheckpointWarning
from nn.training.early_stopping import EarlyStopping
from nn.training.history import Epoch, History

if TYPE_CHECKING:
    from nn.diagnosis.activation_portrait import portrait, portraits
    from nn.diagnosis.hidden_layers import Representation, representation
    from nn.diagnosis.unit_health import GradientHealth, gradient_health
    from nn.diagnosis.why_gradient import Why, why_gradient
    from nn.exchange.scikit_learn import Classifier, Regressor
    from nn.plot import decision_boundary, loss_curves, loss_surface
    from nn.training.execution import EagerFallbackWarning
    from nn.training.fit import fit
    from nn.training.nonfinite import NonFiniteLossError
    from nn.training.run_recording import Recording, record

__all__ = [
    "ACTIVATIONS",
    "ELU",
    "GELU",
    "GPT",
    "MLP",
    "SGD",
    "Activation",
    "ActivationNote",
    "Adam",
    "AdamW",
    "CheckpointWarning",
    "Checkpoints",
    "Classifier",
    "Conv1d",
    "Conv2d",
    "Dropout",
    "EagerFallbackWarning",
    "EarlyStopping",
    "Embedding",
    "Epoch",
    "GradientHealth",
    "History",
    "LSTMCell",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "Module",
    "MultiheadAttention",
    "Neuron",
    "NonFiniteLossError",
    "NothingLearntWarning",
    "Optimiser",
    "PReLU",
    "Parameter",
    "RMSNorm",
    "RNNCell",
    "ReLU",
    "Recording",
    "Regressor",
    "Representation",
    "Schedule",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Swish",
    "Tanh",
    "Threshold",
    "TransformerBlock",
    "Why",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "clip_grad_norm",
    "clip_grad_value",
    "cosine_decay",
    "cross_entropy",
    "decision_boundary",
    "elu",
    "exchange",
    "exponential_decay",
    "fit",
    "gelu",
    "gelu_tanh",
    "gradient_health",
    "he_normal",
    "he_uniform",
    "hinge_loss",
    "huber_loss",
    "l2_penalty",
    "leaky_relu",
    "linear_decay",
    "load",
    "loss_curves",
    "loss_surface",
    "mse_loss",
    "portrait",
    "portraits",
    "prelu",
    "record",
    "relu",
    "representation",
    "save",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "standard_normal",
    "step_decay",
    "swish",
    "tanh",
    "threshold",
    "uniform",
    "warm_up",
    "why_gradient",
    "xavier_normal",
    "xavier_uniform",
    "zeros",
]

# Loaded on first use: these need NumPy, and everything else works without it.
_LOADED_ON_FIRST_USE = {
    "Classifier": "nn.exchange.scikit_learn",
    "EagerFallbackWarning": "nn.training.execution",
    "GradientHealth": "nn.diagnosis.unit_health",
    "NonFiniteLossError": "nn.training.nonfinite",
    "Recording": "nn.training.run_recording",
    "Regressor": "nn.exchange.scikit_learn",
    "Representation": "nn.diagnosis.hidden_layers",
    "Why": "nn.diagnosis.why_gradient",
    "decision_boundary": "nn.plot",
    "fit": "nn.training.fit",
    "gradient_health": "nn.diagnosis.unit_health",
    "loss_curves": "nn.plot",
    "loss_surface": "nn.plot",
    "portrait": "nn.diagnosis.activation_portrait",
    "portraits": "nn.diagnosis.activation_portrait",
    "record": "nn.training.run_recording",
    "representation": "nn.diagnosis.hidden_layers",
    "why_gradient": "nn.diagnosis.why_gradient",
}


if not TYPE_CHECKING:  # so that a type checker knows each name, and reports an unknown one

    def __getattr__(name: str) -> object:
        if name not in _LOADED_ON_FIRST_USE:
            raise AttributeError(f"module 'nn' has no {name!r}", name=name, obj=sys.modules[__name__])
        return getattr(importlib.import_module(_LOADED_ON_FIRST_USE[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

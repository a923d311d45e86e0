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

`fit(model, X, y, loss=mse_loss)` is that loop with minibatches, validation, early stopping and a bar, compiled where it
can be. Not here but in modules of their own: `nn.data` and `nn.preparation` (data sets, splitting, standardising),
`nn.metrics`, `nn.lessons` (the lecture's claims, measured), `nn.locations` and `nn.corpus` (words that are places), and
`python -m nn train`.
"""

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

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
from nn.activation_notes import ACTIVATIONS, ActivationNote
from nn.activations import (
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
from nn.flat import NothingLearntWarning
from nn.history import Epoch, History
from nn.initialise import he_normal, he_uniform, standard_normal, uniform, xavier_normal, xavier_uniform, zeros
from nn.layers import Dropout, Embedding, Linear, Neuron, Sequential
from nn.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    hinge_loss,
    huber_loss,
    l2_penalty,
    mse_loss,
)
from nn.mlp import MLP
from nn.module import Module, Parameter
from nn.monitor import EarlyStopping
from nn.optim import SGD, Adam, AdamW, Optimiser, clip_grad_norm, clip_grad_value
from nn.saving import load, save
from nn.schedules import Schedule, cosine_decay, exponential_decay, step_decay, warm_up
from nn.softmax import softmax

if TYPE_CHECKING:
    from nn.execution import EagerFallbackWarning
    from nn.health import GradientHealth, gradient_health
    from nn.nonfinite import NonFiniteLossError
    from nn.plot import decision_boundary, loss_curves, loss_surface
    from nn.portrait import portrait, portraits
    from nn.representation import Representation, representation
    from nn.training import fit
    from nn.why import Why, why_gradient

__all__ = [
    "ACTIVATIONS",
    "ELU",
    "GELU",
    "MLP",
    "SGD",
    "Activation",
    "ActivationNote",
    "Adam",
    "AdamW",
    "Dropout",
    "EagerFallbackWarning",
    "EarlyStopping",
    "Embedding",
    "Epoch",
    "GradientHealth",
    "History",
    "LeakyReLU",
    "Linear",
    "Module",
    "Neuron",
    "NonFiniteLossError",
    "NothingLearntWarning",
    "Optimiser",
    "PReLU",
    "Parameter",
    "ReLU",
    "Recording",
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
    "Why",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "clip_grad_norm",
    "clip_grad_value",
    "cosine_decay",
    "cross_entropy",
    "decision_boundary",
    "elu",
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

# Loaded when first asked for: they need NumPy, without which all else works.
_LATER = {
    "EagerFallbackWarning": "nn.execution",
    "GradientHealth": "nn.health",
    "NonFiniteLossError": "nn.nonfinite",
    "Recording": "nn.recording",
    "Representation": "nn.representation",
    "Why": "nn.why",
    "decision_boundary": "nn.plot",
    "fit": "nn.training",
    "gradient_health": "nn.health",
    "loss_curves": "nn.plot",
    "loss_surface": "nn.plot",
    "portrait": "nn.portrait",
    "portraits": "nn.portrait",
    "record": "nn.recording",
    "representation": "nn.representation",
    "why_gradient": "nn.why",
}


class _Package(ModuleType):
    """A function may have the name of its module: `nn.portrait` is the function, whichever is asked for first."""

    def __getattr__(self, name: str) -> Any:
        if name not in _LATER:
            raise AttributeError(f"module 'nn' has no {name!r}", name=name, obj=self)
        return getattr(importlib.import_module(_LATER[name]), name)

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _LATER and isinstance(value, ModuleType)):  # as the import system sets a module just loaded
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *__all__})


sys.modules[__name__].__class__ = _Package

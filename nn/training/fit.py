"""`fit`: training, with all that people usually write around the loop."""

from __future__ import annotations

import random
import warnings
from collections.abc import Sequence
from typing import Any

from autograd_core import Value
from nn.modules.module import Module
from nn.modules.tensor_lists import leaves
from nn.modules.unreachable import warn_of_unreachable
from nn.optim import Adam, Optimiser
from nn.training.decisions import Decision
from nn.training.early_stopping import EarlyStopping, Monitor
from nn.training.evaluation import Metrics, measures
from nn.training.examples import Examples, Loss, check_labels, examples, held_back
from nn.training.execution import Compiled, Eager, EagerFallbackWarning, Execution, output_of
from nn.training.history import History
from nn.training.loop import Callback, TrainingLoop
from nn.training.run_recording import Recording

BACKENDS = ("auto", "eager", "numpy", "native")


def fit(
    model: Module,
    X: Any,
    y: Any,
    *,
    loss: Loss,
    optimiser: Optimiser | None = None,
    epochs: int = 100,
    batch_size: int = 32,
    seed: int = 0,
    validation: float | tuple[Any, Any] | None = None,
    metrics: Metrics = (),
    decide: Decision | None = None,
    early_stopping: int | EarlyStopping | None = None,
    callbacks: Callback | Sequence[Callback] = (),
    progress: bool = True,
    backend: str = "auto",
) -> History:
    """Train `model` on the rows X and their targets y; returns the `History`. Ctrl-C keeps the best epoch so far.

    loss: loss(predictions, targets) of several rows, such as mse_loss. optimiser: by default Adam(model.parameters(),
    learning_rate=0.01). X: rows as lists or an array. y: numbers, or text (counted 0, 1, ... in sorted order).
    batch_size: rows a step, in an order that `seed` decides: the same seed gives the same bits. validation: a share of
    the rows to hold back, or (X, y) of others. metrics: names in nn.metrics.METRICS or functions of (predictions,
    targets), measured after every epoch. decide: how an output becomes a class, where the loss does not say it.
    early_stopping: a patience in epochs, or an `EarlyStopping`; the best epoch's parameters are restored. callbacks:
    functions called with each `Epoch` (training ends where one returns True), or recordings made by `record`. progress:
    a bar, wherever there is a terminal or a notebook. backend: "eager", a compiler's ("numpy", "native"), or "auto":
    compiled if possible, else eagerly with an EagerFallbackWarning that says why. Compiled, many steps of SGD, Adam or
    AdamW are made in one call, and `.grad` is None afterwards; a subclass of them makes each step itself.

    Raises ValueError or TypeError for data that does not fit, naming row and column, and NonFiniteLossError with the
    epoch, the row and the node where the loss or a gradient becomes inf or nan: the parameters are as before that step.

    >>> from nn import MLP, binary_cross_entropy_with_logits
    >>> X, y, model = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0], MLP(2, 4, 1, activation="tanh", rng=1)
    >>> fit(model, X, y, loss=binary_cross_entropy_with_logits, metrics="accuracy", epochs=300).metrics["accuracy"][-1]
    1.0
    """
    for what, size in (("epochs", epochs), ("batch_size", batch_size)):
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise ValueError(f"{what} is a whole number, at least 1, got {size!r}.")
    if not callable(loss):
        raise TypeError(f"loss is a function of (predictions, targets), such as nn.mse_loss, got {loss!r}.")
    if backend not in BACKENDS:
        raise ValueError(f"backend is one of {', '.join(map(repr, BACKENDS))}, got {backend!r}.")
    chosen = _checked_optimiser(model, optimiser)
    train, held = _examples(X, y, loss, validation, seed)
    modes = {module: module.training for module in model.modules()}
    try:
        # One row eagerly: what does not fit together is said before anything is compiled, and what is flat.
        output = output_of(model, train.rows[0])
        for part, name in ((train, "y"), (held, "the validation y")):
            if part is not None:
                check_labels(part, loss, len(leaves(output)), name)
        model.train()
        _check_loss(loss([model(train.rows[0])], [train.targets[0]]))
        chosen._warned = warn_of_unreachable(chosen.parameters)
        wanted = measures(metrics, loss, decide, len(leaves(output)), train.targets)
        stopping = EarlyStopping(early_stopping) if isinstance(early_stopping, int) else early_stopping
        names = ["loss", *(["validation_loss"] if held else []), *(one.name for one in wanted)]
        names += [f"validation_{one.name}" for one in wanted if held]
        monitor = Monitor(stopping, names)
        execution = _execution(model, loss, train, backend)
        loop = TrainingLoop(model, loss, chosen, execution, train, held, wanted, monitor)
        called = [callbacks] if callable(callbacks) else callbacks
        for one in called:
            if isinstance(one, Recording):
                one.begin_on(model, loss, train)
        loop.run(epochs, batch_size, random.Random(seed), called, progress)
    finally:
        for module, mode in modes.items():
            module.training = mode
    return loop.history


def _checked_optimiser(model: Module, optimiser: Optimiser | None) -> Optimiser:
    own = list(model.parameters())
    if optimiser is None:
        return Adam(own, learning_rate=0.01)
    if not isinstance(optimiser, Optimiser):
        raise TypeError(f"optimiser is made for the parameters, as SGD(model.parameters(), 0.1), got {optimiser!r}.")
    if not set(own) & set(optimiser.parameters):
        raise ValueError("the optimiser moves none of this model's parameters. Make it with model.parameters().")
    return optimiser


def _examples(
    X: Any, y: Any, loss: Loss, validation: float | tuple[Any, Any] | None, seed: int
) -> tuple[Examples, Examples | None]:
    train = examples(X, y, loss)
    if validation is None:
        return train, None
    if isinstance(validation, (int, float)) and 0.0 < validation < 1.0:
        return held_back(train, validation, seed)
    if not (isinstance(validation, (tuple, list)) and len(validation) == 2):
        raise ValueError(f"validation is a share of the rows, between 0 and 1, or (X, y), got {validation!r}.")
    return train, examples(*validation, loss, ("the validation X", "the validation y"), train.classes)


def _check_loss(value: Any) -> None:
    if not isinstance(value, Value):
        raise TypeError(
            f"the loss gave {value!r} ({type(value).__name__}), not a Value: it does not depend on the parameters. "
            "A loss takes (predictions, targets) and computes with the predictions themselves, not their .data."
        )


def _execution(model: Module, loss: Loss, train: Examples, backend: str) -> Execution:
    if backend == "eager":
        return Eager(model, loss, train.rows, train.targets)
    try:
        return Compiled(model, loss, train.rows, train.targets, backend)
    except (
        Exception
    ) as problem:  # of whatever kind: the same row has just passed eagerly, so it is compiling that fails
        if backend != "auto":
            raise
        warnings.warn(
            f"this cannot be compiled, so training goes on eagerly, which is much slower. {problem}\n"
            "Say backend='eager' to train so without this warning.",
            EagerFallbackWarning,
            stacklevel=3,
        )
    return Eager(model, loss, train.rows, train.targets)

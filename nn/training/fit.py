"""`fit`: training in one call, with validation, metrics, early stopping and a progress bar."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from numbers import Real
from typing import Any

from autograd_core import Value, interrupts
from nn.batched import evaluating
from nn.modules.initialise import generator
from nn.modules.module import Module
from nn.modules.symmetry import warn_of_symmetry
from nn.modules.tensor_lists import leaves
from nn.modules.unreachable import warn_of_unreachable
from nn.modules.whole_numbers import whole_number
from nn.optim import Adam, Optimiser
from nn.training.checkpoints import Checkpoints
from nn.training.compiled_sequences import CompiledSequences
from nn.training.decisions import Decision
from nn.training.early_stopping import EarlyStopping, Monitor
from nn.training.evaluation import Metrics, resolve_metrics
from nn.training.examples import Examples, Loss, base_loss, check_labels, examples, hold_back
from nn.training.execution import Compiled, Eager, EagerFallbackWarning, Execution, output_of
from nn.training.history import History
from nn.training.loop import Callback, TrainingLoop
from nn.training.position_losses import OverPositions, are_sequences
from nn.training.resumption import Resumption, problem_of
from nn.training.run_recording import Recording

_SAMPLE = 8  # rows whose gradients are looked at before training
BACKENDS = ("auto", "eager", "numpy", "native", "jax", "javascript")


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
    devices: int = 1,
    checkpoints: Checkpoints | None = None,
) -> History:
    """Train `model` on the rows X and their targets y; returns the `History`.

    loss: loss(predictions, targets) of several rows, such as mse_loss. optimiser: by default Adam(model.parameters(),
    learning_rate=0.01). X: rows as lists or an array. y: numbers, text (numbered 0, 1, ... in sorted order), or for
    cross_entropy the probability of each class. A row may be a sequence, such as the tokens of a name, with a target
    for each entry: rows then differ in length as they are, the loss is the mean over the rows of the mean over the
    positions, and metrics count positions. batch_size: rows a step, in an order drawn from `seed`: the same seed
    gives the same bits. validation: the share of rows to hold back, or (X, y) of others. metrics: one or several names
    in nn.metrics.METRICS or functions of (predictions, targets), measured after every epoch. decide: a function from an
    output to a class, where the loss does not determine it.
    early_stopping: a patience in epochs, or an `EarlyStopping`; the parameters of the best epoch are restored.
    callbacks: functions called with each `Epoch` (training ends when one returns True), or recordings of `record`.
    progress: a bar, in a terminal or a notebook. backend: "eager", a compiler's ("numpy", "native", "jax"), or "auto":
    compiled if possible, else eager with an EagerFallbackWarning that gives the reason. devices: with "jax", how many
    of `jax.devices()` share the rows of each step. A compiled program runs many steps of SGD, Adam or AdamW in one call
    and leaves `.grad` None; a subclass of these runs each step itself.

    checkpoints: `Checkpoints(folder)`, to which the state is written every so many steps; the same call continues from
    the last one, bit for bit, after which callbacks are called for the epochs before it.

    Ctrl-C in training ends it: parameters and optimiser are those of the best epoch so far, or of the last complete
    step of the first one. Before training it raises KeyboardInterrupt, and nothing has changed.

    Raises ValueError or TypeError, with row and column, for data that does not fit, and NonFiniteLossError with the
    epoch, row and node where the loss or a gradient becomes inf or nan: the parameters are as before that step.

    >>> from nn import MLP, binary_cross_entropy_with_logits
    >>> X, y, model = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0], MLP(2, 4, 1, activation="tanh", rng=1)
    >>> fit(model, X, y, loss=binary_cross_entropy_with_logits, metrics="accuracy", epochs=300).metrics["accuracy"][-1]
    1.0
    """
    epochs, batch_size = whole_number(epochs, "epochs"), whole_number(batch_size, "batch_size")
    if not callable(loss):
        raise TypeError(f"loss is a function of (predictions, targets), such as nn.mse_loss, got {loss!r}.")
    if backend not in BACKENDS:
        raise ValueError(f"backend is one of {', '.join(map(repr, BACKENDS))}, got {backend!r}.")
    optimiser = _optimiser_for(model, optimiser)
    are_of_positions = are_sequences(X, y, lambda row: output_of(model, row))
    loss = OverPositions(loss) if are_of_positions else loss
    train, held = _examples(X, y, loss, validation, seed, are_of_positions)
    with interrupts.SetInside(model.modules(), "training", True):
        # One row eagerly: errors and flat operations are reported before anything is compiled.
        output = output_of(model, train.rows[0])
        outputs = len(leaves(output[0] if train.are_sequences else output))
        check_labels(train, loss, outputs)
        if held:
            check_labels(held, loss, outputs, "the validation y")
        _check_loss(loss([model(train.rows[0])], [train.targets[0]]))
        optimiser._warned = warn_of_unreachable(optimiser.parameters)
        if not optimiser._warned:
            warn_of_symmetry(*_first_gradients(model, loss, train, optimiser))
        optimiser._examined = True
        measures = resolve_metrics(metrics, loss, decide, outputs, train.flat(train.targets))
        stopping = early_stopping
        if not isinstance(stopping, EarlyStopping | None):
            stopping = EarlyStopping(stopping)
        names = ["loss", *(["validation_loss"] if held else []), *(measure.name for measure in measures)]
        names += [f"validation_{measure.name}" for measure in measures if held]
        monitor = Monitor(stopping, names)
        execution = _execution(model, loss, train, held, backend, devices)
        loop = TrainingLoop(model, loss, optimiser, execution, train, held, measures, monitor)
        callbacks = [callbacks] if callable(callbacks) else callbacks
        for callback in callbacks:
            if isinstance(callback, Recording):
                callback.begin_with(model, loss, train, optimiser, batch_size)
        resumption = None
        if checkpoints is not None:
            name = getattr(base_loss(loss), "__qualname__", type(loss).__name__)
            problem = problem_of(model, train, held, optimiser, name, batch_size, seed, monitor.name)
            resumption = Resumption(checkpoints, problem)
        loop.run(epochs, batch_size, generator(seed), callbacks, progress, resumption)
    return loop.history


def _first_gradients(
    model: Module, loss: Loss, train: Examples, optimiser: Optimiser
) -> tuple[dict[Value, float], float]:
    """The gradients on a few rows, without dropout, and their loss; `.grad` stays as it is."""
    size = max(1, _SAMPLE // len(train.rows[0])) if train.are_sequences else _SAMPLE
    sample = train.select(range(0, len(train.rows), max(1, len(train.rows) // size)))
    with evaluating(model), interrupts.SetInside(optimiser.parameters, "_grad", None):
        value = loss([model(row) for row in sample.rows], sample.targets)
        if isinstance(value, Value):
            value.backward()
        gradients = {parameter: parameter.grad for parameter in optimiser.parameters if parameter.grad is not None}
    return gradients, float(value)


def _optimiser_for(model: Module, optimiser: Optimiser | None) -> Optimiser:
    own = list(model.parameters())
    if optimiser is None:
        return Adam(own, learning_rate=0.01)
    if not isinstance(optimiser, Optimiser):
        raise TypeError(f"optimiser is made for the parameters, as SGD(model.parameters(), 0.1), got {optimiser!r}.")
    if not set(own) & set(optimiser.parameters):
        raise ValueError("the optimiser updates none of this model's parameters. Make it with model.parameters().")
    return optimiser


def _examples(
    X: Any, y: Any, loss: Loss, validation: float | tuple[Any, Any] | None, seed: int, are_of_positions: bool
) -> tuple[Examples, Examples | None]:
    train = examples(X, y, loss, are_sequences=are_of_positions)
    if validation is None:
        return train, None
    if isinstance(validation, Real) and 0.0 < validation < 1.0:
        return hold_back(train, float(validation), seed)
    if not (isinstance(validation, (tuple, list)) and len(validation) == 2):
        raise ValueError(f"validation is a share of the rows, between 0 and 1, or (X, y), got {validation!r}.")
    return train, examples(*validation, loss, ("the validation X", "the validation y"), train.classes, are_of_positions)


def _check_loss(value: Any) -> None:
    if not isinstance(value, Value):
        raise TypeError(
            f"the loss gave {value!r} ({type(value).__name__}), not a Value: it does not depend on the parameters. "
            "A loss takes (predictions, targets) and computes with the predictions themselves, not their .data."
        )


def _execution(
    model: Module, loss: Loss, train: Examples, held: Examples | None, backend: str, devices: int
) -> Execution:
    if backend == "eager":
        if devices != 1:
            raise ValueError(f"devices={devices!r} is for backend='jax', not for backend='eager'. Leave it out.")
        return Eager(model, loss, train.rows, train.targets)
    try:
        if isinstance(loss, OverPositions):
            longest = max(len(row) for part in (train, held) if part for row in part.rows)
            return CompiledSequences(model, loss, train.rows, train.targets, longest, backend, devices)
        return Compiled(model, loss, train.rows, train.targets, backend, devices)
    except Exception as problem:  # the same row has just passed eagerly, so that compiling is what fails
        if backend != "auto":
            raise
        warnings.warn(
            f"this cannot be compiled, so that training continues eagerly, which is much slower. {problem}\n"
            "Give backend='eager' to train without this warning.",
            EagerFallbackWarning,
            stacklevel=3,
        )
    return Eager(model, loss, train.rows, train.targets)

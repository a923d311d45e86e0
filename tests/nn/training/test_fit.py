"""`fit`: the same numbers as a loop written by hand, eagerly and compiled, and a clear word for whatever goes wrong."""

from __future__ import annotations

import functools
import gc
import io
import json
import math
import os
import pickle
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import nn
from autograd_core import CompileError, Value, exp, log, logsumexp, mean, no_grad, scope, sqrt
from autograd_core.compiler.run.running import BACKENDS as COMPILERS
from nn import (
    MLP,
    SGD,
    Adam,
    AdamW,
    Dropout,
    EagerFallbackWarning,
    EarlyStopping,
    Embedding,
    Epoch,
    Linear,
    Module,
    Neuron,
    NonFiniteLossError,
    NothingLearntWarning,
    Parameter,
    Schedule,
    Sequential,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cosine_decay,
    cross_entropy,
    exponential_decay,
    fit,
    hinge_loss,
    huber_loss,
    l2_penalty,
    mse_loss,
    record,
    step_decay,
    warm_up,
)
from nn.data.datasets import circles, sine, truth_table, two_moons
from nn.data.preparation import minibatches
from nn.training.fit import BACKENDS
from tests.support.backends import FASTEST

quiet = functools.partial(fit, progress=False)
logits = binary_cross_entropy_with_logits


def numbers(model: Module) -> list[float]:
    return [parameter.data for parameter in model.parameters()]


def three_clouds(count: int = 30, seed: int = 0) -> tuple[list[list[float]], list[int]]:
    rng = random.Random(seed)
    labels = [number % 3 for number in range(count)]
    return [[rng.gauss(2.0 * label, 1.0), rng.gauss(-label, 1.0)] for label in labels], labels


class Line(Module):
    """A model whose rows are single numbers."""

    def __init__(self, w: float = 0.5, b: float = 0.0) -> None:
        self.w, self.b = Parameter(w), Parameter(b)

    def forward(self, x: Any) -> Any:
        return self.w * x + self.b


# ------------------------------------------------------------------------------------- the same as a loop by hand


def test_it_does_what_a_loop_written_by_hand_does_to_the_last_bit() -> None:
    X, y = two_moons(30, seed=1)
    by_hand, model = (MLP(2, 4, 1, activation="tanh", rng=3) for _ in range(2))
    optimiser = SGD(by_hand.parameters(), learning_rate=0.2, momentum=0.9)
    rng, expected = random.Random(5), []
    for _ in range(3):
        total = 0.0
        for rows, labels in minibatches(X, y, 8, rng=rng):
            by_hand.zero_grad()
            loss = logits([by_hand(row) for row in rows], labels)
            loss.backward()
            optimiser.step()
            total += loss.data * len(rows)
        expected.append(total / 30)
    history = quiet(
        model,
        X,
        y,
        loss=logits,
        optimiser=SGD(model.parameters(), learning_rate=0.2, momentum=0.9),
        epochs=3,
        batch_size=8,
        seed=5,
        backend="eager",
    )
    assert history.losses == expected
    assert numbers(model) == numbers(by_hand)
    assert (history.backend, history.stopped, history.kept) == ("eager", "all epochs are done", 3)


def test_fifty_steps_agree_with_pytorch() -> None:
    torch = pytest.importorskip("torch", reason='PyTorch is not installed: pip install ".[torch]"')
    X, y = three_clouds()
    model = MLP(2, 5, 3, activation="tanh", rng=1)
    state = model.state_dict()
    net = torch.nn.Sequential(torch.nn.Linear(2, 5), torch.nn.Tanh(), torch.nn.Linear(5, 3)).double()
    with torch.no_grad():
        for name, theirs in zip(state, net.parameters(), strict=True):
            theirs.copy_(torch.tensor(state[name], dtype=torch.float64))
    theirs, expected = torch.optim.Adam(net.parameters(), lr=0.05), []
    for _ in range(50):
        theirs.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(torch.tensor(X, dtype=torch.float64)), torch.tensor(y))
        loss.backward()
        theirs.step()
        expected.append(loss.item())
    ours = Adam(model.parameters(), learning_rate=0.05)
    history = quiet(model, X, y, loss=cross_entropy, optimiser=ours, epochs=50, batch_size=30)
    assert history.losses == pytest.approx(expected, abs=1e-10)


def with_penalty(model: Module) -> Callable[[Any, Any], Any]:
    return lambda predictions, targets: mse_loss(predictions, targets) + l2_penalty(model.parameters(), 0.01)


CASES: dict[str, tuple[Callable[[], Module], Any, Callable[[], tuple[Any, Any]], Any]] = {
    "logits, relu": (lambda: MLP(2, 6, 1, rng=1), logits, lambda: two_moons(20, seed=0), Adam),
    "probabilities": (
        lambda: MLP(2, 4, 1, activation="gelu", output="sigmoid", rng=1),
        binary_cross_entropy,
        lambda: circles(20, seed=0),
        SGD,
    ),
    "classes": (lambda: MLP(2, 5, 3, activation="swish", rng=2), cross_entropy, lambda: three_clouds(20), AdamW),
    "hinge, one neuron": (
        lambda: Neuron(2, rng=2),
        hinge_loss,
        lambda: (two_moons(20, seed=0)[0], 2 * two_moons(20, seed=0)[1] - 1),
        SGD,
    ),
    "numbers": (
        lambda: Sequential(Linear(1, 5, rng=0), nn.PReLU(), Linear(5, 1, rng=1)),
        functools.partial(huber_loss, delta=0.5),
        lambda: sine(20, seed=0),
        Adam,
    ),
    "two numbers a row": (
        lambda: MLP(2, 4, 2, activation="tanh", rng=4),
        mse_loss,
        lambda: (two_moons(20, seed=0)[0], two_moons(20, seed=0)[0][:, ::-1]),
        Adam,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_eager_and_compiled_give_the_same_numbers_over_fifty_steps(name: str) -> None:
    make, loss, data, optimiser = CASES[name]
    found = {}
    for backend in ("eager", "numpy"):
        model = make()
        chosen = optimiser(model.parameters(), learning_rate=0.05, weight_decay=0.01)
        history = quiet(
            model, *data(), loss=loss, optimiser=chosen, epochs=25, batch_size=10, validation=0.25, backend=backend
        )
        found[backend] = history, numbers(model)
    (eager, eager_numbers), (compiled, compiled_numbers) = found["eager"], found["numpy"]
    assert (eager.backend, compiled.backend) == ("eager", "numpy")
    assert eager.losses[-1] < eager.losses[0], "it learns, so that there is something to compare"
    assert compiled.losses == pytest.approx(eager.losses, abs=1e-10, rel=0)
    assert compiled.validation_losses == pytest.approx(eager.validation_losses, abs=1e-10, rel=0)
    assert compiled_numbers == pytest.approx(eager_numbers, abs=1e-10, rel=0)


def test_a_penalty_on_the_parameters_is_counted_once_in_both() -> None:
    X, y = sine(12, seed=0)
    losses = []
    for backend in ("eager", "numpy"):
        model = MLP(1, 3, 1, activation="tanh", rng=0)
        losses.append(quiet(model, X, y, loss=with_penalty(model), epochs=5, batch_size=5, backend=backend).losses)
    assert losses[0] == pytest.approx(losses[1], abs=1e-12)


def test_every_backend_of_the_compiler_can_be_asked_for() -> None:
    assert set(BACKENDS) == {"auto", "eager", *COMPILERS}


@pytest.mark.parametrize("backend", ["eager", "numpy", "auto"])
def test_the_same_seed_gives_the_same_bits(backend: str) -> None:
    X, y = two_moons(20, seed=0)

    def train(seed: int) -> list[float]:
        model = MLP(2, 3, 1, rng=0)
        quiet(model, X, y, loss=logits, epochs=3, batch_size=4, validation=0.2, seed=seed, backend=backend)
        return numbers(model)

    assert train(1) == train(1)
    assert train(1) != train(2)


# -------------------------------------------------------------------------------------- rows, targets, validation


@pytest.mark.parametrize("form", [np.array, tuple, list, lambda table: [tuple(row) for row in table]])
def test_rows_are_lists_tuples_or_arrays(form: Any) -> None:
    X, y = truth_table("xor")
    models = [MLP(2, 3, 1, rng=0) for _ in range(2)]
    losses = [
        quiet(model, rows, targets, loss=logits, epochs=3, backend="eager").losses
        for model, rows, targets in ((models[0], X, y), (models[1], form(X.tolist()), tuple(y.tolist())))
    ]
    assert losses[0] == losses[1]


def test_targets_may_be_a_column() -> None:
    X, y = two_moons(12, seed=0)
    found = [
        quiet(MLP(2, 3, 1, rng=0), X, targets, loss=logits, epochs=2, metrics=["accuracy"], backend=backend)
        for targets, backend in ((y, "eager"), (y[:, None], "eager"), (y[:, None], "numpy"))
    ]
    assert found[0].losses == found[1].losses == pytest.approx(found[2].losses, abs=1e-12)
    assert found[0].metrics == found[1].metrics == found[2].metrics


def test_rows_may_be_single_numbers_or_places_in_a_table() -> None:
    line = Line()
    quiet(line, [0.0, 1.0, 2.0], [1.0, 3.0, 5.0], loss=mse_loss, optimiser=SGD(line.parameters(), 0.2), epochs=200)
    assert numbers(line) == pytest.approx([2.0, 1.0], abs=1e-6)
    words = Sequential(Embedding(3, 1, rng=0))
    rows, targets = [0, 1, 2, 1], [0.5, -1.0, 2.0, -1.0]
    quiet(words, rows, targets, loss=mse_loss, optimiser=SGD(words.parameters(), 0.2), epochs=200, backend="eager")
    assert numbers(words) == pytest.approx([0.5, -1.0, 2.0], abs=1e-6)


def test_labels_may_be_text() -> None:
    X, y = three_clouds(60)
    names = [("ash", "birch", "cedar")[label] for label in y]
    models = [MLP(2, 6, 3, rng=0) for _ in range(2)]
    by_name = quiet(models[0], X, names, loss=cross_entropy, epochs=5, metrics=["accuracy"])
    by_number = quiet(models[1], X, y, loss=cross_entropy, epochs=5, metrics=["accuracy"])
    assert by_name.losses == by_number.losses
    assert by_name.metrics == by_number.metrics
    assert (by_name.classes, by_number.classes) == (("ash", "birch", "cedar"), ())
    sides = quiet(Neuron(2, rng=0), X, ["b" if label else "a" for label in y], loss=hinge_loss, metrics="accuracy")
    assert sides.classes == ("a", "b")
    assert sides.metrics["accuracy"][-1] > 0.8


def test_validation_holds_back_a_share_of_each_class_and_never_trains_on_it() -> None:
    trained_on: list[float] = []

    class Spy(Line):
        def forward(self, x: Any) -> Any:
            if self.training:
                trained_on.append(x)
            return super().forward(x)

    X, y = [float(number) for number in range(20)], [0] * 15 + [1] * 5
    model = Spy(0.0)
    history = quiet(model, X, y, loss=logits, epochs=2, validation=0.4, metrics=["accuracy"], backend="eager")
    assert len(set(trained_on)) == 12
    assert sum(x >= 15 for x in set(trained_on)) == 3, "three of the five rows of class 1"
    held = [(x, label) for x, label in zip(X, y, strict=True) if x not in trained_on]
    with no_grad():
        expected = float(logits([model(x) for x, _ in held], [label for _, label in held]))
    assert history.validation_losses[-1] == pytest.approx(expected, rel=1e-12)
    right = [(model.w.data * x + model.b.data > 0) == label for x, label in held]
    assert history.metrics["validation_accuracy"][-1] == sum(right) / 8


def test_validation_rows_may_be_given() -> None:
    X, y = three_clouds(30)
    names = [("ash", "birch", "cedar")[label] for label in y]
    model = MLP(2, 4, 3, rng=0)
    history = quiet(model, X, names, loss=cross_entropy, epochs=2, validation=(X[:6:3], ["ash", "ash"]))
    with no_grad():
        expected = float(cross_entropy([model(row) for row in X[:6:3]], [0, 0]))
    assert history.validation_losses[-1] == pytest.approx(expected, rel=1e-12)


def test_metrics_may_be_functions_and_agree_in_both_backends() -> None:
    X, y = three_clouds(30)

    def share_of_two(predicted: Any, actual: Any) -> float:
        return sum(number == 2 for number in predicted) / len(actual)

    found = []
    for backend in ("eager", "numpy"):
        wanted = ["accuracy", "precision", "recall", "f1", share_of_two]
        model = MLP(2, 4, 3, rng=0)
        found.append(quiet(model, X, y, loss=cross_entropy, epochs=3, metrics=wanted, backend=backend).metrics)
        with no_grad():
            predicted = [max(range(3), key=[float(score) for score in model(row)].__getitem__) for row in X]
        assert found[-1]["accuracy"][-1] == sum(map(int.__eq__, predicted, y)) / 30
        assert found[-1]["share_of_two"][-1] == predicted.count(2) / 30
    assert found[0] == found[1]
    numbered = quiet(MLP(1, 3, 1, rng=0), *sine(12, seed=0), loss=mse_loss, epochs=2, metrics={"far": max_distance})
    assert numbered.metrics["far"][-1] > 0.0


def max_distance(predicted: Any, actual: Any) -> float:
    return max(abs(p - t) for p, t in zip(predicted, actual, strict=True))


def test_metrics_may_be_one_function() -> None:
    def mistakes(predicted: Any, actual: Any) -> float:
        return float(sum(guess != truth for guess, truth in zip(predicted, actual, strict=True)))

    X, y = truth_table("or")
    history = fit(MLP(2, 1, rng=0), X, y, loss=binary_cross_entropy_with_logits, metrics=mistakes, epochs=2)
    assert history.metrics["mistakes"][-1] in range(5)


@pytest.mark.parametrize("backend", ["eager", FASTEST])
def test_classes_may_be_one_hot_or_soft(backend: str) -> None:
    X, y = two_moons(40, seed=0)
    one_hot = np.eye(2)[y]

    def run(targets: Any) -> Any:
        model = MLP(2, 4, 2, rng=0)
        following = record(follow=3)
        history = fit(
            model, X, targets, loss=cross_entropy, metrics=["accuracy", "f1"], epochs=4, backend=backend,
            validation=(X, targets), callbacks=following,
        )  # fmt: skip
        assert following.timeline is not None
        return history.losses, history.validation_losses, history.metrics

    assert run(y) == run(one_hot) == run(one_hot.astype(int).tolist())
    losses, validation_losses, metrics = run(0.8 * one_hot + 0.1)
    assert losses[-1] < losses[0]
    assert validation_losses[-1] > 0.325  # the entropy of 0.9, 0.1
    assert metrics["validation_accuracy"][-1] > 0.3


def test_a_target_that_is_not_a_distribution_is_named_by_its_row() -> None:
    with pytest.raises(ValueError, match=r"row 1 of y has the sum 1\.5, not 1"):
        fit(MLP(1, 2, rng=0), [[0.0], [1.0]], [[0.5, 0.5], [1.0, 0.5]], loss=cross_entropy)


def test_the_objects_of_a_run_can_be_pickled() -> None:
    X, y = two_moons(20, seed=0)
    model, following = MLP(2, 3, 1, rng=0), record()
    optimiser = Adam(model.parameters())
    schedule = Schedule(optimiser, warm_up(10, then=cosine_decay(20)))
    loss = binary_cross_entropy_with_logits
    history = fit(
        model, X, y, loss=loss, optimiser=optimiser, callbacks=following, epochs=3, early_stopping=EarlyStopping(2)
    )
    assert following.timeline
    health = nn.gradient_health(model, X, y, loss)
    error = nn.NonFiniteLossError("the loss became inf", 2, 1, history)
    run = (model, optimiser, schedule, history, following, health, error, exponential_decay(0.5), step_decay(2))
    again = pickle.loads(pickle.dumps(run))
    assert again[0].state_dict() == model.state_dict()
    for _ in range(12):
        schedule.step()
        again[2].step()
    assert again[1].learning_rate == optimiser.learning_rate
    assert again[1].parameters == list(again[0].parameters())
    assert again[4].to_html() == following.to_html()
    assert str(again[5].why("layers.0.weight[0][0]")) == str(health.why("layers.0.weight[0][0]"))
    assert (str(again[6]), again[6].epoch, again[6].row) == (str(error), 2, 1)


def test_a_custom_loss_takes_decide() -> None:
    X, y = two_moons(20, seed=0)

    def own(predictions: Any, targets: Any) -> Any:
        return 2.0 * logits(predictions, targets)

    with pytest.raises(ValueError, match="Give it as decide"):
        quiet(MLP(2, 3, 1, rng=0), X, y, loss=own, metrics=["accuracy"])
    model = MLP(2, 3, 1, rng=0)
    history = quiet(model, X, y, loss=own, epochs=9, metrics=["f1"], decide=lambda output: int(output[0] > 0.1))
    with no_grad():
        predicted = [int(model(row)[0].data > 0.1) for row in X]
    assert history.metrics["f1"][-1] == nn.metrics.f1(predicted, y.tolist())


# ------------------------------------------------------------------------------- early stopping, callbacks, Ctrl-C


@pytest.mark.parametrize("backend", ["eager", "numpy"])
def test_early_stopping_restores_the_best_epoch(backend: str) -> None:
    X, y = sine(16, noise=0.5, seed=3)
    model = MLP(1, 8, 1, activation="tanh", rng=0)
    optimiser = Adam(model.parameters(), learning_rate=0.1)
    after: list[list[float]] = []
    history = quiet(
        model,
        X,
        y,
        loss=mse_loss,
        optimiser=optimiser,
        epochs=200,
        validation=0.25,
        early_stopping=4,
        callbacks=lambda epoch: after.append(numbers(model)),
        backend=backend,
    )
    best = min(range(len(history)), key=history.validation_losses.__getitem__)
    assert len(history) == best + 5
    assert history.best == history.kept == best + 1
    assert history.stopped == "validation_loss was no better for 4 epochs"
    assert numbers(model) == after[best] != after[-1]


@pytest.fixture
def _without_callbacks_of_gc() -> Iterator[None]:
    """Hypothesis measures collections by a callback, and Python drops a Ctrl-C that comes inside one."""
    callbacks = list(gc.callbacks)
    gc.callbacks.clear()
    yield
    gc.callbacks.extend(callbacks)


@pytest.mark.skipif(sys.platform == "win32", reason="os.kill ends the process there")
@pytest.mark.parametrize("backend", ["eager", "numpy"])
@pytest.mark.usefixtures("_without_callbacks_of_gc")
def test_sigint_ends_the_training_soon_with_the_best_epoch_and_its_state(backend: str) -> None:
    X, y = sine(64, noise=0.5, seed=3)
    model = MLP(1, 8, 1, activation="tanh", rng=0)
    optimiser = Adam(model.parameters(), learning_rate=0.01)
    after: list[tuple[list[float], float]] = []
    sent = [math.inf]

    def send() -> None:
        sent[0] = time.perf_counter()
        os.kill(os.getpid(), signal.SIGINT)

    def remember(epoch: Any) -> None:
        after.append((numbers(model), optimiser.state[next(model.parameters())]["step"]))
        if len(after) == 2:
            threading.Timer(0.1, send).start()

    options: Any = {"loss": mse_loss, "optimiser": optimiser, "epochs": 10**6, "backend": backend}
    history = quiet(model, X, y, **options, callbacks=remember)
    assert time.perf_counter() - sent[0] < 1.0, "0.2 s on a machine with nothing else to do"
    assert history.stopped.startswith(f"Ctrl-C in epoch {len(history) + 1}; the parameters of epoch {history.best}")
    assert history.best is not None
    if history.best <= len(after):
        assert (numbers(model), optimiser.state[next(model.parameters())]["step"]) == after[history.best - 1]


def test_early_stopping_watches_its_monitor() -> None:
    X, y = two_moons(40, seed=0)
    stopping = EarlyStopping(patience=2, monitor="accuracy", least=0.5)
    model = MLP(2, 3, 1, rng=0)
    history = quiet(model, X, y, loss=logits, epochs=30, metrics=["accuracy"], early_stopping=stopping)
    assert (len(history), history.best, history.monitor) == (3, 1, "accuracy")
    with pytest.raises(ValueError, match="watches 'validation_loss', but what is measured is loss"):
        quiet(model, X, y, loss=logits, early_stopping=EarlyStopping(1, "validation_loss"))
    with pytest.raises(ValueError, match="at least 1, got 0"):
        quiet(model, X, y, loss=logits, early_stopping=0)


def test_callbacks_see_every_epoch_and_may_end_it() -> None:
    called: list[Epoch] = []
    later: list[int] = []
    X, y = truth_table("and")
    history = quiet(
        Neuron(2, rng=0),
        X,
        y,
        loss=logits,
        epochs=9,
        callbacks=[lambda epoch: called.append(epoch) or epoch.number == 3, lambda epoch: later.append(epoch.number)],
    )
    assert called == history.epochs
    assert later == [1, 2, 3], "every callback is called, whatever the others return"
    assert history.stopped == "a callback ended it after epoch 3"
    assert history.kept == 3


def test_ctrl_c_keeps_the_best_epoch_so_far(capsys: pytest.CaptureFixture[str]) -> None:
    after: list[list[float]] = []

    def interrupt(epoch: Epoch) -> None:
        after.append(numbers(model))
        if epoch.number == 6:
            raise KeyboardInterrupt

    X, y = sine(12, seed=0)
    model = MLP(1, 3, 1, activation="tanh", rng=0)
    optimiser = SGD(model.parameters(), learning_rate=1.5)  # too large: it jumps about
    history = fit(model, X, y, loss=mse_loss, optimiser=optimiser, callbacks=interrupt)
    best = min(range(6), key=history.losses.__getitem__)
    assert best != 5, "else this test shows nothing"
    assert history.best == history.kept == best + 1
    assert numbers(model) == after[best]
    message = f"Ctrl-C in epoch 7; the parameters of epoch {best + 1}, the best so far, were kept"
    assert history.stopped == message
    assert message in capsys.readouterr().err


def test_ctrl_c_inside_a_step_leaves_no_half_of_it() -> None:
    class Interrupted(SGD):
        calls = 0

        def updated(self, data: float, gradient: float, state: dict[str, float]) -> float:
            self.calls += 1
            if self.calls == 4:  # the second parameter, in the second step
                raise KeyboardInterrupt
            return super().updated(data, gradient, state)

    line = Line()
    by_hand = Line()
    history = quiet(line, [1.0], [3.0], loss=mse_loss, optimiser=Interrupted(line.parameters(), 0.1))
    assert (len(history), history.kept) == (1, 1)
    quiet(by_hand, [1.0], [3.0], loss=mse_loss, optimiser=SGD(by_hand.parameters(), 0.1), epochs=1)
    assert numbers(line) == numbers(by_hand)

    line, optimiser = Line(), Interrupted(Line().parameters(), 0.1)
    optimiser = Interrupted(line.parameters(), 0.1)
    optimiser.calls = 2  # the second parameter, in the first step
    history = quiet(line, [1.0], [3.0], loss=mse_loss, optimiser=optimiser)
    assert (len(history), history.kept) == (0, None)
    assert numbers(line) == [0.5, 0.0]
    assert "no epoch was finished" in history.stopped


# ----------------------------------------------------------------------------------------- what is not finite


def test_the_report_names_the_culprit_and_not_a_masked_score() -> None:
    class Masked(Module):
        def __init__(self) -> None:
            self.w = Parameter(0.0, label="w")

        def forward(self, x: Any) -> Any:
            masked = logsumexp([self.w * x, log(x * 0.0)])  # -inf, which exp takes to 0
            with scope("root of w"):
                root = sqrt(self.w)  # its gradient is inf
            return masked + root

    with pytest.raises(NonFiniteLossError, match="gradient became inf or nan in epoch 1, in row 0") as caught:
        quiet(Masked(), [1.0], [1.0], loss=mse_loss, backend="eager")
    message = str(caught.value)
    assert "the adjoint of 'w' (leaf, 0.0) became" in message
    assert "back through a node (sqrt, 0.0)" in message
    assert message.index("It is part of") < message.index("root of w")
    assert "log gave" not in message


@pytest.mark.parametrize("backend", ["eager", "numpy"])
def test_a_loss_that_is_not_finite_names_epoch_row_and_node(backend: str) -> None:
    class Exponential(Module):
        def __init__(self) -> None:
            self.layer = Linear(1, 1, rng=0)

        def forward(self, x: Any) -> Any:
            return exp(self.layer(x)[0])

    model = Exponential()
    model.layer.weight[0][0].data = 1.0
    X, y = [[0.1], [0.2], [5000.0], [0.3]], [1.0] * 4
    start = numbers(model)
    with pytest.raises(NonFiniteLossError) as caught:
        quiet(model, X, y, loss=mse_loss, batch_size=4, backend=backend)
    problem, message = caught.value, str(caught.value)
    assert (problem.epoch, problem.row, len(problem.history)) == (1, 2, 0)
    assert "the loss became inf in epoch 1, in row 2 of X" in message
    assert "exp gave inf, the first value that is not finite" in message
    assert "It is part of Exponential" in message
    assert "inf in epoch 1" in problem.history.stopped
    assert numbers(model) == start


@pytest.mark.parametrize("backend", ["eager", "numpy"])
def test_the_row_has_its_number_in_the_data(backend: str) -> None:
    class Logarithm(Line):
        def forward(self, x: Any) -> Any:
            return log(super().forward(x))

    model = Logarithm(1.0)
    X = [1.0 + number for number in range(10)]
    X[7] = -3.0
    with pytest.raises(NonFiniteLossError) as caught:
        quiet(model, X, [1.0] * 10, loss=mse_loss, validation=0.2, seed=0, batch_size=10, backend=backend)
    assert caught.value.row == 7
    assert numbers(model) == [1.0, 0.0]
    assert "log gave nan" in str(caught.value)


@pytest.mark.parametrize("backend", ["eager", "numpy"])
def test_a_gradient_that_is_not_finite_stops_too(backend: str) -> None:
    class Root(Module):
        def __init__(self) -> None:
            self.w = Parameter(2.0)

        def forward(self, x: Any) -> Any:
            return sqrt(self.w * x)

    model = Root()
    with pytest.raises(
        NonFiniteLossError, match=r"(?s)gradient became inf or nan in epoch 1, in row 1 of X.*sqrt"
    ) as caught:
        quiet(model, [1.0, 0.0, 4.0], [1.0, 2.0, 1.0], loss=mse_loss, backend=backend)
    assert caught.value.row == 1
    assert numbers(model) == [2.0]


def test_a_step_that_overflows_is_taken_back() -> None:
    line = Line()
    with pytest.raises(NonFiniteLossError, match="the step took parameter 'w' to") as caught:
        quiet(line, [1e200], [0.0], loss=huber_loss, optimiser=SGD(line.parameters(), 1e150))
    assert numbers(line) == [0.5, 0.0]
    assert len(caught.value.history) == 0


def test_the_parameters_are_those_before_the_bad_step() -> None:
    line = Line(1.0)
    after: list[list[float]] = []
    optimiser = SGD(line.parameters(), learning_rate=1e60)
    with pytest.raises(NonFiniteLossError) as caught:
        quiet(
            line, [1.0], [0.0], loss=mse_loss, optimiser=optimiser, callbacks=lambda epoch: after.append(numbers(line))
        )
    assert caught.value.epoch == len(caught.value.history) + 1 == len(after) + 1
    assert numbers(line) == after[-1]
    assert all(map(math.isfinite, after[-1]))


# -------------------------------------------------------------------------- what cannot be compiled, or not learnt


def test_dropout_is_trained_eagerly_and_says_why() -> None:
    X, y = two_moons(12, seed=0)

    def net() -> Module:
        return Sequential(Linear(2, 4, rng=0), "tanh", Dropout(0.5, rng=0), Linear(4, 1, rng=1))

    with pytest.warns(EagerFallbackWarning, match=r"(?s)Dropout draws at random.*backend='eager'"):
        history = quiet(net(), X, y, loss=logits, epochs=2)
    assert history.backend == "eager"
    assert quiet(net(), X, y, loss=logits, epochs=2, backend="eager").losses == history.losses
    with pytest.raises(CompileError, match="Dropout draws at random"):
        quiet(net(), X, y, loss=logits, epochs=2, backend="numpy")


def test_a_loss_that_is_not_a_mean_is_not_compiled() -> None:
    def sum_loss(predictions: Any, targets: Any) -> Any:
        return len(targets) * mse_loss(predictions, targets)

    X, y = sine(12, seed=0)
    with pytest.raises(ValueError, match="a compiled program takes the mean"):
        quiet(MLP(1, 3, 1, rng=0), X, y, loss=sum_loss, backend="numpy")
    with pytest.warns(EagerFallbackWarning, match="Write the loss as a mean"):
        assert quiet(MLP(1, 3, 1, rng=0), X, y, loss=sum_loss, epochs=2).backend == "eager"


def test_metrics_are_measured_with_dropout_switched_off() -> None:
    model = Sequential(Neuron(1, rng=0), Dropout(1.0, rng=0))
    with pytest.raises(TypeError, match="does not depend on the parameters"):
        quiet(model, [[1.0]], [1.0], loss=mse_loss, backend="eager")
    model = Sequential(Dropout(0.9, rng=0), Neuron(1, rng=0))
    neuron = model[1]
    X, y = [[1.0], [2.0], [3.0]], [1.0, 2.0, 4.0]
    history = quiet(model, X, y, loss=mse_loss, epochs=2, validation=(X, y), backend="eager")
    with no_grad():
        expected = float(mse_loss([neuron(row) for row in X], y))
    assert history.validation_losses[-1] == expected
    assert model.training


def test_the_modes_of_modules_are_as_they_were() -> None:
    model = Sequential(Linear(1, 1, rng=0), Dropout(0.5, rng=0)).eval()
    quiet(model, [[1.0], [2.0]], [1.0, 2.0], loss=mse_loss, epochs=1, backend="eager")
    assert [module.training for module in model.modules()] == [False, False, False]


@pytest.mark.parametrize("backend", ["eager", "numpy"])
def test_training_through_a_threshold_warns(backend: str) -> None:
    model = MLP(2, 3, 1, activation="threshold", output="threshold", rng=0)
    before = numbers(model)
    with pytest.warns(NothingLearntWarning, match="13 of 13 parameters cannot learn anything") as caught:
        history = quiet(model, *truth_table("or"), loss=mse_loss, epochs=2, backend=backend)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert numbers(model) == before
    assert history.losses[0] == history.losses[1]


# ------------------------------------------------------------------------------------------- what does not fit

PAIR = [[0.0, 1.0], [1.0, 0.0]]
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no rows": ({"X": [], "y": []}, "X has no rows"),
    "fewer targets": ({"y": [1.0]}, "X has 2 rows, y has 1 targets"),
    "longer rows": ({"X": [[1.0, 2.0, 3.0]] * 2}, "takes rows of 2 numbers, got 3"),
    "uneven rows": ({"X": [[1.0, 2.0], [1.0]]}, r"row 1 of X has the shape \(1,\), row 0 has \(2,\)"),
    "text in X": ({"X": [[1.0, 2.0], [3.0, "red"]]}, "row 1 of X, column 1 is 'red', which is not a number"),
    "None in X": ({"X": [[1.0, None], [3.0, 4.0]]}, "row 0 of X, column 1 is None"),
    "nan in X": ({"X": [[1.0, 2.0], [math.nan, 4.0]]}, "row 1 of X, column 0 is nan"),
    "inf in y": ({"y": [0.0, math.inf]}, "row 1 of y is inf"),
    "X is text": ({"X": "rows"}, "X is a list or an array with one entry for each row, got a str"),
    "X is a number": ({"X": np.array(1.0)}, "got one number"),
    "text and numbers in y": ({"y": ["yes", 1.0]}, "mixed: row 1 is 1.0"),
    "text to be fitted": ({"y": ["yes", "no"]}, "y has text .'yes' in row 0., but mse_loss needs numbers"),
    "one class of text": ({"y": ["yes", "yes"], "loss": logits}, "one class only, 'yes'"),
    "three classes of text": (
        {"X": [*PAIR, [1.0, 1.0]], "y": ["a", "b", "c"], "loss": logits},
        r"3 classes \(a, b, c\), but binary_cross_entropy_with_logits takes 2",
    ),
    "labels beyond 0 and 1": (
        {"y": [0, 2], "loss": logits},
        r"y has the label 2 \(row 1\), but .* takes labels 0 and 1",
    ),
    "labels of hinge": ({"y": [0, 1], "loss": hinge_loss}, r"label 0 \(row 0\), but hinge_loss takes labels -1 and 1"),
    "classes beyond the outputs": (
        {"model": MLP(2, 3, rng=0), "y": [0, 3], "loss": cross_entropy},
        r"y has the label 3 \(row 1\), but the model has 3 outputs, for the classes 0 to 2",
    ),
    "classes between": ({"model": MLP(2, 3, rng=0), "y": [0, 0.5], "loss": cross_entropy}, "the label 0.5"),
    "one output": ({"y": [0, 1], "loss": cross_entropy}, "one output for each class, but this model has 1"),
    "targets in another shape": ({"y": [[1.0, 2.0]] * 2}, r"\(1, 1\) and \(1, 2\)"),
    "epochs": ({"epochs": 0}, "epochs is a whole number, at least 1, got 0"),
    "batch size": ({"batch_size": 2.5}, "batch_size is a whole number, at least 1, got 2.5"),
    "validation share": ({"validation": 1.5}, "between 0 and 1, or .X, y., got 1.5"),
    "validation of three": ({"validation": (PAIR, [0.0, 1.0], None)}, "between 0 and 1, or .X, y., got"),
    "validation leaves nothing": ({"validation": 0.1}, "leaves one part empty"),
    "validation label": (
        {"y": ["a", "b"], "loss": logits, "validation": (PAIR, ["a", "z"])},
        r"the validation y has the class 'z' \(row 1\), which is not among a, b",
    ),
    "validation numbers": (
        {"y": [0, 1], "loss": logits, "validation": (PAIR, [0, 7])},
        r"the validation y has the label 7 \(row 1\)",
    ),
    "validation lengths": (
        {"validation": (PAIR, [1.0])},
        "the validation X has 2 rows, the validation y has 1 targets",
    ),
    "metric": ({"metrics": ["acuracy"]}, "there is no metric 'acuracy'. There are accuracy, "),
    "metric of numbers": ({"y": [0, 1], "loss": logits, "metrics": "r2"}, "r2 compares numbers, but this loss is for"),
    "optimiser's class": ({"optimiser": SGD}, "made for the parameters"),
    "optimiser of another": ({"optimiser": SGD(Line().parameters(), 0.1)}, "updates none of this model's parameters"),
    "loss without a graph": ({"loss": lambda p, t: 1.0}, r"the loss gave 1.0 \(float\), not a Value"),
    "backend": (
        {"backend": "abacus"},
        "backend is one of 'auto', 'eager', 'numpy', 'native', 'jax', 'javascript', got 'abacus'",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_errors_are_raised_before_any_training(name: str) -> None:
    change, message = WRONG[name]
    arguments: dict[str, Any] = {"model": MLP(2, 1, rng=0), "X": PAIR, "y": [0.0, 1.0], "loss": mse_loss, **change}
    before = numbers(arguments["model"])
    with pytest.raises((ValueError, TypeError), match=message):
        quiet(arguments.pop("model"), arguments.pop("X"), arguments.pop("y"), **arguments)
    assert before == numbers(change.get("model", MLP(2, 1, rng=0)))


# ------------------------------------------------------------------------------------------- progress and history


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_shows_epoch_and_loss_in_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = truth_table("xor")
    for stream, progress, shown in ((Terminal(), True, True), (Terminal(), False, False), (io.StringIO(), True, False)):
        monkeypatch.setattr(sys, "stderr", stream)
        fit(MLP(2, 3, 1, rng=0), X, y, loss=logits, epochs=3, progress=progress)
        output = stream.getvalue()
        assert bool(output) == shown
        if shown:
            assert "epoch 3/3: 100%" in output
            assert "12.0/12.0" in output
            assert ", loss 0." in output


def test_the_history_is_a_table_and_json() -> None:
    X, y = two_moons(40, seed=0)
    history = quiet(MLP(2, 3, 1, rng=0), X, y, loss=logits, epochs=30, metrics=["accuracy"], validation=0.25)
    lines = repr(history).split("\n")
    assert lines[0].startswith("30 epochs in ")
    assert lines[1].split() == ["epoch", "loss", "validation_loss", "accuracy", "validation_accuracy", "seconds"]
    assert len({len(line) for line in lines[1:-1]}) == 1, "columns are aligned"
    assert len(lines) <= 15
    assert lines[3].split()[0].lstrip("*") == "1"
    assert lines[-2].split()[0].lstrip("*") == "30"
    assert any(line.lstrip().startswith(f"*{history.best} ") for line in lines)
    plain = json.loads(history.to_json())
    assert plain["loss"] == history.losses
    assert plain["validation_accuracy"] == history.metrics["validation_accuracy"]
    assert (plain["epochs"], plain["stopped"]) == (30, "all epochs are done")
    assert history.seconds == pytest.approx(sum(plain["seconds"]))
    assert "NaN" not in nn.History([Epoch(1, math.nan)]).to_json()


def test_the_history_draws_itself() -> None:
    pytest.importorskip("matplotlib", reason='matplotlib is not installed: pip install ".[plot]"')
    X, y = sine(20, seed=0)
    history = quiet(MLP(1, 3, 1, rng=0), X, y, loss=mse_loss, epochs=5, validation=0.25)
    figure = history.plot(theme="dark")
    lines = [list(line.get_ydata()) for line in figure.axes[0].get_lines()]
    assert history.losses in lines
    assert history.validation_losses in lines


# ---------------------------------------------------------------------------------------------- metrics


def test_metrics_agree_with_scikit_learn() -> None:
    theirs = pytest.importorskip("sklearn.metrics", reason='scikit-learn is not installed: pip install ".[data]"')
    rng = random.Random(0)
    for classes, average in ((2, "binary"), (4, "macro")):
        for _ in range(20):
            predicted, actual = ([rng.randrange(classes) for _ in range(12)] for _ in range(2))
            chosen = {"average": average, "zero_division": 0.0}
            assert nn.metrics.accuracy(predicted, actual) == theirs.accuracy_score(actual, predicted)
            for ours, name in (("precision", "precision_score"), ("recall", "recall_score"), ("f1", "f1_score")):
                expected = getattr(theirs, name)(actual, predicted, **chosen)
                assert nn.metrics.METRICS[ours](predicted, actual) == pytest.approx(expected, abs=1e-15)
    p, t = ([rng.gauss(0, 1) for _ in range(9)] for _ in range(2))
    assert nn.metrics.r2(p, t) == pytest.approx(theirs.r2_score(t, p), rel=1e-12)
    assert nn.metrics.mean_absolute_error(p, t) == pytest.approx(theirs.mean_absolute_error(t, p), rel=1e-12)
    assert nn.metrics.mean_squared_error(p, t) == pytest.approx(theirs.mean_squared_error(t, p), rel=1e-12)


def test_metrics_that_are_not_defined() -> None:
    assert nn.metrics.f1([0, 0], [0, 0]) == 0.0, "nothing was looked for and nothing found"
    assert nn.metrics.f1([1, 1], [1, 1]) == 1.0
    with pytest.raises(ValueError, match="got 1 and 2"):
        nn.metrics.accuracy([1], [1, 0])
    with pytest.raises(ValueError, match="the list is empty"):
        nn.metrics.recall([], [])
    with pytest.raises(ValueError, match="but all 2 are 3"):
        nn.metrics.r2([1.0, 2.0], [3.0, 3.0])


# ---------------------------------------------------------------------------------------------- what is learnt


def test_two_moons_are_classified_without_an_error() -> None:
    X, y = two_moons(100, seed=0)
    model = MLP(2, 16, 16, 1, rng=0)
    history = quiet(model, X, y, loss=logits, epochs=150, batch_size=25, metrics=["accuracy"], backend="numpy")
    assert history.metrics["accuracy"][-1] == 1.0


def test_iris_is_learnt_as_well_as_scikit_learn_learns_it() -> None:
    pytest.importorskip("sklearn", reason='scikit-learn is not installed: pip install ".[data]"')
    from tests.benchmarks.learning import iris_folds

    ours = iris_folds(seed=0)
    assert sum(ours) / 5 >= 0.95


def test_digits_are_learnt_once_compiled() -> None:
    pytest.importorskip("sklearn", reason='scikit-learn is not installed: pip install ".[data]"')
    from tests.benchmarks.learning import handwritten, ours

    assert handwritten(ours, seed=0) >= 0.965


def test_values_from_elsewhere_are_left_alone() -> None:
    temperature = Value(2.0, label="temperature")
    line = Line()
    history = quiet(line, [1.0, 2.0], [1.0, 2.0], loss=lambda p, t: mse_loss(p, t) / temperature, epochs=2)
    assert temperature.data == 2.0
    assert history.losses[1] < history.losses[0]
    assert mean([1.0, 3.0]) == 2.0

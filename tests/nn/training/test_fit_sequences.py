"""`fit` on sequences of unequal length: the numbers of eager mode from one compiled program."""

from __future__ import annotations

import random
from typing import Any

import pytest

from autograd_core import tanh
from nn import GPT, SGD, AdamW, EagerFallbackWarning, Module, Parameter, RNNCell, cross_entropy, fit, mse_loss
from nn.data import Alphabet
from tests.support.backends import INSTALLED

ALPHABET = Alphabet(["ada", "bea", "abe", "dada"])
TOKENS = [ALPHABET.encode(name) for name in ("ada", "bea", "abe", "dada", "be", "a", "adabe")]
X, Y = [tokens[:-1] for tokens in TOKENS], [tokens[1:] for tokens in TOKENS]


class Recurrent(Module):
    """A number for each entry of a sequence."""

    def __init__(self) -> None:
        self.cell = RNNCell(1, 2, rng=0)
        self.gain = [Parameter(0.5), Parameter(-0.25)]

    def forward(self, xs: Any) -> list[Any]:
        h, outputs = [0.0, 0.0], []
        for x in xs:
            h = self.cell([x], h)
            outputs.append(self.gain[0] * h[0] + self.gain[1] * h[1])
        return outputs


def gpt(block_size: int = 8) -> GPT:
    return GPT(len(ALPHABET), block_size, n_embd=4, n_head=2, rng=1)


def trained(model: Module, X: Any, y: Any, backend: str, **options: Any) -> tuple[Any, list[float]]:
    history = fit(model, X, y, backend=backend, progress=False, seed=3, **options)
    assert history.backend == backend
    return history, [parameter.data for parameter in model.parameters()]


@pytest.mark.parametrize("backend", INSTALLED)
@pytest.mark.parametrize("batch_size", [1, 3])
def test_a_gpt_trains_on_names_as_in_eager_mode(batch_size: int, backend: str) -> None:
    options: dict[str, Any] = {"loss": cross_entropy, "epochs": 2, "batch_size": batch_size}
    options |= {"metrics": "accuracy", "validation": (X[-1:], Y[-1:])}  # the longest, longer than those for training
    expected, numbers = trained(gpt(), X[:-1], Y[:-1], "eager", **options)
    history, own = trained(gpt(), X[:-1], Y[:-1], backend, **options)
    for one, other in zip(history.epochs, expected.epochs, strict=True):
        assert one.all_numbers() == pytest.approx(other.all_numbers(), rel=1e-9)
    assert own == pytest.approx(numbers, rel=1e-9, abs=1e-12)


def test_decay_moves_the_places_that_no_name_reaches_in_both() -> None:
    results = []
    for backend in ("eager", INSTALLED[-1]):
        model = gpt(block_size=9)
        optimiser = AdamW(model.parameters(), learning_rate=0.1, weight_decay=0.5)
        results.append(trained(model, X[:2], Y[:2], backend, loss=cross_entropy, epochs=2, optimiser=optimiser)[1])
    assert results[1] == pytest.approx(results[0], rel=1e-9, abs=1e-12)


def test_outputs_of_one_number_and_the_optimiser_stepping_by_itself() -> None:
    class Own(SGD):
        def step(self) -> None:
            super().step()

    rng = random.Random(0)
    rows = [[rng.uniform(-1, 1) for _ in range(length)] for length in (1, 4, 2, 5, 3)]
    targets = [[tanh(x) - 0.5 for x in row] for row in rows]
    results = []
    for backend, kind in (("eager", SGD), (INSTALLED[-1], SGD), (INSTALLED[-1], Own)):
        model = Recurrent()
        options: dict[str, Any] = {"loss": mse_loss, "epochs": 3, "batch_size": 2, "metrics": "mean_absolute_error"}
        history, numbers = trained(model, rows, targets, backend, optimiser=kind(model.parameters(), 0.1), **options)
        results.append([*history.losses, *history.metrics["mean_absolute_error"], *numbers])
    assert results[1] == pytest.approx(results[0], rel=1e-9)
    assert results[2] == pytest.approx(results[0], rel=1e-9)


def test_sequences_of_equal_length_are_recognised_by_the_output() -> None:
    options: dict[str, Any] = {"loss": cross_entropy, "epochs": 1, "validation": 0.34}
    expected = fit(gpt(), X[:3], Y[:3], backend="eager", progress=False, **options)
    history = fit(gpt(), X[:3], Y[:3], progress=False, **options)
    assert [*history.losses, *history.validation_losses] == pytest.approx(
        [*expected.losses, *expected.validation_losses], rel=1e-9
    )


class BothWays(Recurrent):
    """One that reads the entries behind a position too."""

    def forward(self, xs: Any) -> list[Any]:
        return [a + b for a, b in zip(super().forward(xs), super().forward(xs[::-1])[::-1], strict=True)]


def test_a_model_that_reads_later_entries_trains_eagerly_and_says_why() -> None:
    rows, targets = [[0.5], [0.25, 1.0]], [[1.0], [0.0, 1.0]]
    with pytest.warns(EagerFallbackWarning, match="the number of position 1 depends on entry 2"):
        history = fit(BothWays(), rows, targets, loss=mse_loss, epochs=1, progress=False)
    assert history.backend == "eager"


@pytest.mark.parametrize(
    ("rows", "targets", "message"),
    [
        ([[0, 1], [2]], [[1, 2], [9]], "y has the label 9 .row 1., but the model has 5 outputs"),
        ([[0, 1], []], [[1, 2], []], "row 1 of X is empty"),
        ([[0, 1], [2]], [[1, 2], [float("nan")]], r"row 1 of y, column 0 is nan"),
        ([[0, 1], [2]], [1, 2], "Sequences may differ in length, where y has a target for each entry of X"),
        ([[0, 1], [2]], [[1, 2], [1, 2]], "Sequences may differ in length"),
        ([[0, 1], [[2]]], [[1, 2], [1]], "entry 0 of row 1 of X has the shape"),
        ([[0, 1], [2]], [[[0.5, 0.5, 0, 0, 0], [1, 0, 0, 0, 0]], [[1, 1, 0, 0, 0]]], "row 1 of y"),
    ],
)
def test_rows_that_are_no_sequences_for_this_model_are_refused(rows: Any, targets: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fit(gpt(), rows, targets, loss=cross_entropy, epochs=1, progress=False)


def test_a_loss_that_is_no_mean_is_refused_by_the_compiled_program() -> None:
    def total(outputs: Any, targets: Any) -> Any:
        return sum((output - target) ** 2 for output, target in zip(outputs, targets, strict=True))

    with pytest.raises(ValueError, match="the loss of the 2 positions of a row together"):
        fit(Recurrent(), [[0.5, 1.0], [1.0]], [[1.0, 0.0], [1.0]], loss=total, backend=INSTALLED[0], progress=False)

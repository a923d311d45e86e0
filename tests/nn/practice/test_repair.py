"""Every patient is sick as it came, each intended repair is accepted, another right one too, and a wrong one is not."""

from __future__ import annotations

import functools
import math
import random
import re
from typing import Any

import pytest

from autograd_core import equal, log, mean
from nn import Adam, fit, gradient_health, record, why_gradient
from nn.data import Standardiser
from nn.losses import binary_cross_entropy_with_logits, cross_entropy, mse_loss
from nn.modules.layers import Linear, Sequential
from nn.modules.mlp import MLP
from nn.practice import PATIENTS, Checkup, patient
from nn.practice.tasks import NEW_SEED, corners

Change = tuple[str, str]  # text of the source, and what to write instead

# By number: the repair that is meant, another right one, and one that looks like a repair and is none.
REPAIRS: dict[int, tuple[list[Change], list[Change], list[Change]]] = {
    1: (
        [("+=", "-=")],
        [("mse_loss([model(row)[0] for row in X], y)", "(-mse_loss([model(row)[0] for row in X], y))")],
        [("0.1", "0.001")],
    ),
    2: (
        [("        mse_loss", "        optimiser.zero_grad()\n        mse_loss")],
        [("optimiser.step()", "optimiser.step()\n        for p in model.parameters():\n            p.grad = None")],
        [("learning_rate=0.1", "learning_rate=0.5")],
    ),
    3: (
        [("b.data = -6.0", "b.data = 0.0")],
        [('"relu"', '"tanh"'), ("b.data = -6.0", "b.data = 0.1")],
        [("learning_rate=0.05", "learning_rate=0.5")],
    ),
    4: (
        [("learning_rate=1.2", "learning_rate=0.2")],
        [("SGD(model.parameters(), learning_rate=1.2)", "Adam(model.parameters(), learning_rate=0.3)")],
        [("range(40)", "range(80)")],
    ),
    5: (
        [("p.data = 0.5", "pass")],
        [("p.data = 0.5", "p.data = random.uniform(-1, 1)"), ("    model =", "    random.seed(3)\n    model =")],
        [("p.data = 0.5", "p.data = -1.0")],
    ),
    6: (
        [("p.data *= 100.0", "p.data *= 1.0")],
        [("p.data *= 100.0", "p.data *= 0.5")],
        [("learning_rate=0.05", "learning_rate=0.01")],
    ),
    7: (
        [("fit(model, X, y", "fit(model, X_train, y_train")],
        [("fit(model, X, y", "fit(model, X_train, y_train"), ("MLP(2, 16, 1", "MLP(2, 3, 1")],
        [("test=0.5", "test=0.3")],
    ),
    8: (
        [(", Softmax()", "")],
        [
            ("loss = cross_entropy", "loss = log_loss_of_shares"),
            ("return lambda row: softmax(model(row))", "return model"),
        ],
        [("learning_rate=0.05", "learning_rate=0.2")],
    ),
    9: (
        [("for several in zip(*scores)", "for several in scores"), ("totals[k]", "totals[row]")],
        [
            ("[totals[k] - scores[row][k] for row, k in enumerate(y)]", "[cross_entropy(scores, y)]"),
        ],
        [("range(150)", "range(300)")],
    ),
    10: (
        [("random.Random(0).shuffle(X)", "pass")],
        [("random.Random(0).shuffle(X)", "X, y = zip(*random.Random(0).sample(list(zip(X, y)), len(y)))")],
        [("epochs=200", "epochs=400")],
    ),
    11: (
        [
            ("fit(model, X,", "scale = Standardiser(X)\n    fit(model, scale(X).tolist(),"),
            ("return model", "return lambda row: model(scale([row])[0].tolist())"),
        ],
        [
            ("fit(model, X,", "fit(model, [[a, b / 1000 - 5] for a, b in X],"),
            ("return model", "return lambda row: model([row[0], row[1] / 1000 - 5])"),
        ],
        [("learning_rate=0.05", "learning_rate=0.001")],
    ),
    12: (
        [("float(h) for h in first(row)", "h for h in first(row)")],
        [("[[float(h) for h in first(row)] for row in X]", "list(map(first, X))"), ("rate=1.0", "rate=0.8")],
        [("learning_rate=1.0", "learning_rate=0.1")],
    ),
}  # fmt: skip
NUMBERS = [sick.number for sick in PATIENTS]


def test_its_code_fits_a_terminal_of_eighty_columns() -> None:
    assert max(len(f"    {line}") for sick in PATIENTS for line in sick.source.splitlines()) < 80


def log_loss_of_shares(p: Any, t: Any) -> Any:
    rows = zip(p, t, strict=True)
    return -mean([log(share) * equal(label, k) for shares, label in rows for k, share in enumerate(shares)])


def write(number: int, changes: list[Change]) -> Any:
    """The training of a patient with some changes, as a student writes it in a cell."""
    source = patient(number).source
    for old, new in changes:
        assert source.count(old) == 1, (number, old)
        source = source.replace(old, new)
    more: dict[str, Any] = {
        "random": random,
        "log_loss_of_shares": log_loss_of_shares,
        "Adam": Adam,
        "Standardiser": Standardiser,
        "cross_entropy": cross_entropy,
    }
    exec(source, more)
    return more["train"]


@functools.cache
def check(number: int, kind: int) -> Checkup:
    return patient(number).check(write(number, REPAIRS[number][kind]))


@pytest.mark.parametrize("number", NUMBERS)
def test_it_is_sick_as_it_came_and_its_source_is_what_was_run(number: int) -> None:
    sick = patient(number)
    copy = sick.check(write(number, []))
    assert not copy.repaired
    assert copy.measured == sick.measured


@pytest.mark.parametrize("number", NUMBERS)
def test_the_intended_repair_is_accepted(number: int) -> None:
    assert check(number, 0).repaired, check(number, 0)


@pytest.mark.parametrize("number", NUMBERS)
def test_another_right_repair_is_accepted(number: int) -> None:
    assert check(number, 1).repaired, check(number, 1)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_wrong_repair_is_not(number: int) -> None:
    assert not check(number, 2).repaired, check(number, 2)


def test_the_new_rows_are_other_rows() -> None:
    for sick in PATIENTS:
        new = sick._task.make(300, NEW_SEED)[0]
        assert not {tuple(row) for row in new} & {tuple(row) for row in sick.X}


def test_neither_source_nor_complaint_tells_the_fault() -> None:
    words = r"#|sign|zero_grad is|dead|rate is|equal|saturat|leak|twice|axis|shuffled|scal|detach|fault is"
    for sick in PATIENTS:
        assert not re.search(words, f"{sick.complaint} {sick.source}")


def test_it_fits_the_terminal_and_says_how_to_answer() -> None:
    text = "\n".join(map(str, patient(4).parts()))
    assert "patient(4).check(train)" in text
    assert "at most 0.05" in text


def test_a_checkup_prints_what_was_measured() -> None:
    text = str(check(1, 0))
    assert text.startswith("Patient 1: repaired")
    assert f"{check(1, 0).measured:.3g}" in text


def test_autograders_get_the_numbers() -> None:
    with pytest.raises(AssertionError, match="not repaired yet"):
        patient(1).require(write(1, []))
    patient(1).require(write(1, REPAIRS[1][0]))


def test_what_cannot_be_measured_is_refused() -> None:
    with pytest.raises(TypeError, match="Return the model, or a function"):
        patient(1).check(lambda X, y: None)
    with pytest.raises(TypeError, match="Return the model and the accuracy"):
        patient(7).check(lambda X, y: Linear(2, 1, rng=0))
    with pytest.raises(ZeroDivisionError):
        patient(1).check(lambda X, y: 1 / 0)
    assert not patient(1).check(lambda X, y: lambda row: math.nan).repaired


@pytest.mark.parametrize("number", [0, 13, True, 1.5])
def test_there_are_twelve(number: Any) -> None:
    with pytest.raises(ValueError, match=r"at least 1|from 1 to 12"):
        patient(number)


# ------------------------------------------------------------------------- the tools of diagnosis show the fault


def test_health_shows_a_layer_that_is_dead() -> None:
    sick = patient(3)
    health = gradient_health(sick.train(sick.X, sick.y), sick.X, sick.y, binary_cross_entropy_with_logits)
    assert health.layers[0].share("dead") == 1.0


def test_health_shows_a_layer_that_is_saturated() -> None:
    for number, loss in ((6, mse_loss), (11, binary_cross_entropy_with_logits)):
        sick = patient(number)
        health = gradient_health(sick.train(sick.X, sick.y), sick.X, sick.y, loss)
        assert health.layers[0].share("saturated") > 0.8


def test_why_finds_no_path_where_the_graph_is_cut() -> None:
    X, y = corners(4, 1)
    first, last = Sequential(Linear(2, 4, rng=0), "tanh"), Linear(4, 1, rng=1)
    loss = binary_cross_entropy_with_logits([last([float(h) for h in first(row)]) for row in X], [[t] for t in y])
    with pytest.raises(ValueError, match="no path connects them"):
        why_gradient(loss, next(first.parameters()))


def test_a_recording_shows_that_nothing_is_learnt() -> None:
    sick, last = patient(10), []
    for rows in (random.Random(0).sample(sick.X, len(sick.X)), sick.X):
        model, recorded = MLP(2, 8, 1, activation="tanh", rng=0), record()
        adam = Adam(model.parameters(), learning_rate=0.05)
        loss = binary_cross_entropy_with_logits
        fit(model, rows, sick.y, loss=loss, optimiser=adam, callbacks=recorded, progress=False)
        last.append(recorded.states[-1].loss)
    assert last[0] > 2 * last[1]

"""The training functions of the patients. Each has one fault; they are shown to students as they stand here."""
# No comment and no name may tell the fault: `Patient.source` shows these functions.

from __future__ import annotations

import random
from typing import Any

from autograd_core import logsumexp
from nn.data.preparation import split
from nn.losses import binary_cross_entropy_with_logits, cross_entropy, mse_loss
from nn.metrics import accuracy
from nn.modules.activations import Softmax
from nn.modules.layers import Linear, Sequential
from nn.modules.mlp import MLP
from nn.modules.softmax import softmax
from nn.optim import SGD, Adam
from nn.training.fit import fit


def train_1(X: Any, y: Any) -> Any:
    model = Linear(1, 1, rng=0)
    for _ in range(60):
        model.zero_grad()
        mse_loss([model(row)[0] for row in X], y).backward()
        for p in model.parameters():
            p.data += 0.1 * p.grad
    return model


def train_2(X: Any, y: Any) -> Any:
    model = Linear(1, 1, rng=0)
    optimiser = SGD(model.parameters(), learning_rate=0.1)
    for _ in range(60):
        mse_loss([model(row)[0] for row in X], y).backward()
        optimiser.step()
    return model


def train_3(X: Any, y: Any) -> Any:
    model = MLP(2, 16, 1, activation="relu", rng=0)
    for b in model.layers[0].bias:
        b.data = -6.0
    loss = binary_cross_entropy_with_logits
    adam = Adam(model.parameters(), learning_rate=0.05)
    fit(model, X, y, loss=loss, optimiser=adam, epochs=200, progress=False)
    return model


def train_4(X: Any, y: Any) -> Any:
    model = Linear(1, 1, rng=0)
    optimiser = SGD(model.parameters(), learning_rate=1.2)
    for _ in range(40):
        model.zero_grad()
        mse_loss([model(row)[0] for row in X], y).backward()
        optimiser.step()
    return model


def train_5(X: Any, y: Any) -> Any:
    model = MLP(2, 4, 1, activation="tanh", rng=0)
    for p in model.parameters():
        p.data = 0.5
    for _ in range(100):
        model.zero_grad()
        scores = [model(row) for row in X]
        binary_cross_entropy_with_logits(scores, y).backward()
        for p in model.parameters():
            p.data -= 0.5 * p.grad
    return model


def train_6(X: Any, y: Any) -> Any:
    model = MLP(1, 8, 1, activation="tanh", rng=0)
    for p in model.layers[0].parameters():
        p.data *= 100.0
    loss = mse_loss
    adam = Adam(model.parameters(), learning_rate=0.05)
    fit(model, X, y, loss=loss, optimiser=adam, epochs=200, progress=False)
    return model


def train_7(X: Any, y: Any) -> Any:
    X_train, X_test, y_train, y_test = split(X, y, test=0.5, seed=0)
    model = MLP(2, 16, 1, activation="tanh", rng=0)
    loss = binary_cross_entropy_with_logits
    adam = Adam(model.parameters(), learning_rate=0.05)
    fit(model, X, y, loss=loss, optimiser=adam, epochs=400, progress=False)
    guesses = [int(model(row)[0] > 0) for row in X_test]
    return model, accuracy(guesses, y_test)


def train_8(X: Any, y: Any) -> Any:
    model = Sequential(Linear(2, 3, rng=0), Softmax())
    loss = cross_entropy
    adam = Adam(model.parameters(), learning_rate=0.05)
    fit(model, X, y, loss=loss, optimiser=adam, epochs=200, progress=False)
    return lambda row: softmax(model(row))


def train_9(X: Any, y: Any) -> Any:
    model = Linear(2, 3, rng=0)
    optimiser = Adam(model.parameters(), learning_rate=0.1)
    for _ in range(150):
        optimiser.zero_grad()
        scores = [model(row) for row in X]
        totals = [logsumexp(list(several)) for several in zip(*scores)]
        losses = [totals[k] - scores[row][k] for row, k in enumerate(y)]
        (sum(losses) / len(y)).backward()
        optimiser.step()
    return lambda row: softmax(model(row))


def train_10(X: Any, y: Any) -> Any:
    model = MLP(2, 8, 1, activation="tanh", rng=0)
    X = list(X)
    random.Random(0).shuffle(X)
    loss = binary_cross_entropy_with_logits
    adam = Adam(model.parameters(), learning_rate=0.05)
    fit(model, X, y, loss=loss, optimiser=adam, epochs=200, progress=False)
    return model


def train_11(X: Any, y: Any) -> Any:
    model = MLP(2, 8, 1, activation="tanh", rng=0)
    loss = binary_cross_entropy_with_logits
    adam = Adam(model.parameters(), learning_rate=0.05)
    fit(model, X, y, loss=loss, optimiser=adam, epochs=200, progress=False)
    return model


def train_12(X: Any, y: Any) -> Any:
    first = Sequential(Linear(2, 4, rng=0), "tanh")
    last = Linear(4, 1, rng=1)
    parameters = [*first.parameters(), *last.parameters()]
    optimiser = SGD(parameters, learning_rate=1.0)
    for _ in range(100):
        optimiser.zero_grad()
        hidden = [[float(h) for h in first(row)] for row in X]
        scores = [last(row) for row in hidden]
        targets = [[label] for label in y]
        binary_cross_entropy_with_logits(scores, targets).backward()
        optimiser.step()
    return lambda row: last(first(row))


TRAININGS = (
    train_1,
    train_2,
    train_3,
    train_4,
    train_5,
    train_6,
    train_7,
    train_8,
    train_9,
    train_10,
    train_11,
    train_12,
)

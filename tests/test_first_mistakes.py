"""Mistakes of the first hour: each error says what to do instead."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import nn
from autograd_core import Value, grad

X = Value(2.0, label="x")
MODEL = nn.MLP(1, 2, 1, rng=0)


@pytest.mark.parametrize(
    ("mistake", "message"),
    [
        (lambda: X ^ 2, r"^\^ is not a power in Python: write x\*\*2"),
        (lambda: 2 ^ X, r"^\^ is not a power in Python"),
        (lambda: Value(np.array(2.0)), r"array of shape \(\).*array\.item\(\)"),  # type: ignore[arg-type]
        (lambda: Value(np.array([2.0])), r"Make one Value per number"),  # type: ignore[arg-type]
        (
            lambda: grad(X * X),
            r"takes a function, got a Value: a node \(multiply, 4\.0\)\. .*y\.backward\(\)",
        ),  # type: ignore[arg-type]
        (lambda: nn.fit(MODEL, [[1.0]], [1.0], loss="mse"), r"^loss is a function of .*nn\.mse_loss, got 'mse'"),
        (lambda: nn.load(MODEL, Path("model")), r"^load takes the file first.*load\(path, into=model\)"),  # type: ignore
    ],
)
def test_the_error_says_what_to_do_instead(mistake: Callable[[], object], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        mistake()


def test_a_misspelt_name_of_nn_can_be_guessed_by_the_prompt() -> None:
    with pytest.raises(AttributeError, match="module 'nn' has no 'Liner'") as caught:
        nn.Liner  # noqa: B018
    assert (caught.value.name, caught.value.obj) == ("Liner", sys.modules["nn"])

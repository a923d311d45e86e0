"""The page on which a recorded training goes on begins with the settings of the training."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from nn import MLP, SGD, Adam, AdamW, fit, mse_loss, record

X, Y = [[0.0], [1.0], [2.0]], [0.0, 1.0, 0.0]


@pytest.mark.parametrize(
    ("optimiser", "batch_size", "settings"),
    [
        (lambda own: SGD(own, 0.25), 32, {"optimiser": "SGD", "rate": 0.25, "batch": 0}),
        (lambda own: SGD(own, 0.5, momentum=0.9), 2, {"optimiser": "momentum", "rate": 0.5, "batch": 2}),
        (lambda own: Adam(own, 0.03), 3, {"optimiser": "Adam", "rate": 0.03, "batch": 0}),
        (lambda own: AdamW(own, 0.03), 1, {"optimiser": "SGD", "rate": 0.1, "batch": 1}),
    ],
)
def test_it_goes_on_with_the_optimiser_rate_and_batch(
    optimiser: Callable[[Iterable[Any]], Any], batch_size: int, settings: dict[str, Any]
) -> None:
    model, recording = MLP(1, 2, 1, activation="tanh", rng=0), record()
    own = optimiser(model.parameters())
    fit(model, X, Y, loss=mse_loss, optimiser=own, epochs=2, batch_size=batch_size, callbacks=recording)
    found = re.search('<script type="application/json">(.*?)</script>', recording.to_html(live=True), re.DOTALL)
    assert found is not None
    assert json.loads(found[1])["settings"] == settings

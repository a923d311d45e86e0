"""The page on which a recorded training goes on begins with the settings of the training."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from nn import MLP, SGD, Adam, AdamW, Dropout, LayerNorm, Linear, Module, Sequential, fit, mse_loss, record

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
    assert data_of(recording.to_html(live=True))["settings"] == settings


def data_of(page: str) -> dict[str, Any]:
    found = re.search('<script type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


class Negated(MLP):
    """Another function than that of its layers."""

    def forward(self, x: Any) -> list[Any]:
        return [-y for y in super().forward(x)]


@pytest.mark.parametrize(
    ("model", "sizes"),
    [
        (MLP(1, 3, 2, 1, rng=0), [1, 3, 2, 1]),
        (Sequential(Linear(1, 2, rng=0), "tanh", Dropout(0.5, rng=0), Linear(2, 1, bias=False, rng=1)), [1, 2, 1]),
        (Sequential(MLP(1, 2, rng=0), Sequential(Linear(2, 1, rng=0))), [1, 2, 1]),
        (Linear(1, 1, rng=0), [1, 1]),
        (Sequential("tanh", Linear(1, 1, rng=0)), []),
        (Sequential(Linear(1, 2, rng=0), LayerNorm(2), Linear(2, 1, rng=1)), []),
        (Negated(1, 2, 1, rng=0), []),
    ],
)
def test_the_network_is_shown_where_the_layers_are_known(model: Module, sizes: list[int]) -> None:
    recording = record()
    recording.begin(model, X, Y, mse_loss)
    page = data_of(recording.to_html(live=True))
    network = page["network"]
    if not sizes:
        assert network is None
        return
    assert list(map(len, network["units"])) == sizes
    linear = [module for module in model.modules() if isinstance(module, Linear)]
    weights = [[[weight.data for weight in row] for row in layer.weight] for layer in linear]
    assert [[[page["parameters"][at] for at in row] for row in layer] for layer in network["weights"]] == weights

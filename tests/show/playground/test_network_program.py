"""The program that the page writes of a network: value and gradient are those of the compiled network."""

from __future__ import annotations

import functools
import itertools
import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_core import (
    Value,
    compile,  # noqa: A004
)
from autograd_core.show.playground.compiled_pieces import ACTIVATIONS, LOSSES, PENALTIES, compiled_pieces

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="runs under Node.js: apt-get install nodejs")

_SCRIPT = Path(__file__).with_name("run_network.js")
_pieces = functools.cache(compiled_pieces)


def in_javascript(network: dict[str, Any], parameters: list[float], strength: float, X: Any, y: Any) -> list[float]:
    request = {"pieces": _pieces(), "network": network, "parameters": parameters, "strength": strength, "X": X, "y": y}
    command = ["node", "--experimental-default-type=module", "--no-warnings", str(_SCRIPT)]
    run = subprocess.run(command, input=json.dumps(request), capture_output=True, text=True, check=True)
    found: list[float] = json.loads(run.stdout)
    return found


def by_the_compiler(network: dict[str, Any], numbers: list[float], strength: float, X: Any, y: Any) -> list[float]:
    """The same network in loops over Values."""
    sizes, values = network["sizes"], [Value(number) for number in numbers]
    rest, layers = iter(values), []
    for inputs, outputs in itertools.pairwise(sizes):
        weights = [[next(rest) for _ in range(inputs)] for _ in range(outputs)]
        biases = [next(rest) for _ in range(outputs)]
        learns = network["activations"][len(layers) : len(layers) + 1] == ["prelu"]
        layers.append((weights, biases, [next(rest)] if learns else []))

    def loss(row: list[Any], target: Any) -> Any:
        h = row
        for number, (weights, biases, learnt) in enumerate(layers):
            z = [sum([w * x for w, x in zip(line, h, strict=True)], b) for line, b in zip(weights, biases, strict=True)]
            function = ACTIVATIONS[network["activations"][number]] if number < len(layers) - 1 else None
            h = z if function is None else [function(each, *learnt) for each in z]
        return LOSSES[network["loss"]](h[0], target)

    def penalty() -> Any:
        weights = [w for matrix, _, _ in layers for line in matrix for w in line]
        return sum(PENALTIES[network["penalty"]](w, strength) for w in weights) if network["penalty"] else Value(0.0)

    program = compile(loss, example=(X[0], y[0]), parameters=values, once=penalty, backend="numpy")
    value, gradient = program.value_and_grad(X, y)
    return [value, *gradient]


NETWORKS = [
    ([2, 1], [], "logistic", ""),
    ([1, 1, 1], ["linear"], "squared", "L2"),
    ([2, 4, 3, 1], ["threshold", "tanh"], "hinge", "L1"),
    *(([3, 5, 1], [name], "logistic", "L2") for name in ACTIVATIONS),
    ([7, 8, 8, 8, 8, 1], ["relu", "sigmoid", "gelu", "elu"], "logistic", ""),
    ([2, 1, 8, 1, 1], ["swish", "softplus", "leaky relu"], "squared", "L1"),
    ([2, 4, 3, 5, 1], ["prelu", "tanh", "prelu"], "logistic", "L2"),
]


@pytest.mark.parametrize(("sizes", "activations", "loss", "penalty"), NETWORKS)
def test_it_gives_what_the_compiled_network_gives(sizes: Any, activations: Any, loss: str, penalty: str) -> None:
    generator = random.Random(f"{sizes}{activations}")
    network = {"sizes": sizes, "activations": activations, "loss": loss, "penalty": penalty}
    count = sum(outputs * (inputs + 1) for inputs, outputs in itertools.pairwise(sizes)) + activations.count("prelu")
    parameters = [generator.gauss(0, 1) for _ in range(count)]
    X = [[generator.gauss(0, 1) for _ in range(sizes[0])] for _ in range(23)]
    y = [float(generator.randrange(2)) for _ in X]
    found = in_javascript(network, parameters, 0.03, X, y)
    expected = by_the_compiler(network, parameters, 0.03, X, y)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-13)

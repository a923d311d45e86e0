"""Where a gradient ends: the counts of the page are those of the gradients of the engine, row by row."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from autograd_core import Value, relu
from autograd_core.show.playground.compiled_pieces import compiled_pieces, logistic_loss


@pytest.mark.skipif(shutil.which("node") is None, reason="runs under Node.js: apt-get install nodejs")
def test_the_counts_are_those_of_the_engine() -> None:
    script = Path(__file__).with_name("gradient_ends.js")
    request = {"pieces": compiled_pieces(), "address": "net=3relu-2relu&weights=large&data=moons&seed=3"}
    command = ["node", "--experimental-default-type=module", "--no-warnings", str(script)]
    run = subprocess.run(command, input=json.dumps(request), capture_output=True, text=True, check=True)
    page = json.loads(run.stdout)
    expected = [Counter[str]() for _ in range(6)]
    for x1, x2, target in page["points"]:
        w = [Value(number) for number in page["parameters"]]
        z = [w[2 * unit] * x1 + w[2 * unit + 1] * x2 + w[6 + unit] for unit in range(3)]
        h = [relu(each) for each in z]
        above = [sum((w[9 + 3 * unit + i] * h[i] for i in range(3)), w[15 + unit]) for unit in range(2)]
        loss = logistic_loss(w[17] * relu(above[0]) + w[18] * relu(above[1]) + w[19], target)
        loss.backward()
        for weight in range(6):
            unit = weight // 2
            if w[weight].grad:
                end = "reached"
            elif all(each.data <= 0 for each in above):
                end = "in layer 2, where every gate is closed"
            elif not h[unit].grad:
                end = f"before unit {unit + 1} of layer 1: no open path leads back to it"
            else:
                end = f"at the closed gate of unit {unit + 1} of layer 1"
            expected[weight][end] += 1
    for found, counts in zip(page["found"], expected, strict=True):
        assert {"reached": found["reached"], **dict(found["ends"])} == {"reached": 0, **counts}
    assert len(set().union(*expected)) > 2

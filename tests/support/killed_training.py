"""A training in a process of its own that is killed at random moments, and started again."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.support.imports import ROOT

PROGRAM = """
import sys
import nn
from nn.data import two_moons
X, y = two_moons(40, noise=0.1, seed=0)
model = nn.MLP(2, 3, 1, rng=0)
checkpoints = nn.Checkpoints(sys.argv[2], every=2) if len(sys.argv) > 2 else None
options = {"epochs": int(sys.argv[1]), "batch_size": 16, "progress": False, "backend": "numpy"}
nn.fit(model, X, y, loss=nn.mse_loss, checkpoints=checkpoints, **options)
print(*[repr(p.data) for p in model.parameters()])
"""


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "JAX_PLATFORMS": "cpu"}


def train(epochs: int, *folder: str) -> str:
    """The parameters after a training that nothing interrupts."""
    command = [sys.executable, "-c", PROGRAM, str(epochs), *folder]
    return subprocess.run(command, env=_environment(), capture_output=True, text=True, check=True, cwd=ROOT).stdout


def train_and_kill(epochs: int, folder: Path, times: int, most: float, generator: random.Random) -> list[int]:
    """Start the training `times` times, and kill it within `most` seconds of its first checkpoint; returns the last
    checkpoint after each. A run that ends before that ends the list."""
    last = []
    for _ in range(times):
        command = [sys.executable, "-c", PROGRAM, str(epochs), str(folder)]
        process = subprocess.Popen(command, env=_environment(), cwd=ROOT, stdout=subprocess.DEVNULL)
        known = _entries(folder)
        while process.poll() is None and _entries(folder) <= known:
            time.sleep(0.01)  # until it writes
        time.sleep(generator.uniform(0.0, most))
        if process.poll() is not None:
            return last
        process.send_signal(signal.SIGKILL)
        process.wait()
        last.append(max((int(name) for name in _entries(folder) if name.isdigit()), default=0))
    return last


def _entries(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.exists() else set()

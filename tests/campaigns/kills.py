"""kill -9 at random moments: a training that is started again each time ends with the numbers of one that is not
killed, bit for bit."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

from tests.support.killed_training import train, train_and_kill

KILLS = 20
EPOCHS_PER_KILL = 12  # so that the training is not over before the last


def run(part: float = 1.0) -> str:
    """How often it was killed, and after which steps. Raises AssertionError where a number at the end is another."""
    kills = max(1, round(KILLS * part))
    epochs = EPOCHS_PER_KILL * kills
    expected = train(epochs)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "run"
        last = train_and_kill(epochs, folder, kills, 0.5, random.Random(0))
        assert len(last) == kills, f"the training was over after {len(last)} kills: {last}"
        assert train(epochs, str(folder)) == expected, "the parameters differ"
    return f"{kills} kills, after the checkpoints of steps {', '.join(map(str, last))}: bit for bit"

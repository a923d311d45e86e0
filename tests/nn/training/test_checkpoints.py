"""A training that is killed continues from its last whole checkpoint, bit for bit."""

from __future__ import annotations

import json
import random
import shutil
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from nn.data import two_moons
from nn.training.checkpoints import CheckpointWarning
from tests.support import killed_training
from tests.support.killed_training import train_and_kill

pytest.importorskip("orbax.checkpoint", reason="writes checkpoints: pip install -e '.[checkpoints]'")

X, Y = two_moons(40, noise=0.1, seed=0)


def train(folder: Path | None, epochs: int = 4, every: int = 3, **options: Any) -> tuple[list[Any], list[float]]:
    """(what was measured, the parameters) after a training of steps in groups of unequal size."""
    model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.Tanh(), nn.Dropout(0.2, rng=1), nn.Linear(3, 1, rng=2))
    arguments: dict[str, Any] = {
        "loss": nn.binary_cross_entropy_with_logits,
        "optimiser": nn.Adam(model.parameters(), 0.05),
        "batch_size": 7,
        "validation": 0.25,
        "early_stopping": 50,
        "metrics": "accuracy",
        "progress": False,
        "backend": "eager",
        **options,
    }
    checkpoints = None if folder is None else nn.Checkpoints(folder, every=every)
    history = nn.fit(model, X, Y, epochs=epochs, checkpoints=checkpoints, **arguments)
    return [(e.number, e.loss, e.validation_loss, dict(e.metrics)) for e in history.epochs], [
        parameter.data for parameter in model.parameters()
    ]


class StopError(Exception):
    pass


@pytest.mark.parametrize("last", [0, 1, 2])
def test_the_same_call_continues_bit_for_bit(tmp_path: Path, last: int) -> None:
    """Dropout, Adam's averages, the best epoch and the order of the rows are all where they were."""
    expected = train(None)

    def stop(epoch: nn.Epoch) -> None:
        if epoch.number > last:
            raise StopError

    with pytest.raises(StopError):
        train(tmp_path / "run", callbacks=stop)
    assert train(tmp_path / "run") == expected


def test_compiled_steps_and_a_schedule_continue(tmp_path: Path) -> None:
    def run(folder: Path | None, most: int) -> list[float]:
        model = nn.MLP(2, 3, 1, rng=0)
        optimiser = nn.SGD(model.parameters(), 0.1, momentum=0.9)
        schedule = nn.Schedule(optimiser, nn.exponential_decay(0.9))

        def callback(epoch: nn.Epoch) -> None:
            schedule.step()
            if epoch.number == most:
                raise StopError

        options: dict[str, Any] = {"epochs": 6, "batch_size": 7, "progress": False, "backend": "numpy"}
        checkpoints = nn.Checkpoints(folder, every=4) if folder else None
        nn.fit(
            model, X, Y, loss=nn.mse_loss, optimiser=optimiser, callbacks=callback, checkpoints=checkpoints, **options
        )
        return [*[parameter.data for parameter in model.parameters()], optimiser.learning_rate]

    expected = run(None, 100)
    with pytest.raises(StopError):
        run(tmp_path / "run", 3)
    assert run(tmp_path / "run", 100) == expected


def damage(folder: Path, generator: random.Random, kind: str) -> None:
    """Cut off, change or empty one of the files with numbers in it."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.stat().st_size > 100 and "/d/" in str(path)]
    path = max(files, key=lambda file: file.stat().st_size)
    content = bytearray(path.read_bytes())
    if kind == "cut":
        del content[len(content) // 2 :]
    elif kind == "empty":
        content.clear()
    else:
        content[generator.randrange(len(content))] ^= 1 << generator.randrange(8)
    path.write_bytes(content)


# What an empty file leads to inside Orbax is raised here, and by a part of it once more when that is collected.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("kind", ["cut", "empty", "flipped"])
def test_a_damaged_checkpoint_is_refused_and_the_one_before_it_used(tmp_path: Path, kind: str) -> None:
    expected = train(None)
    train(tmp_path / "run", epochs=3)
    steps = sorted(int(path.name) for path in (tmp_path / "run").iterdir())
    damage(tmp_path / "run" / str(steps[-1]), random.Random(0), kind)
    with pytest.warns(CheckpointWarning, match=f"of step {steps[-1]} in run is damaged"):
        found = nn.Checkpoints(tmp_path / "run").last()
    assert found is not None
    assert found[0] == steps[-2]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CheckpointWarning)
        assert train(tmp_path / "run") == expected


def test_what_is_refused(tmp_path: Path) -> None:
    train(tmp_path / "run", epochs=2)
    with pytest.raises(ValueError, match="of another training: another model, other data, or other settings"):
        train(tmp_path / "run", batch_size=8)
    with pytest.raises(ValueError, match="a recording cannot continue from a checkpoint"):
        train(tmp_path / "run", callbacks=nn.record())
    with pytest.raises(ValueError, match="every"):
        nn.Checkpoints(tmp_path, every=0)


def test_a_run_that_is_killed_again_and_again_ends_as_one_that_is_not(tmp_path: Path) -> None:
    """Three times; `python -m tests.campaigns kills` kills it twenty times."""
    folder = tmp_path / "run"
    train_and_kill(12, folder, 3, 0.3, random.Random(0))
    assert killed_training.train(12, str(folder)) == killed_training.train(12)


# ------------------------------------------------------------------------------------- checkpoints from strangers

TRIALS = 16


@pytest.fixture
def two_checkpoints(tmp_path: Path) -> Path:
    checkpoints = nn.Checkpoints(tmp_path / "run", every=1)
    for step in (1, 2):
        checkpoints.save(step, {"parameters": np.arange(50.0), "has": np.ones(3, np.uint8)}, {"step": step})
    checkpoints.close()
    return tmp_path / "run"


# What a damaged file leads to inside Orbax is raised here, and by a part of it once more when that is collected.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_whatever_is_damaged_the_content_is_that_of_a_whole_checkpoint(two_checkpoints: Path, tmp_path: Path) -> None:
    """Truncated, with flipped bits, or another length: in any of the files, each in turn."""
    files = sorted(path.relative_to(two_checkpoints) for path in (two_checkpoints / "2").rglob("*") if path.is_file())
    source, used = random.Random(0), []
    for trial in range(max(TRIALS, len(files))):
        copied = shutil.copytree(two_checkpoints, tmp_path / f"copy {trial}")
        path = copied / files[trial % len(files)]
        content = bytearray(path.read_bytes())
        place = source.randrange(len(content))
        if trial % 3 == 0:
            del content[place:]
        elif trial % 3 == 1:
            content[place] ^= 1 << source.randrange(8)
        else:
            content[place : place + 8] = b"\xff" * 8
        path.write_bytes(content)
        reader = nn.Checkpoints(copied)
        with warnings.catch_warnings(record=True) as given:
            warnings.simplefilter("always")
            found = reader.last()
        reader.close()
        assert found is not None
        step, arrays, about = found
        assert about == {"step": step}
        assert arrays["parameters"].tolist() == [float(i) for i in range(50)]
        assert (step == 1) == any("step 2 in" in str(warning.message) for warning in given)
        used.append(step)
    assert used.count(1) > 3


def test_a_small_file_cannot_ask_for_much_memory(two_checkpoints: Path) -> None:
    tensorstore = pytest.importorskip("tensorstore")
    store = tensorstore.KvStore.open({"driver": "ocdbt", "base": f"file://{two_checkpoints}/2/arrays/"}).result()
    about = json.loads(store.read("parameters/.zarray").result().value)
    store.write("parameters/.zarray", json.dumps({**about, "shape": [1 << 40]}).encode()).result()
    with pytest.warns(CheckpointWarning, match=r"said to have 8,796,093,022,211 bytes, and at most 1,073,741,824"):
        found = nn.Checkpoints(two_checkpoints).last()
    assert found is not None
    assert found[0] == 1


WRONG: list[tuple[str, Any]] = [
    ("place", {"epoch": -3, "done": 0, "total": 0.0}),
    ("place", {"epoch": "one", "done": 0, "total": 0.0}),
    ("place", [1, 2]),
    ("gauss", []),
    ("epochs", [{"number": 1}]),
    ("epochs", 7),
    ("monitor", [None, 0, 0]),
    ("monitor", [1, 0, 0, {}]),
    ("learning_rate", None),
    ("learning_rate", -1.0),
]


@pytest.mark.parametrize(("key", "content"), WRONG)
def test_the_right_checksum_over_a_wrong_content_is_refused(tmp_path: Path, key: str, content: Any) -> None:
    forge(tmp_path / "run", {key: content}, {})
    with pytest.raises(ValueError, match="the last checkpoint is not one of a training of this model"):
        train(tmp_path / "run")


@pytest.mark.parametrize("name", ["parameters", "generators", "best parameters", "state "])
@pytest.mark.parametrize("array", [np.zeros(3), np.zeros((2, 2)), np.zeros(13, np.complex128)])
def test_the_right_checksum_over_wrong_arrays_is_refused(tmp_path: Path, name: str, array: Any) -> None:
    forge(tmp_path / "run", {}, {name: array})
    with pytest.raises(ValueError, match="the last checkpoint is not one of a training of this model"):
        train(tmp_path / "run")


def forge(folder: Path, about: dict[str, Any], arrays: dict[str, Any]) -> None:
    """Another last checkpoint of a training, with some of its content exchanged; names of arrays by how they begin."""
    train(folder, epochs=2, every=5)
    checkpoints = nn.Checkpoints(folder)
    found = checkpoints.last()
    assert found is not None
    step, old_arrays, old_about = found
    for name, array in arrays.items():
        old_arrays[next(key for key in old_arrays if key.startswith(name))] = array
    checkpoints.save(step + 1, old_arrays, {**old_about, **about})
    checkpoints.close()

"""Checkpoints of a training: its whole state in a folder, every so many steps, from which a killed run continues."""

from __future__ import annotations

import hashlib
import json
import math
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nn.modules.whole_numbers import whole_number

if TYPE_CHECKING:  # NumPy is loaded with the first checkpoint, so that nn itself does without
    import numpy.typing as npt

    Array = npt.NDArray[Any]

LARGEST = 1 << 30  # bytes of the arrays that are read; a small file can say that they are larger


class CheckpointWarning(UserWarning):
    """A checkpoint is damaged, so that an earlier one is used."""


class Checkpoints:
    """The checkpoints of a training in a folder, written and read by Orbax, for `fit(..., checkpoints=...)`.

    every: the steps from one to the next. keep: how many of the last remain. `fit` with the same model, data and
    settings continues from the last one that is whole, bit for bit as if it had not been stopped; one with others is
    refused. Each carries the SHA-256 of its content: what is damaged is named in a CheckpointWarning, and the one
    before it is used, as for one of more than 1 GB. Nothing in a checkpoint is executed. Raises ImportError without
    Orbax (the extra `checkpoints`).
    """

    def __init__(self, folder: str | Path, every: int = 100, keep: int = 3) -> None:
        self.folder = Path(folder).absolute()
        self.every, self.keep = whole_number(every, "every"), whole_number(keep, "keep")
        try:
            import orbax.checkpoint
        except ImportError as problem:
            raise ImportError(
                "checkpoints are written by Orbax, which is not installed here: pip install -e '.[checkpoints]' in "
                "the clone."
            ) from problem
        self._orbax: Any = orbax.checkpoint
        self._manager: Any = None

    def save(self, step: int, arrays: Mapping[str, Array], about: Mapping[str, Any]) -> None:
        """Write the state after a step: arrays, and what can be written as JSON. It is complete or not there."""
        arguments, text = self._orbax.args, json.dumps(about)
        signed, manager = {"about": text, "sha256": _digest(arrays, text)}, self._opened()
        if step in manager.all_steps():  # damaged, since training continued from an earlier one
            manager.delete(step)
        manager.save(
            step,
            args=arguments.Composite(arrays=arguments.StandardSave(dict(arrays)), about=arguments.JsonSave(signed)),
            force=True,
        )

    def last(self) -> tuple[int, dict[str, Array], dict[str, Any]] | None:
        """(the step, the arrays, what was written as JSON) of the last checkpoint that is whole; None without any."""
        import numpy as np

        manager, arguments = self._opened(), self._orbax.args
        for step in sorted(manager.all_steps(), reverse=True):
            wanted = arguments.Composite(arrays=arguments.StandardRestore(), about=arguments.JsonRestore())
            try:
                self._require_small(manager.item_metadata(step)["arrays"])
                found = manager.restore(step, args=wanted)
                arrays = {name: np.asarray(array) for name, array in found["arrays"].items()}
                text, expected = found["about"]["about"], found["about"]["sha256"]
                if _digest(arrays, text) != expected:
                    raise ValueError("its checksum is another")
                return step, arrays, json.loads(text)
            except Exception as problem:  # whatever a damaged file leads to inside Orbax
                reason = str(problem).splitlines()[0][:200] if str(problem) else type(problem).__name__
                warnings.warn(
                    f"the checkpoint of step {step} in {self.folder.name} is damaged ({reason}); the one before it is "
                    "used.",
                    CheckpointWarning,
                    stacklevel=2,
                )
        return None

    def close(self) -> None:
        """Finish what is being written."""
        if self._manager is not None:
            self._manager.close()
            self._manager = None

    def _opened(self) -> Any:
        if self._manager is None:
            options = self._orbax.CheckpointManagerOptions(
                max_to_keep=self.keep, create=True, enable_async_checkpointing=False
            )
            handlers = {
                "arrays": self._orbax.StandardCheckpointHandler(),
                "about": self._orbax.JsonCheckpointHandler(),
            }
            self._manager = self._orbax.CheckpointManager(self.folder, options=options, item_handlers=handlers)
        return self._manager

    def _require_small(self, metadata: Any) -> None:
        """Raise ValueError for arrays that are too large, before they are made."""
        size = sum(math.prod(array.shape) * array.dtype.itemsize for array in metadata.values())
        if size > LARGEST:
            raise ValueError(f"its arrays are said to have {size:,} bytes, and at most {LARGEST:,} are read")


def _digest(arrays: Mapping[str, Array], text: str) -> str:
    import numpy as np

    digest = hashlib.sha256(text.encode())
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()

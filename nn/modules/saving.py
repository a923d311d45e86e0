"""`save` and `load`: a model's numbers in the safetensors format, with its architecture. Loading runs no code."""

from __future__ import annotations

import hashlib
import json
import math
import os
import struct
import warnings
from pathlib import Path
from typing import Any, TypeVar

from autograd_core.atomic_write import read_whole, write_whole
from autograd_core.formulas.labels import visible_text
from nn.modules.module import Module
from nn.modules.tensor_lists import is_rectangular, leaves, places

FORMAT = "autograd_core.nn 1"
LONGEST = 1 << 28  # bytes of a file that `load` reads
MOST_DIMENSIONS = 32
AnyModule = TypeVar("AnyModule", bound=Module)


def architecture(model: Module) -> dict[str, str]:
    """{path: class and settings} of a model and of every module in it.

    >>> from nn.modules.layers import Linear
    >>> architecture(Linear(2, 3, rng=0))
    {'': 'Linear(2 → 3)'}
    """
    return {path: f"{type(module).__name__}({module.extra_repr()})" for path, module in model.named_modules()}


def save(model: Module, path: str | os.PathLike[str]) -> None:
    """Write a model's numbers (as float64), its architecture and a checksum to a safetensors file.

    An existing file is replaced as a whole or not at all. Raises TypeError if `model` is not a Module,
    FileNotFoundError if there is no such folder, ValueError for a model without parameters or with rows of parameters
    of different lengths.
    """
    import numpy as np
    from safetensors.numpy import save as as_bytes

    if not isinstance(model, Module):
        raise TypeError(f"save takes the model first and then the file, save(model, path), got {model!r} as model.")
    target = Path(path)
    if not target.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {str(target.parent)!r} to write {target.name!r} to.")
    state = model.state_dict()
    ragged = [name for name, numbers in state.items() if not is_rectangular(numbers)]
    if ragged or not state:
        what = f"the rows of {', '.join(ragged)} differ in length" if ragged else "it has no parameters"
        raise ValueError(f"this {type(model).__name__} cannot be saved as tensors: {what}.")
    metadata = {
        "format": FORMAT,
        "architecture": json.dumps(architecture(model), ensure_ascii=False),
        "checksum": _checksum(state),
    }
    content = as_bytes({name: np.array(numbers, dtype="<f8") for name, numbers in state.items()}, metadata)
    write_whole(target, content)


def load(path: str | os.PathLike[str], into: AnyModule) -> AnyModule:
    """Set the parameters of a model from a file that `save` wrote for the same architecture; returns the model.

    Raises TypeError if `path` is not a path or `into` not a Module; FileNotFoundError; ValueError for a damaged file, a
    file that `save` did not write, or a different architecture (with the first difference). Then the model is left as
    it was. Weights that are nan are loaded, with a RuntimeWarning that names them.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"load takes the file first and then the model, load(path, into=model), got {path!r} as path.")
    if not isinstance(into, Module):
        raise TypeError(f"load takes the model last, load(path, into=model), got {into!r} as model.")
    file = visible_text(os.fspath(path))
    if not Path(path).exists() or Path(path).is_dir():
        raise FileNotFoundError(f"there is no file {file}.")
    try:
        metadata, tensors = _read(path)
        if metadata.get("format") != FORMAT:
            raise ValueError(
                f"{file} is a safetensors file, but not one that nn.save wrote (its format is "
                f"{metadata.get('format')!r}, not {FORMAT!r}). Read it with safetensors and pass the numbers to "
                "model.load_state_dict(...)."
            )
        state = _read_state(tensors)
        if metadata.get("checksum") != _checksum(state):
            raise _DamageError("its numbers do not have the checksum they were saved with")
        there, here = _read_architecture(metadata), architecture(into)
    except _DamageError as damage:
        raise ValueError(
            f"{file} is damaged, or not a safetensors file ({visible_text(str(damage))}); the model was left as it "
            "was. Save the model again."
        ) from None
    if there != here:
        place = next(place for place in [*here, *there] if here.get(place) != there.get(place))
        in_file = visible_text(there.get(place, "nothing"))
        raise ValueError(
            f"{file} contains a different architecture; the model was left as it was.\n"
            f"  {visible_text(place) or 'the model'}: {in_file} in the file, {here.get(place, 'nothing')} here.\n"
            "Make the model with the same layers and settings as the saved one."
        )
    into.load_state_dict(state)
    _warn_of_nan(file, state)
    return into


class _DamageError(ValueError):
    """What is wrong with the content of a file."""


def _read(path: str | os.PathLike[str]) -> tuple[dict[str, str], list[tuple[str, dict[str, Any]]]]:
    """The metadata of a safetensors file, and its tensors as safetensors reads them."""
    from safetensors import SafetensorError, deserialize

    try:
        content = read_whole(path, LONGEST)
        tensors = deserialize(content)  # type: ignore[no-untyped-call]
        size = int.from_bytes(content[:8], "little")
        return json.loads(content[8 : 8 + size]).get("__metadata__") or {}, tensors
    except (SafetensorError, ValueError, RecursionError) as problem:
        raise _DamageError(str(problem)) from None


def _read_state(tensors: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    import numpy as np

    state = {}
    for name, tensor in sorted(tensors, key=lambda pair: pair[0]):
        if tensor["dtype"] != "F64":
            raise _DamageError("its numbers are not float64")
        if 0 in tensor["shape"] or len(tensor["shape"]) > MOST_DIMENSIONS:
            raise _DamageError(f"{name} has the shape {tuple(tensor['shape'])}")
        state[name] = np.frombuffer(tensor["data"], "<f8").reshape(tensor["shape"]).tolist()
    return state


def _read_architecture(metadata: dict[str, str]) -> dict[str, str]:
    try:
        found = json.loads(metadata.get("architecture", ""))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise _DamageError("its architecture cannot be read")
    return found


def _warn_of_nan(file: str, state: dict[str, Any]) -> None:
    found = [
        f"{name}{place}"
        for name, numbers in state.items()
        for place, number in zip(places(numbers), leaves(numbers), strict=True)
        if math.isnan(number)
    ]
    if found:
        more = f" and {len(found) - 5:,} more" if len(found) > 5 else ""
        warnings.warn(
            f"{file} has weights that are nan, so every output that depends on them is nan: {', '.join(found[:5])}"
            f"{more}. Save a model from before its training diverged.",
            RuntimeWarning,
            stacklevel=3,
        )


def _checksum(state: dict[str, Any]) -> str:
    """A checksum of every name and the bits of its numbers, so that no change goes unnoticed."""
    checksum = hashlib.sha256()
    for name in sorted(state):
        numbers = leaves(state[name])
        checksum.update(name.encode() + struct.pack(f"<{len(numbers)}d", *numbers))
    return checksum.hexdigest()

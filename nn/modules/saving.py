"""`save` and `load`: a model's numbers in the safetensors format, with its architecture. Loading runs no code."""

from __future__ import annotations

import hashlib
import json
import os
import struct
from pathlib import Path
from typing import Any, TypeVar

from nn.modules.module import Module
from nn.modules.tensor_lists import is_rectangular, leaves

FORMAT = "autograd_core.nn 1"
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
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        draft.write_bytes(content)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def load(path: str | os.PathLike[str], into: AnyModule) -> AnyModule:
    """Set the parameters of a model from a file that `save` wrote for the same architecture; returns the model.

    Raises TypeError if `path` is not a path; FileNotFoundError; ValueError for a damaged file, a file that `save` did
    not write, or a different architecture (with the first difference). Then the model is left as it was.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"load takes the file first and then the model, load(path, into=model), got {path!r} as path.")
    metadata, state = _read(path)
    if metadata.get("checksum") != _checksum(state):
        raise _damaged(path, "its numbers do not have the checksum they were saved with")
    there, here = _read_architecture(path, metadata), architecture(into)
    if there != here:
        place = next(place for place in [*here, *there] if here.get(place) != there.get(place))
        raise ValueError(
            f"{path} contains a different architecture; the model was left as it was.\n"
            f"  {place or 'the model'}: {there.get(place, 'nothing')} in the file, {here.get(place, 'nothing')} here.\n"
            "Make the model with the same layers and settings as the saved one."
        )
    into.load_state_dict(state)
    return into


def _read(path: str | os.PathLike[str]) -> tuple[dict[str, str], dict[str, Any]]:
    from safetensors import SafetensorError, safe_open

    if not Path(path).is_file():
        raise FileNotFoundError(f"there is no file {path}.")
    try:
        with safe_open(path, framework="numpy") as file:
            metadata, names = file.metadata() or {}, list(file.keys())
            if metadata.get("format") != FORMAT:
                raise ValueError(
                    f"{path} is a safetensors file, but not one that nn.save wrote (its format is "
                    f"{metadata.get('format')!r}, not {FORMAT!r}). Read it with safetensors and pass the numbers to "
                    "model.load_state_dict(...)."
                )
            if any(file.get_slice(name).get_dtype() != "F64" for name in names):
                raise _damaged(path, "its numbers are not float64")
            return metadata, {name: file.get_tensor(name).tolist() for name in names}
    except SafetensorError as problem:
        raise _damaged(path, str(problem)) from None


def _read_architecture(path: str | os.PathLike[str], metadata: dict[str, str]) -> dict[str, str]:
    try:
        found = json.loads(metadata.get("architecture", ""))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise _damaged(path, "its architecture cannot be read")
    return found


def _damaged(path: str | os.PathLike[str], what: str) -> ValueError:
    return ValueError(
        f"{path} is damaged, or not a safetensors file ({what}); the model was left as it was. Save the model again."
    )


def _checksum(state: dict[str, Any]) -> str:
    """A checksum of every name and the bits of its numbers, so that no change goes unnoticed."""
    checksum = hashlib.sha256()
    for name in sorted(state):
        numbers = leaves(state[name])
        checksum.update(name.encode() + struct.pack(f"<{len(numbers)}d", *numbers))
    return checksum.hexdigest()

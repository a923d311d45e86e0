"""Arrays of Values in PyTorch's backward graphs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_core.engine.functions import mean


def array(nested: Any) -> Any:
    """Values or numbers as a NumPy array of objects."""
    import numpy as np

    return np.array(nested, dtype=object)


def entrywise(function: Callable[..., Any], *arrays: Any) -> Any:
    """A function of numbers on arrays, entry by entry, with NumPy's broadcasting."""
    import numpy as np

    return array(np.frompyfunc(function, len(arrays), 1)(*arrays))


def reduced(node: Any, losses: Any) -> Any:
    """The losses of a batch as PyTorch reduces them: kept, their mean, their sum."""
    flat = list(losses.flatten())
    return (losses, array(mean(flat) if len(flat) > 1 else flat[0]), array(sum(flat)))[int(node._saved_reduction)]

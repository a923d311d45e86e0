"""The libraries of others that this folder speaks to: each is imported when it is first used."""

from __future__ import annotations

import importlib
from typing import Any


def library(name: str, extra: str) -> Any:
    """The module `name` of a library that the extra `extra` installs.

    Raises ImportError, with what to install, where it is absent or does not import.

    >>> library("json", "none").dumps([1])
    '[1]'
    """
    try:
        return importlib.import_module(name)
    except ImportError as problem:
        package = name.split(".")[0]
        reason = "which is not installed" if problem.name == package else f"which does not import here ({problem})"
        raise ImportError(
            f"this needs {package}, {reason}. Install the extra `{extra}`: "
            f'pip install -e ".[{extra}]" in the clone. Everything else works without it.',
            name=package,
        ) from problem

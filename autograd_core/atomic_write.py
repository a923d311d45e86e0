"""Writing a file that appears whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_whole(target: Path, content: bytes) -> None:
    """Write beside the target and move into place, so that no reader finds half a file. Raises OSError."""
    try:
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}.", suffix=".part")
    except OSError as problem:
        raise type(problem)(problem.errno, problem.strerror, str(target)) from None
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        umask = os.umask(0)
        os.umask(umask)
        beside.chmod(0o666 & ~umask)  # as an ordinary new file, where mkstemp makes a private one
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise

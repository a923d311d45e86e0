"""Machine code on disk, so that a program compiled once starts at once the next time.

What lies there is run, so the folder is the user's own and closed to others, and a file is believed only if it is the
user's, is named by everything it depends on, and carries the right checksum. Anything else is compiled again.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
from pathlib import Path

_MARK = b"autograd-core object 1\n"


def folder() -> Path:
    """Where the files stand: the operating system's place for a user's caches, or AUTOGRAD_CORE_CACHE if it is set."""
    if chosen := os.environ.get("AUTOGRAD_CORE_CACHE"):
        return Path(chosen)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "autograd_core"


def key(*parts: str) -> str:
    """The name of what was made from `parts`."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def read(name: str) -> bytes | None:
    """What `write` put there; None if there is nothing, or nothing to be believed."""
    path = folder() / name
    try:
        if not _private(folder(), stat.S_ISDIR) or not _private(path, stat.S_ISREG):
            return None
        content = path.read_bytes()
    except OSError:
        return None
    start = len(_MARK) + 32
    body = content[start:]
    return body if content[:start] == _MARK + _checksum(name, body) else None


def write(name: str, body: bytes) -> None:
    """Keep `body` under a name. Where that cannot be done safely nothing is kept."""
    where = folder()
    try:
        where.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _private(where, stat.S_ISDIR):
            return
        handle, temporary = tempfile.mkstemp(dir=where)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_MARK + _checksum(name, body) + body)
            os.replace(temporary, where / name)
        except OSError:
            os.unlink(temporary)
            raise
    except OSError:
        return


def _checksum(name: str, body: bytes) -> bytes:
    return hashlib.sha256(name.encode() + body).digest()


def _private(path: Path, is_kind: object) -> bool:
    """Whether `path` itself, not what a link points to, is of that kind, the user's, and closed to all others."""
    status = path.lstat()
    if not is_kind(status.st_mode):  # type: ignore[operator]
        return False
    if not hasattr(os, "getuid"):
        return True
    return status.st_uid == os.getuid() and not status.st_mode & 0o077

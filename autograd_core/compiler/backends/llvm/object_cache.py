"""Machine code on disk, so that a program compiled once starts at once the next time.

The files are executed, so anyone who can write them has the rights of the user. Hence:

- The folder must be a directory, not a link to one. It must belong to the user and be closed to all others, and so must
  each file in it. Anything else counts as missing. Both are checked through the handle that reads them, so nothing can
  take their place between the check and the use.
- A file's name is the SHA-256 of everything its code depends on: the text of the program (which contains the operating
  system), the processor and its features, the versions of llvmlite and LLVM. The file begins with the SHA-256 of the
  name and the code. So a file that is cut, damaged or renamed is compiled again, and code for one machine never runs on
  another machine with the same home folder.
- That checksum has no secret: it finds accidents, not forgeries. A process that can write files as the user can forge
  one, but it could also change the user's Python; a key beside the files would not stop it. With
  AUTOGRAD_CORE_CACHE_BYTES=0 nothing is read or written.
- A file appears whole, by renaming, even while other processes write.

The files take at most AUTOGRAD_CORE_CACHE_BYTES (64 MiB if it is not set); those unused for longest are removed first.
A failure of the disk is not an error: without the cache everything is compiled again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import stat
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_MARK = b"autograd-core object 1\n"
_LIMIT = 64 << 20
_ABANDONED = 3600.0  # seconds after which an unfinished file is removed
_HAS_HANDLES = os.open in os.supports_dir_fd and hasattr(os, "O_DIRECTORY")
_OURS = re.compile(r"[0-9a-f]{64}|[0-9a-f]{16}\.new")


def folder() -> Path:
    """The folder of the files: the operating system's place for a user's caches, or AUTOGRAD_CORE_CACHE if it is set.

    Raises FileNotFoundError for a user without a home.
    """
    if chosen := os.environ.get("AUTOGRAD_CORE_CACHE"):
        return Path(chosen)
    variable, below = {"win32": ("LOCALAPPDATA", "AppData/Local"), "darwin": ("", "Library/Caches")}.get(
        sys.platform, ("XDG_CACHE_HOME", ".cache")
    )
    if base := os.environ.get(variable):
        return Path(base) / "autograd_core"
    try:
        return Path.home() / below / "autograd_core"
    except RuntimeError as problem:
        raise FileNotFoundError(str(problem)) from None


def limit() -> int:
    """The bytes that all files together may take."""
    chosen = os.environ.get("AUTOGRAD_CORE_CACHE_BYTES", "")
    return int(chosen) if chosen.isdecimal() else _LIMIT


def key(*parts: str) -> str:
    """The name of the file for `parts`."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def read(name: str) -> bytes | None:
    """The code that `write` stored; None if there is none, or if it cannot be trusted."""
    if not limit():
        return None
    try:
        with _open_folder(folder()) as place, open(place.open(name, os.O_RDONLY), "rb") as file:
            if not _private(os.fstat(file.fileno()), stat.S_ISREG):
                return None
            content = file.read()
            with contextlib.suppress(OSError):
                place.touch(name)
    except OSError:
        return None
    start = len(_MARK) + 32
    body = content[start:]
    return body if content[:start] == _MARK + _checksum(name, body) else None


def write(name: str, body: bytes) -> None:
    """Store `body` under a name, and remove the files unused for longest if that is too much. Where that cannot be done
    safely, nothing is stored."""
    content = _MARK + _checksum(name, body) + body
    if len(content) > limit():
        return
    try:
        folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        with _open_folder(folder()) as place:
            place.make_room(len(content))
            unfinished = f"{secrets.token_hex(8)}.new"
            try:
                with open(place.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb") as file:
                    file.write(content)
                place.rename(unfinished, name)
            finally:
                place.remove(unfinished)  # it is there only if the writing was interrupted
    except OSError:
        return


@dataclass(frozen=True, slots=True)
class _Folder:
    """The folder. handle: of the folder that was checked; None where the system has no such handles."""

    path: Path
    handle: int | None

    def _at(self, name: str) -> str | Path:
        return self.path / name if self.handle is None else name

    def open(self, name: str, flags: int) -> int:
        """A handle of a file, never of the target of a link, without waiting."""
        for flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
            flags |= getattr(os, flag, 0)
        return os.open(self._at(name), flags, 0o600, dir_fd=self.handle)

    def touch(self, name: str) -> None:
        """Note that a file was used now."""
        os.utime(self._at(name), dir_fd=self.handle)

    def rename(self, name: str, new: str) -> None:
        """Rename a file, and replace the file that has the new name."""
        os.replace(self._at(name), self._at(new), src_dir_fd=self.handle, dst_dir_fd=self.handle)

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        with contextlib.suppress(OSError):
            os.unlink(self._at(name), dir_fd=self.handle)

    def make_room(self, size: int) -> None:
        """Remove files, those unused for longest first, until `size` bytes more are within the limit. Only files with
        names made here are counted and removed, whatever the folder is."""
        files = []
        with os.scandir(self.path if self.handle is None else self.handle) as entries:
            for entry in entries:
                if _OURS.fullmatch(entry.name):
                    with contextlib.suppress(OSError):  # another process has just removed it
                        status = entry.stat(follow_symlinks=False)
                        files.append((status.st_mtime, entry.name, status.st_size))
        room, now = limit() - size - sum(taken for _, _, taken in files), time.time()
        for used, name, taken in sorted(files):
            if room < 0 or (name.endswith(".new") and now - used > _ABANDONED):
                self.remove(name)
                room += taken


@contextlib.contextmanager
def _open_folder(path: Path) -> Iterator[_Folder]:
    """The folder, if it can be trusted. Raises OSError if not."""
    if not _HAS_HANDLES:
        if not _private(path.lstat(), stat.S_ISDIR):
            raise PermissionError(path)
        yield _Folder(path, None)
        return
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if not _private(os.fstat(handle), stat.S_ISDIR):
            raise PermissionError(path)
        yield _Folder(path, handle)
    finally:
        os.close(handle)


def _checksum(name: str, body: bytes) -> bytes:
    return hashlib.sha256(name.encode() + body).digest()


def _private(status: os.stat_result, is_kind: object) -> bool:
    """Whether it is of that kind, the user's, and closed to all others."""
    if not is_kind(status.st_mode):  # type: ignore[operator]
        return False
    if not hasattr(os, "geteuid"):
        return True
    return status.st_uid == os.geteuid() and not status.st_mode & 0o077

"""Files that are written whole or not at all, and read only if they are regular files."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from pathlib import Path

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFLNK: "a link that leads back to itself",
}
_FLAGS = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


def write_whole(path: str | os.PathLike[str], content: bytes, mode: int = 0o666) -> None:
    """Write beside the target and move into place, so that no reader finds half a file.

    The file has `mode`, less what the umask takes away. A link stays a link: its target is replaced. Raises OSError,
    also where the target is not a regular file.
    """
    target = Path(os.path.realpath(path))
    beside = target.parent / f".{target.name[:40]}.{secrets.token_hex(8)}.part"
    try:
        with contextlib.suppress(FileNotFoundError):
            if kind := _other_kind(target.lstat()):
                number = errno.EISDIR if kind == "a folder" else errno.EINVAL
                raise OSError(number, f"it is {kind}, not a regular file, so it is not replaced")
        _write(target, beside, content, mode)
    except OSError as problem:
        if problem.errno is None:
            raise
        raise type(problem)(problem.errno, problem.strerror, str(path)) from None
    finally:
        with contextlib.suppress(OSError):  # it is there only if the writing was interrupted
            beside.unlink()


def _write(target: Path, beside: Path, content: bytes, mode: int) -> None:
    folder = -1
    try:
        if hasattr(os, "O_DIRECTORY"):
            folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY | _FLAGS)
        descriptor, is_named = _open_new(beside, mode)
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
            if not is_named:
                os.link(f"/proc/self/fd/{descriptor}", beside.name, dst_dir_fd=folder, follow_symlinks=True)
        beside.replace(target)
        with contextlib.suppress(OSError):  # not every file system can
            os.fsync(folder)
    finally:
        if folder >= 0:
            os.close(folder)


def _open_new(path: Path, mode: int) -> tuple[int, bool]:
    """(a handle of a new file, whether it has its name yet). A file without a name is gone if the process is killed."""
    if hasattr(os, "O_TMPFILE") and os.path.isdir("/proc/self/fd"):
        with contextlib.suppress(OSError):  # not every file system can
            return os.open(path.parent, os.O_WRONLY | os.O_TMPFILE | _FLAGS, mode), False
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS, mode), True


def read_whole(path: str | os.PathLike[str], limit: int) -> bytes:
    """The content of a regular file.

    Raises ValueError, which says what is wrong, if it is not one or has more than `limit` bytes, and OSError if it
    cannot be read.
    """
    kind = _other_kind(os.stat(path))
    if not kind:
        with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _FLAGS), "rb") as file:
            status = os.fstat(file.fileno())
            kind = _other_kind(status)  # another file may have taken its place
            if not kind:
                # Python sets aside what it is asked to read. A file that grows meanwhile is cut, and so refused later.
                content = file.read(min(status.st_size, limit) + 1)
                if len(content) <= limit:
                    return content
                raise ValueError(f"it has more than {limit:,} bytes")
    raise ValueError(f"it is {kind}, not a regular file")


def _other_kind(status: os.stat_result) -> str:
    """What it is, if it is not a regular file."""
    kind = stat.S_IFMT(status.st_mode)
    return "" if kind == stat.S_IFREG else _KINDS.get(kind, "something else")

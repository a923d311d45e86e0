"""Writing a file that appears whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from autograd_core.errors import DrawingError


class Document(str):
    """A page as text. A prompt or a notebook shows in its place how large it is: nobody reads a whole page there."""

    written_to: Path | None = None

    def __repr__(self) -> str:
        return _summary(self.written_to, f"a page of {len(self):,} characters", "to_html")


class Film(bytes):
    """A picture, film or slides as bytes, which a prompt shows as `Document` is shown."""

    written_to: Path | None = None

    def __repr__(self) -> str:
        return _summary(self.written_to, f"a file of {len(self):,} bytes", "it")


def _summary(path: Path | None, size: str, how: str) -> str:
    return f"<{size}, not written: give {how} a path>" if path is None else f"<{size}, written to {path}>"


def kept_page(page: str, path: str | os.PathLike[str] | None) -> str:
    """The page, written to `path` if there is one. Raises `DrawingError` for another suffix than .html, and OSError."""
    made = Document(page)
    if path is not None:
        made.written_to = _target(path, (".html", ".htm"))
        write_whole(made.written_to, page.encode())
    return made


def kept_film(content: bytes, path: str | os.PathLike[str] | None, suffix: str) -> bytes:
    """The bytes, written to `path` if there is one. Raises `DrawingError` for another suffix, and OSError."""
    made = Film(content)
    if path is not None:
        made.written_to = _target(path, (suffix,))
        write_whole(made.written_to, content)
    return made


def _target(path: str | os.PathLike[str], suffixes: tuple[str, ...]) -> Path:
    target = Path(path)
    if target.suffix.lower() not in suffixes:
        raise DrawingError(
            f"{target.name!r} would hold something else than its name says: give it the suffix {suffixes[0]}, such as "
            f"{(target.stem or 'steps') + suffixes[0]!r}."
        )
    return target


def write_whole(target: Path, content: bytes) -> None:
    """Write beside the target and move into place, so that nobody ever finds half a file. Raises OSError."""
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

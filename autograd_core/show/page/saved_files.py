"""Pages and pictures as text and bytes that a prompt does not print in full, and their files."""

from __future__ import annotations

import os
from pathlib import Path

from autograd_core.atomic_write import write_whole
from autograd_core.errors import DrawingError
from autograd_core.formulas.labels import visible_text


class Document(str):
    """A page as text; a prompt or a notebook shows its size, not the text."""

    written_to: Path | None = None
    method = "to_html"

    def __repr__(self) -> str:
        what = "page" if self.method == "to_html" else "document"
        return _summary(self.written_to, f"a {what} of {len(self):,} characters", self.method)


class Film(bytes):
    """A picture, a film or slides as bytes; a prompt shows their size."""

    written_to: Path | None = None

    def __repr__(self) -> str:
        return _summary(self.written_to, f"a file of {len(self):,} bytes", "it")


def _summary(path: Path | None, size: str, how: str) -> str:
    return (
        f"<{size}, not written: give {how} a path>"
        if path is None
        else f"<{size}, written to {visible_text(str(path))}>"
    )


def save_page(page: str, path: str | os.PathLike[str] | None) -> str:
    """The page, written to `path` if there is one. Raises `DrawingError` for another suffix than .html, and OSError."""
    return _save(Document(page), path, (".html", ".htm"))


def save_text(text: str, path: str | os.PathLike[str] | None, suffix: str, method: str) -> str:
    """The same for another document, which `method` makes."""
    document = Document(text)
    document.method = method
    return _save(document, path, (suffix,))


def _save(document: Document, path: str | os.PathLike[str] | None, suffixes: tuple[str, ...]) -> Document:
    if path is not None:
        document.written_to = _target(path, suffixes)
        write_whole(document.written_to, document.encode())
    return document


def save_film(content: bytes, path: str | os.PathLike[str] | None, suffix: str) -> bytes:
    """The bytes, written to `path` if there is one. Raises `DrawingError` for another suffix, and OSError."""
    film = Film(content)
    if path is not None:
        film.written_to = _target(path, (suffix,))
        write_whole(film.written_to, content)
    return film


def _target(path: str | os.PathLike[str], suffixes: tuple[str, ...]) -> Path:
    target = Path(path)
    if target.suffix.lower() not in suffixes:
        raise DrawingError(
            f"{target.name!r} has the suffix of another format. Give it the suffix {suffixes[0]}, such as "
            f"{(target.stem or 'steps') + suffixes[0]!r}."
        )
    return target

"""The secret of a teacher: a file with a random key, from which exercises are chosen and by which they are signed.

Without the key nobody can compute the exercise of a name, or the code that belongs to it: both are an HMAC-SHA256
(RFC 2104).
"""

from __future__ import annotations

import base64
import contextlib
import hmac
import json
import os
import re
import secrets
import stat
from pathlib import Path

from autograd_core.atomic_write import read_whole

_FIRST_LINE = "autograd_core secret: who has this file can compute the answers of every exercise made with it"
_KEY_BYTES = 32
_CODE_BYTES = 10  # 80 bits: 16 letters and digits
_LONGEST_FILE = 1000


class Secret:
    """The key in a file of the teacher."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "<a secret>"  # a key in a traceback is no secret

    def seed(self, *words: str) -> str:
        """The seed that belongs to these words."""
        return self._sign("seed", words).hex()

    def code(self, *words: str) -> str:
        """The code that shows that these words belong together: four groups of four letters and digits.

        >>> Secret(bytes(32)).code("week 1", "Ada")
        'LPCB-CYFM-HKJ5-7JVN'
        """
        letters = base64.b32encode(self._sign("code", words)[:_CODE_BYTES]).decode()
        return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))

    def _sign(self, purpose: str, words: tuple[str, ...]) -> bytes:
        # A list in JSON: no two lists of words have the same text.
        return hmac.digest(self._key, json.dumps([purpose, *words]).encode(), "sha256")


def make_secret(path: str | os.PathLike[str]) -> bool:
    """Make the file with a new key, readable by its owner alone, where it is missing. Returns whether it was made."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with contextlib.suppress(FileExistsError), open(os.open(path, flags, 0o600), "wb") as file:
        file.write(f"{_FIRST_LINE}\n{secrets.token_hex(_KEY_BYTES)}\n".encode())
        file.flush()
        os.fsync(file.fileno())
        return True
    return False


def read_secret(path: str | os.PathLike[str]) -> Secret:
    """The secret in a file. Raises ValueError where it is no such file or others can read it, OSError where it cannot
    be read."""
    shown = str(path)
    try:
        content = read_whole(path, _LONGEST_FILE)
        mode = stat.S_IMODE(Path(path).stat().st_mode)
    except FileNotFoundError:
        raise ValueError(f"there is no secret file {shown!r}: the command `class` makes it") from None
    except ValueError as problem:
        raise ValueError(f"{shown!r} is not a secret file: {problem}") from None
    if os.name == "posix" and mode & 0o077:
        raise ValueError(
            f"others can read the secret file {shown!r} (its mode is {mode:o}), and so compute all answers: run "
            f"chmod 600 on it; if others may have read it, make another one for the next homework"
        )
    first, _, key = content.decode("ascii", "replace").strip().partition("\n")
    if first.strip() != _FIRST_LINE or not re.fullmatch(rf"[0-9a-f]{{{2 * _KEY_BYTES}}}", key.strip()):
        raise ValueError(f"{shown!r} is not a secret file: name one that `class` made, or one that does not exist yet")
    return Secret(bytes.fromhex(key.strip()))

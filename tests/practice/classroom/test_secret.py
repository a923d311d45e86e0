"""The secret: made for its owner alone, refused when others can read it, and nothing follows without it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_core.practice.classroom.secret import Secret, make_secret, read_secret

posix = pytest.mark.skipif(os.name != "posix", reason="modes of files are those of POSIX")


def test_a_missing_file_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "teacher.key"
    assert make_secret(path)
    content = path.read_bytes()
    assert not make_secret(path)
    assert path.read_bytes() == content
    assert read_secret(path).code("a") == read_secret(path).code("a")
    other = tmp_path / "other.key"
    make_secret(other)
    assert read_secret(other).code("a") != read_secret(path).code("a")
    assert content.split()[-1].decode() not in repr(read_secret(path))


@posix
def test_its_owner_alone_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "teacher.key"
    before = os.umask(0)
    try:
        make_secret(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for mode in (0o640, 0o604, 0o666):
        path.chmod(mode)
        with pytest.raises(ValueError, match="chmod 600"):
            read_secret(path)


@pytest.mark.parametrize(
    "content", [b"", b"password", b"\xff\xfe" * 20, b"x" * 5000, b"autograd_core secret\n" + b"0" * 64]
)
def test_another_file_is_no_secret(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    path.chmod(0o600)
    assert not make_secret(path)
    with pytest.raises(ValueError, match="is not a secret file"):
        read_secret(path)
    assert path.read_bytes() == content


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there is no secret file"):
        read_secret(tmp_path / "none")
    with pytest.raises(ValueError, match="it is a folder"):
        read_secret(tmp_path)


@given(st.lists(st.text(max_size=4), max_size=3), st.lists(st.text(max_size=4), max_size=3))
def test_different_words_have_different_codes(some: list[str], others: list[str]) -> None:
    secret = Secret(bytes(32))
    assert (secret.code(*some) == secret.code(*others)) == (some == others)
    assert secret.seed(*some)[:16] != secret.code(*some)

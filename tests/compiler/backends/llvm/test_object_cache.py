"""Machine code on disk: what is believed, how much is kept, and that no trouble with the disk is an error."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from autograd_core.compiler.backends.llvm import object_cache as cache

NAMES = [cache.key(f"program {number}") for number in range(6)]
UNIX = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="the system has no owners and modes as Unix has")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    where = tmp_path / "home" / "objects"
    monkeypatch.setenv("AUTOGRAD_CORE_CACHE", str(where))
    monkeypatch.delenv("AUTOGRAD_CORE_CACHE_BYTES", raising=False)
    return where


def set_age(path: Path, seconds: float) -> None:
    """As if last used that long ago."""
    then = path.stat().st_mtime - seconds
    os.utime(path, (then, then))


def test_only_files_it_wrote_are_read(folder: Path) -> None:
    assert cache.read(NAMES[0]) is None
    cache.write(NAMES[0], b"code")
    assert cache.read(NAMES[0]) == b"code"
    assert cache.read(NAMES[1]) is None
    cache.write(NAMES[0], b"other code")
    assert cache.read(NAMES[0]) == b"other code"
    assert [file.name for file in folder.iterdir()] == [NAMES[0]]


@UNIX
def test_folder_and_files_are_closed_to_others_whatever_the_mask(folder: Path) -> None:
    before = os.umask(0)
    try:
        cache.write(NAMES[0], b"code")
    finally:
        os.umask(before)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / NAMES[0]).stat().st_mode & 0o777 == 0o600


def open_to_the_group(folder: Path) -> None:
    folder.chmod(0o770)


def readable(folder: Path) -> None:
    folder.chmod(0o755)


def a_link(folder: Path) -> None:
    folder.symlink_to(folder.rename(folder.with_name("elsewhere")))


@UNIX
@pytest.mark.parametrize("make", [open_to_the_group, readable, a_link])
def test_a_folder_that_is_not_the_users_own_is_neither_read_nor_written(
    make: Callable[[Path], None], folder: Path
) -> None:
    cache.write(NAMES[0], b"code")
    make(folder)
    assert cache.read(NAMES[0]) is None
    cache.write(NAMES[1], b"code")
    assert not (folder / NAMES[1]).exists()


@UNIX
def test_another_users_folder_is_neither_read_nor_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.write(NAMES[0], b"code")
    user = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: user + 1)  # from where another stands
    assert cache.read(NAMES[0]) is None
    cache.write(NAMES[1], b"code")
    assert [file.name for file in folder.iterdir()] == [NAMES[0]]


def link(path: Path) -> None:
    path.symlink_to(path.rename(path.with_name("elsewhere")))


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def writable(path: Path) -> None:
    path.chmod(0o620)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def cut_to_the_mark(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:23])


def longer(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def of_another_program(path: Path) -> None:
    cache.write(NAMES[1], b"code")
    (path.parent / NAMES[1]).replace(path)


@pytest.mark.parametrize(
    "spoil",
    [cut, cut_to_the_mark, longer, of_another_program]
    + [pytest.param(change, marks=UNIX) for change in (link, pipe, directory, writable)],
)
def test_a_changed_file_counts_as_missing_and_is_replaced(spoil: Callable[[Path], None], folder: Path) -> None:
    cache.write(NAMES[0], b"code")
    spoil(folder / NAMES[0])
    assert cache.read(NAMES[0]) is None
    cache.write(NAMES[0], b"code")
    if spoil is not directory:  # which can't be replaced: then nothing is kept, and nothing fails
        assert cache.read(NAMES[0]) == b"code"


def test_files_unused_for_longest_are_removed_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRAD_CORE_CACHE_BYTES", "4000")
    for number, name in enumerate(NAMES[:3]):
        cache.write(name, bytes(1000))
        set_age(folder / name, 100 - number)
    assert cache.read(NAMES[0]) == bytes(1000)  # used now, so it stays
    cache.write(NAMES[3], bytes(1000))
    names = {file.name for file in folder.iterdir()}
    assert names == {NAMES[0], NAMES[2], NAMES[3]}
    assert sum(file.stat().st_size for file in folder.iterdir()) <= 4000
    cache.write(NAMES[4], bytes(4000))  # more than all may take
    assert {file.name for file in folder.iterdir()} == names


def test_only_its_own_files_are_ever_removed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.write(NAMES[0], bytes(100))
    (folder / "thesis.tex").write_bytes(bytes(5000))
    (folder / "0123456789abcdef.new").write_bytes(b"of a process that died")
    (folder / "0123456789abcdee.new").write_bytes(b"being written")
    for file in folder.iterdir():
        set_age(file, 7200 if file.name != "0123456789abcdee.new" else 10)
    cache.write(NAMES[1], bytes(100))
    assert {file.name for file in folder.iterdir()} == {NAMES[0], NAMES[1], "thesis.tex", "0123456789abcdee.new"}
    monkeypatch.setenv("AUTOGRAD_CORE_CACHE_BYTES", "200")
    cache.write(NAMES[2], bytes(100))
    assert {file.name for file in folder.iterdir()} == {NAMES[2], "thesis.tex"}


def test_with_no_bytes_nothing_is_read_or_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.write(NAMES[0], b"code")
    monkeypatch.setenv("AUTOGRAD_CORE_CACHE_BYTES", "0")
    assert cache.read(NAMES[0]) is None
    cache.write(NAMES[1], b"code")
    assert [file.name for file in folder.iterdir()] == [NAMES[0]]


@pytest.mark.parametrize("step", ["open", "replace", "utime", "scandir", "mkdir"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_full_or_read_only_disk_is_not_an_error(
    step: str, number: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.write(NAMES[0], b"code")

    def refuses(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, step, refuses)
        found = cache.read(NAMES[0])
        cache.write(NAMES[1], b"code")
    assert found == (None if step == "open" else b"code")
    assert not list(folder.glob("*.new"))
    assert cache.read(NAMES[0]) == b"code"


def test_processes_that_write_and_remove_at_once_read_whole_files_or_none(folder: Path) -> None:
    program = (
        "from autograd_core.compiler.backends.llvm import object_cache as cache\n"
        "count = 0\n"
        "for turn in range(150):\n"
        "    name = cache.key(str(turn % 5))\n"
        "    cache.write(name, name.encode() * 500)\n"
        "    found = cache.read(name)\n"
        "    assert found in (None, name.encode() * 500)\n"
        "    count += found is not None\n"
        "print(count)\n"
    )
    environment = {**os.environ, "AUTOGRAD_CORE_CACHE_BYTES": "100000"}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for process in started:
        out, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, "")
        assert int(out) > 0
    assert not list(folder.glob("*.new"))


def test_a_user_without_a_home_has_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", no_home)
    for name in ("AUTOGRAD_CORE_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    cache.write(NAMES[0], b"code")
    assert cache.read(NAMES[0]) is None

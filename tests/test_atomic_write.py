"""Files: whole or not at all, with the mode of a new file, replacing regular files only; and what is read."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from autograd_core import Value, draw, explain
from autograd_core import compile as compile_function
from autograd_core.atomic_write import read_whole, write_whole
from autograd_core.compiler.program import Program
from nn import MLP, load, save

UNIX = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="the system has no modes and pipes as Unix has")


def save_program(path: Path) -> None:
    w = Value(2.0, label="w")
    compile_function(lambda x: w * x, example=1.0).save(path)


WRITERS = {
    "bytes": ("file", lambda path: write_whole(path, b"content")),
    "a model": ("model.safetensors", lambda path: save(MLP(2, 2, 1, rng=0), path)),
    "a program": ("program.json", save_program),
    "a page": ("page.html", lambda path: explain(Value(2.0, label="x") * 3.0).to_html(path)),
    "a picture": ("picture.svg", lambda path: draw(Value(2.0, label="x") * 3.0).save(path)),
}
each_writer = pytest.mark.parametrize(("name", "write"), WRITERS.values(), ids=WRITERS)


@UNIX
@each_writer
@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_the_mode_is_that_of_a_new_file(name, write, umask, tmp_path):
    before = os.umask(umask)
    try:
        write(tmp_path / name)
        (tmp_path / "new").touch()
    finally:
        os.umask(before)
    assert (tmp_path / name).stat().st_mode == (tmp_path / "new").stat().st_mode


@UNIX
def test_the_umask_of_the_process_is_never_changed(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "umask", None)
    for name, write in WRITERS.values():
        write(tmp_path / name)


@each_writer
def test_a_link_stays_and_its_target_is_replaced(name, write, tmp_path):
    (tmp_path / "folder").mkdir()
    target = tmp_path / "folder" / "target"
    for exists in (False, True):
        if exists:
            target.write_bytes(b"old")
        (tmp_path / name).unlink(missing_ok=True)
        (tmp_path / name).symlink_to(Path("folder") / "target")
        write(tmp_path / name)
        assert (tmp_path / name).is_symlink()
        assert target.read_bytes() not in (b"", b"old")
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["target"]


@UNIX
@each_writer
def test_only_a_regular_file_is_replaced(name, write, tmp_path):
    def refused(reason: str) -> None:
        before = os.lstat(tmp_path / name)
        with pytest.raises(OSError, match=f"{reason}, not a regular file, so it is not replaced") as caught:
            write(tmp_path / name)
        assert caught.value.filename == str(tmp_path / name)
        assert os.lstat(tmp_path / name).st_ino == before.st_ino
        assert [path.name for path in tmp_path.iterdir()] == [name]

    (tmp_path / name).mkdir()
    refused("it is a folder")
    (tmp_path / name).rmdir()
    os.mkfifo(tmp_path / name)
    refused("it is a pipe")
    (tmp_path / name).unlink()
    (tmp_path / name).symlink_to("/dev/zero")
    refused("it is a device")
    (tmp_path / name).unlink()
    (tmp_path / name).symlink_to(name)
    refused("it is a link that leads back to itself")


@pytest.mark.parametrize("last", ["fsync", "replace", "after"])
def test_an_interrupt_leaves_the_old_file_or_the_new_one_and_is_no_other_error(last, tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"old")
    replace = Path.replace

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    def replace_and_interrupt(self: Path, target: Path) -> None:
        replace(self, target)
        raise KeyboardInterrupt

    if last == "fsync":
        monkeypatch.setattr(os, "fsync", interrupt)
    else:
        monkeypatch.setattr(Path, "replace", interrupt if last == "replace" else replace_and_interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == (b"new" if last == "after" else b"old")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("named", [True, False])
def test_the_file_is_whole_on_every_file_system(named, tmp_path, monkeypatch):
    if named:
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    write_whole(tmp_path / "file", b"content")
    write_whole(tmp_path / "file", b"longer content")
    assert (tmp_path / "file").read_bytes() == b"longer content"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


KILLED = """
import sys
from autograd_core.atomic_write import write_whole
print("ready", flush=True)
for number in range(10**9):
    write_whole(sys.argv[1], b"%d" % (number % 10) * 300_000)
"""


@UNIX
def test_a_process_that_is_killed_leaves_a_whole_file(tmp_path):
    path = tmp_path / "file"
    write_whole(path, b"0" * 300_000)
    for seconds in (0.0, 0.01, 0.05):
        process = subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE)
        assert process.stdout.readline() == b"ready\n"
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        content = path.read_bytes()
        assert len(content) == 300_000
        assert len(set(content)) == 1


@UNIX
def test_files_of_other_threads_keep_their_mode(tmp_path):
    modes: set[int] = set()
    done = threading.Event()

    def make_files() -> None:
        while not done.is_set():
            descriptor = os.open(tmp_path / "other", os.O_CREAT | os.O_WRONLY, 0o666)
            modes.add(stat.S_IMODE(os.fstat(descriptor).st_mode))
            os.close(descriptor)
            os.unlink(tmp_path / "other")

    before = os.umask(0o077)
    thread = threading.Thread(target=make_files)
    thread.start()
    try:
        for _ in range(50):
            write_whole(tmp_path / "file", b"content")
    finally:
        done.set()
        thread.join()
        os.umask(before)
    assert modes == {0o600}


@UNIX
@pytest.mark.parametrize("read", [Program.load, lambda path: load(path, into=MLP(2, 2, 1, rng=0))])
def test_only_a_regular_file_is_read(read, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "endless").symlink_to("/dev/zero")
    for name, kind in (("pipe", "a pipe"), ("endless", "a device")):
        with pytest.raises(ValueError, match=f"{name} .*it is {kind}, not a regular file"):
            read(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "nowhere")


def test_a_file_is_read_up_to_a_limit(tmp_path):
    (tmp_path / "file").write_bytes(b"12345")
    assert read_whole(tmp_path / "file", 5) == b"12345"
    with pytest.raises(ValueError, match="it has more than 4 bytes"):
        read_whole(tmp_path / "file", 4)

"""The README: its two commands have the agreed form, and its examples give the results shown."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PYTHON_BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
# The commands below the first section, without those that install something or stay open.
COMMANDS = re.findall(r"\.venv/bin/(python -m [^`\n]*)", README.split("## A tour")[1])


def start_block(place: int) -> list[str]:
    section = README.split("## Start\n")[1].split("\n## ")[0]
    fenced: str = re.findall(r"```\w*\n(.*?)```", section, re.DOTALL)[place]
    return fenced.strip().splitlines()


@pytest.mark.parametrize("place", [0, 1], ids=["linux and macos", "windows"])
def test_start_has_exactly_two_commands(place: int) -> None:
    first, second = start_block(place)
    for command in (first, second):
        assert "-m venv .venv" in command
        assert "pip install" in command
    assert first.endswith("-m autograd_core")
    assert second.endswith("-m pytest -q")
    assert "torch" not in second


@pytest.mark.parametrize("block", PYTHON_BLOCKS)
def test_examples_run(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(block, {})


def without_rounding_errors(text: str) -> str:
    """The text without numbers that differ between machines."""
    return re.sub(r"\d\.\de-1\d", "tiny", text).rstrip("\n")


def test_the_tour_gives_what_it_shows(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    (block,) = re.findall(r"```pycon\n(.*?)```", README, re.DOTALL)
    examples = doctest.DocTestParser().get_examples(block)
    assert len(examples) > 10
    for example in examples:
        exec(compile(example.source, "README.md", "single"), names)
        assert without_rounding_errors(capsys.readouterr().out) == without_rounding_errors(example.want), example.source


@pytest.mark.parametrize("line", COMMANDS)
def test_commands_run(line: str, tmp_path: Path) -> None:
    command = shlex.split(line)
    module = command[2]
    if module == "notebooks.playground" and shutil.which("npm") is None:
        pytest.skip("Pyodide comes by npm: apt-get install npm")
    if module == "notebooks.build":
        pytest.importorskip("nbconvert", reason="builds the course: pip install -e '.[notebook]'")
        command = [str(ROOT / word) if word.endswith(".ipynb") else word for word in command]
    if module == "notebooks.reference":
        pytest.importorskip("pdoc", reason="writes HTML by pdoc: pip install -e '.[reference]'")
    if module.startswith("notebooks."):
        command += ["--to", str(tmp_path / "built")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    run = subprocess.run(
        [sys.executable, *command[1:]], cwd=tmp_path, env=environment, capture_output=True, text=True, encoding="utf-8"
    )
    assert run.returncode == 0, run.stderr
    for name in re.findall(r"--(?:svg|gif|html) (\S+)", line):
        assert (tmp_path / name).stat().st_size > 1000


def test_its_pictures_and_files_are_there() -> None:
    paths = [*re.findall(r"\]\((\.[^)#]+)\)", README), *re.findall(r"`(\d\d_\w+)`", README)]
    assert len(paths) > 15
    for name in paths:
        assert (ROOT / (name if "/" in name else f"notebooks/{name}.ipynb")).exists(), name

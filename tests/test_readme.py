"""The README: its two commands have the promised form, and its examples run and give what they say."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import numpy
import pytest

from autograd_core.__main__ import main

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
PYTHON_BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


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
def test_examples_run_and_give_what_they_say(block: str, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    exec(block, names)
    for code, promised in re.findall(r"^(\w.*?)\s{2,}# (\(.*\)|\[\[.*\]\])$", block, re.MULTILINE):
        assert numpy.ravel(eval(code, names)) == pytest.approx(numpy.ravel(eval(promised)), rel=1e-12)
    if "w.grad" in block:
        assert capsys.readouterr().out.startswith("0.43578")


def test_the_explained_command_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (line,) = re.findall(r"-m autograd_core (explain .*)", README)
    assert main(shlex.split(line)) == 0
    assert (tmp_path / "graph.svg").exists()

"""README and the pages beside it: the two commands have the agreed form, and every example gives the result shown."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autograd_core.practice.quiz.generate import QUIZ_LEVELS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
NAMES = ["README.md", *(f".github/{path.name}" for path in sorted((ROOT / ".github").glob("*.md")))]
PAGES = {name: (ROOT / name).read_text(encoding="utf-8") for name in NAMES}
LONGEST_README = 130


def found(pattern: str, flags: int = 0) -> list[Any]:
    """Every match in a page, with the page's name as the test's."""
    return [
        pytest.param(match, id=f"{name} {number}")
        for name, page in PAGES.items()
        for number, match in enumerate(re.findall(pattern, page, flags))
    ]


def start_block(place: int) -> list[str]:
    section = README.split("## Start\n")[1].split("\n## ")[0]
    fenced: str = re.findall(r"```(?:sh|bat)\n(.*?)```", section, re.DOTALL)[place]
    return fenced.strip().splitlines()


@pytest.mark.parametrize("place", [0, 1], ids=["linux and macos", "windows"])
def test_start_has_exactly_two_commands(place: int) -> None:
    first, second = start_block(place)
    for command in (first, second):
        assert "-m venv .venv" in command
        assert "pip install" in command
    assert first.endswith("-m autograd_core")
    assert second.endswith("-m pytest -q -n auto")
    assert "torch" not in second


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= LONGEST_README


@pytest.mark.parametrize("block", found(r"```python\n(.*?)```", re.DOTALL))
def test_examples_run(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(block, {})


def without_rounding_errors(text: str) -> str:
    """The text without numbers that differ between machines."""
    return re.sub(r"\d\.\de-1\d", "tiny", text).rstrip("\n")


@pytest.mark.parametrize("block", found(r"```pycon\n(.*?)```", re.DOTALL))
def test_sessions_print_what_is_shown(block: str, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    examples = doctest.DocTestParser().get_examples(block)
    assert len(examples) > 5
    for example in examples:
        exec(compile(example.source, "README.md", "single"), names)
        assert without_rounding_errors(capsys.readouterr().out) == without_rounding_errors(example.want), example.source


@pytest.mark.parametrize("line", found(r"\.venv/bin/(python -m (?:autograd_core|nn|notebooks)\b[^`\n]*)"))
def test_commands_run(line: str, tmp_path: Path) -> None:
    command = shlex.split(line)
    module = command[2]
    if module == "notebooks.build":
        pytest.importorskip("nbconvert", reason="builds the course: pip install -e '.[notebook]'")
        command = [str(ROOT / word) if word.endswith(".ipynb") else word for word in command]
    if module == "notebooks.reference":
        pytest.importorskip("pdoc", reason="writes HTML by pdoc: pip install -e '.[reference]'")
    if module.startswith("notebooks."):
        command += ["--to", str(tmp_path / "built")]
    if command[-2:] == ["train", "names"]:  # all of them take half a minute
        (tmp_path / "few.txt").write_text("a\nb\n", encoding="utf-8")
        command += ["--data", "few.txt", "--epochs", "1", "--backend", "numpy"]
    if "names.csv" in command or "collect" in command:  # a page of answers takes a second a name
        page = PAGES[".github/COMMAND_LINE.md"]
        header, *names = re.findall(r"```csv\n(.*?)```", page, re.DOTALL)[0].splitlines()
        (tmp_path / "names.csv").write_text(f"{header}\n{names[-1]}\n", encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore", "BROWSER": "true"}
    if "collect" in command:
        folder, secret = command[command.index("collect") + 1], command[-1]
        made = ["-m", "autograd_core", "class", "names.csv", "--secret-file", secret, "--to", folder]
        subprocess.run([sys.executable, *made], cwd=tmp_path, env=environment, check=True)
    run = subprocess.run(
        [sys.executable, *command[1:]], cwd=tmp_path, env=environment, capture_output=True, text=True, encoding="utf-8"
    )
    assert run.returncode == 0, run.stderr
    for name in re.findall(r"--(?:svg|gif|html) (\S+)", line):
        assert (tmp_path / name).stat().st_size > 1000


def test_levels_are_those_of_the_table() -> None:
    rows = dict(re.findall(r"^\| (\d) \| (.*) \|$", PAGES[".github/COMMAND_LINE.md"], re.MULTILINE))
    assert rows == {str(number): level.words for number, level in QUIZ_LEVELS.items()}


@pytest.mark.parametrize("name", NAMES)
def test_pictures_and_links_lead_somewhere(name: str) -> None:
    page = PAGES[name]
    links = [link for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page) if "://" not in link]
    for link in links:
        assert ((ROOT / name).parent / link).exists(), link
    for notebook in re.findall(r"`(\d\d_\w+)`", page):
        assert (ROOT / f"notebooks/{notebook}.ipynb").exists(), notebook
    assert name != "README.md" or len(links) > 15

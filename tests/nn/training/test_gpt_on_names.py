"""`python -m nn train names`: a GPT on names, from the list to the names that it invents."""

from __future__ import annotations

import importlib.util
import math
import re
from pathlib import Path
from typing import Any

import pytest

import nn.training.gpt_on_names as names_module
from nn import GPT, Epoch, History, load
from nn.__main__ import main
from nn.data.texts import Alphabet
from nn.training.gpt_on_names import NamesTask, invented_names, learn_names

NAMES = ["ada", "be", "ab", "bed", "ed", "dab"]


@pytest.fixture(autouse=True)
def _small_and_in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(names_module, "INVENTED", 5)
    monkeypatch.setattr(names_module, "GPT", lambda *sizes, rng: GPT(*sizes, n_embd=4, n_head=2, rng=rng))
    Path("names.txt").write_text("\n".join([*NAMES, "", "ada"]), encoding="utf-8")


def test_each_letter_is_to_be_told_from_those_before_it_and_long_names_are_cut() -> None:
    task = NamesTask.of(["ab", "b" * 20, "ab"])
    assert task.names == ["ab", "b" * 20]
    assert (task.X[0], task.y[0]) == ([2, 0, 1], [0, 1, 2])
    assert (task.X[1], task.y[1], task.too_long) == ([2] + [1] * 15, [1] * 16, 1)


def test_training_lowers_the_loss_below_guessing(capsys: pytest.CaptureFixture[str]) -> None:
    model, history = learn_names(NAMES, "a list", epochs=8, learning_rate=0.05, seed=0, backend="numpy")
    assert (len(history), history.backend) == (8, "numpy")
    assert history.losses[-1] < history.losses[0] < 1.2 * math.log(5)
    printed = capsys.readouterr().out
    assert "6 names from a list\n4 letters (abde), and the end of a name\n" in printed
    assert f"loss after 8 epochs: {history.losses[-1]:#.4g} (guessing: 1.609)" in printed
    invented = printed.partition("none of which is in the list\n")[2].split()
    assert len(invented) == len(set(invented)) == 5
    assert not set(invented) & set(NAMES)
    assert set("".join(invented)) <= set("abde")
    assert max(map(len, printed.splitlines())) <= 80
    assert invented == list(invented_names(NamesTask.of(NAMES), model, 5, seed=0))


def test_names_learnt_by_heart_are_told_from_names_learnt(capsys: pytest.CaptureFixture[str]) -> None:
    task = NamesTask.of(NAMES)
    for held, told in ((2.5, True), (1.25, False), (None, False)):
        names_module.print_report(names_module._result(task, History([Epoch(1, 0.5, held)])))
        assert ("by heart" in capsys.readouterr().out) == told


def test_the_command_reads_a_file_and_writes_model_and_picture(capsys: pytest.CaptureFixture[str]) -> None:
    command = [
        "train",
        "names",
        "--data",
        "names.txt",
        "--epochs",
        "1",
        "--backend",
        "numpy",
        "--save",
        "a.safetensors",
    ]
    if importlib.util.find_spec("matplotlib"):
        command += ["--plot", "loss.svg"]
    assert main(command) == 0
    printed = capsys.readouterr().out
    assert "6 names from names.txt" in printed
    assert "wrote a.safetensors" in printed
    assert "numpy" in printed
    assert Path("loss.svg").exists() == ("--plot" in command)
    before = GPT(len(Alphabet(NAMES)), 16, n_embd=4, n_head=2, rng=0).state_dict()
    saved = load("a.safetensors", GPT(len(Alphabet(NAMES)), 16, n_embd=4, n_head=2, rng=1)).state_dict()
    assert saved.keys() == before.keys()
    assert saved != before


def test_without_the_extra_the_command_says_what_it_takes_and_how_to_get_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names_module.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(names_module, "train_on_names", lambda *arguments, **named: History())
    learn_names(NAMES, "a list", epochs=1, learning_rate=0.01, seed=0, backend="auto")
    told = " ".join(capsys.readouterr().out.split())
    assert re.search(r'The extra `fast` is not installed.* minutes.* pip install -e "\.\[fast\]" in the clone', told)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--hidden", "4"], "--target, --ignore, --task and --hidden apply to tables"),
        (["--target", "a"], "--target, --ignore, --task and --hidden apply to tables"),
        (["--data", "nowhere.txt"], "there is no file nowhere.txt"),
        (["--data", "empty.txt"], "empty.txt has no line with text"),
    ],
)
def test_mistakes_are_answered_in_one_line(
    options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("empty.txt").write_text("\n", encoding="utf-8")
    assert main(["train", "names", *options]) == 2
    error: Any = capsys.readouterr().err
    assert error.count("\n") == 1
    assert message in error

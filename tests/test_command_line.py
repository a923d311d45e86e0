"""The command line: what it prints, the files it writes, and one clear line for every mistake."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from autograd_core import explain
from autograd_core.__main__ import main
from autograd_core.formulas.assignments import evaluate
from autograd_core.formulas.labels import display_width

BAYDIN = ["explain", "ln(x1) + x1*x2 - sin(x2)", "x1=2", "x2=5"]


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "autograd_core", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=cwd,
    )


def test_without_arguments_it_explains_the_worked_example() -> None:
    done = run()
    assert (done.returncode, done.stderr) == (0, "")
    assert "dL/dx₁ = dL/dv₂ · ∂v₂/∂x₁ + dL/dv₁ · ∂v₁/∂x₁ = 1 · 5 + 1 · 0.5 = 5.5" in done.stdout
    assert "Your own: python -m autograd_core explain" in done.stdout


def test_it_prints_the_traces(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(BAYDIN) == 0
    shown = capsys.readouterr().out
    for heading in ("Forward trace", "Backward trace", "upstream", "contribution", "adjoint so far", "Gradient"):
        assert heading in shown


@pytest.mark.parametrize("width", [80, 100, 120])
@pytest.mark.parametrize(
    "arguments",
    [
        [],
        [*BAYDIN, "--learning-rate", "0.1"],
        [*BAYDIN, "--mode", "forward"],
        ["explain", "sigmoid(x)*gelu(y) + (x + 1e-6)**2 - x**2", "x=20", "y=1.5", "--inside", "all"],
        ["explain", "誤差*y", "誤差=2", "y=1.5"],
        ["quiz", *BAYDIN[1:]],
        ["quiz", *BAYDIN[1:], "--answer", "x1=3", "x2=4"],
    ],
)
def test_the_lines_fit_the_terminal(
    arguments: list[str], width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr(sys, "argv", ["autograd_core", *arguments])
    main()
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if display_width(line) > width] == []


def test_a_narrow_table_shows_the_same_numbers() -> None:
    output = evaluate(BAYDIN[1], BAYDIN[2:])
    wide, narrow = explain(output).to_text(), explain(output).to_text(width=80)
    numbers = re.compile(r"−?\d+\.?\d*(?:·10[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)?")
    assert set(numbers.findall(narrow)) == set(numbers.findall(wide)), "none is cut, and none is lost"
    columns = [line.index("1 ·") for line in narrow.splitlines() if "1 · 1 = 1 " in line]
    assert len(columns) == 3
    assert len(set(columns)) == 1, "aligned"


def test_json_is_the_same_record(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*BAYDIN, "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert {entry["name"]: entry["value"] for entry in plain["gradient"]} == {"x1": 5.5, "x2": 1.7163378145367737}


def test_it_writes_pictures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {suffix: tmp_path / f"graph.{suffix}" for suffix in ("svg", "png", "pdf", "dot")}
    options = [word for suffix, path in files.items() for word in (f"--{suffix}", str(path))]
    assert main([*BAYDIN, *options]) == 0
    starts = {suffix: path.read_bytes()[:300] for suffix, path in files.items()}
    assert b"<svg" in starts["svg"]
    assert starts["png"].startswith(b"\x89PNG")
    assert starts["pdf"].startswith(b"%PDF")
    assert b"digraph" in starts["dot"]
    assert "5.5" in files["svg"].read_text(encoding="utf-8"), "the gradient is in the picture"
    assert f"wrote {files['svg']}" in capsys.readouterr().out


def test_it_writes_the_step_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page, film, derivation = (tmp_path / f"steps.{suffix}" for suffix in ("html", "gif", "tex"))
    shown: list[str] = []
    monkeypatch.setattr("webbrowser.open", shown.append)
    files = ["--html", str(page), "--gif", str(film), "--tex", str(derivation)]
    assert main(["explain", "x*x", "x=3", *files, "--open"]) == 0
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert film.read_bytes().startswith(b"GIF8")
    assert derivation.read_text(encoding="utf-8").startswith("\\begin{align*}")
    assert shown == [page.as_uri()]


def test_forward_mode_and_opened_functions(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "sigmoid(x)", "x=1", "--mode", "forward", "--inside", "sigmoid"]) == 0
    shown = capsys.readouterr().out
    assert "Forward derivatives with respect to x" in shown
    assert " if out₍₁₎, else " in shown


def test_an_expression_may_begin_with_a_minus_sign(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "-x*2", "x=-3e0"]) == 0
    assert "dL/dx = " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["explain", "2 +* x", "x=1"], "this cannot be read: at character 4"),
        (["explain", "foo(x)", "x=1"], "there is no function 'foo'"),
        (["explain", "x + y", "x=1"], "no value for y (character 5 on): add y=NUMBER"),
        (["explain", "x", "x=1", "y=2"], "'y' is not in the expression; its names are x"),
        (["explain", "x", "x=1", "x=2"], "'x' is assigned twice"),
        (["explain", "x", "x=one"], "'one' is not a number"),
        (["explain", "x", "x=inf"], "only finite numbers"),
        (["explain", "x", "x"], "write NAME=NUMBER"),
        (["explain", "2 + 3"], "no input to differentiate with respect to"),
        (["explain", "x^2", "x=1"], "write **, not ^"),
        (["explain", "-" * 100_000 + "1"], "at most 2,000"),
        (["explain", "exp(x)"], "no value for x (character 5 on)"),
        (["explain", " max1 + a", "max1=1"], "no value for a (character 9 on)"),
        (["explain", "x*pi", "x=1", "pi=3"], "'pi' is the constant 3.14159"),
        (["explain", "lambda*2", "lambda=1"], "'lambda' is a keyword of Python"),
        (["explain", "1or x", "x=1"], "are known: at character 1"),
        (["explain", "x", "x=\N{ARABIC-INDIC DIGIT THREE}"], "is not a number"),
        (["explain", "sigmoid(x)", "x=1", "--inside", "sigmod"], "no composition 'sigmod' to open"),
        (["explain", "x", "x=1", "--png", "graph.svg"], "--png needs a file name that ends in .png"),
        (["explain", "x", "x=1", "--svg", ""], "--svg needs a file name"),
        (["explain", "x", "x=1", "--open"], "add one, such as --html"),
        (["explain", "x", "x=1", "--mode", "forward", "--html", "a.html"], "reverse mode"),
        (["explain", "x", "x=1", "--svg", "no/such/folder/graph.svg"], "cannot write 'no/such/folder/graph.svg'"),
    ],
)
def test_every_mistake_is_one_clear_line(
    arguments: list[str], what: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert what in error
    assert error.startswith("error: ")
    assert error.count("\n") == 1


def test_exit_status_of_a_mistake_is_two() -> None:
    done = run("explain", "ln(x", "x=2")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert run("explode").returncode == 2


def test_a_picture_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = tmp_path / "graph.svg"
    folder.mkdir()
    done = run(*BAYDIN, "--svg", str(folder))
    assert done.returncode == 2
    assert "cannot write" in done.stderr
    assert list(tmp_path.iterdir()) == [folder]


def test_gradient_descent_follows_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "x**2", "x=3", "--learning-rate", "0.1", "--steps", "2"]) == 0
    output = capsys.readouterr().out
    assert "Update 2 of 2" in output
    assert "x = 2.4 − 0.48 = 1.92" in output


@pytest.mark.parametrize(
    ("flags", "reason"),
    [
        (["--steps", "2"], "--learning-rate"),
        (["--learning-rate", "0"], "positive"),
        (["--learning-rate=1", "--steps", "0"], "whole number"),
        (["--learning-rate=-1"], "positive"),
    ],
)
def test_an_impossible_descent_is_an_error(flags: list[str], reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "x**2", "x=3", *flags]) == 2
    assert reason in capsys.readouterr().err


def test_the_playground_is_one_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "mine.html"
    assert main(["playground", "--html", str(page), "--no-browser"]) == 0
    assert "data-autograd-playground" in page.read_text(encoding="utf-8")
    assert main(["playground", "--html", "mine.txt", "--no-browser"]) == 2
    assert "ends in .html" in capsys.readouterr().err


def test_the_builder_opens_at_an_expression(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "mine.html"
    assert main(["build", "-relu(w*x + b)", "w=2", "x=3", "b=1", "--html", str(page), "--no-browser"]) == 0
    assert r'"program":"w = 2\nx = 3\nb = 1\n-relu(w*x + b)"' in page.read_text(encoding="utf-8")
    assert main(["build", "relu(w*x)", "w=2", "--html", str(page), "--no-browser"]) == 2
    assert "add x=NUMBER" in capsys.readouterr().err

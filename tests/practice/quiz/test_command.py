"""The quiz on the command line: questions, diagnosis, key, page, and one clear line for each mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograd_core import Value, compare, maximum
from autograd_core.__main__ import main
from autograd_core.practice.quiz.quiz import quiz

SURVEY = ["quiz", "ln(x1) + x1*x2 - sin(x2)", "x1=2", "x2=5"]


def test_it_prints_the_questions_and_no_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(SURVEY) == 0
    shown = capsys.readouterr().out
    assert "dL/dx₁ = ____" in shown
    assert "--answer NAME=NUMBER" in shown
    assert "5.5" not in shown


def test_it_checks_and_diagnoses_answers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*SURVEY, "--answer", "x1=5.5", "x2=1.72"]) == 0
    assert "2 of 2 right." in capsys.readouterr().out
    assert main([*SURVEY, "--answer", "x1=5", "--answer", "x2=-0.284"]) == 1
    shown = capsys.readouterr().out
    assert "missed a path: the path out → v₃ → v₁ → x₁ was left out." in shown
    assert "Hint: " in shown
    assert main([*SURVEY, "--answer", "x1=11/2"]) == 1, "one blank is still open"
    assert main([*SURVEY, "--ask", "v2/x1, v2->x1", "--answer", "v2/x1=5", "v2->x1=5"]) == 0
    assert main(["quiz", "x*x", "x=3", "--ask", "contributions", "--answer", "out->x (input 1)=3"]) == 1
    assert main(["quiz", "w*w", "w=3", "--rate", "0.1", "--ask", "w,w_new", "--answer", "w=6", "w_new=2.4"]) == 0
    assert main(["quiz", "-x", "x=3", "--tolerance", "0.05", "--answer", "x=-0.97"]) == 0


def test_each_seed_has_its_exercise_with_its_key_and_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "ada.html"
    assert main(["quiz", "--seed", "Ada", "--level", "2", "--html", str(page), "--key"]) == 0
    exercise = quiz.generate(seed="Ada", level=2)
    assert page.read_text(encoding="utf-8") == exercise.to_html()
    assert capsys.readouterr().out.splitlines() == [
        f"wrote {page}",
        *(f"{name} = {number!r}" for name, number in exercise.key().items()),
    ]
    assert main(["quiz", "--seed", "-7"]) == 0
    assert "Exercise for -7, level 1" in capsys.readouterr().out


def test_a_name_from_elsewhere_reaches_the_terminal_as_a_label(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = "Ada\x1b[31m\u202e\ud800\nL.\x9b"
    assert main(["quiz", "--seed", hostile, "--key"]) == 0
    assert main(["quiz", "--seed", hostile, "--answer", "a=1"]) == 1
    assert main(["quiz", "--seed", hostile]) == 0
    shown = capsys.readouterr().out
    assert "Exercise for Ada[31m L., level 1" in shown
    x = Value(3.0, label=f"x{hostile}")
    y = x * x * Value(0.0, label=f"w{hostile}")
    exercise = quiz(maximum(y, y * 2), [x])
    texts = [exercise.to_text(), compare({x: 1}, of=y), compare({x: 0}, of=maximum(y, 2 * y))]
    texts += [exercise.check({x.label: answer}) for answer in (0, 5, 9)]
    for text in (shown, quiz.generate(hostile).to_json(), *map(str, texts)):
        assert all(character == "\n" or character.isprintable() for character in text), ascii(text)


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["quiz"], "there is nothing to ask about: give an expression"),
        (["quiz", "2 + 3"], "no input to differentiate with respect to"),
        (["quiz", "x*x"], "no value for x"),
        (["quiz", "x*x", "x=3", "--seed", "Ada"], "--seed and --level generate a graph"),
        (["quiz", "--seed", "Ada", "--level", "9"], "there is no level 9"),
        (["quiz", "--seed", "Ada", "--ask", "a"], "--ask, --tolerance and --rate go with an expression"),
        (["quiz", "x*x", "x=3", "--ask", "y"], "no number to ask for 'y'"),
        (["quiz", "x*x", "x=3", "--tolerance", "7"], "tolerance must be a share"),
        (["quiz", "x*x", "x=3", "--answer", "6"], "'6' is not an answer: write NAME=NUMBER"),
        (["quiz", "x*x", "x=3", "--answer", "x=6", "x=7"], "'x' is answered twice"),
        (["quiz", "x*x", "x=3", "--answer", "z=6"], "no blank 'z'"),
        (["quiz", "x*x", "x=3", "--answer", "x=abc"], "the answer for x is not a number"),
        (["quiz", "log(x)", "x=0"], "nobody can fill in"),
        (["quiz", "x*x", "x=3", "--html", "page.txt"], "--html needs a file name that ends in .html"),
        (["quiz", "x*x", "x=3", "--moodle", "page.html"], "--moodle needs a file name that ends in .xml"),
        (["quiz", "x*x", "x=3", "--qti", "no/such/package.zip"], "cannot write 'no/such/package.zip'"),
        (["quiz", "--variants", "3"], "give --moodle or --qti or --nbgrader or --otter"),
        (["quiz", "--variants", "3", "--html", "page.html"], "--variants writes generated exercises to one file"),
        (["quiz", "x*x", "x=3", "--variants", "3", "--qti", "p.zip"], "--variants writes generated exercises"),
        (["quiz", "--variants", "0", "--qti", "p.zip"], "a pool needs at least one exercise"),
        (["quiz", "x*x", "x=3", "--html", "no/such/page.html"], "cannot write 'no/such/page.html'"),
        (["quiz", "x*x", "x=3", "--html", "page.html", "--tolerance", "0.001"], "cannot check a tolerance of 0.001"),
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
    assert list(tmp_path.iterdir()) == []

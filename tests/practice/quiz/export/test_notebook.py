"""Notebooks for nbgrader and otter-grader: what stands in them, and the marks that both give."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from autograd_core import Value, quiz, relu, sin
from autograd_core.__main__ import main
from autograd_core.practice.quiz.exercise import Quiz
from autograd_core.practice.quiz.export.pool import ExercisePool
from tests.practice.quiz.export.strange import exercises

MARKERS = ("BEGIN SOLUTION", "END SOLUTION", "BEGIN HIDDEN TESTS", "END HIDDEN TESTS")


def sources(notebook: str, kind: str) -> list[str]:
    return ["".join(cell["source"]) for cell in json.loads(notebook)["cells"] if cell["cell_type"] == kind]


def run_tests(notebook: str, answer: Callable[[str, str], str]) -> dict[str, str]:
    """What each hidden test says after the cells have run: "" where it passes. answer: of a cell, by its name."""
    names: dict[str, Any] = {}
    said = {}
    for source in sources(notebook, "code"):
        name = source.rpartition(" = ")[0].rpartition("\n")[2]
        if name.startswith("answer_"):
            names[name] = eval(answer(name, source))
        else:
            tested = source.partition("isinstance(")[2].partition(",")[0]
            try:
                exec(source, names)
                said[tested or source] = ""
            except AssertionError as problem:
                said[tested or source] = str(problem)
    return said


def solution(name: str, source: str) -> str:
    """The number in a solution cell."""
    return next(line for line in source.splitlines() if line.startswith(name)).partition(" = ")[2].partition(" #")[0]


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(exercises())
@pytest.mark.filterwarnings("ignore:a PNG may show")
def test_any_names_give_cells_whose_tests_pass_with_the_solutions(exercise: Quiz) -> None:
    for notebook in (exercise.to_nbgrader(), exercise.to_otter()):
        data = json.loads(notebook)
        assert (data["nbformat"], data["nbformat_minor"]) == (4, 5)
        assert len({cell["id"] for cell in data["cells"]}) == len(data["cells"])
        assert set(run_tests(notebook, solution).values()) == {""}
        for source in sources(notebook, "markdown"):  # no name became a marker of a grader, or Markdown
            assert not any(marker in source for marker in ("BEGIN", "END", "```", "<b>", "\x00"))
    code = "\n".join(sources(exercise.to_nbgrader(), "code")).splitlines()
    for marker in MARKERS:
        assert sum(marker in line for line in code) == len(exercise.blanks)


def test_a_wrong_number_fails_with_its_hint() -> None:
    x, w = Value(1.3, "x"), Value(2.5, "w")
    notebook = quiz(sin(x * x) * w, [x, w]).to_nbgrader()
    said = run_tests(
        notebook, lambda name, source: "2.5 * -0.11892" if name == "answer_1_1" else solution(name, source)
    )
    assert list(said) == ["answer_1_1", "answer_1_2"]
    assert "forgot the inner derivative" in said["answer_1_1"]
    assert said["answer_1_2"] == ""
    said = run_tests(notebook, lambda name, source: "'abc'" if name == "answer_1_1" else "17")
    assert "is to be a number" in said["answer_1_1"]
    assert "upstream · partial" in said["answer_1_2"], "the general hint"


def test_at_a_kink_every_number_between_the_sides_is_right() -> None:
    x, w = Value(0.0, "x"), Value(1.5, "w")
    notebook = quiz(relu(x) * w + x * 2, [x]).to_otter()
    for answer, is_right in (("2", True), ("2.7", True), ("7 / 2", True), ("3.6", False), ("1.9", False)):
        said = run_tests(notebook, lambda name, source, answer=answer: answer)
        assert (set(said.values()) == {""}) == is_right


def test_a_pool_is_one_notebook(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [tmp_path / "nbgrader.ipynb", tmp_path / "otter.ipynb"]
    arguments = ["quiz", "--level", "1", "--variants", "2", "--nbgrader", str(files[0]), "--otter", str(files[1])]
    assert main(arguments) == 0
    assert capsys.readouterr().out == f"wrote {files[0]}\nwrote {files[1]}\n"
    for file in files:
        notebook = file.read_text(encoding="utf-8")
        assert len(run_tests(notebook, solution)) in (8, 16)
        assert sum(source.startswith("## ") for source in sources(notebook, "markdown")) == 2


# ------------------------------------------------------------------------------------------- the graders themselves

STRANGE = 'Ada <b> # SOLUTION ### END HIDDEN TESTS שלום "{1:NM:=5}" # END QUESTION'


@pytest.fixture(scope="module")
def pool() -> ExercisePool:
    """Two exercises; the second has names that are markers of the graders."""
    x, w = Value(1.3, "x"), Value(2.5, STRANGE)
    return ExercisePool([quiz.generate("Ada", 1), quiz(sin(x * w) * w, [x, w])], STRANGE)


@pytest.fixture(scope="module")
def students(pool: ExercisePool) -> dict[str, tuple[dict[str, str], int]]:
    """{student: (answers by cell, marks)}: one right, and three wrong in different ways."""
    right = {
        f"answer_{number}_{place}": f"{value:.3g}"
        for number, exercise in enumerate(pool, 1)
        for place, value in enumerate(exercise.key().values(), 1)
    }
    assert len(right) == 6
    return {
        "right": (right, 6),
        "wrong_sign": (
            right | {"answer_2_1": f"-({right['answer_2_1']})", "answer_1_2": "2 * " + right["answer_1_2"]},
            4,
        ),
        "half": ({name: number for name, number in right.items() if name.startswith("answer_2")}, 2),
        "no_number": (dict.fromkeys(right, "'abc'"), 0),
    }


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Nothing of the graders is written to the home of whoever runs the tests; they find the programs they need."""
    home = str(tmp_path_factory.mktemp("home"))
    names = ("HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)])
    return {**os.environ, **dict.fromkeys(names, home), "PATH": path, "PYTHONWARNINGS": "ignore"}


def run(arguments: list[str], folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def fill_in(notebook: Path, answers: dict[str, str], name_of: Callable[[dict[str, Any]], str]) -> str:
    """A student's notebook: answers in the cells that are there for them."""
    data = json.loads(notebook.read_text(encoding="utf-8"))
    filled = set()
    for cell in data["cells"]:
        name = name_of(cell)
        if name in answers:
            cell["source"] = [f"{name} = {answers[name]}"]
            filled.add(name)
    assert filled == set(answers)
    return json.dumps(data)


def test_nbgrader_gives_the_right_marks(
    pool: ExercisePool, students: dict[str, tuple[dict[str, str], int]], environment: dict[str, str], tmp_path: Path
) -> None:
    pytest.importorskip("nbgrader", reason='nbgrader is not installed: pip install -e ".[grading]"')
    source = tmp_path / "source" / "gradients" / "exercises.ipynb"
    source.parent.mkdir(parents=True)
    pool.to_nbgrader(source)
    run(["nbgrader", "generate_assignment", "gradients", "--create"], tmp_path, environment)
    released = tmp_path / "release" / "gradients" / "exercises.ipynb"
    text = released.read_text(encoding="utf-8")
    assert not any(marker in text for marker in (*MARKERS, "ranges = ["))
    for student, (answers, _) in students.items():
        submitted = tmp_path / "submitted" / student / "gradients" / "exercises.ipynb"
        submitted.parent.mkdir(parents=True)
        filled = fill_in(released, answers, lambda cell: cell["metadata"].get("nbgrader", {}).get("grade_id", ""))
        submitted.write_text(filled, encoding="utf-8")
    run(["nbgrader", "autograde", "gradients"], tmp_path, environment)
    run(["nbgrader", "export"], tmp_path, environment)
    with (tmp_path / "grades.csv").open(encoding="utf-8") as file:
        rows = {row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in csv.DictReader(file)}
    assert rows == {student: (marks, 6.0) for student, (_, marks) in students.items()}
    graded = (tmp_path / "autograded" / "wrong_sign" / "gradients" / "exercises.ipynb").read_text(encoding="utf-8")
    assert "wrong sign" in graded, "the hint of the mistake"


def test_otter_gives_the_right_marks(
    pool: ExercisePool, students: dict[str, tuple[dict[str, str], int]], environment: dict[str, str], tmp_path: Path
) -> None:
    pytest.importorskip("otter", reason='otter-grader is not installed: pip install -e ".[grading]"')
    pool.to_otter(tmp_path / "exercises.ipynb")
    run(["otter", "assign", "exercises.ipynb", "made"], tmp_path, environment)
    handed_out = tmp_path / "made" / "student" / "exercises.ipynb"
    text = handed_out.read_text(encoding="utf-8")
    assert "ranges = [" not in text
    assert not any("SOLUTION" in source for source in sources(text, "code"))
    [grader] = (tmp_path / "made" / "autograder").glob("*.zip")
    program = (
        "import sys, json; from otter.api import grade_submission\n"
        "marks = [grade_submission(path, sys.argv[1], quiet=True) for path in sys.argv[2:]]\n"
        "print(json.dumps([[each.total, each.possible] for each in marks]))\n"
    )
    (tmp_path / "grade.py").write_text(program, encoding="utf-8")
    paths = []
    for student, (answers, _) in students.items():
        submitted = tmp_path / student / "exercises.ipynb"
        submitted.parent.mkdir()
        filled = fill_in(handed_out, answers, lambda cell: "".join(cell["source"]).partition(" = ...")[0])
        submitted.write_text(filled, encoding="utf-8")
        paths.append(str(submitted))
    marks = json.loads(run(["grade", str(grader), *paths], tmp_path, environment).splitlines()[-1])
    assert marks == [[marks, 6] for _, marks in students.values()]

"""`class` and `collect` on the command line: what they write, what a page holds, and each mistake in one line."""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path

import pytest

from autograd_core.__main__ import main
from autograd_core.mistakes.answers import agrees
from autograd_core.practice.classroom.homework import read_homework
from autograd_core.practice.classroom.secret import make_secret, read_secret
from autograd_core.practice.classroom.spreadsheet import read_table

CLASS = ["class", "names.csv", "--secret-file", "teacher.key", "--to", "week 1"]
COLLECT = ["collect", "week 1", "--secret-file", "teacher.key"]


@pytest.fixture(autouse=True)
def names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("names.csv").write_text("name\nAda\n=cmd\n<b>Emmy</b>\n", encoding="utf-8")


def test_a_class_gets_pages_paper_and_a_key(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*CLASS, "--level", "1", "3"]) == 0
    shown = capsys.readouterr().out
    assert "made teacher.key: your secret." in shown
    assert "collect 'week 1' --secret-file teacher.key" in shown
    assert sorted(path.name for path in Path("week 1/pages").iterdir()) == ["Ada.html", "b-Emmy-b.html", "cmd.html"]
    rows = read_table("week 1/key.csv").rows
    assert [row[0] for row in rows[1:]] == ["Ada", "Ada", "'=cmd", "'=cmd", "<b>Emmy</b>", "<b>Emmy</b>"]
    assert Path("week 1/paper.html").read_text(encoding="utf-8").count("<section") == 6
    if os.name == "posix":
        assert stat.S_IMODE(Path("week 1/key.csv").stat().st_mode) == 0o600


def test_no_page_holds_an_answer_a_hash_or_a_seed() -> None:
    make_secret("other.key")
    known = re.sub("[0-9a-f]{64}", "5" * 64, Path("other.key").read_text())  # the same exercises in every run
    Path("teacher.key").touch(0o600)
    Path("teacher.key").write_text(known)
    assert main([*CLASS, "--level", "2"]) == 0
    homework = read_homework(Path("week 1"), read_secret("teacher.key"))
    for student, name in zip(homework.students, ("Ada", "cmd", "b-Emmy-b"), strict=True):
        exercise = homework.exercises(student)[2]
        page = Path(f"week 1/pages/{name}.html").read_text(encoding="utf-8")
        found = re.search(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)
        assert found
        data = json.loads(found[1])
        assert data.keys() == {"homework", "name", "id", "code", "exercises"}
        assert [blank.keys() for blank in data["exercises"][0]["blanks"]] == [{"key", "mark", "words", "nodes"}] * 4
        visible = re.sub(r"<(script|style).*?</\1>|src='[^']*'|<[^>]*>", " ", page, flags=re.DOTALL)
        numbers = [float(text.replace("−", "-")) for text in re.findall(r"[-−]?\d+(?:\.\d+)?", visible)]
        assert len(numbers) > 20
        for answer in exercise.key().values():
            assert not any(agrees(abs(answer), abs(number)) for number in numbers)
        assert homework.secret.seed(homework.title, student.name, student.id, "2") not in page
        assert "<b>Emmy" not in page


def test_marks_are_collected(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    main(CLASS)
    homework = read_homework(Path("week 1"), read_secret("teacher.key"))
    ada = homework.students[0]
    answers = {"1": {key: f"{answer:.4g}" for key, answer in homework.exercises(ada)[1].key().items()}}
    content = {"homework": "week 1", "name": "Ada", "id": "", "code": homework.code(ada), "answers": answers}
    Path("week 1/handed-in/ada.json").write_text(json.dumps(content))
    Path("week 1/handed-in/=broken.json").write_text("{")
    for folder in ("week 1", "week 1/handed-in"):
        assert main(["collect", folder, "--secret-file", "teacher.key"]) == 0
    assert "week 1: 1 of 3 students handed in" in capsys.readouterr().out
    assert read_table("week 1/report.csv").rows[1][:6] == ["Ada", "", "yes", "4", "4", "4"]
    assert read_table("week 1/to-look-at.csv").rows[1][0] == "'=broken.json"
    assert Path("week 1/projector.html").exists()


def test_a_student_can_be_added_and_typed_answers_stay() -> None:
    main(CLASS)
    table = Path("week 1/handed-in/answers.csv")
    table.write_bytes(table.read_bytes().replace(b",1,,,,", b",1,5,,,", 1))
    before, page = table.read_bytes(), Path("week 1/pages/Ada.html").read_bytes()
    with open("names.csv", "a", encoding="utf-8") as file:
        file.write("Zoë\n")
    assert main(CLASS) == 0
    assert table.read_bytes() == before
    assert Path("week 1/pages/Ada.html").read_bytes() == page
    assert [row[0] for row in read_table("week 1/handed-in/answers-2.csv").rows] == ["name", "Zoë"]


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["class", "none.csv", *CLASS[2:]], "none.csv"),
        ([*CLASS, "--level", "9"], "there is no level 9"),
        ([*CLASS, "--level", "1", "1"], "give each level once"),
        ([*CLASS, "--title", ""], "give --title"),
        ([*CLASS[:3], "week 1/teacher.key", *CLASS[4:]], "would lie in the folder of the homework"),
        ([*CLASS[:3], "no/such/teacher.key", *CLASS[4:]], "no/such/teacher.key"),
        (["collect", "none", "--secret-file", "names.csv"], "names.csv"),
        (COLLECT, "there is no secret file"),
    ],
)
def test_a_mistake_is_one_clear_line_and_leaves_nothing(
    arguments: list[str], what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert what in error
    assert error.count("\n") == 1
    assert os.listdir() == ["names.csv"]


def test_another_secret_or_another_homework_in_the_folder_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    main(CLASS)
    main(["class", "names.csv", "--secret-file", "other.key", "--to", "week 2"])
    assert main(["collect", "week 1", "--secret-file", "other.key"]) == 2
    assert "made with another secret file, or changed since" in capsys.readouterr().err
    assert main([*CLASS, "--level", "2"]) == 2
    assert "name another folder" in capsys.readouterr().err
    path = Path("week 1/homework.json")
    path.write_text(path.read_text().replace("Ada", "Eve"))
    assert main(COLLECT) == 2
    assert "changed since" in capsys.readouterr().err
    assert main(["collect", ".", "--secret-file", "teacher.key"]) == 2
    assert "there is no homework.json" in capsys.readouterr().err

"""Lists of names as spreadsheets and learning platforms write them, and the files of their pages."""

from __future__ import annotations

import unicodedata
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_core.practice.classroom.roster import Student, file_names, read_roster, same_names

ADA, EMMY = Student("Ada Lovelace"), Student("Emmy Noether")


def read(tmp_path: Path, content: str | bytes) -> list[Student]:
    path = tmp_path / "names.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_roster(str(path))


@pytest.mark.parametrize(
    "content",
    [
        "Ada Lovelace\nEmmy Noether\n",
        "name\nAda Lovelace\n\nEmmy Noether",
        "\ufeffName;Group\r\nAda Lovelace;1\r\nEmmy Noether;2\r\n",
        "sep=;\r\nGroup;Full name\r\n1;Ada Lovelace\r\n1;Emmy Noether\r\n",
        "First name,Last name,Group\nAda,Lovelace,1\nEmmy,Noether,1\n",
        "Surname\tGiven name\nLovelace\tAda\nNoether\tEmmy\n",
        "name\nAda  Lovelace \n\u202eEmmy Noether\x07\n",
        "Name\nAda Lovelace\nEmmy Noether\n".encode("utf-16"),
        b'"Ada Lovelace"\r"Emmy Noether"\r',
    ],
)
def test_every_common_form_is_read(content: str | bytes, tmp_path: Path) -> None:
    assert read(tmp_path, content) == [ADA, EMMY]


def test_letters_of_every_kind_are_kept(tmp_path: Path) -> None:
    names = [
        "Émilie du Châtelet",
        "O'Brien, Seán",
        'Anna "Nan" Smith',
        "=cmd|' /C calc'!A0",
        "שרה לוי",
        "李小龍",
        "../x",
    ]
    content = "name\n" + "\n".join('"{}"'.format(name.replace('"', '""')) for name in names)
    assert [student.name for student in read(tmp_path, content)] == names
    assert read(tmp_path, "name;x\nJos\xe9;1\n".encode("cp1252")) == [Student("José")]
    assert read(tmp_path, unicodedata.normalize("NFD", "Zoë\n")) == [Student("Zoë")]


def test_students_of_one_name_are_told_apart(tmp_path: Path) -> None:
    students = read(tmp_path, "name\nAda\nZo\u00eb\nAda\nZoe\u0308\n")
    assert [str(student) for student in students] == ["Ada (1)", "Zoë (1)", "Ada (2)", "Zoë (2)"]
    assert same_names(students) == ["Ada", "Zoë"]
    students = read(tmp_path, "name,ID number\nAda,17\nAda,18\n")
    assert students == [Student("Ada", "17"), Student("Ada", "18")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "has no names"),
        ("name\n", "has 0 students"),
        ("Lovelace, Ada\nNoether, Emmy\n", "several columns"),
        ("name,id\nAda,1\n,2\n", "row 3 of .* has no name: 2"),
        ("name,id\nAda,1\nAda,1\n", r"has Ada \(1\) twice"),
        ("name\n" + "x" * 300, "a name of 300 characters"),
        (b"PK\3\4\0\0", "not a text"),
    ],
)
def test_what_is_wrong_is_named(content: str | bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        read(tmp_path, content)


@given(st.lists(st.builds(Student, st.text(min_size=1), st.text(max_size=3)), max_size=8))
def test_files_have_safe_and_different_names(students: list[Student]) -> None:
    names = file_names(students)
    assert len({unicodedata.normalize("NFKD", name.casefold()) for name in names}) == len(students)
    for name in names:
        assert name
        assert PurePosixPath(name).name == PureWindowsPath(name).name == name
        assert len(f"{name}.html".encode()) <= 255


def test_names_that_only_case_or_accents_part_have_different_files() -> None:
    names = file_names([Student(name) for name in ("Zoe", "zoe", "Zoë", "ZOE!", "CON", "?", "!")])
    assert names == ["Zoe", "zoe-2", "Zoë-3", "ZOE-4", "CON-page", "student", "student-2"]

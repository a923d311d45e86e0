"""What students send, also with bad intent: a file counts for its own student or is listed with the reason."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograd_core.practice.classroom.class_folder import write_class
from autograd_core.practice.classroom.handed_in import read_handed_in
from autograd_core.practice.classroom.spreadsheet import read_table
from tests.practice.classroom.class_of_four import ADA, EMMY, HOMEWORK, SARAH, SEAN, hand_in, saved

ONE = {"1": {"a": "1"}}


def test_a_file_counts_for_the_student_of_its_code(tmp_path: Path) -> None:
    found = hand_in(tmp_path, ada=saved(ADA, ONE), emmy=saved(EMMY, ONE), sarah=saved(SARAH, ONE))
    assert [(item.student, item.answers) for item in found.submissions] == [
        (student, {1: {"a": "1"}}) for student in (ADA, EMMY, SARAH)
    ]
    assert found.problems == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (saved(ADA, ONE, name="Emmy Noether", id="7"), "its code belongs to Ada Lovelace"),
        (saved(ADA, ONE, code=HOMEWORK.code(EMMY)), "its code belongs to Emmy Noether"),
        (saved(EMMY, ONE, id="8"), "its code belongs to Emmy Noether"),
        (saved(ADA, ONE, code="AAAA-AAAA-AAAA-AAAA"), "its code belongs to nobody"),
        (saved(ADA, ONE, name="Nobody"), "its code belongs to Ada Lovelace"),
        (saved(ADA, ONE, homework="week 2"), "it belongs to the homework 'week 2'"),
        (saved(ADA, ONE, name=7), "are missing"),
        (saved(ADA, [1, 2]), "are missing"),
        ({"variant": "Ada, level 1", "attempts": []}, "a page for practice"),
        ([], "are missing"),
        (b"", "it is empty"),
        (b"{", "it is broken"),
        (b"[" * 100_000, "it is broken"),
        (b"1" * 150_000, "it is broken"),
        (bytes(range(256)), "it is broken"),
        (b" " * 300_000, "more than 200,000 bytes"),
        (b'{"name": "Ada", "name": "Emmy"}', "it is broken"),
    ],
)
def test_what_does_not_count_has_a_reason(content: Any, reason: str, tmp_path: Path) -> None:
    found = hand_in(tmp_path, file=content)
    assert found.submissions == []
    [problem] = found.problems
    assert problem.source == "file.json"
    assert reason in problem.reason


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"1": {"a": "1", "zz": "2"}}, "does not ask for 'zz'"),
        ({"1": {"a": "1"}, "6": {"a": "1"}}, "level '6' is not in this homework"),
        ({"1": {"a": "1", "b": [2]}}, "the answer for b is not a number"),
        ({"1": {"a": "1", "b": True}}, "the answer for b is not a number"),
        ({"1": {"a": "1", "b": "(" * 5000}}, "the answer for b is too long"),
    ],
)
def test_the_rest_of_a_damaged_file_counts(answers: Any, reason: str, tmp_path: Path) -> None:
    found = hand_in(tmp_path, ada=saved(ADA, answers))
    assert [item.answers for item in found.submissions] == [{1: {"a": "1"}}]
    assert [reason in problem.reason for problem in found.problems] == [True]


KEYS = st.sampled_from(["name", "id", "code", "homework", "answers", "1"])
JSON = st.recursive(
    st.none() | st.text() | st.floats() | st.integers(),
    lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(content=st.binary(max_size=60) | JSON)
def test_nothing_breaks_the_reader(content: Any, tmp_path: Path) -> None:
    found = hand_in(tmp_path, file=content)
    assert len(found.submissions) + len(found.problems) >= 1


def test_a_student_who_left_the_list_is_named(tmp_path: Path) -> None:
    (tmp_path / "ada.json").write_text(json.dumps(saved(ADA, ONE)), encoding="utf-8")
    found = read_handed_in(tmp_path, replace(HOMEWORK, students=(EMMY,)))
    assert [problem.reason.partition(":")[0] for problem in found.problems] == [
        "'Ada Lovelace' is not in the list of names any more"
    ]


def test_files_are_found_in_the_folders_of_a_download(tmp_path: Path) -> None:
    folder = tmp_path / "Ada Lovelace_12_assignsubmission_file_"
    folder.mkdir()
    (folder / "answers.json.txt").write_text(json.dumps(saved(ADA, ONE)), encoding="utf-16")
    (folder / "._answers.json").write_bytes(b"\0")
    (folder / "page.html").write_text("<html>")
    (folder / "all.zip").write_bytes(b"PK")
    (tmp_path / "loop").symlink_to(tmp_path)
    found = hand_in(tmp_path)
    assert [item.student for item in found.submissions] == [ADA]
    reasons = {problem.source.rpartition("/")[2]: problem.reason for problem in found.problems}
    assert reasons.keys() == {"page.html", "all.zip", "loop"}
    assert "press Save answers" in reasons["page.html"]
    assert "unpack it" in reasons["all.zip"]
    assert "a link" in reasons["loop"]


def type_in(tmp_path: Path, separator: str, encoding: str, cells: dict[tuple[str, str], list[str]]) -> Path:
    """Write the class to a folder and type answers into its table, as a spreadsheet saves it."""
    list(write_class(HOMEWORK, tmp_path))
    path = tmp_path / "handed-in" / "answers.csv"
    rows = read_table(path).rows
    for row in rows[1:]:
        given = cells.get((row[2], row[3]), [])
        row[4 : 4 + len(given)] = given
    lines = (separator.join(f'"{cell}"' if separator in cell else cell for cell in row) for row in rows)
    path.write_bytes("\r\n".join(lines).encode(encoding, "replace"))
    return path.parent


@pytest.mark.parametrize(("separator", "encoding"), [(",", "utf-8-sig"), (";", "cp1252"), ("\t", "utf-16")])
def test_answers_on_paper_are_read_as_a_spreadsheet_saves_them(separator: str, encoding: str, tmp_path: Path) -> None:
    typed = ["1.5", "-2", "", "2/7"] if separator == "," else ["1,5", "-2", "", "2/7"]
    cells = {(HOMEWORK.code(SEAN), "1"): typed, (HOMEWORK.code(SARAH), "2"): ["3"]}
    found = hand_in(type_in(tmp_path, separator, encoding, cells))
    assert found.problems == []
    assert [(item.student, item.answers) for item in found.submissions] == [
        (SEAN, {1: {"a": "1.5", "b": "-2", "d": "2/7"}}),
        (SARAH, {2: {"w1": "3"}}),
    ]


def test_a_row_of_the_wrong_sheet_is_named(tmp_path: Path) -> None:
    code = HOMEWORK.code(ADA)
    table = (
        f"name,code,level,?1,?9\nEmmy,{code},1,5,\n,{code.lower()},2,1,4\nAda,XXXX,1,1,\n,{code},5,1,\n,{code},1,,\n"
    )
    found = hand_in(tmp_path, **{"paper.csv": table.encode(), "other.csv": b"a,b\n1,2\n"})
    assert [(item.source, item.answers) for item in found.submissions] == [("paper.csv, row 3", {2: {"w1": "1"}})]
    assert [(problem.source, problem.reason.partition(":")[0]) for problem in found.problems] == [
        ("other.csv", "it has no columns code and level"),
        ("paper.csv, row 2", "it names 'Emmy', but its code belongs to Ada Lovelace"),
        ("paper.csv, row 3", "level 2 does not ask for '?9'"),
        ("paper.csv, row 4", "the code 'XXXX' belongs to nobody in this class"),
        ("paper.csv, row 5", "level '5' is not in this homework"),
    ]

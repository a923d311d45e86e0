"""Lines of text and the tokens of their letters."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn.data.texts import Alphabet, first_names, read_lines

# Lines of a file are texts without white space around them.
TEXTS = st.lists(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8), min_size=1, max_size=5)


def test_the_first_names_are_distinct_sorted_lower_case_and_a_small_file() -> None:
    names = first_names()
    assert all(first < second for first, second in pairwise(names))
    assert Alphabet(names).letters == "abcdefghijklmnopqrstuvwxyz"
    assert {"mary", "james", "ada", "zachary"} <= set(names)
    assert sum(len(name) + 1 for name in names) < 60_000


@given(TEXTS)
def test_decode_is_the_inverse_of_encode(texts: list[str]) -> None:
    alphabet = Alphabet(texts)
    assert len(alphabet) == len(set("".join(texts))) + 1
    tokens = [alphabet.encode(text) for text in texts]
    assert [alphabet.decode(row) for row in tokens] == texts
    assert all(
        (row[0], row[-1], len(row)) == (alphabet.end, alphabet.end, len(text) + 2)
        for row, text in zip(tokens, texts, strict=True)
    )
    assert all(0 <= token < alphabet.end for row in tokens for token in row[1:-1])
    joined = [token for row in tokens for token in row[1:]]
    assert alphabet.decode(joined) == "\n".join(texts)


def test_tokens_follow_the_sorted_letters_and_the_end_is_the_last() -> None:
    alphabet = Alphabet(["bca"])
    assert alphabet.encode("abc") == [3, 0, 1, 2, 3]
    assert alphabet.encode("") == [3, 3]
    assert alphabet.decode([]) == ""


def test_unknown_letters_and_tokens_are_refused_with_their_place() -> None:
    alphabet = Alphabet(["ada"])
    with pytest.raises(ValueError, match=r"no 'é' \(letter 2 of 'dé'\).*Make the alphabet of all texts"):
        alphabet.encode("dé")
    for token in (3, -1):
        with pytest.raises(ValueError, match=f"token 1 is {token}, but the tokens of this alphabet are 0 to 2"):
            alphabet.decode([0, token])


def test_an_alphabet_needs_texts_with_letters() -> None:
    for texts in ([], [""]):
        with pytest.raises(ValueError, match="no letter"):
            Alphabet(texts)
    with pytest.raises(TypeError, match=r"Write Alphabet\(\['ada'\]\)"):
        Alphabet("ada")
    with pytest.raises(TypeError, match="text 1 is 7"):
        Alphabet(["ada", 7])  # type: ignore[list-item]


def test_lines_are_read_without_blanks_and_a_mark_of_the_encoding(tmp_path: Path) -> None:
    file = tmp_path / "names.txt"
    file.write_bytes("\ufeff Zoë \r\n\r\nann marie\n".encode())
    assert read_lines(file) == ["Zoë", "ann marie"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "has no line with text"),
        (b" \n\n", "has no line"),
        (b"\xff\xfe", "not text in UTF-8"),
        (b"a\0b", "byte 0"),
    ],
)
def test_a_file_without_text_is_refused(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_lines(tmp_path / "names.txt")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is no file .*nowhere\.txt"):
        read_lines(tmp_path / "nowhere.txt")

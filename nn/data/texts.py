"""Lines of text, such as names, and the tokens of their letters."""

from __future__ import annotations

import operator
import os
from collections.abc import Iterable, Sequence
from importlib import resources
from pathlib import Path

from autograd_core.formulas.labels import visible_text


def first_names() -> list[str]:
    """5,163 first names of people in the United States, in lower case and in alphabetical order.

    Source: U.S. Census Bureau, Frequently Occurring Surnames and First Names from the 1990 census (1995), in the public
    domain. The lists of female (4,275) and male names (1,219) are merged here, as the package `names` 0.3.0 has them.

    >>> names = first_names()
    >>> len(names), names[0], names[-1]
    (5163, 'aaron', 'zulma')
    """
    return resources.files(__package__).joinpath("first_names.txt").read_text(encoding="utf-8").splitlines()


def read_lines(path: str | os.PathLike[str]) -> list[str]:
    """The lines of a text file in UTF-8, without the white space around them; blank lines are left out.

    Raises FileNotFoundError, and ValueError for a file that is not text or has no line.
    """
    shown = visible_text(str(path))
    if not Path(path).is_file():
        raise FileNotFoundError(f"there is no file {shown}.")
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as problem:
        raise ValueError(
            f"{shown} is not text in UTF-8 ({problem.reason} at byte {problem.start}). Save it as text in UTF-8."
        ) from None
    if "\0" in text:
        raise ValueError(f"{shown} is not text: it has the byte 0. Give a text file in UTF-8 with one name a line.")
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if not lines:
        raise ValueError(f"{shown} has no line with text. Write one name a line.")
    return lines


class Alphabet:
    """The letters of some texts and their tokens: 0, 1, ... in sorted order, then one more, `end`.

    `end` stands before and after a text: a model that has read it begins a text, and a model that predicts it ends the
    text. len(alphabet) is the number of tokens, `end` included. Raises ValueError for texts without a letter.

    >>> alphabet = Alphabet(["ada", "emmy"])
    >>> alphabet.letters, alphabet.end, len(alphabet)
    ('ademy', 5, 6)
    >>> alphabet.encode("ada"), alphabet.decode([5, 0, 1, 0, 5])
    ([5, 0, 1, 0, 5], 'ada')
    """

    def __init__(self, texts: Iterable[str]) -> None:
        if isinstance(texts, str):
            raise TypeError(f"an alphabet is made of a list of texts, got one text. Write Alphabet([{texts!r}]).")
        letters: set[str] = set()
        for number, text in enumerate(texts):
            if not isinstance(text, str):
                raise TypeError(f"an alphabet is made of texts, but text {number} is {text!r}.")
            letters.update(text)
        if not letters:
            raise ValueError("these texts have no letter. Give at least one text that is not empty.")
        self.letters = "".join(sorted(letters))
        self.end = len(self.letters)
        self._tokens = {letter: token for token, letter in enumerate(self.letters)}

    def __len__(self) -> int:
        return self.end + 1

    def __repr__(self) -> str:
        return f"Alphabet of {len(self)} tokens: {self.letters!r} and the end"

    def encode(self, text: str) -> list[int]:
        """The tokens of the letters of `text`, between two tokens `end`. Raises ValueError for an unknown letter."""
        for place, letter in enumerate(text):
            if letter not in self._tokens:
                raise ValueError(
                    f"this alphabet has no {letter!r} (letter {place + 1} of {text!r}); it has {self.letters!r}. Make "
                    "the alphabet of all texts that it is to encode."
                )
        return [self.end, *map(self._tokens.__getitem__, text), self.end]

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of tokens. `end` between two texts becomes a new line; before the first and after the last it is
        left out. Raises ValueError for a number that is no token."""
        shown = [*self.letters, "\n"]
        for place, token in enumerate(tokens):
            if not 0 <= operator.index(token) <= self.end:
                raise ValueError(
                    f"token {place} is {token}, but the tokens of this alphabet are 0 to {self.end}. Decode with the "
                    "alphabet that encoded the texts."
                )
        return "".join(shown[token] for token in tokens).strip("\n")

"""English sentences in which every word is tagged as a place or not: `train.txt` for training, `test.txt` for testing.

>>> sentence = parse("She flew from [Lima] to [New York].")
>>> [word for word, is_place in zip(sentence.words, sentence.is_place) if is_place]
['Lima', 'New', 'York']
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from itertools import groupby

# The possessive 's is a separate word, so that a name is the same word with and without it.
_TOKEN = re.compile(r"'s\b|\d+(?:[.,:]\d+)*|[^\W\d_]+(?:['-](?!s\b)[^\W\d_]+)*|[^\w\s]")


@dataclass(frozen=True)
class Sentence:
    """The words of a sentence, for each word whether it is (part of) a place, and the kind of text."""

    words: tuple[str, ...]
    is_place: tuple[bool, ...]
    kind: str = ""

    def places(self) -> Iterator[tuple[str, ...]]:
        """The tagged places as tuples of words; two places without a word between them count as one."""
        for is_place, run in groupby(zip(self.is_place, self.words, strict=True), key=lambda pair: pair[0]):
            if is_place:
                yield tuple(word for _, word in run)


def tokenize(text: str) -> list[str]:
    """The words, numbers and punctuation marks of a text, one string each.

    >>> tokenize("Peru's coast, 2,400 km")
    ['Peru', "'s", 'coast', ',', '2,400', 'km']
    """
    return _TOKEN.findall(text)


def parse(line: str, kind: str = "") -> Sentence:
    """The sentence of a line that has [square brackets] around its places.

    Raises ValueError if a bracket is not closed, not opened, nested or empty.
    """
    words: list[str] = []
    tags: list[bool] = []
    inside, opened_at = False, 0
    for token in tokenize(line):
        if token in "[]":
            if (token == "[") == inside or (token == "]" and opened_at == len(words)):
                raise ValueError(
                    f"the brackets around a place do not match in {line!r}. "
                    "Write [ before its first word and ] after its last."
                )
            inside, opened_at = token == "[", len(words)
            continue
        words.append(token)
        tags.append(inside)
    if inside:
        raise ValueError(f"a bracket is not closed in {line!r}. Write ] after the last word of the place.")
    return Sentence(tuple(words), tuple(tags), kind)


def parse_lines(lines: Iterable[str]) -> list[Sentence]:
    """The sentences of the lines of a file; `## kind` gives the kind of those below, any other # begins a comment."""
    kind = ""
    sentences = []
    for line in map(str.strip, lines):
        if line.startswith("##"):
            kind = line.removeprefix("##").strip()
        elif line and not line.startswith("#"):
            sentences.append(parse(line, kind))
    return sentences


def load_corpus(part: str) -> list[Sentence]:
    """The sentences of one part of the corpus, "train" or "test", in the order of the file.

    Raises ValueError for any other part.

    >>> " ".join(load_corpus("test")[0].words)
    'Officials in Ankara confirmed that the dam is safe .'
    """
    if part not in ("train", "test"):
        raise ValueError(f'the corpus has no part {part!r}. Choose "train" or "test".')
    text = resources.files(__package__).joinpath(f"{part}.txt").read_text(encoding="utf-8")
    return parse_lines(text.splitlines())

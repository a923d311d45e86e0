"""Labels and formulas made safe to show: on one line, cut where it is too long; counts with their nouns."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

_LONGEST_FORMULA = 40


def cut_short(text: str, length: int = _LONGEST_FORMULA) -> str:
    """`text` on one line of at most `length` characters.

    >>> cut_short("a formula of many terms", 10)
    'a formula…'
    """
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def plural(count: int, noun: str) -> str:
    """A count with its noun.

    >>> plural(3, "parameter"), plural(1, "parameter")
    ('3 parameters', '1 parameter')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def visible_text(text: str) -> str:
    """A label as data: one line, without characters that file formats forbid or that reorder their neighbours.

    >>> visible_text("two\\nlines \\x07")
    'two lines'
    """
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return " ".join(_without_forbidden(text).split())


def visible_lines(text: str) -> str:
    """The same for a text of several lines, whose line breaks and spaces stay."""
    return "\n".join(map(_without_forbidden, text.split("\n")))


def visible_sentence(text: str) -> str:
    """The visible text of a sentence on a page: letters written from right to left do not reorder the rest.

    >>> visible_sentence("d\u05d0\u05d1 = 1") == "d\u2068\u05d0\u05d1\u2069 = 1"
    True
    """
    return isolate_names(visible_text(text))


def isolate_names(text: str) -> str:
    """`text`, already visible, in which letters written from right to left do not reorder the rest.

    >>> isolate_names("d\u05d0 = 1") == "d\u2068\u05d0\u2069 = 1"
    True
    """
    return text if text.isascii() else _RIGHT_TO_LEFT.sub("\u2068\\g<0>\u2069", text)


def isolate_all(data: Any) -> Any:
    """The same for every text in lists, tuples and the values of dictionaries."""
    if isinstance(data, str):
        return isolate_names(data)
    if isinstance(data, dict):
        return {key: isolate_all(value) for key, value in data.items()}
    return [isolate_all(value) for value in data] if isinstance(data, (list, tuple)) else data


def letters_from_left(text: str) -> str:
    """The letters in the order in which they stand, where a format knows no direction of writing.

    >>> letters_from_left("\u05d0\u05d1 = 1") == "\u05d1\u05d0 = 1"
    True
    """
    return _RIGHT_TO_LEFT.sub(lambda run: run[0][::-1], text)


def display_width(text: str) -> int:
    """The columns that `text` takes in a terminal: two for a wide character, none for one that joins its neighbour.

    >>> display_width("x"), display_width("\u8aa4\u5dee"), display_width("e\u0301")
    (1, 4, 1)
    """
    if text.isascii():
        return len(text)
    columns, before, joined = 0, 0, False
    for character in text:
        own = 0 if joined else _columns(character)
        if character == "\ufe0f" and before == 1:  # the character before is shown as an emoji
            columns += 1
        columns += own
        joined = character == "\u200d"
        before = own or before
    return columns


def _columns(character: str) -> int:
    code = ord(character)
    if unicodedata.category(character) in ("Mn", "Me", "Cf") or 0x1160 <= code <= 0x11FF or 0x1F3FB <= code <= 0x1F3FF:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _without_forbidden(text: str) -> str:
    return re.sub(r"\s", " ", _FORBIDDEN.sub("", text))


# Control characters that are no white space, halves of a pair, characters that Unicode calls none; marks, overrides,
# embeddings and isolates of a direction; the mark of byte order.
_NO_CHARACTERS = "\ufdd0-\ufdef" + "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
_REORDERING = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"
_FORBIDDEN = re.compile(f"[\0-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff{_NO_CHARACTERS}{_REORDERING}]")
_LETTER = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff]"
# A name, of several words perhaps; a sign such as = ends it, so that two names stay in the order of the formula.
_RIGHT_TO_LEFT = re.compile(f"{_LETTER}(?:[ '\"’.\u05f3\u05f4-]*{_LETTER})*")

"""Labels and formulas made safe to show: on one line, cut where it is too long; counts with their nouns."""

from __future__ import annotations

import unicodedata

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
    visible = "".join(" " if character.isspace() else character for character in text if not _is_forbidden(character))
    return " ".join(visible.split())


def _is_forbidden(character: str) -> bool:
    code = ord(character)
    if unicodedata.category(character) in ("Cc", "Cs") and not character.isspace():
        return True
    return (
        code & 0xFFFE == 0xFFFE
        or 0xFDD0 <= code <= 0xFDEF
        or character in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
    )

"""Letters beyond those of Helvetica: the font that a PDF takes them from, and a warning for those that no font has."""

from __future__ import annotations

import functools
import unicodedata
import warnings
from collections.abc import Collection, Iterable, Iterator
from importlib import resources
from pathlib import Path

from autograd_core.formulas.labels import letters_from_left
from autograd_core.show.drawing.scene import Lettering, Scene

FALLBACK_FONT = Path(str(resources.files("autograd_core").joinpath("show", "drawing", "fallback.ttf")))
_MISSING = "□"


@functools.cache
def fallback_letters() -> Collection[int]:
    """The codes of the letters in the fallback font."""
    from fontTools.ttLib import TTFont  # comes with fpdf2

    with TTFont(FALLBACK_FONT, lazy=True) as font:
        return frozenset(font.getBestCmap())


def in_helvetica(character: str) -> bool:
    """Whether the Helvetica of a PDF has a letter."""
    try:
        character.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def drawn_letters(text: str) -> Iterator[str]:
    """The letters of a text as they are drawn from left to right, with a box for each that no font has."""
    for character in letters_from_left(unicodedata.normalize("NFC", text)):
        if _is_missing(character):
            yield _MISSING
        elif unicodedata.category(character) != "Cf":
            yield character


def _is_missing(character: str) -> bool:
    known = in_helvetica(character) or ord(character) in fallback_letters()
    return not known and unicodedata.category(character) != "Cf"


def warn_of_missing_letters(scenes: Iterable[Scene], kind: str) -> None:
    """A warning that names the letters for which no font is at hand; kind: of the picture, such as PDF."""
    texts = {
        mark.text for scene in scenes for part in scene.parts for mark in part.marks if isinstance(mark, Lettering)
    }
    lost = {character for text in texts for character in unicodedata.normalize("NFC", text) if _is_missing(character)}
    if lost:
        warnings.warn(
            f"a {kind} may show boxes for {' '.join(sorted(lost)[:12])}{' …' * (len(lost) > 12)}: fonts for Latin, "
            "Greek, Cyrillic and Hebrew letters and the signs of mathematics are at hand. SVG and HTML show all.",
            stacklevel=3,
        )

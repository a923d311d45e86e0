"""Names as mathematicians write them: v12 is v₁₂, W1[0][3] is W⁽¹⁾₀₃, in text and in LaTeX.

A name stays what a program writes; it is the key of answers and of paths. Its symbol is what a reader sees. The digits
are those of the program, so that a picture and a list count from the same number.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from autograd_core.formulas.labels import visible_text

_SUBSCRIPTS = str.maketrans("0123456789()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
_SUPERSCRIPTS = str.maketrans("0123456789()−-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾⁻⁻")
# A letter with a number or with letters below it (those that Unicode has there), or any word; then its indices, the
# place inside a composition, and the number of a copy.
_LETTER = re.compile(
    r"(?P<stem>[^\W\d_])_?(?P<number>(?:(?<=_)[aehijklmnoprstuvx]+)?\d*)(?P<rest>(?:\[\d+\])*(?:\(\d+\))?(?:#\d+)?)"
)
_WORD = re.compile(r"(?P<stem>.*?)(?P<number>)(?P<rest>(?:\[\d+\])*(?:\(\d+\))?(?:#\d+)?)")
_REST = re.compile(r"((?:\[\d+\])*)((?:\(\d+\))?)((?:#\d+)?)")


class _Parts(NamedTuple):
    """A letter or a word, with the number of a layer above it, indices below it, and the number of a copy."""

    stem: str
    layer: str
    indices: str
    copy: str


@functools.lru_cache(maxsize=10_000)
def _parts(name: str) -> _Parts:
    found = _LETTER.fullmatch(name) or _WORD.fullmatch(name)
    assert found is not None
    brackets, inside, copy = _REST.fullmatch(found["rest"]).groups()  # type: ignore[union-attr]
    indices = re.findall(r"\d+", brackets)
    joined = ("" if all(len(index) == 1 for index in indices) else ",").join(indices)
    number = found["number"]
    layer, below = (number, joined) if joined else ("", number)
    if not found["stem"]:  # nothing but brackets
        return _Parts(name, "", "", "")
    return _Parts(found["stem"], layer, below + inside, copy)


def superscript(text: str) -> str:
    """Digits, brackets and signs as superscripts.

    >>> superscript("-12")
    '⁻¹²'
    """
    return text.translate(_SUPERSCRIPTS)


@functools.lru_cache(maxsize=10_000)
def name_text(name: str) -> str:
    """The symbol of a name, on one line and without characters that reorder their neighbours.

    >>> name_text("v12"), name_text("W1[0][3]"), name_text("v12(3)"), name_text("z_o1"), name_text("loss")
    ('v₁₂', 'W⁽¹⁾₀₃', 'v₁₂₍₃₎', 'zₒ₁', 'loss')
    """
    name = visible_text(name)
    if name.isalpha():
        return name
    stem, layer, indices, copy = _parts(name)
    return stem + (superscript(f"({layer})") if layer else "") + indices.translate(_SUBSCRIPTS) + copy


def name_latex(name: str) -> str:
    """The symbol of a name in LaTeX: x, x_{12}, W^{(1)}_{03}; a word is upright text."""
    stem, layer, indices, copy = _parts(visible_text(name))
    letter = stem if re.fullmatch("[A-Za-z]", stem) else rf"\text{{{escape_latex(stem)}}}"
    above = f"^{{({layer})}}" if layer else ""
    below = f"_{{{indices}}}" if indices else ""
    return letter + above + below + (rf"\text{{{escape_latex(copy)}}}" if copy else "")


def vector_text(name: str) -> str:
    """The symbol of a matrix or a vector: the number after its letter is that of its layer, as in its entries.

    >>> vector_text("W1"), vector_text("x")
    ('W⁽¹⁾', 'x')
    """
    stem, _, number, _ = _parts(visible_text(name))
    return stem + superscript(f"({number})") if number.isdigit() else name_text(name)


def vector_latex(name: str) -> str:
    """The same in LaTeX: W^{(1)}."""
    stem, _, number, _ = _parts(visible_text(name))
    return f"{name_latex(stem)}^{{({number})}}" if number.isdigit() else name_latex(name)


def is_letter(name: str) -> bool:
    """Whether the symbol of a name is a single letter, with indices or without."""
    return len(_parts(visible_text(name)).stem) == 1


_LATEX_SPECIAL = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    **{character: "\\" + character for character in "$&#%_"},
}


def escape_latex(text: str) -> str:
    """Any text, safe to stand inside \\text{...}."""
    text = visible_text(text)
    return "".join(_LATEX_SPECIAL.get(character, character) for character in text if character.isprintable())

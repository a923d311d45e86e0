"""LaTeX as MathML, which browsers typeset without any script or network.

A page holds hundreds of formulas made of the same few pieces (dL/da, a name, a number), so each piece is kept once and
a formula is the list of its pieces' numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Any
from xml.etree import ElementTree

from autograd_core.errors import DrawingError
from autograd_core.show.record.record import Formula

_NAMESPACE = ' xmlns="http://www.w3.org/1998/Math/MathML"'
_UNESCAPED = {r"\textbackslash{}": "\\", r"\textasciicircum{}": "^", r"\textasciitilde{}": "~"}
_UNESCAPED |= {r"\textless{}": "<", r"\textgreater{}": ">", r"\textbraceleft{}": "{", r"\textbraceright{}": "}"}


class Typesetter:
    """Typesets formulas; `pieces` are the pieces of MathML that the numbers it gives stand for."""

    def __init__(self) -> None:
        try:
            from latex2mathml.converter import convert  # the engine needs the standard library alone
        except ImportError as reason:
            raise DrawingError(
                "the page typesets its formulas with latex2mathml, a dependency of this package that is not "
                "installed here: pip install latex2mathml. explain(value).to_text() needs nothing."
            ) from reason
        self._convert: Any = convert
        self._numbers: dict[str, int] = {}
        self._known: dict[str, list[int]] = {}

    @property
    def pieces(self) -> list[str]:
        """The MathML of each piece."""
        return list(self._numbers)

    def typeset(self, formula: Formula) -> list[int]:
        """The numbers of the pieces of `formula`, from left to right."""
        if formula.latex not in self._known:
            pieces = _pieces(self._convert, formula)
            self._known[formula.latex] = [self._numbers.setdefault(piece, len(self._numbers)) for piece in pieces]
        return self._known[formula.latex]


def _pieces(convert: Any, formula: Formula) -> list[str]:
    """The children of the outermost row. A formula that cannot be typeset stands as its text."""
    texts: list[str] = []
    source = _texts_taken_out(formula.latex.replace(r"\mathrm{d}", r"\text{d}"), texts)
    try:
        row = ElementTree.fromstring(convert(source).replace(_NAMESPACE, "", 1))[0]
    except Exception:  # whatever the converter does not know must not lose the page
        return [f"<mtext>{escape(formula.text)}</mtext>"]
    for element in row.iter("mtext"):
        element.text = texts[int((element.text or "")[1:])].replace(" ", "\N{NO-BREAK SPACE}")
        # A name, not a text: beside a text alone an = has no room, since texts count as spaces.
        element.tag = "mi"
        if len(element.text) == 1:
            element.set("mathvariant", "normal")
    for parent in row.iter():
        for before, sign in zip([None, *parent], list(parent), strict=False):
            if sign.tag == "mo" and sign.text in ("-", "−") and before is not None and before.tag == "mo":
                sign.set("form", "prefix")
    for bracket in row.iter("mo"):
        if bracket.text in ("(", ")"):
            bracket.attrib.clear()  # what they say is what brackets do by themselves
    return [ElementTree.tostring(child, encoding="unicode") for child in row]


def as_lists(piece: str) -> list[Any]:
    """A piece as [tag, attributes if it has any, text or children ...]: without < and >, which a page would escape."""

    def listed(element: ElementTree.Element) -> list[Any]:
        children: list[Any] = [element.text] if element.text else []
        for child in element:
            children += [listed(child), *([child.tail] if child.tail else [])]
        return [element.tag, *([dict(element.attrib)] if element.attrib else []), *children]

    return listed(ElementTree.fromstring(piece))


def _texts_taken_out(latex: str, texts: list[str]) -> str:
    r"""`latex` with each \text{...} replaced by \text{Zn}: labels are data, which no converter has to understand."""

    def parts() -> Iterator[str]:
        end = 0
        for start in (match.start() for match in re.finditer(r"\\text\{", latex)):
            if start < end:
                continue
            yield latex[end:start]
            end = _closing_brace(latex, start + len(r"\text{")) + 1
            yield rf"\text{{Z{len(texts)}}}"
            texts.append(_unescaped(latex[start + len(r"\text{") : end - 1]))
        yield latex[end:]

    return "".join(parts())


def _closing_brace(latex: str, start: int) -> int:
    depth, index = 1, start
    while index < len(latex):
        if latex[index] == "\\":
            index += 1
        elif latex[index] in "{}":
            depth += 1 if latex[index] == "{" else -1
            if depth == 0:
                break
        index += 1
    return index


def _unescaped(text: str) -> str:
    pattern = "|".join(map(re.escape, _UNESCAPED)) + r"|\\[{}$&#%_]"
    return re.sub(pattern, lambda found: _UNESCAPED.get(found[0], found[0][-1]), text)

"""LaTeX as MathML, which browsers typeset without any script or network.

A page holds hundreds of formulas made of the same few pieces (dL/da, a name, a number). So a formula is converted term
by term, each term is converted once, and a formula is the list of the numbers of its pieces.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from html import escape
from typing import Any
from xml.etree import ElementTree

from autograd_core.errors import DrawingError
from autograd_core.show.record.record import Formula

_NAMESPACE = ' xmlns="http://www.w3.org/1998/Math/MathML"'
_UNESCAPED = {r"\textbackslash{}": "\\", r"\textasciicircum{}": "^", r"\textasciitilde{}": "~"}
_UNESCAPED |= {r"\textless{}": "<", r"\textgreater{}": ">", r"\textbraceleft{}": "{", r"\textbraceright{}": "}"}


# A formula is cut at these, outside of braces, brackets that grow and environments: = ≈ + and ·.
_OPERATORS = re.compile(r" (=|\\approx|\+|\\cdot) ")
_NESTING = re.compile(r"\\(?:left|begin)\b|\\(?:right|end)\b|\\.|[{}]")


class Typesetter:
    """Typesets formulas; `pieces` are the pieces of MathML that the numbers it gives stand for."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._typeset: dict[str, list[int]] = {}
        _converter()

    @property
    def pieces(self) -> list[str]:
        """The MathML of each piece."""
        return list(self._numbers)

    def typeset(self, formula: Formula) -> list[int]:
        """The numbers of the pieces of `formula`, from left to right. A formula that cannot be typeset is shown as
        text."""
        if formula.latex not in self._typeset:
            try:
                pieces = [piece for term in _terms(formula.latex) for piece in _pieces(*term)]
            except Exception:  # a formula that the converter rejects must not break the page
                pieces = [f"<mtext>{escape(formula.text)}</mtext>"]
            self._typeset[formula.latex] = [self._numbers.setdefault(piece, len(self._numbers)) for piece in pieces]
        return self._typeset[formula.latex]


@functools.cache
def _converter() -> Callable[[str], str]:
    try:
        from latex2mathml.converter import convert  # the engine needs the standard library alone
    except ImportError as reason:
        raise DrawingError(
            "the page typesets its formulas with latex2mathml, a dependency of this package that is not "
            "installed here: pip install latex2mathml. explain(value).to_text() needs nothing."
        ) from reason
    return convert


def _terms(latex: str) -> Iterator[tuple[str, bool]]:
    """The terms and operators of a formula, and of each whether it follows an operator."""
    start = end = depth = 0
    for operator in _OPERATORS.finditer(latex):
        for mark in _NESTING.findall(latex, end, operator.start()):
            depth += (mark == "{" or mark in (r"\left", r"\begin")) - (mark == "}" or mark in (r"\right", r"\end"))
        end = operator.start()
        if depth == 0:
            yield latex[start:end], start > 0
            yield operator[1], False
            start = operator.end()
    yield latex[start:], start > 0


@functools.lru_cache(maxsize=10_000)
def _pieces(latex: str, behind_operator: bool) -> tuple[str, ...]:
    """The children of the outermost row."""
    texts: list[str] = []
    source = _take_texts_out(latex.replace(r"\mathrm{d}", r"\text{d}"), texts)
    row = ElementTree.fromstring(_converter()(source).replace(_NAMESPACE, "", 1))[0]
    for element in row.iter("mtext"):
        element.text = texts[int((element.text or "")[1:])].replace(" ", "\N{NO-BREAK SPACE}")
        # A name, not a text: beside a text alone an = has no room, since texts count as spaces.
        element.tag = "mi"
        if len(element.text) == 1:
            element.set("mathvariant", "normal")
    for parent in row.iter():
        after = behind_operator and parent is row
        for sign in parent:
            if after and sign.tag == "mo" and sign.text in ("-", "−"):
                sign.set("form", "prefix")
            after = sign.tag == "mo"
    for bracket in row.iter("mo"):
        if (bracket.text or "").isalpha():  # max, ReLU: a name as sin is; an operator has room around it
            bracket.tag = "mi"
        if bracket.text in ("(", ")"):
            bracket.attrib.clear()  # they only repeat the defaults
    return tuple(ElementTree.tostring(child, encoding="unicode") for child in row)


def as_lists(piece: str) -> list[Any]:
    """A piece as [tag, attributes if it has any, text or children ...]: without < and >, which a page would escape."""

    def to_list(element: ElementTree.Element) -> list[Any]:
        children: list[Any] = [element.text] if element.text else []
        for child in element:
            children += [to_list(child), *([child.tail] if child.tail else [])]
        return [element.tag, *([dict(element.attrib)] if element.attrib else []), *children]

    return to_list(ElementTree.fromstring(piece))


def _take_texts_out(latex: str, texts: list[str]) -> str:
    r"""`latex` with each \text{...} replaced by \text{Zn}: labels are data, which the converter need not parse."""

    def parts() -> Iterator[str]:
        end = 0
        for start in (match.start() for match in re.finditer(r"\\text\{", latex)):
            if start < end:
                continue
            yield latex[end:start]
            end = _closing_brace(latex, start + len(r"\text{")) + 1
            yield rf"\text{{Z{len(texts)}}}"
            texts.append(_unescape(latex[start + len(r"\text{") : end - 1]))
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


def _unescape(text: str) -> str:
    pattern = "|".join(map(re.escape, _UNESCAPED)) + r"|\\[{}$&#%_]"
    return re.sub(pattern, lambda found: _UNESCAPED.get(found[0], found[0][-1]), text)

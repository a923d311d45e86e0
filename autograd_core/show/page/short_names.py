"""Short names for the variables of a module, where nothing outside it can know them.

A name is shortened where the module declares it or imports it, and where it is nowhere a property, a key or a part of a
template. It then means one variable in each scope, so one new name in its place changes nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import product
from string import ascii_letters

_RESERVED = frozenset(
    re.findall(
        r"\w+",
        "arguments async await break case catch class const constructor continue default delete do else export extends "
        "false finally for function get if import in instanceof let new null of return set static super switch this "
        "throw true try typeof undefined void while yield",
    )
)
_NAME = re.compile(r"(?<![\w$])[A-Za-z_$][\w$]*")
_TOKEN = re.compile(r"[A-Za-z_$][\w$]*|\d[\w.]*|\?\.|\.\.\.|=>|\S")
# Declarations: of one name, of several in brackets, and the parameters of functions.
_DECLARED = (
    re.compile(r"\b(?:const|let|class|function) ([\w$]+)"),
    re.compile(r"\b(?:const|let) \[([^\]=]*)\]"),
    re.compile(r"(?<!\bif )(?<!\bfor )(?<!\bwhile )(?<!\bswitch )\(([^()]*)\) (?:=>|\{)"),
)
_DEFAULT = re.compile(r"=[^,})\]]*")  # of a parameter
_SHORTEST = 3  # letters of a name that is worth it


def properties(code: str) -> set[str]:
    """The names that are read as properties."""
    return set(re.findall(r"\.([A-Za-z_$][\w$]*)", code))


def shorten(
    pieces: Sequence[str], imported: Collection[str], taken: Collection[str]
) -> tuple[list[str], Callable[[str], str]]:
    """The code with short names, and the name that each name has now.

    pieces: code, and at the odd places texts, templates and regular expressions, which stay as they are. imported: the
    names that the module imports. taken: names that are properties in any module.
    """
    code = '""'.join(pieces[::2])
    words = {word for piece in pieces for word in _NAME.findall(piece)}
    in_templates = {word for piece in pieces[1::2] if piece.startswith("`") for word in _NAME.findall(piece)}
    declared = {
        name for form in _DECLARED for names in form.findall(code) for name in _NAME.findall(_DEFAULT.sub("", names))
    }
    count = Counter(_NAME.findall(code))
    fixed = {*_RESERVED, *taken, *in_templates, *_keys(_TOKEN.findall(code))}
    long = {name for name in {*declared, *imported} if len(name) >= _SHORTEST and name not in fixed and name in count}
    free = (name for name in _short_names() if name not in words and name not in _RESERVED)
    # The most frequent come first, so that they get the shortest names.
    new = dict(zip(sorted(long, key=lambda name: (-count[name], name)), free, strict=False))
    renamed = [_NAME.sub(lambda name: new.get(name[0], name[0]), piece) for piece in pieces[::2]]
    whole = list(pieces)
    whole[::2] = renamed
    return whole, lambda name: new.get(name, name)


def _short_names() -> Iterator[str]:
    for length in (1, 2, 3):
        yield from map("".join, product(ascii_letters, repeat=length))


def _keys(tokens: Sequence[str]) -> Iterator[str]:
    """The names that are keys or methods, or that stand before a colon."""
    around: list[str] = []
    for place, token in enumerate(tokens):
        if token in "([{":
            around.append(token)
        elif token in ")]}":
            around.pop()
        elif _NAME.fullmatch(token):
            before, after = tokens[place - 1] if place else "", tokens[place + 1] if place + 1 < len(tokens) else ""
            in_braces = around[-1:] == ["{"]
            is_short_key = in_braces and before in ("{", ",") and after in (",", "}", "=")
            is_method = in_braces and after == "(" and before != "function" and _is_method(tokens, place + 1)
            if after == ":" or is_short_key or is_method or before in ("get", "set"):
                yield token


def _is_method(tokens: Sequence[str], place: int) -> bool:
    """Whether the parenthesis at `place` is followed by a body."""
    depth = 0
    for end in range(place, len(tokens) - 1):
        depth += (tokens[end] == "(") - (tokens[end] == ")")
        if depth == 0:
            return tokens[end + 1] == "{"
    return False

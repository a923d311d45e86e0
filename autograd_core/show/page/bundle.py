"""The script of a page: its entry module and all that it imports, gathered into one inline script.

A page uses no network, so its modules cannot be fetched one by one. Each becomes a function that takes the exports of
the modules it imports and returns the exports that are imported from it; a module comes after those it imports. Unused
declarations are left out, as are comments, types, and spaces without meaning; variables have short names.
"""

from __future__ import annotations

import functools
import graphlib
import posixpath
import re
from collections import Counter
from collections.abc import Sequence
from importlib import resources

from autograd_core.show.page.short_names import properties, shorten

# The two forms in use, each at the start of a line: named imports, and exports of what is declared there.
_IMPORT = re.compile(r'^import \{\s*([^}]*?),?\s*\} from "([^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:function|class|const) ([\w$]+))", re.MULTILINE)
_OTHER = re.compile(r"^(?:import|export)\b.*|\bimport\(.*", re.MULTILINE)
# To the last line that is indented or closes a bracket.
_DECLARATION = re.compile(r"^(?:function|class|const) ([\w$]+).*\n(?:[ })\]].*\n|\n)*", re.MULTILINE)
_WORD = re.compile(r"[\w$]+")
# Types in JSDoc, comments on lines of their own, and those without quotation marks behind the end of a statement.
_COMMENT = re.compile(r"/\*(?s:.*?)\*/ ?|^\s*//.*|(?<=[;,{}\[(]) // [^\"'`\n]*$", re.MULTILINE)
# Strings, regular expressions, and of each line all from its first template to its last: nothing in them is changed.
_LITERAL = re.compile(
    r"""("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`.*`|/(?![ /])(?:[^/\\\[\n]|\\.|\[(?:[^\]\\]|\\.)*\])+/[a-z]*)"""
)
_SPACE = re.compile(r" ?([=*%<>!&|?:;,{}()\[\]]+|(?<![+-])(?<![+-] )[+-](?! ?[+-])) ?")
# A space before a colon, a bracket or a parenthesis has a meaning in a selector.
_STYLE_SPACE = re.compile(r" ?([{};])\s*|([:,]) ")
# What says the same in fewer letters: no module assigns to a constant, and none has an empty statement before a brace.
_SHORTER = (
    (re.compile(r"\bconst "), "let "),
    (re.compile(r"(?<![\w$.])\(([\w$]+)\)=>"), r"\1=>"),
    (re.compile(";}"), "}"),
)
_BREAK = re.compile(r"(?<=[;,{}(\[])\n|\n(?=[}\])])")


@functools.cache
def style_sheet(name: str) -> str:
    """A style sheet of this package without comments and spaces without meaning."""
    return _STYLE_SPACE.sub(r"\1\2", _trim(_read(name))).replace(";}", "}")


@functools.cache
def page_script(entry: str) -> str:
    """The script of a page that begins with the module `entry`, a path in this package.

    Raises ValueError for modules that import each other, for a name that is not exported, and for other forms of
    import and export than named ones.
    """
    return "\n".join(["(() => {", '"use strict";', *_functions(entry, set()), "})();\n"])


@functools.cache
def module_script(entry: str) -> str:
    """The same as one ES module whose default export holds the exports of `entry`. Raises as `page_script` does."""
    *others, last = _functions(entry, set(_EXPORT.findall(_read(entry))))
    return "\n".join([*others, re.sub(r"^const \w+=", "export default ", last) + "\n"])


def _functions(entry: str, exports: set[str]) -> list[str]:
    """Each module as a function called with what it imports; the last one, the entry, returns `exports`."""
    imports = _imports(entry)
    order = list(graphlib.TopologicalSorter(imports).static_order())
    wanted: dict[str, set[str]] = {name: set() for name in order} | {entry: exports}
    taken_names = set().union(*(properties(_read(name)) for name in order))
    functions = []
    for name in reversed(order):
        exported = _EXPORT.findall(_read(name))
        if missing := wanted[name].difference(exported):
            raise ValueError(f"{name} does not export {', '.join(sorted(missing))}.")
        body = _EXPORT.sub("", _IMPORT.sub("", _read(name)))
        if other := _OTHER.search(body):
            raise ValueError(f"{name}: {other[0]!r} is not a named import or export at the start of a line.")
        if broken := [line.strip() for line in body.splitlines() if line.count("`") % 2]:
            raise ValueError(f"{name}: a text between backticks ends on its own line, unlike {broken[0]!r}.")
        body = _without_unused(body, wanted[name])
        words = set(_WORD.findall(body))
        known = {taken.rpartition(" ")[2] for names in imports[name].values() for taken in names}
        pieces, short = shorten(_LITERAL.split(_trim(body)), known, taken_names)
        takes, arguments = [], []
        for path, names in imports[name].items():
            used = [(name.partition(" ")[0], own) for name in names if (own := name.rpartition(" ")[2]) in words]
            wanted[path].update(export for export, _ in used)
            takes.append(f"{{{','.join(_pair(export, short(own)) for export, own in used)}}}")
            arguments.append(f"m{order.index(path)}")
        gives = ",".join(_pair(export, short(export)) for export in exported if export in wanted[name])
        functions.append(
            f"const m{order.index(name)}=(({','.join(takes)})=>{{{_compact(pieces)}"
            f"return{{{gives}}}}})({','.join(arguments)});"
        )
    return functions[::-1]


def _imports(entry: str) -> dict[str, dict[str, list[str]]]:
    """Each module that the entry needs, with the modules it imports and the names it takes from them."""
    imports: dict[str, dict[str, list[str]]] = {}
    waiting = [entry]
    while waiting:
        name = waiting.pop()
        if name not in imports:
            folder = posixpath.dirname(name)
            found = _IMPORT.findall(_read(name))
            imports[name] = {posixpath.normpath(f"{folder}/{path}"): re.split(r",\s*", names) for names, path in found}
            waiting.extend(reversed(imports[name]))
    return imports


@functools.cache
def _read(name: str) -> str:
    text = resources.files("autograd_core").joinpath(*name.split("/")).read_text(encoding="utf-8")
    return _COMMENT.sub("", text)


def _without_unused(code: str, wanted: set[str]) -> str:
    """The code without the declarations that are neither wanted nor used in the rest of it."""
    words = Counter(_WORD.findall(code))
    declared = {match[1]: (match[0], Counter(_WORD.findall(match[0]))) for match in _DECLARATION.finditer(code)}
    while unused := [name for name, (_, own) in declared.items() if name not in wanted and words[name] == own[name]]:
        for name in unused:
            text, own = declared.pop(name)
            words.subtract(own)
            code = code.replace(text, "", 1)
    return code


def _trim(code: str) -> str:
    lines = (line.strip() for line in code.splitlines())
    return "\n".join(filter(None, lines)) + "\n"


def _pair(key: str, name: str) -> str:
    return key if key == name else f"{key}:{name}"


def _compact(code: Sequence[str]) -> str:
    """The code without spaces that have no meaning; at the odd places are texts, which stay as they are."""
    pieces = list(code)
    for place in range(0, len(pieces), 2):
        piece = _BREAK.sub("", _SPACE.sub(r"\1", pieces[place]))
        for pattern, shorter in _SHORTER:
            piece = pattern.sub(shorter, piece)
        pieces[place] = piece
    return "".join(pieces)

"""The style sheet of a page: the theme, what all pages share, and files of its own, each rule under the page's root."""

from __future__ import annotations

import base64
import functools
import itertools
import re
from collections.abc import Collection, Iterator
from importlib import resources

from autograd_core.show.drawing.svg import picture_style
from autograd_core.show.page.bundle import style_sheet
from autograd_core.show.theme import COLOURS, DARK_PAGES, FONT_FAMILY, LIGHT_PAGES, MATHEMATICS_FONT, SMALL, Theme

_THEMES: tuple[Theme, Theme] = ("light", "dark")
_COMMON = {"text-anchor": "middle", "font-size": f"{SMALL:g}", "stroke-width": "1.5"}
_MARK = re.compile(r"<(?:path|text) [^>]*>")
_ROLE = re.compile(r"\.([fs]-([\w-]+))\{")
_INNER = re.compile(r"(?:^|(?<=[{},]))& (?=[.:\[*])")  # said once more: a nested rule is for elements inside
_IN_PARENTHESES = re.compile(r"\([^()]*\)")
_BRACE = re.compile(r"""[{}]|"[^"]*"|'[^']*'""")  # or a text between quotation marks


@functools.cache
def font_face() -> str:
    """The font of mathematics as a rule of a style sheet; OFL.txt is its licence."""
    font = resources.files("autograd_core").joinpath("show", "page", "mathematics.woff2").read_bytes()
    return (
        f"@font-face{{font-family:{MATHEMATICS_FONT};"
        f"src:url(data:font/woff2;base64,{base64.b64encode(font).decode()})format('woff2')}}\n"
    )


def styles(attribute: str, *names: str, with_pictures: bool = True) -> str:
    """The style sheet of a page whose root has this attribute: the theme, what all pages share, and files of its own.

    In a file shared by pages `data-autograd` stands for the attribute. with_pictures: the page moves pictures of
    `small_picture` into the document.
    """
    shared = "".join(map(style_sheet, ("show/page/page.css", *names))).replace("[data-autograd]", f"[{attribute}]")
    pictures = f".autograd-picture{{{''.join(_picture_rules())}}}\n" if with_pictures else ""
    return theme_rules(attribute) + pictures + nest(shared, attribute)


def notebook_theme(attribute: str) -> str:
    """The rule for a notebook or an editor that says that it is dark, whatever the system is."""
    return f"@media screen{{:is({DARK_PAGES}) [{attribute}]{{{_variables('dark')}}}}}\n"


def small_picture(markup: str) -> str:
    """A picture (SVG) for a page with `styles`, with the rules that it needs while it stands by itself, as an image.

    In the document, the rules and the colours of the page apply, and so does the theme of a notebook. What most
    letters and lines have in common is said once, at the root.
    """
    head, body = re.split("<style>.*?</style>", markup, maxsplit=1, flags=re.DOTALL)
    used = {role for marks in re.findall(r'<(?:path|text|use) class="([^"]*)"', body) for role in marks.split()}
    by_role = [(_ROLE.search(rule), rule) for rule in _picture_rules()]
    rules = "".join(rule for role, rule in by_role if role is None or role[1] in used)
    colours = {"page", *(role[2] for role, _ in by_role if role is not None and role[1] in used)}
    light, dark = (_variables(theme, colours) for theme in _THEMES)
    own = f"background:var(--page);{light};{rules}@media(prefers-color-scheme:dark){{{dark}}}"
    shared = "".join(f' {name}="{value}"' for name, value in _COMMON.items())
    return (
        f"{head.replace('<svg', f'<svg{shared}', 1)}<style>svg:root{{{own}}}</style>{_MARK.sub(_without_common, body)}"
    )


def _without_common(mark: re.Match[str]) -> str:
    text = mark[0]
    if text.startswith("<text") and "text-anchor" not in text:
        text = f'{text[:-1]} text-anchor="start">'
    for name, value in _COMMON.items():
        text = text.replace(f' {name}="{value}"', "")
    return text


def _picture_rules() -> Iterator[str]:
    """The rules in a picture for letters and lines, and for each role of an area or a line."""
    for rule in picture_style("picture", "auto").splitlines():
        if found := re.fullmatch(r"\.picture (\.[fs]-.*|(text|path)(.*))", rule):
            # A nested rule does not begin with a letter, and an ampersand has to be escaped in an SVG.
            yield f":is({found[2]}){found[3]}" if found[2] else found[1]


def nest(sheet: str, attribute: str) -> str:
    """The same rules, those for elements with this attribute nested in a rule for the attribute.

    JupyterLab styles lists, tables and terms by two classes; an id outweighs them, even one that is never used.

    >>> nest("[data-x] p{top:0}.other{top:0}", "data-x")
    ':is([data-x],#autograd){& p{top:0}}.other{top:0}'
    """
    mark, root = f"[{attribute}]", f":is([{attribute}],#autograd)"
    whole: list[str] = []
    for belongs, rules in itertools.groupby(_rules(sheet), functools.partial(_belongs, mark=mark)):
        if belongs:
            nested = "".join(f"{prelude}{{{body}}}" for prelude, body in rules)
            whole.append(f"{root}{{{_INNER.sub('', nested.replace(mark, '&'))}}}")
        else:
            for prelude, body in rules:
                inner = nest(body, attribute) if _is_condition(prelude) else body
                whole.append(f"{prelude.replace(mark, root)}{{{inner}}}")
    return "".join(whole)


def _rules(sheet: str) -> Iterator[tuple[str, str]]:
    """Each rule as what is before its braces, and what is in them."""
    start, depth, prelude = 0, 0, ""
    for brace in _BRACE.finditer(sheet):
        if brace[0] == "{":
            depth += 1
            if depth == 1:
                prelude, start = sheet[start : brace.start()].strip(), brace.end()
        elif brace[0] == "}":
            depth -= 1
            if depth == 0:
                yield prelude, sheet[start : brace.start()]
                start = brace.end()


def _is_condition(prelude: str) -> bool:
    return prelude.startswith(("@media", "@container"))


def _belongs(rule: tuple[str, str], mark: str) -> bool:
    prelude, body = rule
    if _is_condition(prelude):
        return all(_belongs(inner, mark) for inner in _rules(body))
    while (outside := _IN_PARENTHESES.sub("", prelude)) != prelude:
        prelude = outside
    return all(mark in selector for selector in prelude.split(","))


def theme_rules(attribute: str) -> str:
    """The colours of the theme as variables for elements with this attribute, in the theme of the reader's page."""
    dark, roots = _variables("dark"), f"[{attribute}],.autograd-page"
    return (
        f"{roots}{{{_variables('light')};--font:{FONT_FAMILY}}}\n"
        # Paper is light, and so is a notebook or an editor that says that it is.
        f"@media screen and (prefers-color-scheme:dark){{"
        f":is({roots}):not(:is({LIGHT_PAGES}) *){{{dark}}}}}\n"
    )


def _variables(theme: Theme, roles: Collection[str] | None = None) -> str:
    colours = COLOURS[theme]
    return ";".join(f"--{role}:{colours[role]}" for role in colours if roles is None or role in roles)

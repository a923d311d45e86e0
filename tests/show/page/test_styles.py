"""The style sheet of a page: rules nested under its root, and pictures without what they do not use."""

from __future__ import annotations

import re

import pytest

from autograd_core import draw
from autograd_core.show.page.styles import nest, small_picture
from autograd_core.show.theme import COLOURS
from tests.support.ten_graphs import TEN_GRAPHS

ROOT = ":is([data-x],#autograd)"


@pytest.mark.parametrize(
    ("sheet", "nested"),
    [
        ("[data-x].a .b{top:0}[data-x] svg c,[data-x] .d{top:1px}", f"{ROOT}{{&.a .b{{top:0}}& svg c,.d{{top:1px}}}}"),
        (".a [data-x] .b{top:0}", f"{ROOT}{{.a & .b{{top:0}}}}"),
        ("[data-x] .a{top:0}.b{top:0}[data-x] .a{top:0}", f"{ROOT}{{.a{{top:0}}}}.b{{top:0}}{ROOT}{{.a{{top:0}}}}"),
        ("[data-x] p,.b{top:0}", f"{ROOT} p,.b{{top:0}}"),
        ("[data-x] :is(a,:not(b,.c)){top:0}", f"{ROOT}{{:is(a,:not(b,.c)){{top:0}}}}"),
        ("@media print{[data-x] .a{top:0}}", f"{ROOT}{{@media print{{.a{{top:0}}}}}}"),
        ("@media print{.b{top:0}[data-x] .a{top:0}}", f"@media print{{.b{{top:0}}{ROOT}{{.a{{top:0}}}}}}"),
        ("@keyframes k{to{top:0}}@page{margin:0}", "@keyframes k{to{top:0}}@page{margin:0}"),
        ('[data-x] .a::before{content:"}{"}.b{top:0}', f'{ROOT}{{.a::before{{content:"}}{{"}}}}.b{{top:0}}'),
    ],
)
def test_rules_of_the_root_are_nested_and_the_others_stay(sheet: str, nested: str) -> None:
    assert nest(sheet, "data-x") == nested


def test_a_small_picture_has_the_rules_and_colours_of_its_marks_alone() -> None:
    whole = draw(TEN_GRAPHS["unit"]()).svg
    small = small_picture(whole)
    style, _, body = small.partition("</style>")
    for role, colour in COLOURS["light"].items():
        is_used = re.search(rf'class="[^"]*\b[fs]-{role}[" ]', body) is not None or role == "page"
        assert (f"--{role}:{colour};" in style or f"--{role}:{colour}}}" in style) == is_used, role
    assert re.findall(r">([^<]+)</text>", small) == re.findall(r">([^<]+)</text>", whole)
    assert len(small) < len(whole) - 1500

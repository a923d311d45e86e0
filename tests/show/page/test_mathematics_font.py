"""The font of mathematics in every page: small, with its MATH table, and with its licence."""

from __future__ import annotations

import io
from importlib import resources

import pytest

import nn
from autograd_core import Value, draw, explain, matrix_view, quiz
from autograd_core.show.page.styles import font_face
from autograd_core.show.theme import FONT_FAMILY, MATHEMATICS_FONT

MOST_BYTES = 45_000  # of a page


def pages() -> dict[str, str]:
    x, w = Value(2.0, label="x"), Value(0.5, label="w")
    loss = nn.mse_loss([nn.MLP(2, 2, 1, rng=0)([x, w])], [1.0])
    return {
        "step-through": explain(x * w).to_html(),
        "exercise": quiz(x * w).to_html(),
        "folded": draw(loss, depth=1).to_html(),
        "matrix": matrix_view(loss).to_html(),
    }


def test_it_is_in_every_page_once_and_allowed_by_the_policy() -> None:
    for kind, page in pages().items():
        assert page.count("@font-face") == 1, kind
        assert "font-src data:;" in page, kind
        assert MATHEMATICS_FONT in FONT_FAMILY


def test_it_is_small() -> None:
    assert len(font_face().encode()) <= MOST_BYTES


def test_it_has_the_table_for_mathematics_and_the_signs_of_the_writer() -> None:
    pytest.importorskip("brotli", reason="reads woff2")
    from fontTools.ttLib import TTFont

    content = resources.files("autograd_core").joinpath("show", "page", "mathematics.woff2").read_bytes()
    font = TTFont(io.BytesIO(content))
    assert "MATH" in font
    known = font.getBestCmap()
    signs = "−·≈∞√∂π≤≥≟⌊⌋|σΦδ→…⋯₀₉₍₎⁰⁹⁻⁽⁾ⁿŷ" + "".join(map(chr, range(0x1D434, 0x1D455)))
    assert [sign for sign in signs if ord(sign) not in known] == []


def test_its_licence_ships() -> None:
    text = resources.files("autograd_core").joinpath("show", "page", "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in text
    assert "STIX Fonts Project Authors" in text

"""Colours, sizes and fonts of every picture, defined once and read by SVG, DOT, PNG, PDF and pages alike.

Okabe-Ito colours, which colour-blind readers can distinguish. Colour is never the only sign: shape and border also show
what a card is, and + or - the sign of a gradient.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Mapping
from typing import Literal

Theme = Literal["light", "dark"]

# What says in a notebook or an editor that it is light or dark, whatever the system is: Jupyter and VS Code.
LIGHT_PAGES = "[data-jp-theme-light=true],.vscode-light,.vscode-high-contrast-light"
DARK_PAGES = "[data-jp-theme-light=false],.vscode-dark,.vscode-high-contrast:not(.vscode-high-contrast-light)"

BLACK, ORANGE, SKY_BLUE, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILLION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"

# Name: (in the light theme, in the dark one). "-fill": the area of a shape. "ink": text and outlines. "muted": text
# that explains. "page": the paper of pictures that cannot follow the theme of the reader's page.
_COLOURS: dict[str, tuple[str, str]] = {
    "page": ("#FFFFFF", "#1E1E1E"),
    "ink": ("#1A1A1A", "#F2F2F2"),
    "muted": ("#5A5A5A", "#BDBDBD"),
    "line": ("#555555", "#B0B0B0"),
    "frame": ("#8A8A8A", "#8A8A8A"),
    "input": (BLUE, SKY_BLUE),
    "input-fill": ("#E6F2FA", "#0E2C40"),
    "parameter": (GREEN, "#19C296"),
    "parameter-fill": ("#E2F5EE", "#0B3328"),
    "constant": ("#767676", "#9A9A9A"),
    "constant-fill": ("#F4F4F4", "#2E2E2E"),
    "operation": ("#3C3C3C", "#C8C8C8"),
    "operation-fill": ("#FFFFFF", "#262626"),
    "composition": ("#A8517F", PURPLE),
    "composition-fill": ("#FAEFF5", "#3A2231"),
    "output": (BLACK, YELLOW),
    "output-fill": ("#FDFADB", "#37340C"),
    "nonfinite": ("#B34E00", "#F08A45"),
    "nonfinite-fill": ("#FDEEE4", "#472310"),
    "positive": ("#A84A00", ORANGE),  # vermillion, darkened until it can be read as text
    "negative": (BLUE, SKY_BLUE),
    "fifth": ("#8A6A00", YELLOW),
    "sixth": (SKY_BLUE, "#5C8DFF"),
    "eighth": (ORANGE, VERMILLION),
}
# The roles of lines and classes side by side, in the order of their use; marker or dash differ too.
SERIES_ROLES = ("input", "positive", "parameter", "composition", "fifth", "sixth", "operation", "eighth")
# Of their markers: the sides of a regular polygon (16: a circle), and its turn from a corner at the top, in degrees.
MARKERS = ((16, 0.0), (4, 45.0), (3, 0.0), (4, 0.0), (3, 180.0), (6, 0.0), (5, 0.0), (5, 180.0))
COLOURS: Mapping[Theme, Mapping[str, str]] = {
    "light": {name: pair[0] for name, pair in _COLOURS.items()},
    "dark": {name: pair[1] for name, pair in _COLOURS.items()},
}
SERIES: Mapping[Theme, tuple[str, ...]] = {
    theme: tuple(colours[role] for role in SERIES_ROLES) for theme, colours in COLOURS.items()
}

MATHEMATICS_FONT = '"Autograd Mathematics"'  # of formulas, in every page
FONT_FAMILY = f'Helvetica, Arial, "Liberation Sans", "DejaVu Sans", {MATHEMATICS_FONT}, sans-serif'
FONT_NAME = "Helvetica"  # for formats that take one name; its widths are below

# Pixels at 100%. Nothing is smaller than SMALL.
SMALL, TEXT, TITLE, SYMBOL = 12.0, 14.0, 15.0, 19.0
LINE_HEIGHT = 1.3
PADDING = 11.0
SLANT = 10.0  # how far the sides of a parallelogram, a hexagon or an octagon lean
BORDER, HEAVY_BORDER = 1.6, 2.6
EDGE = 1.5
LAYER_GAP, ROW_GAP = 54.0, 22.0
MARGIN = 12.0
PROJECTOR_DPI = 144  # of a PNG: twice the pixels, half as large again as a screen needs

_WIDTHS = (  # Helvetica (and Arial, Liberation Sans), thousandths of the size, for the characters " " to "~"
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833,
    722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556,
    556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334,
    260, 334, 584,
)  # fmt: skip
# Other letters, the widest of Liberation Sans, DejaVu Sans and the mathematics font where each of them is in use.
_OTHER_WIDTHS = {
    letter: width
    for letters, width in (
        ("⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉", 430), ("⁽⁾₍₎", 270), ("−×÷≈≤≥", 600), ("·", 333), ("∂", 520), ("–", 560),
    )
    for letter in letters
}  # fmt: skip
_SPARE = 1.04  # other fonts may be a little wider


@functools.lru_cache(maxsize=20_000)
def text_width(text: str, size: float, bold: bool = False) -> float:
    """About the width of `text` in pixels, never too small for a font like Helvetica."""
    thousandths = 0
    for character in text:
        code = ord(character)
        if 32 <= code < 127:
            thousandths += _WIDTHS[code - 32]
        elif character in _OTHER_WIDTHS:
            thousandths += _OTHER_WIDTHS[character]
        elif unicodedata.combining(character) or unicodedata.category(character) == "Cf":
            continue
        elif unicodedata.east_asian_width(character) in "WF" or code > 0x1F000:
            thousandths += 1300
        else:
            thousandths += 780
    return thousandths * size / 1000 * _SPARE * (1.07 if bold else 1.0)

"""The subset of STIX Two Math that pages contain: `python -m tests.support.mathematics_font STIXTwoMath-Regular.ttf`.

The font is in the wheel of ziamath 0.13 (SIL Open Font License 1.1); writing woff2 needs brotli. The family is renamed,
since the subset is not the font that its authors publish. The result does not depend on the day.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FONT = Path(__file__).parents[2] / "autograd_core" / "show" / "page" / "mathematics.woff2"
FAMILY = "Autograd Mathematics"
SIGNS = "−·×÷±∂∇√∑∞≈≟≠≤≥→←…⋯′⌊⌋|∣‖⊤ᵀ⋅–—¬∈ŷ\N{NO-BREAK SPACE}⁡⁢⁣"
GREEK = "αβγδεζηθλμνπρστφχψωΓΔΘΛΠΣΦΨΩ"
LOWERED = "₀₁₂₃₄₅₆₇₈₉₍₎⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁽⁾ⁿ"
GROWING = "()|√"  # the signs that formulas of pages stretch; the sizes of all others are left out
MOST_SIZES = 4  # of each; one that has to be larger is put together from pieces
ITALIC = [*range(0x1D434, 0x1D468), 0x210E, *map(ord, "𝛼𝛽𝛾𝛿𝜀𝜂𝜃𝜆𝜇𝜋𝜌𝜎𝜏𝜑𝜔𝜕")]


def write_font(source: Path, to: Path) -> None:
    """Write the subset of the font at `source`, with its MATH table, to `to`."""
    font = TTFont(source)
    options = subset.Options(
        layout_features=[], hinting=False, desubroutinize=True, name_IDs=[0, 1, 2, 13, 14], notdef_outline=True
    )
    options.drop_tables += ["DSIG", "GPOS", "GDEF", "GSUB", "gasp"]
    _keep_sizes(font)
    options.flavor = "woff2"
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[*range(0x20, 0x7F), *map(ord, SIGNS + GREEK + LOWERED), *ITALIC])
    subsetter.subset(font)
    for record in font["name"].names:
        if record.nameID == 1:
            record.string = FAMILY
    font["head"].modified = font["head"].created
    font.recalcTimestamp = False
    font.flavor = "woff2"
    font.save(to)


def _keep_sizes(font: TTFont) -> None:
    """Leave out the larger sizes of all signs but `GROWING`, and of these all after the first `MOST_SIZES`."""
    variants, glyph_of = font["MATH"].table.MathVariants, font.getBestCmap()
    growing = {glyph_of[ord(sign)] for sign in GROWING}
    kept = [
        (glyph, sizes)
        for glyph, sizes in zip(variants.VertGlyphCoverage.glyphs, variants.VertGlyphConstruction, strict=True)
        if glyph in growing
    ]
    for _, sizes in kept:
        del sizes.MathGlyphVariantRecord[MOST_SIZES:]
        sizes.VariantCount = len(sizes.MathGlyphVariantRecord)
    variants.VertGlyphCoverage.glyphs = [glyph for glyph, _ in kept]
    variants.VertGlyphConstruction = [sizes for _, sizes in kept]
    variants.VertGlyphCount = len(kept)
    variants.HorizGlyphCoverage, variants.HorizGlyphConstruction, variants.HorizGlyphCount = None, [], 0


if __name__ == "__main__":
    write_font(Path(sys.argv[1]), FONT)
    print(f"{FONT.name}: {FONT.stat().st_size:,} bytes")

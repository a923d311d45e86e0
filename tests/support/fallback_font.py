"""The letters of a PDF that its own fonts lack: `python -m tests.support.fallback_font DejaVuSans.ttf`.

A subset of DejaVu Sans, which is in the wheels of ziafont and matplotlib: Latin, Greek, Cyrillic and Hebrew letters,
arrows, and the signs of mathematics. Its licence allows a subset under another name.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FONT = Path(__file__).parents[2] / "autograd_core" / "show" / "drawing" / "fallback.ttf"
RANGES = (
    *((0x20, 0x7E), (0xA0, 0x17F), (0x1CD, 0x1DC), (0x2B0, 0x2FF), (0x300, 0x345), (0x370, 0x3FF), (0x400, 0x45F)),
    *((0x5D0, 0x5F4), (0x1D2C, 0x1D6A), (0x1E00, 0x1EFF), (0x2010, 0x2044), (0x2070, 0x209C), (0x2100, 0x214B)),
    *((0x2190, 0x21FF), (0x2200, 0x22FF), (0x2308, 0x230B), (0x25A0, 0x25FF), (0x2C7C, 0x2C7D)),
)


def write_font(source: Path, to: Path) -> None:
    """Write the subset of the font at `source` to `to`."""
    font = TTFont(source)
    options = subset.Options(layout_features=[], hinting=False, name_IDs=[0, 1, 2, 13, 14], notdef_outline=True)
    options.drop_tables += ["GPOS", "GSUB", "GDEF", "FFTM", "kern"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[code for first, last in RANGES for code in range(first, last + 1)])
    subsetter.subset(font)
    for record in font["name"].names:
        if record.nameID == 1:
            record.string = "Autograd Fallback"
    font["head"].modified = font["head"].created
    font.recalcTimestamp = False
    font.save(to)


if __name__ == "__main__":
    write_font(Path(sys.argv[1]), FONT)
    print(f"{FONT.name}: {FONT.stat().st_size:,} bytes")

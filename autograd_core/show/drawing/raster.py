"""Scenes as pixels: one PNG, or several as a film."""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from autograd_core.errors import DrawingError
from autograd_core.show.drawing.graphviz import png
from autograd_core.show.drawing.letters import warn_of_missing_letters
from autograd_core.show.drawing.scene import Scene
from autograd_core.show.theme import PROJECTOR_DPI, Theme

if TYPE_CHECKING:
    from PIL.Image import Image

_WIDEST = 1199.0  # pixels of a film: wider ones take megabytes, and their frames are scaled down on most pages
_LARGEST_SCALE = 1.5  # of a film
_EXACT = 32  # colours as they are: of paper, letters and shapes


def gif(pictures: Sequence[Image], seconds: float) -> bytes:
    """The pictures as one film that starts again at its end; the last picture is shown three times as long.

    All have the same colours, so that only what changes is stored.
    """
    from PIL import Image  # comes with fpdf2

    colours: Counter[Any] = Counter()
    for picture in pictures:
        colours.update({colour: count for count, colour in picture.getcolors(picture.width * picture.height) or ()})
    exact = [part for colour, _ in colours.most_common(_EXACT) for part in colour]
    # By the square root of how often they appear, so that a thin line keeps its colour beside a large area.
    pixels = b"".join(bytes(colour) * round(count**0.5) for colour, count in colours.items())
    others = Image.frombytes("RGB", (len(pixels) // 3, 1), pixels).quantize(255 - _EXACT)
    palette = Image.new("P", (1, 1))
    palette.putpalette([*exact, *(others.getpalette() or [])])
    images = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]
    film = io.BytesIO()
    durations = [round(seconds * 1000)] * (len(images) - 1) + [round(seconds * 3000)]
    images[0].save(film, "GIF", save_all=True, append_images=images[1:], duration=durations, loop=0, optimize=True)
    return film.getvalue()


def render_film(scenes: Sequence[Scene], theme: Theme) -> list[Image]:
    """The scenes as pictures of a film, at most 1,200 pixels wide. Raises as `render_png` does."""
    from PIL import Image

    dpi = 72.0 * min(_WIDEST / max(scene.width for scene in scenes), _LARGEST_SCALE)
    with ThreadPoolExecutor(os.cpu_count()) as threads:  # each waits for the program that paints
        painted = list(threads.map(lambda scene: render_png(scene, theme, dpi), scenes))
    return [Image.open(io.BytesIO(picture)).convert("RGB") for picture in painted]


def render_png(scene: Scene, theme: Theme, dpi: float = PROJECTOR_DPI) -> bytes:
    """A scene as PNG; a warning names letters that may be missing.

    Raises `DrawingError` where no program that paints one is installed.
    """
    warn_of_missing_letters([scene], "PNG")
    pixels = png(scene, theme, dpi=dpi)
    if pixels is None:
        raise DrawingError(
            "a PNG or GIF is painted by graphviz-pure (a dependency of this package) or by Graphviz, and neither could "
            "be run here. SVG, HTML and PDF need neither: use .to_html or .to_pdf, or save the picture with the suffix "
            ".svg or .pdf."
        )
    return pixels

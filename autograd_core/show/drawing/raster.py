"""Scenes as pixels: one PNG, or several as a film."""

from __future__ import annotations

import io
from collections.abc import Sequence

from autograd_core.errors import DrawingError
from autograd_core.show.drawing.graphviz import png
from autograd_core.show.drawing.scene import Scene
from autograd_core.show.theme import PROJECTOR_DPI, Theme


def gif(pictures: Sequence[bytes], seconds: float) -> bytes:
    """The pictures (PNG) as one film that starts again at its end; the last picture is shown three times as long."""
    from PIL import Image  # comes with fpdf2

    images = [Image.open(io.BytesIO(picture)).convert("P", palette=Image.Palette.ADAPTIVE) for picture in pictures]
    film = io.BytesIO()
    durations = [round(seconds * 1000)] * (len(images) - 1) + [round(seconds * 3000)]
    images[0].save(film, "GIF", save_all=True, append_images=images[1:], duration=durations, loop=0, optimize=True)
    return film.getvalue()


def render_png(scene: Scene, theme: Theme, dpi: float = PROJECTOR_DPI) -> bytes:
    """A scene as PNG. Raises `DrawingError` where no program that paints one is installed."""
    pixels = png(scene, theme, dpi=dpi)
    if pixels is None:
        raise DrawingError(
            "a PNG or GIF is painted by graphviz-pure (a dependency of this package) or by Graphviz, and neither could "
            "be run here. SVG, HTML and PDF need neither: use .to_html or .to_pdf, or save the picture with the suffix "
            ".svg or .pdf."
        )
    return pixels

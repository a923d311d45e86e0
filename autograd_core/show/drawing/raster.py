"""Scenes as pixels: one PNG, or several as a film."""

from __future__ import annotations

import io
from collections.abc import Sequence

from autograd_core.errors import DrawingError
from autograd_core.show.drawing.graphviz import png
from autograd_core.show.drawing.scene import Scene
from autograd_core.show.theme import PROJECTOR_DPI, Theme


def gif(pictures: Sequence[bytes], seconds: float) -> bytes:
    """The pictures (PNG) as one film that starts again at its end; the last one stands three times as long."""
    from PIL import Image  # comes with fpdf2

    images = [Image.open(io.BytesIO(one)).convert("P", palette=Image.Palette.ADAPTIVE) for one in pictures]
    made = io.BytesIO()
    durations = [round(seconds * 1000)] * (len(images) - 1) + [round(seconds * 3000)]
    images[0].save(made, "GIF", save_all=True, append_images=images[1:], duration=durations, loop=0, optimize=True)
    return made.getvalue()


def render_png(drawn: Scene, theme: Theme, dpi: float = PROJECTOR_DPI) -> bytes:
    """A scene as PNG. Raises `DrawingError` where no program that paints one is installed."""
    made = png(drawn, theme, dpi=dpi)
    if made is None:
        raise DrawingError(
            "a PNG or GIF is painted by graphviz-pure (a dependency of this package) or by Graphviz, and neither could "
            "be run here. HTML and PDF need neither: use .to_html or .to_pdf."
        )
    return made

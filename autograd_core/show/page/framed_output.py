"""What marimo shows of an output: it leaves out the styles and scripts of HTML that has no frame of its own."""

from __future__ import annotations

from html import escape
from typing import Any


class FramedOutput:
    """Base of what a notebook shows by `_repr_mimebundle_`; marimo asks for `_mime_`."""

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        raise NotImplementedError(f"{type(self).__name__} has no output.")

    def _mime_(self) -> tuple[str, str]:
        """The type and the content for marimo: HTML with a script or styles is in a frame, as high as its content."""
        bundle = self._repr_mimebundle_()
        bundle = bundle[0] if isinstance(bundle, tuple) else bundle
        if "text/html" not in bundle:
            return "text/plain", str(bundle["text/plain"])
        page = str(bundle["text/html"])
        if "<script" not in page and "<style" not in page:
            return "text/html", page
        height = 600 if "<script" in page else 150  # a page fits itself to its frame, which then grows if it has to
        frame = f'<iframe srcdoc="{escape(page)}" width="100%" height="{height}px" frameborder="0"'
        # marimo's own page defines __resizeIframe.
        return "text/html", f'{frame} onload="__resizeIframe(this)"></iframe>'

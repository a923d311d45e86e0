"""A picture made small for a page looks as the whole one does, as an image, in both themes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from autograd_core import draw
from autograd_core.show.page.styles import small_picture
from tests.support.ten_graphs import TEN_GRAPHS

if TYPE_CHECKING:
    from playwright.sync_api import Page

PAINTED = """(markup) => new Promise((done, fail) => {
  const image = new Image();
  image.onload = () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
    canvas.getContext("2d").drawImage(image, 0, 0);
    done(canvas.toDataURL());
  };
  image.onerror = fail;
  image.src = `data:image/svg+xml,${encodeURIComponent(markup)}`;
})"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pixels_are_the_same(show: Callable[..., Page], theme: str) -> None:
    page = show('<!DOCTYPE html><html lang="en"><title>t</title>', color_scheme=theme)
    for name in ("unit", "opened sigmoid"):
        whole = draw(TEN_GRAPHS[name]()).svg
        assert page.evaluate(PAINTED, small_picture(whole)) == page.evaluate(PAINTED, whole)

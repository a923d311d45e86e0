"""Slides in a browser: keys turn them, what is live in them keeps its keys, and paper has one slide a sheet."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from autograd_core import Value, explain
from autograd_core.show.slides.slides_page import Slide, slides_page

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_arrow_keys_turn_slides_and_the_step_through_is_live(show: Callable[..., Page]) -> None:
    x = Value(3.0, "x")
    live = explain(x * x)._repr_mimebundle_()["text/html"]
    slides = [
        Slide("One", '<p>first, or <a href="#Two-b">another</a></p>'),
        Slide("Two b", live),
        Slide("Three & <b>", live),
    ]
    page = show(slides_page("Slides", slides), viewport={"width": 1366, "height": 768})
    shown = page.locator(".slide.shown > h2")
    assert shown.inner_text() == "One"
    page.keyboard.press("ArrowRight")
    assert shown.inner_text() == "Two b"
    count = page.locator(".slide.shown .count")
    before = count.inner_text()
    page.get_by_role("button", name="Next").click()
    assert count.inner_text() != before
    page.keyboard.press("ArrowRight")  # of the step-through, which has the focus
    assert shown.inner_text() == "Two b"
    page.keyboard.press("PageDown")
    assert shown.inner_text() == "Three & <b>"
    page.keyboard.press("PageDown")
    assert shown.inner_text() == "Three & <b>"
    page.keyboard.press("Home")
    assert shown.inner_text() == "One"
    page.get_by_role("link", name="another").click()
    assert shown.inner_text() == "Two b"
    box = page.locator(".slide .live").first.bounding_box()
    assert box is not None
    assert box["height"] > 500
    assert page.evaluate("document.documentElement.scrollHeight") <= 768

"""A slider of figures in Chromium: mouse, buttons and keys lead to every value, without kernel or network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="drives a browser: pip install -e '.[browser]'")
pytest.importorskip("matplotlib", reason="draws figures: pip install -e '.[plot]'")

from nn.plot import Slider, slider
from tests.nn.plot.test_slider import line

SHOWN = "() => [document.querySelector('.live .count').textContent, document.querySelector('.live svg').ariaLabel]"


def made() -> Slider:
    return slider(line, slope=[-1.0, 0.5, 2.0], start=0.5)


def test_slider_buttons_and_keys_show_the_picture_of_each_value(show: Callable[..., Any]) -> None:
    page = show(made().to_html())
    assert page.evaluate(SHOWN) == ["slope = 0.5", "slope 0.5"]
    page.get_by_role("slider").fill("2")
    assert page.evaluate(SHOWN) == ["slope = 2", "slope 2"]
    page.get_by_role("button", name="Back").click()
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(SHOWN) == ["slope = -1", "slope -1"]
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(SHOWN) == ["slope = -1", "slope -1"]
    page.get_by_role("slider").focus()
    page.keyboard.press("End")
    assert page.evaluate(SHOWN) == ["slope = 2", "slope 2"]


def test_two_sliders_of_one_notebook_are_moved_apart(show: Callable[..., Any]) -> None:
    outputs = "".join(made()._repr_mimebundle_()["text/html"] for _ in range(2))
    page = show(f"<!DOCTYPE html><title>a notebook</title>{outputs}")
    page.get_by_role("slider").nth(1).fill("0")
    assert page.locator(".live .count").all_text_contents() == ["slope = 0.5", "slope = -1"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_and_fits_a_phone(
    show: Callable[..., Any], broken_rules: Callable[..., list[str]], scheme: str
) -> None:
    page = show(made().to_html(), viewport={"width": 390, "height": 844}, color_scheme=scheme)
    assert broken_rules(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_without_a_script_it_shows_the_first_picture(show: Callable[..., Any]) -> None:
    page = show(made().to_html(), java_script_enabled=False)
    assert page.get_by_text("slope = 0.5").is_visible()
    assert page.locator("img").is_visible()

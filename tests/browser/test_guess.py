"""A slot for a guess in a real browser: it says what Python says, keeps the guess, and works by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from autograd_core import guess

if TYPE_CHECKING:
    from playwright.sync_api import Page

Show = Callable[..., Any]
SKETCH = {"layer 1": 0.001, "layer 2": 0.5}


def slot(kind: str) -> Any:
    if kind == "number":
        return guess("How much is it?", 5.5)
    if kind == "choice":
        return guess("Which one?", "the second", choices=["the first", "the second"])
    return guess("How large is each?", SKETCH, between=(1e-4, 1.0), log=True)


def status(page: Page) -> str:
    return page.get_by_role("status").inner_text()


def test_a_number_is_compared_and_kept(show: Show) -> None:
    asked = slot("number")
    page = show(asked.to_html())
    assert not page.get_by_text("5.5").is_visible()
    page.get_by_role("textbox").fill("2,5")
    page.keyboard.press("Enter")
    assert "2.5" in page.get_by_role("alert").inner_text()
    assert status(page) == ""
    page.get_by_role("textbox").fill("10/2")
    page.keyboard.press("Enter")
    assert status(page) == str(asked.compare(5))
    page.reload()
    assert status(page) == str(asked.compare(5))
    page.get_by_role("button", name="Guess again").click()
    assert status(page) == ""
    page.reload()
    assert status(page) == ""


def test_a_choice_is_made_by_keyboard(show: Show) -> None:
    asked = slot("choice")
    page = show(asked.to_html())
    page.get_by_role("button", name="Guess").click()
    assert page.get_by_role("alert").inner_text() == "Choose one first."
    page.get_by_role("radio").first.focus()
    page.keyboard.press("ArrowDown")
    page.get_by_role("button", name="Guess").focus()
    page.keyboard.press("Enter")
    assert status(page) == str(asked.compare("the second"))


def test_a_sketch_shows_the_answers_on_its_sliders(show: Show) -> None:
    page = show(slot("sketch").to_html())
    first, second = page.get_by_role("slider").all()
    first.focus()
    page.keyboard.press("Home")
    second.focus()
    page.keyboard.press("End")
    page.get_by_role("button", name="Guess").click()
    assert "off by a factor of 10" in status(page)
    marks = [mark.bounding_box()["x"] for mark in page.locator(".answer").all()]
    assert len(marks) == 2
    assert marks[0] < marks[1]


def test_two_slots_of_one_notebook_do_not_meet(show: Show) -> None:
    cells = [asked._repr_mimebundle_()["text/html"] for asked in (slot("choice"), slot("number"), slot("choice"))]
    page = show(f"<!DOCTYPE html><title>cells</title>{'<hr>'.join(cells)}")
    assert page.locator("[data-autograd-guess].ready").count() == 3
    page.get_by_role("textbox").fill("5.5")
    page.keyboard.press("Enter")
    assert [item.inner_text() for item in page.get_by_role("status").all()] == ["", "Your guess: 5.5. Right.", ""]


def test_without_scripts_the_answer_is_folded(show: Show) -> None:
    page = show(slot("number").to_html(), java_script_enabled=False)
    assert page.get_by_text("How much is it?").is_visible()
    assert not page.get_by_text("5.5", exact=True).is_visible()
    page.get_by_text("The answer").click()
    assert "5.5" in page.locator("details").inner_text()


def test_nothing_in_a_question_is_run(show: Show) -> None:
    hostile = "</script><img src=x onerror=\"document.title='caught'\">"
    page = show(guess(hostile, hostile, choices=[hostile, "b"]).to_html())
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Guess").click()
    assert page.title() == "Guess first"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", ["number", "choice", "sketch"])
def test_it_is_accessible(show: Show, broken_rules: Any, kind: str, scheme: str) -> None:
    page = show(slot(kind).to_html(), color_scheme=scheme, viewport={"width": 390, "height": 844})
    if kind == "choice":
        page.get_by_role("radio").first.check()
    elif kind == "number":
        page.get_by_role("textbox").fill("5")
    page.get_by_role("button", name="Guess").click()
    assert status(page)
    assert broken_rules(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

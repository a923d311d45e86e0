"""Your turn in a real browser: each blank is filled in by keyboard, wrong numbers are named, nothing is shown early."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from autograd_core import Value, explain, log, relu, sin

if TYPE_CHECKING:
    from playwright.sync_api import Page

Show = Callable[..., Any]


def survey() -> Any:
    x1, x2 = Value(2.0, label="x1"), Value(5.0, label="x2")
    return log(x1) + x1 * x2 - sin(x2)


def panel(page: Page) -> Any:
    return page.get_by_role("region", name="Your turn")


def verdict(page: Page) -> str:
    return panel(page).get_by_role("status").inner_text()


def fill_in_all(page: Page, exercise: Any) -> int:
    """Type the right number into each blank; returns how many there were."""
    edges = [edge for step in exercise.steps for edge in step.edges]
    filled = 0
    while panel(page).locator("input:not([readonly])").count():
        words = page.locator(".turn-words").inner_text()
        edge = next(edge for edge in edges if f"Back from {text(edge.node)} to {text(edge.source)}." in words)
        kind = page.evaluate("document.activeElement.getAttribute('aria-label')").partition(",")[0]
        exact = {
            "upstream": edge.carried,
            "partial": edge.partial,
            "contribution": edge.contribution,
            "sum of all": edge.total,
        }
        page.keyboard.type(f"{exact[kind] or 0.0:.6g}")
        page.keyboard.press("Enter")
        assert "✓ Right" in verdict(page)
        filled += 1
    return filled


def text(name: str) -> str:
    return name.translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def test_all_blanks_are_filled_in_by_keyboard(show: Show) -> None:
    exercise = explain(survey(), your_turn=True)
    page = show(exercise.to_html())
    filled = fill_in_all(page, exercise)
    assert 12 <= filled <= 20
    assert f"{filled} of {filled} numbers were right" in panel(page).inner_text()
    assert page.evaluate("document.activeElement.textContent") == "Again"


def test_nothing_is_shown_before_it_is_filled_in(show: Show) -> None:
    page = show(explain(survey(), your_turn=True).to_html())
    page.keyboard.press("End")
    page.get_by_role("button", name="Last").click(force=True)
    shown = page.locator(".live").inner_text()
    assert "1.716" not in shown
    assert "+5.5" not in page.locator(".picture svg.autograd-picture").text_content()
    page.get_by_role("button", name="This step").click()
    page.get_by_role("button", name="Last").click()
    assert "+5.5" in page.locator(".picture svg.autograd-picture").text_content()


def test_a_wrong_number_is_named_and_may_be_shown(show: Show) -> None:
    x = Value(3.0, label="x")
    page = show(explain(sin(x * x), your_turn=True).to_html())
    page.keyboard.type("two")
    page.keyboard.press("Enter")
    assert "not a number" in verdict(page)
    page.get_by_role("textbox").first.fill("-0.4121")  # sin(9) instead of its cosine
    page.keyboard.press("Enter")
    assert "wrong derivative of a function" in verdict(page)
    page.get_by_role("textbox").first.fill("0.9111")
    page.keyboard.press("Enter")
    assert "wrong sign" in verdict(page)
    page.get_by_role("button", name="Show this number").click()
    assert "−0.9111" in verdict(page)
    assert "0 right at the first try" in panel(page).inner_text()


def test_any_step_through_has_it_with_other_numbers_too(show: Show) -> None:
    page = show(explain(survey()).to_html())
    page.get_by_role("button", name="Your turn").click()
    before = page.locator(".picture svg.autograd-picture").text_content()
    page.get_by_role("button", name="Other numbers").click()
    assert page.locator(".picture svg.autograd-picture").text_content() != before
    assert page.locator("[data-autograd-stepper].changed").count() == 1
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    assert "✓ Right" in verdict(page)


def test_behind_a_closed_gate_the_answer_is_0(show: Show) -> None:
    x = Value(-1.0, label="x")
    page = show(explain(relu(x) * 3.0, your_turn=True).to_html())
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    page.get_by_role("textbox").last.fill("3")
    page.keyboard.press("Enter")
    assert "gate" in verdict(page) or "forgot the partial" in verdict(page)
    page.get_by_role("textbox").last.fill("0")
    page.keyboard.press("Enter")
    assert "✓ Right" in verdict(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1366, 768), (390, 844)])
def test_it_is_accessible(show: Show, broken_rules: Any, scheme: str, size: tuple[int, int]) -> None:
    width, height = size
    page = show(
        explain(survey(), your_turn=True).to_html(), color_scheme=scheme, viewport={"width": width, "height": height}
    )
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    assert "Not right" in verdict(page)
    assert broken_rules(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

"""What is pointed at is lit wherever it stands, arrow keys go from card to card, numbers are dragged in the picture,
the address restores the page, and the picture is saved from it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest

from autograd_core import Value, explain, sigmoid
from tests.support.ten_graphs import explain_graph

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = "[data-autograd-stepper]"
LIT = "() => [...document.querySelectorAll('.lit')].map((part) => part.getAttribute('class'))"
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def unit(show: Callable[..., Page], tmp_path: Path) -> Page:
    return show(explain_graph("unit").to_html(tmp_path / "unit.html"))


def card(page: Page, name: str) -> Any:
    return page.locator(f'{ROOT} g.card[data-name="{name}"]')


def lit_cards(page: Page) -> set[str]:
    found: list[str] = page.evaluate(
        "() => [...document.querySelectorAll('g.card.lit')].map((card) => card.dataset.name)"
    )
    return set(found)


def test_a_card_an_edge_a_term_and_a_line_light_each_other(unit: Page) -> None:
    unit.keyboard.press("End")
    card(unit, "w").hover()
    assert lit_cards(unit) == {"w"}
    assert unit.locator(f"{ROOT} .expression [data-card].lit").count() == 1
    unit.locator(f"{ROOT} .expression [data-card]", has_text=re.compile("^x$")).hover()
    assert lit_cards(unit) == {"x"}
    unit.locator(f"{ROOT} .formulas > div").first.hover(position={"x": 3, "y": 3})
    assert len(lit_cards(unit)) == 2
    assert unit.locator(f"{ROOT} g.link.lit").count() == 1
    unit.get_by_role("button", name="Derivation").click()
    line = unit.locator(f"{ROOT} .derivation li").last
    line.hover(position={"x": 3, "y": 3})
    assert len(lit_cards(unit)) == 2
    unit.locator(f"{ROOT} g.link .touch").first.hover(force=True)
    assert unit.locator(f"{ROOT} .derivation li.lit").count() >= 1
    unit.mouse.move(2, 2)
    assert unit.evaluate(LIT) == []


def test_the_picture_is_one_tab_stop_and_arrows_go_from_card_to_card(unit: Page) -> None:
    stops = unit.locator(f'{ROOT} .picture [tabindex="0"]')
    assert stops.count() == 1
    stops.focus()
    card(unit, "w").focus()
    visited = []
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft"):
        unit.keyboard.press(key)
        visited.append(unit.evaluate("() => document.activeElement.dataset.name"))
    assert visited[2] == "out"
    assert visited[3] == visited[1]
    assert stops.count() == 1
    assert lit_cards(unit) == {visited[3]}
    step = unit.get_attribute(ROOT, "data-step")
    unit.keyboard.press("Enter")
    assert unit.get_attribute(ROOT, "data-step") != step


def test_a_number_is_dragged_in_the_picture(unit: Page) -> None:
    unit.keyboard.press("End")
    handle = card(unit, "w").locator(".handle").bounding_box()
    assert handle is not None
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    unit.mouse.move(x, y)
    unit.mouse.down()
    unit.mouse.move(x + 100, y, steps=5)
    unit.mouse.up()
    changed = float(unit.get_by_label("w, a number").input_value())
    assert changed == pytest.approx(
        -2 + 50 * 2 / 100
    )  # a step of the slider is a hundredth of |w| = 2, two pixels wide
    result = sigmoid(Value(changed) * 0.5 + 0.25).data
    assert unit.locator(f"{ROOT} .prediction .actual").inner_text().endswith(f"{result:.4g}")
    card(unit, "w").focus()
    unit.keyboard.press("Shift+ArrowUp")
    assert float(unit.get_by_label("w, a number").input_value()) == pytest.approx(changed + 0.02)
    unit.keyboard.press("Escape")
    assert float(unit.get_by_label("w, a number").input_value()) == -2


def test_the_address_restores_step_and_numbers(show: Callable[..., Page], tmp_path: Path) -> None:
    w, x = Value(-2.0, "w & co=1"), Value(0.5, "step")
    page = show(explain(sigmoid(w * x)).to_html(tmp_path / "page.html"))
    page.keyboard.press("End")
    page.get_by_role("button", name="What if").click()
    page.get_by_label("w & co=1, a number").fill("-0.42")
    page.get_by_label("step, a number").fill("0.75")
    page.wait_for_function("() => location.hash.includes('0.42') && location.hash.includes('0.75')")
    at_the_end = page.url
    page.get_by_role("button", name="Back").first.click()
    page.wait_for_function("(before) => location.href !== before", arg=at_the_end)
    address, step = page.url, page.get_attribute(ROOT, "data-step")
    page.goto("about:blank")
    page.goto(address)
    assert page.get_attribute(ROOT, "data-step") == step
    page.get_by_role("button", name="What if").click()
    assert page.get_by_label("w & co=1, a number").input_value() == "-0.42"
    assert page.get_by_label("step, a number").input_value() == "0.75"
    page.goto(re.sub("#.*", "#step=2", address))
    page.wait_for_function(f"() => document.querySelector('{ROOT}').dataset.step === '1'")


def test_an_address_of_no_sense_changes_nothing(show: Callable[..., Page], tmp_path: Path) -> None:
    page = show(explain_graph("unit").to_html(tmp_path / "unit.html"))
    page.goto(f"{page.url}#step=many&w=much&nobody=1")
    page.reload()
    assert page.get_attribute(ROOT, "data-step") == "0"
    assert page.get_attribute(ROOT, "class") is not None
    assert "changed" not in str(page.get_attribute(ROOT, "class"))


def test_the_picture_is_saved_as_it_is_drawn(unit: Page, tmp_path: Path) -> None:
    shown = unit.locator(f"{ROOT} .carried.shown").count()
    assert shown == 0  # the contributions are to come
    with unit.expect_download() as download:
        unit.get_by_role("button", name="SVG", exact=True).click()
    download.value.save_as(tmp_path / "picture.svg")
    text = (tmp_path / "picture.svg").read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)
    words = "".join(root.itertext())
    assert math.isclose(float(root.get("width", "0")), float(root.get("viewBox", "").split()[2]))
    assert "0.5" in words
    assert "0.1089" not in words
    assert "class=" not in text
    unit.keyboard.press("End")
    with unit.expect_download() as download:
        unit.get_by_role("button", name="PNG", exact=True).click()
    download.value.save_as(tmp_path / "picture.png")
    assert (tmp_path / "picture.png").read_bytes().startswith(PNG)


@pytest.mark.parametrize(
    ("name", "signs"),
    [
        ("unit", {"at work", "receives", "to come", "+ raises the result", "− lowers it", "the result"}),
        ("loss of a small net", {"a function that opens"}),
        ("opened sigmoid", {"no derivative", "gate closed: nothing flows"}),
    ],
)
def test_the_legend_lists_the_signs_that_occur(
    name: str, signs: set[str], show: Callable[..., Page], tmp_path: Path
) -> None:
    page = show(explain_graph(name).to_html(tmp_path / "page.html"))
    assert signs <= set(page.locator(f"{ROOT} .legend li").all_inner_texts())
    assert page.locator(f"{ROOT} .legend .symbol").all_text_contents() == ["L =out"]
    for kind in ("none", "inside"):
        assert page.locator(f"{ROOT} .legend .{kind}").count() == (name == "opened sigmoid")

"""What every page has: parts that light each other, an address that restores it, a picture to save."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest

from autograd_core import Value, draw, matrix_view, quiz, sigmoid
from autograd_core.show.builder.page import builder_page
from nn import MLP, mse_loss
from tests.browser.test_recording import run

if TYPE_CHECKING:
    from playwright.sync_api import Page

LIT_CARDS = "cards => cards.map((card) => card.dataset.name ?? card.dataset.index)"
PNG = b"\x89PNG\r\n\x1a\n"


def loss() -> Value:
    result = mse_loss(MLP(2, 3, 1, rng=0)([Value(1.0, label="x[0]"), Value(-1.0, label="x[1]")]), [1.0])
    result.label = "loss"
    return result


def exercise() -> str:
    w, x, b = Value(-2.0, "w"), Value(0.5, "x"), Value(0.25, "b")
    asked = quiz(sigmoid(w * x + b))
    asked.__dict__["_handout"] = asked.handout_data(rounds=5)
    return asked.to_html()


PAGES: dict[str, Callable[[], str]] = {
    "folded": lambda: draw(loss(), depth=1).to_html(),
    "matrix": lambda: matrix_view(loss()).to_html(),
    "timeline": lambda: run().to_html(),
    "exercise": exercise,
    "builder": builder_page,
}


@functools.cache
def html(kind: str) -> str:
    return PAGES[kind]()


def restored(page: Page, state: str) -> Page:
    """The page opened again at its address, once that has the state."""
    page.wait_for_function(f"() => /[#&]{state}/.test(location.hash)")
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    return page


def test_a_folded_page_comes_back_with_its_boxes(show: Callable[..., Page]) -> None:
    page = show(html("folded"))
    page.get_by_role("button", name="Open all boxes to depth 2", exact=True).click()
    card = page.locator(".card", has_text="layer 2")
    card.click()
    shown = page.locator(".card").all_text_contents()
    restored(page, "box=")
    assert page.locator(".card").all_text_contents() == shown
    assert "layer 2" in str(page.locator(".card.selected").text_content())
    assert page.locator(".panel h2").inner_text() == "layer 2"
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Next", exact=True).click()
    page.get_by_role("button", name="Next", exact=True).click()
    step = page.locator(".walk output").inner_text()
    restored(page, "step=2")
    assert page.locator(".walk output").inner_text() == step
    assert len(step) > 3


def test_a_matrix_view_comes_back_with_layer_step_and_entry(show: Callable[..., Page]) -> None:
    page = show(html("matrix"))
    page.locator("[data-layer]").nth(1).click()
    page.get_by_role("button", name="Scalar by scalar").click()
    for _ in range(4):
        page.get_by_role("button", name="Next", exact=True).click()
    page.locator('td[data-key="W:0:1"]').click()
    before = page.locator(".live").inner_text()
    restored(page, "entry=")
    assert page.locator(".live").inner_text() == before
    assert page.locator('td[data-key="W:0:1"].pinned').count() == 1


def test_a_timeline_comes_back_at_its_epoch(show: Callable[..., Page]) -> None:
    page = show(html("timeline"))
    page.keyboard.press("Home")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    count, facts = page.locator(".count").inner_text(), page.locator(".facts").inner_text()
    assert count == "epoch 3 of 8"
    restored(page, "epoch=3")
    assert (page.locator(".count").inner_text(), page.locator(".facts").inner_text()) == (count, facts)


def test_an_exercise_comes_back_at_its_blank_without_answers(show: Callable[..., Page]) -> None:
    page = show(html("exercise"))
    page.get_by_role("textbox").nth(1).fill("-0.436")
    page.get_by_role("button", name="Check all").click()
    page.locator('li[data-state="right"]').wait_for()
    restored(page, "blank=2")
    assert re.sub("^[^#]*", "", page.url) == "#blank=2"
    assert page.get_by_role("textbox").nth(1).evaluate("(field) => field === document.activeElement")
    assert page.get_by_role("textbox").nth(1).input_value() == ""


@pytest.mark.parametrize("kind", PAGES)
def test_an_address_of_no_sense_changes_nothing(show: Callable[..., Page], kind: str) -> None:
    page = show(html(kind))
    before = page.locator("main").inner_text()
    for state in (
        "open=x.-1.99999&box=-4&step=many&row=0",
        "layer=none&use=x&entry=W:9:9&step=q",
        "epoch=-1",
        "blank=0",
    ):
        page.goto(re.sub("#.*|$", f"#{state}", page.url, count=1))
        page.reload()
        if kind != "folded" or not state.startswith("open"):  # no box is open there
            assert page.locator("main").inner_text() == before


@pytest.mark.parametrize("kind", PAGES)
def test_the_picture_is_saved_as_it_is_drawn(show: Callable[..., Page], tmp_path: Path, kind: str) -> None:
    page = show(html(kind))
    if kind == "exercise":
        page.get_by_role("textbox").nth(1).fill("-0.436")
        page.get_by_role("button", name="Check all").click()
        page.locator('li[data-state="right"]').wait_for()
    for ending in ("svg", "png"):
        with page.expect_download() as download:
            page.get_by_role("button", name=ending.upper(), exact=True).click()
        download.value.save_as(tmp_path / f"picture.{ending}")
        assert download.value.suggested_filename.endswith(f".{ending}")
    root = ElementTree.parse(tmp_path / "picture.svg").getroot()
    words = "".join(root.itertext())
    texts = page.locator(".picture svg").first.locator("text").all_text_contents()
    answers = {"-0.436"} if kind == "exercise" else set()
    assert [text for text in texts if text not in words] == sorted(answers)
    assert "class=" not in (tmp_path / "picture.svg").read_text(encoding="utf-8")
    assert (tmp_path / "picture.png").read_bytes().startswith(PNG)


def lit_cards(page: Page) -> list[str]:
    found: list[str] = page.eval_on_selector_all("svg .card.lit", LIT_CARDS)
    return found


def test_a_line_of_the_panel_lights_the_box_it_is_about(show: Callable[..., Page]) -> None:
    page = show(html("folded"))
    page.locator(".card", has_text="MLP").first.click()
    row = page.locator(".panel .origins button").first
    row.hover()
    assert lit_cards(page) == ["mse_loss"]
    page.locator(".card", has_text="mse_loss").hover()
    assert row.evaluate("(line) => line.matches('.lit')")
    page.locator(".paths button").first.hover()
    assert set(lit_cards(page)) == {"MLP", "mse_loss"}


def test_a_parameter_that_moved_lights_its_card(show: Callable[..., Page]) -> None:
    page = show(html("timeline"))
    page.locator(".changes tbody tr").first.hover()
    [lit] = lit_cards(page)
    page.locator(f'g.card[data-index="{lit}"]').hover()
    assert page.locator(".changes tr.lit").count() >= 1
    page.locator(".facts [data-card]").hover()
    assert len(lit_cards(page)) == 1
    link: Any = page.locator("g.link .touch").first
    link.hover(force=True)
    assert len(lit_cards(page)) == 2


def test_a_blank_lights_its_card_and_its_line(show: Callable[..., Page]) -> None:
    page = show(html("exercise"))
    page.locator('li[data-blank="0"] [data-words]').hover()
    assert lit_cards(page) == ["w"]
    assert page.locator("tr.lit th").all_inner_texts() == ["w"]
    page.locator('g.card[data-name="x"]').hover()
    assert page.locator("li.lit").count() == 1
    assert page.locator("tr.lit th").all_inner_texts() == ["x"]
    page.locator("tr", has_text="v₁").last.hover()
    assert lit_cards(page) == ["v1"]

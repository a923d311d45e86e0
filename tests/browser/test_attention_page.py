"""The page of a GPT in Chromium: folded at first, one screen, maps on boxes, tables of numbers, who taught a weight."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest

from autograd_core import Value, draw, who_taught
from autograd_core.formulas.notation import number_text
from autograd_core.show.picture.picture import FoldedPicture
from nn.sequences.gpt import GPT
from tests.browser.test_accessibility import FAINT

pytest.importorskip("playwright.sync_api", reason="drives a browser: pip install -e '.[browser]'")
Page = Any
Show = Callable[..., Page]
# Opens the boxes of these names, one inside the other, and selects the last; a name that is no box is passed over.
OPEN = """(names) => {
    const view = document.querySelector("[data-autograd-fold]").autogradView;
    const { graph } = view;
    const unit = (name) => {
        const group = graph.name.findIndex((text) => graph.texts[text] === name);
        return group < 0 ? graph.number.findIndex((_, node) => graph.nameOf(node) === name) : graph.nodes + group;
    };
    view.select(unit(names.at(-1)), true);
}"""


@functools.cache
def gpt_loss() -> tuple[GPT, Value]:
    model = GPT(9, block_size=4, n_embd=8, n_head=2, rng=1)
    loss = model.loss([8, 0, 1, 0, 8])
    loss.label = "loss"
    return model, loss


@functools.cache
def gpt_page() -> str:
    picture = draw(gpt_loss()[1], depth=2)
    assert isinstance(picture, FoldedPicture)
    return picture.to_html()


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080), (390, 844)])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_opens_folded_on_one_screen_with_maps(show: Show, width: int, height: int, theme: str) -> None:
    page = show(gpt_page(), viewport={"width": width, "height": height}, color_scheme=theme)
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    maps = page.locator(".card .map")
    assert maps.count() == 8  # a value and a gradient of the embedding, the norm, the block and the head
    assert page.locator(".losses li").count() == 4
    assert "is the mean of 4 terms" in page.inner_text("h3:has(+ .losses)")
    for part in page.locator(".losses button").all():
        assert part.bounding_box()["height"] >= 24


@pytest.mark.parametrize(("width", "height", "theme"), [(1366, 768, "light"), (390, 844, "dark")])
def test_no_rule_is_broken_on_the_page_of_a_gpt(
    show: Show, broken_rules: Any, width: int, height: int, theme: str
) -> None:
    page = show(gpt_page(), viewport={"width": width, "height": height}, color_scheme=theme)
    assert broken_rules(page) == []
    page.evaluate(OPEN, ["scores"])
    page.locator("[data-cell]").nth(5).click()
    assert broken_rules(page) + page.evaluate(FAINT) == []
    page.evaluate(OPEN, ["Wq"])
    page.locator("[data-cell]").nth(9).click()
    assert broken_rules(page, ".panel") == []


def test_attention_is_a_table_with_its_gradients_and_a_score_its_products(show: Show) -> None:
    page = show(gpt_page(), viewport={"width": 1366, "height": 768})
    page.evaluate(OPEN, ["weights"])
    values, gradients = page.locator("table.numbers").all()[:2]
    rows = values.locator("tbody tr").all()
    assert [row.locator("td").count() for row in rows] == [1, 2, 3, 4]
    for row in rows:
        shares = [float(text) for text in row.locator("td").all_inner_texts()]
        assert sum(shares) == pytest.approx(1.0, abs=0.01 * len(shares))
    assert gradients.locator("td").count() == 10
    assert page.locator(".panel .warning").count() == 0  # the gates that choose the maximum of a softmax are no trouble
    page.evaluate(OPEN, ["scores"])
    page.locator("table.numbers").first.locator("td button").nth(9).click()
    assert "The sum of 4 products, times 0.5:" in page.inner_text(".terms")
    head = page.locator(".terms table").first.locator("thead").inner_text().split()
    assert head == ["queries", "keys", "product", "to", "queries", "to", "keys"]
    products = [
        [float(number.replace("−", "-")) for number in row.locator("td").all_inner_texts()[:3]]
        for row in page.locator(".terms table").first.locator("tbody tr").all()
        if "·" not in row.inner_text()
    ]
    for query, key, product in products:
        assert product == pytest.approx(query * key, rel=2e-3, abs=1e-6)


def test_a_weight_says_who_taught_it(show: Show) -> None:
    model, loss = gpt_loss()
    taught = who_taught(loss, dict(model.named_parameters())["blocks.0.self_attn.in_proj_weight[9][3]"])
    page = show(gpt_page(), viewport={"width": 1366, "height": 768})
    page.evaluate(OPEN, ["Wk"])
    page.locator("table.numbers").first.locator("tbody tr").nth(1).locator("button").nth(3).click()
    said = page.inner_text(".terms")
    assert f"Its gradient {number_text(taught.gradient)} is the sum of {len(taught.uses)} contributions" in said
    listed = page.locator(".terms ol.origins li").all_inner_texts()
    assert all(use.place[-1] in line for use, line in zip(taught.largest_first(), listed, strict=True))
    assert page.locator(".terms table.numbers thead th").all_inner_texts() == [f"loss {n}" for n in range(1, 5)]
    rows = page.locator(".terms table.numbers tbody th").all_inner_texts()
    assert rows == [f"position {n}" for n in range(1, 5)]
    assert "Through the heads" in said
    page.locator(".terms ol.origins button").first.click()
    assert page.locator(".card.selected").count() == 1


def test_the_residual_stream_is_a_line_with_a_branch_for_each_sum(show: Show) -> None:
    page = show(gpt_page(), viewport={"width": 1366, "height": 768})
    stream = page.locator("svg.stream")
    words = [text.split()[0] for text in stream.locator("text").all_text_contents()]
    assert words[1:] == ["past", "self_attn", "past", "linear2"]
    widths = stream.locator("path").evaluate_all("all => all.map((path) => Number(path.getAttribute('stroke-width')))")
    assert 1.5 <= min(widths) < max(widths) <= 26.0
    assert stream.get_attribute("aria-label").count("arrives; past") == 2

"""A recorded run in Chromium: slider, keys and the curve lead to every epoch, and each shows its own numbers."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest

from autograd_core import Timeline, Value, scope, tanh
from autograd_core.formulas.symbols import name_text
from autograd_core.show.drawing.scene import Lettering
from autograd_core.show.theme import COLOURS
from nn import MLP, Adam, Recording, binary_cross_entropy_with_logits, fit, record

sync_api = pytest.importorskip("playwright.sync_api", reason="drives a browser: pip install -e '.[browser]'")
Page = Any
Show = Callable[..., Page]
XOR = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0, 0.0]
TEXTS = """() => Object.fromEntries([...document.querySelectorAll('.picture g.card')].map((card) =>
    [card.dataset.index, [...card.querySelectorAll('text')].map((text) => text.textContent).sort()]))"""
CORNER = """() => { const { canvas } = document.querySelector('[data-autograd-timeline]').autogradView.map;
    return [...canvas.getContext('2d').getImageData(0, 0, 1, 1).data]; }"""
BARS = """() => [...document.querySelectorAll('.picture g.bars')].map((element) =>
    [...element.querySelectorAll('rect')].map((bar) => +bar.getAttribute('height')))"""


@functools.cache
def run() -> Recording:
    model, recording = MLP(2, 4, 1, activation="tanh", rng=3), record(follow=2)
    fit(
        model,
        *XOR,
        loss=binary_cross_entropy_with_logits,
        optimiser=Adam(model.parameters(), learning_rate=0.1),
        epochs=8,
        callbacks=recording,
        backend="eager",
        progress=False,
    )
    return recording


def texts_at(moment: int) -> dict[str, list[str]]:
    """What Python puts on the cards at a moment, sorted: a camera puts small letters first."""
    return {
        dict(group.data)["index"]: sorted(mark.text for mark in group.marks if isinstance(mark, Lettering))
        for group in run().timeline.content().sheet.at(moment).parts
        if group.kind.startswith("card")
    }


def test_every_epoch_shows_its_own_numbers(show: Show) -> None:
    page = show(run().to_html())
    content = run().timeline.content()
    slider = page.get_by_role("slider")
    boundaries = set()
    for moment in (8, 0, 3, 5):
        slider.evaluate("(element, at) => { element.value = at; element.dispatchEvent(new Event('input')); }", moment)
        assert page.evaluate(TEXTS) == texts_at(moment)
        assert page.inner_text(".spoken") == content.sentences[moment]
        assert page.inner_text(".count") == f"epoch {moment} of 8"
        facts = [tuple(text.split("\n")) for text in page.locator(".facts > div").all_inner_texts()]
        assert facts == content.facts[moment]
        expected = [
            [slot.axis.room * abs(height) / 100 for height in slot.heights[moment]] for slot in content.sheet.bars
        ]
        for mine, theirs in zip(page.evaluate(BARS), expected, strict=True):
            assert mine == pytest.approx(theirs, abs=0.1)
        names = page.locator(".changes tbody th").all_inner_texts()
        assert names == [name_text(change.name) for change in content.changes[moment]]
        wrong = page.eval_on_selector_all(".point.wrong", "all => all.map(element => +element.dataset.row)")
        assert wrong == list(content.frames[moment].wrong)
        boundaries.add(page.get_attribute(".boundary path", "d"))
    assert len(boundaries) == 4


def test_keys_and_buttons_move_and_play(show: Show) -> None:
    page = show(run().to_html())
    count = page.locator(".count")
    for key, epoch in (("Home", 0), ("ArrowLeft", 0), ("ArrowRight", 1), ("PageDown", 8), ("ArrowLeft", 7), ("End", 8)):
        page.keyboard.press(key)
        assert count.inner_text() == f"epoch {epoch} of 8"
    page.click("[data-act=first]")
    page.click("[data-act=next]")
    assert count.inner_text() == "epoch 1 of 8"
    page.focus("[data-act=next]")
    page.keyboard.press("Enter")
    assert count.inner_text() == "epoch 2 of 8"
    page.click("[data-act=back]")
    page.select_option("select", "2.5")
    page.locator("h1").click()
    page.keyboard.press("Space")
    sync_api.expect(page.locator("[data-act=play]")).to_have_text("Pause")
    assert page.get_attribute(".spoken", "aria-live") == "off"
    sync_api.expect(count).to_have_text("epoch 8 of 8", timeout=20_000)
    sync_api.expect(page.locator("[data-act=play]")).to_have_text("Play")
    assert page.get_attribute(".spoken", "aria-live") == "polite"
    page.keyboard.press("Space")  # from the end it begins again
    sync_api.expect(page.locator("[data-act=play]")).to_have_text("Pause")
    page.keyboard.press("Home")
    sync_api.expect(page.locator("[data-act=play]")).to_have_text("Play")
    assert count.inner_text() == "epoch 0 of 8"
    assert page.get_attribute("[data-act=first]", "aria-disabled") == "true"


def test_the_curve_is_a_way_to_every_epoch(show: Show) -> None:
    page = show(run().to_html())
    content = run().timeline.content()
    box = page.locator(".curve svg").bounding_box()
    scale = box["width"] / content.curve.scene.width
    for moment in (2, 6):
        x, y = content.curve.places[moment]
        page.mouse.click(box["x"] + x * scale + 2, box["y"] + y * scale + 9)
        assert page.inner_text(".count") == f"epoch {moment} of 8"
        mark = page.locator("g.here").bounding_box()
        assert mark["x"] + mark["width"] / 2 == pytest.approx(box["x"] + x * scale, abs=1.5)
        assert mark["y"] + mark["height"] / 2 == pytest.approx(box["y"] + y * scale, abs=1.5)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_map_is_coloured_in_the_readers_theme(show: Show, theme: str, contrast: Any) -> None:
    page = show(run().to_html(), color_scheme=theme)
    model_map = run().timeline.content().map
    assert model_map is not None
    assert model_map[1].shades is not None
    shade = model_map[1].shades[8][0]
    paper, deep = (
        [int(COLOURS[theme][role][place : place + 2], 16) for place in (1, 3, 5)]  # type: ignore[index]
        for role in ("page", "positive" if shade > 127 else "input")
    )
    share = 0.5 * abs(shade - 127) / 127
    expected = [low + (high - low) * share for low, high in zip(paper, deep, strict=True)]
    assert page.evaluate(CORNER) == [*(pytest.approx(channel, abs=1) for channel in expected), 255]
    for text in contrast(page, "[data-autograd-timeline]"):
        assert text["ratio"] >= 4.5, text
        assert text["size"] >= 12, text
    page.emulate_media(color_scheme="dark" if theme == "light" else "light")
    for _ in range(100):
        if page.evaluate(CORNER)[:3] != [round(channel) for channel in expected]:
            break
    else:
        raise AssertionError("the map kept the colours of the other theme")


@pytest.mark.parametrize("width", [360, 1024, 1920])
def test_it_fits_phones_and_projectors(show: Show, width: int) -> None:
    page = show(run().to_html(), viewport={"width": width, "height": 800})
    for _ in range(2):
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        map_box, curve = page.locator(".map svg").bounding_box(), page.locator(".curve svg").bounding_box()
        plot = page.locator(".plot").bounding_box()
        assert map_box["x"] < plot["x"] < plot["x"] + plot["width"] < map_box["x"] + map_box["width"]
        assert min(map_box["width"], curve["width"]) > 240
        page.get_by_role("button", name="Projector").click()


WALK = """() => {
    const view = document.querySelector("[data-autograd-timeline]").autogradView;
    const places = new Set();
    for (let epoch = 0; epoch <= view.last; epoch++) {
        view.show(epoch);
        const parts = [view.camera.pane, view.camera.svg, view.facts, ...document.querySelectorAll("figure svg")];
        const boxes = parts.map((part) => part.getBoundingClientRect());
        places.add(JSON.stringify(boxes.map(({ x, y, width, height }) => [x, y, width, height].map(Math.round))));
    }
    const [pane, svg] = [view.camera.pane, view.camera.svg].map((part) => part.getBoundingClientRect());
    const across = svg.left > pane.left - 1 && svg.right < pane.right + 1;
    const whole = across && svg.top > pane.top - 1 && svg.bottom < pane.bottom + 1;
    return [whole, places.size, document.documentElement.scrollHeight];
}"""


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080), (390, 844)])
def test_the_whole_graph_is_in_view_and_no_epoch_moves_anything(show: Show, width: int, height: int) -> None:
    page = show(run().to_html(), viewport={"width": width, "height": height})
    whole, places, high = page.evaluate(WALK)
    assert (whole, places) == (True, 1)
    assert high <= height or width == 390, "one screen, but on a phone"


def test_labels_are_data_and_two_outputs_share_one_page(show: Show) -> None:
    hostile = "</script><img src=x onerror=console.log(1)>"
    x, timeline = Value(2.0, label=hostile), Timeline(hostile)
    for _ in range(3):
        with scope("layer", hostile):
            y = tanh(x) * 3.0
        timeline.add(y, facts={hostile: hostile})
        x.data += 1.0
    first, second = timeline._repr_mimebundle_()["text/html"], run()._repr_mimebundle_()["text/html"]
    page = show(f"<!DOCTYPE html><html><body>{first}{second}</body></html>")
    roots = page.locator("[data-autograd-timeline].ready")
    assert roots.count() == 2
    assert page.locator("img[src=x]").count() == 0
    roots.nth(0).locator("[data-act=first]").click()
    assert [roots.nth(place).locator(".count").inner_text() for place in (0, 1)] == ["epoch 0 of 2", "epoch 8 of 8"]
    assert hostile in roots.nth(0).locator(".facts").inner_text()
    assert roots.nth(0).locator(".map").count() == 0


def test_without_scripts_the_last_epoch_is_shown(show: Show) -> None:
    page = show(run().to_html(), java_script_enabled=False)
    assert page.locator("[data-fallback] img").count() == 3
    assert page.locator("[data-fallback] tbody tr").count() == 9
    assert "epoch 8: loss" in page.inner_text("[data-fallback]")

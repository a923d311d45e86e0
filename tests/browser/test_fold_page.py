"""The folded graph in Chromium: boxes open and close by pointer and keyboard, numbers are found and followed."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import pytest

from autograd_core import Value, draw, log, relu, scope, tanh
from autograd_core.formulas.notation import number_text
from autograd_core.formulas.symbols import name_text
from autograd_core.graph.folding.cut import choose_open, cut
from autograd_core.graph.gradient_health import TROUBLES
from autograd_core.show.picture.picture import FoldedPicture
from nn import MLP, mse_loss

pytest.importorskip("playwright.sync_api", reason="drives a browser: pip install -e '.[browser]'")
CORNERS = "all => all.map(one => one.getBoundingClientRect()).map(b => [b.left, b.top, b.right, b.bottom])"
CROSSED = """() => {
    const between = (at, start, size, slant) => at > start + 1 && at < start + size - 1 - slant;
    const inside = (p, b) => between(p.x, b.x, b.width, 12) && between(p.y, b.y, b.height, 0);
    const placed = (element) => element.parentNode.transform.baseVal[0].matrix;
    const boxes = [...document.querySelectorAll('.card .front')].map((element) => {
        const { x, y, width, height } = element.getBBox();
        return { x: x + placed(element).e, y: y + placed(element).f, width, height };
    });
    const at = (wire, i) => wire.getPointAtLength(wire.getTotalLength() * i / 32);
    const points = (wire) => Array.from({ length: 33 }, (_, i) => at(wire, i));
    const crosses = (wire) => points(wire).some((point) => boxes.some((box) => inside(point, box)));
    const drawn = [...document.querySelectorAll('.wire')].map((path) => path.getAttribute('d')).join('').split(/(?=M)/);
    const alone = (line) => {
        const wire = document.createElementNS('http://www.w3.org/2000/svg', 'path');
        wire.setAttribute('d', line);
        return wire;
    };
    return [drawn.length, drawn.map(alone).filter(crosses).length];
}"""
Page = Any
Show = Callable[..., Page]


def loss() -> Value:
    model = MLP(2, 5, 4, 1, rng=0)
    result = mse_loss(model([Value(1.0, label="x[0]"), Value(-1.0, label="x[1]")]), [1.0])
    result.label = "loss"
    return result


def picture(depth: int = 2, value: Value | None = None) -> FoldedPicture:
    result = draw(value or loss(), depth=depth)
    assert isinstance(result, FoldedPicture)
    return result


def names(page: Page) -> set[str]:
    return set(page.eval_on_selector_all(".card", "all => all.map(element => element.dataset.name)"))


def card(page: Page, name: str) -> Any:
    return page.locator(f'.card[data-name="{name_text(name)}"]').first


def number(text: str) -> float:
    """The number that a page writes."""
    digits, _, exponent = text.replace("−", "-").partition("·10")
    return float(f"{digits}e{exponent.translate(str.maketrans('⁰¹²³⁴⁵⁶⁷⁸⁹⁻', '0123456789-')) or 0}")


def expected_names(folded: FoldedPicture, depth: int) -> set[str]:
    """What Python puts on the sheet at this depth."""
    folding = folded.cut.folding
    units = cut(folding, choose_open(folding, depth)).items
    return {name_text(folding.names()[unit]) if unit >= 0 else folding.groups[~unit].name for unit in units}


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5])
def test_the_page_shows_the_boxes_python_shows(show: Show, depth: int) -> None:
    folded = picture()
    page = show(folded.to_html())
    page.click(f"[data-act='depth {depth}']")
    assert names(page) == expected_names(folded, depth)
    assert page.get_attribute(f"[data-act='depth {depth}']", "aria-pressed") == "true"


def test_a_box_opens_by_its_sign_by_two_clicks_and_by_keys(show: Show) -> None:
    page = show(picture(depth=1).to_html())
    card(page, "MLP").locator(".sign").click()
    assert {"layer 1", "layer 2", "layer 3"} <= names(page)
    assert "MLP opened" in page.inner_text(".said")
    page.locator(".frame .sign").first.click()
    assert "MLP" in names(page)
    card(page, "MLP").dblclick(position={"x": 40, "y": 40})
    assert "layer 1" in names(page)
    card(page, "layer 1").focus()
    page.keyboard.press("Enter")
    assert "neuron ×5" in names(page)
    page.keyboard.press("Enter")
    assert {"neuron 1", "neuron 5"} <= names(page)
    page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")
    assert "layer 1" in names(page)
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.name") == "layer 2"
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.dataset.name") == "layer 1"


# Whether the whole picture is in its pane, and the corners of all that no step may move.
WHOLE = """() => {
    const corners = (element) => {
        const { left, top, right, bottom } = element.getBoundingClientRect();
        return [left, top, right, bottom].map((number) => Math.round(number * 10) / 10);
    };
    const [pane, sheet] = [".picture", ".picture svg"].map((selector) => corners(document.querySelector(selector)));
    return sheet[0] >= pane[0] - 1 && sheet[1] >= pane[1] - 1 && sheet[2] <= pane[2] + 1 && sheet[3] <= pane[3] + 1;
}"""
WALK = """() => {
    const view = document.querySelector("[data-autograd-fold]").autogradView;
    const corners = (element) => Object.values(element.getBoundingClientRect().toJSON()).map(Math.round);
    const outside = [];
    const places = new Set();
    view.walk.go(1);
    for (let number = 0; number < view.walk.steps.length; number++) {
        const { unit } = view.walk.step;
        const pane = view.picture.getBoundingClientRect();
        for (const at of [unit, ...view.sheet.cut.links.filter(({ to }) => to === unit).map(({ from }) => from)]) {
            const card = view.sheet.drawn.get(at).querySelector(".front").getBoundingClientRect();
            const isInside = card.left >= pane.left && card.right <= pane.right;
            if (!isInside || card.top < pane.top || card.bottom > pane.bottom) outside.push([number, at]);
        }
        const parts = [".controls", ".frame", ".side"].map((part) => document.querySelector(part));
        places.add(JSON.stringify(parts.map(corners)));
        view.walk.go(1);
    }
    return [view.walk.steps.length, outside, places.size];
}"""


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080), (390, 844)])
def test_the_whole_picture_is_in_view_and_then_the_boxes_of_each_step(show: Show, width: int, height: int) -> None:
    page = show(picture(depth=4).to_html(), viewport={"width": width, "height": height})
    page.wait_for_function(WHOLE, timeout=5_000)  # where motion is allowed, the camera takes a moment
    assert page.evaluate("document.documentElement.scrollHeight <= window.innerHeight")
    steps, outside, places = page.evaluate(WALK)
    assert (steps > 20, outside, places) == (True, [], 1)
    page.click("[data-act='depth 2']")
    page.wait_for_function(WHOLE, timeout=5_000)  # where motion is allowed, the camera takes a moment
    card(page, "layer 2").dblclick()
    assert page.locator(".frame[data-group]").count() > 2
    page.keyboard.press("0")
    page.wait_for_function(WHOLE, timeout=5_000)  # where motion is allowed, the camera takes a moment


def test_boxes_lie_in_their_frames_and_overlap_nothing(show: Show) -> None:
    page = show(picture(depth=5).to_html())
    boxes = page.eval_on_selector_all(".card .front", CORNERS)
    for index, box in enumerate(boxes):
        for other in boxes[index + 1 :]:
            assert box[2] <= other[0] or other[2] <= box[0] or box[3] <= other[1] or other[3] <= box[1]
    frames = page.eval_on_selector_all(".frame > rect", CORNERS)
    for box in boxes + frames:
        for frame in frames:
            outside = box[2] <= frame[0] or frame[2] <= box[0] or box[3] <= frame[1] or frame[3] <= box[1]
            inside = frame[0] <= box[0] and box[2] <= frame[2] and frame[1] <= box[1] and box[3] <= frame[3]
            around = box[0] <= frame[0] and frame[2] <= box[2] and box[1] <= frame[1] and frame[3] <= box[3]
            assert outside or inside or around


def test_wires_run_over_no_box(show: Show) -> None:
    page = show(picture(depth=4).to_html())
    wires, crossed = page.evaluate(CROSSED)
    assert (wires > 50, crossed) == (True, 0)


def test_a_selected_box_says_its_numbers_and_where_its_gradient_comes_from(show: Show) -> None:
    folded = picture()
    flows = folded.cut.folding.columns
    page = show(folded.to_html())
    card(page, "layer 2").click(position={"x": 40, "y": 20})
    short = page.inner_text(".panel")
    page.click(".panel button:has-text('All digits')")
    panel = page.inner_text(".panel")
    for node, value in zip(flows.order, flows.values, strict=True):
        if node.label.startswith("h2["):
            assert name_text(node.label) in panel
            assert repr(value).removesuffix(".0") in panel
            assert number_text(value) in short
            assert repr(value) not in short or len(repr(value)) < 7
    assert "Where its gradient comes from" in panel
    assert page.locator(".card.related").count() == len(folded.cut.items)
    page.keyboard.press("Escape")
    assert page.locator(".following").count() == 0


def test_ancestors_and_descendants_are_highlighted_and_other_boxes_are_not(show: Show) -> None:
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    with scope("left"):
        left = a * a
    with scope("right"):
        right = b * b
    with scope("end"):
        end = left + right
    page = show(picture(1, end).to_html())
    card(page, "left").click(position={"x": 30, "y": 12})
    lit = page.eval_on_selector_all(".card.related", "all => all.map(element => element.dataset.name)")
    assert set(lit) == {"a", "left", "end"}
    assert "Depends on 1 node; 1 node depends on it." in page.inner_text(".panel")


def test_paths_are_listed_with_their_products_and_add_up_to_the_gradient(show: Show) -> None:
    x = Value(2.0, label="x")
    y = x * x
    page = show(picture(1, y * y + relu(0.0 - x)).to_html())
    card(page, "x").click()
    assert "4 paths from x to out." in page.inner_text(".panel"), "the closed gate leads none"
    assert page.locator(".paths .numbers").all_inner_texts() == ["2 · 4 · 1 = +8"] * 4
    assert page.inner_text(".panel .sum") == "dL/dx = 8 + 8 + 8 + 8 = 32"


def test_of_many_paths_the_largest_are_listed_first(show: Show) -> None:
    x = Value(1.0, label="x")
    y, products = x, [1.0]
    for a, b in ((1.5, -0.25), (2.0, 0.5), (-3.0, 0.125), (1.1, 0.7), (0.9, 1.3), (4.0, -0.3)):
        y = y * a + y * b
        products = [product * factor for product in products for factor in (a, b)]
    largest = sorted(map(abs, products), reverse=True)[:50]
    page = show(picture(9, y * 1.0).to_html())
    card(page, "x").click()
    assert "64 paths from x to out; the 50 largest are listed" in page.inner_text(".panel")
    listed = [abs(number(text)) for text in page.locator(".paths .numbers b").all_inner_texts()]
    assert listed == pytest.approx(largest, rel=1e-3)
    assert f"all together to dL/dx = {number_text(sum(products))}." in page.inner_text(".panel .sum")


def test_a_chosen_path_is_highlighted_and_listed_node_by_node(show: Show) -> None:
    page = show(picture(depth=2).to_html())
    card(page, "x[0]").click()
    page.click(".panel button:has-text('All digits')")
    page.locator(".paths button").first.click()
    lit = page.eval_on_selector_all(".card.traced", "all => all.map(element => element.dataset.name)")
    assert sorted(lit) == ["layer 1", "layer 2", "layer 3", "squared_error", name_text("x[0]")]
    wires = page.eval_on_selector_all(".wire.traced", "all => all.map(element => element.getAttribute('d')).join('')")
    assert wires.count("M") >= 4
    partials = [number(text) for text in page.locator(".paths th + td").all_inner_texts()]
    product = math.prod(partials)
    assert page.locator(".paths .numbers b").first.inner_text() == "+" * (product > 0) + number_text(product)
    page.locator(".paths button").first.click()
    assert page.locator(".traced").count() == 0


def test_a_closed_box_lists_the_paths_of_each_of_its_outputs(show: Show) -> None:
    folded = picture(depth=2)
    page = show(folded.to_html())
    card(page, "layer 1").click(position={"x": 40, "y": 20})
    names = page.locator(".panel select option").all_inner_texts()
    assert all(name.startswith("h⁽¹⁾") for name in names)
    page.select_option(".panel select", label=names[-1])
    assert f"from {names[-1]} to loss" in page.inner_text(".panel")


# ----------------------------------------------------------------------------------------------------------- steps


def test_steps_go_through_the_boxes_and_back_with_the_sums_at_their_borders(show: Show) -> None:
    folded = picture(depth=2)
    flows, crossings = folded.cut.folding.columns, folded.cut.crossings
    page = show(folded.to_html())
    at_work = "document.querySelector('.card.now').dataset.name"
    met = []
    for _ in range(4):
        page.click(".walk button:has-text('Next')")
        met.append(page.evaluate(at_work))
    assert met == ["layer 1", "layer 2", "layer 3", "squared_error"]
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert page.evaluate(at_work) == "layer 2"
    assert page.inner_text(".walk output") == "backward 3 of 4"
    page.click(".panel button:has-text('All digits')")
    units = {folded.cut.folding.groups[~unit].name: unit for unit in folded.cut.items if unit < 0}
    crossing = crossings[units["layer 1"], units["layer 2"]]
    names = folded.cut.folding.names()
    rows = page.locator(".panel .scrolling").nth(1).locator("tbody tr").all()
    listed = {
        row.locator("th").inner_text(): [number(cell.inner_text()) for cell in row.locator("td").all()] for row in rows
    }
    assert listed == {
        name_text(names[node]): [amount, flows.adjoint(node)] for node, amount in crossing.contributions.items()
    }
    assert page.locator(".card.without-gradient").count() == 2, "layer 1 has its gradient now, the inputs not yet"


def test_a_box_opened_at_its_step_is_stepped_through_inside(show: Show) -> None:
    page = show(picture(depth=2).to_html())
    card(page, "x[0]").focus()
    for _ in range(5):
        page.keyboard.press("n")
    page.locator(".panel button:has-text('Open')").click()
    assert page.locator(".card.now[aria-expanded]").count() == 0
    page.keyboard.press("b")
    page.click(".walk button:has-text('Stop')")
    assert page.locator(".walking, .card.now").count() == 0


def test_of_a_batch_one_row_is_shown_and_another_one_when_asked(show: Show) -> None:
    model = MLP(1, 2, 1, rng=0)
    x = [Value(float(row), label=f"x[{row}]") for row in range(20)]
    guesses = [model([number])[0] for number in x]
    loss = mse_loss(guesses, [0.0] * 20)
    page = show(picture(1, loss).to_html())
    text = card(page, "MLP ×20").text_content()
    values = [guess.data for guess in guesses]
    low, high, mean = map(number_text, (min(values), max(values), sum(values) / 20))
    assert f"{low} to {high}, mean {mean}" in text
    card(page, "MLP ×20").dblclick()
    assert names(page) >= {"MLP #1", "19 more"}
    assert len({name for name in names(page) if name.startswith("MLP")}) == 1
    page.get_by_label("Row").select_option("6")
    assert names(page) >= {"MLP #7", "19 more"}
    card(page, "MLP #7").click()
    assert number_text(values[6]) in page.inner_text(".panel table")
    page.fill("input[type=search]", "MLP #3")
    page.locator(".found button").first.click()
    assert names(page) >= {"MLP #3", "19 more"}
    assert page.get_by_label("Row").input_value() == "2"
    card(page, "19 more").dblclick()
    assert "MLP #4" in names(page)


# ----------------------------------------------------------------------------------------------------------- search


def test_finding_opens_the_boxes_around(show: Show) -> None:
    page = show(picture(depth=1).to_html())
    page.fill("input[type=search]", "h2[3]")
    page.locator(".found button").first.click()
    assert name_text("h2[3]") in names(page)
    assert page.inner_text(".panel h2") == name_text("h2[3]")
    page.fill("input[type=search]", "neuron 4")
    assert page.locator(".found li").count() >= 2
    page.fill("input[type=search]", "> 1e9")
    assert "nothing found" in page.inner_text(".said")
    page.fill("input[type=search]", "less_equal")
    assert "9 found" in page.inner_text(".said"), "nine gates of relu"


def test_dead_saturated_and_non_finite_are_marked_with_the_reason(show: Show) -> None:
    with scope("gate"):
        dead = relu(Value(-1.0, label="a"))
    with scope("tail"):
        starved = tanh(Value(9.0, label="b"))
    with scope("domain"):
        odd = log(Value(0.0, label="c"))
    page = show(picture(1, dead + starved + odd).to_html())
    offered = page.eval_on_selector_all("select option", "options => options.map((element) => element.value)")
    assert set(TROUBLES) <= set(offered)
    for trouble, reason in (("off", "closed gate"), ("saturated", "less than 5%"), ("not finite", "inf or nan")):
        page.select_option("select", trouble)
        assert reason in page.inner_text(".said")
        assert page.locator(".found button").count() >= 1
        assert page.locator(".card.hit").count() >= 1
    card(page, "gate").click(position={"x": 30, "y": 12})
    assert re.search(r"1 off: a gradient arrives and a closed gate", page.inner_text(".panel"))
    page.select_option("select", "gradients")
    assert page.locator(".found button").count() > 3


def test_the_edge_where_a_gradient_stops_or_shrinks_has_the_reason(show: Show) -> None:
    with scope("units"):
        dead, starved = relu(Value(-1.0, label="a")), Value(9.0, label="b").tanh()
    folded = draw(dead + starved, depth=9, open="relu")
    assert isinstance(folded, FoldedPicture)
    page = show(folded.to_html())
    notes = page.locator(".note text").all_text_contents()
    assert "closed" in notes
    assert f"· {1 - math.tanh(9.0) ** 2:.4g}"[:5] in {note[:5] for note in notes}
    assert page.locator(".card.ill").count() == 2, "marked by a dashed border, and by the word"


def test_without_scripts_the_picture_and_its_table_are_shown(show: Show) -> None:
    page = show(picture().to_html(), java_script_enabled=False)
    assert page.locator("[data-fallback] img").is_visible()
    assert "272" not in page.inner_text("[data-fallback] pre")
    assert "layer 2" in page.inner_text("[data-fallback] pre")
    assert page.locator("[data-fallback] img").bounding_box()["width"] > 300


def test_it_has_a_policy_and_no_external_address() -> None:
    document = picture().to_html()
    assert "default-src 'none'" in document
    outside = set(re.findall(r"https?://[^\s\"'<)]+", document))
    assert {address for address in outside if not address.startswith("http://www.w3.org/")} == set()


def test_labels_are_text_and_never_markup(show: Show) -> None:
    with scope("<img src=x onerror=alert(1)>", "</script><b>"):
        y = Value(2.0, label="<i>x</i>") * 3.0
    page = show(picture(1, y).to_html())
    assert "<img src=x onerror=alert(1)>" in names(page)
    assert page.locator(".live img, .live i").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [420, 1500])
def test_it_can_be_read_in_either_theme_small_and_wide(
    show: Show, contrast: Callable[[Page, str], list[dict[str, Any]]], scheme: str, width: int
) -> None:
    page = show(picture().to_html(), color_scheme=scheme, viewport={"width": width, "height": 800})
    card(page, "layer 1").click(position={"x": 40, "y": 20})
    texts = contrast(page, ".live")
    assert texts
    assert [text for text in texts if text["ratio"] < 4.5 or text["size"] < 12] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_two_pictures_in_one_notebook_do_not_disturb_each_other(show: Show) -> None:
    output = picture(depth=1)._repr_mimebundle_()["text/html"]
    page = show(f"<!DOCTYPE html><html><body>{output}{output}</body></html>")
    page.locator(".card[data-name='MLP'] .sign").first.click()
    assert page.locator(".card[data-name='layer 1']").count() == 1
    assert page.locator(".card[data-name='MLP']").count() == 1

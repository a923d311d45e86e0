"""At every step of ten graphs its source, its target and its product are wholly in the picture, and nothing shifts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import nn
from autograd_core import Value, draw, explain
from tests.support.ten_graphs import TEN_GRAPHS, explain_graph

if TYPE_CHECKING:
    from playwright.sync_api import Page

SIZES = {"laptop": (1366, 768), "desktop": (1920, 1080), "phone": (390, 844), "notebook": (960, 600)}

# What has to be seen of a step: the cards of its two ends, and the product on the line between them.
GROUPS = """const groupsOf = ({ cards, links }, sweep) => {
  const { node, source, link } = sweep.step;
  const label = link === null ? null : links[link].label;
  return [cards[node].group, cards[source]?.group, label?.matches(".now") ? label : null].filter(Boolean);
};
const isWithin = (box, frame) => box.width >= 1 &&
  box.left >= frame.left && box.top >= frame.top && box.right <= frame.right && box.bottom <= frame.bottom;"""

# At each step what lies beyond the pane, and the places of what has to stay where it is.
WALK = f"""() => {{
  {GROUPS}
  const view = document.querySelector("[data-autograd-stepper]").autogradView;
  const {{ picture, sweep, player, tabs }} = view;
  const still = new Set();
  const outside = [];
  for (let at = 0; at <= sweep.last; at++) {{
    view.go(at);
    const places = [player.element, tabs, picture.pane.parentElement].map((element) => element.getBoundingClientRect());
    still.add(JSON.stringify(places));
    const groups = groupsOf(picture, sweep);
    const {{ source, link }} = sweep.step;
    const flows = source !== null && sweep.contributionOf(sweep.links[link]).flows;
    if (flows && groups.length < 3) outside.push([at, "no product"]);
    const frame = picture.pane.getBoundingClientRect();
    for (const group of groups) {{
      if (!isWithin(group.getBoundingClientRect(), frame)) outside.push([at, group.getAttribute("class")]);
    }}
  }}
  return {{ outside, still: still.size }};
}}"""


@pytest.mark.parametrize("name", [name for name in TEN_GRAPHS if name != "attention"])
def test_each_step_is_wholly_in_the_picture_and_nothing_else_moves(show: Any, name: str) -> None:
    document = explain_graph(name).to_html()
    for size, (width, height) in SIZES.items():
        page = show(document, viewport={"width": width, "height": height})
        for projector in (False, True):
            if projector:
                page.eval_on_selector("[data-act=projector]", "(button) => button.click()")
            found = page.evaluate(WALK)
            assert found["outside"] == [], (size, projector)
            assert found["still"] == 1, (size, projector)
        page.context.close()


# One walk in panes of several sizes, by the numbers of the camera: a browser would take minutes to lay each out.
WALK_IN_PANES = f"""(panes) => {{
  {GROUPS}
  const {{ picture, sweep }} = document.querySelector("[data-autograd-stepper]").autogradView;
  const {{ camera, links }} = picture;
  const states = panes.map(([width, height, projector]) => ({{
    boxes: [], chosen: null, scale: 0, x: 0, y: 0, room: {{ width, height }},
    pane: {{ classList: {{ toggle: () => {{}} }}, closest: () => projector }},
    sheet: {{ style: {{}} }}, minimap: {{ show: () => {{}} }},
  }}));
  const outside = [];
  for (let at = 0, before; at <= sweep.last; at++) {{
    sweep.at = at;
    const now = links[sweep.step.link];
    for (const drawn of [before, now]) if (drawn) picture.showLink(drawn);
    before = now;
    const groups = groupsOf(picture, sweep);
    states.forEach((state, index) => {{
      Object.assign(camera, state);
      picture.follow(false);
      const {{ boxes, scale, x, y, room }} = camera;
      Object.assign(state, {{ boxes, scale, x, y }});
      for (const group of groups) {{
        const box = group.getBBox();
        const shown = {{ left: x + scale * box.x, top: y + scale * box.y, right: x + scale * (box.x + box.width),
          bottom: y + scale * (box.y + box.height), width: scale * box.width }};
        const frame = {{ left: 0, top: 0, right: room.width, bottom: room.height }};
        if (!isWithin(shown, frame)) outside.push([at, index, group.getAttribute("class")]);
      }}
    }});
  }}
  return {{ steps: sweep.last + 1, outside }};
}}"""
PANE = "(pane) => [pane.clientWidth, pane.clientHeight, !!pane.closest('.projector')]"


def test_each_step_of_a_head_of_attention_is_wholly_in_the_picture(show: Any) -> None:
    panes = []
    for width, height in SIZES.values():
        page = show(explain_graph("unit").to_html(), viewport={"width": width, "height": height})
        panes.append(page.eval_on_selector(".picture", PANE))
        page.eval_on_selector("[data-act=projector]", "(button) => button.click()")
        panes.append(page.eval_on_selector(".picture", PANE))
    page = show(explain_graph("attention").to_html())
    found = page.evaluate(WALK_IN_PANES, panes)
    assert found["steps"] > 1000
    assert found["outside"] == []


CAMERA = "document.querySelector('[data-autograd-stepper]').autogradView.picture.camera"


def scale_and_place(page: Page) -> tuple[float, float, float]:
    scale, x, y = page.evaluate(f"[{CAMERA}.scale, {CAMERA}.x, {CAMERA}.y]")
    return scale, x, y


def test_keys_wheel_drag_and_double_click_move_the_picture(show: Any) -> None:
    page = show(explain_graph("loss of a small net").to_html(), viewport={"width": 1366, "height": 768})
    fitted, *_ = scale_and_place(page)
    page.keyboard.press("+")
    page.keyboard.press("+")
    page.keyboard.press("-")
    assert scale_and_place(page)[0] == pytest.approx(1.25 * fitted)
    page.keyboard.press("0")
    assert scale_and_place(page)[0] == pytest.approx(fitted)
    frame = page.locator(".picture").bounding_box()
    x, y = frame["x"] + frame["width"] / 2, frame["y"] + 20.0
    page.mouse.move(x, y)
    for _ in range(4):
        page.mouse.wheel(0, -400)
    page.wait_for_function(f"{CAMERA}.scale > {2 * fitted}")
    before = scale_and_place(page)
    page.mouse.down()
    page.mouse.move(x - 60, y - 30, steps=3)
    page.mouse.up()
    after = scale_and_place(page)
    assert (before[1] - after[1], before[2] - after[2]) == pytest.approx((60, 30))
    assert page.get_attribute("[data-autograd-stepper]", "data-step") == "0", "a drag is no click on what it begins at"
    page.evaluate("document.querySelector('.picture').dispatchEvent(new MouseEvent('dblclick'))")
    assert scale_and_place(page)[0] == pytest.approx(fitted)


def test_the_wheel_scrolls_a_notebook_until_the_picture_is_used(show: Any) -> None:
    output = explain_graph("loss of a small net")._repr_mimebundle_()["text/html"]
    page = show(f"<!DOCTYPE html><title>notebook</title><main>{output}<div style='height: 3000px'></div></main>")
    fitted, *_ = scale_and_place(page)
    page.locator(".picture").hover()
    page.mouse.wheel(0, 30)
    page.wait_for_function("scrollY > 0")
    assert scale_and_place(page)[0] == fitted
    page.locator(".picture").click(position={"x": 3, "y": 3})
    page.mouse.wheel(0, -300)
    page.wait_for_function(f"{CAMERA}.scale > {fitted}")


def test_a_large_picture_has_a_map_that_leads_to_its_places(show: Any) -> None:
    page = show(explain_graph("loss of a deep net").to_html(), viewport={"width": 1366, "height": 768})
    assert not page.locator(".minimap").is_visible()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert page.locator(".minimap").is_visible()
    left = scale_and_place(page)[1]
    frame = page.locator(".minimap").bounding_box()
    page.mouse.click(frame["x"] + 0.9 * frame["width"], frame["y"] + frame["height"] / 2)
    assert scale_and_place(page)[1] < left
    boxes = page.evaluate(f"{CAMERA}.boxes.map(({{ x, width }}) => [x, x + width])")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(f"{CAMERA}.boxes.length") >= len(boxes) > 0


# Of all plates in the picture, those that are drawn though none of their letters is.
EMPTY_PLATES = """([root, scale]) => {
  const view = document.querySelector(root).autogradView;
  const { camera } = view.picture?.camera ? view.picture : view;
  if (view.sweep) view.go(30); // on the way back, with products on its lines
  camera.zoomBy(scale / camera.scale, undefined, undefined, false);
  const drawn = (element) => {
    for (; element && element !== camera.pane; element = element.parentElement) {
      const { opacity, visibility } = getComputedStyle(element);
      if (opacity === "0" || visibility === "hidden") return false;
    }
    return true;
  };
  const groups = [...camera.pane.querySelectorAll("g.note, g.carried")].filter((group) => group.textContent);
  const empty = groups.filter((group) => !group.matches(".now") && ![...group.querySelectorAll("text")].some(drawn) &&
    [...group.querySelectorAll("rect, .plate, .note > path")].some(drawn));
  return { scale: camera.scale, groups: groups.length, empty: empty.map((group) => group.textContent) };
}"""


@pytest.mark.parametrize("scale", [1.0, 0.7])
def test_a_plate_goes_with_its_letters_and_leaves_no_hole_in_its_line(show: Any, scale: float) -> None:
    model = nn.MLP(2, 8, 1, rng=0)
    rows = [[0.5, -1.0], [1.0, 2.0], [-0.3, 0.4]]
    documents = {
        "[data-autograd-stepper]": explain_graph("loss of a small net").to_html(),
        "[data-autograd-fold]": draw(nn.mse_loss([model(row) for row in rows], [1.0, 0.0, 1.0]), depth=2).to_html(),  # type: ignore[attr-defined]
    }
    for root, document in documents.items():
        page = show(document, viewport={"width": 1366, "height": 768})
        found = page.evaluate(EMPTY_PLATES, [root, scale])
        assert found["scale"] == pytest.approx(scale)
        assert found["groups"] > 0, root
        assert found["empty"] == [], root
        page.context.close()


# The most terms that a step adds up, and the widest part of a formula that is cut off at any step.
SUMS = """() => {
  const view = document.querySelector("[data-autograd-stepper]").autogradView;
  let [terms, cut] = [0, 0];
  for (let at = 0; at <= view.sweep.last; at++) {
    view.go(at);
    for (const line of document.querySelectorAll(".formulas dd")) {
      terms = Math.max(terms, line.textContent.split("+").length);
      cut = Math.max(cut, line.scrollWidth - line.clientWidth);
    }
  }
  return [terms, cut];
}"""


@pytest.mark.parametrize("width", [1366, 390])
def test_a_sum_that_arrives_is_wrapped_and_not_cut_off(show: Any, width: int) -> None:
    x = Value(0.7310585, "x")
    total = sum((x * Value(0.123456 * k, f"k{k}") for k in range(1, 9)), start=x * x)
    page = show(explain(total).to_html(), viewport={"width": width, "height": 768})
    terms, cut = page.evaluate(SUMS)
    assert terms >= 5
    assert cut <= 0

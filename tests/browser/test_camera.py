"""At every step of ten graphs its source, its target and its product are wholly in the picture, and nothing shifts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.ten_graphs import TEN_GRAPHS, explain_graph

SIZES = {"laptop": (1366, 768), "desktop": (1920, 1080), "phone": (390, 844), "notebook": (960, 600)}

# At each step the rectangles of its boxes beyond the pane, and the places of what has to stay where it is.
WALK = """() => {
  const view = document.querySelector("[data-autograd-stepper]").autogradView;
  const { picture, sweep, player, tabs } = view;
  const rectangle = (element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return [left, top, right, bottom].map((number) => Math.round(number * 10) / 10);
  };
  const frame = picture.pane.parentElement;
  const still = new Set();
  const outside = [];
  let large = 0;
  for (let at = 0; at <= sweep.last; at++) {
    view.go(at);
    still.add(JSON.stringify([player.element, tabs, frame].map(rectangle)));
    const pane = rectangle(picture.pane);
    const { node, source, link } = sweep.step;
    const drawn = link === null ? null : picture.links[link];
    const groups = [picture.cards[node].group, source === null ? null : picture.cards[source].group,
      drawn?.label?.matches(".now") ? drawn.label : null].filter(Boolean);
    const flows = source !== null && sweep.contributionOf(drawn.link).flows;
    if (flows && groups.length < 3) outside.push([at, "no product"]);
    for (const group of groups) {
      const [left, top, right, bottom] = rectangle(group);
      const visible = left >= pane[0] && top >= pane[1] && right <= pane[2] && bottom <= pane[3];
      if (!visible || right - left < 1) outside.push([at, group.getAttribute("class"), left, top, right, bottom, pane]);
    }
    large += picture.camera.scale >= 0.75;
  }
  return { steps: sweep.last + 1, outside, still: still.size, legible: large / (sweep.last + 1) };
}"""


@pytest.mark.parametrize("name", [name for name in TEN_GRAPHS if name != "attention"])
def test_each_step_is_wholly_in_the_picture_and_nothing_else_moves(show: Any, name: str) -> None:
    document = explain_graph(name).to_html()
    for size, (width, height) in SIZES.items():
        page = show(document, viewport={"width": width, "height": height})
        for projector in (False, True):
            if projector:
                page.click("[data-act=projector]")
            found = page.evaluate(WALK)
            assert found["outside"] == [], (size, projector)
            assert found["still"] == 1, (size, projector)
        page.context.close()

"""The widget's front end in a real browser, with a model that behaves as a notebook's: step by page, step by Python."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from autograd_core import Value, explain, log, sin

if TYPE_CHECKING:
    from playwright.sync_api import Page

# What anywidget gives render(): a model that calls its listeners at each change, whatever its source.
HOST = """
class Model {
  constructor(state) { this.state = state; this.listeners = {}; this.saved = []; }
  get(name) { return this.state[name]; }
  set(name, value) {
    if (this.state[name] === value) return;
    this.state[name] = value;
    for (const listener of this.listeners[`change:${name}`] ?? []) listener();
  }
  save_changes() { this.saved.push(this.state.step); }
  on(name, listener) { (this.listeners[name] ??= []).push(listener); }
  off(name, listener) { this.listeners[name] = (this.listeners[name] ?? []).filter((other) => other !== listener); }
}
const state = JSON.parse(document.querySelector("#state").textContent);
const style = document.createElement("style");
style.textContent = state._css;
document.head.append(style);
const source = `data:text/javascript;charset=utf-8,${encodeURIComponent(state._esm)}`;
window.front = import(source).then((module) => module.default);
window.Model = Model;
window.state = state;
window.views = [];
window.view = async (model, attached = true) => {
  const el = document.createElement("div");
  if (attached) document.body.append(el);
  const close = (await window.front).render({ model, el });
  views.push({ el, close });
};
"""


@pytest.fixture
def page(show: Any) -> Page:
    pytest.importorskip("anywidget", reason="makes a widget: pip install -e '.[widget]'")
    x1, x2 = Value(2.0, label="x1"), Value(5.0, label="x2")
    widget = explain(log(x1) + x1 * x2 - sin(x2)).widget()
    state = json.dumps(widget.get_state(["_esm", "_css", "_page", "step", "last"])).replace("<", "\\u003c")
    widget.close()
    opened: Page = show(
        f'<!DOCTYPE html><meta charset="utf-8"><title>host</title><script id="state" type="application/json">{state}'
        f'</script><script type="module">{HOST}</script>'
    )
    opened.evaluate("window.model = new Model({ ...state })")
    return opened


def shown_steps(page: Page) -> list[str | None]:
    return page.locator("[data-autograd-stepper]").evaluate_all("(all) => all.map((element) => element.dataset.step)")


def press(page: Page, name: str, root: int = 0) -> None:
    page.locator("[data-autograd-stepper]").nth(root).get_by_role("button", name=name, exact=True).click()


def test_the_page_sets_the_model_and_the_model_moves_the_page(page: Page) -> None:
    page.evaluate("view(model)")
    assert shown_steps(page) == ["0"]
    assert page.evaluate("model.saved") == [], "showing a widget must not write its step"
    press(page, "Next")
    press(page, "Next")
    assert page.evaluate("model.saved") == [1, 2]
    page.evaluate("model.set('step', 7)")
    assert shown_steps(page) == ["7"]
    assert page.locator(".count").text_content() == f"8 / {page.evaluate('model.get(`last`)') + 1}"
    assert page.evaluate("model.saved") == [1, 2], "what Python said must not be said back to it"


def test_it_opens_at_the_step_python_has_set(page: Page) -> None:
    page.evaluate("model.set('step', 5); view(model)")
    assert shown_steps(page) == ["5"]
    assert page.evaluate("[model.get('step'), model.saved.length]") == [5, 0]


def test_a_view_attached_late_starts_then(page: Page) -> None:
    page.evaluate("view(model, false)")
    page.evaluate("new Promise((then) => setTimeout(then, 100))")
    assert shown_steps(page) == []
    page.evaluate("model.set('step', 3); document.body.append(views[0].el)")
    page.locator("[data-autograd-stepper].ready").wait_for()
    assert shown_steps(page) == ["3"]


def test_a_view_closed_before_it_is_attached_never_starts(page: Page) -> None:
    page.evaluate("view(model, false)")
    page.evaluate("views[0].close(); document.body.append(views[0].el)")
    page.evaluate("new Promise((then) => setTimeout(then, 100))")
    assert page.locator("[data-autograd-stepper].ready").count() == 0


def test_views_of_one_widget_go_together_and_another_widget_stays(page: Page) -> None:
    page.evaluate("window.other = new Model({ ...state }); view(model).then(() => view(model)).then(() => view(other))")
    page.locator("[data-autograd-stepper].ready").nth(2).wait_for()
    press(page, "Last", root=1)
    last = str(page.evaluate("state.last"))
    assert shown_steps(page) == [last, last, "0"]
    page.evaluate("other.set('step', 1)")
    assert shown_steps(page) == [last, last, "1"]


def test_python_setting_the_step_stops_the_playing(page: Page) -> None:
    page.clock.install()
    page.evaluate("view(model)")
    press(page, "Play")
    page.clock.run_for(5_000)
    played = page.evaluate("model.saved")
    assert played == list(range(1, len(played) + 1))
    assert len(played) > 1
    page.evaluate("model.set('step', 0)")
    page.clock.run_for(20_000)
    assert shown_steps(page) == ["0"]


def test_a_closed_view_neither_listens_nor_plays_on(page: Page) -> None:
    page.clock.install()
    page.evaluate("view(model)")
    press(page, "Play")
    page.evaluate("views[0].close()")
    page.clock.run_for(20_000)
    assert shown_steps(page) == ["0"]
    page.evaluate("model.set('step', 4)")
    assert shown_steps(page) == ["0"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_rule_of_accessibility_is_broken(page: Page, broken_rules: Any, theme: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.evaluate("model.set('step', 5); view(model)")
    assert broken_rules(page, "[data-autograd-stepper]") == []

"""The step-through in a real browser, from a file, with the network cut off."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

import nn
from autograd_core import Value, exp, explain, log, sigmoid, sin
from autograd_core.formulas.notation import number_text
from autograd_core.show.record import chain_rule
from autograd_core.show.record.steps import explained_steps
from autograd_core.show.stepper.explain import Explanation

if TYPE_CHECKING:
    from playwright.sync_api import Page

HOSTILE = "</script><img src=x onerror=\"document.title='caught'\">"


SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def survey(label: str = "x1") -> Explanation:
    x1, x2 = Value(2.0, label=label), Value(5.0, label="x2")
    return explain(log(x1) + x1 * x2 - sin(x2))


def step(page: Page, root: int = 0) -> int:
    return int(page.locator("[data-autograd-stepper]").nth(root).get_attribute("data-step") or -1)


def on_card(page: Page, name: str) -> list[str]:
    return page.locator(f'g.card[data-name="{name}"] text[text-anchor=end]').all_text_contents()


def numbers(text: str) -> list[str]:
    return re.findall(r"\d+\.?\d*", text.translate(SUBSCRIPTS))


def test_formulas_are_set_in_the_font_of_the_page(show: Any) -> None:
    page = show(survey().to_html())
    page.evaluate("document.fonts.ready")
    assert page.evaluate('document.fonts.check("16px Autograd Mathematics")')
    assert page.evaluate("[...document.fonts].map((font) => font.status)") == ["loaded"]
    family = page.locator("math").first.evaluate("(formula) => getComputedStyle(formula).fontFamily")
    assert family.startswith('"Autograd Mathematics"')


def test_every_step_shows_the_numbers_of_the_record(show: Any) -> None:
    explained = survey()
    page = show(explained.to_html())
    shown: dict[str, dict[str, str]] = {node.name: {"value": "–", "grad": "–"} for node in explained.record.nodes}
    edges = iter([edge for node in explained.steps for edge in node.edges])
    for number, moment in enumerate(explained_steps(explained.record)):
        assert step(page) == number
        for change in moment.changes:
            shown[change.node][change.what] = change.text
        for name, texts in shown.items():
            assert [text.lstrip("+") for text in on_card(page, name)] == [texts["value"], texts["grad"]]
        assert page.locator(".words").text_content() == moment.words
        formulas = page.locator(".formulas dd").evaluate_all(
            "(all) => all.map((element) => [...element.querySelectorAll('mn')].map((number) => number.textContent))"
        )
        for displayed, expected in zip(formulas, moment.formulas, strict=True):
            assert set(displayed) == set(numbers(expected.formula.text))
        if moment.source is not None:
            edge = next(edges)
            product = page.locator("g.carried.now text").text_content() or ""
            assert float(product.rpartition("= ")[2].replace("−", "-")) == pytest.approx(edge.contribution, rel=1e-3)
        page.keyboard.press("ArrowRight")
    assert step(page) == len(explained_steps(explained.record)) - 1


CLASSIC_NOTEBOOK = """() => document.addEventListener("keydown", (event) => {
  if (event.target.hasAttribute("data-lm-suppress-shortcuts")) return;
  document.title += event.key;
  event.preventDefault();
  event.stopPropagation();
}, true)"""


def test_a_notebook_that_takes_keys_first_leaves_it_those_that_step(show: Any) -> None:
    page = show(survey().to_html())
    page.evaluate("document.title = ''")
    page.evaluate(CLASSIC_NOTEBOOK)
    page.get_by_role("button", name="Next", exact=True).click()
    for key in ("ArrowRight", "ArrowRight", "b", "ArrowLeft", "Shift+Enter"):
        page.keyboard.press(key)
    assert step(page) == 2
    assert page.title() == "bShiftEnter"


def test_the_product_on_an_edge_is_that_of_the_ledger_in_two_lines(show: Any) -> None:
    x, y, z = Value(1000.0, label="x"), Value(0.0, label="y"), Value(0.3, label="z")
    explained = explain(exp(x) + log(y) + sigmoid(z) * z * 0.7777)
    page = show(explained.to_html())
    page.get_by_role("slider").fill(str(len(explained.record.nodes) + 1))
    written = []
    for edge in (edge for node in explained.steps for edge in node.edges):
        lines = page.locator("g.carried.now tspan").all_text_contents()
        written.append(chain_rule.contribution(edge).text)
        assert "".join(lines) == written[-1]
        assert len(lines) == 2
        page.keyboard.press("ArrowRight")
    assert any(" ≈ " in text for text in written)
    assert any("∞ = " in text for text in written)


@pytest.mark.parametrize(
    ("build", "text"),
    [
        (lambda a, b: sigmoid(a * b + 3.0), "σ(a·b+3)"),
        (lambda a, b: (a + b) * a, "(a+b)·a"),
        (lambda a, b: a - (b - a), "a−(b−a)"),
        (lambda a, b: (a + b) / (a * b), "a+ba·b"),
        (lambda a, b: nn.mse_loss([a], [b]), "(a−b)2"),
    ],
)
def test_the_expression_is_written_out(show: Any, build: Any, text: str) -> None:
    output = build(Value(2.0, "a"), Value(3.0, "b"))
    page = show(explain(output).to_html())
    written = page.locator(".expression").text_content() or ""
    assert written.replace("-", "−") == f"out={text}={number_text(output.data)}"


def test_the_part_of_the_expression_at_work_is_lit(show: Any) -> None:
    a, b = Value(2.0, "a"), Value(3.0, "b")
    page = show(explain(sigmoid(a * b + a)).to_html())
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert page.locator(".expression .now").all_text_contents() == ["a·b+a"]
    assert page.locator(".expression .receiving").count() == 0
    page.keyboard.press("End")
    assert page.locator(".expression .now").all_text_contents() == ["a·b"]
    assert page.locator(".expression .receiving").all_text_contents() == ["b"]


def test_a_long_expression_is_written_around_the_node_at_work(show: Any) -> None:
    y = Value(1.0, "x")
    for _ in range(30):
        y = sin(y) * 1.1
    page = show(explain(y).to_html())
    assert page.locator(".expression").text_content() == f"out=⋯x⋯={number_text(y.data)}"
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    assert page.locator(".expression .now").text_content() == "sin(sin(x)·1.1)·1.1"
    assert len(page.locator(".expression").text_content() or "") < 60
    page.keyboard.press("End")
    assert page.locator(".expression .receiving").text_content() == "x"


def test_keys_buttons_and_slider(show: Any) -> None:
    page = show(survey().to_html())
    last = len(explained_steps(survey().record)) - 1
    for key, expected in (("End", last), ("ArrowLeft", last - 1), ("Home", 0), ("ArrowLeft", 0), ("ArrowRight", 1)):
        page.keyboard.press(key)
        assert step(page) == expected
    for name, expected in (("Last", last), ("Back", last - 1), ("First", 0), ("Next", 1)):
        page.get_by_role("button", name=name, exact=True).click()
        assert step(page) == expected
    page.get_by_role("slider").fill("7")
    assert step(page) == 7


def test_play_runs_to_the_end_and_stops(show: Any) -> None:
    page = show(survey().to_html())
    page.clock.install()
    page.get_by_label("Speed").select_option("5")
    page.get_by_role("button", name="Play").click()
    page.clock.run_for(60_000)
    assert step(page) == len(explained_steps(survey().record)) - 1
    assert page.get_by_role("button", name="Play").is_visible()


def test_a_click_goes_to_the_step_of_a_node_or_an_edge_and_lists_its_steps(show: Any) -> None:
    page = show(survey().to_html())
    page.locator('g.card[data-name="v3"]').click()
    assert "Compute v₃" in (page.locator(".words").text_content() or "")
    page.keyboard.press("End")
    page.locator('g.card[data-name="x2"]').click()
    assert "dL/dx₂ = −0.2837 + 2 = 1.716" in (page.locator(".words").text_content() or "")
    page.get_by_role("button", name="Derivation").click()
    assert page.get_by_role("heading", name="The steps at x₂").is_visible()
    page.locator("g.carried").first.click()
    assert "Back from out to v₃" in (page.locator(".words").text_content() or "")
    page.locator(".derivation li button").first.click()
    assert step(page) == 4


def test_two_on_one_page_do_not_disturb_each_other(show: Any) -> None:
    outputs = [
        explanation._repr_mimebundle_()["text/html"]
        for explanation in (survey(), explain(sigmoid(Value(1.0, label="z"))))
    ]
    page = show(f"<!DOCTYPE html><title>two</title>{outputs[0]}{outputs[1]}")
    page.get_by_role("button", name="Next", exact=True).nth(1).click()
    page.keyboard.press("ArrowRight")
    assert (step(page, 0), step(page, 1)) == (0, 2)
    page.get_by_role("button", name="Next", exact=True).nth(0).click()
    page.keyboard.press("ArrowRight")
    assert (step(page, 0), step(page, 1)) == (2, 2)
    assert page.locator("style[data-autograd-stepper-style]").count() == 1


def test_without_javascript_the_picture_and_the_steps_are_seen(show: Any) -> None:
    page = show(survey().to_html(), java_script_enabled=False)
    assert page.get_by_role("img").is_visible()
    assert page.get_by_text("dL/dx₁ = 5 + 0.5 = 5.5").is_visible()
    assert page.get_by_role("button").count() == 0


def test_a_hostile_label_is_only_text(show: Any) -> None:
    page = show(survey(HOSTILE).to_html())
    assert page.locator("img:visible").count() == 0
    assert page.locator("img").count() == 1
    assert HOSTILE in (page.locator(".words").text_content() or "")
    assert page.title().startswith("The chain rule")


CONTRAST = """() => {
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255)
      .map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const clear = (colour) => /rgba\\(.*, 0\\)|transparent/.test(colour);
  const found = [];
  for (const element of document.querySelectorAll(".live *:not(svg *)")) {
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
    if (!element.offsetParent && element.namespaceURI.endsWith("xhtml")) continue;
    let under = element;
    while (under && clear(getComputedStyle(under).backgroundColor)) under = under.parentElement;
    const style = getComputedStyle(element);
    const [a, b] = [style.color, getComputedStyle(under).backgroundColor].map(light).sort();
    found.push({ text: element.textContent, ratio: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) });
  }
  return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1600])
def test_text_can_be_read(show: Any, scheme: str, width: int) -> None:
    page = show(survey().to_html(), color_scheme=scheme, viewport={"width": width, "height": 900})
    page.keyboard.press("End")
    found = page.evaluate(CONTRAST)
    assert len(found) > 20
    assert [text for text in found if text["ratio"] < 4.5] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    sizes = page.evaluate(
        "[...document.querySelectorAll('.live svg text, .live .controls *, .ledger > *, dt, dd')].filter("
        "(element) => element.textContent).map((element) => parseFloat(getComputedStyle(element).fontSize))"
    )
    assert min(sizes) >= 12
    assert 12 * page.evaluate("document.querySelector('.picture svg').getScreenCTM().a") >= 9


@pytest.mark.parametrize("width", [390, 1280])
def test_however_wide_the_formulas_are_the_page_is_as_wide_as_the_window(show: Any, width: int) -> None:
    explained = survey("a label of many words, for which a fraction has no room")
    page = show(explained.to_html(), viewport={"width": width, "height": 900})
    for _ in explained_steps(explained.record):
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Derivation").click()
    # What has no room in its line of the derivation stands below the formula, not below the number of the step.
    left = page.locator(".derivation li:last-child .formula").evaluate_all(
        "(all) => all.map((element) => element.getBoundingClientRect().left)"
    )
    assert len(left) > 2
    assert min(left) == left[0]


def test_paper_has_every_step_and_no_controls(show: Any) -> None:
    page = show(survey().to_html())
    for size in ("A4", "Letter"):
        assert page.pdf(format=size).startswith(b"%PDF")
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".derivation li").count() == len(explained_steps(survey().record))
    assert not page.locator(".controls").is_visible()
    assert page.locator("[data-fallback] img").is_visible()

"""Every kind of page, light and dark, at rest and in use: no rule of axe-core is broken, nothing in a picture is faint,
forced colours keep what is chosen, and what is read aloud are sentences."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from autograd_core import Value, draw, explain, gradcheck, matrix_view, quiz, sigmoid, summary
from autograd_core.show.builder.page import builder_page
from autograd_core.show.page.rich_output import report_output, value_output
from nn import MLP, Adam, binary_cross_entropy_with_logits, fit, record
from tests.support.ten_graphs import TEN_GRAPHS, explain_graph

if TYPE_CHECKING:
    from playwright.sync_api import Page

XOR = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0, 0.0]


def exercise() -> str:
    """An exercise with hashes of a few rounds, which are checked at once."""
    asked = quiz(TEN_GRAPHS["unit"]())
    asked.__dict__["_handout"] = asked.handout_data(rounds=5)
    return asked.to_html()


def recording() -> str:
    model, recorded = MLP(2, 4, 1, activation="tanh", rng=3), record(follow=2)
    loss, adam = binary_cross_entropy_with_logits, Adam(model.parameters(), learning_rate=0.1)
    fit(model, *XOR, loss=loss, optimiser=adam, epochs=4, callbacks=recorded, backend="eager", progress=False)
    return recorded.to_html()


PAGES: dict[str, Callable[[], str]] = {
    "small step-through": lambda: explain(TEN_GRAPHS["unit"](), learning_rate=0.1).to_html(),
    "large step-through": lambda: explain(TEN_GRAPHS["loss of a deep net"]()).to_html(),
    "opened step-through": lambda: explain(TEN_GRAPHS["opened sigmoid"](), open="all").to_html(),
    "folded page": lambda: draw(TEN_GRAPHS["loss of a deep net"](), depth=2).to_html(),
    "matrix view": lambda: matrix_view(TEN_GRAPHS["loss of a deep net"]()).to_html(),
    "recording": recording,
    "exercise": exercise,
    "builder": builder_page,
}


# What is faint in a picture: text of a card with a contrast below 4.5 to 1, outlines and lines with one below 3 to 1.
FAINT = """() => {
  const svg = document.querySelector(".picture > svg, [data-picture] > svg");
  const page = [...getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g)].map(Number);
  const opacity = (mark) => (mark === svg ? 1 : +getComputedStyle(mark).opacity * opacity(mark.parentNode));
  const onto = (mark, name, below) => {
    const colour = getComputedStyle(mark)[name].match(/[\\d.]+/g).map(Number);
    const strength = opacity(mark) * (colour[3] ?? 1);
    return [0, 1, 2].map((part) => below[part] + (colour[part] - below[part]) * strength);
  };
  const light = (colour) => {
    const [r, g, b] = colour.map((part) => part / 255)
      .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  };
  const ratio = (one, other) => Math.max(light(one) / light(other), light(other) / light(one));
  const found = [];
  const lines = '.front, .card [class*="-fill"], .wire, .link path:not(.touch, .head, .back)';
  for (const line of svg.querySelectorAll(lines)) {
    const { stroke, display } = getComputedStyle(line);
    const contrast = stroke === "none" || display === "none" ? 21 : ratio(onto(line, "stroke", page), page);
    if (contrast < 3) found.push(`a line of ${line.parentNode.getAttribute("class")} ${contrast.toFixed(2)}`);
  }
  for (const text of svg.querySelectorAll(".card text")) {
    const sheet = [...text.closest(".card").querySelectorAll('.front, [class*="-fill"]')].at(-1);
    const paper = onto(sheet, "fill", page);
    const contrast = ratio(onto(text, "fill", paper), paper);
    if (+getComputedStyle(text).opacity && contrast < 4.5) found.push(`${text.textContent} ${contrast.toFixed(2)}`);
  }
  return found;
}"""


@functools.cache
def page_of(kind: str) -> str:
    return PAGES[kind]()


def go(page: Page, share: float) -> None:
    """To the step at this share of all."""
    slider = page.get_by_role("slider").first
    slider.fill(str(int(share * int(slider.get_attribute("max") or 0))))


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def change_an_input(page: Page) -> None:
    press(page, "What if")
    page.get_by_role("spinbutton").first.fill("0.75")


def choose_a_path(page: Page) -> None:
    press(page, "Paths")
    page.locator(".paths button").first.click()


def select_a_box(page: Page) -> None:
    page.locator(".card").nth(2).click()
    page.locator(".paths button").first.click()


def find_a_box(page: Page) -> None:
    page.get_by_label("Find").fill("tanh")


def walk(page: Page) -> None:
    for _ in range(3):
        press(page, "Next")


def answer(page: Page) -> None:
    """One blank right, one wrong, one that is not a number; the mistakes and the results opened."""
    for number, text in enumerate(["0.2", "1,5", "99"]):
        page.get_by_role("textbox").nth(number).fill(text)
    press(page, "Check all")
    page.locator(".feedback > *").nth(3).wait_for()
    for folded in page.locator("summary:visible").all():
        folded.click()


def leave_an_input_open(page: Page) -> None:
    """With a card chosen, and an edge refused at it."""
    page.get_by_label("Program").fill("x = 3\na = x * ?\nb = mean(a, 1)\nc = 2")
    page.locator(".port.exit").nth(3).drag_to(page.locator(".port.free"))
    page.locator(".bubble").wait_for()


STEPPING = {
    "at rest": lambda page: None,
    "going back": lambda page: go(page, 0.7),
    "at the end": lambda page: go(page, 1.0),
    "changed": change_an_input,
    "along a path": choose_a_path,
    "its order explained": lambda page: press(page, "Order"),
    "on a phone": lambda page: (page.set_viewport_size({"width": 390, "height": 844}), go(page, 0.7)),
    "derived": lambda page: (go(page, 0.7), press(page, "Derivation")),
}
STATES: dict[str, dict[str, Callable[[Page], Any]]] = {
    "small step-through": STEPPING,
    "large step-through": {state: STEPPING[state] for state in ("at rest", "along a path")},
    "opened step-through": {state: STEPPING[state] for state in ("going back", "changed")},
    "folded page": {"at rest": lambda page: None, "selected": select_a_box, "searched": find_a_box, "walking": walk},
    "matrix view": {
        "at rest": lambda page: None,
        "pointed at": lambda page: page.locator("td[data-key]").nth(3).click(),
        "scalar by scalar": lambda page: (press(page, "Scalar by scalar"), go(page, 0.3)),
    },
    "recording": {"at rest": lambda page: None, "at the start": lambda page: go(page, 0.0)},
    "exercise": {"at rest": lambda page: None, "answered": answer},
    "builder": {
        "at rest": lambda page: None,
        "going back": lambda page: go(page, 0.7),
        "an input missing": leave_an_input_open,
        "a mistake in the program": lambda page: page.get_by_label("Program").fill("relu(x^2)"),
        "to be filled in": lambda page: press(page, "Your turn"),
        "shared": lambda page: press(page, "Share"),
        "on a phone": lambda page: page.set_viewport_size({"width": 390, "height": 844}),
    },
}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("kind", "state"), [(kind, state) for kind, states in STATES.items() for state in states])
def test_no_rule_is_broken(show: Any, broken_rules: Any, kind: str, state: str, theme: str) -> None:
    page = show(page_of(kind), color_scheme=theme, viewport={"width": 1366, "height": 768})
    STATES[kind][state](page)
    assert broken_rules(page) + page.evaluate(FAINT) == []


def test_a_broken_rule_is_found(show: Any, broken_rules: Any) -> None:
    page = show('<!DOCTYPE html><html lang="en"><title>t</title><main><h1 style="color: #aaa">faint</h1></main></html>')
    (found,) = broken_rules(page)
    assert found.startswith("color-contrast: 1, the first h1: ")


@pytest.mark.parametrize(
    ("kind", "state", "place", "choose"),
    [
        ("small step-through", "at rest", 'button[data-panel="paths"]', 'button[data-panel="paths"]'),
        ("small step-through", "along a path", ".paths li:nth-child(1) button", ".paths li:nth-child(1) button"),
        ("small step-through", "derived", ".derivation li:last-child", 'button[data-act="next"]'),
        ("small step-through", "going back", ".card.now", 'button[data-act="first"]'),
        ("folded page", "at rest", 'button[data-act="depth 1"]', 'button[data-act="depth 1"]'),
        ("folded page", "selected", ".paths li:nth-child(1) button", ".paths li:nth-child(1) button"),
        ("matrix view", "at rest", ".tabs button:nth-child(2)", ".tabs button:nth-child(2)"),
        ("matrix view", "at rest", 'td[data-key^="W"] >> nth=0', 'td[data-key^="W"] >> nth=0'),
    ],
)
def test_forced_colours_keep_what_is_chosen(show: Any, kind: str, state: str, place: str, choose: str) -> None:
    page = show(page_of(kind), forced_colors="active", viewport={"width": 1366, "height": 768})
    STATES[kind][state](page)
    element = page.locator(place).first.element_handle()
    page.evaluate("document.activeElement.blur()")
    before = element.screenshot()
    page.locator(choose).first.evaluate("(button) => button.click()")
    assert element.screenshot() != before


def test_forced_colours_keep_the_colours_of_signs(show: Any) -> None:
    page = show(page_of("small step-through"), forced_colors="active")
    colours = page.evaluate(
        "[...document.querySelectorAll('.legend :is(.positive, .negative) i'), document.body].map("
        "(element) => getComputedStyle(element).backgroundColor)"
    )
    assert len(set(colours)) == 3


# The sentence of the live region at every step, in long sweeps at some twenty of them.
SPOKEN = """() => {
  const view = document.querySelector("[data-autograd-stepper]").autogradView;
  const every = Math.ceil(view.sweep.last / 20);
  return [...Array(view.sweep.last + 1).keys()].filter((step) => step % (every > 4 ? every : 1) === 0).map((step) => {
    view.go(step);
    return view.spoken.textContent;
  });
}"""


@pytest.mark.parametrize("graph", TEN_GRAPHS)
def test_each_step_is_spoken_in_whole_sentences(show: Any, graph: str) -> None:
    for spoken in show(explain_graph(graph).to_html()).evaluate(SPOKEN):
        assert spoken.endswith("."), spoken
        assert not re.search(r"[=×∂*^]|·(?!10[⁻⁰¹-⁹])|\bd\w+/d|\w\(|: [^.]*:", spoken), spoken


def in_a_document(*outputs: str) -> str:
    body = "".join(f"<section>{output}</section>" for output in outputs)
    return f'<!DOCTYPE html><html lang="en"><title>notebook</title><main><h1>Outputs</h1>{body}</main></html>'


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_numbers_and_reports_of_a_notebook_break_no_rule(show: Any, broken_rules: Any, theme: str) -> None:
    x, w = Value(2.0, label="x"), Value(-0.5, label="w")
    y = sigmoid(w * x) * w
    y.backward()
    reports = [gradcheck(lambda a, b: sigmoid(a * b), (2.0, -0.5)), summary(MLP(2, 4, 1, rng=0)), summary(y)]
    outputs = [value_output(y), *map(report_output, reports)]
    document = in_a_document(*map(str, outputs)).replace("<main>", '<main style="color-scheme: light dark">')
    page = show(document, color_scheme=theme)
    page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
    assert page.locator("details").count() > len(outputs)
    assert broken_rules(page) == []


def test_a_handout_breaks_no_rule(show: Any, broken_rules: Any) -> None:
    handout = pytest.importorskip("notebooks.handout", reason="prints notebooks: pip install -e '.[notebook]'")
    cells = pytest.importorskip("nbformat").v4
    report = report_output(gradcheck(lambda a, b: sigmoid(a * b), (2.0, -0.5)))
    step_through = explain(TEN_GRAPHS["unit"]())._repr_mimebundle_()
    outputs = [cells.new_output("display_data", data) for data in ({"text/html": report}, step_through)]
    notebook = cells.new_notebook(
        cells=[
            cells.new_markdown_cell("# A lesson\n\nThe derivative is $\\frac{dL}{dw}$.\n\n## Steps"),
            *(cells.new_code_cell("explain(loss)", outputs=[output]) for output in outputs),
        ]
    )
    assert broken_rules(show(handout.page(notebook, "A lesson"))) == []

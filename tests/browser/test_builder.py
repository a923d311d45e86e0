"""The builder in a browser: a graph is built by clicks, by keys and as a program, and has the numbers of the engine."""

from __future__ import annotations

import contextlib
import functools
import io
import math
import random
from typing import TYPE_CHECKING, Any

import pytest

from autograd_core import Value, relu
from autograd_core.formulas.notation import number_text
from autograd_core.show.builder.page import builder_page
from tests.support.builder_programs import compare, random_program

if TYPE_CHECKING:
    from playwright.sync_api import Page

_page = functools.cache(builder_page)
VIEW = "document.querySelector('[data-autograd-builder]').autogradView"


@pytest.fixture
def builder(show: Any) -> Page:
    page: Page = show(_page(), viewport={"width": 1366, "height": 768})
    page.set_default_timeout(5_000)
    page.locator("g.card").first.wait_for()
    return page


def program(page: Page) -> str:
    return page.get_by_label("Program").input_value()


def write(page: Page, text: str) -> None:
    page.get_by_label("Program").fill(text)
    page.get_by_label("Program").blur()


def card(page: Page, name: str) -> Any:
    """The card whose name stands in its first line."""
    return page.locator("g.card").filter(has=page.get_by_text(name, exact=True))


def numbers(page: Page, name: str) -> list[str]:
    """Value and gradient as they stand on a card."""
    shown = "({ value, grad }) => [value.textContent, grad.textContent]"
    found: list[str] = page.evaluate(f"({shown})({VIEW}.pane.picture.cards[{VIEW}.sweep.names.indexOf('{name}')])")
    return found


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def restored(page: Page) -> Page:
    page.wait_for_function("() => location.hash.length > 1")
    page.wait_for_timeout(250)
    other = page.context.new_page()
    other.goto(page.url)
    return other


def test_a_neuron_is_built_by_clicks(builder: Page) -> None:
    press(builder, "Clear")
    press(builder, "input")
    builder.get_by_label("Number", exact=True).fill("2")
    builder.get_by_role("button", name="add multiply").click()
    assert program(builder) == "x = 2\nx * ?"
    assert builder.locator(".port.free").count() == 1
    assert numbers(builder, "out") == ["–", "–"]
    builder.locator(".port.free").click()
    press(builder, "input")
    builder.get_by_label("Number", exact=True).fill("-3")
    card(builder, "out").click()
    builder.get_by_role("button", name="add relu").click()
    builder.get_by_label("Name", exact=True).fill("y")
    builder.get_by_label("Name", exact=True).press("Enter")
    assert program(builder) == "x = 2\nw = -3\ny = relu(x * w)"
    builder.get_by_label("Number", exact=True).wait_for(state="detached")
    card(builder, "w").click()
    builder.get_by_label("Number", exact=True).fill("1.5")
    x, w = Value(2.0), Value(1.5)
    y = relu(x * w)
    y.backward()
    assert numbers(builder, "w") == ["1.5", f"+{number_text(w.grad)}"]
    assert numbers(builder, "x") == ["2", f"+{number_text(x.grad)}"]
    assert numbers(builder, "y") == [number_text(y.data), "+1"]
    assert "relu" not in card(builder, "y").locator("text").all_text_contents(), "its sign says it"


def test_an_edge_is_dragged_and_a_circle_refused(builder: Page) -> None:
    write(builder, "x = 3\na = x * ?\nb = exp(a)")
    start, end = builder.locator(".port.exit").first, builder.locator(".port.free")
    start.drag_to(end)
    assert program(builder) == "x = 3\na = x * x\nb = exp(a)"
    assert builder.locator(".port.free").count() == 0
    write(builder, "x = 3\na = x * ?\nb = exp(a)")
    exits = builder.locator(".port.exit")
    exits.nth(2).drag_to(builder.locator(".port.free"))
    assert builder.locator(".bubble").inner_text() == "Not possible: a circle: b needs a, and a would need b."
    assert builder.locator("g.card.refused").count() == 1
    assert program(builder) == "x = 3\na = x * ?\nb = exp(a)"


def test_an_input_dragged_away_ends_its_edge(builder: Page) -> None:
    write(builder, "x = 3\ny = x * x + 1")
    port = builder.locator(".port.entry .reach").first.bounding_box()
    assert port is not None
    builder.mouse.move(port["x"] + port["width"] / 2, port["y"] + port["height"] / 2)
    builder.mouse.down()
    builder.mouse.move(port["x"], port["y"] - 120, steps=4)
    builder.mouse.up()
    assert program(builder) == "x = 3\ny = ? * x + 1"


def test_a_number_is_dragged_on_its_card_and_undone_at_once(builder: Page) -> None:
    write(builder, "x = 3\ny = x * x")
    handle = builder.locator(".handle").bounding_box()
    assert handle is not None
    builder.mouse.move(handle["x"] + 20, handle["y"] + 8)
    builder.mouse.down()
    builder.mouse.move(handle["x"] + 60, handle["y"] + 8, steps=5)
    builder.mouse.up()
    assert program(builder) == "x = 3.6\ny = x * x"
    assert numbers(builder, "x") == ["3.6", "+7.2"]
    press(builder, "Undo")
    assert program(builder) == "x = 3\ny = x * x"


def test_paper_has_the_program_and_the_picture(builder: Page) -> None:
    builder.emulate_media(media="print")
    assert builder.locator(".frame svg").first.is_visible()
    assert builder.locator("textarea").first.is_visible()
    assert builder.locator("[data-fallback]").is_hidden()
    assert builder.locator(".build-bar").is_hidden()


def test_a_program_with_a_mistake_says_where(builder: Page) -> None:
    builder.get_by_label("Program").fill("x = 2\ny = x^2")
    problem = builder.locator(".problem")
    assert problem.inner_text().startswith('For a power write **, not ^, in line 2 at "^2".')
    assert builder.get_by_label("Program").get_attribute("aria-invalid") == "true"
    assert card(builder, "y").count() == 1  # of the program before
    write(builder, "x = 2\ny = x**2")
    assert problem.inner_text() == ""
    assert numbers(builder, "x") == ["2", "+4"]


def test_edits_are_undone_and_done_again(builder: Page) -> None:
    first = program(builder)
    write(builder, "x = 1\nexp(x)")
    press(builder, "Clear")
    assert program(builder) == ""
    press(builder, "Undo")
    assert program(builder) == "x = 1\nexp(x)"
    builder.locator("g.card").first.focus()
    builder.keyboard.press("Control+z")
    assert program(builder) == first
    press(builder, "Redo")
    assert program(builder) == "x = 1\nexp(x)"


def test_it_is_built_by_keys_alone(builder: Page) -> None:
    write(builder, "x = 2\ny = exp(x) + ?")
    builder.locator('g.card[tabindex="0"]').focus()
    builder.keyboard.press("ArrowLeft")
    builder.keyboard.press("ArrowLeft")
    builder.keyboard.press("c")  # from x
    builder.keyboard.press("ArrowRight")
    builder.keyboard.press("ArrowRight")
    builder.keyboard.press("Enter")  # into y
    assert program(builder) == "x = 2\ny = exp(x) + x"
    builder.keyboard.press("ArrowLeft")
    builder.keyboard.press("Delete")
    assert builder.locator(".port.free").count() == 1
    builder.keyboard.press("Control+z")
    assert program(builder) == "x = 2\ny = exp(x) + x"


def test_the_sweep_is_stepped_through_forward_and_back(builder: Page) -> None:
    write(builder, "x = 3\ny = x * x + x")
    press(builder, "First")
    lines = builder.locator(".step-panel .formula-line")
    press(builder, "Next")
    assert lines.all_inner_texts() == ["v₁ = x · x = 3 · 3 = 9"]
    for _ in range(5):
        press(builder, "Next")
    assert lines.all_inner_texts() == ["∂v₁/∂x = x = 3", "upstream · partial = 1 · 3 = 3", "dy/dx = 1 + 3 + …"]
    press(builder, "Next")
    assert lines.last.inner_text() == "dy/dx = 1 + 3 + 3 = 7"
    press(builder, "Back")
    assert lines.last.inner_text() == "dy/dx = 1 + 3 + …"
    other = restored(builder)
    other.locator(".count").filter(has_text="7 / 8").wait_for()
    assert other.locator(".step-panel .formula-line").last.inner_text() == "dy/dx = 1 + 3 + …"


def test_a_link_leads_back_to_the_graph_and_python_gives_its_numbers(builder: Page) -> None:
    write(builder, "a = 2\nb = -3\ns = a + b\ny = logsumexp(s, a, 1) * s**2 / pi")
    press(builder, "Share")
    code = builder.get_by_label("The same in Python").input_value()
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {})
    shown = dict(line.split(" = ") for line in printed.getvalue().splitlines())
    for name in ("a", "b"):
        grad = builder.evaluate(
            f"{VIEW}.found.grads.get({VIEW}.graph.nodes.find(({{ label }}) => label === '{name}').id)"
        )
        assert grad == pytest.approx(float(shown[f"dy/d{name}"]), rel=1e-12)
    other = restored(builder)
    assert program(other) == program(builder)
    assert len(builder.url.partition("#")[2]) < 120


def test_an_exercise_hides_the_gradients_until_they_are_filled_in(builder: Page) -> None:
    write(builder, "w = 2\nx = 3\ny = w * x")
    press(builder, "Share")
    address = builder.get_by_role("link", name="Open the exercise").get_attribute("href")
    assert address is not None
    other = builder.context.new_page()
    other.goto(address)
    assert other.locator(".build-bar").is_hidden()
    assert [numbers(other, name)[1] for name in "wxy"] == ["–", "–", "+1"]
    field = other.locator(".turn input")
    field.fill("2")
    field.press("Enter")
    assert "Not right" in other.locator(".turn-verdict").inner_text()
    field.fill("3")
    field.press("Enter")
    assert "Right" in other.locator(".turn-verdict").inner_text()
    assert numbers(other, "w") == ["2", "+3"]


def test_an_exercise_names_the_mistake_behind_a_wrong_number(builder: Page) -> None:
    write(builder, "x = 0.5\ny = tanh(x)")
    press(builder, "Your turn")
    field = builder.locator(".turn input")
    field.fill(f"{1 - math.tanh(0.5):.3g}")
    field.press("Enter")
    verdict = builder.locator(".turn-verdict").inner_text()
    assert "the derivative of y = tanh(x) with respect to x was taken to be 1 − y." in verdict
    field.fill(f"{1 - math.tanh(0.5) ** 2:.3g}")
    field.press("Enter")
    assert "All edges are filled in" in builder.locator(".turn").inner_text()


def test_every_path_is_listed_with_its_product(builder: Page) -> None:
    write(builder, "x = 3\ny = x * x + x")
    press(builder, "Paths")
    paths = builder.locator(".paths button").all_inner_texts()
    assert len(paths) == 3
    assert builder.locator(".panel .sum").inner_text().endswith("dy/dx = 3 + 3 + 1 = 7")


NUMBERS = """(program) => {
  const view = document.querySelector('[data-autograd-builder]').autogradView;
  const field = view.program.field;
  field.value = program;
  field.dispatchEvent(new Event("input"));
  const entry = ([id, number]) => [view.found.names.get(id), String(number)];
  const written = (numbers) => Object.fromEntries([...numbers].map(entry));
  return { values: written(view.found.values), grads: written(view.found.grads) };
}"""


def test_random_graphs_have_the_numbers_of_the_engine(builder: Page) -> None:
    generator = random.Random(3)
    for _ in range(40):
        text = random_program(generator)
        compare(text, builder.evaluate(NUMBERS, text))
    assert builder.locator(".problem").inner_text() == ""


def test_a_phone_builds_by_touch_and_reads_the_graph_from_top_to_bottom(show: Any) -> None:
    page: Page = show(_page(), viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.set_default_timeout(5_000)
    write(page, "x = 2\ny = exp(x) + ?")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    tops = page.evaluate("[...document.querySelectorAll('g.card')].map((card) => card.getBoundingClientRect().top)")
    assert tops == sorted(tops)  # x, exp, y
    page.locator(".port.free .reach").tap()
    assert "goes into y" in page.locator(".foot-hint").inner_text()
    card(page, "x").tap()
    assert program(page) == "x = 2\ny = exp(x) + x"
    page.locator(".port.exit .reach").nth(1).tap()  # of exp(x)
    page.locator('.port.entry[data-place="1"] .reach').tap()
    assert program(page) == "x = 2\nv1 = exp(x)\ny = v1 + v1"


def test_it_is_small() -> None:
    assert len(_page().encode()) < 300_000

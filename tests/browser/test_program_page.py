"""Pages of compiled programs in a browser: their numbers are changed, and a recorded training goes on."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from autograd_core import (
    Value,
    compile,  # noqa: A004
    log,
    sigmoid,
    tanh,
    to_page,
)
from autograd_core.formulas.notation import number_text
from autograd_core.formulas.symbols import name_text
from nn import MLP, SGD, binary_cross_entropy_with_logits, fit, mse_loss, record
from nn.data import two_moons

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Of each link the layer and place of the unit at its right end, and of that at its left end.
ENDS = """(links) => links.map((link) => {
  const units = [...document.querySelectorAll("[data-unit]")].map((unit) =>
    [unit.dataset.unit.split(",").map(Number), unit.getBoundingClientRect()]);
  const { e, f } = link.getScreenCTM();
  const near = (side, length) => {
    const { x, y } = link.getPointAtLength(length);
    const distance = (box) => Math.hypot(box[side] - x - e, (box.top + box.bottom) / 2 - y - f);
    return units.find(([, box]) => distance(box) < 1)[0];
  };
  return [near("left", link.getTotalLength()), near("right", 0)];
})"""
VIEW = "document.querySelector('[data-autograd-program]').autogradView"


def unit() -> Any:
    w, b = Value(0.5, label="w"), Value(-0.25, label="b")
    return compile(lambda x, t: (sigmoid(w * x + b) - t) ** 2, example=(1.0, 1.0), backend="numpy")


def test_a_number_is_changed_and_value_and_gradient_follow(show: Any) -> None:
    program = unit()
    page: Page = show(to_page(program))
    page.get_by_label("w, exactly").fill("-1.5")
    page.get_by_label("w, exactly").blur()
    page.get_by_label("x", exact=True).fill("2")  # its slider
    value, (of_w, _) = program.value_and_grad([2.0], [1.0], parameters=[-1.5, -0.25])
    assert page.locator(".figures dd").inner_text() == number_text(value)
    line = page.locator(".number", has=page.get_by_role("button", name="w", exact=True))
    assert line.locator(".gradient").inner_text() == number_text(of_w)
    page.get_by_role("button", name="w", exact=True).click()
    assert page.locator(".slope-plot .title").inner_text() == f"the value over w, slope {number_text(of_w)}"
    page.get_by_role("button", name="Step", exact=True).click()
    program.parameters[0].data = -1.5
    program.train([2.0], [1.0], steps=1, learning_rate=0.1)
    assert page.evaluate(f"[...{VIEW}.steps.parameters]") == pytest.approx([value.data for value in program.parameters])
    page.get_by_role("button", name="Step back").click()
    assert page.locator(".figures dd").inner_text() == number_text(value)


def test_a_link_leads_back_to_the_same_parameters(show: Any) -> None:
    page: Page = show(to_page(unit(), data=([0.0, 1.0, 2.0], [1.0, 0.0, 1.0])))
    page.get_by_label("Optimiser").select_option("Adam")
    page.get_by_role("button", name="Step", exact=True).click()
    page.get_by_label("b, exactly").fill("3")
    page.get_by_label("b, exactly").blur()
    page.get_by_role("button", name="Step", exact=True).click()
    page.wait_for_timeout(400)
    assert "step=2" in page.url
    other = page.context.new_page()
    other.goto(page.url)
    numbers = f"[...{VIEW}.steps.parameters]"
    assert other.evaluate(numbers) == page.evaluate(numbers)
    assert other.locator(".figures").inner_text() == page.locator(".figures").inner_text()


def test_a_recorded_training_goes_on_and_its_points_move(show: Any, broken_rules: Callable[..., list[str]]) -> None:
    X, y = two_moons(60, noise=0.1, seed=0)
    model, recording = MLP(2, 6, 1, activation="tanh", rng=0), record()
    fit(model, X, y, loss=binary_cross_entropy_with_logits, epochs=5, seed=0, callbacks=recording, progress=False)
    page: Page = show(recording.to_html(live=True))
    assert page.evaluate(f"{VIEW}.curves.moments.length") == 6  # before the first epoch, and behind each
    first = page.evaluate(f"{VIEW}.whole.value")
    expected = binary_cross_entropy_with_logits([model(x) for x in X.tolist()], y.tolist())
    assert math.isclose(first, expected.data, rel_tol=1e-12)
    page.get_by_label("Speed").select_option("fast")
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(700)
    page.get_by_role("button", name="Pause").click()
    assert page.evaluate(f"{VIEW}.whole.value") < 0.9 * first
    before = page.evaluate(f"[{VIEW}.steps.count, {VIEW}.steps.input(0, 0, 0), {VIEW}.whole.value]")
    plane = page.locator(".plane svg")
    side = plane.evaluate("(svg) => svg.getBoundingClientRect().width")
    x, y = page.evaluate(f"{VIEW}.plane.places[0].map((place) => place / 320)")
    start, end = {"x": x * side, "y": y * side}, {"x": 0.9 * side, "y": 0.9 * side}
    plane.drag_to(plane, source_position=start, target_position=end)
    moved = page.evaluate(f"[{VIEW}.steps.count, {VIEW}.steps.input(0, 0, 0), {VIEW}.whole.value]")
    low, high = page.evaluate(f"{VIEW}.page.plane.frame.x")
    assert moved[1] == pytest.approx(low + 0.9 * (high - low), abs=0.02 * (high - low))
    assert moved[2] != before[2]
    plane.click(position={"x": 0.03 * side, "y": 0.03 * side})
    assert page.locator(".row-choice span").inner_text() == "of 61"
    page.get_by_role("button", name="Delete the row").click()
    assert page.locator(".row-choice span").inner_text() == "of 60"
    assert broken_rules(page) == []


def test_the_links_of_a_network_carry_the_weights_of_the_engine(
    show: Any, broken_rules: Callable[..., list[str]]
) -> None:
    X, y = two_moons(20, noise=0.1, seed=0)
    model, recording, loss = MLP(2, 3, 2, 1, activation="tanh", rng=0), record(), binary_cross_entropy_with_logits
    own = SGD(model.parameters(), 0.5)
    fit(model, X, y, loss=loss, optimiser=own, epochs=1, batch_size=20, callbacks=recording, progress=False)
    page: Page = show(recording.to_html(live=True))
    for _ in range(3):
        page.get_by_role("button", name="Step", exact=True).click()
    fit(model, X, y, loss=loss, optimiser=own, epochs=3, batch_size=20, progress=False)
    weights = [weight for layer in model.layers for row in layer.weight for weight in row]
    own.zero_grad()
    loss([model(x) for x in X.tolist()], y.tolist()).backward()

    def links() -> list[str]:
        return page.locator(".touch title").all_text_contents()

    assert links() == [f"{name_text(weight.label)}: weight {number_text(weight.data)}" for weight in weights]
    widths = page.locator(".link-line").evaluate_all(
        "(lines) => lines.map((line) => +line.getAttribute('stroke-width'))"
    )
    sizes = [abs(weight.data) for weight in weights]
    assert widths == pytest.approx([0.4 + 6 * size / max(*sizes, 1.0) for size in sizes], abs=0.006)
    pairs = page.locator(".touch").evaluate_all(ENDS)
    assert [name_text(f"W{layer}[{unit}][{entry}]") for (layer, unit), (_, entry) in pairs] == [
        name_text(weight.label) for weight in weights
    ]
    assert all(layer == before + 1 for (layer, _), (before, _) in pairs)
    page.get_by_role("button", name="gradients").click()
    assert links() == [f"{name_text(weight.label)}: gradient {number_text(weight.grad)}" for weight in weights]
    signs = page.locator(".link-line").evaluate_all("(lines) => lines.map((line) => line.matches('.positive'))")
    assert signs == [weight.grad > 0 for weight in weights]
    page.locator("[data-weight='2,1,0']").dispatch_event("click")
    name = name_text("W2[1][0]")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == name
    chosen = model.layers[1].weight[1][0]
    said = f"{name} is {number_text(chosen.data)}, its gradient {number_text(chosen.grad)}."
    assert page.locator(".network-panel .note").inner_text() == said
    assert page.locator(".link-line.picked").count() == 1
    place = 77  # of the grid
    x = page.evaluate(f"[...{VIEW}.steps.grid.slice({2 * place}, {2 * place + 2})]")
    hidden, outputs = page.evaluate(
        f"Object.values({VIEW}.steps.overPlane()).map((all) => all.map((of) => of[{place}]))"
    )
    first = [tanh(z.data) for z in model.layers[0](x)]
    second = [tanh(z.data) for z in model.layers[1](first)]
    assert hidden == pytest.approx([*first, *second], rel=1e-12)
    assert outputs == pytest.approx([sigmoid(model(x)[0].data)], rel=1e-12)
    page.locator("[data-unit='1,2']").hover()
    assert page.locator(".plane .title").inner_text() == name_text("h1[2]")
    assert broken_rules(page) == []


def test_a_unit_is_shown_over_the_one_input(show: Any) -> None:
    model, recording = MLP(1, 2, 1, activation="tanh", rng=0), record()
    recording.begin(model, [[0.0], [1.0], [2.0]], [0.0, 1.0, 0.5], mse_loss)
    page: Page = show(recording.to_html(live=True), viewport={"width": 390, "height": 844}, has_touch=True)
    output = page.locator(".boundary").get_attribute("d")
    page.locator("[data-unit='1,1']").hover()
    assert page.locator(".plane .title").inner_text() == name_text("h1[1]")
    shown = page.locator(".boundary").get_attribute("d")
    assert shown not in (None, output)
    assert "NaN" not in str(shown)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_it_fits_a_phone(show: Any) -> None:
    page: Page = show(to_page(unit()), viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.locator(".number:not(.head)").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator(".network").count() == 0


def test_numbers_that_are_not_finite_are_said(show: Any) -> None:
    w, v = Value(1.0, label="w"), Value(2.0, label="v")
    page: Page = show(to_page(compile(lambda x: log(x * (w * w + 1.0)) + v, example=-1.0, backend="numpy")))
    assert page.locator(".figures dd").inner_text() == "nan"
    page.get_by_role("button", name="Step", exact=True).click()
    assert "no longer a finite number" in page.locator(".problem").inner_text()
    assert page.locator(".landscape .note").inner_text() == "The loss is not a finite number on this slice."
    assert page.locator(".landscape .here").get_attribute("cx") == "-99"
    page.get_by_label("x, exactly").fill("1")
    page.get_by_label("x, exactly").blur()
    assert page.locator(".figures dd").inner_text() == "2.693"
    assert page.locator(".problem").inner_text() == ""
    w.data = math.nan
    page = show(to_page(compile(lambda x: x * w * v, example=1.0, backend="numpy")))
    assert page.get_by_label("w, exactly").get_attribute("placeholder") == "nan"
    assert page.get_by_label("v, exactly").get_attribute("placeholder") == ""
    assert "so there is no slice" in page.locator(".landscape .note").inner_text()

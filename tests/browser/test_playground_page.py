"""The playground in a browser: a network is trained by clicks, without Python and without a network."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import pytest

from autograd_core import Value
from autograd_core.formulas.notation import number_text
from autograd_core.show.playground.compiled_pieces import ACTIVATIONS, logistic_loss
from autograd_core.show.playground.page import playground_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

_page = functools.cache(playground_page)
VIEW = "document.querySelector('[data-autograd-playground]').autogradView"


@pytest.fixture
def playground(show: Any) -> Page:
    page: Page = show(_page())
    page.locator(".unit").first.wait_for()
    return page


def wait_until(page: Page, condition: Callable[[], bool]) -> None:
    """The policy of the page forbids conditions that a browser evaluates from a text."""
    for _ in range(600):
        if condition():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it did not come about in 30 seconds")


def right(page: Page) -> float:
    """The share of the test rows that are right, in percent."""
    return float(page.locator(".figures dd").nth(3).inner_text().split()[0])


def test_moons_are_learnt_by_clicks(playground: Page) -> None:
    assert right(playground) < 95
    playground.get_by_label("Speed").select_option("fast")
    playground.get_by_role("button", name="Play").click()
    wait_until(playground, lambda: right(playground) >= 98)
    playground.get_by_role("button", name="Pause").click()
    assert right(playground) >= 98


def test_a_step_forward_and_one_back_lead_to_the_same_numbers(playground: Page) -> None:
    before = playground.locator(".figures").inner_text()
    playground.get_by_role("button", name="Step", exact=True).click()
    assert "step 1," in playground.locator(".count").inner_text()
    assert playground.locator(".figures").inner_text() != before
    playground.get_by_role("button", name="Step back").click()
    assert "step 0," in playground.locator(".count").inner_text()
    assert playground.locator(".figures").inner_text() == before


def test_layers_units_features_and_activations_are_chosen(playground: Page) -> None:
    units = playground.locator(".unit")
    assert units.count() == 8
    playground.get_by_role("button", name="One unit more in layer 1").click()
    playground.get_by_role("button", name="One hidden layer fewer").click()
    assert units.count() == 6
    playground.get_by_label("x₁²").check()
    assert playground.locator(".link-line").count() == 3 * 5 + 5
    playground.get_by_label("Activation of layer 1").select_option("relu")
    playground.get_by_role("button", name="Sine").click()
    playground.get_by_role("button", name="Step", exact=True).click()
    assert "step 1," in playground.locator(".count").inner_text()


def row_gradient(page: Page, row: int) -> list[float]:
    """The gradient of the loss of one row by the engine, at the present numbers of the page."""
    parameters = [Value(number) for number in page.evaluate(f"[...{VIEW}.trainer.parameters]")]
    *x, target = page.evaluate(f"{VIEW}.trainer.train.points[{row}]")
    logistic_loss(score(page, parameters, x), target).backward()
    return [parameter.grad or 0.0 for parameter in parameters]


def score(page: Page, parameters: Sequence[Any], x: Sequence[Any]) -> Any:
    """The output of the network of the page with these parameters, by the engine."""
    sizes, activations = page.evaluate(f"[{VIEW}.trainer.network.sizes, {VIEW}.trainer.network.activations]")
    rest, h = iter(parameters), list(x)
    for number, (inputs, outputs) in enumerate(itertools.pairwise(sizes)):
        weights = [[next(rest) for _ in range(inputs)] for _ in range(outputs)]
        z = [sum((w * a for w, a in zip(line, h, strict=True)), next(rest)) for line in weights]
        function = ACTIVATIONS[activations[number]] if number < len(activations) else None
        h = [function(each) for each in z] if function else z
    return h[0]


def test_the_chain_rule_of_a_weight_is_stepped_through_with_the_numbers_of_the_engine(playground: Page) -> None:
    playground.get_by_role("button", name="Step", exact=True).click()
    playground.get_by_role("button", name="Unit 2 of layer 1, tanh").click()
    playground.locator(".weights button").first.click()
    playground.get_by_label("Row", exact=True).fill("7")
    playground.get_by_label("Row", exact=True).blur()
    expected = row_gradient(playground, 6)[2]  # of unit 2 for the first feature
    steps = playground.locator(".chain li")
    assert steps.last.inner_text().endswith(f"{number_text(expected)} for this row")
    assert steps.last.locator("button").get_attribute("aria-pressed") == "true"
    playground.get_by_role("button", name="Back", exact=True).click()
    assert "1 − h²" in playground.locator(".chain [aria-pressed=true]").inner_text()
    for _ in range(4):
        playground.keyboard.press(",")
    assert playground.locator(".chain [aria-pressed=true]").inner_text().startswith("The loss of this row")
    assert playground.locator(".unit.lit").get_attribute("aria-label") == "Output unit: the score"
    check = playground.locator(".batch p").last.inner_text()
    by_differences, by_the_chain_rule = check.split("= ")[1].split("; the chain rule gives ")
    assert by_differences[:5] == by_the_chain_rule[:5]


def test_a_link_leads_back_to_the_same_numbers_rates_and_set_weights_included(playground: Page, show: Any) -> None:
    playground.get_by_label("Activation of layer 2").select_option("gelu")
    playground.locator("select[name=rule]").select_option("Adam")
    for _ in range(3):
        playground.get_by_role("button", name="Step", exact=True).click()
    playground.get_by_label("Learning rate").select_option("0.03")
    playground.get_by_role("button", name="Step", exact=True).click()
    playground.get_by_role("button", name="Unit 1 of layer 2, gelu").click()
    playground.locator(".weights button").nth(1).click()
    playground.get_by_label("Set this weight").fill("-1.25")
    playground.get_by_label("Set this weight").blur()
    playground.get_by_role("button", name="Step", exact=True).click()
    playground.get_by_role("button", name="gradients").click()
    wait_until(playground, lambda: "lens=gradient" in playground.url and "step=5" in playground.url)
    other = playground.context.new_page()
    other.goto(playground.url)
    wait_until(other, lambda: other.locator(".count").inner_text().startswith("step 5,"))
    numbers = f"[...{VIEW}.trainer.parameters]"
    assert other.evaluate(numbers) == playground.evaluate(numbers)
    for part in (".figures", ".why"):
        assert other.locator(part).inner_text() == playground.locator(part).inner_text()
    assert len(playground.url.partition("#")[2]) < 150


def test_an_exercise_says_what_is_missing_and_when_it_is_reached(playground: Page) -> None:
    playground.get_by_label("Exercise").select_option("10 Features by hand")
    verdict = playground.locator(".verdict")
    assert verdict.inner_text().startswith("To do: ")
    playground.get_by_label("x₁²").check()
    playground.get_by_label("x₂²").check()
    playground.get_by_label("Speed").select_option("fast")
    playground.get_by_role("button", name="Play").click()
    wait_until(playground, lambda: verdict.inner_text() == "Reached.")
    playground.get_by_role("button", name="One hidden layer more").click()
    assert "3 hidden units, at most 0 allowed" in verdict.inner_text()


def test_points_are_added_moved_and_deleted_by_hand(playground: Page) -> None:
    playground.get_by_role("button", name="Your own").click()
    row = playground.get_by_label("Row", exact=True)
    playground.get_by_role("button", name="Clear").click()
    plane = playground.locator(".plane svg")
    side = plane.evaluate("(svg) => svg.getBoundingClientRect().width")
    for x, y, label in ((0.2, 0.2, 0), (0.8, 0.8, 1), (0.7, 0.3, 1)):
        playground.get_by_role("button", name=f"class {label}").click()
        plane.click(position={"x": x * side, "y": y * side})
    points = f"{VIEW}.trainer.train.points.map(point => point.map(number => Math.round(10 * number) / 10))"
    assert playground.evaluate(points) == [[-1.8, 1.8, 0], [1.8, -1.8, 1], [1.2, 1.2, 1]]
    start, end = ({"x": 0.8 * side, "y": 0.8 * side}, {"x": 0.5 * side, "y": 0.5 * side})
    plane.drag_to(plane, source_position=start, target_position=end)
    assert playground.evaluate(points)[1] == [0, 0, 1]
    playground.get_by_role("button", name="Delete the point").click()
    assert len(playground.evaluate(points)) == 2
    wait_until(playground, lambda: "points=" in playground.url)
    other = playground.context.new_page()
    other.goto(playground.url)
    assert other.evaluate(f"{VIEW}.trainer.train.points") == playground.evaluate(f"{VIEW}.trainer.train.points")
    table = {"name": "mine.csv", "mimeType": "text/csv", "buffer": b"width,height,kind\n1,10,cat\n3,20,dog\n2,15,dog\n"}
    playground.get_by_label("A table of points").set_input_files([table])
    wait_until(playground, lambda: playground.evaluate(points) == [[-2.5, -2.5, 0], [2.5, 2.5, 1], [0, 0, 1]])
    playground.get_by_label("A table of points").set_input_files([{**table, "buffer": b"1,2,a\n3,x,b\n"}])
    wait_until(playground, lambda: 'Row 2 is "3,x,b"' in playground.locator(".own .problem").inner_text())
    assert row.count() == 1


def test_a_unit_under_the_pointer_is_shown_in_the_plane(playground: Page) -> None:
    pixels = f"[...{VIEW}.plane.canvas.getContext('2d').getImageData(0, 0, 40, 40).data]"
    of_score = playground.evaluate(pixels)
    playground.get_by_role("button", name="Unit 3 of layer 1, tanh").hover()
    assert playground.locator(".plane .title").inner_text() == "unit 3 of layer 1"
    numbers = playground.evaluate(f"[...{VIEW}.trainer.maps()[0][2]]")
    shown = playground.evaluate(pixels)
    assert shown != of_score
    page, plus, minus = playground.evaluate(f"[{VIEW}.colours.page, {VIEW}.colours.positive, {VIEW}.colours.negative]")
    for place in (0, 41, 1599):
        own = plus if numbers[place] > 0 else minus
        depth = 0.55 * abs(numbers[place]) / max(map(abs, numbers))
        expected = [p + (o - p) * depth for p, o in zip(page, own, strict=True)]
        assert shown[4 * place : 4 * place + 3] == pytest.approx(expected, abs=1)
    playground.locator("h1").hover()
    assert playground.evaluate(pixels) == of_score


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_rule_of_accessibility_is_broken(
    playground: Page, broken_rules: Callable[..., list[str]], theme: str
) -> None:
    playground.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    assert broken_rules(playground) == []
    for unit in ("Unit 2 of layer 1, tanh", "Output unit: the score"):
        playground.get_by_role("button", name=unit).click()
        assert broken_rules(playground) == []
    playground.locator(".weights button").first.click()
    assert broken_rules(playground) == []


def test_it_is_small_and_fits_a_phone(show: Any) -> None:
    assert len(_page().encode()) < 300_000
    page: Page = show(_page(), viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.locator(".unit").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_slice_of_the_loss_has_the_losses_of_its_parameters_and_the_path(playground: Page) -> None:
    playground.get_by_label("Speed").select_option("fast")
    playground.get_by_role("button", name="Play").click()
    wait_until(playground, lambda: playground.evaluate(f"{VIEW}.trainer.step") > 300)
    playground.get_by_role("button", name="Pause").click()
    playground.get_by_text("Landscape: a slice of the loss").click()
    wait_until(playground, lambda: playground.evaluate(f"{VIEW}.landscape.plane?.done") == 1600)
    first, second, centre, losses = playground.evaluate(
        f"(plane => [...plane.directions, plane.centre, plane.losses].map(part => [...part]))({VIEW}.landscape.plane)"
    )
    middle, half = playground.evaluate(f"[{VIEW}.landscape.plane.middle, {VIEW}.landscape.plane.half]")
    points = playground.evaluate(f"{VIEW}.trainer.train.points")
    for place in (0, 39, 777, 1599):
        x = middle[0] + half * (2 * (place % 40) / 39 - 1)
        y = middle[1] + half * (1 - 2 * (place // 40) / 39)
        numbers = [c + x * a + y * b for c, a, b in zip(centre, first, second, strict=True)]
        expected = sum(logistic_loss(score(playground, numbers, x1_x2), t) for *x1_x2, t in points) / len(points)
        assert losses[place] == pytest.approx(expected, rel=1e-9)
    assert playground.locator(".landscape .track").get_attribute("d").count("L") > 20
    assert "of the path's movement" in playground.locator(".landscape .note").inner_text()
    playground.get_by_label("Directions of the slice").select_option("two random directions")
    wait_until(playground, lambda: playground.evaluate(f"{VIEW}.landscape.plane?.done") == 1600)
    assert "as long as the unit's weights" in playground.locator(".landscape .note").inner_text()

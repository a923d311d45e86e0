"""What if, paths and order in a real browser: what the page computes by itself, held against Python."""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from autograd_core import (
    Value,
    abs,  # noqa: A004
    choose,
    custom_primitive,
    erfc,
    exp,
    explain,
    floor,
    gelu,
    log,
    maximum,
    relu,
    sigmoid,
    sin,
    tanh,
    where,
)
from autograd_core.engine.primitive import PRIMITIVES
from autograd_core.formulas.notation import number_text
from autograd_core.show.page.bundle import module_script
from autograd_core.show.stepper.explain import Explanation
from tests.browser.test_stepper import HOSTILE, on_card, step

if TYPE_CHECKING:
    from playwright.sync_api import Page

SPECIAL = [0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0, 1e-9, 26.5, -26.5, 710.0, -800.0, math.inf, -math.inf, math.nan]


@pytest.fixture
def forms_page(show: Any) -> Page:
    """A page in which the functions of its modules can be called."""
    page: Page = show(explain(Value(1.0, label="x") * 2).to_html())
    for module in ("compiler/backends/javascript/operations.js", "show/page/numbers.js"):
        exported = module_script(module).replace("export default ", "return ")
        page.evaluate(f"window.called = {{ ...window.called, ...(() => {{ {exported} }})() }}")
    return page


def in_page(page: Page, name: str, rows: list[tuple[float, ...]]) -> list[float]:
    rows_as_text = json.dumps([[repr(number) for number in row] for row in rows])
    read = "({ inf: Infinity, '-inf': -Infinity, nan: NaN })[t] ?? Number(t)"
    found = page.evaluate(f"{rows_as_text}.map((row) => String(called.FORWARD[{name!r}](...row.map((t) => {read}))))")
    return [float(text.replace("Infinity", "inf")) for text in found]


def test_every_operation_of_the_table_has_a_form_in_the_page(forms_page: Page) -> None:
    assert set(forms_page.evaluate("Object.keys(called.FORWARD)")) == PRIMITIVES.keys()


def test_the_forms_give_what_the_table_gives(forms_page: Page) -> None:
    rng = random.Random(0)
    for name, primitive in PRIMITIVES.items():
        count = len(primitive.arguments)
        rows = [tuple(rng.choice(SPECIAL) for _ in range(count)) for _ in range(150)]
        rows += [tuple(rng.uniform(*interval) for interval in primitive.domain) for _ in range(150)]
        if count == 1:
            rows += [(number,) for number in SPECIAL]
        for row, found in zip(rows, in_page(forms_page, name, rows), strict=True):
            expected = primitive.forward(*row)
            near = 4e-13 if name == "erfc" and row[0] > 20 else 2e-14  # exp of a square: the tail costs digits
            same = found == expected or (math.isnan(found) and math.isnan(expected))
            assert same or math.isclose(found, expected, rel_tol=near, abs_tol=5e-324), (name, row, found, expected)


def test_numbers_are_written_as_in_python(forms_page: Page) -> None:
    rng = random.Random(1)
    numbers = [2.0625, 20.625, 0.00012345, 0.000099995, 9999.5, 99995.0, 1e-300, 123456.0, 5e-324, *SPECIAL]
    numbers += [rng.uniform(-1, 1) * 10.0 ** rng.randint(-12, 12) for _ in range(2000)]
    numbers += [rng.randint(1, 10**5) / 2 ** rng.randint(0, 12) for _ in range(2000)]
    finite = [number for number in numbers if math.isfinite(number)]
    found = forms_page.evaluate(f"{json.dumps(finite)}.map(called.numberText)")
    assert found == [number_text(number) for number in finite]


def net(x: Any, y: Any) -> Any:
    hidden = relu(x * y - 1.0) + tanh(x) * sigmoid(y) + where(x > y, exp(x), y * y)
    return gelu(hidden) + maximum(x, y) * log(x * x + 1.0) - erfc(x) + sin(hidden) * hidden


def open_what_if(show: Callable[..., Any], at: tuple[float, float], **options: Any) -> Page:
    page: Page = show(explain_net(at, **options).to_html())
    page.click("[data-panel=whatIf]")
    return page


def explain_net(at: tuple[float, float], **options: Any) -> Explanation:
    return explain(net(Value(at[0], label="x"), Value(at[1], label="y")), **options)


def set_number(page: Page, name: str, number: float) -> None:
    page.get_by_label(f"{name}, a number").fill(repr(number))


@pytest.mark.parametrize("inside", [(), "all"])
@pytest.mark.parametrize("here", [(0.7, 2.0), (-1.5, -2.0), (2.0, 2.0), (1.0, 3.0)])
def test_everything_is_computed_again_as_python_would(show: Any, here: tuple[float, float], inside: Any) -> None:
    page = open_what_if(show, (1.25, -0.5), open=inside)
    set_number(page, "x", here[0])
    set_number(page, "y", here[1])
    truth = explain_net(here, open=inside)
    final = {node.name: node.value for node in truth.record.gradient}
    for node in truth.record.nodes:
        value, *grad = on_card(page, node.name)
        assert value.removeprefix("! ") == number_text(node.value), node.name
        if node.name in final:
            assert grad[0].removeprefix("+") == number_text(final[node.name]), node.name
    for step_record in truth.steps:
        assert on_card(page, step_record.node)[1].removeprefix("+") == number_text(step_record.carried or 0.0)


def test_each_step_shows_the_present_numbers(show: Any) -> None:
    x, y = Value(2.0, label="x"), Value(5.0, label="y")
    page: Page = show(explain(log(x) + x * y - sin(y)).to_html())
    page.click("[data-panel=whatIf]")
    set_number(page, "x", 4.0)
    truth = explain(log(Value(4.0, label="x")) + (x4 := Value(4.0)) * y - sin(y))
    assert truth.record.value == pytest.approx(math.log(4) + 20 - math.sin(5))
    assert "Backward, at your numbers" in page.inner_text(".heading")
    assert "dL/dx is now 5.25; it was 5.5." in page.inner_text(".words")
    assert page.inner_text(".result dd").endswith("=5.25")
    page.click("[data-panel=derivation]")
    assert "5.25" in page.locator(".derivation li").last.inner_text()
    page.keyboard.press("Home")
    assert page.inner_text(".words") == "x is now 4; it was 2."
    assert x4.data == 4.0


@pytest.mark.parametrize("count", [4, 30])
def test_another_index_chooses_another_row(show: Any, count: int) -> None:
    """Also one whose edge is folded away; an index that is no place gives nan."""
    rows = [Value(0.5 * k, label=f"E[{k}]") for k in range(count)]
    page: Page = show(explain(choose(Value(2, label="i"), rows) * Value(3.0, label="x")).to_html())
    page.click("[data-panel=whatIf]")
    set_number(page, "i", 3)
    assert on_card(page, "v1") == ["1.5", "+3"]
    assert on_card(page, "x")[1] == "+1.5"
    assert on_card(page, "E[2]")[1] == "0"
    if count == 4:
        assert on_card(page, "E[3]")[1] == "+3"
    set_number(page, "i", 2.5)
    assert on_card(page, "v1")[0].endswith("nan")


def test_the_predicted_change_is_shown_beside_the_actual_one(show: Any) -> None:
    x = Value(3.0, label="x")
    page: Page = show(explain(x * x).to_html())
    page.click("[data-panel=whatIf]")
    assert page.inner_text(".prediction") == "out is 9."
    set_number(page, "x", 3.5)
    cells = page.locator(".prediction tr").evaluate_all(
        "(rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent))"
    )
    assert cells[0] == ["Predicted, 6 · 0.5", "+3", "out = 12"]
    assert cells[1] == ["Actual", "+3.25", "out = 12.25"]
    assert cells[2][1] == "+0.25"
    page.get_by_text("Back to the original numbers").click()
    assert page.inner_text(".prediction") == "out is 9."
    assert on_card(page, "x") == ["3", "+6"]


def test_a_gate_that_opens_shows_what_it_carries(show: Any) -> None:
    x = Value(-2.0, label="x")
    page: Page = show(explain(relu(x) * 3.0).to_html())
    page.click("[data-panel=whatIf]")
    assert on_card(page, "x") == ["−2", "0"]
    set_number(page, "x", 2.0)
    assert on_card(page, "x") == ["2", "+3"]
    assert "3 · 1 = 3" in page.locator("g.carried.now text").text_content()
    assert "upstream · partial" in page.inner_text(".formulas")
    assert "closed" not in page.locator("g.note text").all_text_contents()
    set_number(page, "x", -3.0)
    assert "upstream · partial" not in page.inner_text(".formulas")
    assert "closed" in page.locator("g.note text").all_text_contents()


def test_a_gate_that_closes_is_dashed(show: Any) -> None:
    x = Value(2.0, label="x")
    page: Page = show(explain(relu(x) * 3.0).to_html())
    page.click("[data-panel=whatIf]")
    set_number(page, "x", -2.0)
    assert page.locator("g.link.gated").count() == 1
    assert "nothing flows" in page.inner_text(".formulas")


@pytest.mark.parametrize(
    ("f", "start", "kink", "away"),
    [
        (relu, 2.0, 0.0, 1e-12),
        (abs, 1.0, -0.0, 2.0),
        (lambda x: maximum(x, 3.0), 1.0, 3.0, 3.5),
        (floor, 0.5, 4.0, 4.5),
    ],
)
def test_at_a_kink_the_convention_is_told_as_python_tells_it(
    show: Any, f: Callable[[Any], Any], start: float, kink: float, away: float
) -> None:
    page: Page = show(explain(f(Value(start, label="x")) * 3.0).to_html())
    page.click("[data-panel=whatIf]")
    [told] = {node.kink for node in explain(f(Value(kink, label="x")) * 3.0).record.nodes if node.kink}
    for number, is_told in ((away, False), (kink, True), (start, False)):
        set_number(page, "x", number)
        page.keyboard.press("End")
        assert (told in page.inner_text(".words")) == is_told, number


def test_the_slider_moves_the_number_and_keys_in_it_do_not_step(show: Any) -> None:
    page = open_what_if(show, (1.0, 2.0))
    at = step(page)
    page.get_by_label("x, a slider").focus()
    page.keyboard.press("ArrowRight")
    assert page.get_by_label("x, a number").input_value() == "1.01"
    assert step(page) == at


def test_a_text_that_is_not_a_finite_number_changes_nothing_and_is_reported(show: Any) -> None:
    page = open_what_if(show, (1.0, 2.0))
    before = page.inner_text(".prediction")
    field = page.get_by_label("x, a number")
    field.fill("")
    assert page.inner_text(".prediction") == before
    assert field.get_attribute("aria-invalid") == "true"
    assert "not a finite number: still 1" in page.inner_text(".rows")
    set_number(page, "y", 3.0)
    truth = explain_net((1.0, 3.0))
    assert on_card(page, "out")[0] == number_text(truth.record.value), "the empty field counts as the number before"


def test_the_actual_change_leads_to_the_number_on_the_card(show: Any) -> None:
    x = Value(0.0, label="x")
    page: Page = show(explain(1.0 / (x * x)).to_html())
    page.click("[data-panel=whatIf]")
    set_number(page, "x", 2.0)
    assert "out = 0.25" in page.inner_text(".prediction .actual")
    assert "Off by" not in page.inner_text(".prediction")


def test_a_partial_sum_is_never_written_as_a_gradient(show: Any) -> None:
    x = Value(3.0, label="x")
    page: Page = show(explain(x * x + x).to_html())
    page.click("[data-panel=whatIf]")
    set_number(page, "x", 4.0)
    page.click("[data-panel=derivation]")
    rows = [text for text in page.locator(".derivation li").all_inner_texts() if "⋯" in text]
    assert rows
    assert all("at" in text for text in rows)


def test_paper_shows_the_first_numbers_and_gives_the_student_s_back(show: Any) -> None:
    page = open_what_if(show, (1.0, 2.0))
    set_number(page, "x", 1.5)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert on_card(page, "x")[0] == "1"
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert on_card(page, "x")[0] == "1.5"
    assert page.get_by_label("x, a number").input_value() == "1.5"


def test_a_student_s_own_operation_switches_it_off_and_says_why(show: Any) -> None:
    cube = custom_primitive("cube", lambda a: a**3, partials=(lambda y, a: 3 * a * a,))
    page: Page = show(explain(cube(Value(2.0, label="x"))).to_html())
    page.click("[data-panel=whatIf]")
    assert "What if is off here" in page.inner_text(".what-if")
    assert "'cube'" in page.inner_text(".what-if")
    assert page.locator(".what-if input").count() == 0


SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def test_paths_multiply_partials_and_sum_to_the_gradient(show: Any) -> None:
    explanation = explain_net((1.25, -0.5))
    page: Page = show(explanation.to_html())
    page.click("[data-panel=paths]")
    for name in ("v1", "y", "x"):
        page.get_by_label("Every path back to").select_option(label=name.translate(SUBSCRIPT))
        truth = explanation.paths(name)
        shown = page.locator(".paths button span:first-child").all_text_contents()
        assert sorted(shown) == sorted(" → ".join(path.nodes).translate(SUBSCRIPT) for path in truth.paths)
        products = [text.split(" ")[-1] for text in page.locator(".paths .numbers").all_text_contents()]
        assert sorted(products) == sorted(number_text(path.product) for path in truth.paths)
        assert page.inner_text(".sum").endswith(number_text(truth.gradient))
    page.locator(".paths button").first.click()
    assert page.locator("g.link.traced").count() >= 1


def test_paths_past_a_limit_are_counted(show: Any) -> None:
    y = x = Value(1.0, label="x")
    for _ in range(20):
        y = y + y * x
    page: Page = show(explain(y).to_html())
    page.click("[data-panel=paths]")
    assert page.locator(".paths li").count() == 0
    assert re.match(r"2,097,151 paths, too many to list", page.inner_text(".sum"))


def test_the_order_panel_shows_the_mistakes_of_this_graph(show: Any) -> None:
    a = Value(3.0, label="a")
    b = a * a
    page: Page = show(explain((b + a) * b * a).to_html())
    page.click("[data-panel=order]")
    words = page.inner_text("[aria-label='Why this order']")
    assert "v₁ waits for v₃ and v₂." in words
    assert "dL/da would be 351 instead of 513" in words


def test_the_update_is_stepped_and_what_if_leaves_it_out(show: Any) -> None:
    x = Value(3.0, label="x")
    explanation = explain(x * x, learning_rate=0.1, steps=2)
    page: Page = show(explanation.to_html())
    page.keyboard.press("End")
    last = step(page)
    assert page.inner_text(".heading") == "Update"
    assert on_card(page, "x") == [number_text(explanation.record.updates[-1].parameters[0].after), "–"]
    page.keyboard.press("ArrowLeft")
    assert "rate · gradient" in page.inner_text(".formulas")
    page.click("[data-panel=whatIf]")
    assert page.get_attribute("[data-autograd-stepper]", "data-phase") == "backward"
    set_number(page, "x", 4.0)
    page.keyboard.press("Tab")
    assert page.get_attribute("[data-act=last]", "aria-disabled") == "true"
    page.keyboard.press("End")
    assert step(page) < last
    assert page.get_attribute("[data-autograd-stepper]", "data-phase") == "backward"


def test_labels_are_data_in_the_panels(show: Any) -> None:
    x = Value(2.0, label=HOSTILE)
    page: Page = show(explain(x * x + x).to_html())
    for panel in ("whatIf", "paths", "order"):
        page.click(f"[data-panel={panel}]")
        assert "onerror" in page.locator(".live").inner_text()
    assert page.title() != "caught"


def test_a_long_derivation_is_built_as_far_as_it_is_scrolled(show: Any) -> None:
    y = Value(1.0, label="x")
    for _ in range(150):
        y = sin(y)
    page: Page = show(explain(y).to_html())
    page.keyboard.press("End")
    page.click("[data-panel=derivation]")
    rows = page.locator(".derivation li")
    assert rows.count() == 100
    page.locator(".derivation ol").evaluate("(list) => { list.scrollTop = 0; }")
    rows.nth(100).wait_for(state="attached")

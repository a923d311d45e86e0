"""The matrix view in Chromium: an entry lights its scalars, by pointer, keyboard and picture; steps; no script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from autograd_core import Value, custom_primitive, dot, matrix_view, sigmoid, tanh
from autograd_core.formulas.notation import number_text
from autograd_core.formulas.symbols import name_text
from autograd_core.show.matrix.matrix_view import MatrixView
from nn import MLP, Linear, Neuron, Parameter, mse_loss

pytest.importorskip("playwright.sync_api", reason="drives a browser: pip install -e '.[browser]'")
# The contrast of each number on its heat, which browsers give as color(srgb ...) with parts from 0 to 1.
ON_HEAT = """() => [...document.querySelectorAll('.live td')].map((cell) => {
    const style = getComputedStyle(cell);
    const light = (colour) => {
      const scale = colour.startsWith('color') ? 1 : 255;
      const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map((part) => part / scale)
        .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const [low, high] = [light(style.color), light(style.backgroundColor)].sort((a, b) => a - b);
    return [cell.textContent, (high + 0.05) / (low + 0.05)];
})"""
Page = Any
Show = Callable[..., Page]


def cs224n() -> MatrixView:
    """2 units of 3 inputs, and a score above them."""
    layer = Linear(3, 2, rng=0)
    layer.load_state_dict({"weight": [[0.1, -0.2, 0.3], [0.4, 0.5, -0.6]], "bias": [0.05, -0.1]})
    z = layer([Value(number, label=f"x{j}") for j, number in enumerate([1.0, 2.0, -1.0])])
    for i, unit in enumerate(z):
        unit.label = f"z{i}"
    s = dot([Parameter(1.0, label="u[0]"), Parameter(-2.0, label="u[1]")], [sigmoid(unit) for unit in z])
    s.label = "s"
    return matrix_view(s)


def keys(page: Page, selector: str) -> set[str]:
    return set(page.eval_on_selector_all(selector, "all => all.map(element => element.dataset.key)"))


def status_lines(page: Page) -> list[str]:
    lines: list[str] = page.locator(".status p").all_text_contents()
    return lines


def cell(page: Page, key: str) -> Any:
    return page.locator(f'td[data-key="{key}"]')


def press(page: Page, name: str, times: int = 1) -> None:
    for _ in range(times):
        page.get_by_role("button", name=name, exact=True).click()


def test_a_weight_lights_its_scalars(show: Show) -> None:
    page = show(cs224n().to_html())
    cell(page, "W:0:1").hover()
    path = {"W:0:1", "x:0:1", "z:0:0"}
    assert keys(page, "td.lit") == path | {"dW:0:1", "WT:0:1", "xT:0:1", "delta:0:0", "deltaT:0:0"}
    assert keys(page, "g.card.lit") == path | {"product:0:1"}
    assert page.locator("g.link.lit").count() == 3
    assert status_lines(page) == [
        "W₀₁ · x₁ = −0.2 · 2 = −0.4, one of the terms of z₀",
        "ds/dW₀₁ = δ₀ · x₁ = 0.232 · 2 = 0.464",
    ]
    page.locator("h1").hover()
    assert page.locator(".lit").count() == 0


def test_an_output_lights_its_row_and_an_input_its_column(show: Show) -> None:
    page = show(cs224n().to_html())
    cell(page, "z:1:0").hover()
    assert keys(page, "td.lit") == {"z:1:0", "b:1:0", *(f"W:1:{j}" for j in range(3)), *(f"x:0:{j}" for j in range(3))}
    assert page.locator("g.link.lit").count() == 10
    forward = status_lines(page)[0]
    assert forward.startswith("z₁ = W₁₀·x₀ + W₁₁·x₁ + W₁₂·x₂ + b₁ = 0.4 · 1 + 0.5 · 2 − 0.6 · (−1) − 0.1 = 1.9")
    cell(page, "dx:0:1").hover()
    column = {"WT:0:1", "WT:1:1", "deltaT:0:0", "deltaT:1:0"}
    assert keys(page, "td.lit") >= column | {"dx:0:1"}
    assert "dW:0:1" not in keys(page, "td.lit")
    assert status_lines(page)[1] == "ds/dx₁ = W₀₁·δ₀ + W₁₁·δ₁ = −0.2 · 0.232 + 0.5 · (−0.2264) = −0.1596"


def test_the_picture_lights_the_tables(show: Show) -> None:
    page = show(cs224n().to_html())
    page.locator('g.card[data-key="product:1:2"]').hover()
    assert "dW:1:2" in keys(page, "td.lit")
    page.locator('g.card[data-key="b:0:0"]').hover()
    assert keys(page, "td.lit") == {"b:0:0", "db:0:0", "z:0:0", "delta:0:0"}


def test_by_keyboard_and_pinned(show: Show) -> None:
    page = show(cs224n().to_html())
    cell(page, "W:0:0").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.key") == "W:1:1"
    assert "dW:1:1" in keys(page, "td.lit")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.key") == "x:0:0"
    cell(page, "x:0:0").blur()
    assert keys(page, "td.pinned") == {"W:1:1"}
    assert "dW:1:1" in keys(page, "td.lit")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert page.locator(".pinned").count() == 0
    assert page.eval_on_selector_all(
        "table", "all => all.filter(element => element.querySelectorAll('td[tabindex=\"0\"]').length === 1).length"
    ) == (page.locator("[data-autograd-matrix] .live table").count())


def test_whole_moves(show: Show) -> None:
    page = show(cs224n().to_html())
    press(page, "From the start")
    assert cell(page, "z:0:0").text_content() == "·"
    press(page, "Next")
    assert cell(page, "z:0:0").text_content() == "−0.55"
    assert cell(page, "delta:0:0").text_content() == "·"
    cell(page, "W:0:1").hover()
    assert len(status_lines(page)) == 1, "the gradient is still to come"
    press(page, "Next", 2)
    assert cell(page, "dW:0:1").text_content() == "+0.464"
    assert keys(page, "td.lit") >= {"dW:0:0", "delta:1:0", "xT:0:2"}
    press(page, "Next", 2)
    assert page.locator("td.to-come").count() == 0
    assert status_lines(page) == ["ds/dx = Wᵀ δ: an input adds up the contributions of the units, down a column of W."]
    assert page.get_by_role("button", name="Next", exact=True).get_attribute("aria-disabled") is not None


def test_keys_step_where_nothing_has_the_focus(show: Show) -> None:
    page = show(cs224n().to_html())
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert page.locator(".count").text_content() == "3 / 5"
    page.keyboard.press("ArrowRight")
    assert page.locator(".count").text_content() == "4 / 5"


def test_highlighted_entries_scroll_into_view(show: Show) -> None:
    page = show(cs224n().to_html(), viewport={"width": 380, "height": 700})
    cell(page, "b:1:0").focus()
    in_view = """() => {
      const place = (element) => document.querySelector(element).getBoundingClientRect();
      const [card, pane] = [place('g.card.chosen'), place('.picture')];
      return card.left >= pane.left && card.right <= pane.right && card.bottom <= pane.bottom;
    }"""
    assert page.evaluate(in_view)


def test_scalar_by_scalar_is_the_engines_order(show: Show) -> None:
    view = cs224n()
    layer = view.layers[0]
    page = show(view.to_html())
    press(page, "Scalar by scalar")
    moves = [*layer.forward, *layer.backward]
    assert page.locator(".count").text_content() == f"0 / {len(moves)}"
    arrived = [0.0] * 3
    for kind, i, j in moves:
        press(page, "Next")
        (line,) = status_lines(page)
        shows = {"b": "db", "W": "dW", "x": "dx"}.get(kind, kind)
        if kind == "product":
            number = layer.product[i][j]
            assert page.locator(f'g.card[data-key="product:{i}:{j}"] text', has_text=number_text(number)).count() == 1
            continue
        if kind == "x":
            carried = layer.contributions[i][j]
            assert carried is not None
            arrived[j] += carried
            assert line.startswith(f"to {name_text(f'x{j}')}: {name_text(f'W[{i}][{j}]')} · δ{'₀₁₂₃₄₅₆₇₈₉'[i]} = ")
        number = {"z": layer.z[i].value, "delta": layer.delta[i], "b": layer.delta[i], "W": layer.W[i][j].share}.get(
            kind, arrived[j]
        )
        at = f"{shows}:0:{j}" if shows == "dx" else f"{shows}:{i}:{j}" if shows == "dW" else f"{shows}:{i}:0"
        assert cell(page, at).text_content() == f"{number:+.4g}".replace("-", "−")
    assert page.locator("td.to-come").count() == 0
    assert [entry.share for entry in layer.x] == arrived


def test_another_layer_and_a_share(show: Show) -> None:
    layer, x = Linear(2, 2, rng=0), [Value(1.0, label="x0"), Value(2.0, label="x1")]
    z = layer(x)
    model = MLP(2, 2, 1, rng=0, activation="tanh")
    loss = mse_loss([model([z[0], z[1]])[0], model([x[0], z[1]])[0]], [0.0, 1.0])
    loss.label = "loss"
    page = show(matrix_view(loss).to_html())
    cell(page, "dx:0:0").hover()
    assert "That is this layer's share: dL/dx₀ = " in status_lines(page)[1]
    assert " from elsewhere (2 other edges) " in status_lines(page)[1]
    press(page, "layer 2 1 × 2")
    assert page.get_by_label("Use", exact=True).input_value() == "1"
    page.get_by_label("Use", exact=True).select_option("2")
    assert "used 2 times" in page.locator(".live .side").text_content()
    cell(page, "dW:0:1").hover()
    assert "That is this layer's share: dL/dW⁽²⁾₀₁ = " in status_lines(page)[1]


def test_in_both_themes_it_can_be_read(show: Show, contrast: Any) -> None:
    for scheme in ("light", "dark"):
        page = show(cs224n().to_html(), color_scheme=scheme)
        for part in (".tabs", ".controls", "h2", "h3", "figcaption", ".hint", ".status", "th"):
            for text in contrast(page, f"[data-autograd-matrix] {part}"):
                assert text["size"] >= 12, text
                assert text["ratio"] >= 4.5, text
        for text, ratio in page.evaluate(ON_HEAT):
            assert ratio >= 4.5, (scheme, text, ratio)


def test_on_a_phone_nothing_but_tables_and_picture_scrolls_sideways(show: Show) -> None:
    page = show(
        matrix_view(mse_loss(MLP(3, 9, 2, rng=0)([Value(1.0)] * 3), [0.0, 1.0])).to_html(),
        viewport={"width": 375, "height": 700},
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    press(page, "Projector")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


WALK = """() => {
    const view = document.querySelector("[data-autograd-matrix]").autogradView;
    const inside = (element, pane) => {
        const [a, b] = [element.getBoundingClientRect(), pane.getBoundingClientRect()];
        return a.left >= b.left - 1 && a.top >= b.top - 1 && a.right <= b.right + 1 && a.bottom <= b.bottom + 1;
    };
    const whole = inside(view.camera.svg, view.pane);
    const places = new Set();
    const outside = [];
    view.choose(true);
    for (let number = 0; number < view.moves.length; number++) {
        view.show(number);
        const lit = [...view.pane.querySelectorAll("g.card.lit")];
        if (!lit.every((card) => inside(card, view.pane))) outside.push(number);
        const boxes = [view.frame, view.equations, view.status].map((part) => part.getBoundingClientRect());
        places.add(JSON.stringify(boxes.map(({ x, y, width, height }) => [x, y, width, height].map(Math.round))));
    }
    return [whole, outside, places.size, document.documentElement.scrollHeight <= window.innerHeight];
}"""


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080), (390, 844)])
def test_the_whole_picture_is_in_view_and_then_the_scalars_of_each_move(show: Show, width: int, height: int) -> None:
    page = show(cs224n().to_html(), viewport={"width": width, "height": height})
    assert page.evaluate(WALK) == [True, [], 1, True]


def test_a_batch_has_a_choice_of_its_rows_and_no_button_for_each(show: Show) -> None:
    model = MLP(2, 2, 1, rng=0)
    rows = [[Value(float(row)), Value(1.0)] for row in range(6)]
    page = show(matrix_view(mse_loss([model(row)[0] for row in rows], [0.0] * 6)).to_html())
    assert page.locator(".tabs button").all_text_contents() == ["layer 1 2 × 2", "layer 2 1 × 2"]
    page.get_by_label("Use", exact=True).select_option("4")
    assert cell(page, "x:0:0").text_content() == "+3"
    press(page, "layer 2 1 × 2")
    assert page.get_by_label("Use", exact=True).input_value() == "4"


def test_a_large_layer_says_what_is_left_out(show: Show) -> None:
    page = show(
        matrix_view(
            mse_loss(MLP(40, 20, 1, rng=0)([Value(float(j), label=f"x[{j}]") for j in range(40)]), [0.0])
        ).to_html()
    )
    assert "736 of 800 weights are left out" in page.locator(".live .side").text_content()
    assert page.locator("svg.overview").count() == 2
    cell(page, "z:0:0").hover()
    assert "32 more" in status_lines(page)[0]
    assert "Of this layer it shows the first 4 of 20 units and" in page.locator(".foot .hint").text_content()
    cell(page, "W:6:7").hover()
    assert status_lines(page)[-1] == "These scalars are beyond the part of the layer that the picture shows."


def test_without_a_script_the_picture_and_the_tables_stand(show: Show) -> None:
    page = show(cs224n().to_html(), java_script_enabled=False)
    assert page.locator("[data-fallback] img").first.is_visible()
    assert page.locator("caption", has_text="ds/dW = δ xᵀ").is_visible()
    assert page.locator(".live").count() == 0


def test_without_gradients_only_the_forward_moves(show: Show) -> None:
    rounded = custom_primitive("rounded", lambda a: float(round(a)))
    page = show(matrix_view(rounded(Neuron(2, rng=0)([Value(1.0), Value(2.0)]))).to_html())
    assert page.locator("section.backward").count() == 0
    assert page.locator(".count").text_content() == "1 / 1"
    press(page, "Scalar by scalar")
    press(page, "Next", 3)
    assert page.locator("td.to-come").count() == 0
    cell(page, "W:0:0").hover()
    assert len(status_lines(page)) == 1


def test_hostile_labels_stay_text(show: Show) -> None:
    evil = "<img src=x onerror=alert(1)>"
    x = [Value(1.0, label=evil), Value(float("inf"), label="${1}")]
    loss = tanh(dot([Parameter(1.0, label=evil), Parameter(0.0, label="__proto__")], x) + Parameter(1.0, label=evil))
    loss.label = evil
    page = show(matrix_view(loss).to_html())
    cell(page, "W:0:0").hover()
    assert evil in status_lines(page)[0]
    assert page.locator("img[src=x]").count() == 0
    assert cell(page, "x:0:1").text_content() == "+∞"

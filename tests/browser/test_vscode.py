"""Outputs in a page that does what the notebook webview of VS Code does, as far as that can be known without it.

Its renderer of text/html sets innerHTML, appends that element, and then runs a copy of each script at the end of it,
which it takes away again; the theme is a class of the body, and colours in variables.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import nn
from autograd_core import Value, draw, explain, matrix_view, quiz
from tests.support.ten_graphs import TEN_GRAPHS

BACKGROUNDS = {
    "vscode-light": "#ffffff",
    "vscode-dark": "#1f1f1f",
    "vscode-high-contrast": "#000000",
    "vscode-high-contrast-light vscode-high-contrast": "#ffffff",
}
# The policy that the setting notebook.experimental.enableCsp turns on.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src https: http: data:; font-src https:; connect-src https:; child-src https: data:"
)
RENDER = """(html) => {
  const output = document.querySelector(".output");
  while (output.firstChild) output.firstChild.remove();
  const element = document.createElement("div");
  element.innerHTML = html;
  output.appendChild(element);
  for (const script of [...element.getElementsByTagName("script")]) {
    const copy = document.createElement("script");
    copy.text = script.innerText;
    for (const name of ["type", "src", "nonce", "noModule", "async"]) {
      const value = script[name] || script.getAttribute(name);
      if (value) copy.setAttribute(name, value);
    }
    element.appendChild(copy).remove();
  }
}"""


def output_of(shown: Any) -> str:
    """What VS Code takes of an output: HTML before a picture."""
    bundle = shown._repr_mimebundle_()
    return bundle.get("text/html") or bundle["image/svg+xml"]


def webview(theme: str, policy: str = "") -> str:
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">' if policy else ""
    background = BACKGROUNDS[theme]
    colour = "#cccccc" if "dark" in theme or theme == "vscode-high-contrast" else "#3b3b3b"
    return (
        f'<!DOCTYPE html><html lang="en" style="--vscode-editor-background:{background};--vscode-foreground:{colour}">'
        f"<head><meta charset=utf-8>{meta}<style>body{{background:{background};color:{colour};font:13px sans-serif}}"
        ".output{box-sizing:border-box;padding:8px}</style></head>"
        f'<body class="{theme}"><div id="container"><div class="cell_container"><div class="output_container">'
        '<div class="output"></div></div></div></div></body></html>'
    )


def in_cell(page: Any, html: str) -> None:
    """Run a cell with this output, for the first time or again."""
    page.evaluate(RENDER, html)


def small_net() -> Value:
    model = nn.MLP(2, 3, 1, rng=0)
    return nn.mse_loss(model([1.0, -2.0]), [0.5])


OUTPUTS: dict[str, tuple[Callable[[], Any], str]] = {
    "step-through": (lambda: explain(TEN_GRAPHS["unit"]()), "[data-autograd-stepper] .live"),
    "picture": (lambda: draw(TEN_GRAPHS["unit"]()), "svg"),
    "folded picture": (lambda: draw(small_net(), depth=1), "svg"),
    "matrices": (lambda: matrix_view(small_net()), "[data-autograd-matrix]"),
    "exercise": (lambda: quiz(TEN_GRAPHS["unit"]()), "[data-autograd-quiz] input"),
}


@pytest.mark.parametrize(
    ("name", "theme"),
    [
        *((name, theme) for name in OUTPUTS for theme in ("vscode-light", "vscode-dark")),
        *(("picture", theme) for theme in BACKGROUNDS if "high-contrast" in theme),
    ],
)
def test_an_output_shows_and_is_legible_in_every_theme(show: Any, contrast: Any, name: str, theme: str) -> None:
    make, part = OUTPUTS[name]
    system = "light" if "dark" in theme or theme == "vscode-high-contrast" else "dark"  # the other one
    page = show(webview(theme), viewport={"width": 960, "height": 600}, color_scheme=system)
    in_cell(page, output_of(make()))
    assert page.locator(f".output {part}").first.bounding_box()["height"] > 10
    low = [text for text in contrast(page, ".output") if text["ratio"] < 4.5]
    assert low == []
    ink = page.evaluate("getComputedStyle(document.querySelector('.output svg text')).fill")
    is_light = sum(map(int, ink.removeprefix("rgb(").removesuffix(")").split(","))) > 3 * 128
    assert is_light == (system == "light"), f"letters {ink} on {BACKGROUNDS[theme]}"


def test_a_step_through_steps_follows_the_theme_and_is_run_again(show: Any) -> None:
    page = show(webview("vscode-light"), viewport={"width": 960, "height": 600})
    html = output_of(explain(TEN_GRAPHS["unit"]()))
    in_cell(page, html)
    slider, following = page.get_by_role("slider"), page.get_by_role("button", name="Next", exact=True)
    following.click()
    page.keyboard.press("ArrowRight")
    assert slider.input_value() == "2"
    background = "getComputedStyle(document.querySelector('[data-autograd-stepper]')).getPropertyValue('--ink')"
    light = page.evaluate(background)
    page.evaluate("document.body.className = 'vscode-dark'")
    assert page.evaluate(background) != light
    following.click()
    assert slider.input_value() == "3"
    in_cell(page, html)
    assert slider.input_value() == "0"
    following.click()
    assert slider.input_value() == "1"


def test_an_exercise_is_answered(show: Any) -> None:
    page = show(webview("vscode-dark"), viewport={"width": 960, "height": 600})
    in_cell(page, output_of(quiz(TEN_GRAPHS["unit"]())))
    page.locator("[data-autograd-quiz] input").first.fill("12345")
    page.get_by_role("button", name="Check").first.click()
    page.locator("[data-autograd-quiz]").get_by_text("Not right").first.wait_for()


def test_under_the_strict_policy_everything_but_the_font_of_formulas_is_there(browser: Any, tmp_path: Any) -> None:
    target = tmp_path / "page.html"
    target.write_text(webview("vscode-dark", POLICY), encoding="utf-8")
    context = browser.new_context(offline=True)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda problem: complaints.append(str(problem)))
    page.goto(target.as_uri())
    in_cell(page, output_of(explain(TEN_GRAPHS["unit"]())))
    page.get_by_role("button", name="Next", exact=True).click()
    assert page.get_by_role("slider").input_value() == "1"
    assert [text for text in complaints if "font-src" not in text] == []
    context.close()

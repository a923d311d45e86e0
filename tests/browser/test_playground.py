"""The page that runs the engine without an installation: Python starts in it, from disk, with the network cut off."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from autograd_core import Value, explain, log, sin
from notebooks.playground import __main__ as playground

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.skipif(shutil.which("npm") is None, reason="Pyodide comes by npm: apt-get install npm")


@pytest.fixture(scope="module")
def page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The page, once Python runs in it; at the end nothing may have been logged, thrown or asked of the network."""
    folder = tmp_path_factory.mktemp("playground")
    playground.main(["--to", str(folder)])
    complaints: list[str] = []
    context = browser.new_context(offline=True, reduced_motion="reduce")
    opened = context.new_page()
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda problem: complaints.append(str(problem)))
    opened.on(
        "request", lambda asked: asked.url.startswith(("file:", "data:", "blob:")) or complaints.append(asked.url)
    )
    opened.goto((folder / "index.html").as_uri(), timeout=120_000)
    opened.get_by_text("Ready: Python").wait_for(timeout=120_000)
    yield opened
    context.close()
    assert complaints == []


def ask(page: Page, expression: str, numbers: str) -> None:
    page.fill("#expression", expression)
    page.fill("#numbers", numbers)
    page.click("#ask button")


def test_the_first_expression_is_there_while_python_starts(page: Page) -> None:
    other = page.context.new_page()
    other.route("**/files.js", lambda route: route.abort())
    other.goto(page.url)
    inside = other.frame_locator("#view iframe")
    inside.get_by_role("button", name="Next").click()
    assert inside.locator(".count").inner_text().startswith("2 /")
    expression, numbers = playground.FIRST
    assert [other.input_value(name) for name in ("#expression", "#numbers")] == [expression, " ".join(numbers)]
    other.close()


def test_an_expression_is_stepped_through(page: Page) -> None:
    ask(page, "sigmoid(w*x + b)", "w=-0.5 x=2 b=0.25")
    page.click("#tab-page")
    inside = page.frame_locator("#view iframe")
    inside.get_by_role("heading", level=1).wait_for()
    before = inside.locator(".live").inner_text()
    inside.get_by_role("button", name="Last").click()
    inside.locator(".live").filter(has_not_text=before).wait_for()
    assert "0.4358" in inside.locator(".live").inner_text()


def test_its_output_equals_that_of_python(page: Page) -> None:
    ask(page, "ln(x1) + x1*x2 - sin(x2)", "x1=2, x2=5")
    page.click("#tab-text")
    x1, x2 = Value(2.0, "x1"), Value(5.0, "x2")
    expected = explain(log(x1) + x1 * x2 - sin(x2))
    assert page.locator("#view pre").text_content() == expected.to_text()
    page.click("#tab-latex")
    assert page.locator("#view pre").text_content() == expected.to_latex()


def test_it_is_drawn(page: Page) -> None:
    ask(page, "tanh(a)*a", "a=0.5")
    page.click("#tab-picture")
    drawn = page.locator("#view img")
    drawn.wait_for()
    assert drawn.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 100
    assert page.locator("#view a").get_attribute("download") == "graph.svg"


def test_an_error_is_shown_as_text_and_the_page_continues(page: Page) -> None:
    ask(page, "x1 + x3", "x1=2")
    assert "x3=NUMBER" in page.locator("#problem").inner_text()
    assert page.locator("#result").is_hidden()
    ask(page, "x1 + x3", "x1=2 x3=1")
    assert page.locator("#problem").inner_text() == ""
    assert page.locator("#result").is_visible()


def test_the_notebook_runs_and_can_be_changed(page: Page) -> None:
    page.click("#run-all")
    cells = page.locator("#cells .cell")
    assert cells.count() == sum(kind == "code" for kind, _ in playground.cells())
    assert page.locator("#cells .problem").count() == 0
    assert "dL/dp = 3: wrong" in page.locator("#cells").inner_text()
    last = cells.last
    last.locator("textarea").fill("p = Value(3.0)\nprint('once')\n(p * p).data / 0")
    last.get_by_role("button", name="Run").click()
    assert last.locator(".output").inner_text().startswith("once")
    assert "ZeroDivisionError" in last.locator(".problem").inner_text()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_rule_of_accessibility_is_broken(page: Page, broken_rules: Callable[..., list[str]], theme: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    ask(page, "sigmoid(w*x + b)", "w=-0.5 x=2 b=0.25")
    page.click("#tab-page")
    page.frame_locator("#view iframe").get_by_role("heading", level=1).wait_for()
    assert broken_rules(page) == []
    ask(page, "x1 + x3", "x1=2")
    page.click("#run-all")
    assert broken_rules(page) == []


def test_its_cells_are_those_of_the_notebook() -> None:
    notebook = json.loads(playground.NOTEBOOK.read_text(encoding="utf-8"))
    assert [source for _, source in playground.cells()] == ["".join(cell["source"]) for cell in notebook["cells"]]


def test_the_archive_contains_the_whole_engine(tmp_path: Path) -> None:
    archive = tmp_path / "engine.zip"
    archive.write_bytes(playground.pack_engine())
    shutil.unpack_archive(archive, tmp_path / "unpacked")
    package = tmp_path / "unpacked" / "autograd_core"
    assert {file.name for file in package.glob("show/stepper/*")} >= {"stepper.js", "stepper.css", "explain.py"}
    assert playground.pack_engine() == archive.read_bytes()

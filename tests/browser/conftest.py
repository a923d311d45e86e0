"""A real browser, with the network cut off, for pages opened from disk."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-sync",
]
CONTRAST = """(selector) => {
  const light = (colour) => {
    const most = colour.startsWith("color(") ? 1 : 255; // a mixed colour has parts up to 1
    const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map((part) => part / most)
      .map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const clear = (colour) => /rgba\\(.*, 0\\)|transparent/.test(colour);
  const found = [];
  for (const element of document.querySelectorAll(`${selector} *:not(svg *, script, style)`)) {
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
    if (!element.offsetParent && element.namespaceURI.endsWith("xhtml")) continue;
    let under = element;
    while (under && clear(getComputedStyle(under).backgroundColor)) under = under.parentElement;
    const style = getComputedStyle(element);
    const [a, b] = [style.color, getComputedStyle(under).backgroundColor].map(light).sort();
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    found.push({ text: element.textContent, ratio, size: parseFloat(style.fontSize) });
  }
  return found;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="drives a browser: pip install -e '.[browser]'")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs chromium: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        open_page = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield open_page
        open_page.close()


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Opens a page from disk; at the end nothing may have been logged, thrown or asked of the network."""
    complaints: list[str] = []
    contexts = []

    def open_page(document: str, **options: Any) -> Page:
        target = tmp_path / f"page{len(contexts)}.html"
        target.write_text(document, encoding="utf-8")
        context = browser.new_context(offline=True, reduced_motion="reduce", **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda problem: complaints.append(str(problem)))
        page.on("request", lambda asked: asked.url.startswith(("file:", "data:")) or complaints.append(asked.url))
        page.route(re.compile("^http"), lambda route: route.abort())
        page.goto(target.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def contrast() -> Callable[[Page, str], list[dict[str, Any]]]:
    """The texts inside a selector (pictures aside), each with its contrast ratio and its size in pixels."""

    def measure(page: Page, selector: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = page.evaluate(CONTRAST, selector)
        return found

    return measure


# All of WCAG 2.2 A and AA and best practice, with two rules that axe-core does not run by itself.
BROKEN_RULES = """(inside) => axe.run(inside, {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  rules: { "label-content-name-mismatch": { enabled: true }, "target-size": { enabled: true } },
  resultTypes: ["violations"],
  iframes: false, preload: false,
}).then(({ violations }) => violations.map(({ id, nodes }) => {
  const [first] = nodes;
  const why = [...first.any, ...first.all, ...first.none].map(({ message }) => message)[0];
  return `${id}: ${nodes.length}, the first ${first.target.join(" ")}: ${why}`;
}))"""


@pytest.fixture(scope="session")
def broken_rules() -> Callable[..., list[str]]:
    """The rules of axe-core that the part of a page inside a selector breaks: rule, how often, the first place, why."""
    pytest.importorskip("axe_playwright_python", reason="brings axe-core: pip install -e '.[browser]'")
    axe = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")

    def check(page: Page, inside: str = "html") -> list[str]:
        found: list[str] = []
        for frame in page.frames:  # pages from disk may not talk to one another, as axe-core would let them
            frame.evaluate(axe)
            found += frame.evaluate(BROKEN_RULES, inside)
        return found

    return check

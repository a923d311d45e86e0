"""How fast the playground is: `python -m tests.benchmarks.playground`.

Its size, the time until Chromium shows it, the time from a change of data, layers or activation until the changed page
is drawn, and steps a second: while it is shown, and alone. The best of several times is shown, for windows of three
sizes. `--pictures FOLDER` writes pictures of it, and of a training that goes on in a page. Needs the `browser` extra
and Pillow.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd_core.show.playground.page import playground_page
from nn import MLP, Recording, binary_cross_entropy_with_logits, fit, record
from nn.data import two_moons

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SIZES = {"1366 x 768": (1366, 768), "1920 x 1080": (1920, 1080), "390 x 844": (390, 844)}
VIEW = "document.querySelector('[data-autograd-playground]').autogradView"
CHANGES = {
    "another data set": "{ data: 'spirals' }",
    "other layers": "{ layers: [8, 8, 8].map(units => ({ units, activation: 'tanh' })) }",
    "another activation": "{ layers: [8, 8, 8].map(units => ({ units, activation: 'gelu' })) }",
    "more features": "{ features: ['x1', 'x2', 'x1**2', 'x2**2', 'x1 * x2'] }",
}
# From a change until the frame behind it: the first of two frames draws it.
DRAWN = """(change) => new Promise((done) => {{
  const start = performance.now();
  {view}.change({change});
  requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
}})"""
ALONE = f"""() => {{
  const start = performance.now();
  let steps = 0;
  while (performance.now() < start + 1000) steps += {VIEW}.trainer.advance(100);
  return steps;
}}"""
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def open_page(browser: Browser, path: Path, size: tuple[int, int], theme: Any = "light", state: str = "") -> Page:
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme, offline=True)
    page = context.new_page()
    page.goto(path.as_uri() + state)
    page.locator(".unit").first.wait_for()
    return page


def first_frame(browser: Browser, path: Path, size: tuple[int, int]) -> float:
    """Milliseconds from the start of the navigation until something is painted."""
    page = open_page(browser, path, size)
    page.wait_for_timeout(300)
    milliseconds: float = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    page.context.close()
    return milliseconds


def change_time(browser: Browser, path: Path, size: tuple[int, int], change: str) -> float:
    """Milliseconds from a change until it is drawn."""
    page = open_page(browser, path, size)
    page.wait_for_timeout(200)
    milliseconds: float = page.evaluate(DRAWN.format(view=VIEW, change=change))
    page.context.close()
    return milliseconds


def steps_shown(browser: Browser, path: Path, size: tuple[int, int]) -> float:
    """Steps a second at full speed, with everything shown."""
    page = open_page(browser, path, size)
    page.get_by_label("Speed").select_option("fast")
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(2000)
    steps: float = page.evaluate(f"{VIEW}.loop.pace")
    page.context.close()
    return steps


def steps_alone(browser: Browser, path: Path, size: tuple[int, int]) -> float:
    """Steps in a second without showing any."""
    page = open_page(browser, path, size)
    steps: float = page.evaluate(ALONE)
    page.context.close()
    return steps


def measure(browser: Browser, path: Path, times: int) -> None:
    print(f"\n{path.stat().st_size / 1000:,.0f} kB\n")
    print(f"{'':24}" + "".join(f"{name:>14}" for name in SIZES))

    def line(title: str, unit: str, call: Callable[..., float], *rest: str, best: Callable[..., float] = min) -> None:
        numbers = [best(call(browser, path, size, *rest) for _ in range(times)) for size in SIZES.values()]
        print(f"{title:24}" + "".join(f"{number:>11,.0f} {unit:2}" for number in numbers), flush=True)

    line("first frame", "ms", first_frame)
    for name, change in CHANGES.items():
        line(name, "ms", change_time, change)
    line("steps a second, shown", "", steps_shown, best=max)
    line("steps a second, alone", "", steps_alone, best=max)


def take_pictures(browser: Browser, path: Path, folder: Path) -> None:
    """A trained network with the chain rule of a weight; on a large screen also with the landscape, in the dark."""
    state = "#data=circles&net=4tanh-3tanh&rate=0.3&step=1500&pick=w.2.1.2&row=6"
    pictures = (("playground", (1366, 768), "light"), ("playground_wide", (1920, 1080), "dark"))
    for name, size, theme in (*pictures, ("playground_phone", (390, 844), "light")):
        page = open_page(browser, path, size, theme, state)
        page.wait_for_timeout(3000)
        take(page, folder / f"{name}.png")
    live = path.with_name("live.html")
    recorded().to_html(live, live=True)
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.goto(live.as_uri() + "#step=400&row=17")
    page.locator("[data-weight='1,2,1']").dispatch_event("click")
    page.evaluate("scrollTo(0, 0)")  # from the slider of the weight back to the network
    page.wait_for_timeout(2000)
    take(page, folder / "program.png")


def recorded() -> Recording:
    """A short training of a small network."""
    X, y = two_moons(100, noise=0.15, seed=0)
    model, recording = MLP(2, 6, 1, activation="tanh", rng=0), record()
    fit(model, X, y, loss=binary_cross_entropy_with_logits, epochs=30, seed=0, callbacks=recording, progress=False)
    return recording


def take(page: Page, path: Path) -> None:
    """A picture of the window with 128 colours; the window is closed."""
    from PIL import Image

    page.screenshot(path=path)
    page.close()
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(128).save(path, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=3, help="of which the best is shown")
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="write pictures instead")
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder) / "playground.html"
        path.write_text(playground_page(), encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        if options.pictures:
            take_pictures(browser, path, options.pictures)
        else:
            measure(browser, path, options.times)
        browser.close()


if __name__ == "__main__":
    main()

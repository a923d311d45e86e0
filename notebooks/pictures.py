"""The pictures of the README: `python -m notebooks.pictures` makes them again, with the film, in `.github/pictures`.

Pages are photographed in Chromium (the extra `browser`). Two are made by their own commands: the growth of time and
memory by `python -m tests.benchmarks.growth --plot`, the architecture by `python -m tests.support.architecture`.
"""

from __future__ import annotations

import argparse
import io
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import nn
from autograd_core import Value, draw, explain, matrix_view, mean, quiz, sigmoid, tanh
from autograd_core.atomic_write import write_whole
from nn.data import two_moons

FOLDER = Path(__file__).parents[1] / ".github" / "pictures"
_WIDTH, _HEIGHT = 1366, 768  # of the screen
_SHARPNESS = 1.25  # pixels of the picture for one of the page
_BORDER = 16
_COLOURS = 128


def unit() -> Value:
    """sigmoid(w x + b), the example of the README."""
    x, w, b = Value(2.0, label="x"), Value(-0.5, label="w"), Value(0.25, label="b")
    y = sigmoid(w * x + b)
    y.label = "y"
    return y


def step_through() -> bytes:
    """The film of the step-through."""
    return explain(unit()).to_gif()


def page(photograph: Photograph) -> bytes:
    """The step-through on its way back."""

    def to_a_step_back(page: Any) -> None:
        page.locator("input[type=range]").first.fill("9")

    return photograph(explain(unit()).to_html(), to_a_step_back, height=600)


def folded(photograph: Photograph) -> bytes:
    """The layers of a net as boxes."""
    model = nn.MLP(2, 16, 16, 1, rng=0)
    loss = nn.mse_loss(model([0.5, -1.0]), [1.0])
    return photograph(draw(loss, depth=2).to_html())  # type: ignore[attr-defined]


def matrices(photograph: Photograph) -> bytes:
    """A layer as scalars and as matrices."""
    layer = nn.Linear(3, 2, rng=0)
    return photograph(matrix_view(mean([tanh(z) for z in layer([1.0, 2.0, -1.0])])).to_html(), height=1080)


def training(photograph: Photograph) -> bytes:
    """The last epoch of a training."""
    X, y = two_moons(100, noise=0.1, seed=0)
    recording = nn.record(follow=0)
    loss = nn.binary_cross_entropy_with_logits
    nn.fit(nn.MLP(2, 16, 16, 1, rng=0), X, y, loss=loss, epochs=60, seed=0, callbacks=recording, progress=False)
    return photograph(recording.to_html())


def exercise(photograph: Photograph) -> bytes:
    """An exercise with a wrong answer."""

    def answer(page: Any) -> None:
        page.locator("[data-autograd-quiz] input").first.fill("0.2179")
        page.get_by_role("button", name="Check all").click()
        page.get_by_text("What went wrong?").first.click()

    return photograph(quiz(unit(), ask=["w", "x", "b"]).to_html(), answer)


def portrait() -> bytes:
    """The graph, the curve and the slope of GELU."""
    content = io.BytesIO()
    nn.portrait("gelu").figure().savefig(content, format="png")
    return _with_few_colours(content.getvalue())


FILMS: dict[str, Callable[[], bytes]] = {"step_through.gif": step_through, "portrait.png": portrait}
PAGES: dict[str, Callable[[Photograph], bytes]] = {
    "page.png": page,
    "folded.png": folded,
    "matrices.png": matrices,
    "training.png": training,
    "exercise.png": exercise,
}


class Photograph:
    """Called with a page, and with what is to be done on it, it returns its first screen as PNG, without blank rows."""

    def __init__(self, browser: Any, folder: Path) -> None:
        self.browser = browser
        self.file = folder / "page.html"

    def __call__(self, html: str, act: Callable[[Any], None] = lambda page: None, height: int = _HEIGHT) -> bytes:
        self.file.write_text(html, encoding="utf-8")
        page = self.browser.new_page(
            viewport={"width": _WIDTH, "height": height},
            device_scale_factor=_SHARPNESS,
            color_scheme="light",
            reduced_motion="reduce",
        )
        page.goto(self.file.as_uri())
        page.wait_for_selector("[data-started]")
        act(page)
        page.evaluate("document.activeElement.blur()")
        page.wait_for_timeout(300)  # until the page is at rest
        return _with_few_colours(page.screenshot())


def _with_few_colours(png: bytes) -> bytes:
    from PIL import Image, ImageChops

    content = io.BytesIO()
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    drawn = ImageChops.difference(picture, Image.new("RGB", picture.size, "white")).getbbox()
    if drawn:
        picture = picture.crop((0, 0, picture.width, min(drawn[3] + _BORDER, picture.height)))
    picture.quantize(_COLOURS, dither=Image.Dither.NONE).save(content, "png", optimize=True)
    return content.getvalue()


def make(names: Sequence[str], to: Path) -> None:
    """Write these pictures to a folder. Those of pages need Chromium."""
    for name in names:
        if name in FILMS:
            write_whole(to / name, FILMS[name]())
    if pages := [name for name in names if name in PAGES]:
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            for name in pages:
                write_whole(to / name, PAGES[name](Photograph(browser, Path(folder))))
            browser.close()


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m notebooks.pictures", description="Make the README's pictures.")
    every = [*FILMS, *PAGES]
    parser.add_argument("names", nargs="*", metavar="PICTURE", help=f"by default all: {', '.join(every)}")
    parser.add_argument("--to", type=Path, default=FOLDER, help="by default .github/pictures")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.names if name not in every]:
        parser.error(f"there is no picture {unknown[0]!r}; choose from {', '.join(every)}")
    make(options.names or every, options.to)
    for name in options.names or every:
        print(f"wrote {options.to / name}, {(options.to / name).stat().st_size / 1000:,.0f} kB")


if __name__ == "__main__":
    sys.exit(main())

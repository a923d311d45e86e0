"""Every kind of page on A4 and Letter: nothing reaches over the paper, and the picture is whole."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest

from autograd_core import Value, draw, explain, matrix_view, quiz, sigmoid
from nn import MLP, binary_cross_entropy_with_logits, fit, mse_loss, record
from nn.data.datasets import two_moons

pdfium = pytest.importorskip("pypdfium2", reason="pypdfium2, which reads a PDF back, is not installed")


def unit() -> Value:
    x, w, b = Value(2.0, label="x"), Value(-0.5, label="w"), Value(0.25, label="b")
    return sigmoid(w * x + b)


def net_loss(hidden: int = 2) -> Value:
    return mse_loss(MLP(2, hidden, 4, 1, rng=0)([1.0, 2.0]), [1.0])


def training() -> str:
    recording = record(follow=0)
    X, y = two_moons(20, noise=0.1, seed=0)
    loss = binary_cross_entropy_with_logits
    fit(MLP(2, 16, 16, 1, rng=0), X, y, loss=loss, epochs=2, seed=0, callbacks=recording, progress=False)
    return recording.to_html()


PAGES: dict[str, Callable[[], str]] = {
    "step-through": lambda: explain(unit()).to_html(),
    "step-through of a net": lambda: explain(net_loss()).to_html(),
    "folded": lambda: draw(net_loss(16), depth=2).to_html(),  # type: ignore[attr-defined]
    "matrix view": lambda: matrix_view(net_loss(8)).to_html(),
    "timeline": training,
    "exercise": lambda: quiz(net_loss()).to_html(),
}
PICTURE_TEXTS = """() => {
  const inFallback = document.querySelector("[data-autograd-stepper] [data-fallback] img");
  const picture = inFallback
    ? new DOMParser().parseFromString(decodeURIComponent(inFallback.src.split(",").slice(1).join()), "image/svg+xml")
    : document.querySelector("[data-started] :is(.picture, [data-picture]) svg");
  return [...picture.querySelectorAll("text")].map((text) => text.textContent);
}"""


def letters(text: str) -> str:
    return re.sub(r"[^0-9A-Za-z]", "", text)


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_cut_on_paper(name: str, show: Callable[..., Any]) -> None:
    page = show(PAGES[name](), viewport={"width": 1366, "height": 768})
    page.wait_for_selector("[data-started]")
    texts = page.evaluate(PICTURE_TEXTS)
    assert len(texts) > 8
    for paper in ("A4", "Letter"):
        document = pdfium.PdfDocument(io.BytesIO(page.pdf(format=paper)))
        sheets = [document[index] for index in range(len(document))]
        for sheet in sheets:
            width, _ = sheet.get_size()
            boxes = [part.get_bounds() for part in sheet.get_objects(max_depth=15)]
            assert [box for box in boxes if box[0] < -1 or box[2] > width + 1] == [], f"over the sides of {paper}"
        printed = letters(" ".join(sheet.get_textpage().get_text_bounded() for sheet in sheets))
        assert [text for text in texts if letters(text) not in printed] == [], "the whole picture is printed"


@pytest.mark.parametrize(("name", "pictures"), [("timeline", 3), ("exercise", 1), ("matrix view", 1)])
def test_all_pictures_are_on_paper_and_nothing_that_moves_them(
    name: str, pictures: int, show: Callable[..., Any]
) -> None:
    page = show(PAGES[name](), viewport={"width": 700, "height": 1000})
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    sizes = page.evaluate(
        "() => [...document.querySelectorAll('[data-started] svg:not([data-fallback] *)')]"
        ".map((svg) => svg.getBoundingClientRect()).map(({ width, height }) => [width, height])"
    )
    assert len([size for size in sizes if min(size) > 50]) == pictures
    assert page.locator(".minimap:visible, .foot button:visible").count() == 0

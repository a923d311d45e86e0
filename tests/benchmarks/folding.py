"""How large graphs fold: `python -m tests.benchmarks.folding`.

A page of 50,000 nodes: its size, the time until Chromium shows it, and the time to open its slowest box. A million
nodes, with scopes and without: the folded picture and the summary. Every graph is measured in a new process. The least
of several times is shown, for the large graphs as processor time, which depends less on other programs. The page needs
the `browser` extra and is left out without it.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import random
import shutil
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from autograd_core import Value, draw, relu, summary
from autograd_core.show.picture.picture import FoldedPicture
from nn import MLP, mse_loss

Numbers = dict[str, float]


def network(nodes: int) -> Value:
    """The mean squared error of a 2-16-16-1 net over as many rows as make up about so many nodes."""
    source = random.Random(1)
    model = MLP(2, 16, 16, 1, rng=0)
    rows = max(1, nodes // 676)
    points = [[Value(source.random(), label=f"x[{i}]") for i in range(2)] for _ in range(rows)]
    return mse_loss([model(point)[0] for point in points], [source.random() for _ in points])


def bare(nodes: int) -> Value:
    """A random graph of sums, products and gates without any scope."""
    source = random.Random(7)
    recent = [Value(source.uniform(-0.5, 0.5)) for _ in range(64)]
    total: Value = recent[0] * 1.0
    for number in range(nodes // 2):
        a, b = source.choice(recent), source.choice(recent)
        node = (a * b, a + b, relu(a))[source.randrange(3)]
        recent[number % 64] = node
        total = total + node
    return total


GRAPHS: dict[str, Callable[[int], Value]] = {"with scopes": network, "without scopes": bare}


def least(call: Callable[[], Any], times: int) -> float:
    """The least processor time of several calls, in seconds."""
    taken = []
    for _ in range(times):
        gc.collect()
        start = time.process_time()
        call()
        taken.append(time.process_time() - start)
    return min(taken)


def large(kind: str, nodes: int, times: int) -> Numbers:
    """Seconds for the folded picture and for the summary of one graph."""
    root = GRAPHS[kind](nodes)
    tree = summary(root)
    return {
        "nodes": tree.nodes,
        "picture": least(lambda: draw(root, depth=1).svg, times),
        "summary": least(lambda: summary(root), times),
    }


def page(kind: str, nodes: int, times: int) -> Numbers:
    """MB of a page, seconds until it is shown, milliseconds until its slowest box is open."""
    from playwright.sync_api import sync_playwright

    picture = draw(GRAPHS[kind](nodes), depth=1)
    assert isinstance(picture, FoldedPicture)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        target = Path(folder, "page.html")
        target.write_text(picture.to_html(), encoding="utf-8")
        flags = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        opening, boxes = [], []
        for _ in range(times):
            tab = browser.new_page()
            start = time.perf_counter()
            tab.goto(target.as_uri())
            tab.locator(".ready .card").first.wait_for()
            opening.append(time.perf_counter() - start)
            boxes.append(tab.evaluate(OPEN_BOXES))
            tab.close()
        browser.close()
        return {
            "nodes": len(picture.cut.folding.columns.order),
            "size": target.stat().st_size / 1e6,
            "shown": min(opening),
            "opened": max(map(min, zip(*boxes, strict=True))),
        }


# Opens boxes one inside the other, at each level the first, the middle and the last; the layout is forced each time.
OPEN_BOXES = """() => {
  const taken = [];
  for (let depth = 0; depth < 8; depth++) {
    const closed = [...document.querySelectorAll('.card[aria-expanded]')].map((card) => card.dataset.unit);
    for (const unit of new Set([closed[0], closed[closed.length >> 1], closed.at(-1)])) {
      const sign = document.querySelector(`.card[data-unit="${unit}"] .sign`);
      if (!sign) continue;
      const start = performance.now();
      sign.dispatchEvent(new MouseEvent('click', { bubbles: true }));
      document.querySelector('.picture').getBoundingClientRect();
      taken.push(performance.now() - start);
    }
  }
  return taken;
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=3, help="how often each is measured")
    parser.add_argument("--nodes", type=int, default=1_000_000, help="how many nodes the large graphs have")
    options = parser.parse_args()
    spawn = multiprocessing.get_context("spawn")
    for kind in GRAPHS:
        for measured, nodes in ((page, 50_000), (large, options.nodes)):
            with ProcessPoolExecutor(1, mp_context=spawn) as pool:
                try:
                    found = pool.submit(measured, kind, nodes, options.times).result()
                except ModuleNotFoundError as missing:
                    print(f"{kind}: no page measured, {missing}")
                    continue
            if measured is page:
                print(
                    f"{kind}, {found['nodes']:,.0f} nodes: page {found['size']:.2f} MB, shown in {found['shown']:.2f} "
                    f"s, the slowest box opens in {found['opened']:.0f} ms"
                )
            else:
                print(
                    f"{kind}, {found['nodes']:,.0f} nodes: picture {found['picture']:.1f} s, "
                    f"summary {found['summary']:.1f} s"
                )


if __name__ == "__main__":
    main()

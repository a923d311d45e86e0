"""The page and the widget in a real JupyterLab and Jupyter Notebook; too heavy for every test run, so run by hand:

    pip install -e ".[browser,widget,notebook]" jupyterlab notebook
    python -m tests.browser.jupyterlab_check [FOLDER FOR SCREENSHOTS]

It starts a server of its own on this machine, runs a notebook in it, steps in the page and in Python, and opens a copy
that is not trusted. It ends with an AssertionError at the first thing that is not as it should be.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.browser.conftest import FLAGS

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, Playwright

CELLS = [
    "from autograd_core import Value, explain, log, sigmoid, sin\n"
    "x, w = Value(2.0, label='x'), Value(-3.0, label='w')\nexplain(sigmoid(w * x))",
    "explain(log(x) + x * 5 - sin(x))",
    "seen = []\nwidget = explain(sigmoid(w * x)).widget()\n"
    "widget.observe(lambda change: seen.append(change.new), 'step')\nwidget",
    "other = explain(log(x) + x * 5).widget()\nother",
    "print('steps', widget.step, other.step, seen)",
    "widget.step = 5\nprint('set')",
    "import time\ntime.sleep(4)\nprint('slept')",
]
PATIENCE = 60
FRONT_ENDS = {"jupyterlab": "lab/tree/NAME?reset&token=", "notebook": "notebooks/NAME?token="}


def notebook() -> dict[str, Any]:
    cells = [
        {"cell_type": "code", "id": f"c{n}", "source": source, "metadata": {}, "outputs": [], "execution_count": None}
        for n, source in enumerate(CELLS)
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}


def until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"after {PATIENCE} s: {what}"
        time.sleep(0.1)


@contextmanager
def server(folder: Path, front_end: str) -> Iterator[str]:
    """The address of a notebook in a server that keeps its settings in `folder` and ends with the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    places = {f"JUPYTER_{name}_DIR": str(folder / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    command = [sys.executable, "-m", front_end, "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"]
    command += [f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder}"]
    # The kernel needs the path of the clone, since it runs in the folder of the notebook.
    paths = os.pathsep.join(filter(None, [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, **places, "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"), "PYTHONPATH": paths}
    log = (folder / "log.txt").open("w")
    running = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}/{FRONT_ENDS[front_end]}{token}"

    def answers() -> bool:
        assert running.poll() is None, (folder / "log.txt").read_text()
        try:
            return bool(urllib.request.urlopen(f"http://127.0.0.1:{port}/api?token={token}").status == 200)
        except urllib.error.URLError:
            return False

    try:
        until(answers, f"{front_end} does not answer")
        yield address
    finally:
        running.terminate()
        running.wait()
        log.close()


def cell(page: Page, number: int) -> Locator:
    return page.locator(".jp-Notebook .jp-Cell").nth(number)


def stepper(page: Page, number: int) -> Locator:
    """The stepper in the output of a cell, scrolled to: what is out of sight JupyterLab leaves out."""
    cell(page, number).evaluate("(element) => element.scrollIntoView()")
    return cell(page, number).locator("[data-autograd-stepper]")


def press(page: Page, number: int, name: str) -> None:
    stepper(page, number).get_by_role("button", name=name, exact=True).click()


def shows(page: Page, number: int, step: int) -> None:
    def there() -> bool:
        return stepper(page, number).get_attribute("data-step") == str(step)

    until(there, f"cell {number} does not show step {step}")


def run(page: Page, number: int) -> str:
    """Runs a cell again; what it prints."""
    cell(page, number).evaluate("(element) => element.scrollIntoView()")
    cell(page, number).locator(".jp-InputPrompt").click()
    page.keyboard.press("Control+Enter")
    idle(page)
    return cell(page, number).locator(".jp-OutputArea").inner_text().strip()


def idle(page: Page) -> None:
    time.sleep(0.5)
    until(lambda: page.locator(".jp-InputPrompt", has_text="[*]").count() == 0, "the kernel does not come to rest")
    time.sleep(0.5)


def live(page: Page, screenshots: Path) -> None:
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells").first.click()
    until(lambda: "slept" in cell(page, len(CELLS) - 1).inner_text(), "the notebook does not run")
    shows(page, 2, 5)
    shows(page, 0, 0)
    press(page, 0, "Next")
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
    shows(page, 0, 2)
    shows(page, 1, 0)
    page.screenshot(path=screenshots / "page.png")
    stepper(page, 0).locator(".picture").click(position={"x": 4, "y": 4})
    page.keyboard.press("b")  # the notebook's own key: a cell below
    until(lambda: page.locator(".jp-Notebook .jp-Cell").count() == len(CELLS) + 1, "the notebook's keys do not work")
    page.keyboard.press("d")
    page.keyboard.press("d")
    until(lambda: page.locator(".jp-Notebook .jp-Cell").count() == len(CELLS), "the notebook's keys do not work")
    print("page: clicks and keys step, and the notebook keeps its own keys")

    press(page, 2, "Next")
    press(page, 2, "Next")
    press(page, 3, "Last")
    last = int(stepper(page, 3).get_attribute("data-step") or 0)
    # The front end holds a second change back until the kernel is done with the first.
    until(lambda: run(page, 4) == f"steps 7 {last} [5, 6, 7]", "Python does not follow the page")
    run(page, 5)
    shows(page, 2, 5)
    shows(page, 3, last)
    page.screenshot(path=screenshots / "widget.png")
    cell(page, 6).evaluate("(element) => element.scrollIntoView()")
    cell(page, 6).locator(".jp-InputPrompt").click()
    page.keyboard.press("Control+Enter")
    stepper(page, 2).locator(".picture").focus()
    for _ in range(30):
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowRight")
    page.keyboard.press("End")
    shown = stepper(page, 2).get_attribute("data-step")
    idle(page)
    until(lambda: run(page, 4).startswith(f"steps {shown} "), "Python does not follow the page after being busy")
    assert run(page, 4).count(",") < 40, "a busy kernel was sent every step"
    print("widget: the page moves Python, Python moves the page, and a busy kernel is sent only what is new")
    page.keyboard.press("Control+s")


def check_untrusted(page: Page, screenshots: Path) -> None:
    for number in (0, 1, 2, 3):
        cell(page, number).evaluate("(element) => element.scrollIntoView()")
        cell(page, number).locator("img").first.wait_for()
        assert cell(page, number).locator("table").count() >= 2
        assert cell(page, number).locator("button[data-act], script").count() == 0
    page.screenshot(path=screenshots / "untrusted.png")
    print("untrusted: every output, the widgets' too, is the picture and the tables")


def main() -> None:
    from playwright.sync_api import sync_playwright

    folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
    for front_end in FRONT_ENDS:
        screenshots = folder / front_end
        screenshots.mkdir(parents=True, exist_ok=True)
        print(front_end)
        with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
            check(playwright, front_end, Path(name), screenshots)
    print(f"screenshots: {folder}")


def read_notebook(folder: Path) -> Any:
    """The notebook as saved; empty while it is being written."""
    try:
        return json.loads((folder / "steps.ipynb").read_text())
    except json.JSONDecodeError:
        return {"cells": [{"outputs": []}]}


def check(playwright: Playwright, front_end: str, folder: Path, screenshots: Path) -> None:
    (folder / "steps.ipynb").write_text(json.dumps(notebook()))
    with server(folder, front_end) as address:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for part, file in ((live, "steps.ipynb"), (check_untrusted, "copied.ipynb")):
            page = browser.new_context(viewport={"width": 1500, "height": 1000}).new_page()
            page.goto(address.replace("NAME", file))
            page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=PATIENCE * 1000)
            time.sleep(3)  # JupyterLab asks its questions a little later
            for question in page.get_by_role("button", name="No", exact=True).all():
                question.click()
            part(page, screenshots)
            if part is live:
                until(lambda: bool(read_notebook(folder)["cells"][0]["outputs"]), "the notebook is not saved")
            page.context.close()
            if part is live:
                saved = read_notebook(folder)
                saved["cells"][0]["source"] = "# copied by someone else\n" + "".join(saved["cells"][0]["source"])
                (folder / "copied.ipynb").write_text(json.dumps(saved))
        browser.close()


if __name__ == "__main__":
    main()

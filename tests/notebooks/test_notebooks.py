"""Every notebook runs from top to bottom and gives its stored outputs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat", reason="runs the notebooks: pip install -e '.[notebook]'")
nbclient = pytest.importorskip("nbclient", reason="runs the notebooks: pip install -e '.[notebook]'")
pytest.importorskip("ipykernel", reason="runs the notebooks: pip install -e '.[notebook]'")
pytest.importorskip("matplotlib", reason="runs the notebooks: pip install -e '.[notebook]'")
pytest.importorskip("sklearn", reason="runs the notebooks: pip install -e '.[notebook]'")

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


def texts(notebook) -> list[str]:
    """The text of every output, in order, without rounding errors, which differ between machines, and without the cells
    tagged "varies": times, and trainings so long and at so large a rate that the order in which a machine adds decides
    the result."""
    return [
        re.sub(r"\d\.\de-1\d", "tiny", output.get("data", {}).get("text/plain", output.get("text", "")))
        for cell in notebook.cells
        if cell.cell_type == "code" and "varies" not in cell.metadata.get("tags", [])
        for output in cell.outputs
    ]


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@pytest.mark.filterwarnings("ignore")  # the kernel's own
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_and_gives_what_is_stored(path: Path) -> None:
    stored = nbformat.read(path, as_version=4)
    fresh = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(fresh, timeout=300, kernel_name="python3", coalesce_streams=True).execute()
    assert texts(fresh) == texts(stored), "store it again: python -m tests.notebooks.store"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_small_and_its_pictures_need_no_script(path: Path) -> None:
    assert path.stat().st_size < 650_000
    outputs = json.dumps(json.loads(path.read_text(encoding="utf-8")))
    assert "image/png" in outputs or "<img " in outputs
    assert "widget-view" not in outputs

"""Run every notebook from top to bottom and store it with its outputs: `python -m tests.notebooks.store`."""

from __future__ import annotations

import sys
from pathlib import Path

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def store(path: Path) -> None:
    """Run a notebook and store it in its file, without the metadata that differ from run to run (times, versions)."""
    import nbformat  # part of the extra `notebook`; the tests collect this file without it
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, kernel_name="python3", coalesce_streams=True).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    notebook.metadata["language_info"] = {"name": "python"}
    nbformat.write(notebook, path)


if __name__ == "__main__":
    for notebook in [Path(name) for name in sys.argv[1:]] or sorted(NOTEBOOKS.glob("*.ipynb")):
        print(notebook.name, flush=True)
        store(notebook)

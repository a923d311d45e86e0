"""An exercise in a notebook as autograders run it: a cell that raises fails, with the diagnosis as its message.

Otter, nbgrader and their like run a check cell and take any exception in it for a failed test.
"""

from __future__ import annotations

from typing import Any

import pytest

nbformat = pytest.importorskip("nbformat", reason="runs a notebook: pip install -e '.[notebook]'")
nbclient = pytest.importorskip("nbclient", reason="runs a notebook: pip install -e '.[notebook]'")
pytest.importorskip("ipykernel", reason="runs a notebook: pip install -e '.[notebook]'")

EXERCISE = """
from autograd_core import Value, quiz
x = Value(3.0, label="x")
exercise = quiz(x * x)
exercise
"""


@pytest.mark.filterwarnings("ignore")  # the kernel's own
def test_a_check_cell_passes_or_fails_with_the_diagnosis() -> None:
    cells = (EXERCISE, "dx = 3", "exercise.require(x=dx)", "exercise.require(x=2 * dx)", "print(exercise.to_json())")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(notebook, timeout=60, kernel_name="python3", allow_errors=True).execute()
    shown, _, failed, passed, exported = (cell.outputs for cell in notebook.cells)
    assert set(shown[0].data) == {"text/plain", "text/html"}
    assert "data-autograd-quiz" in shown[0].data["text/html"]
    error: Any = failed[0]
    assert (error.output_type, error.ename) == ("error", "AssertionError")
    assert error.evalue.startswith("not all answers are right.")
    assert "missed a path" in error.evalue
    assert "Which one was it?" in error.evalue
    assert passed == []
    assert '"verdict": "right"' in exported[0].text

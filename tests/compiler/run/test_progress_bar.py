"""A training cell stores one line of progress, as an output and not as an error."""

from __future__ import annotations

import pytest

nbformat = pytest.importorskip("nbformat", reason="runs a notebook: pip install -e '.[notebook]'")
nbclient = pytest.importorskip("nbclient", reason="runs a notebook: pip install -e '.[notebook]'")
pytest.importorskip("ipykernel", reason="runs a notebook: pip install -e '.[notebook]'")

TRAINING = """
import time
import nn
from nn.data import two_moons
X, y = two_moons(100, noise=0.1, seed=0)
history = nn.fit(nn.MLP(2, 8, 1, rng=0), X, y, loss=nn.binary_cross_entropy_with_logits, epochs=30, seed=0,
                 callbacks=[lambda epoch: time.sleep(0.02)])
"""


@pytest.mark.filterwarnings("ignore")  # the kernel's own
def test_a_training_cell_stores_one_line() -> None:
    cells = [TRAINING, TRAINING.replace("seed=0,\n", "seed=0, progress=False,\n")]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    (output,), silent = (cell.outputs for cell in notebook.cells)
    assert output.output_type == "display_data"
    assert set(output.data) == {"text/plain"}
    assert output.data["text/plain"].startswith("epoch 30/30: 100%|")
    assert "\n" not in output.data["text/plain"]
    assert silent == []

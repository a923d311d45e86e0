"""A notebook shows numbers, reports and models as HTML that folds, beside the same text."""

from __future__ import annotations

import html
import re
import subprocess
import sys

import pytest

from autograd_core import Value, explain, gradcheck, log, quiz, scope, sigmoid, summary
from autograd_core.show.page.rich_output import report_output, value_output
from nn import MLP
from nn.training.history import Epoch, History


def unit() -> Value:
    x, w, b = Value(2.0, label="x"), Value(-0.5, label="w"), Value(0.25, label="b")
    y = sigmoid(w * x + b) * w
    y.label = "y"
    y.backward()
    return y


def shown_words(page: str) -> list[str]:
    return html.unescape(re.sub("<[^>]+>", " ", re.sub("<style>.*?</style>", "", page))).split()


def words(text: str) -> list[str]:
    return [word for word in re.sub("[─│├└]", " ", text).split() if word]


@pytest.mark.parametrize(
    "report",
    [
        History([Epoch(n, 1 / n, metrics={"accuracy": 0.5}) for n in range(1, 30)], best=29),
        gradcheck(lambda x, y: sigmoid(x * y) / (x - y), (2.0, -0.5)),
        summary(MLP(2, 4, 1, rng=0)),
        summary(unit()),
        explain(unit()).paths("w"),
    ],
)
def test_a_report_shows_the_words_of_its_text(report: object) -> None:
    page = report_output(report)  # type: ignore[arg-type]
    assert page is not None
    assert sorted(shown_words(page)) == sorted(words(str(report)))
    assert page.count("<details") == page.count("</details>") >= 1


def test_a_number_folds_out_into_its_computation() -> None:
    page = value_output(unit())
    assert page is not None
    assert page.count("<details") == page.count("</details>") == 5, "the whole, y, v3, v2 and v1"
    found = shown_words(page)
    assert found[0] == "Value(-0.16041065041230348,"
    assert [found.count(name) for name in ("x", "w", "b")] == [2, 4, 2], "each where it is named and where it is used"
    assert "0.2179" in found, "the partial of sigmoid"


def test_leaves_large_graphs_and_lines_without_a_table_stay_text() -> None:
    x = y = Value(1.5, label="x")
    assert value_output(x) is None
    for _ in range(300):
        y = log(y + 2.0)
    assert value_output(y) is None
    assert report_output(quiz(unit(), ask=["w"]).check(w=0.1)) is None


def test_labels_are_text() -> None:
    with scope("<script>1</script>"):
        y = Value(2.0, label="<b>&") * 3.0
    for page in (value_output(y), report_output(summary(y))):
        assert page is not None
        assert "<script>" not in page
        assert "<b>" not in page


def test_nothing_loads_ipython() -> None:
    program = "import sys, autograd_core, nn; assert not {'IPython', 'ipykernel', 'matplotlib'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.filterwarnings("ignore")  # the kernel's own
def test_a_notebook_has_the_html_and_the_text() -> None:
    nbformat = pytest.importorskip("nbformat", reason="runs a notebook: pip install -e '.[notebook]'")
    nbclient = pytest.importorskip("nbclient", reason="runs a notebook: pip install -e '.[notebook]'")
    pytest.importorskip("ipykernel", reason="runs a notebook: pip install -e '.[notebook]'")
    cells = [
        "from autograd_core import *\nimport nn\nx = Value(3.0, label='x')\nx * x",
        "summary(nn.MLP(2, 4, 1, rng=0))",
        "nn.fit(nn.MLP(2, 2, 1, rng=0), [[0., 1.]], [[1.]], loss=nn.mse_loss, epochs=2, progress=False)",
        "x",
        "explain(x * x)",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    number, model, history, leaf, page = (cell.outputs[0].data for cell in notebook.cells)
    for data, text in ((number, "Value(9.0)"), (model, "MLP"), (history, "2 epochs in")):
        assert "data-autograd-report" in data["text/html"]
        assert text in data["text/plain"]
    assert set(leaf) == {"text/plain"}
    assert "data-autograd-report" not in page["text/html"]

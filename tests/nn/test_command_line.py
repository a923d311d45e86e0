"""`python -m nn train` as a user meets it: what it prints, what it writes, and one clear line for every mistake."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from autograd_core import no_grad
from nn import MLP, load, train_command
from nn.__main__ import _parser, main
from nn.data.csv_table import read_table
from nn.data.datasets import two_moons
from nn.data.preparation import split

QUICK = ("--epochs", "2", "--hidden", "3")
FLOWERS = "length,width,colour,kind\n1.5,0.2,1,rose\n1.0,0.1,2,daisy\n3.5,0.9,1,rose\n1.1,0.3,3,daisy\n"


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write_csv(text: str, name: str = "data.csv") -> str:
    Path(name).write_text(text, encoding="utf-8")
    return name


def flowers(count: int = 24) -> str:
    """A file of two kinds that a net can tell apart."""
    lines = [f"{number % 7},{number % 5 / 1000},{('rose', 'daisy')[number % 7 > 3]}" for number in range(count)]
    return write_csv("long,wide,kind\n" + "\n".join(lines) + "\n")


def test_moons_in_a_terminal_as_a_user_runs_it(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason='matplotlib is not installed: pip install ".[plot]"')
    done = subprocess.run(
        [sys.executable, "-m", "nn", "train", "moons", *QUICK],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert (done.returncode, done.stderr) == (0, ""), "no bar where nobody watches"
    assert "moons: 150 training rows, 50 test rows; 2 inputs, 2 classes" in done.stdout
    assert re.search(r"accuracy after 2 epochs: 0\.\d+ on the training rows, 0\.\d+ on the test", done.stdout)
    assert "wrote moons-training.png" in done.stdout
    assert (tmp_path / "moons-training.png").read_bytes().startswith(b"\x89PNG")


def test_moons_are_learnt_to_the_last(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_command, "_draw", lambda *arguments, **named: None)
    assert main(["train", "moons"]) == 0
    assert "1.000 on the training rows" in capsys.readouterr().out


def test_the_progress_is_shown_in_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(train_command, "_draw", lambda *arguments, **named: None)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert main(["train", "xor", *QUICK]) == 0
    assert re.search(r"epoch 2/2: 100%.*<\S*, loss \d", capsys.readouterr().err)


@pytest.mark.parametrize("theirs", [",", ";", "\t"])
def test_a_csv_file(theirs: str, capsys: pytest.CaptureFixture[str]) -> None:
    flowers()
    text = Path("data.csv").read_text(encoding="utf-8").replace(",", theirs)
    Path("data.csv").write_text("\ufeff" + text, encoding="utf-8")  # as spreadsheets save it
    assert main(["train", "--data", "data.csv", "--target", "kind", "--hidden", "8"]) == 0
    output = capsys.readouterr().out
    assert "data.csv: 18 training rows, 6 test rows; 2 inputs, 2 classes" in output
    assert "1.000 on the training rows" in output


def test_a_saved_model_takes_the_rows_of_the_file_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    name = flowers(40)
    options = ["--hidden", "6", "--save", "model.safetensors", "--backend", "eager", "--epochs", "40"]
    assert main(["train", "--data", name, "--target", "kind", *options]) == 0
    model = load("model.safetensors", into=MLP(2, 6, 1, rng=9))
    table = read_table(name, "kind")
    with no_grad():
        predicted = [float(model(row)[0].data > 0) for row in table.X]
    output = re.search(r"([\d.]+) on the training rows, ([\d.]+) on the test rows", capsys.readouterr().out)
    assert output
    share = sum(number == other for number, other in zip(predicted, table.y, strict=True)) / 40
    assert share == pytest.approx((float(output[1]) * 30 + float(output[2]) * 10) / 40, abs=1e-3)
    assert share > 0.9


def test_the_same_seed_gives_the_same_model() -> None:
    for seed, name in (("1", "a"), ("1", "b"), ("2", "c")):
        main(["train", "circles", *QUICK, "--seed", seed, "--save", f"{name}.safetensors"])
    a, b, c = (load(f"{name}.safetensors", into=MLP(2, 3, 1, rng=0)).state_dict() for name in "abc")
    assert a == b != c


def test_a_number_to_predict(capsys: pytest.CaptureFixture[str]) -> None:
    rows = "\n".join(f"{number},{number * number / 7}" for number in range(20))
    assert main(["train", "--data", write_csv(f"side,area\n{rows}\n"), "--target", "area", *QUICK]) == 0
    output = capsys.readouterr().out
    assert "1 input, a number to predict" in output
    assert "mean absolute error after 2 epochs" in output


def prices(count: int = 80) -> str:
    """A file of prices that a straight line nearly gives."""
    rows = [(40 + 37 * number % 160, 1 + number % 5) for number in range(count)]
    lines = [f"{area},{rooms},{50000 + 2500 * area + 8000 * rooms + 97 * area % 901}" for area, rooms in rows]
    return write_csv("area,rooms,price\n" + "\n".join(lines) + "\n")


def test_a_number_to_predict_is_reported_in_its_units_beside_the_mean_and_a_straight_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    name = prices()
    options = ["--save", "model.safetensors", "--epochs", "300"]
    assert main(["train", "--data", name, "--target", "price", *options]) == 0
    output = capsys.readouterr().out
    figures = {
        key: [float(number) for number in re.findall(r"([\d.e+]+) on the t", line)]
        for line in output.splitlines()
        for key in ("mean absolute error", "the mean alone", "a straight line")
        if line.lstrip().startswith(key)
    }
    table = read_table(name, "price")
    X, X_test, y, y_test = split(table.X, table.y, 0.25, seed=0, stratify=False)
    assert figures["the mean alone"] == pytest.approx(
        [abs(y - y.mean()).mean(), abs(y_test - y.mean()).mean()], rel=1e-3
    )
    line = np.linalg.lstsq(np.column_stack([X, np.ones(len(X))]), y, rcond=None)[0]
    off = [abs(np.column_stack([rows, np.ones(len(rows))]) @ line - t).mean() for rows, t in ((X, y), (X_test, y_test))]
    assert figures["a straight line"] == pytest.approx(off, rel=1e-3)
    model = load("model.safetensors", into=MLP(2, 16, 16, 1, rng=0))
    with no_grad():
        own = [
            abs(np.array([float(model(row)[0]) for row in rows]) - t).mean() for rows, t in ((X, y), (X_test, y_test))
        ]
    assert figures["mean absolute error"] == pytest.approx(own, rel=1e-3)
    assert own[1] < figures["the mean alone"][1] / 10
    assert ("The network does not beat a straight line" in output) == (own[1] > off[1])


def test_a_network_that_is_worse_than_the_mean_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--data", prices(), "--target", "price", "--epochs", "2", "--learning-rate", "3"]) == 0
    assert "The network does not beat the mean alone or a straight line on the test rows." in capsys.readouterr().out


def test_the_picture_shows_the_boundary_with_the_names_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib", reason='matplotlib is not installed: pip install ".[plot]"')
    from matplotlib.figure import Figure

    drawn: list[Figure] = []
    monkeypatch.setattr(Figure, "savefig", lambda self, *arguments, **named: drawn.append(self))
    assert main(["train", "--data", flowers(), "--target", "kind", *QUICK]) == 0
    axes = drawn[0].axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("long", "wide")
    assert {text.get_text() for text in axes.get_legend().get_texts()} >= {"daisy", "rose"}


def test_without_two_inputs_the_picture_is_the_loss_by_epoch() -> None:
    pytest.importorskip("matplotlib", reason='matplotlib is not installed: pip install ".[plot]"')
    assert main(["train", "sine", *QUICK, "--plot", "curve.svg"]) == 0
    drawn = Path("curve.svg").read_text(encoding="utf-8")
    assert "<svg" in drawn
    assert [path.name for path in Path().iterdir()] == ["curve.svg"]


def test_without_matplotlib_it_says_so_and_trains_all_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert main(["train", "moons", *QUICK]) == 0
    assert (
        'no picture: matplotlib is not installed. Install the extra `plot`: pip install -e ".[plot]" in the clone'
        in (capsys.readouterr().out)
    )
    assert main(["train", "moons", *QUICK, "--plot", "moons.png"]) == 2
    assert not Path("moons.png").exists()


def test_ctrl_c_reports_the_best_epoch(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from nn.training.history import Epoch
    from nn.training.loop import TrainingLoop
    from nn.training.resumption import Place

    whole = TrainingLoop._epoch

    def interrupted(self: TrainingLoop, place: Place, *arguments: object) -> Epoch:
        if place.epoch == 3:
            raise KeyboardInterrupt
        return whole(self, place, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(TrainingLoop, "_epoch", interrupted)
    monkeypatch.setattr(train_command, "_draw", lambda *arguments, **named: None)
    assert main(["train", "moons", "--save", "model.safetensors"]) == 0
    output = capsys.readouterr()
    assert "Ctrl-C in epoch 3; the parameters of epoch" in output.err
    assert re.search(r"accuracy after [12] epochs: 0", output.out)
    assert Path("model.safetensors").exists()


def test_without_a_command_it_shows_how_to_begin(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "python -m nn train moons" in capsys.readouterr().out


OPTIONS = ["--data", "data.csv", "--target", "kind"]
MISTAKES: dict[str, tuple[str, Sequence[str], str]] = {
    "no such file": (FLOWERS, ["--data", "none.csv", "--target", "kind"], "there is no file none.csv"),
    "no such column": (FLOWERS, ["--data", "data.csv", "--target", "knd"], "no column 'knd'. Its columns are length, "),
    "no such column to ignore": (FLOWERS, [*OPTIONS, "--ignore", "hue"], "no column 'hue'"),
    "not a number": (
        FLOWERS.replace("0.9", "wide"),
        OPTIONS,
        "row 3 (line 4), column 'width' is 'wide', which is not a number",
    ),
    "a blank line before it": (FLOWERS.replace("1.1,", "\n1_1,"), OPTIONS, "row 4 (line 6), column 'length' is '1_1'"),
    "not finite": (FLOWERS.replace("0.9", "nan"), OPTIONS, "row 3 (line 4), column 'width' is 'nan'"),
    "empty cell": (FLOWERS.replace("0.9", ""), OPTIONS, "row 3 (line 4), column 'width' is empty"),
    "empty target": (FLOWERS.replace("0.9,1,rose", "0.9,1,"), OPTIONS, "row 3 (line 4), column 'kind' is empty"),
    "missing cell": (FLOWERS.replace("0.9,", ""), OPTIONS, "row 3 of data.csv (line 4) has 3 cells, but there are 4"),
    "constant column": (
        "a,b,kind\n1,7,x\n2,7,y\n3,7,x\n4,7,y\n",
        OPTIONS,
        "column 'b' is 7 in every row, so that it carries no information. Leave it out: --ignore b",
    ),
    "one class only": (FLOWERS.replace("daisy", "rose"), OPTIONS, "'rose' in all 4 rows: with one class"),
    "a class in one row": (FLOWERS.replace("3,daisy", "3,tulip"), OPTIONS, "class 'daisy' has one row only"),
    "too few rows": ("a,price\n1,0.5\n2,0.7\n", [*OPTIONS[:3], "price"], "data.csv has 2 rows"),
    "a name as target": ("a,kind\n1,x\n2,y\n3,z\n", OPTIONS, "column 'kind' has a different text in every row"),
    "text to predict as a number": (FLOWERS, [*OPTIONS, "--task", "number"], "column 'kind' is 'rose', which is not"),
    "nothing but the target": ("kind\nx\ny\n", OPTIONS, "no column but the target 'kind'"),
    "no names": (
        "1,2\n3,4\n",
        ["--data", "data.csv", "--target", "1"],
        "first line of data.csv must name the columns",
    ),
    "two of one name": ("a,a,kind\n1,2,x\n", OPTIONS, "two columns 'a'"),
    "no rows": ("a,kind\n", OPTIONS, "data.csv has no rows"),
    "empty file": ("\n \n", OPTIONS, "data.csv is empty"),
    "neither": (FLOWERS, [], "give a data set, as `train moons`, or a file"),
    "both": (FLOWERS, ["moons", *OPTIONS], "give a data set, as `train moons`, or a file"),
    "no target": (FLOWERS, ["--data", "data.csv"], "--data needs --target"),
    "target of a data set": (FLOWERS, ["moons", "--target", "kind"], "add --data file.csv"),
    "a picture of no kind": (FLOWERS, ["moons", "--plot", "moons.doc"], "--plot needs a file name that ends in .png"),
    "no folder": (FLOWERS, ["moons", "--save", "none/model.safetensors"], "there is no folder 'none' to write"),
    "a backend of no kind": (FLOWERS, ["moons", "--backend", "abacus"], "backend is one of 'auto', 'eager'"),
    "learning rate too large": (
        FLOWERS,
        ["sine", "--learning-rate", "1e200", "--backend", "eager"],
        "The parameters are as before this step",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_every_mistake_has_a_clear_error(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    text, options, message = MISTAKES[name]
    write_csv(text)
    assert main(["train", *options]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert message in error
    assert [path.name for path in Path().iterdir()] == ["data.csv"], "nothing is written"


def test_a_file_that_is_not_text(capsys: pytest.CaptureFixture[str]) -> None:
    Path("data.csv").write_bytes(b"a,kind\n1,caf\xe9\n")
    assert main(["train", *OPTIONS]) == 2
    assert "is not text in UTF-8" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "argument", "message"),
    [
        ("--epochs", "0", "a whole number, at least 1, got '0'"),
        ("--hidden", "16,x", "the sizes of the hidden layers as 16,16, got '16,x'"),
        ("--learning-rate", "-1", "a number above 0, such as 0.01, got '-1'"),
    ],
)
def test_options_out_of_range(option: str, argument: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["train", "moons", f"{option}={argument}"])
    assert caught.value.code == 2
    assert message in capsys.readouterr().err


def test_without_scikit_learn_iris_names_the_extra(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    assert main(["train", "iris"]) == 2
    assert 'pip install -e ".[data]" in the clone' in capsys.readouterr().err


def test_classes_and_numbers_are_distinguished() -> None:
    whole = write_csv("a,y\n1,10\n2,2\n3,10\n4,2\n")
    assert read_table(whole, "y") == (["a"], [[1.0], [2.0], [3.0], [4.0]], [1.0, 0.0, 1.0, 0.0], ("2", "10"))
    assert read_table(whole, "y", task="number").y == [10.0, 2.0, 10.0, 2.0]
    assert read_table(write_csv("a,y\n1,0.5\n2,2\n"), "y") == (["a"], [[1.0], [2.0]], [0.5, 2.0], ())
    many = write_csv("a,y\n" + "\n".join(f"{n},{n}" for n in range(11)))
    assert read_table(many, "y").classes == ()
    assert len(read_table(many, "y", task="classes").classes) == 11
    quoted = write_csv('a,"b, or c",y\n1,"2",no\n2,3,"yes, it is"\n')
    assert read_table(quoted, "y").classes == ("no", "yes, it is")


def test_generated_data_has_the_same_rows_as_in_python() -> None:
    task = train_command._task(_parser().parse_args(["train", "moons", "--seed", "3"]))
    X, y = two_moons(200, seed=3)
    assert (task.X == X).all()
    assert (task.y == y).all()

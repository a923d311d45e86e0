"""The command `train`: a data set or a file, a network, its training, and what is printed and drawn of it."""

from __future__ import annotations

import argparse
import importlib.util
import io
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from autograd_core.atomic_write import write_whole
from autograd_core.formulas.labels import plural, visible_text
from autograd_core.formulas.text_report import MarkedLine, print_report
from nn.data import datasets
from nn.data.csv_table import read_table
from nn.data.preparation import Standardiser, split
from nn.data.texts import first_names, read_lines
from nn.losses import binary_cross_entropy_with_logits, cross_entropy, mse_loss
from nn.modules.mlp import MLP
from nn.modules.saving import save
from nn.optim import Adam
from nn.plot import decision_boundary, loss_curves
from nn.plot.canvas import plain_text
from nn.training.baselines import baseline_errors, error_in_units
from nn.training.fit import fit
from nn.training.gpt_on_names import learn_names
from nn.training.history import History
from nn.training.scaling import fold_into_first_layer, fold_into_last_layer

GENERATED: dict[str, Callable[..., tuple[Any, Any]]] = {
    "moons": datasets.two_moons,
    "circles": datasets.circles,
    "spirals": datasets.spirals,
    "xor": datasets.xor,
    "sine": datasets.sine,
}
REAL: dict[str, Callable[[], tuple[Any, Any]]] = {"iris": datasets.iris, "digits": datasets.digits}
NAMES = "names"
ROWS = 200
HIDDEN = [16, 16]
EPOCHS = {"digits": 30, "spirals": 300}
PICTURES = (".png", ".svg", ".pdf")
TEST_SHARE = 0.25


class Task(NamedTuple):
    """A data set to learn. columns: the names of the inputs, [] where they have none. y: the index of each row's class
    where there are `classes`, else numbers to predict."""

    name: str
    columns: list[str]
    X: Any
    y: Any
    classes: tuple[str, ...]


def train(options: argparse.Namespace) -> None:
    """Train what the options of the command line name. Raises ValueError where they contradict each other."""
    picture = Path(options.plot or f"{options.dataset or Path(options.data or '').stem}-training.png")
    _check(options, picture)
    if options.dataset == NAMES:
        _train_names(options, picture)
        return
    task = _task(options)
    _check_parts(task)
    X, X_test, y, y_test = split(task.X, task.y, TEST_SHARE, seed=options.seed, stratify=bool(task.classes))
    outputs = len(task.classes) if len(task.classes) > 2 else 1
    model = MLP(X.shape[1], *(options.hidden or HIDDEN), outputs, rng=options.seed)
    target = f"{len(task.classes)} classes" if task.classes else "a number to predict"
    title = f"{task.name}: {len(X)} training rows, {len(X_test)} test rows; {plural(X.shape[1], 'input')}, {target}"
    print_report([MarkedLine(title, "title"), repr(model).splitlines()[0]])
    # Pixels have the same scale already; other columns, and a number to predict, may have any unit.
    standardise = Standardiser(X) if task.name != "digits" else None
    scale = None if task.classes else Standardiser(y[:, None])
    history = fit(
        model,
        standardise(X) if standardise else X,
        scale(y[:, None]) if scale else y,
        loss=(cross_entropy if outputs > 1 else binary_cross_entropy_with_logits) if task.classes else mse_loss,
        optimiser=Adam(model.parameters(), learning_rate=options.learning_rate),
        epochs=options.epochs or EPOCHS.get(task.name, 100),
        seed=options.seed,
        validation=(
            standardise(X_test) if standardise else X_test,
            scale(y_test[:, None]) if scale else y_test,
        ),
        metrics={"mean_absolute_error": partial(error_in_units, scale)} if scale else ["accuracy"],
        backend=options.backend,
    )
    if standardise:
        fold_into_first_layer(standardise, model)
    if scale:
        fold_into_last_layer(scale, model)
    _report(history, bool(task.classes))
    if scale and history.kept:
        _report_baselines(history, (X, y), (X_test, y_test))
    if options.save:
        save(model, options.save)
        print(f"wrote {options.save}")
    _draw(partial(_figure, model, task, history), picture, asked=options.plot is not None)


def _train_names(options: argparse.Namespace, picture: Path) -> None:
    names = first_names() if options.data is None else read_lines(options.data)
    model, history = learn_names(
        names,
        "the census of the United States in 1990" if options.data is None else Path(options.data).name,
        epochs=options.epochs,
        learning_rate=options.learning_rate,
        seed=options.seed,
        backend=options.backend,
    )
    if options.save:
        save(model, options.save)
        print(f"wrote {options.save}")
    if options.plot:
        _draw(partial(loss_curves, history), picture, asked=True)


def _check(options: argparse.Namespace, picture: Path) -> None:
    """Raise ValueError for options that contradict each other, before any training."""
    of_a_table = options.target or options.ignore or options.task != "auto"
    if options.dataset == NAMES:
        if of_a_table or options.hidden:
            raise ValueError("--target, --ignore, --task and --hidden apply to tables, not to names: leave them out")
    elif (options.dataset is None) == (options.data is None):
        raise ValueError("give a data set, as `train moons`, or a file, as `train --data file.csv --target column`")
    elif options.data is None and of_a_table:
        raise ValueError("--target, --ignore and --task apply to a file: add --data file.csv")
    elif options.data is not None and options.target is None:
        raise ValueError(
            "--data needs --target, the name of the column to predict. For a file of names, one a line, write "
            "`train names --data file.txt`"
        )
    if picture.suffix.lower() not in PICTURES:
        raise ValueError(f"--plot needs a file name that ends in {', '.join(PICTURES)}, got {str(picture)!r}")
    for path in (picture, Path(options.save or ".")):
        if not path.parent.is_dir():
            raise ValueError(f"there is no folder {str(path.parent)!r} to write {path.name!r} to")


def _check_parts(task: Task) -> None:
    """Raise ValueError where there are too few rows for a training part and a test part."""
    counts = Counter(task.y)
    if task.classes and (single := [name for index, name in enumerate(task.classes) if counts[index] == 1]):
        hint = " If the column is a number to predict, give --task number." if single[0].strip("+-").isdigit() else ""
        raise ValueError(
            f"{task.name}: class {single[0]!r} has one row only, which cannot be both a training row and a test "
            f"row. Leave that row out, or add more of its class.{hint}"
        )
    if len(task.X) < 3:
        raise ValueError(f"{task.name} has {len(task.X)} rows; a quarter is held back as a test, so give at least 3.")


def _task(options: argparse.Namespace) -> Task:
    if options.data is not None:
        table = read_table(options.data, options.target, options.ignore, options.task)
        return Task(Path(options.data).name, table.columns, table.X, table.y, table.classes)
    name = options.dataset
    X, y = GENERATED[name](ROWS, seed=options.seed) if name in GENERATED else REAL[name]()
    return Task(name, [], X, y, () if name == "sine" else tuple(map(str, sorted(set(y.tolist())))))


def _report_baselines(history: History, train: Any, test: Any) -> None:
    """Print the errors of the mean alone and of a straight line, and whether the network has a smaller one."""
    own = history.epochs[(history.kept or 0) - 1].metrics["validation_mean_absolute_error"]
    errors = baseline_errors(train, test)
    for name, (error, test_error) in errors.items():
        print_report([f"  {name}: {error:#.4g} on the training rows, {test_error:#.4g} on the test rows"])
    if better := [name for name, (_, test_error) in errors.items() if not own < test_error]:
        advice = "Try more epochs, more rows or other columns."
        print_report([f"The network does not beat {' or '.join(better)} on the test rows. {advice}"])


def _report(history: History, classified: bool) -> None:
    if not history.kept:
        return
    metrics = history.epochs[history.kept - 1].metrics
    name = "accuracy" if classified else "mean_absolute_error"
    print_report(
        [
            f"{name.replace('_', ' ')} after {history.kept} epochs: {metrics[name]:#.4g} on the training rows, "
            f"{metrics['validation_' + name]:#.4g} on the test rows ({history.seconds:.1f} s, {history.backend})"
        ]
    )


def _draw(figure_of: Callable[[], Any], picture: Path, asked: bool) -> None:
    """Write a picture, where matplotlib is installed."""
    if importlib.util.find_spec("matplotlib") is None:  # an extra, used by nn.plot
        advice = 'matplotlib is not installed. Install the extra `plot`: pip install -e ".[plot]" in the clone.'
        if asked:
            raise ImportError(f"no picture can be drawn: {advice}")
        print_report([f"no picture: {advice}"])
        return
    figure = figure_of()
    if figure is None:
        return
    content = io.BytesIO()
    figure.savefig(content, format=picture.suffix.lower().removeprefix("."), bbox_inches="tight")
    write_whole(picture, content.getvalue())
    print(f"wrote {visible_text(str(picture))}")


def _figure(model: MLP, task: Task, history: History) -> Any:
    """The decision boundary for two inputs, else the loss by epoch; None before the first epoch."""
    if not (task.classes and model.sizes[0] == 2):
        return loss_curves(history) if history.epochs else None
    names = np.array(task.classes)
    numbers = np.asarray(task.y, dtype=int)
    in_order = list(task.classes) == sorted(task.classes)
    figure = decision_boundary(model, task.X, names[numbers] if in_order else numbers)
    if task.columns:
        figure.axes[0].set(xlabel=plain_text(task.columns[0]), ylabel=plain_text(task.columns[1]))
    return figure

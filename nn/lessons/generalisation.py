"""Whether a network with relu is right more often on new rows: on an easy task, on digits, and in a deep network."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_core import compile as compiled
from autograd_core.formulas.aligned_table import AlignedTable
from nn.batched import reader
from nn.data.datasets import Rows, digits, two_moons
from nn.data.preparation import split
from nn.lessons.experiment import descend, logit_loss
from nn.losses import cross_entropy
from nn.modules.mlp import MLP
from nn.optim import SGD
from nn.plot.canvas import MARKERS, Pictured, grid, sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class LearningTask:
    """Rows, and the network that learns them. held: rows for training and for validation; all others are the test."""

    name: str
    data: Callable[[], tuple[Rows, Any]]
    sizes: tuple[int, ...]
    held: tuple[int, int]


TASKS = (
    LearningTask("moons, 1 hidden layer", lambda: two_moons(1000, 0.2, seed=0), (2, 16, 1), (100, 200)),
    LearningTask("moons, 6 hidden layers", lambda: two_moons(1000, 0.2, seed=0), (2, *[8] * 6, 1), (100, 200)),
    LearningTask("digits, 1 hidden layer", digits, (64, 16, 10), (200, 300)),
)


@dataclass(frozen=True, eq=False, repr=False)
class Generalisation(Pictured):
    """The share of test rows that are classified rightly, by task and activation.

    accuracy: {task: {activation: for each seed}}. rates: {task: {activation: the learning rate}}, the one of `tried`
    with the best validation accuracy (median of the seeds). rows: {task: those of training, validation and test}.
    """

    accuracy: dict[str, dict[str, list[float]]]
    rates: dict[str, dict[str, float]]
    tried: tuple[float, ...]
    rows: dict[str, tuple[int, int, int]]
    steps: int

    @property
    def medians(self) -> dict[str, dict[str, float]]:
        """{task: {activation: the median of the seeds}}."""
        return {
            task: {name: statistics.median(shares) for name, shares in by_name.items()}
            for task, by_name in self.accuracy.items()
        }

    def figure(self, theme: str = "light") -> Figure:
        """A dot for each seed, a bar for the median."""
        with sheet(theme, 1, len(self.accuracy), width=1080, height=250, sharex=True, sharey=True) as page:
            for axes, (task, accuracy) in zip(page.axes, self.accuracy.items(), strict=True):
                for index, shares in enumerate(accuracy.values()):
                    style = {"marker": MARKERS[index % len(MARKERS)], "color": page.series(index), "linestyle": ""}
                    axes.plot(shares, [index] * len(shares), alpha=0.6, **style)
                    axes.plot(statistics.median(shares), index, "|", color=page.colour("ink"), markersize=18, mew=2.5)
                axes.set_yticks(range(len(accuracy)), list(accuracy))
                axes.set_ylim(len(accuracy) - 0.5, -0.5)
                axes.set(xlabel="test rows right", title=task)
                grid(axes, page)
            page.axes[0].set_ylabel("activation")
            return page.figure

    def parts(self) -> list[AlignedTable]:
        """The numbers as a table."""
        rows = [
            [task, name, self.rates[task][name], f"{middle:.1%}", f"{min(shares):.1%} to {max(shares):.1%}"]
            for task, by_name in self.medians.items()
            for name, middle in by_name.items()
            for shares in (self.accuracy[task][name],)
        ]
        return [AlignedTable(rows, ["task", "activation", "rate", "test rows right", "of the seeds"])]


def accuracy_on_new_rows(
    activations: Sequence[str] = ("sigmoid", "tanh", "relu"),
    tasks: Sequence[LearningTask] = TASKS,
    rates: Sequence[float] = (0.3, 1.0, 3.0),
    steps: int = 200,
    seeds: Sequence[int] = (0, 1, 2),
) -> Generalisation:
    """Train by gradient descent on all training rows, choose the learning rate of each activation by validation rows,
    and report test rows that neither training nor choice has seen.

    The task of the digits needs scikit-learn. Expected: on the moons relu and tanh are ahead of sigmoid, which does not
    learn in the deep network; between relu and tanh the order depends on the task; on the digits they differ little.
    """
    accuracy: dict[str, dict[str, list[float]]] = {}
    chosen: dict[str, dict[str, float]] = {}
    counts = {}
    for task in tasks:
        X, y = task.data()
        X_rest, X_test, y_rest, y_test = split(X, y, test=1.0 - sum(task.held) / len(X), seed=0)
        first = task.held[0]
        parts = [(X_rest[:first], y_rest[:first]), (X_rest[first:], y_rest[first:]), (X_test, y_test)]
        counts[task.name] = tuple(len(rows) for rows, _ in parts)
        accuracy[task.name], chosen[task.name] = {}, {}
        for name in activations:
            runs = [(rate, _run(task, name, rate, steps, seeds, parts)) for rate in rates]
            best, shares = max(runs, key=lambda run: statistics.median(held for held, _ in run[1]))
            chosen[task.name][name] = best
            accuracy[task.name][name] = [new for _, new in shares]
    return Generalisation(accuracy, chosen, tuple(rates), counts, steps)  # type: ignore[arg-type]


def _run(
    task: LearningTask,
    activation: str,
    rate: float,
    steps: int,
    seeds: Sequence[int],
    parts: Sequence[tuple[Rows, Any]],
) -> list[tuple[float, float]]:
    """The accuracy on validation and test rows, for each seed."""
    (X, y), held, new = parts
    model = MLP(*task.sizes, activation=activation, rng=0)
    program = compiled(_loss_of(model), example=(X[0].tolist(), int(y[0])), parameters=list(model.parameters()))
    read = reader(model, X)
    pairs = []
    for seed in seeds:
        model.load_state_dict(MLP(*task.sizes, activation=activation, rng=seed).state_dict())
        descend(program, SGD(model.parameters(), learning_rate=rate), X, y, steps)
        pairs.append((_share_right(read, *held), _share_right(read, *new)))
    return pairs


def _loss_of(model: MLP) -> Callable[[Any, Any], Any]:
    return lambda x, target: (
        logit_loss(output, target) if len(output := model(x)) == 1 else cross_entropy([output], [target])
    )


def _share_right(read: Callable[[Any], Rows], X: Rows, y: Any) -> float:
    scores = read(X)
    return float(np.mean((scores.argmax(axis=1) if scores.shape[1] > 1 else scores[:, 0] > 0.0) == y))

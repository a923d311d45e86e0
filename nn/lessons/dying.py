"""How relu units die in training, and how a small slope below 0 revives them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_core.formulas.aligned_table import AlignedTable
from nn.batched import reader, stages
from nn.data.datasets import two_moons
from nn.lessons.experiment import logit_loss, median, objective
from nn.modules.activations import LeakyReLU
from nn.modules.mlp import MLP
from nn.optim import Adam
from nn.plot.canvas import Pictured, direct_label, grid, log_scale, sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RELU, LEAKY, RESCUED = "relu", "leaky_relu", "relu, then leaky_relu"


@dataclass(frozen=True, eq=False, repr=False)
class DyingRelu(Pictured):
    """Training with too large a learning rate.

    off: {run: the share of hidden units that are above 0 on no row, at each step of `at`}, the median over the seeds; a
    relu unit that is off is dead, as it gets no gradient. losses: {run: the median loss at each step}. The third run
    equals the first up to the step `switch`, where leaky relu replaces its relu.
    """

    at: list[int]
    off: dict[str, list[float]]
    losses: dict[str, list[float]]
    switch: int
    learning_rate: float
    seeds: tuple[int, ...]

    @property
    def revived(self) -> float:
        """The share of units that are off at the switch, minus the share at the end."""
        return self.off[RESCUED][self.at.index(self.switch)] - self.off[RESCUED][-1]

    def figure(self, theme: str = "light") -> Figure:
        """The share of units that are off, and the loss below it, by step."""
        with sheet(theme, 2, 1, width=760, height=600, sharex=True) as page:
            for axes, runs, label in zip(
                page.axes, (self.off, self.losses), ("units off on every row", "loss"), strict=True
            ):
                for index, (name, numbers) in enumerate(runs.items()):
                    axes.plot(self.at, numbers, label=name, **page.line(index))
                axes.set_ylabel(label)
                axes.axvline(self.switch, color=page.colour("muted"), linewidth=1.0, linestyle=":")
                grid(axes, page)
            top, below = page.axes
            top.set_ylim(-0.02, 1.0)
            top.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
            direct_label(top, self.switch, 0.95, "relu replaced by leaky relu", page.colour("muted"))
            top.legend(loc="upper left")
            top.set_title(f"Adam, learning rate {self.learning_rate:g}, medians of {len(self.seeds)} seeds")
            log_scale(below.yaxis)  # the later differences are small beside the loss at the start
            below.set_xlabel("step")
            return page.figure

    def parts(self) -> list[AlignedTable]:
        """The numbers as a table."""
        middle = self.at.index(self.switch)
        rows = [
            [name, off[0], off[middle], off[-1], self.losses[name][middle], self.losses[name][-1]]
            for name, off in self.off.items()
        ]
        return [
            AlignedTable(
                rows, ["run", "off at start", f"at {self.switch}", "at end", f"loss at {self.switch}", "at end"]
            )
        ]


def dying_relu(
    learning_rate: float = 0.3,
    steps: int = 400,
    every: int = 10,
    seeds: Sequence[int] = (0, 1, 2, 3, 4),
    slope: float = 0.1,
) -> DyingRelu:
    """Train 2-16-16-1 on 100 moons (noise 0.2, seed 0) by Adam on all rows, from the same weights each time.

    Runs: relu; leaky relu (with `slope`); relu for half of the steps, then leaky relu with a new optimiser.
    Expected: at this large learning rate many relu units die and stay dead; with leaky relu, units recover.
    Raises ValueError unless `every` divides half of the steps.
    """
    if steps < 2 or steps % 2 or (steps // 2) % every:
        raise ValueError(f"every = {every} must divide half of the steps, {steps} / 2: the switch is measured too.")
    X, y = two_moons(100, 0.2, seed=0)
    at = list(range(0, steps + 1, every))
    switch = steps // 2
    plan = {RELU: ("relu", "relu"), LEAKY: ("leaky_relu", "leaky_relu"), RESCUED: ("relu", "leaky_relu")}
    models = {name: _model(name, slope) for name in ("relu", "leaky_relu")}
    programs = {name: objective(model, logit_loss, X) for name, model in models.items()}
    readers = {name: [reader(run, X) for _, run in stages(model)[:-1]] for name, model in models.items()}
    off: dict[str, list[list[float]]] = {run: [] for run in plan}
    losses: dict[str, list[list[float]]] = {run: [] for run in plan}
    for run, halves in plan.items():
        for seed in seeds:
            state: Any = MLP(2, 16, 16, 1, rng=seed).state_dict()
            shares, values = [], []
            for step in range(steps + 1):
                if step == 0 or (step == switch + 1 and halves[0] != halves[1]):
                    name = halves[0 if step == 0 else 1]
                    models[name].load_state_dict(state)
                    optimiser = Adam(models[name].parameters(), learning_rate=learning_rate)
                optimiser.zero_grad()
                value = programs[name].backward(X, y)
                if step % every == 0:
                    shares.append(_share_off(readers[name], X))
                    values.append(value)
                optimiser.step()
                if step == switch:  # measured with relu, so that every later change is due to leaky relu
                    state = models[name].state_dict()
            off[run].append(shares)
            losses[run].append(values)
    return DyingRelu(
        at,
        {run: [median(at_step) for at_step in zip(*shares, strict=True)] for run, shares in off.items()},
        {run: [median(at_step) for at_step in zip(*values, strict=True)] for run, values in losses.items()},
        switch,
        learning_rate,
        tuple(seeds),
    )


def _share_off(readers: Sequence[Callable[[Any], Any]], X: Any) -> float:
    """The share of hidden units whose output is above 0 on no row."""
    return float(np.mean(np.concatenate([(read(X) <= 0.0).all(axis=0) for read in readers])))


def _model(name: str, slope: float) -> MLP:
    return MLP(2, 16, 16, 1, activation=name if name == "relu" else LeakyReLU(slope), rng=0)

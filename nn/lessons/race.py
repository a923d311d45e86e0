"""How fast a network trains with each activation on the same task, and what each activation costs, measured."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_core import Value, backward_steps, topological_order
from autograd_core import compile as compiled
from autograd_core.formulas.aligned_table import AlignedTable
from autograd_core.formulas.labels import plural
from nn.data.datasets import two_moons
from nn.lessons.experiment import descend, logit_loss, median, objective
from nn.modules.activations import as_activation
from nn.modules.initialise import generator
from nn.modules.mlp import MLP
from nn.optim import SGD
from nn.plot.canvas import Pictured, grid, log_scale, sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CONTESTANTS = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "swish", "gelu", "softplus")


@dataclass(frozen=True)
class Cost:
    """The cost of one application of an activation.

    operations: primitives forward. backward_operations: steps of the chain rule. eager, vectors: seconds for a number
    with its derivative, with a graph for each number and in a compiled program on a long vector (the median of several
    runs on this machine).
    """

    operations: int
    backward_operations: int
    eager: float
    vectors: float


@dataclass(frozen=True, eq=False, repr=False)
class Race(Pictured):
    """How fast the same network trains on the same rows with each activation.

    curves: {activation: the median loss of the seeds at each step}, at its best learning rate (`rates`): the rate with
    the smallest median number of steps, then with the smallest last loss. steps: {activation: for each seed the steps
    until the loss is below `goal`, None where it never is}. costs: see `Cost`.
    """

    curves: dict[str, list[float]]
    rates: dict[str, float]
    steps: dict[str, list[int | None]]
    goal: float
    costs: dict[str, Cost]
    tried: tuple[float, ...]

    @property
    def medians(self) -> dict[str, float]:
        """{activation: the median steps to the goal}, inf where most seeds do not reach it; fastest first."""
        middle = {name: _middle(steps) for name, steps in self.steps.items()}
        return dict(sorted(middle.items(), key=lambda entry: (entry[1], self.curves[entry[0]][-1])))

    def figure(self, theme: str = "light") -> Figure:
        """The loss by step, the steps to the goal with a dot for each seed, and the cost."""
        names = list(self.medians)
        with sheet(theme, 1, 3, width=1160, height=440, width_ratios=[1.5, 1, 1]) as page:
            left, middle, right = page.axes
            places = range(len(names))
            for index, name in enumerate(names):
                colour, cost = page.series(index), self.costs[name]
                left.plot(self.curves[name], label=name, linewidth=1.6, **page.line(index))
                reached = [step for step in self.steps[name] if step is not None]
                middle.plot(reached, [index] * len(reached), "o", color=colour, alpha=0.5, linestyle="")
                if math.isfinite(self.medians[name]):
                    middle.plot(self.medians[name], index, "|", color=page.colour("ink"), markersize=16, mew=2.5)
                right.barh(index, 1e9 * cost.vectors, color=colour, height=0.6)
                right.annotate(
                    plural(cost.operations, "operation"),
                    (1e9 * cost.vectors, index),
                    xytext=(4, 0),
                    textcoords="offset points",
                    va="center",
                    color=page.colour("muted"),
                )
            left.axhline(self.goal, color=page.colour("muted"), linestyle=":", linewidth=1.2)
            left.set_xlabel("step")
            left.set_ylabel("median loss")
            left.set_title("each at its best learning rate")
            log_scale(left.yaxis)
            left.legend(loc="lower left", ncols=2)
            for axes in (middle, right):
                axes.set_yticks(places, names)
                axes.invert_yaxis()
            middle.set_ylim(len(names) - 0.5, -0.5)
            right.set_ylim(len(names) - 0.5, -0.5)
            middle.set_xlim(left=0)
            middle.set_xlabel(f"steps to a loss of {self.goal:g}")
            middle.set_title("a dot for each seed, a bar for the median")
            right.set_xlabel("nanoseconds a number, with its slope")
            right.set_title("cost, compiled")
            right.margins(x=0.45)
            for axes in page.axes:
                grid(axes, page)
            return page.figure

    def parts(self) -> list[AlignedTable]:
        """The numbers as a table."""
        rows = []
        for name, steps in self.medians.items():
            cost = self.costs[name]
            reached = sum(step is not None for step in self.steps[name])
            shown = "not reached" if math.isinf(steps) else f"{steps:g}"
            count = f"{reached} of {len(self.steps[name])}"
            rows.append([name, self.rates[name], shown, count, self.curves[name][-1], cost.operations])
            rows[-1] += [1e6 * cost.eager, 1e9 * cost.vectors]
        header = ["activation", "rate", f"steps to {self.goal:g}", "seeds", "last loss", "operations"]
        return [AlignedTable(rows, [*header, "µs eager", "ns compiled"])]


def fastest_activation(
    activations: Sequence[str] = CONTESTANTS,
    rates: Sequence[float] = (0.1, 0.3, 1.0, 3.0, 10.0),
    steps: int = 300,
    goal: float = 0.1,
    seeds: Sequence[int] = (0, 1, 2, 3, 4),
) -> Race:
    """Train 2-8-8-1 on 100 moons (noise 0.1, seed 0) by plain SGD on all rows with each activation and each rate.

    Weights start as in `MLP`, Xavier's for sigmoid and tanh, He's for the others; biases start at 0.
    Expected: relu and its family train faster than tanh, tanh faster than sigmoid, and relu is the cheapest.
    """
    X, y = two_moons(100, 0.1, seed=0)
    curves: dict[str, list[float]] = {}
    best_rates: dict[str, float] = {}
    reached: dict[str, list[int | None]] = {}
    for name in activations:
        model = MLP(2, 8, 8, 1, activation=name, rng=0)
        program = objective(model, logit_loss, X)
        tried = []
        for rate in rates:
            runs = []
            for seed in seeds:
                model.load_state_dict(MLP(2, 8, 8, 1, activation=name, rng=seed).state_dict())
                losses = descend(program, SGD(model.parameters(), learning_rate=rate), X, y, steps)
                runs.append([*losses, *[math.inf] * (steps + 1 - len(losses))])
            first = [next((step for step, loss in enumerate(run) if loss < goal), None) for run in runs]
            curve = [median(at) for at in zip(*runs, strict=True)]
            tried.append((_middle(first), curve[-1], rate, first, curve))
        _, _, best_rates[name], reached[name], curves[name] = min(tried, key=lambda run: run[:3])
    return Race(curves, best_rates, reached, goal, {name: cost_of(name) for name in activations}, tuple(rates))


def cost_of(activation: str, count: int = 20_000, repeats: int = 5) -> Cost:
    """Count the operations of one activation and time it, on `count` standard normal numbers.

    >>> cost_of("relu", count=100, repeats=1).operations
    2
    """
    of = as_activation(activation).of
    x = Value(0.5)
    y = of(x)
    operations = sum(1 for node in topological_order(y) if node.primitive is not None)
    backward = sum(1 for _ in backward_steps(y))
    rng = generator(0)
    numbers = [rng.gauss(0.0, 1.0) for _ in range(count)]
    program = compiled(of, example=0.5, reduce="sum")
    vector = np.array(numbers)
    program.value_and_grad(vector, inputs=True)  # the first call also prepares the program
    vectors = [_seconds(lambda: program.value_and_grad(vector, inputs=True)) for _ in range(repeats)]
    few = numbers[: max(count // 100, 1)]
    eager = [_seconds(lambda: _one_by_one(of, few)) for _ in range(repeats)]
    return Cost(operations, backward, statistics.median(eager) / len(few), statistics.median(vectors) / count)


def _one_by_one(of: Any, numbers: Sequence[float]) -> None:
    for number in numbers:
        of(Value(number)).backward()


def _seconds(work: Any) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _middle(steps: Sequence[int | None]) -> float:
    return median(math.inf if step is None else float(step) for step in steps)

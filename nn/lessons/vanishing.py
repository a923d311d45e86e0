"""Why deep networks of sigmoids learn slowly: each layer multiplies the gradient by its slope."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_core import Value
from autograd_core.formulas.aligned_table import AlignedTable
from nn.diagnosis.unit_health import root_mean_square
from nn.lessons.experiment import median, objective
from nn.losses import mse_loss
from nn.modules.activation_notes import ACTIVATIONS
from nn.modules.activations import as_activation
from nn.modules.initialise import generator
from nn.modules.mlp import MLP
from nn.modules.tensor_lists import leaves
from nn.plot.canvas import Pictured, grid, log_scale, sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def chain(activation: str | Callable[[Any], Any], depth: int, start: float) -> tuple[float, float]:
    """(value, derivative with respect to the start) of an activation applied `depth` times, without weights.

    >>> value, gradient = chain("sigmoid", 10, 0.0)
    >>> f"{value:.12f} {gradient:.11e}"
    '0.659045828835 3.87522023208e-07'
    """
    of = as_activation(activation).of
    x = y = Value(start, label="x")
    for _ in range(depth):
        y = of(y)
    y.backward()
    return float(y), x.grad or 0.0


@dataclass(frozen=True, eq=False, repr=False)
class VanishingGradients(Pictured):
    """Gradients by depth.

    chains: {activation: dy/dx after 1, 2, ... applications from `start`}, no weights. layers: {activation: the root
    mean square of the gradients of the weights, layer by layer}, the median over the seeds, in networks of `depth`
    hidden layers of `width` units.
    """

    start: float
    chains: dict[str, list[float]]
    layers: dict[str, list[float]]
    depth: int
    width: int

    @property
    def bound(self) -> list[float]:
        """.25^n for every n: the upper bound for a chain of n sigmoids."""
        longest = max(map(len, self.chains.values()))
        return [0.25**n for n in range(1, longest + 1)]

    @property
    def shrinkage(self) -> dict[str, float]:
        """{activation: gradient of the first layer / of the last hidden layer}: below 1 where the gradient vanishes."""
        return {name: sizes[0] / sizes[-2] if sizes[-2] else 0.0 for name, sizes in self.layers.items()}

    def figure(self, theme: str = "light") -> Figure:
        """Left the chains and the bound, right the gradient of each layer of the networks, both logarithmic."""
        with sheet(theme, 1, 2, width=1080, height=450) as page:
            left, right = page.axes
            counts = np.arange(1, len(self.bound) + 1)
            left.plot(counts, self.bound, linestyle=":", color=page.colour("muted"), label="bound of sigmoids, .25ⁿ")
            for index, (name, gradients) in enumerate(self.chains.items()):
                shown = [gradient if gradient > 0.0 else np.nan for gradient in gradients]
                left.plot(counts[: len(shown)], shown, label=name, **page.line(index))
            for index, (name, sizes) in enumerate(self.layers.items()):
                right.plot(range(1, len(sizes) + 1), sizes, label=name, **page.line(index))
            for axes in (left, right):
                log_scale(axes.yaxis)
                grid(axes, page)
            left.set_xlabel("activations in sequence")
            left.set_ylabel("dy/dx")
            left.set_title(f"no weights, from x = {self.start:g}")
            left.legend(loc="lower left")
            right.set_xlabel("layer, counted from the input")
            right.set_ylabel("gradient of the weights, root mean square")
            right.set_title(f"networks of {self.depth} hidden layers of {self.width}, at the start")
            right.legend(loc="lower right")
            return page.figure

    def parts(self) -> list[AlignedTable]:
        """The numbers as a table."""
        rows = [
            [name, self.chains[name][-1], sizes[0], sizes[-2], self.shrinkage[name]]
            for name, sizes in self.layers.items()
        ]
        longest = len(self.bound)
        return [
            AlignedTable(
                rows, ["activation", f"chain of {longest}", "first layer", "last hidden layer", "first / last"]
            )
        ]


def vanishing_gradients(
    activations: Sequence[str] = ("sigmoid", "tanh", "relu", "leaky_relu", "gelu"),
    depth: int = 10,
    width: int = 10,
    longest: int = 20,
    start: float = 0.5,
    seeds: Sequence[int] = (0, 1, 2, 3, 4),
) -> VanishingGradients:
    """Measure how gradients shrink along chains of one activation, and through the layers of networks before training.

    The networks start as in `MLP` (Xavier's or He's weights, by activation). The data are 32 rows of 2 standard normal
    inputs with standard normal targets, the loss is the mean squared error.
    Expected: below .25^n for sigmoids, larger for tanh, and for relu and its family similar in every layer.
    """
    for name in activations:
        if name not in ACTIVATIONS:
            raise ValueError(f"there is no activation {name!r}; known are {', '.join(ACTIVATIONS)}.")
    chains = {name: [chain(name, n, start)[1] for n in range(1, longest + 1)] for name in activations}
    layers = {}
    for name in activations:
        sizes = (2, *(width,) * depth, 1)
        model = MLP(*sizes, activation=name, rng=0)
        X, y = _rows(0)
        program = objective(model, lambda output, target: mse_loss(output[0], target), X)
        by_seed = []
        for seed in seeds:
            model.load_state_dict(MLP(*sizes, activation=name, rng=seed).state_dict())
            X, y = _rows(seed)
            model.zero_grad()
            program.backward(X, y)
            by_seed.append([root_mean_square([w.grad for w in leaves(layer.weight)]) for layer in model.layers])
        layers[name] = [median(sizes) for sizes in zip(*by_seed, strict=True)]
    return VanishingGradients(start, chains, layers, depth, width)


def _rows(seed: int) -> tuple[Any, Any]:
    rng = generator(seed)
    table = np.array([[rng.gauss(0.0, 1.0) for _ in range(3)] for _ in range(32)])
    return table[:, :2], table[:, 2]

"""What the units of two hidden layers respond to, for handwritten digits: from strokes to classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_core.formulas.aligned_table import AlignedTable
from nn.batched import stage_values
from nn.data.datasets import Rows, digits
from nn.data.preparation import split
from nn.losses import cross_entropy
from nn.modules.mlp import MLP
from nn.optim import Adam
from nn.plot.canvas import Pictured, picture_axes, sheet
from nn.training.fit import fit

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STRONGEST = 20  # test images that excite a unit most


@dataclass(frozen=True, eq=False)
class LayerResponses:
    """What the units of a layer respond to, on the test images.

    selective: for each unit the share of its variance that the class explains (1: it depends on the class alone).
    pictures: for each unit the mean of the images that excite it most, minus the mean of all. favourites: the class
    that is most frequent among them, and its share. right: the share of images that the nearest class mean in the space
    of this layer classifies rightly, with the means of the training images.
    """

    name: str
    selective: list[float]
    pictures: Rows
    favourites: list[tuple[int, float]]
    right: float


@dataclass(frozen=True, eq=False, repr=False)
class Hierarchy(Pictured):
    """The pixels, both hidden layers and the scores of a network that reads digits.

    accuracy: the share of test images that it classifies rightly. shown: units in the picture, of each layer.
    """

    layers: list[LayerResponses]
    accuracy: float
    shown: int

    def figure(self, theme: str = "light") -> Figure:
        """For each hidden layer the pictures of its units, the least selective, the median, the most selective."""
        with sheet(theme, 2, self.shown, width=96 * self.shown, height=290) as page:
            for row, layer in enumerate(self.layers[1:3]):
                order = np.argsort(layer.selective)
                places = np.linspace(0, len(order) - 1, self.shown).round().astype(int)
                for axes, unit in zip(page.axes[row * self.shown :], order[places], strict=False):
                    picture = layer.pictures[unit].reshape(8, 8)
                    bound = float(np.abs(picture).max())
                    axes.imshow(picture, cmap=page.scale("negative", "positive"), vmin=-bound, vmax=bound)
                    picture_axes(axes)
                    digit, share = layer.favourites[unit]
                    axes.set_title(f"{share:.0%} are {digit}", loc="center")
                page.axes[row * self.shown].text(
                    -0.1,
                    0.5,
                    layer.name,
                    rotation=90,
                    ha="right",
                    va="center",
                    transform=page.axes[row * self.shown].transAxes,
                )
            return page.figure

    def parts(self) -> list[AlignedTable]:
        """The numbers as a table."""
        rows = [
            [
                layer.name,
                len(layer.selective),
                f"{np.mean(layer.selective):.0%}",
                f"{np.mean([share for _, share in layer.favourites]):.0%}",
                f"{layer.right:.1%}",
            ]
            for layer in self.layers
        ]
        header = ["", "units", "variance by class", f"most frequent digit of {STRONGEST}", "right by nearest mean"]
        return [AlignedTable(rows, header)]


def learnt_hierarchy(hidden: tuple[int, int] = (24, 16), epochs: int = 40, seed: int = 0, shown: int = 8) -> Hierarchy:
    """Train 64-24-16-10 (tanh) on handwritten digits and ask of every unit which test images excite it most.

    Needs scikit-learn for the digits. Expected: from layer to layer the units depend more on the class and less on
    single strokes, although only the last layer is told the classes.
    """
    X, y = digits()
    X_train, X_test, y_train, y_test = split(X, y, test=0.25, seed=seed)
    model = MLP(64, *hidden, 10, activation="tanh", rng=seed)
    adam = Adam(model.parameters(), learning_rate=0.01)
    fit(model, X_train, y_train, loss=cross_entropy, optimiser=adam, epochs=epochs, seed=seed, progress=False)
    train, test = ([("pixels", rows), *stage_values(model, rows)] for rows in (X_train, X_test))
    layers = [
        _responses(name, at_train, at_test, X_test, y_train, y_test)
        for (name, at_train), (_, at_test) in zip(train, test, strict=True)
    ]
    accuracy = float(np.mean(test[-1][1].argmax(axis=1) == y_test))
    return Hierarchy(layers, accuracy, shown)


def variance_by_class(values: Rows, y: Any) -> list[float]:
    """For each column the variance of its class means, weighted by their rows, divided by its variance; 0 if constant.

    >>> variance_by_class(np.array([[0.0, 1.0], [0.0, 2.0], [3.0, 1.0], [3.0, 2.0]]), np.array([0, 0, 1, 1]))
    [1.0, 0.0]
    """
    total = values.var(axis=0)
    between = sum(
        np.mean(y == label) * (values[y == label].mean(axis=0) - values.mean(axis=0)) ** 2 for label in np.unique(y)
    )
    return [float(part / whole) if whole > 0.0 else 0.0 for part, whole in zip(between, total, strict=True)]


def _responses(name: str, train: Rows, test: Rows, images: Rows, y_train: Any, y_test: Any) -> LayerResponses:
    strongest = np.argsort(-test, axis=0, kind="stable")[:STRONGEST]
    pictures = np.array([images[rows].mean(axis=0) - images.mean(axis=0) for rows in strongest.T])
    favourites = []
    for rows in strongest.T:
        labels, counts = np.unique(y_test[rows], return_counts=True)
        favourites.append((int(labels[counts.argmax()]), float(counts.max() / STRONGEST)))
    labels = np.unique(y_train)
    means = np.array([train[y_train == label].mean(axis=0) for label in labels])
    nearest = labels[((test[:, None, :] - means[None]) ** 2).sum(axis=2).argmin(axis=1)]
    return LayerResponses(
        name, variance_by_class(test, y_test), pictures, favourites, float(np.mean(nearest == y_test))
    )

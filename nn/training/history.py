"""`History`: the measurements of `fit`, epoch by epoch, and the reason why it stopped."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from autograd_core.formulas.aligned_table import AlignedTable
from autograd_core.formulas.labels import plural, visible_text
from autograd_core.formulas.text_report import Part, Report

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN = 10  # epochs in the table of the repr


@dataclass(frozen=True, slots=True)
class Epoch:
    """One pass over the training rows.

    number: from 1. loss: the mean over the rows, each with the parameters before the step of its minibatch.
    validation_loss, metrics: with the parameters at the end of the epoch; None and {} where they are not measured. The
    metrics of the validation rows begin with "validation_". seconds: the duration, with the measurements.
    """

    number: int
    loss: float
    validation_loss: float | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0

    def all_numbers(self) -> dict[str, float]:
        """All measured numbers, by name.

        >>> Epoch(1, 0.5, metrics={"accuracy": 0.75}).all_numbers()
        {'loss': 0.5, 'accuracy': 0.75}
        """
        validation = {} if self.validation_loss is None else {"validation_loss": self.validation_loss}
        return {"loss": self.loss, **validation, **self.metrics}


@dataclass(repr=False)
class History(Report):
    """The result of `fit`.

    epochs: a list of `Epoch`. stopped: the reason why training ended. best: the number of the best epoch by `monitor`
    (None before the first is complete). kept: the number of the epoch whose parameters the model has (0: those from
    before training; None: those from within the first epoch). backend: "eager" or the compiler's. classes: the names of
    the classes 0, 1, ... of y, () where y had numbers.

    >>> History([Epoch(1, 0.5), Epoch(2, 0.25)]).losses
    [0.5, 0.25]
    """

    epochs: list[Epoch] = field(default_factory=list)
    stopped: str = ""
    best: int | None = None
    kept: int | None = 0
    monitor: str = "loss"
    backend: str = "eager"
    classes: tuple[Any, ...] = ()

    @property
    def losses(self) -> list[float]:
        """The training loss of every epoch."""
        return [epoch.loss for epoch in self.epochs]

    @property
    def validation_losses(self) -> list[float]:
        """The validation loss of every epoch, [] without validation."""
        return [epoch.validation_loss for epoch in self.epochs if epoch.validation_loss is not None]

    @property
    def metrics(self) -> dict[str, list[float]]:
        """{name: its value for every epoch}; names of the validation rows begin with "validation_"."""
        names = self.epochs[0].metrics if self.epochs else {}
        return {name: [epoch.metrics[name] for epoch in self.epochs] for name in names}

    @property
    def seconds(self) -> float:
        """The duration of all epochs."""
        return sum(epoch.seconds for epoch in self.epochs)

    def plot(self, theme: str = "light") -> Figure:
        """The loss and the metrics by epoch, as a matplotlib figure. Raises ImportError without matplotlib."""
        from nn.plot.curves import loss_curves

        return loss_curves(self, theme=theme)

    def to_json(self) -> str:
        """The history as JSON: a list for each measured name, and why it stopped. inf and nan become null."""
        names = self.epochs[0].all_numbers() if self.epochs else {}
        return json.dumps(
            {
                "epochs": len(self.epochs),
                **{visible_text(name): [_finite(epoch.all_numbers()[name]) for epoch in self.epochs] for name in names},
                "seconds": [epoch.seconds for epoch in self.epochs],
                "stopped": visible_text(self.stopped),
                "best": self.best,
                "kept": self.kept,
                "monitor": visible_text(self.monitor),
                "backend": self.backend,
                "classes": [visible_text(name) if isinstance(name, str) else name for name in self.classes],
            },
            ensure_ascii=False,
            default=str,
        )

    def __len__(self) -> int:
        return len(self.epochs)

    def parts(self) -> Iterator[Part]:
        """The duration and the reason why it stopped, and a table of some epochs."""
        if not self.epochs:
            yield f"<History: no epoch was finished{'; ' + self.stopped if self.stopped else ''}>"
            return
        names = list(self.epochs[0].all_numbers())
        rows = []
        for epoch in self._epochs_in_table():
            star = "*" if epoch.number == self.best else ""
            numbers = [f"{number:#.4g}" for number in epoch.all_numbers().values()]
            rows.append([f"{star}{epoch.number}", *numbers, f"{epoch.seconds:.3f}"])
        title = f"{plural(len(self.epochs), 'epoch')} in {self.seconds:.1f} s ({self.backend})"
        if self.stopped:
            title += f": {visible_text(self.stopped)}"
        yield title
        headings = ["epoch", *names, "seconds"]
        yield AlignedTable(rows, headings, right=range(len(headings)))
        if self.best:
            yield f"* the best by {visible_text(self.monitor)}"

    def _epochs_in_table(self) -> list[Epoch]:
        """The first, the last, the best, and others evenly between them."""
        last = len(self.epochs) - 1
        steps = min(last, SHOWN - 1)
        places = {round(step * last / steps) for step in range(steps + 1)} if steps else {0}
        if self.best is not None:
            places.add(self.best - 1)
        return [self.epochs[place] for place in sorted(places)]


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None

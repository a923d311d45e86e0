"""What `fit` measures after an epoch: the metrics asked for, and the loss of the rows held back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from nn.metrics import METRICS, OF_CLASSES, OF_NUMBERS, Metric
from nn.training.decisions import CLASSIFY, Decision, decision, number
from nn.training.examples import Examples, Loss, plain
from nn.training.execution import Execution

Metrics = str | Iterable[str | Metric] | Mapping[str, Metric]


class Measure(NamedTuple):
    """A metric, and what makes of an output the prediction it takes."""

    name: str
    metric: Metric
    predict: Decision


def measures(
    metrics: Metrics, loss: Loss, decide: Decision | None, outputs: int, targets: Sequence[Any]
) -> list[Measure]:
    """The metrics asked for. Raises ValueError for one that is not known, or that the loss gives no predictions for."""
    if isinstance(metrics, str):
        metrics = [metrics]
    named: list[tuple[str, Any]] = (
        list(metrics.items())
        if isinstance(metrics, Mapping)
        else [(one if isinstance(one, str) else getattr(one, "__name__", type(one).__name__), one) for one in metrics]
    )
    classifies = plain(loss) in CLASSIFY
    to_class = decide or decision(loss, outputs, targets)
    found: list[Measure] = []
    for name, metric in named:
        function = METRICS.get(metric) if isinstance(metric, str) else metric
        if not callable(function):
            raise ValueError(f"there is no metric {metric!r}. There are {', '.join(METRICS)}, or give a function.")
        predict = to_class if to_class and (decide or classifies) else number
        if function in OF_CLASSES.values():
            if to_class is None:
                raise ValueError(
                    f"{name} compares classes, but this loss does not say how an output becomes one. Give it as "
                    "decide=, such as decide=lambda output: int(output[0] > 0)."
                )
            predict = to_class
        elif function in OF_NUMBERS.values():
            if classifies:
                raise ValueError(f"{name} compares numbers, but this loss is for classes: ask for accuracy or f1.")
            predict = number
        found.append(Measure(name, function, predict))
    return found


def measured(
    wanted: Sequence[Measure], execution: Execution, train: Examples, held: Examples | None
) -> tuple[float | None, dict[str, float]]:
    """(the validation loss or None, every metric by name)."""
    numbers: dict[str, float] = {}
    if wanted:
        outputs = execution.outputs(train.rows)
        numbers = {one.name: _metric(one, outputs, train.targets) for one in wanted}
    if held is None:
        return None, numbers
    outputs = execution.outputs(held.rows)
    validation_loss = execution.loss_of(outputs, held.targets)
    numbers |= {f"validation_{one.name}": _metric(one, outputs, held.targets) for one in wanted}
    return validation_loss, numbers


def _metric(one: Measure, outputs: list[Any], targets: list[Any]) -> float:
    return float(one.metric([one.predict(output) for output in outputs], [number(target) for target in targets]))
